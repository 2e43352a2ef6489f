// Q21. Did each step of a narrative begin before the one that it leads to, by what was seen of both?
// title: Causes before effects
// parameters: narrative, explanation, as_of, as_at
// columns: step, next, cause, effect, in_order
MATCH (:Narrative {id: $narrative})-[:HAS_STEP]->(s1:Step)-[l:LEADS_TO]->(s2:Step)
MATCH (:Explanation {id: $explanation})-[:USED]->(a1:Assessment {outcome: 'met'})-[:ASSESSES]->(s1)
MATCH (a1)-[:OF]->(o1:Observation)
WHERE o1.known_at <= $as_of AND o1.recorded_from <= $as_at AND (o1.recorded_to IS NULL OR o1.recorded_to > $as_at)
MATCH (:Explanation {id: $explanation})-[:USED]->(a2:Assessment {outcome: 'met'})-[:ASSESSES]->(s2)
MATCH (a2)-[:OF]->(o2:Observation)
WHERE o2.known_at <= $as_of AND o2.recorded_from <= $as_at AND (o2.recorded_to IS NULL OR o2.recorded_to > $as_at)
WITH s1, s2, min(coalesce(o1.trade_date, date(o1.valid_from))) AS cause,
  min(coalesce(o2.trade_date, date(o2.valid_from))) AS effect
RETURN s1.n AS step, s2.n AS next, cause, effect, cause <= effect AS in_order
ORDER BY step, next
