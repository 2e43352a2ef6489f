"""What an answer of Deribit holds, or why it holds nothing. Shared by the connectors that ask it."""

from __future__ import annotations

from typing import Any

from ingest.connecting import Payload
from ingest.errors import SourceUnavailableError
from ingest.payloadreading import changed, json_of

TOO_MUCH = 10028


def result_of(payload: Payload) -> Any:
    """What an answer holds. Raises SourceChangedError for an error, and for an answer of the host for tests."""
    answer = json_of(payload)
    if not isinstance(answer, dict) or "result" not in answer:
        error = answer.get("error") if isinstance(answer, dict) else answer
        check_pace(payload, error)
        raise changed(payload, f"holds no result: {str(error)[:200]}")
    if answer.get("testnet"):
        raise changed(payload, "is of the host for tests, whose prices are made up")
    return answer["result"]


def check_pace(payload: Payload, error: object) -> None:
    """Raises SourceUnavailableError where an error says that too much was asked for at once."""
    if isinstance(error, dict) and error.get("code") == TOO_MUCH:
        raise SourceUnavailableError(f"{payload.url} asks for slower requests; resume the run later")
