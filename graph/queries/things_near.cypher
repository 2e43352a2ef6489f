// An instrument and what is tied to it over one or two relations, roles of actors among them.
// parameters: instrument, as_of, as_at
MATCH (t:Instrument {id: $instrument})
RETURN t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
UNION
MATCH (:Instrument {id: $instrument})-[:TRACKS|UNDERLYING|EMBEDS|PART_OF|QUOTED_IN|LISTED_ON|
  ISSUED_BY|PEER_OF|FUNDED_BY|IN_CLASS|AFFILIATED_WITH]-(t:Instrument|Actor)
RETURN t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
UNION
MATCH (:Instrument {id: $instrument})-[:TRACKS|UNDERLYING|EMBEDS|PART_OF|QUOTED_IN|LISTED_ON|
  ISSUED_BY|PEER_OF|FUNDED_BY|IN_CLASS|AFFILIATED_WITH]-(m:Instrument|Actor)
MATCH (m)-[:TRACKS|UNDERLYING|EMBEDS|PART_OF|QUOTED_IN|LISTED_ON|
  ISSUED_BY|PEER_OF|FUNDED_BY|IN_CLASS|AFFILIATED_WITH]-(t:Instrument|Actor)
RETURN t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
UNION
MATCH (t:Actor)-[:PLAYS]->(r:Role)-[:FOR]->(:Instrument {id: $instrument})
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
RETURN t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
UNION
MATCH (:Instrument {id: $instrument})-[:TRACKS|UNDERLYING|EMBEDS|PART_OF|QUOTED_IN|LISTED_ON|
  ISSUED_BY|PEER_OF|FUNDED_BY|IN_CLASS|AFFILIATED_WITH]-(:Instrument|Actor)<-[:FOR]-(r:Role)<-[:PLAYS]-(t:Actor)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
RETURN t.id AS id, t.name AS name, t.kind AS kind, t.asset_class_id AS asset_class,
  CASE WHEN t:Actor THEN 'Actor' ELSE 'Instrument' END AS label
