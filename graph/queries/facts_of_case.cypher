// The readings and claims that a case holds, with subject, indicator and source.
// parameters: case, as_of, as_at
MATCH (:Case {id: $case})<-[:PART_OF]-(f:Observation|Claim)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
MATCH (f)-[:OF_INDICATOR]->(i:Indicator)
MATCH (f)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (f)-[:REPORTED_BY|ASSERTED_IN]->(d:Document)-[:PUBLISHED_BY]->(p:Source)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN f.id AS id, f.key AS key, CASE WHEN f:Claim THEN 'Claim' ELSE 'Observation' END AS label,
  i.name AS indicator, s.id AS subject, f.value AS value, f.low AS low, f.high AS high, f.unit AS unit,
  f.unit_note AS unit_note, f.bound AS bound, f.direction AS direction, f.baseline_value AS baseline_value,
  f.baseline_kind AS baseline_kind, f.statement AS statement, f.modality AS modality, f.valid_from AS valid_from,
  f.valid_to AS valid_to, f.trade_date AS trade_date, f.trade_date_end AS trade_date_end,
  f.time_precision AS time_precision, f.known_at AS known_at, f.known_at_precision AS known_at_precision,
  f.grade AS grade, f.credibility AS credibility, d.key AS document_id, d.title AS title, d.url AS url,
  p.id AS source_id, p.name AS publisher
ORDER BY key, id, document_id, subject
