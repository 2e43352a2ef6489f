// The stored series about given things, with what they measure and by which clock.
// parameters: ids
// clocks: none
UNWIND $ids AS id
MATCH (t:Instrument|Actor {id: id})<-[:ABOUT]-(s:Series)-[:OF_INDICATOR]->(i:Indicator)
WHERE s.count > 0
RETURN DISTINCT s.id AS id, i.name AS indicator, t.id AS subject, s.unit AS unit, s.frequency AS frequency, s.tz AS tz,
  s.cutoff AS cutoff, s.session_calendar AS session_calendar, s.licence AS licence, s.source AS source,
  s.first AS first, s.last AS last, s.count AS count, s.publication_lag AS publication_lag
ORDER BY id
