// One source, or one author of forecasts or of anything else, by its id, with the words of list_sources.
// parameters: id, as_at
// clocks: none
MATCH (x:Source|Actor {id: $id})
WHERE x.recorded_from <= $as_at
RETURN x.id AS id, x.name AS name, CASE WHEN x:Source THEN 'source' ELSE 'author' END AS role, x.kind AS kind,
       CASE WHEN x:Source THEN x.grade ELSE null END AS grade, x.aliases AS aliases
ORDER BY role DESC
LIMIT 1
