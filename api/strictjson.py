"""Refuses a JSON body that two readers could understand in two ways, before anything is done with it.

The standard library takes NaN, keys that stand there twice and numbers beyond any float; each is an error here (RFC
8259 calls them unpredictable, RFC 7493 forbids them). What follows reads the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Sequence
from typing import Any, Never

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import PLAIN, Fault
from api.refusals import send_problem

DEEPEST = 64
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LARGE = 256 * 1024
_KIND = re.compile(rb"application/(json|[a-z0-9.+-]*\+json|vnd\.neo4j\.query[a-z0-9.]*)\s*(;|$)")
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class StrictJson:
    """ASGI middleware: 400 with the reason for a body that says to be JSON and is not, strictly."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY or not _says_json(scope):
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:
            return  # the client went before the end of it
        fault = await asyncio.to_thread(fault_of, body) if len(body) > _LARGE else fault_of(body)
        if fault is not None:
            detail = f"the body is not JSON: {fault}"
            faults = (Fault(pointer="", detail=fault),)
            await send_problem(scope, send, PLAIN["malformed-json"], detail, faults=faults)
            return
        await self.app(scope, _again(body, receive), send)


def fault_of(body: bytes) -> str | None:
    """Why a body is no JSON that everybody reads alike; None where it is, or is empty."""
    try:
        _read_strictly(body)
    except json.JSONDecodeError as error:
        return f"{error.msg}, at character {error.pos}"
    except UnicodeDecodeError as error:
        return f"not UTF-8, at byte {error.start}"
    except UnicodeEncodeError:
        return "half of a surrogate pair"
    except _NotStrictError as error:
        return str(error)
    return None


def _read_strictly(body: bytes) -> None:
    if not body:
        return
    text = body.decode("utf-8")
    _check_depth(body)
    value = json.loads(
        text, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_float=_finite, parse_int=_short
    )
    if b"\\u" in body:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no character


class _NotStrictError(ValueError):
    """What the standard library takes and this module does not."""


def _no_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise _NotStrictError(f"the key {twin[:60]!r} stands there more than once")
    return found


def _no_constant(name: str) -> Never:
    raise _NotStrictError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _NotStrictError("a number is too large")
    return number


def _short(digits: str) -> int:
    if len(digits) > 400:
        raise _NotStrictError("a number is too long")
    return int(digits)


def _check_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise _NotStrictError(f"nested deeper than {DEEPEST}")


def _says_json(scope: Scope) -> bool:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return _KIND.match(kind.strip().lower()) is not None


async def _whole(receive: Receive) -> bytes | None:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, and then what comes after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
