"""Every way in which a request can fail, as one table: class or status -> slug, status and words.

The body is `application/problem+json` (RFC 9457) for every error; `type` is `/problems/<slug>`, a page of this table.
The command reads the same table for its exit codes, so both ways in call one failure by one name.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from api.errors import (
    ApiError,
    ComputingUnavailableError,
    FailedConditionError,
    InvalidApiKeyError,
    InvalidAskError,
    InvalidKeyError,
    InvalidLabelsError,
    InvalidSettingsError,
    IssuerUnavailableError,
    KeyInUseError,
    KeyReusedError,
    LedgerUnavailableError,
    MisdirectedRequestError,
    MissingConditionError,
    MissingScopeError,
    NotAcceptableError,
    OverloadedError,
    TemplateRefusedError,
    TemplateTakenError,
    TooManyJobsError,
    TooManyRequestsError,
    TooManyStreamsError,
    UnauthenticatedError,
    UnknownCursorError,
    UnknownResourceError,
)
from causal.errors import (
    CausalError,
    InvalidGraphError,
    InvalidTableError,
    InvalidTemplateError,
    NetworkTooWideError,
    UnknownTemplateError,
)
from graph.errors import (
    BackupError,
    GraphError,
    GraphUnavailableError,
    LostEndError,
    NotInGraphError,
    OntologyError,
    QueryOverBudgetError,
    QueryRefusedError,
    TooManyQueriesError,
)
from ingest.errors import (
    AlreadyDecidedError,
    IngestError,
    InvalidWindowError,
    RecordRejectedError,
    RunCancelledError,
    RunInUseError,
    RunLedgerError,
    ShortRunError,
    SourceBlockedError,
    SourceChangedError,
    SourceRefusedError,
    SourceUnavailableError,
    UnknownRunError,
    UnknownSourceError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One kind of failure: its slug (also the code, with underscores), status, title and what it means."""

    slug: str
    status: int
    title: str
    text: str

    @property
    def code(self) -> str:
        """The stable code of the body."""
        return self.slug.replace("-", "_")

    @property
    def type(self) -> str:
        """Where this kind of failure is described."""
        return f"/problems/{self.slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One place in the request that is at fault, as a JSON pointer, and what is wrong there.

    In a text such as a query, line and column (from 1) say where.
    """

    pointer: str
    detail: str
    near: tuple[str, ...] = ()
    line: int | None = None
    column: int | None = None

    def body(self) -> dict[str, object]:
        """Its form in the problem body."""
        place = {"line": self.line, "column": self.column} if self.line is not None else {}
        near = {"near": list(self.near)} if self.near else {}
        return {"pointer": self.pointer, "detail": self.detail, **near, **place}


_ROWS: tuple[tuple[type[Exception], str, int, str], ...] = (
    (GraphUnavailableError, "graph-unavailable", 503, "The graph does not answer"),
    (LostEndError, "being-written", 503, "Another process writes there just now"),
    (NotInGraphError, "not-in-graph", 404, "The graph does not hold this"),
    (OntologyError, "outside-ontology", 422, "Not a word of the ontology"),
    (QueryRefusedError, "query-refused", 400, "This query is not a bounded read"),
    (QueryOverBudgetError, "query-over-budget", 422, "This query takes too much"),
    (TooManyQueriesError, "too-many-queries", 429, "Too many queries at once"),
    (UnknownTemplateError, "unknown-template", 404, "No such template"),
    (InvalidTemplateError, "invalid-template", 500, "A template of this installation is broken"),
    (NetworkTooWideError, "network-too-wide", 422, "Too many narratives to weigh exactly"),
    (InvalidGraphError, "invalid-graph", 422, "Not a causal graph, or not one of this question"),
    (InvalidTableError, "invalid-table", 422, "A table of series cannot be read"),
    (SourceUnavailableError, "source-unavailable", 503, "A source does not answer"),
    (RecordRejectedError, "record-rejected", 422, "Values that do not hold together"),
    (SourceChangedError, "source-changed", 502, "A source has changed its shape"),
    (SourceRefusedError, "source-refused", 502, "A source lets us not in"),
    (SourceBlockedError, "source-blocked", 502, "A source keeps programs out"),
    (UnknownSourceError, "unknown-source", 404, "No such source"),
    (ShortRunError, "short-run", 422, "A run brought less than its source should"),
    (RunInUseError, "run-in-use", 409, "This source is being fetched"),
    (RunCancelledError, "run-cancelled", 409, "A run was cancelled"),
    (InvalidWindowError, "invalid-window", 422, "This cannot be fetched so"),
    (UnknownRunError, "unknown-run", 404, "No such run"),
    (RunLedgerError, "run-ledger-unavailable", 503, "Runs cannot be kept at the moment"),
    (AlreadyDecidedError, "already-decided", 409, "This was decided before"),
    (InvalidAskError, "invalid-ask", 422, "This cannot be asked so"),
    (UnknownCursorError, "unknown-cursor", 400, "This list did not hand out that cursor"),
    (NotAcceptableError, "not-acceptable", 406, "This is not written here"),
    (UnknownResourceError, "not-found", 404, "Nothing is kept under this id"),
    (LedgerUnavailableError, "ledger-unavailable", 503, "Jobs cannot be kept at the moment"),
    (TooManyJobsError, "too-many-jobs", 429, "Too many jobs wait"),
    (TooManyStreamsError, "too-many-streams", 503, "Too many clients listen"),
    (InvalidKeyError, "invalid-idempotency-key", 400, "This cannot be an idempotency key"),
    (KeyReusedError, "idempotency-key-reused", 422, "This idempotency key stands for another request"),
    (KeyInUseError, "idempotency-key-in-use", 409, "The first request with this key is still being served"),
    (TemplateRefusedError, "template-refused", 422, "This template does not hold together"),
    (InvalidLabelsError, "invalid-labels", 422, "These judged moves do not hold together"),
    (TemplateTakenError, "template-taken", 409, "This template id is taken"),
    (MissingConditionError, "missing-condition", 428, "A change needs If-Match"),
    (FailedConditionError, "failed-condition", 412, "That version is not the current one"),
    (UnauthenticatedError, "unauthenticated", 401, "Say who asks"),
    (MissingScopeError, "missing-scope", 403, "This key or token may not do that"),
    (TooManyRequestsError, "too-many-requests", 429, "Too many requests in this window"),
    (OverloadedError, "overloaded", 503, "Too much at once"),
    (ComputingUnavailableError, "computing-unavailable", 503, "Nothing can be computed at the moment"),
    (MisdirectedRequestError, "misdirected-request", 421, "Asked at a name that is none of this machine"),
    (IssuerUnavailableError, "issuer-unavailable", 503, "The issuer of tokens does not answer"),
    (InvalidApiKeyError, "invalid-api-key", 422, "An API key cannot be so"),
    (InvalidSettingsError, "invalid-settings", 500, "This installation is set up wrongly"),
    (BackupError, "backup-refused", 409, "This backup cannot be made, trusted or restored"),
    (GraphError, "graph-error", 500, "The graph refused"),
    (CausalError, "causal-error", 500, "The weighing failed"),
    (IngestError, "ingest-error", 500, "The ingest failed"),
    (ApiError, "api-error", 500, "The request failed"),
)

CLASSES: Mapping[type[Exception], Problem] = {
    kind: Problem(slug=slug, status=status, title=title, text=inspect.getdoc(kind) or title)
    for kind, slug, status, title in _ROWS
}

_PLAIN: tuple[tuple[str, int, str, str], ...] = (
    ("malformed-json", 400, "The body is not JSON", "The body could not be read as JSON; `errors` says where it ends."),
    (
        "not-found",
        404,
        "Nothing is kept under this address",
        "No resource has this address; `/openapi.json` lists all.",
    ),
    ("method-not-allowed", 405, "This address does not take that method", "The `Allow` header lists those it takes."),
    ("request-timeout", 408, "The request did not come to its end", "Send the whole body without such pauses."),
    ("body-too-large", 413, "The body is too large", "The body passed the size limit of this address."),
    (
        "unsupported-media-type",
        415,
        "Send application/json",
        "This address reads JSON: set `Content-Type` accordingly.",
    ),
    (
        "invalid-request",
        422,
        "The request does not fit its schema",
        "`errors` names each place and what is wrong there.",
    ),
    ("internal-error", 500, "Something went wrong here", "A fault of ours; the log holds it under the `request_id`."),
)

PLAIN: Mapping[str, Problem] = {
    slug: Problem(slug=slug, status=status, title=title, text=text) for slug, status, title, text in _PLAIN
}

PROBLEMS: Mapping[str, Problem] = {problem.slug: problem for problem in (*CLASSES.values(), *PLAIN.values())}


def problem_of(error: Exception) -> Problem:
    """The row of an error, that of its nearest base class where it has none of its own."""
    return next((CLASSES[kind] for kind in type(error).__mro__ if kind in CLASSES), PLAIN["internal-error"])


def problem_of_status(status: int) -> Problem:
    """The row of a bare HTTP status."""
    known = next((problem for problem in PLAIN.values() if problem.status == status), None)
    title = HTTPStatus(status).phrase
    return known or Problem(slug=title.lower().replace(" ", "-"), status=status, title=title, text=title)


def faults_of(error: Exception) -> tuple[Fault, ...]:
    """The places that an error of ours names, as JSON pointers."""
    if isinstance(error, InvalidAskError):
        return (Fault(pointer=f"/{error.field}", detail=error.reason),)
    if isinstance(error, NotInGraphError | UnknownResourceError | OntologyError):
        return (Fault(pointer=f"/{error.kind}", detail=str(error), near=error.near),)
    if isinstance(error, UnknownTemplateError):
        return (Fault(pointer="/template", detail=str(error), near=error.near),)
    if isinstance(error, QueryRefusedError) and error.rule is not None:
        pointer = "/params" if error.line is None else "/query"
        fault = Fault(pointer=pointer, detail=str(error), near=error.near, line=error.line, column=error.column)
        return (fault,)
    if isinstance(error, TemplateRefusedError):
        return tuple(Fault(pointer=f"/{place.replace('.', '/')}", detail=why) for place, why in error.faults)
    return _rejections(error) if isinstance(error, RecordRejectedError) else ()


def _rejections(error: RecordRejectedError) -> tuple[Fault, ...]:
    return tuple(
        Fault(pointer="/" + part.path.replace(".", "/").replace("[", "/").replace("]", ""), detail=str(part))
        for part in error.rejections
    )


def body_of(
    problem: Problem, detail: str, *, instance: str, request_id: str, faults: Sequence[Fault] = ()
) -> dict[str, object]:
    """The problem body of one failed request."""
    return {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": instance,
        "code": problem.code,
        "request_id": request_id,
        "errors": [fault.body() for fault in faults],
    }


def headers_of(error: Exception) -> dict[str, str]:
    """The header fields that go with an error: when to try again, on what it hangs."""
    if isinstance(error, NotAcceptableError):
        return {"Vary": "Accept"}
    if isinstance(error, GraphUnavailableError | TooManyQueriesError | TooManyRequestsError | OverloadedError):
        return {"Retry-After": str(error.retry_after)}
    later = isinstance(error, KeyInUseError | TooManyJobsError)
    later = later or problem_of(error).status == HTTPStatus.SERVICE_UNAVAILABLE
    return {"Retry-After": str(RETRY_AFTER)} if later else {}
