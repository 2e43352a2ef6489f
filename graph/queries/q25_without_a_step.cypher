// Q25. What would have happened without a step, and can that be known?
// parameters: explanation
// clocks: none
MATCH (:Explanation {id: $explanation})<-[:VARIANT_OF]-(:Explanation)-[:UNDER]->(c:Scenario {kind: 'without_step'})
RETURN c.changes AS changes, c.estimate AS estimate, c.low AS low, c.high AS high, c.identifiable AS identifiable
ORDER BY changes
