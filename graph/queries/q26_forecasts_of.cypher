// Q26. What did somebody forecast, by which criterion, and how did it turn out?
// title: Forecasts of somebody
// parameters: actor (such as park), as_of, as_at
// columns: statement, criterion, due_at, status, probability, outcome, brier, why
MATCH (:Actor|Source {id: $actor})-[:MADE]->(o:Forecast)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
OPTIONAL MATCH (o)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
RETURN DISTINCT o.statement AS statement, o.criterion AS criterion, o.due_at AS due_at,
  CASE WHEN r.outcome = 'void' THEN 'void' WHEN r IS NOT NULL THEN 'resolved'
    WHEN o.due_at IS NULL THEN 'undated: it cannot be scored' ELSE 'open' END AS status,
  o.probability AS probability, r.outcome AS outcome, r.score AS brier, r.why AS why
ORDER BY statement
