// What came of searches for what was missing: in a case, in documents that it cites, or about a move (its key).
// parameters: case, move, as_of, as_at
MATCH (x:Search)-[:OF]->(g)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND g.known_at <= $as_of AND g.recorded_from <= $as_at
OPTIONAL MATCH (g)-[:PART_OF]->(c:Case)
OPTIONAL MATCH (g)-[:ABOUT]->(m)
OPTIONAL MATCH (g)-[:WAS_DERIVED_FROM]->(:Document)-[:PART_OF]->(d:Case)
WITH x, g, c, m, d
WHERE c.id = $case OR d.id = $case OR m.key = $move
OPTIONAL MATCH (g)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (g)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(x)
RETURN DISTINCT g.key AS key, g.kind AS kind, g.item AS item, g.why AS why, g.direction AS direction,
  g.outcome AS outcome, i.name AS indicator, s.id AS subject, x.outcome AS search, x.detection AS detection,
  x.false_alarm AS false_alarm, x.window AS window, x.how AS how, x.known_at AS searched_at, w.name AS searched_by,
  x.key AS searched
ORDER BY searched_at, searched, key, indicator, subject, searched_by
