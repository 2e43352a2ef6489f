// The published things that a case cites.
// parameters: case
// clocks: none
MATCH (:Case {id: $case})<-[:PART_OF]-(d:Document) WHERE d.recorded_to IS NULL
RETURN DISTINCT d.key AS key
ORDER BY key
