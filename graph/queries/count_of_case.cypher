// How many readings and claims of a case were known by `as_of`.
// parameters: case, as_of, as_at
MATCH (:Case {id: $case})<-[:PART_OF]-(f:Observation|Claim)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
RETURN count(DISTINCT f) AS facts
