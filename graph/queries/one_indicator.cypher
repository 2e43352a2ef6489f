// One indicator by its id, with the words of list_indicators.
// parameters: id, as_at
// clocks: none
MATCH (x:Indicator {id: $id})
WHERE x.recorded_from <= $as_at
RETURN x.id AS id, x.name AS name, x.kind AS kind, x.unit AS unit, x.transform AS transform, x.polarity AS polarity,
       x.publication_lag AS publication_lag, x.usual_size AS usual_size, x.usual_size_source AS usual_size_source,
       x.family AS family, x.reading AS reading, x.aliases AS aliases
