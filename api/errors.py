"""Why a request could not be served, as far as the ways in themselves are concerned.

ApiError
├── InvalidAskError        a question that cannot be asked so: which field, why, and what to write instead
├── UnknownCursorError     a page marker that this list did not hand out
├── UnknownResourceError   an id under which nothing is kept (proposes near ones)
├── LedgerUnavailableError the file of jobs and kept answers cannot be used (temporary)
├── TooManyJobsError       more jobs wait than are taken in (temporary)
├── TooManyStreamsError    more clients listen to streams than are served (temporary)
├── InvalidKeyError        an `Idempotency-Key` that cannot be one
├── KeyReusedError         an `Idempotency-Key` that stands for another request
├── KeyInUseError          an `Idempotency-Key` whose first request is still being served (temporary)
├── TemplateRefusedError   a template that does not hold together (names every place)
├── TemplateTakenError     a template id that is taken
├── MissingConditionError  a change without `If-Match`
├── FailedConditionError   a change of a version that is not the current one
├── UnauthenticatedError   nobody who is known, where one has to be known
├── MissingScopeError      a caller who may not do this (names the scope)
├── TooManyRequestsError   more requests than this caller may make (says when to go on)
├── OverloadedError        more requests at once than this service takes
├── ComputingUnavailableError  the processes that compute have gone and are being started again (temporary)
├── IssuerUnavailableError an issuer of tokens whose keys cannot be had
├── InvalidApiKeyError     an API key that cannot be made, rotated or revoked so
├── InvalidLabelsError     a table of judged moves that does not hold together (names every line)
└── InvalidSettingsError   an environment variable that does not hold together (stops the start)
"""

from __future__ import annotations

from collections.abc import Sequence


class ApiError(Exception):
    """Root of everything this package raises."""


class InvalidAskError(ApiError):
    """A question that cannot be asked so; `field` is the name of the field at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnknownCursorError(ApiError):
    """A page marker that this list did not hand out; ask again without a cursor."""


class UnknownResourceError(ApiError):
    """An id under which nothing is kept; `near` proposes ids that are kept."""

    def __init__(self, kind: str, name: str, near: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"unknown {kind} {name!r}{hint}")
        self.kind = kind
        self.name = name
        self.near = near


class InvalidSettingsError(ApiError):
    """An environment variable that does not hold together; `name` is the variable."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class LedgerUnavailableError(ApiError):
    """The file of jobs and kept answers cannot be used; what needs neither is still served."""


class TooManyJobsError(ApiError):
    """More jobs wait than are taken in; ask again after `Retry-After`."""


class TooManyStreamsError(ApiError):
    """More clients listen to streams than are served; ask again after `Retry-After`, or read the resource instead."""


class InvalidKeyError(ApiError):
    """An `Idempotency-Key` that cannot be one: it is 1 to 255 visible ASCII characters, in quotes or without."""


class KeyReusedError(ApiError):
    """An `Idempotency-Key` that was sent with another request before; make a new key for every new request."""


class KeyInUseError(ApiError):
    """An `Idempotency-Key` whose first request is still being served; ask again after `Retry-After`."""


class MissingConditionError(ApiError):
    """A change without `If-Match`; send the `ETag` of the version that was read."""


class FailedConditionError(ApiError):
    """A change of a version that is not the current one; read it again, and decide anew."""


class UnauthenticatedError(ApiError):
    """Nobody who is known: send `Authorization: Bearer` with an API key, or with a token of the issuer named here.

    `given` tells whether anything was sent that was then refused.
    """

    def __init__(self, reason: str, *, given: bool) -> None:
        super().__init__(reason)
        self.given = given


class MissingScopeError(ApiError):
    """A caller who is known but may not do this; ask for a key that holds the scope named here."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"this needs the scope {scope!r}, which the key or token does not hold")
        self.scope = scope


class TooManyRequestsError(ApiError):
    """More requests than this caller may make in the window of its limit; wait `retry_after` seconds."""

    def __init__(self, limit: int, window: int, retry_after: int) -> None:
        super().__init__(f"{limit} requests in {window} s are the limit; ask again in {retry_after} s")
        self.retry_after = retry_after


class OverloadedError(ApiError):
    """More requests at once than this service takes, or one that is ending; ask again in `retry_after` seconds."""

    def __init__(self, reason: str, *, retry_after: int) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ComputingUnavailableError(ApiError):
    """The process that computes answers has gone, and is being started again; ask again after `Retry-After`."""


class MisdirectedRequestError(ApiError):
    """A request to a name that is none of this machine; ask at localhost, or have callers asked (WHYMOVE_AUTH)."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host!r} is no name of this machine, and nobody is asked who they are here: ask at localhost, or set"
            " WHYMOVE_AUTH=required"
        )


class IssuerUnavailableError(ApiError):
    """The issuer of tokens does not give its keys; API keys work on, tokens do again once it answers."""


class InvalidApiKeyError(ApiError):
    """An API key that cannot be made, rotated or revoked so; `field` is what is at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotAcceptableError(ApiError):
    """`Accept` names no media type that this address writes; name one of those that the detail lists."""

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__(f"none of the media types of Accept is written here; these are: {', '.join(offered)}")
        self.offered = tuple(offered)


class TemplateRefusedError(ApiError):
    """A template that does not hold together; `faults` names each place and what is wrong there."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{place}: {reason}" for place, reason in faults))
        self.faults = tuple(faults)


class InvalidLabelsError(ApiError):
    """A table of judged moves that does not hold together; `faults` names each line and what is wrong there."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {reason}" for line, reason in faults))
        self.faults = tuple(faults)


class TemplateTakenError(ApiError):
    """A template id that is taken: by the library, which nobody changes from outside, or by one of your own."""
