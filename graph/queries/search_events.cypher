// Events whose key, title or other names hold every word, by the two clocks.
// parameters: words (in lower case), as_of, as_at, limit
MATCH (x:Event)
WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at AND (x.recorded_to IS NULL OR x.recorded_to > $as_at)
WITH x, toLower(x.key + ' ' + x.title) AS own, coalesce(x.aliases, []) AS aliases
WHERE all(word IN $words WHERE own CONTAINS word OR any(one IN aliases WHERE toLower(one) CONTAINS word))
RETURN 'event' AS kind, x.key AS id, x.title AS name, x.kind AS sort, aliases, x.known_at AS known_at
ORDER BY size(id), id
LIMIT $limit
