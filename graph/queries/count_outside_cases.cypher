// How many readings and claims about given things in a window were known by `as_of`, of those that no case holds.
// parameters: ids, from, until, as_of, as_at
UNWIND $ids AS id
MATCH (:Instrument|Actor {id: id})<-[:ABOUT]-(f:Observation|Claim)
WHERE f.known_at <= $as_of AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
  AND f.valid_from <= $until AND (f.valid_to IS NULL OR f.valid_to >= $from)
  AND NOT (f)-[:PART_OF]->(:Case)
RETURN count(DISTINCT f) AS facts
