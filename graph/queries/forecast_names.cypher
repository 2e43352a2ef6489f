// The keys and aliases of all forecasts, to name near ones and to find one by another of its names.
// parameters: as_of, as_at
MATCH (x:Forecast)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN x.key AS key, x.aliases AS aliases
ORDER BY key
