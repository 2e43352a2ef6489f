// Which facts are brought for or against the narratives of a case.
// parameters: case, as_of, as_at
MATCH (:Case {id: $case})<-[:PART_OF]-(n:Narrative)<-[r:SUPPORTS|REBUTS]-(f:Observation|Claim)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
RETURN DISTINCT n.id AS narrative, type(r) AS kind, f.key AS fact
ORDER BY narrative, kind, fact
