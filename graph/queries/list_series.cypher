// One page of series after the row after_id, those of one indicator or about one thing where that is asked for (null: all).
// parameters: as_at, after_id, limit, indicator, subject
// clocks: none
MATCH (s:Series)
WHERE s.id > $after_id AND s.recorded_from <= $as_at
OPTIONAL MATCH (s)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (s)-[:ABOUT]->(t:Instrument|Actor)
WITH s, min(i.name) AS indicator, min(i.id) AS measure, collect(DISTINCT t.id) AS subjects
WHERE ($indicator IS NULL OR $indicator IN [indicator, measure]) AND ($subject IS NULL OR $subject IN subjects)
RETURN s.id AS id, s.name AS name, indicator, subjects, s.unit AS unit, s.frequency AS frequency, s.tz AS tz,
       s.cutoff AS cutoff, s.session_calendar AS session_calendar, s.licence AS licence,
       coalesce(s.source, s.provider) AS source, s.first AS first, s.last AS last, s.count AS count,
       s.publication_lag AS publication_lag
ORDER BY id
LIMIT $limit
