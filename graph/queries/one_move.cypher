// One move by the id of a recorded version or by its key, with the words of list_moves.
// parameters: id, as_of, as_at
MATCH (x:Move)-[:ABOUT]->(i:Instrument)
WHERE (x.id = $id OR x.key = $id)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
WITH x, min(i.id) AS instrument
OPTIONAL MATCH (x)-[:PART_OF]->(c:Case)
OPTIONAL MATCH (x)-[:WAS_DERIVED_FROM]->(s:Series)
WITH x, instrument, collect(DISTINCT c.id) AS cases, min(s.id) AS series
RETURN x.id AS id, x.key AS key, instrument, x.start AS start, x.end AS end, x.valid_from AS valid_from,
       x.valid_to AS valid_to, x.known_at AS known_at, x.return AS return, CASE x.return_unit WHEN 'difference' THEN 'difference' ELSE 'relative' END AS return_is,
       x.measure AS measure, x.origin AS origin,
       cases, series
