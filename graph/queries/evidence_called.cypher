// Facts and arguments that a judgement can be about, by key, by the id of a version, or by the last part of a key.
// parameters: name, ending, as_of, as_at
MATCH (x:Observation|Claim|Argument)
WHERE (x.key = $name OR x.id = $name OR x.key ENDS WITH $ending OR $name IN coalesce(x.aliases, []))
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN x.key AS key, CASE WHEN x:Observation THEN 'Observation' WHEN x:Claim THEN 'Claim' ELSE 'Argument' END AS label
ORDER BY key
