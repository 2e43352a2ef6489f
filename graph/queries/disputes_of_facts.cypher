// The disputes in which given facts take a side, with all their sides.
// parameters: facts (ids of recorded versions), as_of, as_at
UNWIND $facts AS id
MATCH (f:Observation|Claim {id: id})-[:SIDE_OF]->(d:Dispute)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
  AND d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
OPTIONAL MATCH (d)-[:OVER]->(i:Indicator)
OPTIONAL MATCH (d)-[:OVER]->(s:Instrument|Actor)
RETURN d.key AS key, f.key AS fact,
  CASE WHEN d.settled_at <= $as_of AND d.shift <> '' THEN d.kinds + ['date_shift'] ELSE d.kinds END AS kinds,
  CASE WHEN d.settled_at <= $as_of AND d.preferred <> '' THEN d.preferred END AS preferred,
  CASE WHEN d.settled_at <= $as_of AND d.why <> '' THEN d.why END AS why, i.name AS indicator, s.id AS subject
ORDER BY key, fact, indicator, subject
