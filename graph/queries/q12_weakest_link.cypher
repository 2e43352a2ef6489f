// Q12. Where is the weakest link of a narrative?
// title: The weakest link
// parameters: narrative, explanation
// columns: step, text, verdict, bits
// clocks: none
MATCH (:Explanation {id: $explanation})-[v:SCORED]->(s:Step)<-[:HAS_STEP]-(:Narrative {id: $narrative})
RETURN s.n AS step, s.text AS text, v.verdict AS verdict, v.bits AS bits
ORDER BY bits LIMIT 1
