// The ids of all series, to propose near ones.
// parameters: none
// clocks: none
MATCH (s:Series)
RETURN s.id AS id
ORDER BY id
