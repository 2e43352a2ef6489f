// Every judgement with what it is about, those of one item of evidence and one step (a cell) together.
// Of the stories of a case or of a move (its key) where asked (null: all).
// parameters: case, move, as_of, as_at
MATCH (f)<-[:OF]-(j:Judgement)-[:ASSESSES]->(s:Step|Narrative)
WHERE j.known_at <= $as_of AND j.recorded_from <= $as_at AND (j.recorded_to IS NULL OR j.recorded_to > $as_at)
OPTIONAL MATCH (n:Narrative)-[:HAS_STEP]->(s)
OPTIONAL MATCH (n)-[:PART_OF]->(c:Case)
OPTIONAL MATCH (n)-[:EXPLAINS]->(m)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(j)
WITH f, j, s, collect(DISTINCT n.id) AS narratives, collect(DISTINCT c.id) AS cases, collect(DISTINCT m.key) AS moves,
  min(w.name) AS by
WHERE ($case IS NULL OR $case IN cases) AND ($move IS NULL OR $move IN moves)
RETURN f.key AS evidence, f.statement AS statement, s.id AS step, s.n AS n, s.text AS step_text, narratives,
       j.key AS judgement, j.weight_bits AS bits, by, j.note AS note
ORDER BY evidence, step, by, judgement
