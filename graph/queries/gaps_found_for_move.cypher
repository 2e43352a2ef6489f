// What explanations of a move (its key) found missing, each gap with what the latest explanation that found it said.
// parameters: move, as_of, as_at
MATCH (m:Move)<-[:ABOUT]-(g:DataGap)
WHERE m.key = $move
  AND m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
  AND g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
OPTIONAL MATCH (any:Explanation)-[:LACKED]->(g)
WHERE any.as_of <= $as_of AND any.recorded_from <= $as_at
WITH g, max(any.as_of) AS time
OPTIONAL MATCH (last:Explanation)-[:LACKED]->(g)
WHERE last.as_of = time AND last.recorded_from <= $as_at
WITH g, time, max(last.id) AS explanation
OPTIONAL MATCH (:Explanation {id: explanation})-[l:LACKED]->(g)
OPTIONAL MATCH (g)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (g)-[:ABOUT]->(s:Instrument|Actor)
RETURN DISTINCT g.id AS id, g.key AS key, g.kind AS kind, g.item AS item, g.why AS why, g.direction AS direction,
  g.outcome AS outcome, g.named_by AS named_by, g.due_at AS due_at, g.known_at AS known_at, i.name AS indicator,
  s.id AS subject, l.gain_bits AS gain_bits, explanation, time
ORDER BY key, indicator, subject
