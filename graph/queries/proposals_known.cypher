// Which of these proposals the graph holds, decided or not.
// parameters: ids
// clocks: none
MATCH (x:Proposal)
WHERE x.id IN $ids
RETURN x.id AS id
