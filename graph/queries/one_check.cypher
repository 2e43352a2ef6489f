// One check by the id of a recorded version or by its key, with the words of list_checks.
// parameters: id, as_of, as_at
MATCH (x:Check)
WHERE (x.id = $id OR x.key = $id)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
OPTIONAL MATCH (x)-[:CHECKS]->(f:Claim|Observation)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
WITH x, min(f.key) AS checked
OPTIONAL MATCH (x)-[:WAS_DERIVED_FROM]->(d:Claim|Observation)
WHERE d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
WITH x, checked, collect(DISTINCT d.key) AS of
RETURN x.id AS id, x.key AS key, x.kind AS kind, x.outcome AS outcome, x.expected AS expected, x.found AS found,
       x.why AS why, checked, of, x.known_at AS known_at, x.known_at_precision AS known_at_precision
