// Q6. If one side of a dispute is taken, how does each narrative's posterior and rank change?
// title: The answer under each side of a dispute
// parameters: explanation, dispute, as_of, as_at
// columns: reading, narrative, delta, rank, rank_then
MATCH (v:Explanation)-[:VARIANT_OF]->(e:Explanation {id: $explanation})
MATCH (v)-[:UNDER]->(o:Observation|Claim)-[:SIDE_OF]->(:Dispute {key: $dispute})
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
MATCH (v)-[x:SCORED]->(n:Narrative)<-[y:SCORED]-(e)
RETURN DISTINCT o.key AS reading, n.id AS narrative, x.posterior - y.posterior AS delta, y.rank AS rank, x.rank AS rank_then
ORDER BY reading, rank_then, narrative
