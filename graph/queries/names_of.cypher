// What actors, sources, series and ingest runs are called, by their ids.
// parameters: ids
// clocks: none
UNWIND $ids AS id
MATCH (x:Actor|Source|Series|IngestRun {id: id})
RETURN DISTINCT x.id AS id, labels(x) AS labels, x.name AS name, x.licence AS licence, x.connector AS connector,
       x.started_at AS started_at, x.ended_at AS ended_at
ORDER BY id
