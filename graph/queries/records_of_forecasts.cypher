// The forecasts of authors, and of the sources in whose documents they stand, with how each turned out (ids null: all).
// parameters: ids, as_of, as_at
MATCH (x:Forecast)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
OPTIONAL MATCH (x)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(x)
OPTIONAL MATCH (x)-[:ASSERTED_IN]->(a)
OPTIONAL MATCH (a)-[:PART_OF]->(e:Document)
OPTIONAL MATCH (a)-[:PUBLISHED_BY]->(p:Source)
OPTIONAL MATCH (e)-[:PUBLISHED_BY]->(q:Source)
WITH x, r, collect(DISTINCT w.id) + collect(DISTINCT p.id) + collect(DISTINCT q.id) AS whose
UNWIND whose AS who
WITH DISTINCT who, x, r
WHERE $ids IS NULL OR who IN $ids
RETURN who, x.key AS forecast, x.probability AS probability, x.due_at IS NOT NULL AS dated, r.outcome AS outcome
ORDER BY who, forecast
