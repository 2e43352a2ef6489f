// Which things had a name on a day: their own, or another one in the time of its use.
// parameters: name, day (as text, 2026-02-05)
// clocks: none
MATCH (t:Instrument|Actor)
WHERE t.name = $name OR ($name IN coalesce(t.aliases, [])
  AND NOT any(p IN coalesce(t.alias_periods, []) WHERE p STARTS WITH $name + '|'))
  OR any(p IN coalesce(t.alias_periods, []) WHERE p STARTS WITH $name + '|'
    AND split(split(p, '|')[1], '/')[0] <= $day
    AND (split(split(p, '|')[1], '/')[1] = '' OR split(split(p, '|')[1], '/')[1] >= $day))
RETURN t.id AS id, t.name AS name
ORDER BY id
