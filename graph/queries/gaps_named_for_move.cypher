// What the cases of a move (its key) name as missing or to be watched, one row for each narrative that it would inform.
// parameters: move, as_of, as_at
MATCH (m:Move)-[:PART_OF]->(:Case)<-[:PART_OF]-(g:DataGap)
WHERE m.key = $move
  AND m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
  AND g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
OPTIONAL MATCH (g)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (g)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (g)-[w:WOULD_INFORM]->(n:Narrative)
RETURN DISTINCT g.id AS id, g.key AS key, g.kind AS kind, g.item AS item, g.why AS why, g.direction AS direction,
  g.outcome AS outcome, g.named_by AS named_by, g.due_at AS due_at, g.known_at AS known_at, i.name AS indicator,
  s.id AS subject, n.id AS narrative, w.sign AS sign
ORDER BY key, narrative, sign, indicator, subject
