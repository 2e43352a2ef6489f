// Q27. Which sources and authors have been right before? The mean scores of their forecasts, with how many.
// title: Who was right before
// A probability is needed for a score (scored): Brier, and the log score in bits; less is better in both.
// parameters: as_of, as_at
// columns: who, n, scored, brier, log_score, note
MATCH (o:Forecast)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
  AND o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND r.outcome <> 'void'
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(o)
OPTIONAL MATCH (o)-[:ASSERTED_IN]->(a)
OPTIONAL MATCH (a)-[:PART_OF]->(e:Document)
OPTIONAL MATCH (a)-[:PUBLISHED_BY]->(p:Source)
OPTIONAL MATCH (e)-[:PUBLISHED_BY]->(q:Source)
WITH o, r, collect(DISTINCT w.name) + collect(DISTINCT p.name) + collect(DISTINCT q.name) AS whose
UNWIND whose AS who
WITH DISTINCT who, o, r
WITH who, count(o) AS n, count(r.score) AS scored, avg(r.score) AS brier, avg(r.log_score) AS log_score
RETURN who, n, scored, brier, log_score, CASE WHEN n < 10 THEN 'n too small' ELSE '' END AS note
ORDER BY n DESC, who
