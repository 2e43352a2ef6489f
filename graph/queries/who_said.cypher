// Who made a claim (its key), and in which documents of whom it stands; documents are shown whenever they appeared.
// parameters: fact, as_of, as_at
MATCH (f:Claim {key: $fact})
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
OPTIONAL MATCH (p:Actor)-[:MADE]->(f)
OPTIONAL MATCH (f)-[:ASSERTED_IN]->(d:Document)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
OPTIONAL MATCH (d)-[:PUBLISHED_BY]->(s:Source)
RETURN DISTINCT p.name AS author, labels(p) AS author_labels, d.key AS document, d.title AS title, d.url AS url,
       d.published AS published, s.name AS publisher
ORDER BY author, document, publisher
