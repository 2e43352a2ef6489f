// The sides of every dispute with how good each is, and what was found of the dispute before.
// parameters: as_of, as_at
MATCH (f:Observation|Claim)-[:SIDE_OF]->(d:Dispute)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
  AND d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
OPTIONAL MATCH (f)-[:REPORTED_BY|ASSERTED_IN]->(:Document)-[:PUBLISHED_BY]->(p:Source)
RETURN d.key AS dispute, d.known_at AS known_at, d.known_at_precision AS precision, d.kinds AS kinds,
  d.status AS status, d.shift AS shift, d.preferred AS preferred, f.key AS fact, f.grade AS grade,
  f.credibility AS credibility, p.kind AS source_kind
ORDER BY dispute, fact, source_kind
