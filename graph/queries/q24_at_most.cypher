// Q24. How much of a move can a narrative explain at most: the share of its steps, and sizes that were reported?
// title: How much it can explain
// parameters: narrative, as_of, as_at
// columns: step, text, max_share, sizes
MATCH (:Narrative {id: $narrative})-[:HAS_STEP]->(s:Step)
OPTIONAL MATCH (s)<-[:ASSESSES]-(:Assessment)-[:OF]->(o:Observation)-[:OF_INDICATOR]->(:Indicator {id: 'size_estimate'})
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
RETURN s.n AS step, s.text AS text, s.max_share AS max_share, collect(DISTINCT o.value_base) AS sizes
ORDER BY step
