// Q4. Which variants of a narrative does no accepted argument undercut?
// parameters: narrative
// clocks: none
MATCH (v:Narrative)-[:VARIANT_OF]->(:Narrative {id: $narrative})
WHERE NOT EXISTS { MATCH (v)-[:HAS_STEP]->(:Step)<-[:UNDERCUTS]-(:Argument {status: 'accepted'}) }
RETURN v.id AS variant, v.title AS title
ORDER BY variant
