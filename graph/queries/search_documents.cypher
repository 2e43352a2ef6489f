// Documents whose key, title or other names hold every word; one without a date is known since it was recorded.
// parameters: words (in lower case), as_of, as_at, limit
// clocks: none
MATCH (x:Document)
WHERE coalesce(x.known_at, x.recorded_from) <= $as_of AND x.recorded_from <= $as_at
  AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
WITH x, toLower(x.key + ' ' + coalesce(x.title, '')) AS own, coalesce(x.aliases, []) AS aliases
WHERE all(word IN $words WHERE own CONTAINS word OR any(one IN aliases WHERE toLower(one) CONTAINS word))
RETURN 'document' AS kind, x.key AS id, x.title AS name, x.kind AS sort, aliases, x.known_at AS known_at
ORDER BY size(id), id
LIMIT $limit
