// Gaps of this key, of this id of a version, or of this last part of a key; and where the name is null, all of them.
// parameters: name, ending, as_of, as_at
MATCH (g:DataGap)
WHERE ($name IS NULL OR g.key = $name OR g.id = $name OR g.key ENDS WITH $ending OR $name IN coalesce(g.aliases, []))
  AND g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
RETURN DISTINCT g.key AS id
ORDER BY id
