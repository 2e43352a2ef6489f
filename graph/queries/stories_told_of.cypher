// Stories that documents tell of moves of an instrument, with the days of the move that each explains.
// parameters: instrument, as_of, as_at
MATCH (n:Narrative {origin: 'document'})-[:EXPLAINS]->(m:Move)-[:ABOUT]->(:Instrument {id: $instrument})
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
RETURN DISTINCT n.id AS narrative, m.start AS start, m.end AS end
ORDER BY narrative, start, end
