// One page of checks after the row (after_time, after_id), of one outcome or of one fact (its key) where asked (null: all).
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, outcome, fact
MATCH (x:Check)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
  AND ($outcome IS NULL OR x.outcome = $outcome)
WITH x, x.known_at AS time, datetime($after_time) AS after
WHERE time > after OR (time = after AND x.id > $after_id)
OPTIONAL MATCH (x)-[:CHECKS]->(f:Claim|Observation)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
WITH x, min(f.key) AS checked, time
WHERE $fact IS NULL OR checked = $fact
WITH x, checked, time
ORDER BY time, x.id
LIMIT $limit
OPTIONAL MATCH (x)-[:WAS_DERIVED_FROM]->(d:Claim|Observation)
WHERE d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
WITH x, checked, time, collect(DISTINCT d.key) AS of
RETURN x.id AS id, x.key AS key, x.kind AS kind, x.outcome AS outcome, x.expected AS expected, x.found AS found,
       x.why AS why, checked, of, x.known_at AS known_at, x.known_at_precision AS known_at_precision, time
ORDER BY time, id
