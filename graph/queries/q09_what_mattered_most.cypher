// Q9. Which single items moved the answer most?
// title: What mattered most
// parameters: explanation, as_of, as_at
// columns: fact, statement, narrative, bits
MATCH (:Explanation {id: $explanation})-[:USED]->(a:Assessment)-[:OF]->(f:Observation|Claim|Argument)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
  AND a.leave_one_out_bits IS NOT NULL
WITH DISTINCT f.id AS fact, f.statement AS statement, a.narrative_id AS narrative, a.leave_one_out_bits AS bits
RETURN fact, statement, narrative, bits ORDER BY abs(bits) DESC, fact, narrative LIMIT 20
