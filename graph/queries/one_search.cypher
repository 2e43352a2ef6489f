// One search for what was missing, by the id of a recorded version or by its key, with the words of list_searches.
// parameters: id, as_of, as_at
MATCH (x:Search)-[:OF]->(g)
WHERE (x.id = $id OR x.key = $id)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
  AND g.known_at <= $as_of AND g.recorded_from <= $as_at
OPTIONAL MATCH (g)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (g)-[:ABOUT]->(s:Instrument|Actor)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(x)
WITH x, min(g.key) AS gap, min(g.item) AS item, min(i.name) AS indicator, min(s.id) AS subject, min(w.id) AS by,
  min(w.name) AS name
RETURN x.id AS id, x.key AS key, gap, item, indicator, subject, x.outcome AS outcome, x.detection AS detection,
  x.false_alarm AS false_alarm, x.window AS window, x.how AS how, by, name, x.known_at AS known_at
