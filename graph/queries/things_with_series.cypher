// The instruments and actors about which a series is stored.
// parameters: none
// clocks: none
MATCH (t:Instrument|Actor)<-[:ABOUT]-(s:Series)
WHERE s.count > 0
RETURN DISTINCT t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
ORDER BY id
