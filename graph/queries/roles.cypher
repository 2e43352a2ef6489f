// The roles that the given actors play for the given instruments and actors.
// parameters: ids, as_of, as_at
UNWIND $ids AS id
MATCH (a:Actor {id: id})-[:PLAYS]->(r:Role)-[:FOR]->(b:Instrument|Actor)
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
  AND b.id IN $ids
RETURN DISTINCT a.id AS from, r.kind AS role, b.id AS to
ORDER BY from, role, to
