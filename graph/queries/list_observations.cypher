// One page of observations after the row (after_time, after_id), of one indicator or about one thing where asked (null: all).
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, subject, indicator
MATCH (x:Observation)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
WITH x, coalesce(x.valid_from, x.known_at) AS time, datetime($after_time) AS after
WHERE time > after OR (time = after AND x.id > $after_id)
OPTIONAL MATCH (x)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (x)-[:ABOUT]->(s:Instrument|Actor)
WITH x, min(i.name) AS indicator, min(i.id) AS measure, collect(DISTINCT s.id) AS subjects, time
WHERE ($subject IS NULL OR $subject IN subjects) AND ($indicator IS NULL OR $indicator IN [indicator, measure])
WITH x, indicator, subjects, time
ORDER BY time, x.id
LIMIT $limit
OPTIONAL MATCH (x)-[:REPORTED_BY]->(d:Document)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
WITH x, indicator, subjects, time, collect(DISTINCT d.key) AS documents
RETURN x.id AS id, x.key AS key, x.statement AS statement, indicator, subjects, x.value AS value, x.low AS low,
       x.high AS high, x.unit AS unit, x.value_base AS value_base, x.unit_base AS unit_base, x.bound AS bound,
       x.direction AS direction, x.baseline_value AS baseline_value, x.baseline_kind AS baseline_kind,
       x.trade_date AS trade_date, x.trade_date_end AS trade_date_end, x.modality AS modality,
       x.valid_from AS valid_from, x.valid_to AS valid_to, x.known_at AS known_at,
       x.known_at_precision AS known_at_precision, x.grade AS grade, x.credibility AS credibility,
       x.time_precision AS time_precision, documents, time
ORDER BY time, id
