// One page of proposals after the row (after_time, after_id), in one state or of one document (its key) where asked (null: all).
// parameters: as_at, after_time, after_id, limit, state, document
// clocks: none
MATCH (x:Proposal)
WHERE x.recorded_from <= $as_at AND ($state IS NULL OR x.state = $state)
  AND ($document IS NULL OR x.document = $document)
WITH x, x.proposed_at AS time, datetime($after_time) AS after
WHERE time > after OR (time = after AND x.id > $after_id)
OPTIONAL MATCH (x)-[:WAS_GENERATED_BY]->(r:IngestRun)
RETURN x.id AS id, x.state AS state, x.statement AS statement, x.document AS document, x.title AS title,
       x.licence AS licence,
       x.text_sha256 AS text_sha256, x.start AS start, x.end AS end, x.span_sha256 AS span_sha256, x.body AS body,
       x.model AS model, x.prompt_version AS prompt_version, x.proposed_at AS proposed_at, x.doubts AS doubts,
       x.decided_by AS decided_by, x.decided_at AS decided_at, x.why AS why, x.edits AS edits, x.claim AS claim,
       r.id AS run, time
ORDER BY time, id
LIMIT $limit
