// What was recomputed of one fact (its key), as it was known by the clocks.
// parameters: fact, as_of, as_at
MATCH (x:Check)-[:CHECKS]->(f:Claim|Observation {key: $fact})
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
RETURN DISTINCT x.id AS id, x.kind AS kind, x.outcome AS outcome, x.expected AS expected, x.found AS found, x.why AS why,
       x.known_at AS known_at
ORDER BY id
