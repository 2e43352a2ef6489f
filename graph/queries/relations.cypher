// What ties the given instruments and actors to one another.
// parameters: ids
// clocks: none
UNWIND $ids AS id
MATCH (a:Instrument|Actor {id: id})-[r:TRACKS|UNDERLYING|EMBEDS|PART_OF|QUOTED_IN|LISTED_ON|
  ISSUED_BY|PEER_OF|FUNDED_BY|IN_CLASS|AFFILIATED_WITH]->(b:Instrument|Actor)
WHERE b.id IN $ids
RETURN DISTINCT type(r) AS type, a.id AS from, b.id AS to
ORDER BY type, from, to
