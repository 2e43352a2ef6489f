// The templates of which stories explain a move (its key), with the posteriors of its explanations, oldest first.
// parameters: move (its key), as_of, as_at
MATCH (m:Move {key: $move})<-[:EXPLAINS]-(n:Narrative)-[:INSTANCE_OF]->(t:Template)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
OPTIONAL MATCH (e:Explanation)-[s:SCORED]->(n)
WHERE e.as_of <= $as_of AND NOT (e)-[:VARIANT_OF]->()
RETURN DISTINCT t.id AS template, n.id AS narrative, n.title AS title, n.origin AS origin, e.id AS explanation,
       e.as_of AS as_of, e.as_at AS as_at, s.posterior AS posterior
ORDER BY template, narrative, as_of, as_at, explanation
