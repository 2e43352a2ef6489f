// What is said in words for or against the narratives of a case and their steps.
// parameters: case, as_of, as_at
MATCH (:Case {id: $case})<-[:PART_OF]-(g:Argument)-[:SUPPORTS|REBUTS|UNDERCUTS]->(t:Narrative|Step)
WHERE g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
OPTIONAL MATCH (a:Actor)-[:MADE]->(g)
OPTIONAL MATCH (g)-[:ASSERTED_IN]->(d:Document)-[:PUBLISHED_BY]->(p:Source)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN g.id AS id, g.key AS key, g.kind AS kind, t.id AS target, CASE WHEN t:Step THEN true ELSE false END AS on_step,
  g.step AS step, g.strength AS strength, g.statement AS statement, coalesce(a.id, g.by) AS by, g.grade AS grade,
  g.credibility AS credibility, g.known_at AS known_at, d.key AS document_id, d.title AS title, d.url AS url,
  p.id AS source_id, p.name AS publisher
ORDER BY key, id, target, document_id
