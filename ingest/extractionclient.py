"""A reader over HTTP: any endpoint that speaks the chat-completions form (a hosted service, or a model server at home).

The one module of the product's packages that opens a connection to a model. It follows no redirect, reads no proxy
from the environment, takes no more of an answer than is allowed, and never puts the key into an error.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any

import httpx
import orjson
import stamina

from ingest.errors import IngestError, SourceChangedError, SourceRefusedError, SourceUnavailableError
from ingest.extractionformat import answer_schema
from ingest.extractionmodel import Answer, Guide, TextPart
from ingest.extractionprompt import messages
from ingest.retrying import retry_after
from ingest.trust import trusted

ATTEMPTS = 4
LONGEST_WAIT = 60.0
ANSWER_BYTES = 1_000_000
_CONNECT_SECONDS = 10.0
_WORDS = 160
_FORMS: tuple[dict[str, Any], ...] = (
    {"type": "json_schema", "json_schema": {"name": "proposals", "strict": True, "schema": answer_schema()}},
    {"type": "json_object"},
)
_FORM_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_LET_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """Where a model answers: the base address (`/chat/completions` is added), key, model, and the bounds of an answer.

    `seconds` is for one answer, `pause` the first wait before asking again (it doubles), `max_tokens` of an answer.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 120.0
    max_tokens: int = 8_000
    pause: float = 1.0


class _AgainError(SourceUnavailableError):
    """A failure after which asking again may help, after `wait` seconds where the endpoint says so."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class _FormError(IngestError):
    """The endpoint refuses the request; it may be the form of answer that was asked for."""


class ChatExtractor:
    """An `Extractor` that asks a chat-completions endpoint. Use it with `async with`."""

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings
        self._address = f"{settings.url.rstrip('/')}/chat/completions"
        self._client = httpx.AsyncClient(
            verify=trusted(),
            timeout=httpx.Timeout(settings.seconds, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )
        self._forms = list(_FORMS)

    async def __aenter__(self) -> ChatExtractor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.aclose()

    @property
    def model(self) -> str:
        """The name of the model, as it is asked for."""
        return self._settings.model

    async def propose(self, part: TextPart, guide: Guide) -> Answer:
        """Ask for the claims of one part; an endpoint that knows no JSON schema is asked for plain JSON from then on.

        Raises SourceUnavailableError, SourceRefusedError and SourceChangedError.
        """
        asked: dict[str, Any] = {
            "model": self._settings.model,
            "messages": messages(part, guide),
            "temperature": 0,
            "max_tokens": self._settings.max_tokens,
        }
        while True:
            try:
                content = await self._asked({**asked, "response_format": self._forms[0]})
            except _FormError as error:
                if len(self._forms) == 1:
                    raise SourceChangedError(str(error)) from None
                self._forms.pop(0)
            else:
                return _answer_of(content)

    async def _asked(self, body: Mapping[str, Any]) -> bytes:
        """One question, asked again after 429 and 5xx and where nothing answers: at most `ATTEMPTS` times."""
        pause = self._settings.pause
        content = b""
        async for attempt in stamina.retry_context(
            on=_wait, attempts=ATTEMPTS, timeout=None, wait_initial=pause, wait_max=LONGEST_WAIT, wait_jitter=pause
        ):
            with attempt:
                content = await self._once(body)
        return content

    async def _once(self, body: Mapping[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        if self._settings.key is not None:
            headers["Authorization"] = f"Bearer {self._settings.key}"
        try:
            async with (
                asyncio.timeout(self._settings.seconds),
                self._client.stream("POST", self._address, content=orjson.dumps(body), headers=headers) as response,
            ):
                content = await _bounded(response)
        except (TimeoutError, httpx.TimeoutException):
            limit = f"{self._settings.seconds:g} seconds"
            raise SourceUnavailableError(
                f"the model did not answer within {limit}; raise WHYMOVE_EXTRACTION_TIMEOUT"
            ) from None
        except httpx.HTTPError as error:
            raise _AgainError(f"the model at {self._settings.url} cannot be reached ({type(error).__name__})") from None
        except httpx.InvalidURL:
            raise SourceRefusedError("WHYMOVE_EXTRACTION_URL is no address that can be asked") from None
        self._check(response, content)
        return content

    def _check(self, response: httpx.Response, content: bytes) -> None:
        """Raises the error of an answer that is none."""
        status = response.status_code
        said = self._said(content)
        if status in _LET_IN:
            raise SourceRefusedError(
                f"the endpoint answers {status}{said}; check WHYMOVE_EXTRACTION_URL, _KEY and _MODEL"
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            if wait is not None and wait > LONGEST_WAIT:
                raise SourceUnavailableError(f"the endpoint answers {status} and asks to wait {wait:.0f} s; try then")
            raise _AgainError(f"the endpoint answers {status}{said}; it was asked {ATTEMPTS} times, try later", wait)
        if response.has_redirect_location:
            raise SourceRefusedError(
                f"the endpoint sends on to {_shown(response.headers['location'])!r}, which is not followed; "
                "set WHYMOVE_EXTRACTION_URL to the address that is meant"
            )
        if status in _FORM_REFUSED:
            raise _FormError(f"the endpoint refuses the question with {status}{said}")
        kind = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        if status != HTTPStatus.OK or kind != "application/json":
            raise SourceChangedError(
                f"the endpoint answers {status} with {_shown(kind) or 'no media type'} and not with JSON; "
                "the base address often ends in /v1"
            )

    def _said(self, content: bytes) -> str:
        """What the endpoint says of a failure, cut, without control characters and without the key."""
        try:
            error = orjson.loads(content)["error"]
            text = str(error["message"] if isinstance(error, dict) else error)
        except (ValueError, KeyError, TypeError):
            return ""
        if self._settings.key:
            text = text.replace(self._settings.key, "***")
        return f" ({_shown(text)})" if text else ""


def _wait(error: Exception) -> bool | float:
    if not isinstance(error, _AgainError):
        return False
    return True if error.wait is None else error.wait


async def _bounded(response: httpx.Response) -> bytes:
    """The body as it was sent, at most `ANSWER_BYTES` of it; no more is read. Raises SourceChangedError."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise SourceChangedError("the endpoint packs its answers, which it was asked not to do")
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > ANSWER_BYTES:
            raise SourceChangedError(f"the endpoint answers with more than {ANSWER_BYTES // 1000:,} kB; it was cut off")
    return bytes(content)


def _answer_of(content: bytes) -> Answer:
    """The text of the first choice. Raises SourceChangedError."""
    try:
        choice = json.loads(content)["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str):
        raise SourceChangedError("the endpoint answers with no choices[0].message.content: is it a chat endpoint?")
    return Answer(text=text, cut=choice.get("finish_reason") == "length")


def _shown(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text[:_WORDS])
