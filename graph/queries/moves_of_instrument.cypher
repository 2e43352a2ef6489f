// The moves of an instrument that the graph holds, with the cases that hold them.
// parameters: instrument, as_of, as_at
MATCH (i:Instrument {id: $instrument})<-[:ABOUT]-(m:Move)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
OPTIONAL MATCH (m)-[:PART_OF]->(c:Case)
OPTIONAL MATCH (m)-[:REPORTED_BY]->(d:Document)
WHERE d.recorded_from <= $as_at AND (d.recorded_to IS NULL OR d.recorded_to > $as_at)
RETURN m.id AS id, m.key AS key, i.id AS instrument, m.start AS start, m.end AS end, m.valid_from AS valid_from,
  m.valid_to AS valid_to, m.known_at AS known_at, m.return AS return, m.return_unit AS return_unit,
  m.measure AS measure, m.origin AS origin,
  d.key AS document_id, c.id AS case
ORDER BY key, id, case, document_id
