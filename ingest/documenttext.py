"""The text of a document: read as it is, its spans found and hashed, so that they can be cited without it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.documentformat import PassagePart
from ingest.errors import RecordRejectedError, Rejection

MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A passage: characters `start` to `end` (not included), its SHA-256, and its text where one was given."""

    id: str
    start: int
    end: int
    sha256: str
    text: str | None


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, line ends as they are.

    Raises RecordRejectedError where it cannot be read, is empty, is larger than `MAX_BYTES` or is not UTF-8.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(path, f"is larger than {MAX_BYTES // 1_000_000} MB: give the text alone, without pictures")
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise _refused(path, f"is not UTF-8 text (byte {error.start}): save it as plain UTF-8 text") from error
    if not text.strip():
        raise _refused(path, "holds no text")
    return text


def _refused(path: Path, reason: str) -> RecordRejectedError:
    return RecordRejectedError((Rejection(file=str(path), path="(file)", reason=reason),))


def sha256_of(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def spans_of(passages: Sequence[PassagePart], text: str | None) -> tuple[list[Span], list[tuple[str, str]]]:
    """The spans of passages, and (path, reason) of all that cannot be right."""
    spans: list[Span] = []
    broken: list[tuple[str, str]] = []
    for i, one in enumerate(passages):
        wrong = list(_malformed(one)) if text is None else list(_misplaced(one, text))
        broken += [(f"passages[{i}].{key}", why) for key, why in wrong]
        if not wrong:
            spans.append(_span(one, text))
    return spans, broken


def _malformed(one: PassagePart) -> Iterator[tuple[str, str]]:
    """What is wrong with a passage of a document whose text is not at hand."""
    if one.find is not None:
        yield "find", "can only be looked up in the text; give the text, or start, end and sha256"
    if one.start is None or one.end is None:
        yield "start", "a passage without the text needs start, end and sha256"
    elif one.end <= one.start:
        yield "end", f"{one.end} does not lie behind the start {one.start}"
    if one.sha256 is None:
        yield "sha256", "without the text a passage is known by its hash alone; give it"


def _misplaced(one: PassagePart, text: str) -> Iterator[tuple[str, str]]:
    if one.find is not None:
        if one.start is not None or one.end is not None:
            yield "find", "give either find or start and end"
        elif (count := text.count(one.find)) != 1:
            yield "find", f"these words stand in the text {count} times; they have to stand there exactly once"
        return
    if one.start is None or one.end is None:
        yield "start", "give start and end, or find"
    elif not one.start < one.end <= len(text):
        yield "end", f"{one.start} to {one.end} is no span of a text of {len(text)} characters"
    elif one.sha256 is not None and sha256_of(text[one.start : one.end]) != one.sha256:
        yield "sha256", "the span has another hash: this is not the text that was described, or an edition of it"


def _span(one: PassagePart, text: str | None) -> Span:
    if text is None:
        return Span(id=one.id, start=one.start or 0, end=one.end or 0, sha256=one.sha256 or "", text=None)
    start = text.index(one.find) if one.find is not None else one.start or 0
    end = start + len(one.find) if one.find is not None else one.end or 0
    words = text[start:end]
    return Span(id=one.id, start=start, end=end, sha256=sha256_of(words), text=words)
