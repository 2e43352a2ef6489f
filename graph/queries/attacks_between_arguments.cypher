// Which arguments attack other arguments, whoever makes them.
// parameters: as_of, as_at
MATCH (g:Argument)-[r:REBUTS|UNDERCUTS]->(t:Argument)
WHERE g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
  AND t.known_at <= $as_of AND t.recorded_from <= $as_at AND (t.recorded_to IS NULL OR t.recorded_to > $as_at)
OPTIONAL MATCH (a:Actor)-[:MADE]->(g)
OPTIONAL MATCH (g)-[:ASSERTED_IN]->(d:Document)-[:PUBLISHED_BY]->(p:Source)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN g.id AS id, g.key AS key, type(r) AS attack, t.key AS target, g.kind AS kind, g.strength AS strength,
  g.statement AS statement, coalesce(a.id, g.by) AS by, g.grade AS grade, g.credibility AS credibility,
  g.known_at AS known_at, d.key AS document_id, d.title AS title, d.url AS url, p.id AS source_id, p.name AS publisher
ORDER BY key, target, attack, document_id
