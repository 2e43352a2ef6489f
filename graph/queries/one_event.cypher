// One event by the id of a recorded version or by its key, with the words of list_events.
// parameters: id, as_of, as_at
MATCH (x:Event)
WHERE (x.id = $id OR x.key = $id)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN x.id AS id, x.kind AS kind, x.title AS title, x.summary AS summary, x.valid_from AS valid_from,
       x.valid_to AS valid_to, x.known_at AS known_at, x.known_at_precision AS known_at_precision, x.grade AS grade,
       x.credibility AS credibility
