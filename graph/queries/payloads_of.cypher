// The payloads of sources out of which a fact was read, the newest first, by the fact's key or id.
// parameters: id, as_of, as_at
MATCH (f:Observation|Event|Claim|Document|Role|Position)-[:WAS_DERIVED_FROM]->(p:Payload)
WHERE (f.key = $id OR f.id = $id) AND f.known_at <= $as_of
  AND f.recorded_from <= $as_at AND (f.recorded_to IS NULL OR f.recorded_to > $as_at)
RETURN DISTINCT f.id AS fact, labels(f)[0] AS label, f.value AS value, p.id AS payload, p.fetched_at AS fetched_at
ORDER BY fetched_at DESC, payload
