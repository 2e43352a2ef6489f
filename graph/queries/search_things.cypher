// Instruments and actors whose id, name, symbol or other names hold every word.
// parameters: words (in lower case), as_at, limit
// clocks: none
MATCH (x:Instrument|Actor)
WHERE x.recorded_from <= $as_at
WITH x, toLower(x.id + ' ' + x.name + ' ' + coalesce(x.symbol, '')) AS own, coalesce(x.aliases, []) AS aliases
WHERE all(word IN $words WHERE own CONTAINS word OR any(one IN aliases WHERE toLower(one) CONTAINS word))
RETURN CASE WHEN x:Instrument THEN 'instrument' ELSE 'actor' END AS kind, x.id AS id, x.name AS name,
       x.kind AS sort, aliases
ORDER BY size(id), id
LIMIT $limit
