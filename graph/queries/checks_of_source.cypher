// How the checks came out of what a source published or an actor claimed.
// parameters: id, as_of, as_at
MATCH (c:Check)-[:CHECKS]->(f:Claim|Observation)
WHERE c.known_at <= $as_of AND c.recorded_from <= $as_at AND (c.recorded_to IS NULL OR c.recorded_to > $as_at)
  AND f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
  AND (EXISTS { MATCH (f)-[:ASSERTED_IN|REPORTED_BY]->(:Document)-[:PUBLISHED_BY]->(:Source {id: $id}) }
    OR EXISTS { MATCH (:Actor {id: $id})-[:MADE]->(f) })
RETURN c.outcome AS outcome, count(DISTINCT c.key) AS n
ORDER BY outcome
