// The ids and names of actors and sources, to propose near ones.
// clocks: none
MATCH (t:Actor|Source)
RETURN t.id AS id, t.name AS name
ORDER BY id
