// One page of kept scenarios after the row (after_id), each with the explanation that it hangs on; of one explanation.
// parameters: as_at, after_id, limit, explanation
// clocks: none
MATCH (c:Scenario)
WHERE c.id > $after_id AND c.recorded_from <= $as_at
OPTIONAL MATCH (c)<-[:UNDER]-(:Explanation)-[:VARIANT_OF]->(e:Explanation)
WITH c, min(e.id) AS explanation
WHERE $explanation IS NULL OR explanation = $explanation
RETURN c.id AS id, c.kind AS kind, c.changes AS changes, c.estimate AS estimate, c.low AS low, c.high AS high,
  c.identifiable AS identifiable, explanation
ORDER BY id
LIMIT $limit
