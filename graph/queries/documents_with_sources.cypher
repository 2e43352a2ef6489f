// Where documents were published, and what they were copied, translated or taken from.
// parameters: ids (of recorded versions)
// clocks: none
UNWIND $ids AS id
MATCH (d:Document {id: id})
OPTIONAL MATCH (d)-[:PUBLISHED_BY]->(s:Source)
OPTIONAL MATCH (d)-[h:COPY_OF|TRANSLATION_OF|HAD_PRIMARY_SOURCE]->(o:Document)
RETURN DISTINCT d.id AS id, d.title AS title, d.url AS url, d.language AS language, d.licence AS licence,
       d.known_at AS known_at, s.id AS source, s.name AS publisher, type(h) AS how, o.id AS origin, o.title AS origin_title
ORDER BY id, source, how, origin
