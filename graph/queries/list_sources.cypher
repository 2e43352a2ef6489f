// One page of who publishes (sources) and of who forecasts (authors), after the row after_id.
// parameters: as_at, after_id, limit
// clocks: none
MATCH (x:Source|Actor)
WHERE x.id > $after_id AND x.recorded_from <= $as_at AND (x:Source OR EXISTS { MATCH (x)-[:MADE]->(:Forecast) })
RETURN x.id AS id, x.name AS name, CASE WHEN x:Source THEN 'source' ELSE 'author' END AS role, x.kind AS kind,
       CASE WHEN x:Source THEN x.grade ELSE null END AS grade, x.aliases AS aliases
ORDER BY id
LIMIT $limit
