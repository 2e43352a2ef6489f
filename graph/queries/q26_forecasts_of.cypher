// Q26. What did somebody forecast, by which criterion, and how did it turn out?
// parameters: actor (such as park), as_of, as_at
MATCH (:Actor {id: $actor})-[:MADE]->(o:Forecast)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
OPTIONAL MATCH (o)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
RETURN DISTINCT o.statement AS statement, o.criterion AS criterion, o.due_at AS due_at, o.status AS status,
  r.outcome AS outcome
ORDER BY statement
