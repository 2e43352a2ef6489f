// One page of narratives after the row after_id: a case's own and the templates bound to moves.
// parameters: as_of, as_at, after_id, limit
MATCH (n:Narrative)
WHERE n.id > $after_id AND n.recorded_from <= $as_at
OPTIONAL MATCH (n)-[:EXPLAINS]->(m:Move)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
OPTIONAL MATCH (n)-[:INSTANCE_OF]->(t:Template)
WITH n, min(m.key) AS move, min(t.id) AS template
RETURN n.id AS id, n.title AS title, n.summary AS summary, n.slot AS slot, n.origin AS origin, n.case_id AS case,
       coalesce(template, n.template) AS template, move
ORDER BY id
LIMIT $limit
