// One proposal by its id, with the words of list_proposals.
// parameters: id, as_at
// clocks: none
MATCH (x:Proposal {id: $id})
WHERE x.recorded_from <= $as_at
OPTIONAL MATCH (x)-[:WAS_GENERATED_BY]->(r:IngestRun)
RETURN x.id AS id, x.state AS state, x.statement AS statement, x.document AS document, x.title AS title,
       x.licence AS licence,
       x.text_sha256 AS text_sha256, x.start AS start, x.end AS end, x.span_sha256 AS span_sha256, x.body AS body,
       x.model AS model, x.prompt_version AS prompt_version, x.proposed_at AS proposed_at, x.doubts AS doubts,
       x.decided_by AS decided_by, x.decided_at AS decided_at, x.why AS why, x.edits AS edits, x.claim AS claim,
       r.id AS run
