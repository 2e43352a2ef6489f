// The narratives that a case brings; what hindsight says of them lies elsewhere and is not read.
// parameters: case, as_at
// clocks: none
MATCH (:Case {id: $case})<-[:PART_OF]-(n:Narrative)
WHERE n.recorded_from <= $as_at AND (n.recorded_to IS NULL OR n.recorded_to > $as_at)
OPTIONAL MATCH (n)-[:INSTANCE_OF]->(t:Template)
RETURN n.id AS id, n.title AS title, n.summary AS summary, n.slot AS slot, n.origin AS origin, n.roles AS roles,
  n.unbound_roles AS unbound_roles, n.recorded_from AS recorded_from, n.prior AS prior, t.id AS template,
  n.template_version AS template_version
ORDER BY id, template
