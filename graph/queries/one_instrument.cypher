// One instrument by its id, with the words of list_instruments.
// parameters: id, as_at
// clocks: none
MATCH (x:Instrument {id: $id})
WHERE x.recorded_from <= $as_at
RETURN x.id AS id, x.name AS name, x.kind AS kind, x.symbol AS symbol, x.asset_class AS asset_class,
       x.aliases AS aliases
