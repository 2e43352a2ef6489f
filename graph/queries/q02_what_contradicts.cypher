// Q2. Which readings contradict the narratives that are instances of a template, and who reported them?
// title: What contradicts a template
// parameters: explanation, template (such as T02), as_of, as_at
// columns: narrative, step, fact, statement, source, title
MATCH (:Explanation {id: $explanation})-[:USED]->(a:Assessment {outcome: 'contradicted'})-[:ASSESSES]->(s:Step)
  <-[:HAS_STEP]-(n:Narrative)-[:INSTANCE_OF]->(:Template {id: $template})
MATCH (a)-[:OF]->(o:Observation)-[:REPORTED_BY]->(d:Document)-[:PUBLISHED_BY]->(p:Source)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
RETURN DISTINCT n.id AS narrative, s.n AS step, o.id AS fact, o.statement AS statement, p.name AS source,
  d.title AS title
ORDER BY narrative, step, fact
