// The instruments and actors that a case holds, under the name and kind that this case gives them.
// parameters: case
// clocks: none
MATCH (:Case {id: $case})<-[h:PART_OF]-(t:Instrument|Actor)
RETURN DISTINCT t.id AS id, coalesce(h.name, t.name) AS name, coalesce(h.kind, t.kind) AS kind,
  t.asset_class_id AS asset_class, CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
ORDER BY id
