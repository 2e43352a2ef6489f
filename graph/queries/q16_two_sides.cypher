// Q16. Which actors have more than one part in what a move was about: roles, issuer, venue?
// title: Actors on two sides
// parameters: move, as_of, as_at
// columns: id, actor, lei, parts
MATCH (:Move {id: $move})-[:PART_OF]->(:Case)<-[:PART_OF]-(i:Instrument)
WITH collect(DISTINCT i.id) AS things
MATCH (a:Actor)
OPTIONAL MATCH (a)-[:PLAYS]->(r:Role)-[:FOR]->(x:Instrument)
WHERE x.id IN things
  AND r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
WITH a, things, collect(DISTINCT r.kind) AS roles, collect(DISTINCT r.kind + ' of ' + x.id) AS plays
OPTIONAL MATCH (a)<-[:ISSUED_BY]-(y:Instrument) WHERE y.id IN things
WITH a, things, roles, plays, collect(DISTINCT 'issuer of ' + y.id) AS issues
OPTIONAL MATCH (a)<-[:LISTED_ON]-(v:Instrument) WHERE v.id IN things
WITH a, roles, plays, issues, collect(DISTINCT 'venue of ' + v.id) AS lists
WHERE size(roles) + CASE WHEN size(issues) > 0 THEN 1 ELSE 0 END + CASE WHEN size(lists) > 0 THEN 1 ELSE 0 END > 1
RETURN a.id AS id, a.name AS actor, a.lei AS lei, plays + issues + lists AS parts
ORDER BY id
