// What is claimed about firms, how firmly, and by whom: what is alleged is never more than a claim with an author.
// parameters: as_of, as_at
MATCH (a:Actor)<-[:ABOUT]-(o:Claim)
WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)
OPTIONAL MATCH (w:Actor|Source)-[:MADE]->(o)
OPTIONAL MATCH (o)-[:WAS_ATTRIBUTED_TO]->(p:Source)
RETURN DISTINCT a.name AS firm, o.statement AS claim, o.modality AS modality, o.sensitive AS sensitive,
  coalesce(w.name, p.name) AS by
ORDER BY firm, claim, by
