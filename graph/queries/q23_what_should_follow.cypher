// Q23. What does the last step of a narrative predict, and was it seen?
// title: What should follow
// parameters: narrative, explanation
// columns: step, text, indicator, subject, direction, outcomes
// clocks: none
MATCH (:Narrative {id: $narrative})-[:HAS_STEP]->(s:Step)-[:PREDICTS]->(p:Prediction)-[:OF_INDICATOR]->(i:Indicator)
WHERE NOT (s)-[:LEADS_TO]->(:Step)
OPTIONAL MATCH (:Explanation {id: $explanation})-[:USED]->(a:Assessment {prediction_id: p.id})
WITH DISTINCT s, p, i, a.outcome AS outcome ORDER BY outcome
RETURN s.n AS step, s.text AS text, i.name AS indicator, p.subject AS subject, p.direction AS direction,
  collect(outcome) AS outcomes
ORDER BY step, indicator, subject
