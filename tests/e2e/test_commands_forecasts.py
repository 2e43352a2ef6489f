"""`whymove forecasts`, `judge` and `sources` in one sitting, on both servers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from api.cli import main
from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.forecast_world import AUTHOR, EVIDENCE, MORE, STEP, with_case, with_turnover


@pytest.fixture
async def ready(store: GraphStore, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GraphStore:
    """The graph under test with the small case, as the one that the command finds."""
    await with_case(store, tmp_path)
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path))
    for name in ("url", "user", "password", "database"):
        monkeypatch.setenv(f"WHYMOVE_GRAPH_{name.upper()}", getattr(endpoint, name))
    return store


class Command:
    """The command in this process; a thread of its own, as it starts an event loop."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    async def __call__(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """What is printed: answers, and what is said beside them."""
        self._capfd.readouterr()
        assert await asyncio.to_thread(main, arguments) == code
        out, err = self._capfd.readouterr()
        return out, " ".join(err.split())


async def test_a_forecast_from_its_first_word_to_a_track_record(
    ready: GraphStore, capfd: pytest.CaptureFixture[str]
) -> None:
    run = Command(capfd)
    words = ("forecasts", "add", "Turnover will stay high.", "--by", AUTHOR, "--known-at", "2026-03-16T12:00:00Z")
    out, said = await run(*words)
    key = out.strip()
    assert "can never fail and is not scored" in said
    out, said = await run(*words, "--due", "2026-03-20", "--criterion", MORE, "--probability", "0.8")
    assert (out.strip(), "1 corrected" in said) == (key, True)
    out, said = await run("forecasts", "resolve", key)
    assert out.startswith("not decidable, and nothing kept\nmissing: trading_volume(exmp): nobody")
    await with_turnover(ready, d18=50.0)
    out, _ = await run("forecasts", "resolve", key, "--json")
    assert json.loads(out)["outcome"] == "true"
    out, _ = await run("forecasts", "list", "--status", "resolved")
    assert "0.040" in out
    assert "true" in out
    assert "void" in (await run("forecasts", "resolve", key, "--outcome", "void", "--why", "halted"))[0]
    _, said = await run("forecasts", "resolve", key, "--why", "no outcome", code=2)
    assert "go with --outcome" in said
    _, said = await run("forecasts", "show", "nothing", code=2)
    assert "unknown forecast" in said
    out, said = await run("sources", "list")
    assert out.splitlines()[1].split()[:4] == [AUTHOR, "author", "1", "0"]
    assert "never applied by itself" in said
    out, _ = await run("sources", "show", AUTHOR)
    assert "n too small" in out
    assert "1 (0 without a due day, 1 void)" in out


async def test_a_judgement_is_kept_and_asked_for(ready: GraphStore, capfd: pytest.CaptureFixture[str]) -> None:
    run = Command(capfd)
    for name, bits in (("Ann Lee", "1.5"), ("Bob Ray", "-0.5")):
        out, said = await run("judge", EVIDENCE, STEP, "--bits", bits, "--by", name)
        assert out.startswith("judgement:")
        assert "change none of its numbers" in said
    out, _ = await run("ask", "Q28", "--json")
    (row,) = json.loads(out)
    assert (row["evidence"], row["n"], row["opposite"]) == (EVIDENCE, 2, True)
