// Steps by their id, by the last part of it (story.n), or by another name.
// parameters: name, ending
// clocks: none
MATCH (s:Step)
WHERE s.id = $name OR s.id ENDS WITH $ending OR $name IN coalesce(s.aliases, [])
RETURN s.id AS id
ORDER BY id
