// Q3. What did somebody argue, and which narrative or step does each argument attack?
// title: What somebody argued
// parameters: actor (such as park), as_of, as_at
// columns: argument, how, what
MATCH (:Actor {id: $actor})-[:MADE]->(g:Argument)-[r:REBUTS|UNDERCUTS]->(t:Narrative|Step)
WHERE g.known_at <= $as_of AND g.recorded_from <= $as_at AND (g.recorded_to IS NULL OR g.recorded_to > $as_at)
RETURN DISTINCT g.statement AS argument, type(r) AS how, t.id AS what
ORDER BY what, argument
