"""In which form something is answered, where that is not JSON alone: settled by `Accept`, before any work is done.

An explanation is JSON unless Markdown or a page is rated higher; an answer that is none (a job, a problem) is left as
it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Depends, Request, Response

from api.accepting import accepted
from api.errors import NotAcceptableError
from api.html_page import POLICY

JSON, MARKDOWN, HTML = "application/json", "text/markdown", "text/html"
_DONE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
OTHER_FORMS: dict[str, Any] = {MARKDOWN: _TEXT, HTML: _TEXT}  # as the description of a route lists them
NO_FORM = "none of the media types of `Accept` is written here: JSON, Markdown and HTML are"
VARY = {"Vary": "Accept"}
_HEADERS = {
    HTML: {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    },
    MARKDOWN: {"X-Content-Type-Options": "nosniff"},
}


def form_among(request: Request, offered: Sequence[str]) -> str:
    """The form that the client rates highest, the first of equals. Raises NotAcceptableError."""
    kind = accepted(request.headers.get("accept"), offered)
    if kind is None:
        raise NotAcceptableError(offered)
    return kind


def offering(*kinds: str) -> Any:
    """A dependency that settles which of these forms a route answers in, as its media type (406 for none of them)."""

    async def wanted(request: Request) -> str:
        return form_among(request, kinds)

    return Depends(wanted)


async def wanted_form(request: Request) -> str:
    """The form of an explanation that the client rates highest. Raises NotAcceptableError."""
    return form_among(request, (JSON, MARKDOWN, HTML))


async def in_form(request: Request, answer: Response) -> Response:
    """An explanation in JSON in the form that is wanted; anything else as it is."""
    answer.headers["Vary"] = "Accept"
    kind = await wanted_form(request)
    if kind == JSON or answer.status_code not in _DONE or answer.media_type != JSON:
        return answer
    content = await asyncio.to_thread(_drawn, kind, bytes(answer.body))
    kept = {name: value for name, value in answer.headers.items() if name not in {"content-type", "content-length"}}
    return Response(content, answer.status_code, headers=kept | _HEADERS[kind], media_type=f"{kind}; charset=utf-8")


def _drawn(kind: str, body: bytes) -> str:
    from api.rendering_html import to_html
    from api.rendering_markdown import to_markdown

    explanation = orjson.loads(body)
    return to_html(explanation) if kind == HTML else to_markdown(explanation)
