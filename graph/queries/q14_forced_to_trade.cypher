// Q14. Who was forced to trade, by what, and which way?
// title: Who was forced to trade
// parameters: as_of, as_at
// columns: actor, trigger, side, instrument
MATCH (a:Actor)-[:SUBJECT_TO]->(t:Event|StrikeZone)-[:FORCES]->(l:Leg)-[:ABOUT]->(i:Instrument|Actor)
WHERE t:StrikeZone
  OR (t.known_at <= $as_of AND t.recorded_from <= $as_at AND (t.recorded_to IS NULL OR t.recorded_to > $as_at))
RETURN a.name AS actor, t.id AS trigger, l.side AS side, i.id AS instrument
ORDER BY actor, trigger, instrument
