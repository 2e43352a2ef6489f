// The steps of a case's narratives; a step of two narratives comes once for each.
// parameters: case
// clocks: none
MATCH (:Case {id: $case})<-[:PART_OF]-(n:Narrative)-[h:HAS_STEP]->(s:Step)
RETURN n.id AS narrative, h.n AS n, s.id AS id, s.n AS own_n, s.text AS text, s.key AS key, s.necessity AS necessity,
  s.base_rate AS base_rate
ORDER BY narrative, n, id
