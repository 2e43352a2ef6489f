"""Reads proposals out of a text and keeps them, and lets a person decide about each: for the command and REST alike.

What a model says changes nothing but the list of proposals. A decision is a person's; an accepted proposal goes the way
of every described document, in one write with the decision.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from api.errors import InvalidAskError, InvalidSettingsError
from api.settings import PREFIX, Settings
from graph.errors import NotInGraphError
from graph.exclusive import exclusive
from graph.model import Written
from graph.reading import Record, ask
from graph.store import GraphStore
from ingest.catalog import load_indicators
from ingest.documentformat import ClaimPart
from ingest.documents import DocumentLoad, load_document
from ingest.documenttext import read_text, sha256_of
from ingest.errors import AlreadyDecidedError, RecordRejectedError, Rejection
from ingest.extraction import extract
from ingest.extractionclient import ChatExtractor, ChatSettings
from ingest.extractionmodel import Extraction
from ingest.extractionprompt import PROMPT_VERSION
from ingest.identity import document_id
from ingest.proposals import (
    PROPOSED,
    Decision,
    Description,
    ExtractionRun,
    decision_batch,
    description_with,
    extraction_batch,
    read_description,
)
from ingest.storing import store_document

_NEVER_EDITED = frozenset({"id", "in_", "checks", "derived_from", "contradicts"})
EDITABLE = frozenset(ClaimPart.model_fields) - _NEVER_EDITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What became of a text: its run, what was read (None where the same was done before), how much of it is new."""

    run: ExtractionRun
    extraction: Extraction | None
    fresh: int


def chat_settings(settings: Settings) -> ChatSettings:
    """Where the model answers. Raises InvalidSettingsError where nothing is set: extraction is off by default."""
    if settings.extraction_url is None or settings.extraction_model is None:
        missing = "EXTRACTION_URL" if settings.extraction_url is None else "EXTRACTION_MODEL"
        raise InvalidSettingsError(
            f"{PREFIX}{missing}",
            "is not set, so that no model is asked; set the address of a chat-completions endpoint and its model",
        )
    key = settings.extraction_key
    return ChatSettings(
        url=settings.extraction_url,
        model=settings.extraction_model,
        key=None if key is None else key.get_secret_value(),
        seconds=settings.extraction_timeout,
        max_tokens=settings.extraction_max_tokens,
    )


async def extract_file(
    store: GraphStore,
    settings: Settings,
    file: Path,
    meta: Path,
    *,
    again: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Extracted:
    """Have a model read a text that is described by `meta`, and keep what it proposes; the same once only.

    Raises InvalidSettingsError, RecordRejectedError, the errors of sources where nothing could be read, and
    GraphUnavailableError.
    """
    chat = chat_settings(settings)
    indicators = {one.name: one for one in await asyncio.to_thread(load_indicators)}
    text = await asyncio.to_thread(read_text, file)
    description = await asyncio.to_thread(read_description, meta, indicators)
    run = _run(description, text, chat.model, meta)
    before = await ask(store, "extraction_run", {"run": run.id})
    if not again and before and before[0]["state"] == "done":
        return Extracted(run=run, extraction=None, fresh=0)
    await asyncio.to_thread(_keep, _text_file(settings, run.text_sha256), text)
    started = datetime.now(UTC)
    async with ChatExtractor(chat) as extractor:
        extraction = await extract(text, description.file, indicators, extractor, progress=progress)
    held = await ask(store, "proposals_known", {"ids": [one.id for one in extraction.proposed]})
    known = {str(row["id"]) for row in held}
    fresh = [one for one in extraction.proposed if one.id not in known]
    await store.upsert(extraction_batch(run, extraction, fresh, started, datetime.now(UTC)))
    return Extracted(run=run, extraction=extraction, fresh=len(fresh))


def _run(description: Description, text: str, model: str, meta: Path) -> ExtractionRun:
    part, sha256 = description.file.document, sha256_of(text)
    if part.sha256 is not None and part.sha256 != sha256:
        reason = f"the text has the hash {sha256}: it is not the one described, or an edition of it"
        raise RecordRejectedError((Rejection(file=str(meta), path="document.sha256", reason=reason),))
    return ExtractionRun(
        document=document_id(part.publisher, part.title, part.url),
        title=part.title,
        licence=part.licence,
        text_sha256=sha256,
        description=description.text,
        model=model,
        prompt_version=PROMPT_VERSION,
    )


async def proposal(store: GraphStore, id_: str, as_at: datetime | None = None) -> Record:
    """One proposal. Raises NotInGraphError."""
    rows = await ask(store, "one_proposal", {"id": id_, "as_at": as_at or await store.present()})
    if not rows:
        raise NotInGraphError("proposal", id_)
    return rows[0]


async def decide(store: GraphStore, settings: Settings, id_: str, decision: Decision) -> tuple[Record, Written]:
    """Accept or reject a proposal, once; gives the proposal as it is then, and what was written.

    Raises NotInGraphError, AlreadyDecidedError, InvalidAskError for a rejection without a reason or an edit of what
    cannot be edited, RecordRejectedError for a claim that a description could not hold.
    """
    if not decision.accept and not (decision.why or "").strip():
        raise InvalidAskError("why", "say why it is rejected")
    unknown = sorted(set(decision.edits) - EDITABLE)
    if unknown or (decision.edits and not decision.accept):
        raise InvalidAskError("edits", f"of an accepted claim these can be edited: {', '.join(sorted(EDITABLE))}")
    async with _one_decision(settings):
        held = await proposal(store, id_)
        if held["state"] != PROPOSED:
            by = f"{held['state']} by {held['decided_by']} at {held['decided_at']}"
            raise AlreadyDecidedError(f"the proposal {id_} was {by}; what is in the graph is corrected by a document")
        if decision.accept:
            load = await _accepted(store, settings, held, decision)
            claim = next(node.id for node in load.batch.nodes if node.label == "Claim")
            written = (await store_document(store, load, decision_batch(held, decision, claim))).written
        else:
            written = await store.upsert(decision_batch(held, decision, None))
        return await proposal(store, id_), written


async def _accepted(store: GraphStore, settings: Settings, held: Record, decision: Decision) -> DocumentLoad:
    """The document with the one claim, as `whymove ingest document` would load it."""
    (run,) = await ask(store, "extraction_run", {"run": held["run"]})
    claim = {**json.loads(str(held["body"])), **decision.edits, "id": f"x_{str(held['id']).removeprefix('prop_')}"}
    kept = {name: value for name, value in claim.items() if value is not None}
    text = _text_file(settings, str(held["text_sha256"]))
    at_hand = text if await asyncio.to_thread(text.is_file) else None
    name = f"proposal {held['id']}"
    try:
        written = description_with(str(run["description"]), held, kept)
        load = await asyncio.to_thread(_loaded, written, at_hand)
    except RecordRejectedError as error:
        raise RecordRejectedError(tuple(replace(one, file=name) for one in error.rejections)) from error
    except ValueError as error:
        raise InvalidAskError("edits", str(error)) from error
    return replace(load, title=name)


def _loaded(description: str, text: Path | None) -> DocumentLoad:
    with tempfile.TemporaryDirectory() as folder:
        meta = Path(folder) / "proposal.yaml"
        meta.write_text(description, encoding="utf-8")
        return load_document(meta, text)


def quote_of(settings: Settings, held: Mapping[str, object]) -> str | None:
    """The words that a proposal was read from; None where the text is not at hand in the data folder."""
    try:
        text = read_text(_text_file(settings, str(held["text_sha256"])))
    except RecordRejectedError:
        return None
    words = text[int(str(held["start"])) : int(str(held["end"]))]
    return words if sha256_of(words) == held["span_sha256"] else None


def _text_file(settings: Settings, sha256: str) -> Path:
    return settings.data / "extraction" / f"{sha256}.txt"


def _keep(file: Path, text: str) -> None:
    """Write the text whole, readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("wb", dir=file.parent, delete=False) as part:
        part.write(text.encode())
    Path(part.name).replace(file)


@asynccontextmanager
async def _one_decision(settings: Settings) -> AsyncIterator[None]:
    """One decision at a time on this data folder, so that two reviewers cannot both decide one proposal."""
    folder = settings.data / "extraction"
    await asyncio.to_thread(folder.mkdir, 0o700, True, True)
    lock = exclusive(folder / "lock")
    await asyncio.to_thread(lock.__enter__)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)
