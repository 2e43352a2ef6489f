// Who or what is meant by a name: instruments, actors and sources of this id, alias, symbol or name.
// parameters: name, folded (the name in lower case)
// clocks: none
MATCH (t:Instrument|Actor|Source)
WHERE t.id = $name OR toLower(t.name) = $folded OR toLower(coalesce(t.symbol, '')) = $folded
  OR any(word IN coalesce(t.aliases, []) WHERE toLower(word) = $folded)
RETURN t.id AS id, t.name AS name,
  CASE WHEN t:Instrument THEN 'Instrument' WHEN t:Actor THEN 'Actor' ELSE 'Source' END AS label
ORDER BY id
