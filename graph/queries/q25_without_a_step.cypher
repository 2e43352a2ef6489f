// Q25. What would have happened without a step, and can that be known?
// title: Without one step
// parameters: explanation, as_of, as_at
// columns: changes, estimate, low, high, identifiable, step, instrument
MATCH (:Explanation {id: $explanation})<-[:VARIANT_OF]-(:Explanation)-[:UNDER]->(c:Scenario {kind: 'without_step'})
OPTIONAL MATCH (c)-[:ABOUT]->(s:Step)
OPTIONAL MATCH (c)-[:ABOUT]->(i:Instrument)
RETURN c.changes AS changes, c.estimate AS estimate, c.low AS low, c.high AS high, c.identifiable AS identifiable,
  s.text AS step, i.id AS instrument
ORDER BY changes
UNION
MATCH (:Explanation {id: $explanation})-[:ABOUT]->(m:Move)-[:ABOUT]->(:Instrument)<-[:ABOUT]-(x:Move)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND x.valid_from >= m.valid_from AND x.valid_from <= m.valid_to
MATCH (x)<-[:EXPLAINS]-(:Narrative)-[:HAS_STEP]->(s:Step)<-[:ABOUT]-(c:Scenario {kind: 'without_step'})
OPTIONAL MATCH (c)-[:ABOUT]->(i:Instrument)
RETURN DISTINCT c.changes AS changes, c.estimate AS estimate, c.low AS low, c.high AS high,
  c.identifiable AS identifiable, s.text AS step, i.id AS instrument
ORDER BY changes
