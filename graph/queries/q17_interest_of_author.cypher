// Q17. Do those who made the claims of a document gain if they are believed?
// title: Interests of an author
// parameters: document (its id, such as doc_ followed by letters and digits)
// columns: author, sign, instrument, through
// clocks: none
MATCH (:Document {key: $document})<-[:ASSERTED_IN]-(:Claim)<-[:MADE]-(p:Actor)-[h:HAS_INTEREST_IN]->(i:Instrument)
OPTIONAL MATCH (p)-[:AFFILIATED_WITH]->(o:Actor)
WITH DISTINCT p, h, i, o ORDER BY o.name
RETURN p.name AS author, h.sign AS sign, i.id AS instrument, collect(o.name) AS through
ORDER BY author, instrument
