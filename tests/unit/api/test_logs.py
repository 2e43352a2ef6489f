"""Log lines go to standard error as it is when they are written."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import structlog

from api.logs import set_up_logs


def test_a_line_goes_where_standard_error_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = io.StringIO(), io.StringIO()
    log = structlog.get_logger()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", before)
        set_up_logs("json", "info")
        log.info("run.started")
    before.close()
    monkeypatch.setattr(sys, "stderr", now)
    log.info("run.ended")
    assert '"event":"run.ended"' in now.getvalue().replace(" ", "")
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_says_all_that_is_bound_and_given_and_no_value_can_forge_another(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = io.StringIO()
    monkeypatch.setattr(sys, "stderr", heard)
    set_up_logs(form, "info")
    log = structlog.get_logger()
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        log.debug("run.whisper")
        log.info("run.start", path="/v1/x", said="two words\nand a line", ms=0.5, who={"a": Path("/x")})
    structlog.reset_defaults()
    (line,) = heard.getvalue().splitlines()
    if form == "json":
        found = json.loads(line)
        assert found.pop("timestamp").endswith("Z")
        assert found.pop("who") == {"a": repr(Path("/x"))}
        said = {"said": "two words\nand a line", "path": "/v1/x", "ms": 0.5, "request_id": "r1"}
        assert found == {"event": "run.start", "level": "info", **said}
    else:
        said = line.partition(" ")[2]
        assert said.startswith("[info    ] run.start path=/v1/x said='two words\\nand a line' ms=0.5 who={")
        assert said.endswith(" request_id=r1")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_failure_is_told_with_its_traceback(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = io.StringIO()
    monkeypatch.setattr(sys, "stderr", heard)
    set_up_logs(form, "info")
    try:
        raise ValueError("so\udcff it is")  # no text that could be written as UTF-8
    except ValueError as error:
        structlog.get_logger().exception("run.fail", reason=str(error), number=2**70)
    structlog.reset_defaults()
    assert "Traceback" in heard.getvalue()
    assert "test_a_failure_is_told_with_its_traceback" in heard.getvalue()
    assert len(heard.getvalue().splitlines()) == 1 if form == "json" else "\nValueError" in heard.getvalue()
