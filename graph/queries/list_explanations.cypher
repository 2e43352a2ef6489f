// One page of stored explanations after the row (after_time, after_id), in the order in which they were recorded.
// parameters: as_at, after_time, after_id, limit, updated_since, instrument, move (null: all), variants (of a reading, too)
// clocks: none
MATCH (e:Explanation)-[:ABOUT]->(m)
WHERE e.recorded_from <= $as_at AND ($updated_since IS NULL OR e.recorded_from > $updated_since)
  AND ($instrument IS NULL OR e.instrument = $instrument) AND ($move IS NULL OR m.key = $move)
WITH e, min(m.key) AS move, datetime($after_time) AS after
WHERE e.recorded_from > after OR (e.recorded_from = after AND e.id > $after_id)
OPTIONAL MATCH (e)-[v:VARIANT_OF]->(:Explanation)
WITH e, move, count(v) AS readings
WHERE $variants OR readings = 0
WITH e, move
ORDER BY e.recorded_from, e.id
LIMIT $limit
OPTIONAL MATCH (e)-[s:SCORED]->(n:Narrative)
WITH e, move, collect([n.id, s.rank, s.posterior]) AS narratives
RETURN e.id AS id, move, e.instrument AS instrument, e.case_id AS case, e.as_of AS as_of, e.as_at AS as_at,
       e.answer AS answer, e.method_version AS method_version, narratives, e.recorded_from AS recorded_from,
       e.recorded_from AS time
ORDER BY time, id
