// One page of indicators after the row after_id.
// parameters: as_at, after_id, limit
// clocks: none
MATCH (x:Indicator)
WHERE x.id > $after_id AND x.recorded_from <= $as_at
RETURN x.id AS id, x.name AS name, x.kind AS kind, x.unit AS unit, x.transform AS transform, x.polarity AS polarity,
       x.publication_lag AS publication_lag, x.usual_size AS usual_size, x.usual_size_source AS usual_size_source,
       x.family AS family, x.reading AS reading, x.aliases AS aliases
ORDER BY id
LIMIT $limit
