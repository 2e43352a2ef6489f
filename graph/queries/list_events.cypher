// One page of events after the row (after_time, after_id), by the two clocks; an event without a date stands at its known_at.
// parameters: as_of, as_at, after_time, after_id, limit, updated_since
MATCH (x:Event)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
WITH x, coalesce(x.valid_from, x.known_at) AS time, datetime($after_time) AS after
WHERE time > after OR (time = after AND x.id > $after_id)
RETURN x.id AS id, x.kind AS kind, x.title AS title, x.summary AS summary, x.valid_from AS valid_from,
       x.valid_to AS valid_to, x.known_at AS known_at, x.known_at_precision AS known_at_precision, x.grade AS grade,
       x.credibility AS credibility, time
ORDER BY time, id
LIMIT $limit
