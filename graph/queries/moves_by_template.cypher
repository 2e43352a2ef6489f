// The moves of which a case tells a story of each template.
// parameters: as_of, as_at
MATCH (t:Template)<-[:INSTANCE_OF]-(n:Narrative {origin: 'case'})-[:EXPLAINS]->(m:Move)-[:ABOUT]->(i:Instrument)
WHERE m.known_at <= $as_of AND m.recorded_from <= $as_at AND (m.recorded_to IS NULL OR m.recorded_to > $as_at)
RETURN DISTINCT t.id AS template, m.key AS move, i.id AS instrument, i.kind AS kind, m.start AS start, m.return AS return
ORDER BY template, move
