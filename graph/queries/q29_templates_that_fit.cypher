// Q29. Which templates tried on a move do not predict that a fund is redeemed (net ETF flow down)?
// title: Templates that fit
// parameters: explanation, indicator (such as net_etf_flow), direction (such as down)
// columns: template
// clocks: none
MATCH (:Explanation {id: $explanation})-[:SCORED]->(n:Narrative)-[:INSTANCE_OF]->(t:Template)
WITH t, collect(n) AS tried
WHERE NOT any(n IN tried WHERE EXISTS {
  MATCH (n)-[:HAS_STEP]->(:Step)-[:PREDICTS]->(:Prediction {direction: $direction})-[:OF_INDICATOR]->(:Indicator {id: $indicator})
})
RETURN t.id AS template
ORDER BY template
