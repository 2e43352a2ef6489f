// Q18. From how many independent origins do the readings above zero of a day in a dispute come, and how many documents?
// title: Independent origins
// parameters: dispute (its key), day (such as 2026-02-05), as_of, as_at
// columns: origins, documents
MATCH (o:Observation|Claim)-[:SIDE_OF]->(d:Dispute {key: $dispute}), (o)-[:REPORTED_BY|ASSERTED_IN]->(p:Document)
WHERE o.value_base > 0 AND toString(o.trade_date) = $day
  AND o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
  AND p.recorded_from <= $as_at AND (p.recorded_to IS NULL OR p.recorded_to > $as_at)
MATCH (p)-[:COPY_OF|TRANSLATION_OF|HAD_PRIMARY_SOURCE*0..8]->(root:Document)
WHERE NOT (root)-[:COPY_OF|TRANSLATION_OF|HAD_PRIMARY_SOURCE]->(:Document)
RETURN count(DISTINCT root.key) AS origins, count(DISTINCT p.key) AS documents
