// Q13. Who was short options, at which strikes, and did the price get there?
// title: Who was short gamma
// parameters: move, as_of, as_at
// columns: id, actor, low, high, instrument, lowest, highest, reached
MATCH (m:Move {id: $move})
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
MATCH (a:Actor)-[:HOLDS]->(p:Position)-[:IN_ZONE]->(z:StrikeZone)-[:ABOUT]->(i:Instrument)
WHERE p.known_at <= $as_of AND p.recorded_from <= $as_at AND (p.recorded_to IS NULL OR p.recorded_to > $as_at)
MATCH (p)-[:HAS_LEG]->(:Leg {side: 'sell'})
OPTIONAL MATCH (i)<-[:ABOUT]-(o:Observation|Claim)-[:OF_INDICATOR]->(:Indicator {id: 'price_level'})
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
  AND o.valid_to >= m.valid_from AND substring(toString(o.valid_from), 0, 10) <= substring(toString(m.valid_to), 0, 10)
WITH a, z, i, m, min(o.value_base) AS lowest, max(o.value_base) AS highest
RETURN a.id AS id, a.name AS actor, z.low AS low, z.high AS high, i.id AS instrument, lowest, highest,
  CASE WHEN lowest IS NULL THEN null WHEN m.return < 0 THEN lowest <= z.high ELSE highest >= z.low END AS reached
ORDER BY actor, instrument, low
