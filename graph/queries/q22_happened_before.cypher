// Q22. Has the mechanism of a narrative been told of other moves, or does its template name precedents?
// title: The same mechanism before
// parameters: narrative, as_of, as_at
// columns: template, move, start, return, named
MATCH (own:Narrative {id: $narrative})-[:INSTANCE_OF]->(t:Template)
OPTIONAL MATCH (t)<-[:INSTANCE_OF]-(n:Narrative {origin: 'case'})-[:EXPLAINS]->(m:Move)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
  AND NOT EXISTS { MATCH (own)-[:EXPLAINS]->(m) }
WITH t, collect(DISTINCT {move: m.id, start: m.start, change: m.return}) AS told, coalesce(t.precedents, []) AS names
UNWIND told + [name IN names | {named: name}] AS one
WITH t, one WHERE one.move IS NOT NULL OR one.named IS NOT NULL
RETURN t.id AS template, one.move AS move, one.start AS start, one.change AS return, one.named AS named
ORDER BY toString(start), move, named
