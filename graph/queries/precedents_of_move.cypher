// Other moves that stories of the same templates explain, with what each explanation of them made of the story.
// parameters: move (its key), as_of, as_at
MATCH (own:Move {key: $move})<-[:EXPLAINS]-(:Narrative)-[:INSTANCE_OF]->(t:Template)
WHERE own.known_at <= $as_of AND own.recorded_from <= $as_at AND (own.recorded_to IS NULL OR own.recorded_to > $as_at)
WITH DISTINCT t
MATCH (t)<-[:INSTANCE_OF]-(n:Narrative)-[:EXPLAINS]->(m:Move)-[:ABOUT]->(i:Instrument)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
  AND m.key <> $move
OPTIONAL MATCH (e:Explanation)-[s:SCORED]->(n)
WHERE e.as_of <= $as_of AND NOT (e)-[:VARIANT_OF]->()
RETURN DISTINCT t.id AS template, n.id AS narrative, n.title AS title, n.origin AS origin, m.key AS move,
       i.id AS instrument, m.start AS start, m.end AS end, m.valid_to AS valid_to, m.return AS return,
       e.id AS explanation, e.as_of AS as_of, e.as_at AS as_at, s.posterior AS posterior
ORDER BY template, move, narrative, as_of, as_at, explanation
