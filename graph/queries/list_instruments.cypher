// One page of instruments after the row after_id.
// parameters: as_at, after_id, limit
// clocks: none
MATCH (i:Instrument)
WHERE i.id > $after_id AND i.recorded_from <= $as_at
RETURN i.id AS id, i.name AS name, i.kind AS kind, i.symbol AS symbol, i.asset_class AS asset_class,
       i.aliases AS aliases
ORDER BY id
LIMIT $limit
