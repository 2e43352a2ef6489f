// The instruments and actors that a case holds.
// parameters: case
// clocks: none
MATCH (:Case {id: $case})<-[:PART_OF]-(t:Instrument|Actor)
RETURN DISTINCT t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
ORDER BY id
