// Q5. Which readings of one thing do not agree, and who reported each? (In or outflows?)
// title: Readings that disagree
// parameters: instrument (such as ibit), indicator (such as net_etf_flow), as_of, as_at
// columns: dispute, status, kinds, preferred, why, day, value, unit, source, fact
MATCH (d:Dispute)-[:OVER]->(:Instrument {id: $instrument}), (d)-[:OVER]->(:Indicator {id: $indicator})
MATCH (o:Observation|Claim)-[:SIDE_OF]->(d)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
OPTIONAL MATCH (o)-[:REPORTED_BY|ASSERTED_IN]->(:Document)-[:PUBLISHED_BY]->(p:Source)
OPTIONAL MATCH (o)-[:WAS_DERIVED_FROM]->(s:Series)
RETURN DISTINCT d.key AS dispute, d.status AS status,
  CASE WHEN d.settled_at <= $as_of AND d.shift <> '' THEN d.kinds + ['date_shift'] ELSE d.kinds END AS kinds,
  CASE WHEN d.settled_at <= $as_of AND d.preferred <> '' THEN d.preferred END AS preferred,
  CASE WHEN d.settled_at <= $as_of AND d.why <> '' THEN d.why END AS why, o.trade_date AS day, o.value AS value,
  o.unit AS unit, coalesce(p.name, s.id) AS source, o.id AS fact
ORDER BY dispute, day, source, fact
