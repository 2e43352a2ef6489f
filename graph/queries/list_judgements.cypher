// One page of analysts' judgements after the row (after_time, after_id), of one analyst, item of evidence or step.
// parameters: as_of, as_at, after_time, after_id, limit, updated_since, by, evidence, step
MATCH (j:Judgement)-[:ASSESSES]->(s:Step|Narrative), (j)-[:OF]->(f)
WHERE j.known_at <= $as_of AND j.recorded_from <= $as_at AND (j.recorded_to IS NULL OR j.recorded_to > $as_at)
  AND ($updated_since IS NULL OR j.recorded_from > $updated_since)
WITH j, s, f, j.known_at AS time, datetime($after_time) AS after
WHERE (time > after OR (time = after AND j.id > $after_id)) AND ($evidence IS NULL OR f.key = $evidence)
  AND ($step IS NULL OR s.id = $step)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(j)
WITH j, s, f, time, min(w.id) AS by, min(w.name) AS name
WHERE $by IS NULL OR by = $by
RETURN j.id AS id, j.key AS key, f.key AS evidence, f.statement AS statement, s.id AS step, s.text AS step_text,
       j.weight_bits AS bits, by, name, j.note AS note, j.known_at AS known_at, time
ORDER BY time, id
LIMIT $limit
