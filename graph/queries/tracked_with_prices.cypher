// What an instrument tracks, as far as a series of its price is stored.
// parameters: instrument
// clocks: none
MATCH (:Instrument {id: $instrument})-[:TRACKS]->(t:Instrument)<-[:ABOUT]-(s:Series)-[:OF_INDICATOR]->(i:Indicator)
WHERE s.count > 0 AND i.name IN ['price level', 'fx level', 'yield level']
RETURN DISTINCT t.id AS id
ORDER BY id
