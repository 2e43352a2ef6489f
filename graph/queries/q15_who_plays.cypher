// Q15. Which actors play a role for an instrument, and since when?
// title: Who plays a role
// parameters: instrument (such as ibit), role (such as authorised_participant), as_of, as_at
// columns: actor, since, until
MATCH (a:Actor)-[:PLAYS]->(r:Role {kind: $role})-[:FOR]->(:Instrument {id: $instrument})
WHERE r.known_at <= $as_of AND r.recorded_from <= $as_at AND (r.recorded_to IS NULL OR r.recorded_to > $as_at)
RETURN DISTINCT a.name AS actor, r.valid_from AS since, r.valid_to AS until
ORDER BY actor, since
