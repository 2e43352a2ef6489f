// Q30. What of a move was recorded or retired since an instant?
// title: What changed since
// parameters: move, since, as_of, as_at
// columns: what, id, recorded_from
MATCH (:Move {id: $move})<-[:DURING|EXPLAINS|ABOUT]-(x:Observation|Claim|Event|DataGap)
WHERE (x.recorded_from > $since OR x.recorded_to > $since)
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN head([name IN labels(x) WHERE name IN ['Observation', 'Claim', 'Event', 'DataGap']]) AS what, x.id AS id,
  x.recorded_from AS recorded_from
UNION
MATCH (:Move {id: $move})<-[:DURING]-(:Observation)-[:SIDE_OF]->(x:Dispute)
WHERE x.recorded_from > $since
  AND x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
RETURN 'Dispute' AS what, x.id AS id, x.recorded_from AS recorded_from
UNION
MATCH (:Move {id: $move})<-[:ABOUT]-(x:Explanation) WHERE x.recorded_from > $since
RETURN 'Explanation' AS what, x.id AS id, x.recorded_from AS recorded_from
