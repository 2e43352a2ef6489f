"""The paths by which a server itself takes many rows at once, beside which storing is measured.

None of them can be repeated without storing everything twice. The embedded server takes lines of JSON over HTTP while
it runs; an instant stays a text there. Neo4j imports CSV into a database that is empty and not running: `LOAD CSV`,
which works while it runs, reads files on the server's side, and is shut for the sake of analysts.
"""

from __future__ import annotations

import asyncio
import base64
import csv
import http.client
import json
import os
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from graph.embedded import DATABASE, SERVICE_USER, passwords_of
from graph.model import Batch, Node
from graph.process import living_process
from graph.values import encode
from tests.neo4j.server import install, java

CLOCK = "known_at"
_IMPORT_JVM = ("-Xmx512m", "--add-opens=java.base/java.nio=ALL-UNNAMED")


def row_of(node: Node, prefix: str) -> dict[str, object]:
    """A node as the paths of the server take it, under an id of its own."""
    sent = encode(node.properties)
    return {"id": f"{prefix}{node.id}", "properties": sent.plain, "at": sent.instants[CLOCK]}


class EmbeddedBulk:
    """`POST /api/v1/batch` of the embedded server of a data folder, with its log of writes as all else has it."""

    def __init__(self, data: Path, subject: str) -> None:
        process = living_process(data)
        assert process is not None, "start the server first"
        self._port = process.http
        user = f"{SERVICE_USER}:{passwords_of(data).service}"
        self._headers = {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
        found = self._post(
            f"/api/v1/command/{DATABASE}",
            json.dumps({"language": "sql", "command": f"SELECT @rid AS rid FROM Instrument WHERE id = '{subject}'"}),
            "application/json",
        )
        self._subject = str(found["result"][0]["rid"])  # type: ignore[index]  # read as it is documented

    async def load(self, batch: Batch, prefix: str) -> None:
        """The observations of a batch, each with its relationship to the instrument."""
        await asyncio.to_thread(self._load, batch, prefix)

    def _load(self, batch: Batch, prefix: str) -> None:
        lines: list[dict[str, object]] = []
        for node in batch.nodes:
            row = row_of(node, prefix)
            given = {"id": row["id"], CLOCK: row["at"], **encode(node.properties).plain}
            lines.append({"@type": "vertex", "@class": node.label, "@id": row["id"], **given})
        lines += [{"@type": "edge", "@class": "ABOUT", "@from": line["id"], "@to": self._subject} for line in lines]
        body = "\n".join(map(json.dumps, lines))
        made = self._post(f"/api/v1/batch/{DATABASE}?wal=true", body, "application/x-ndjson")
        assert (made["verticesCreated"], made["edgesCreated"]) == (len(batch.nodes), len(batch.nodes)), made

    def _post(self, path: str, body: str, kind: str) -> dict[str, object]:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)) as connection:
            connection.request("POST", path, body=body.encode(), headers={**self._headers, "Content-Type": kind})
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status == 200, f"{answer.status}: {content.decode(errors='replace')[:300]}"
        found: dict[str, object] = json.loads(content)
        return found


def import_offline(batches: Iterable[Batch], subject: str, folder: Path) -> None:
    """The same rows as CSV, and the server's own importer on them; raises subprocess.CalledProcessError."""
    for name in ("conf", "data", "logs"):
        (folder / name).mkdir()
    (folder / "conf" / "neo4j.conf").write_text("dbms.usage_report.enabled=false\n", encoding="utf-8")
    nodes, links, subjects = folder / "nodes.csv", folder / "links.csv", folder / "subjects.csv"
    subjects.write_text(f"id:ID\n{subject}\n", encoding="utf-8")
    with nodes.open("w", newline="") as of_nodes, links.open("w", newline="") as of_links:
        node_rows, link_rows = csv.writer(of_nodes), csv.writer(of_links)
        node_rows.writerow(["id:ID", "known_at:datetime", "known_at_precision", "value:double", "unit"])
        link_rows.writerow([":START_ID", ":END_ID"])
        for node in (node for batch in batches for node in batch.nodes):
            row, plain = row_of(node, ""), encode(node.properties).plain
            node_rows.writerow([row["id"], row["at"], plain["known_at_precision"], plain["value"], plain["unit"]])
            link_rows.writerow([row["id"], subject])
    options = [f"--nodes=Observation={nodes}", f"--nodes=Instrument={subjects}", f"--relationships=ABOUT={links}"]
    program = [java(), *_IMPORT_JVM, "-cp", f"{install()}/*", "org.neo4j.cli.AdminTool"]
    subprocess.run(
        [*program, "database", "import", "full", "neo4j", *options],
        cwd=folder,  # where it leaves its report
        env={**os.environ, "NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")},
        check=True,
        capture_output=True,
        timeout=600,
    )
