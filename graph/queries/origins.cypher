// Which documents are copies or translations of which.
// parameters: documents, as_of, as_at
UNWIND $documents AS document
MATCH (d:Document {id: document})-[:COPY_OF|TRANSLATION_OF*1..8]->(origin:Document)
WHERE d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN DISTINCT d.id AS document, origin.id AS origin
ORDER BY document, origin
