// Q22. Has the mechanism of a narrative been told of other moves?
// parameters: narrative, as_of, as_at
MATCH (:Narrative {id: $narrative})-[:INSTANCE_OF]->(t:Template)<-[:INSTANCE_OF]-(n:Narrative {origin: 'case'})
MATCH (n)-[:EXPLAINS]->(m:Move)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
  AND n.id <> $narrative
RETURN DISTINCT t.id AS template, m.id AS move, m.start AS start, m.return AS return
ORDER BY start, move
