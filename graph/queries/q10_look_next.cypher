// Q10. What should be looked at next?
// title: Where to look next
// parameters: explanation, as_of, as_at
// columns: item, gain_bits, id
MATCH (:Explanation {id: $explanation})-[l:LACKED]->(g:DataGap)
WHERE g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
RETURN g.item AS item, l.gain_bits AS gain_bits, g.id AS id
ORDER BY gain_bits DESC, id
