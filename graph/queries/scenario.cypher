// One scenario by its id.
// parameters: id
// clocks: none
MATCH (c:Scenario {id: $id})
RETURN c.id AS id, c.kind AS kind, c.changes AS changes, c.estimate AS estimate, c.low AS low, c.high AS high,
  c.identifiable AS identifiable
