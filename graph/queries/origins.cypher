// Which documents are copies or translations of which, or rest on which.
// parameters: documents, as_of, as_at
UNWIND $documents AS document
MATCH (d:Document {key: document})-[:COPY_OF|TRANSLATION_OF|HAD_PRIMARY_SOURCE*1..8]->(origin:Document)
WHERE d.known_at <= $as_of AND d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN DISTINCT d.key AS document, origin.key AS origin
ORDER BY document, origin
