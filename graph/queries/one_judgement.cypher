// One judgement by the id of a recorded version or by its key, with the words of list_judgements.
// parameters: id, as_of, as_at
MATCH (j:Judgement)-[:ASSESSES]->(s:Step|Narrative), (j)-[:OF]->(f)
WHERE (j.id = $id OR j.key = $id)
  AND j.known_at <= $as_of AND j.recorded_from <= $as_at AND (j.recorded_to IS NULL OR j.recorded_to > $as_at)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(j)
WITH j, s, f, min(w.id) AS by, min(w.name) AS name
RETURN j.id AS id, j.key AS key, f.key AS evidence, f.statement AS statement, s.id AS step, s.text AS step_text,
       j.weight_bits AS bits, by, name, j.note AS note, j.known_at AS known_at
