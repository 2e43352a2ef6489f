// The explanation of a move that was recorded last before another one, with what it scored.
// parameters: move (its key), recorded, id
// clocks: none
MATCH (e:Explanation)-[:ABOUT]->(:Move {key: $move})
WHERE e.recorded_from < $recorded OR (e.recorded_from = $recorded AND e.id < $id)
OPTIONAL MATCH (e)-[v:VARIANT_OF]->(:Explanation)
WITH e, count(v) AS readings
WHERE readings = 0
WITH DISTINCT e
ORDER BY e.recorded_from DESC, e.id DESC
LIMIT 1
OPTIONAL MATCH (e)-[s:SCORED]->(n:Narrative)
RETURN e.id AS id, e.as_of AS as_of, collect([n.id, s.rank, s.posterior]) AS narratives
