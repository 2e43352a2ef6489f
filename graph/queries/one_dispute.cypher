// One dispute by the id of a recorded version or by its key, with the words of list_disputes.
// parameters: id, as_of, as_at
MATCH (x:Dispute)
WHERE (x.id = $id OR x.key = $id)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
OPTIONAL MATCH (x)-[:OVER]->(i:Indicator)
OPTIONAL MATCH (x)-[:OVER]->(s:Instrument|Actor)
WITH x, min(i.name) AS indicator, collect(DISTINCT s.id) AS subjects
OPTIONAL MATCH (f:Observation|Claim)-[:SIDE_OF]->(x)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
WITH x, indicator, subjects, collect(DISTINCT f.key) AS sides
RETURN x.id AS id, x.key AS key, x.status AS status,
       CASE WHEN x.settled_at <= $as_of AND x.shift <> '' THEN x.kinds + ['date_shift'] ELSE x.kinds END AS kinds,
       CASE WHEN x.settled_at <= $as_of AND x.preferred <> '' THEN x.preferred END AS preferred,
       CASE WHEN x.settled_at <= $as_of AND x.why <> '' THEN x.why END AS why, indicator, subjects, sides,
       x.known_at AS known_at, x.known_at_precision AS known_at_precision
