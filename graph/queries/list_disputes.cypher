// One page of disputes after the row (after_time, after_id), over one thing where asked (null: all), as far as was found out.
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, subject
MATCH (x:Dispute)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
WITH x, x.known_at AS time, datetime($after_time) AS after
WHERE time > after OR (time = after AND x.id > $after_id)
OPTIONAL MATCH (x)-[:OVER]->(i:Indicator)
OPTIONAL MATCH (x)-[:OVER]->(s:Instrument|Actor)
WITH x, min(i.name) AS indicator, collect(DISTINCT s.id) AS subjects, time
WHERE $subject IS NULL OR $subject IN subjects
WITH x, indicator, subjects, time
ORDER BY time, x.id
LIMIT $limit
OPTIONAL MATCH (f:Observation|Claim)-[:SIDE_OF]->(x)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
WITH x, indicator, subjects, time, collect(DISTINCT f.key) AS sides
RETURN x.id AS id, x.key AS key, x.status AS status,
       CASE WHEN x.settled_at <= $as_of AND x.shift <> '' THEN x.kinds + ['date_shift'] ELSE x.kinds END AS kinds,
       CASE WHEN x.settled_at <= $as_of AND x.preferred <> '' THEN x.preferred END AS preferred,
       CASE WHEN x.settled_at <= $as_of AND x.why <> '' THEN x.why END AS why, indicator, subjects, sides,
       x.known_at AS known_at, x.known_at_precision AS known_at_precision, time
ORDER BY time, id
