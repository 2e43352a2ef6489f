// Q8. How did the ranking evolve from one explanation of a move to the next?
// title: How the answer evolved
// parameters: move
// columns: from, as_of, narrative, before, after
// clocks: none
MATCH (e1:Explanation)-[:NEXT]->(e2:Explanation)-[:ABOUT]->(:Move {id: $move})
MATCH (e1)-[x:SCORED]->(n:Narrative)<-[y:SCORED]-(e2)
RETURN e1.as_of AS from, e2.as_of AS as_of, n.id AS narrative, x.posterior AS before, y.posterior AS after
ORDER BY from, as_of, narrative
