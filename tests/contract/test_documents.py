"""Documents through the command and into both servers: whole or not at all, the same twice the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.minimal_document import META, TEXT, claim, described
from tests.samples import whole_graph

ROOT = Path(__file__).parents[2]
COMMAND = "import sys; from api.cli import main; sys.exit(main())"
CLAIMS = """
MATCH (c:Claim)-[:ASSERTED_IN]->(p:Passage)-[:PART_OF]->(d:Document)-[:PUBLISHED_BY]->(s:Source)
OPTIONAL MATCH (a:Actor)-[:MADE]->(c)
RETURN c.statement AS statement, c.modality AS modality, p.text AS words, a.id AS by, s.name AS source
ORDER BY p.start, statement
"""


@dataclass(frozen=True, slots=True)
class Command:
    """The command on the server under test."""

    endpoint: Endpoint
    data: Path

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", COMMAND, *map(str, words)],
            cwd=ROOT,
            env=plain
            | {
                "WHYMOVE_DATA": str(self.data),
                "WHYMOVE_GRAPH_URL": self.endpoint.url,
                "WHYMOVE_GRAPH_USER": self.endpoint.user,
                "WHYMOVE_GRAPH_PASSWORD": self.endpoint.password,
                "WHYMOVE_GRAPH_DATABASE": self.endpoint.database,
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def command(endpoint: Endpoint, tmp_path: Path) -> Command:
    return Command(endpoint, tmp_path / "data")


async def test_the_example_can_be_asked_who_says_what_how_firmly_and_where(store: GraphStore, command: Command) -> None:
    done = command.run("ingest", "document", TEXT, "--meta", META)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split()[:4] == ["document", "passages", "figures", "claims"]
    found = (await store.read(CLAIMS)).records()
    assert found[0] == {
        "statement": "The shares lost a fifth on 4 March.",
        "modality": "stated",
        "words": "fell 20 percent on Wednesday",
        "by": "ada_muster",
        "source": "Example Shipping Letter",
    }
    assert [one["by"] for one in found if one["modality"] == "speculated"] == ["some_broker"]


async def test_the_same_twice_changes_nothing(store: GraphStore, command: Command) -> None:
    assert command.run("ingest", "document", TEXT, "--meta", META).returncode == 0
    before = await whole_graph(store)
    assert command.run("ingest", "document", TEXT, "--meta", META).returncode == 0
    assert await whole_graph(store) == before


async def test_a_bad_value_stores_nothing_and_says_where(store: GraphStore, command: Command, tmp_path: Path) -> None:
    before = await whole_graph(store)
    bad = described(tmp_path, lambda data: claim(data, "turnover").update(unit="text"))
    done = command.run("ingest", "document", TEXT, "--meta", bad)
    assert done.returncode == 2
    assert "document.yaml: claims[2].unit: the unit 'text' does not fit the value 12.0" in done.stderr
    assert (done.stdout, await whole_graph(store)) == ("", before)


def test_the_command_wants_one_description(command: Command) -> None:
    done = command.run("ingest", "document", TEXT)
    assert done.returncode == 2
    assert "name a description by --meta META" in done.stderr
    unknown = command.run("ingest", "document", "--bundled", "nothing")
    assert unknown.returncode == 2
    assert "bundled document" in unknown.stderr


async def test_claims_are_checked_kept_and_asked_about_by_the_command(store: GraphStore, command: Command) -> None:
    def change(data: dict[str, Any]) -> None:
        claim(data, "three_times")["value"] = 2.0

    meta = described(command.data.parent, change)
    assert command.run("ingest", "document", TEXT, "--meta", meta).returncode == 0
    done = command.run("check", "--json")
    assert done.returncode == 0, done.stderr
    (ratio,) = (one for one in json.loads(done.stdout) if one["check"] == "ratio")
    assert (ratio["outcome"], ratio["expected"]) == ("failed", "2")
    assert ratio["found"] == "3 (12 million shares / 4 million shares)"
    assert done.stderr.splitlines()[-1].startswith("1 failed, ")
    shown = command.run("check", "--failed", "--no-store")
    assert shown.stdout.startswith("failed ratio: ")
    kept = (await store.read("MATCH (k:Check {kind: 'ratio'})-[:CHECKS]->(c:Claim) RETURN c.key AS key")).records()
    assert [row["key"] for row in kept] == [ratio["claim"]]
    title = "document=Harbour Lines halves its dividend, and the shares give up a fifth"
    asked = command.run("ask", "Q19", title, "--json")
    assert asked.returncode == 0, asked.stderr
    assert ("ratio", "failed") in {(row["kind"], row["outcome"]) for row in json.loads(asked.stdout)}


def test_the_questions_are_listed_and_a_wrong_one_is_refused(command: Command) -> None:
    listed = command.run("ask")
    assert listed.returncode == 0
    assert listed.stdout.splitlines()[1].startswith("Q1 ")
    assert command.run("ask", "Q77").returncode == 2
    assert "Q1 to Q30" in command.run("ask", "Q77").stderr
    assert command.run("check", "--case", "no-such-case").returncode == 2
