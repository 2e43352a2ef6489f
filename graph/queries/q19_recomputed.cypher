// Q19. Which claims of a document could be recomputed, and which did not hold?
// title: Claims recomputed
// parameters: document, as_of, as_at
// columns: statement, kind, expected, found, outcome, why, ids
MATCH (k:Check)-[:CHECKS]->(c:Claim)-[:ASSERTED_IN]->(:Document {key: $document})
WHERE k.known_at <= $as_of AND k.recorded_from <= $as_at AND (k.recorded_to IS NULL OR k.recorded_to > $as_at)
  AND c.known_at <= $as_of AND c.recorded_from <= $as_at AND (c.recorded_to IS NULL OR c.recorded_to > $as_at)
RETURN DISTINCT c.statement AS statement, k.kind AS kind, k.expected AS expected, k.found AS found,
  k.outcome AS outcome, k.why AS why, k.aliases AS ids
ORDER BY outcome, kind, statement
