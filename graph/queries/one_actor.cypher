// One actor by its id, with the words of list_actors.
// parameters: id, as_at
// clocks: none
MATCH (x:Actor {id: $id})
WHERE x.recorded_from <= $as_at
RETURN x.id AS id, x.name AS name, x.kind AS kind, x.country AS country, x.lei AS lei, x.handle AS handle,
       x.named AS named, x.note AS note, x.identifiers AS identifiers, x.aliases AS aliases
