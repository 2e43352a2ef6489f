// One document by the id of a recorded version or by its key, with the words of list_documents.
// parameters: id, as_of, as_at
MATCH (x:Document)
WHERE (x.id = $id OR x.key = $id) AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND coalesce(x.known_at, x.recorded_from) <= $as_of
OPTIONAL MATCH (x)-[:PUBLISHED_BY]->(p:Source)
WITH x, min(p.id) AS source
OPTIONAL MATCH (x)-[:COPY_OF|TRANSLATION_OF]->(o:Document)
WITH x, source, collect(DISTINCT o.key) AS copy_of
OPTIONAL MATCH (f:Claim)-[:ASSERTED_IN]->(x)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
WITH x, source, copy_of, count(DISTINCT f.key) AS claims
RETURN x.id AS id, x.key AS key, x.kind AS kind, x.title AS title, x.url AS url, x.language AS language,
       x.via AS via, x.licence AS licence, source, x.published AS published, x.known_at AS known_at,
       x.known_at_precision AS known_at_precision, x.retrieved_at AS retrieved_at, copy_of, claims
