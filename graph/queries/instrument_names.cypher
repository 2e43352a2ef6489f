// The names of all instruments, to propose near ones.
// clocks: none
MATCH (i:Instrument)
RETURN i.id AS id, i.name AS name, i.symbol AS symbol, i.aliases AS aliases
ORDER BY id
