// The instruments that a name may mean: by id, alias, symbol or name; of a crypto asset by its code alone (BTC).
// parameters: name, folded (the same in lower case)
// clocks: none
MATCH (i:Instrument)
WHERE i.id = $name OR i.id = $folded OR toLower(i.symbol) = $folded OR toLower(i.name) = $folded OR $name IN i.aliases
  OR (i.kind STARTS WITH 'crypto' AND toLower(i.symbol) STARTS WITH $folded + '/')
RETURN i.id AS id, i.name AS name, i.symbol AS symbol, i.kind AS kind, i.tz AS tz,
  i.session_calendar AS session_calendar
ORDER BY id
