// One page of the cases that the graph holds, after the row after_id.
// parameters: as_at, after_id, limit
// clocks: none
MATCH (c:Case)
WHERE c.id > $after_id AND c.recorded_from <= $as_at
RETURN c.id AS id, c.title AS title
ORDER BY id
LIMIT $limit
