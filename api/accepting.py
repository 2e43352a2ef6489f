"""Which of the media types that an address writes a client wants: RFC 9110, section 12.5.1."""

from __future__ import annotations

from collections.abc import Sequence


def accepted(header: str | None, offered: Sequence[str]) -> str | None:
    """The offered type that the `Accept` field rates highest, the first of equals; None when it takes none of them."""
    if header is None or not header.strip():
        return offered[0]
    wanted = [_read(part) for part in header.split(",") if part.strip()]
    rated = [(_rate(kind, wanted), -place, kind) for place, kind in enumerate(offered)]
    quality, _, best = max(rated)
    return best if quality > 0 else None


def formulas_kept(header: str | None) -> bool:
    """Whether CSV is wanted as it is (`text/csv; formulas=raw`), without the guard against formulas of spreadsheets."""
    for one in (header or "").split(","):
        kind, *parameters = (piece.strip().lower() for piece in one.split(";"))
        if kind == "text/csv" and "formulas=raw" in parameters:
            return True
    return False


def csv_type(*, raw: bool) -> str:
    """The media type of CSV that is answered."""
    return f"text/csv; charset=utf-8; header=present{'; formulas=raw' if raw else ''}"


def _read(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return kind, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return kind, 0.0


def _rate(kind: str, wanted: Sequence[tuple[str, float]]) -> float:
    """The quality of the most specific range that takes a type."""
    for range_ in (kind, f"{kind.split('/', 1)[0]}/*", "*/*"):
        found = [quality for name, quality in wanted if name == range_]
        if found:
            return max(found)
    return 0.0
