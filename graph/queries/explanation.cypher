// One stored explanation as it was given out.
// parameters: id
// clocks: none
MATCH (e:Explanation {id: $id})
RETURN e.id AS id, e.body AS body
