"""Rows of a statement in pieces that a server takes: a request of more than 16 MB hangs the embedded one's clients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

CHUNK_ROWS = 1_000
CHUNK_BYTES = 4_000_000
_NUMBER = 9  # bytes of a number or a null, and of what begins a list or a map


def chunks(rows: Iterable[object]) -> Iterator[list[object]]:
    """Rows in lists of at most `CHUNK_ROWS` rows and, but for a single larger one, `CHUNK_BYTES`."""
    chunk: list[object] = []
    size = 0
    for row in rows:
        bytes_ = _bytes_at_most(row)
        if chunk and (len(chunk) == CHUNK_ROWS or size + bytes_ > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += bytes_
    if chunk:
        yield chunk


def _bytes_at_most(value: object) -> int:
    """What a value takes as it is sent, or somewhat more; to count exactly would take as long as sending it."""
    if isinstance(value, str):
        return _NUMBER + (len(value) if value.isascii() else 4 * len(value))
    if isinstance(value, list):
        return _NUMBER + sum([_bytes_at_most(one) for one in value])
    if isinstance(value, Mapping):
        return _NUMBER + sum(map(_bytes_at_most, value)) + sum(map(_bytes_at_most, value.values()))
    return _NUMBER
