// Q7. What was knowable about a move, by the readings of its case, at an instant (as_of)?
// title: What was knowable
// parameters: move, as_of, as_at
// columns: indicator, subject, value, unit, known_at, fact
MATCH (:Move {id: $move})-[:PART_OF]->(:Case)<-[:PART_OF]-(o:Observation)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
MATCH (o)-[:OF_INDICATOR]->(i:Indicator)
MATCH (o)-[:ABOUT]->(x:Instrument|Actor)
RETURN DISTINCT i.name AS indicator, x.id AS subject, o.value AS value, o.unit AS unit, o.known_at AS known_at,
  o.id AS fact
ORDER BY known_at, fact
