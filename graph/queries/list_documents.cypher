// One page of documents after the row (after_time, after_id); one without a date is known since it was recorded.
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, source (null: all)
MATCH (x:Document)
WHERE x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
WITH x, coalesce(x.known_at, x.recorded_from) AS time, datetime($after_time) AS after
WHERE time <= $as_of AND (time > after OR (time = after AND x.id > $after_id))
OPTIONAL MATCH (x)-[:PUBLISHED_BY]->(p:Source)
WITH x, min(p.id) AS source, time
WHERE $source IS NULL OR source = $source
WITH x, source, time
ORDER BY time, x.id
LIMIT $limit
OPTIONAL MATCH (x)-[:COPY_OF|TRANSLATION_OF]->(o:Document)
WITH x, source, time, collect(DISTINCT o.key) AS copy_of
OPTIONAL MATCH (f:Claim)-[:ASSERTED_IN]->(x)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
WITH x, source, time, copy_of, count(DISTINCT f.key) AS claims
RETURN x.id AS id, x.key AS key, x.kind AS kind, x.title AS title, x.url AS url, x.language AS language,
       x.via AS via, x.licence AS licence, source, x.published AS published, x.known_at AS known_at,
       x.known_at_precision AS known_at_precision, x.retrieved_at AS retrieved_at, copy_of, claims, time
ORDER BY time, id
