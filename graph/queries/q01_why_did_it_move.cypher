// Q1. Why did it move? The latest explanation of a move: its narratives by slot and rank, something else among them.
// title: Why it moved
// parameters: move (its id, such as 2026-02-05-bitcoin-flash-crash:move)
// columns: slot, narrative, title, posterior, confidence, rank
// clocks: none
MATCH (e:Explanation)-[:ABOUT]->(:Move {id: $move}) WHERE NOT (e)-[:VARIANT_OF]->()
WITH e ORDER BY e.as_of DESC, e.recorded_from DESC LIMIT 1
MATCH (e)-[s:SCORED]->(n:Narrative)
RETURN n.slot AS slot, n.id AS narrative, n.title AS title, s.posterior AS posterior, s.confidence AS confidence,
  s.rank AS rank
ORDER BY slot, rank
