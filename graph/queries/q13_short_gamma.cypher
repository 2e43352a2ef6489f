// Q13. Who was short options, at which strikes, and was the price in that zone?
// parameters: move, as_of, as_at
MATCH (a:Actor)-[:HOLDS]->(p:Position)-[:IN_ZONE]->(z:StrikeZone)-[:ABOUT]->(i:Instrument)
WHERE p.known_at <= $as_of AND p.recorded_from <= $as_at AND (p.recorded_to IS NULL OR p.recorded_to > $as_at)
MATCH (p)-[:HAS_LEG]->(:Leg {side: 'sell'})
OPTIONAL MATCH (i)<-[:ABOUT]-(o:Observation)-[:OF_INDICATOR]->(:Indicator {id: 'price_level'})
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND (o)-[:DURING]->(:Move {id: $move}) AND z.low <= o.value_base AND o.value_base <= z.high
RETURN a.name AS actor, z.low AS low, z.high AS high, i.id AS instrument, count(o) > 0 AS spot_in_zone
ORDER BY actor, low
