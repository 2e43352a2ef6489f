"""Log lines go to standard error as it is when they are written."""

from __future__ import annotations

import io
import sys

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
