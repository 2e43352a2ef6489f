// What tells of each published thing whether another is a copy of it.
// clocks: none
MATCH (d:Document) WHERE d.recorded_to IS NULL
RETURN d.key AS key, d.title AS title, d.url AS url, d.words_sha256 AS words, d.signature AS signature,
  d.known_at AS known_at
ORDER BY key
