// What was missing or watched in a case, and which narratives it would favour or hurt.
// parameters: case, as_of, as_at
MATCH (:Case {id: $case})<-[:PART_OF]-(g:DataGap)
WHERE g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
OPTIONAL MATCH (g)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (g)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (g)-[w:WOULD_INFORM]->(n:Narrative)
RETURN g.key AS key, g.kind AS kind, g.item AS item, g.why AS why, g.direction AS direction, g.outcome AS outcome,
  i.name AS indicator, s.id AS subject, n.id AS narrative, w.sign AS sign
ORDER BY key, narrative, sign, indicator, subject
