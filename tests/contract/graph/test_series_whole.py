"""A series is read as it was before an import or after it: beside readers, other imports, and one that is killed."""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from graph.series import InvalidSeriesError, SeriesStore
from graph.seriesadding import Row, add_rows
from graph.seriesfiles import LocalFolder
from graph.seriesvalues import NO_DAY, NO_INSTANT
from tests.series_kit import DAY, FIRST, KILLED, PAIR, ROWS, daily, publish, publish_pair


def child(folder: Path, value: float, step: int) -> list[str]:
    return [sys.executable, "-m", "tests.series_kit", str(folder), str(value), str(step)]


def value_of(folder: Path, series: str) -> float:
    """The one value of a series, read with nothing kept from before; all its rows have to be there and hold it."""
    values = asyncio.run(SeriesStore(folder).read(series))
    assert len(values) == ROWS
    assert len(np.unique(values.value)) == 1
    return float(values.value[0])


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_import_killed_before_any_of_its_steps_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    seen = []
    for step in range(1, 200):
        publish_pair(SeriesStore(tmp_path), 0)
        whole = len(files(tmp_path))
        code = subprocess.run(child(tmp_path, step, step), check=False).returncode
        seen.append(tuple(value_of(tmp_path, series) == step for series in PAIR))
        if code == 0:
            break
        assert code == KILLED
        publish_pair(SeriesStore(tmp_path), 0)
        assert len(files(tmp_path)) == whole, "what a killed import left is gone after the next one"
    assert seen[0] == (False, False)
    assert (True, False) in seen, "a kill between the two swaps"
    assert seen[-2:] == [(True, True), (True, True)], "a kill after both swaps, and the end"
    assert seen == sorted(seen)


ADDING = """
import sys
from pathlib import Path
from graph.series import SeriesStore
from graph.seriesadding import Row, add_rows
from graph.seriesvalues import NO_DAY, NO_INSTANT
from tests.series_kit import DAY, FIRST, die_at
if int(sys.argv[2]):
    die_at(int(sys.argv[2]), sys.argv[1])
at = [FIRST, FIRST + DAY // 2, FIRST + 3_000 * DAY]
rows = [Row(at=one, known_at=NO_INSTANT, had_at=FIRST + 4_000 * DAY, value=9.0, day=NO_DAY) for one in at]
add_rows(SeriesStore(Path(sys.argv[1])), "grown", rows)
"""


def test_rows_that_are_being_added_when_the_process_is_killed_are_all_there_or_none(tmp_path: Path) -> None:
    publish(SeriesStore(tmp_path), grown=daily(1, 900))
    counts = []
    for step in range(1, 60):
        code = subprocess.run([sys.executable, "-c", ADDING, str(tmp_path), str(step)], check=False).returncode
        counts.append(len(asyncio.run(SeriesStore(tmp_path).read("grown"))))
        if code == 0:
            break
        assert code == KILLED
    assert counts[0] == 900
    assert counts[-1] == 902
    assert set(counts) == {900, 902}
    assert counts == sorted(counts)
    last = Row(at=FIRST + 3_001 * DAY, known_at=NO_INSTANT, had_at=FIRST + 4_000 * DAY, value=9.0, day=NO_DAY)
    add_rows(SeriesStore(tmp_path), "grown", [last])
    assert len([name for name in files(tmp_path) if name.endswith(".parquet")]) == 5, "one a year; killed ones are gone"


def test_an_import_killed_at_any_moment_leaves_one_state(tmp_path: Path) -> None:
    chance = random.Random(5)
    for run in range(5):
        with subprocess.Popen(child(tmp_path, 1000 * run, 0), stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "published\n"
            time.sleep(chance.uniform(0, 0.1))
            writer.kill()
        one, other = (value_of(tmp_path, series) for series in PAIR)
        assert 1000 * run <= other <= one <= other + 1
    publish_pair(SeriesStore(tmp_path), 7)
    assert len(files(tmp_path)) == 1 + 2 * (2 + 1), "a lock, and of each series two years and a manifest"


@pytest.mark.parametrize("shared", [True, False], ids=["one store", "two stores"])
def test_a_reader_never_sees_two_versions_in_one_series(tmp_path: Path, shared: bool) -> None:
    writing = SeriesStore(tmp_path)
    reading = writing if shared else SeriesStore(tmp_path)
    publish(writing, replaced=daily(0, 1500))

    def write() -> None:
        for version in range(1, 60):
            publish(writing, replaced=daily(version, 1500 + version))

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        while not written.done():
            values = asyncio.run(reading.read("replaced"))
            assert len(np.unique(values.value)) == 1
            assert len(values) == 1500 + values.value[0]
        written.result()
    assert asyncio.run(reading.read("replaced")).value[0] == 59


class OvertakenFolder(LocalFolder):
    """A folder in which another import replaces the series right before its first Parquet file is opened."""

    overtaken = False

    def read(self, name: str) -> bytes:
        if name.endswith(".parquet") and not self.overtaken:
            self.overtaken = True
            publish(SeriesStore(Path(self.root)), replaced=daily(2))
        return super().read(name)


def test_a_reader_whose_files_were_replaced_under_it_reads_the_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(SeriesStore(tmp_path), replaced=daily(1))
    monkeypatch.setattr("graph.series.open_folder", lambda root, options: OvertakenFolder(root))
    overtaken = SeriesStore(tmp_path)
    monkeypatch.undo()
    assert asyncio.run(overtaken.read("replaced")).value.tolist() == [2.0] * ROWS


def test_of_two_imports_of_one_series_the_second_to_publish_is_refused_with_nothing_changed(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    with store.staging("other") as innocent, store.staging("both") as late:
        innocent.add(daily(1))
        late.add(daily(1))
        late.complete()
        publish(SeriesStore(tmp_path), both=daily(2))
        with pytest.raises(InvalidSeriesError, match="another import of it was published meanwhile"):
            store.publish([innocent, late])
    assert store.names() == ("both",)
    assert value_of(tmp_path, "both") == 2
    assert len(files(tmp_path)) == 1 + 3


@pytest.mark.parametrize("room", [100, 5_000])
def test_a_disk_that_is_full_leaves_the_old_rows_and_no_file(tmp_path: Path, room: int) -> None:
    store = SeriesStore(tmp_path)
    publish(store, kept=daily(1))
    before = files(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            publish(store, kept=daily(2, 20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(tmp_path) == before
    assert value_of(tmp_path, "kept") == 1


def test_staged_rows_that_are_not_published_leave_no_file(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    with pytest.raises(KeyError), store.staging("gone") as staging:
        staging.add(daily(1))
        assert files(tmp_path)
        raise KeyError
    with store.staging("gone") as staging:
        staging.add(daily(1, 100_000))
    assert files(tmp_path) == []
    assert store.names() == ()
    assert store.extent("gone") is None
