// The ids of steps, to propose near ones.
// clocks: none
MATCH (s:Step)
RETURN s.id AS id
ORDER BY id
