// Q28. On which evidence for which step do analysts disagree most? Weights in bits: spread is their standard deviation.
// title: Where analysts disagree
// parameters: as_of, as_at
// columns: evidence, step, n, spread, low, high, opposite
MATCH (f)<-[:OF]-(j:Judgement)-[:ASSESSES]->(s:Step)
WHERE j.known_at <= $as_of AND j.recorded_from <= $as_at AND (j.recorded_to IS NULL OR j.recorded_to > $as_at)
WITH coalesce(f.key, f.id) AS evidence, s.id AS step, count(j) AS n, stDev(j.weight_bits) AS spread,
  min(j.weight_bits) AS low, max(j.weight_bits) AS high
WHERE n > 1
RETURN evidence, step, n, spread, low, high, low < 0 AND high > 0 AS opposite
ORDER BY spread DESC, evidence, step
