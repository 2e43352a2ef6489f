"""Bytes of answers: held while they are few, on the disk when they are many, and the same to whoever reads them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.bodies import MOST_HELD, Body, Draft, Held, Packed
from ingest.connecting import Payload
from ingest.errors import RunLedgerError
from ingest.payloads import PayloadStore, content_hash

AT = datetime(2026, 2, 10, tzinfo=UTC)
LONG = random.Random(1).randbytes(5000) * 500


def payload(body: Body, digest: str) -> Payload:
    return Payload(
        source="made",
        url="https://made.example/x",
        params=(),
        fetched_at=AT,
        status=200,
        content_type="text/csv",
        body=body,
        content_hash=digest,
    )


def drafted(store: PayloadStore, content: bytes) -> Draft:
    draft = store.draft("made")
    for start in range(0, len(content), 100_000):
        draft.add(content[start : start + 100_000])
    return draft


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("content", [b"", b"[1]", bytes(MOST_HELD), bytes(MOST_HELD + 1), LONG])
def test_an_answer_is_kept_and_read_back_whole_however_long_it_is(tmp_path: Path, content: bytes) -> None:
    store = PayloadStore(tmp_path)
    draft = drafted(store, content)
    assert (draft.size, draft.start, draft.content_hash) == (len(content), content[:512], content_hash(content))
    kept = store.keep(payload(draft.body(), draft.content_hash))
    draft.discard()
    assert isinstance(kept.body, Packed) == (len(content) > MOST_HELD)
    for one in (kept, store.load(kept.id)):
        assert one.content == content
        with one.body.open() as stream:
            assert stream.read() == content
            stream.seek(max(0, len(content) - 3))
            assert stream.read() == content[-3:]
    assert len(files(tmp_path)) == 2
    again = drafted(store, content)
    assert store.keep(payload(again.body(), again.content_hash)).id == kept.id
    again.discard()
    assert len(files(tmp_path)) == 2


def test_a_draft_that_is_given_up_leaves_no_file(tmp_path: Path) -> None:
    draft = drafted(PayloadStore(tmp_path), LONG)
    assert files(tmp_path)
    draft.discard()
    draft.discard()
    assert not files(tmp_path)


def test_long_bytes_that_were_changed_or_cut_off_on_the_disk_are_not_read(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    draft = drafted(store, LONG)
    kept = store.keep(payload(draft.body(), draft.content_hash))
    path = store.file_of(kept)
    whole = path.read_bytes()
    other = store.keep(replace(payload(Held(LONG[:-1]), content_hash(LONG[:-1])), url="https://made.example/y"))
    for damaged in (whole[: len(whole) // 2], whole[:-12] + bytes(12), store.file_of(other).read_bytes()):
        path.write_bytes(damaged)
        with pytest.raises(RunLedgerError, match="remove it and fetch again"):
            store.load(kept.id)
