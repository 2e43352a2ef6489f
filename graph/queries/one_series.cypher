// One series by its id, with the words of list_series.
// parameters: id, as_at
// clocks: none
MATCH (s:Series {id: $id})
WHERE s.recorded_from <= $as_at
OPTIONAL MATCH (s)-[:OF_INDICATOR]->(i:Indicator)
OPTIONAL MATCH (s)-[:ABOUT]->(t:Instrument|Actor)
WITH s, min(i.name) AS indicator, collect(DISTINCT t.id) AS subjects
RETURN s.id AS id, s.name AS name, indicator, subjects, s.unit AS unit, s.frequency AS frequency, s.tz AS tz,
       s.cutoff AS cutoff, s.session_calendar AS session_calendar, s.licence AS licence,
       coalesce(s.source, s.provider) AS source, s.first AS first, s.last AS last, s.count AS count,
       s.publication_lag AS publication_lag
