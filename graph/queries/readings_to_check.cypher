// Everything that is claimed or observed, with what a check of it needs.
// parameters: as_of, as_at
MATCH (f:Observation|Claim)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
OPTIONAL MATCH (f)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (f)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (f)-[:REPORTED_BY|ASSERTED_IN]->(d:Document)-[:PUBLISHED_BY]->(p:Source)
OPTIONAL MATCH (f)-[:PART_OF]->(c:Case)
RETURN f.key AS key, CASE WHEN f:Claim THEN 'Claim' ELSE 'Observation' END AS label, f.statement AS statement,
  coalesce(i.name, f.indicator) AS indicator, s.id AS subject, f.value AS value, f.low AS low, f.high AS high,
  f.unit AS unit, f.value_base AS value_base, f.unit_base AS unit_base, f.bound AS bound, f.direction AS direction,
  f.baseline_value AS baseline, f.trade_date AS first, f.trade_date_end AS last, f.valid_from AS valid_from,
  f.time_precision AS time_precision, f.valid_to AS valid_to, f.known_at AS known_at, f.modality AS modality,
  f.valid_inferred AS inferred,
  f.other_dates AS other_dates, f.superlative AS superlative, f.since AS since, f.checks AS checks,
  f.doubts AS doubts, f.aliases AS aliases, d.key AS document, p.name AS source, c.id AS case
ORDER BY key, subject, document
