// Which instruments and actors the graph knows, with what tells one from another.
// clocks: none
MATCH (t:Instrument|Actor)
RETURN CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label, t.id AS id, t.name AS name, t.lei AS lei,
  t.mic AS mic, t.figi AS figi, t.caip19 AS caip19, t.identifiers AS identifiers
ORDER BY label, id
