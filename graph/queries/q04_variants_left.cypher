// Q4. Which variants of a narrative does no accepted argument undercut?
// title: Variants that are left
// parameters: narrative (its id or another name of it, such as HYP-8), as_of, as_at
// columns: variant, title, names
MATCH (v:Narrative)-[:VARIANT_OF]->(n:Narrative)
WHERE n.id = $narrative OR $narrative IN n.aliases
OPTIONAL MATCH (v)-[:HAS_STEP]->(:Step)<-[:UNDERCUTS]-(g:Argument {status: 'accepted'})
WHERE g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
WITH v, count(g) AS undercut
WHERE undercut = 0
RETURN v.id AS variant, v.title AS title, v.aliases AS names
ORDER BY variant
