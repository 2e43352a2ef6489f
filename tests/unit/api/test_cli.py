"""The command refuses bad input in one line that says what to do, with exit code 2 and without a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import main
from tests.minimal_case import MINIMAL


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """The one line on standard error of a command that is refused."""
    assert main(arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if not line.endswith(" ...")]
    assert len(lines) == 1, captured.err
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain",), "give an instrument with its dates, or a case"),
        (("explain", "btcusd"), "give 'btcusd' a day, or a start and an end"),
        (("explain", "btcusd", "--on", "2026-02-05T12:00:00"), "has no time zone; write 2026-02-05T12:00:00Z"),
        (("explain", "btcusd", "--on", "yesterday"), "neither a date nor an instant"),
        (("explain", "btcusd", "--start", "2026-02-05", "--end", "2026-02-04"), "does not come after the start"),
        (("explain", "btcusd", "--on", "2026-02-05", "--as-of", "2999-01-01"), "lies in the future"),
        (("fit", "--move", "down", "--as-of", "2999-01-01"), "lies in the future"),
        (("ask", "Q2", "--as-of", "soon"), "neither a date nor an instant"),
        (("explain", "--case", "x", "--json", "--md"), "give one of --json, --md and --html"),
        (("explain", "--case", "x", "--out", "/"), "is a folder; name a file in it"),
        (("explain", "--case", "x", "--out", "/no-such-folder/why.md"), "make it first"),
        (("explain", "--cas", "x"), "--case"),
        (("explian",), "explian"),
        (("ingest", "case"), "name a case file"),
        (("ingest", "case", "--bundled", "2026"), "2026-02-05-bitcoin-flash-crash"),
        (("templates", "T99"), "did you mean"),
        (("cypher", "RETURN $a", "--param", "a"), "is not NAME=VALUE"),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused(capsys, *arguments)


def test_a_bad_setting_names_its_variable(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOVE_HEAP", "much")
    assert "WHYMOVE_HEAP: " in refused(capsys, "explain", "btcusd", "--on", "2026-02-05")


def test_a_missing_case_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert str(tmp_path / "none.yaml") in refused(capsys, "ingest", "case", str(tmp_path / "none.yaml"))


def test_bad_facts_can_be_left_out_and_nothing_else_can(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "2026-03-12-example.yaml"
    facts = MINIMAL.replace("about: exmp", "about: nobody").replace("about: big_holder", "about: nobody")
    for text, hinted in ((facts, True), (facts.replace("instrument: exmp", "instrument: nobody"), False)):
        file.write_text(text, encoding="utf-8")
        assert main(["ingest", "case", str(file)]) == 2
        assert ("--skip-bad leaves bad facts out" in capsys.readouterr().err) == hinted


def test_a_case_file_that_is_no_yaml_is_refused_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: [1, 2\nmove: {", encoding="utf-8")
    assert main(["ingest", "case", str(broken)]) == 2
    told = capsys.readouterr().err
    assert str(broken) in told
    assert "Traceback" not in told


def test_a_graph_that_is_down_is_exit_code_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path))
    monkeypatch.setenv("WHYMOVE_GRAPH_URL", "bolt://127.0.0.1:9")
    assert "the graph does not answer" in refused(capsys, "cypher", "RETURN 1", code=3)


def test_help_is_given_when_nothing_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "explain" in capsys.readouterr().err


def test_templates_are_listed_and_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()[1:] if line.startswith("T")] == [
        f"T{n:02}" for n in range(1, 21)
    ]
    assert main(["templates", "t02"]) == 0
    sheet = capsys.readouterr().out
    assert sheet.startswith("T02 ")
    assert "Steps" in sheet


def test_explain_imports_nothing_of_the_web_and_nothing_slow() -> None:
    code = (
        "import json, sys, api.cli;"
        "slow = {'fastapi', 'uvicorn', 'exchange_calendars', 'pandas', 'dowhy', 'networkx', 'structlog'};"
        "print(json.dumps(sorted(slow & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_service_without_a_folder_to_write_to_does_not_begin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path / place))
    said = refused(capsys, "serve", "--port", "0")
    assert "WHYMOVE_DATA: nothing can be written to the data folder" in said
    assert "name another folder" in said


def test_a_full_disk_is_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    monkeypatch.setattr("api.commands_graph.load_settings", full)
    assert refused(capsys, "status").endswith("somewhere; make room on that disk; what was not finished was not kept")
