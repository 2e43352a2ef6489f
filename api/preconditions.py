"""Changes ask which version they change (RFC 9110, section 13.1.1): `If-Match` with the tag that was read."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header

from api.errors import FailedConditionError, MissingConditionError

IfMatch = Annotated[
    str | None,
    Header(max_length=200, description="the `ETag` of the version that is changed; 428 without, 412 if stale"),
]


def tag_of(content: bytes) -> str:
    """The strong tag of one version, as a GET of it sends it."""
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def check_condition(given: str | None, tag: str) -> None:
    """Raises MissingConditionError without a tag, FailedConditionError where it is another one's."""
    if given is None or not given.strip():
        raise MissingConditionError("send If-Match with the ETag of the version that you read")
    names = [name.strip() for name in given.split(",")]
    if tag not in names and names != ["*"]:
        raise FailedConditionError("this was changed since you read it; read it again, and decide anew")
