// The published things with their names.
// clocks: none
MATCH (d:Document) WHERE d.recorded_to IS NULL
RETURN d.key AS key, d.title AS title, d.aliases AS aliases
ORDER BY key
