// One page of forecasts after the row (after_time, after_id): of one author or source, due by a day, in a state.
// A forecast is due once its day is over (day: today). What is null in the filters is not asked for.
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, by, due_before, state, day
MATCH (x:Forecast)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
WITH x, x.known_at AS time, datetime($after_time) AS after, substring(toString(x.due_at), 0, 10) AS due
WHERE (time > after OR (time = after AND x.id > $after_id)) AND ($due_before IS NULL OR due <= $due_before)
OPTIONAL MATCH (x)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
WITH x, time, due, r, CASE WHEN r.outcome = 'void' THEN 'void' WHEN r IS NOT NULL THEN 'resolved'
  WHEN due IS NULL THEN 'undated' WHEN due < $day THEN 'due' ELSE 'open' END AS state
WHERE ($state IS NULL OR state = $state)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since OR r.recorded_from > $updated_since)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(x)
WITH x, time, r, state, collect(DISTINCT w.id) AS by
OPTIONAL MATCH (x)-[:ASSERTED_IN]->(a)
OPTIONAL MATCH (a)-[:PART_OF]->(e:Document)
OPTIONAL MATCH (a)-[:PUBLISHED_BY]->(p:Source)
OPTIONAL MATCH (e)-[:PUBLISHED_BY]->(q:Source)
WITH x, time, r, state, by, collect(DISTINCT coalesce(e.key, a.key)) AS documents,
  collect(DISTINCT coalesce(q.id, p.id)) AS sources
WHERE $by IS NULL OR $by IN by OR $by IN sources
WITH x, time, r, state, by, documents, sources
ORDER BY time, x.id
LIMIT $limit
OPTIONAL MATCH (x)-[:ABOUT]->(t:Instrument|Actor)
WITH x, time, r, state, by, documents, sources, collect(DISTINCT t.id) AS subjects
RETURN x.id AS id, x.key AS key, x.statement AS statement, x.criterion AS criterion, x.due_at AS due_at,
       state, x.probability AS probability, by, subjects, documents, sources, x.aliases AS aliases, x.known_at AS known_at,
       x.known_at_precision AS known_at_precision, r.outcome AS outcome, r.score AS brier, r.log_score AS log_score,
       r.why AS why, r.method AS method, r.by AS resolved_by, r.found AS found, r.known_at AS resolved_at, time
ORDER BY time, id
