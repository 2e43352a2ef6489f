// The keys of facts and arguments, to propose near ones.
// parameters: as_of, as_at
MATCH (x:Observation|Claim|Argument)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN DISTINCT x.key AS id
ORDER BY id
