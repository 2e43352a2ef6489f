// Q5. Which readings of one thing do not agree, and who reported each? (In or outflows?)
// parameters: instrument (such as ibit), indicator (such as net_etf_flow), as_of, as_at
MATCH (d:Dispute)-[:OVER]->(:Instrument {id: $instrument}), (d)-[:OVER]->(:Indicator {id: $indicator})
MATCH (o:Observation)-[:SIDE_OF]->(d), (o)-[:REPORTED_BY]->(:Document)-[:PUBLISHED_BY]->(p:Source)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN DISTINCT d.status AS status,
  CASE WHEN d.settled_at <= $as_of AND d.shift <> '' THEN d.kinds + ['date_shift'] ELSE d.kinds END AS kinds,
  CASE WHEN d.settled_at <= $as_of AND d.preferred <> '' THEN d.preferred END AS preferred,
  CASE WHEN d.settled_at <= $as_of AND d.why <> '' THEN d.why END AS why, o.trade_date AS day, o.value AS value,
  o.unit AS unit, p.name AS source, o.id AS fact
ORDER BY day, source, fact
