// The disputes in which one fact (its key) takes a side, as they were known by the clocks.
// parameters: fact, as_of, as_at
MATCH (f:Observation|Claim {key: $fact})-[:SIDE_OF]->(x:Dispute)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN DISTINCT x.id AS id, x.key AS key, x.status AS status,
  CASE WHEN x.settled_at <= $as_of AND x.shift <> '' THEN x.kinds + ['date_shift'] ELSE x.kinds END AS kinds,
  CASE WHEN x.settled_at <= $as_of AND x.preferred <> '' THEN x.preferred END AS preferred,
  CASE WHEN x.settled_at <= $as_of AND x.why <> '' THEN x.why END AS why,
  CASE WHEN x.settled_at <= $as_of THEN x.settled_at ELSE x.known_at END AS known_at
ORDER BY id
