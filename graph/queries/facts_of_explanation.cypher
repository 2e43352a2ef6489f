// What an explanation used: a row for each fact, with what it did and where it came from (ids of recorded versions).
// parameters: id
// clocks: none
MATCH (:Explanation {id: $id})-[:USED]->(a:Assessment)-[:OF]->(f)
WITH f, collect(DISTINCT a.evidence_id) AS evidence
OPTIONAL MATCH (f)-[:REPORTED_BY|ASSERTED_IN]->(d:Document)
WITH f, evidence, collect(DISTINCT d.id) AS documents
OPTIONAL MATCH (p:Actor|Source)-[:MADE]->(f)
WITH f, evidence, documents, collect(DISTINCT p.id) AS authors
OPTIONAL MATCH (f)-[:WAS_DERIVED_FROM]->(s:Series)
WITH f, evidence, documents, authors, collect(DISTINCT s.id) AS series
OPTIONAL MATCH (f)-[:WAS_GENERATED_BY]->(r:IngestRun)
WITH f, evidence, documents, authors, series, collect(DISTINCT r.id) AS runs
OPTIONAL MATCH (f)-[:SUPERSEDES]->(o)
RETURN f.id AS id, f.key AS key, labels(f) AS labels, f.statement AS statement, f.value AS value, f.unit AS unit,
       f.grade AS grade, f.credibility AS credibility, f.known_at AS known_at, f.recorded_from AS recorded_from,
       evidence, documents, authors, series, runs, collect(DISTINCT o.id) AS supersedes
ORDER BY id
