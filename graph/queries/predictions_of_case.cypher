// What the steps of a case's narratives predict.
// parameters: case
// clocks: none
MATCH (:Case {id: $case})<-[:PART_OF]-(n:Narrative)-[:HAS_STEP]->(s:Step)-[:PREDICTS]->(p:Prediction)
OPTIONAL MATCH (p)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (p)-[:ABOUT]->(t:Instrument|Actor)
RETURN DISTINCT s.id AS step, p.id AS id, p.i AS i, i.name AS indicator, t.id AS subject, p.direction AS direction,
  p.window AS window, p.window_start AS window_start, p.window_end AS window_end, p.stated_window AS stated_window,
  p.strength AS strength, p.role AS role, p.lag AS lag, p.typical_size AS typical_size, p.if_absent AS if_absent,
  p.note AS note
ORDER BY step, i, id
