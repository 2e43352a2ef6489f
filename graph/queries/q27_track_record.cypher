// Q27. Which sources and authors have been right before? The mean scores of their forecasts, with how many.
// A probability is needed for a score (scored): Brier, and the log score in bits; less is better in both.
// parameters: as_of, as_at
MATCH (w:Actor|Source)-[:MADE]->(o:Forecast)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
  AND o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND r.outcome <> 'void'
WITH w, count(DISTINCT o.key) AS n, count(r.score) AS scored, avg(r.score) AS brier, avg(r.log_score) AS log_score
RETURN w.name AS who, n, scored, brier, log_score, CASE WHEN n < 10 THEN 'n too small' ELSE '' END AS note
ORDER BY n DESC, who
