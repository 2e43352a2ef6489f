// One page of actors after the row after_id.
// parameters: as_at, after_id, limit
// clocks: none
MATCH (x:Actor)
WHERE x.id > $after_id AND x.recorded_from <= $as_at
RETURN x.id AS id, x.name AS name, x.kind AS kind, x.country AS country, x.lei AS lei, x.handle AS handle,
       x.named AS named, x.note AS note, x.identifiers AS identifiers, x.aliases AS aliases
ORDER BY id
LIMIT $limit
