// One narrative by its id, with the words of list_narratives.
// parameters: id, as_of, as_at
MATCH (n:Narrative {id: $id})
WHERE n.recorded_from <= $as_at
OPTIONAL MATCH (n)-[:EXPLAINS]->(m:Move)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
OPTIONAL MATCH (n)-[:INSTANCE_OF]->(t:Template)
WITH n, min(m.key) AS move, min(t.id) AS template
RETURN n.id AS id, n.title AS title, n.summary AS summary, n.slot AS slot, n.origin AS origin, n.case_id AS case,
       coalesce(template, n.template) AS template, move
