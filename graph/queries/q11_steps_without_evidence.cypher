// Q11. Which steps of a narrative have no evidence in an explanation?
// parameters: narrative, explanation
// clocks: none
MATCH (:Narrative {id: $narrative})-[:HAS_STEP]->(s:Step)
WHERE NOT EXISTS {
  MATCH (s)<-[:ASSESSES]-(a:Assessment)<-[:USED]-(:Explanation {id: $explanation}) WHERE a.outcome <> 'unobserved'
}
RETURN s.n AS step, s.text AS text
ORDER BY step
