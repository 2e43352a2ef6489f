"""Stable ids: the same thing gets the same name however often and in whatever order it is read."""

from __future__ import annotations

import hashlib
import re

_COPY = re.compile(r"\s*\(copy\)\s*$")


def publisher_of(text: str) -> str:
    """The publisher itself, where the file marks that a copy of it was read."""
    return _COPY.sub("", text)


def document_id(publisher: str, title: str, url: str | None) -> str:
    """The id of a published thing."""
    text = "\x1f".join((publisher_of(publisher), title, url or ""))
    return "doc_" + hashlib.sha256(text.encode()).hexdigest()[:16]


def source_id(publisher: str) -> str:
    """The id of who publishes."""
    slug = re.sub(r"[^a-z0-9]+", "_", publisher_of(publisher).lower()).strip("_")
    return f"src_{slug or hashlib.sha256(publisher.encode()).hexdigest()[:8]}"


def step_id(case: str, narrative: str, n: int) -> str:
    """The id of a step of a case's narrative."""
    return f"{case}:{narrative}.{n}"
