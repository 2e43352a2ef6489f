// Q28. On which evidence for which step do analysts disagree most?
// parameters: as_of, as_at
MATCH (f)<-[:OF]-(j:Judgement)-[:ASSESSES]->(s:Step)
WHERE j.known_at <= $as_of AND j.recorded_from <= $as_at AND (j.recorded_to IS NULL OR j.recorded_to > $as_at)
WITH f, s, count(j) AS n, stDev(j.weight_bits) AS spread
WHERE n > 1
RETURN f.id AS evidence, s.id AS step, n, spread
ORDER BY spread DESC, evidence, step
