// Q27. Which sources and authors have been right before? The mean Brier score of their forecasts, with how many.
// parameters: as_of, as_at
MATCH (w:Actor|Source)-[:MADE]->(:Forecast)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
WITH w, count(r) AS n, avg(r.score) AS brier
RETURN w.name AS who, n, brier, CASE WHEN n < 10 THEN 'n too small' ELSE '' END AS note
ORDER BY n DESC, who
