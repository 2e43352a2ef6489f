// Q7. What was knowable about a move at an instant?
// parameters: move, as_of, as_at
MATCH (o:Observation)-[:DURING]->(:Move {id: $move}), (o)-[:OF_INDICATOR]->(i:Indicator),
  (o)-[:ABOUT]->(x:Instrument|Actor)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
RETURN i.name AS indicator, x.id AS subject, o.value AS value, o.unit AS unit, o.known_at AS known_at, o.id AS fact
ORDER BY known_at, fact
