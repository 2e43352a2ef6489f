"""Folders of counters: that of a living service stays, and what a killed one left is taken away by the next."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psutil
import pytest

from api.metricsfolder import PREFIX, made_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_by(place: Path, pid: int, began: int, *writers: int) -> Path:
    folder = place / f"{PREFIX}{pid}-{began}-abc"
    folder.mkdir()
    for writer in writers:
        (folder / f"counter_{writer}.db").touch()
    return folder


def a_pid_of_nobody() -> int:
    return next(pid for pid in range(4_000_000, 5_000_000) if not psutil.pid_exists(pid))


def test_what_a_killed_service_left_is_taken_away(place: Path) -> None:
    gone = a_pid_of_nobody()
    began = int(psutil.Process().create_time())
    left = [left_by(place, gone, began, gone), left_by(place, os.getpid(), began - 3600)]  # its number went to another
    made = made_folder()
    assert made.is_dir()
    assert not any(one.exists() for one in left)


def test_folders_of_the_living_and_of_others_stay(place: Path) -> None:
    own = made_folder()
    other = place / f"{PREFIX}notes"
    other.mkdir()
    outlived = left_by(place, a_pid_of_nobody(), 1, os.getpid())  # its workers still finish what they do
    link = place / f"{PREFIX}{a_pid_of_nobody()}-1-link"
    link.symlink_to(other)
    assert made_folder() != own
    assert all(one.exists() for one in (own, other, outlived, link))
