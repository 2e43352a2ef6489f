// Q11. Which steps of a narrative, or of those that it is made of, have no evidence?
// title: Steps without evidence
// A step that an explanation scores has some where an item of it was observed; one that only a document tells of has
// some where a reading answers one of its predictions at the time of the moves that its story explains.
// parameters: narrative (its id or another name of it, such as STC-1), explanation, as_of, as_at
// columns: narrative, step, text, names
MATCH (m:Narrative)<-[:PART_OF*0..1]-(n:Narrative)-[:HAS_STEP]->(s:Step)
WHERE (m.id = $narrative OR $narrative IN m.aliases) AND NOT EXISTS {
  MATCH (s)<-[:ASSESSES]-(a:Assessment)<-[:USED]-(:Explanation {id: $explanation}) WHERE a.outcome <> 'unobserved'
}
WITH DISTINCT s, n
OPTIONAL MATCH (n)-[:EXPLAINS]->(x:Move)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
WITH s, n, min(x.valid_from) AS begun, max(x.valid_to) AS ended
OPTIONAL MATCH (s)-[:PREDICTS]->(p:Prediction)-[:OF_INDICATOR]->(:Indicator)<-[:OF_INDICATOR]-(f:Observation|Claim)
WHERE n.origin = 'document' AND f.known_at <= $as_of AND f.recorded_from <= $as_at
  AND (f.recorded_to IS NULL OR f.recorded_to > $as_at) AND f.valid_to >= begun AND f.valid_from <= ended
OPTIONAL MATCH (p)-[:ABOUT]->(:Instrument|Actor)<-[same:ABOUT]-(f)
WITH s, min(n.id) AS narrative, count(same) AS answers
WHERE answers = 0
RETURN narrative, s.n AS step, s.text AS text, s.aliases AS names
ORDER BY narrative, step
