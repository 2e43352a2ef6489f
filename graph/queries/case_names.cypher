// The ids of all cases, to propose near ones.
// clocks: none
MATCH (c:Case)
RETURN c.id AS id
ORDER BY id
