"""Backups of the embedded graph and what belongs to it: taken while it is written to, restored whole or not at all."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.ask import make_ask
from api.backing_up import make_backup, restore_backup
from api.backup_archive import ArchiveWriter, Manifest, check_archive
from api.explaining import explain_move
from api.graphs import graph_folder, open_graph
from api.knowledge import load_knowledge
from api.settings import Settings
from causal.recalibration import Recalibration
from graph.errors import BackupError
from graph.server import stop
from ingest.casefile import load_case
from ingest.ledger import RunLedger
from ingest.running import Means, run_source
from tests.ingest_kit import Observations, a_run, hashes, made_source, means_in
from tests.minimal_case import written

COUNT = 1_500
CASE = "2026-03-12-example"
TAUGHT = Recalibration(
    settings_hash=load_knowledge().method.settings_hash(),
    moves=("m",),
    alpha=0.25,
    beta=0.5,
    common={},
    corrections={},
    log_loss_before=0.5,
    log_loss_after=0.4,
)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Means]:
    """The means of runs over the data folder of some settings; its server is ended afterwards."""
    try:
        async with open_graph(settings, keep=False) as graph:
            yield means_in(settings.data, graph.store)
    finally:
        await asyncio.to_thread(stop, graph_folder(settings))


async def fill(means: Means, count: int = COUNT) -> tuple[str, str]:
    source = made_source()
    await run_source(a_run(means, source), source, Observations(means.payloads, count=count), means)
    return await hashes(means)


async def answered(settings: Settings, means: Means, as_at: str | None = None) -> dict[str, Any]:
    """The answer to one question by what lies in the data folder, without the time that it took."""
    knowledge = load_knowledge(recalibration=settings.recalibration)
    ask = make_ask(case=CASE, as_of="2026-04-01", as_at=as_at)
    found: dict[str, Any] = await explain_move(ask, means.graph, knowledge=knowledge, record=False)
    return {name: value for name, value in found.items() if name != "took_ms"}


@dataclass(frozen=True)
class Taken:
    file: Path
    manifest: Manifest
    undisturbed: tuple[str, str]
    answer: dict[str, Any]


@pytest.fixture(scope="module")
async def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A backup that was taken in the middle of a run, and the hashes that this run came to."""
    folder = tmp_path_factory.mktemp("backup")
    settings = Settings(data=folder / "data", heap="256m")
    async with opened(settings) as means:
        await means.graph.upsert(load_case(written(folder)).batch)
        (settings.data / "recalibration.json").write_text(TAUGHT.to_json(), encoding="utf-8")
        answer = await answered(settings, means)
        (settings.data / "templates").mkdir()
        (settings.data / "templates" / "own.yaml").write_text("a template\n")
        running = asyncio.create_task(fill(means))
        while not any(run.stored for run in means.ledger.page()):
            assert not running.done()
            await asyncio.sleep(0.01)
        manifest = await make_backup(settings, folder / "a.backup")
        undisturbed = await running
        means.ledger.close()
    return Taken(file=folder / "a.backup", manifest=manifest, undisturbed=undisturbed, answer=answer)


async def test_a_restored_run_carries_on_to_what_it_would_have_come_to(taken: Taken, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", heap="256m")
    assert await restore_backup(settings, taken.file, force=False) == taken.manifest
    assert {path.stat().st_mode & 0o077 for path in (taken.file, settings.runs)} == {0}
    assert (settings.data / "templates" / "own.yaml").read_text() == "a template\n"
    async with opened(settings) as means:
        assert await hashes(means) == (taken.manifest.graph_hash, taken.manifest.series_hash)
        again = await answered(settings, means, as_at=taken.answer["as_at"])
        assert again == taken.answer
        assert all(one["recalibrated"] != one["posterior"] for one in again["narratives"])
        (run,) = means.ledger.page()
        assert 0 < run.stored <= run.fetched == COUNT // 250
        source = made_source()
        await run_source(run, source, Observations(means.payloads, count=COUNT), means)
        assert await hashes(means) == taken.undisturbed
        with pytest.raises(BackupError, match="whymove stop"):
            await restore_backup(settings, taken.file, force=True)
        means.ledger.close()
    with pytest.raises(BackupError, match="--force"):
        await restore_backup(settings, taken.file, force=False)
    (settings.payloads / "later").mkdir()
    (settings.payloads / "later" / "file").touch()
    await restore_backup(settings, taken.file, force=True)
    assert not (settings.payloads / "later").exists()
    ledger = RunLedger(settings.runs)
    assert [one.stored for one in ledger.page()] == [run.stored]
    ledger.close()


def test_a_file_that_was_changed_anywhere_is_refused(taken: Taken, tmp_path: Path) -> None:
    whole = taken.file.read_bytes()
    assert check_archive(taken.file) == taken.manifest
    bad = tmp_path / "bad.backup"
    for place in range(0, len(whole), max(1, len(whole) // 40)):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            found = check_archive(bad)
        except BackupError:
            continue
        assert found == taken.manifest  # a byte that says nothing of the content
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        bad.write_bytes(whole[:length])
        with pytest.raises(BackupError, match="damaged"):
            check_archive(bad)
    with pytest.raises(BackupError, match="cannot be read"):
        check_archive(tmp_path / "none")


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:evil", "a\\evil"])
def test_a_name_that_would_lie_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.write_bytes(b"x")
    writer = ArchiveWriter(tmp_path / "bad.backup")
    writer.add("graph.zip", inner)
    writer.add(name, inner)
    with pytest.raises(BackupError, match="lie elsewhere"):
        writer.finish(made_at="", graph_hash="", series_hash="")
    writer.give_up()
    assert sorted(tmp_path.iterdir()) == [inner]


async def test_a_refused_restore_leaves_the_folder_as_it_was(taken: Taken, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    bad = tmp_path / "bad.backup"
    for change in (lambda held: held[: len(held) // 2], lambda held: held.replace(b'"format": 1', b'"format": 2')):
        bad.write_bytes(change(taken.file.read_bytes()))
        with pytest.raises(BackupError):
            await restore_backup(settings, bad, force=True)
    with zipfile.ZipFile(bad, "w") as other:
        other.writestr("readme.txt", "no backup")
    with pytest.raises(BackupError, match="no backup"):
        await restore_backup(settings, bad, force=True)
    assert not settings.data.exists()


async def test_an_existing_file_a_neo4j_and_series_elsewhere_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("mine")
    for settings, said in (
        (Settings(data=tmp_path, graph_url="bolt://127.0.0.1:1"), "neo4j-admin"),
        (Settings(data=tmp_path, series="s3://somewhere/series"), "copy them there"),
    ):
        with pytest.raises(BackupError, match=said):
            await make_backup(settings, tmp_path / "new")
    with pytest.raises(BackupError, match="is there already"):
        ArchiveWriter(file)
    assert file.read_text() == "mine"
