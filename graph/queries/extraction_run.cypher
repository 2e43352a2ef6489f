// The run that made a proposal: what was read, by its description and the hash of its text.
// parameters: run
// clocks: none
MATCH (r:IngestRun {id: $run})
RETURN r.id AS id, r.state AS state, r.description AS description, r.text_sha256 AS text_sha256, r.counters AS counters
