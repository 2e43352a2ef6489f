// Q10. What should be looked at next?
// parameters: explanation
// clocks: none
MATCH (:Explanation {id: $explanation})-[l:LACKED]->(g:DataGap)
RETURN g.item AS item, l.gain_bits AS gain_bits, g.id AS id
ORDER BY gain_bits DESC, id
