// The explanations of one move in the order of their known clock.
// parameters: move (its key)
// clocks: none
MATCH (e:Explanation)-[:ABOUT]->(:Move {key: $move})
RETURN DISTINCT e.id AS id, e.as_of AS as_of, e.as_at AS as_at
ORDER BY as_of, as_at, id
