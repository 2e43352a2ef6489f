// One page of searches for what was missing after the row (after_time, after_id), of one move (its key), gap or person.
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, move, gap, outcome, by
MATCH (x:Search)-[:OF]->(g)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND g.known_at <= $as_of AND g.recorded_from <= $as_at
  AND ($updated_since IS NULL OR x.recorded_from > $updated_since)
WITH x, g, x.known_at AS time, datetime($after_time) AS after
WHERE (time > after OR (time = after AND x.id > $after_id)) AND ($gap IS NULL OR g.key = $gap)
  AND ($outcome IS NULL OR x.outcome = $outcome)
OPTIONAL MATCH (g)-[:PART_OF]->(:Case)<-[:PART_OF]-(cased {key: $move})
OPTIONAL MATCH (g)-[:ABOUT]->(lacking {key: $move})
OPTIONAL MATCH (g)-[:WAS_DERIVED_FROM]->(:Document)-[:PART_OF]->(:Case)<-[:PART_OF]-(told {key: $move})
WITH x, g, time, count(cased) + count(lacking) + count(told) AS moves
WHERE $move IS NULL OR moves > 0
OPTIONAL MATCH (g)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (g)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(x)
WITH x, time, min(g.key) AS gap, min(g.item) AS item, min(i.name) AS indicator, min(s.id) AS subject, min(w.id) AS by,
  min(w.name) AS name
WHERE $by IS NULL OR by = $by
RETURN x.id AS id, x.key AS key, gap, item, indicator, subject, x.outcome AS outcome, x.detection AS detection,
  x.false_alarm AS false_alarm, x.window AS window, x.how AS how, by, name, x.known_at AS known_at, time
ORDER BY time, id
LIMIT $limit
