// One page of moves after the row (after_time, after_id), by the close to which they run, narrowed where asked (null: all).
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, instrument, origin, first_day, last_day (days as text, included)
MATCH (x:Move)-[:ABOUT]->(i:Instrument)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
  AND ($instrument IS NULL OR i.id = $instrument) AND ($origin IS NULL OR x.origin = $origin)
WITH x, min(i.id) AS instrument, coalesce(x.valid_to, x.known_at) AS time, datetime($after_time) AS after,
  substring(toString(x.end), 0, 10) AS day
WHERE (time > after OR (time = after AND x.id > $after_id))
  AND ($first_day IS NULL OR day >= $first_day) AND ($last_day IS NULL OR day <= $last_day)
WITH x, instrument, time
ORDER BY time, x.id
LIMIT $limit
OPTIONAL MATCH (x)-[:PART_OF]->(c:Case)
OPTIONAL MATCH (x)-[:WAS_DERIVED_FROM]->(s:Series)
WITH x, instrument, time, collect(DISTINCT c.id) AS cases, min(s.id) AS series
RETURN x.id AS id, x.key AS key, instrument, x.start AS start, x.end AS end, x.valid_from AS valid_from,
       x.valid_to AS valid_to, x.known_at AS known_at, x.return AS return, CASE x.return_unit WHEN 'difference' THEN 'difference' ELSE 'relative' END AS return_is,
       x.measure AS measure, x.origin AS origin,
       cases, series, time
ORDER BY time, id
