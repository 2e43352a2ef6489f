// One observation by the id of a recorded version or by its key, with the words of list_observations.
// parameters: id, as_of, as_at
MATCH (x:Observation)
WHERE (x.id = $id OR x.key = $id)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
OPTIONAL MATCH (x)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (x)-[:ABOUT]->(s:Instrument|Actor)
WITH x, min(i.name) AS indicator, collect(DISTINCT s.id) AS subjects
OPTIONAL MATCH (x)-[:REPORTED_BY]->(d:Document)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
WITH x, indicator, subjects, collect(DISTINCT d.key) AS documents
RETURN x.id AS id, x.key AS key, x.statement AS statement, indicator, subjects, x.value AS value, x.low AS low,
       x.high AS high, x.unit AS unit, x.value_base AS value_base, x.unit_base AS unit_base, x.bound AS bound,
       x.direction AS direction, x.baseline_value AS baseline_value, x.baseline_kind AS baseline_kind,
       x.trade_date AS trade_date, x.trade_date_end AS trade_date_end, x.modality AS modality,
       x.valid_from AS valid_from, x.valid_to AS valid_to, x.known_at AS known_at,
       x.known_at_precision AS known_at_precision, x.grade AS grade, x.credibility AS credibility,
       x.time_precision AS time_precision, documents
