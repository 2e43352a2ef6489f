// Q20. Which passage says that something fell (rose) while its level says otherwise, and of what is it a translation?
// title: Words against levels
// parameters: document, as_of, as_at
// columns: statement, start, end, outcome, found, translated_from
MATCH (k:Check {kind: 'direction_vs_level', outcome: 'failed'})-[:CHECKS]->(c:Claim)
WHERE k.known_at <= $as_of AND k.recorded_from <= $as_at AND (k.recorded_to IS NULL OR k.recorded_to > $as_at)
  AND c.known_at <= $as_of AND c.recorded_from <= $as_at AND (c.recorded_to IS NULL OR c.recorded_to > $as_at)
MATCH (c)-[:ASSERTED_IN]->(p:Passage)-[:PART_OF]->(d:Document {key: $document})
WHERE d.recorded_to IS NULL
OPTIONAL MATCH (d)-[:TRANSLATION_OF*1..4]->(original:Document)
WITH DISTINCT c, k, p, original ORDER BY original.title
RETURN c.statement AS statement, p.start AS start, p.end AS end, k.outcome AS outcome, k.found AS found,
  collect(original.title) AS translated_from
ORDER BY start
