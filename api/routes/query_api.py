"""Neo4j's Query API v2 over the analysts' way to the graph, for clients that speak it: reads alone.

Its bodies and codes are those of that protocol, which its makers describe; they stand in no description of ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api.accepting import accepted
from api.cypher import Answered, ask_graph
from api.cypher_question import CLOCKS, make_question, names_clock
from api.deps import GivenServices
from api.errors import InvalidAskError
from api.guarding import needs
from api.leaving import while_connected
from api.queryapi import (
    COUNTERS,
    VERSION,
    QueryApiError,
    Statement,
    Transactions,
    as_query_error,
    bad_request,
    clock_text,
    cut_short,
    read_statement,
)
from api.writing_cypher import as_object, lines
from graph.embedded import DATABASE
from graph.errors import GraphError

router = needs("cypher")(APIRouter(include_in_schema=False))
_JSON = "application/json"
_TYPED = "application/vnd.neo4j.query"
_VERSIONS = ("", ".v1.0", ".v1.1", ".v1.2")
_OFFERED = (
    _JSON,
    *(f"{_TYPED}{version}" for version in _VERSIONS),
    "application/jsonl",
    *(f"{_TYPED}{version}+jsonl" for version in _VERSIONS),
)
_ACCEPTED = 202  # this protocol's status of every statement that was taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of this protocol: its statement, the media type it wants, the services and the transactions."""

    request: Request
    statement: Statement
    wanted: str
    services: GivenServices
    transactions: Transactions


async def _read_call(database: str, request: Request, services: GivenServices) -> Call:
    if database not in {DATABASE, "neo4j", services.settings.graph_database}:
        raise QueryApiError(404, "Neo.ClientError.Database.DatabaseNotFound", f"there is no database {database!r}")
    wanted = accepted(request.headers.get("accept"), _OFFERED)
    if wanted is None:
        raise QueryApiError(406, "Neo.ClientError.Request.Invalid", f"Accept has to name one of {', '.join(_OFFERED)}")
    body = await request.body()
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if body and kind not in _OFFERED:
        raise QueryApiError(415, "Neo.ClientError.Request.Invalid", f"the body has to be {_JSON} or {_TYPED}")
    if not hasattr(request.app.state, "transactions"):
        request.app.state.transactions = Transactions()
    return Call(
        request=request,
        statement=read_statement(body, typed=kind.startswith(_TYPED)),
        wanted=wanted,
        services=services,
        transactions=request.app.state.transactions,
    )


async def _told(work: Callable[[], Awaitable[Response]]) -> Response:
    """The answer of `work`, or its failure in the words of this protocol."""
    try:
        return await work()
    except QueryApiError as error:
        return Response(error.body(), error.status, media_type=_JSON)
    except InvalidAskError as error:
        return Response(bad_request(str(error)).body(), 400, media_type=_JSON)
    except GraphError as error:
        told = as_query_error(error)
        return Response(told.body(), told.status, media_type=_JSON)


async def _ask(call: Call, statement: str) -> Answered:
    given = call.statement
    params = dict(given.params)
    clocks = [clock_text(name, params.pop(name, None)) for name in CLOCKS]  # this protocol has no other place for them
    question = make_question(
        statement,
        params,
        as_of=clocks[0],
        as_at=clocks[1],
        limits=given.limits,
        way="query-api",
        typed=call.wanted.startswith(_TYPED),
        present=await call.services.present() if clocks[1] is None and names_clock(statement) else None,
    )
    return await while_connected(call.request, ask_graph(call.services.analysts(), question))


def _extras(call: Call, answered: Answered | None, transaction: str | None) -> dict[str, object]:
    """What stands beside the rows."""
    extras: dict[str, object] = {"bookmarks": []}
    if transaction is not None:
        extras["transaction"] = Transactions.described(transaction)
    if call.statement.counters:
        extras["counters"] = COUNTERS
    if answered is not None and answered.answer.truncated is not None:
        extras["notifications"] = [cut_short(answered.answer.truncated)]
    return extras


async def _run(call: Call, *, transaction: str | None = None) -> Response:
    """Run the statement of a call, if it has one, and write what it gave."""
    text = call.statement.text
    answered = await _ask(call, text) if text is not None else None
    extras = _extras(call, answered, transaction)
    if answered is None:
        return Response(orjson.dumps(extras), _ACCEPTED, media_type=_JSON)
    answer = answered.answer
    if call.wanted.endswith("jsonl"):
        told = lines(answer.fields, answer.pieces, extras)
        return StreamingResponse(told, _ACCEPTED, media_type=call.wanted)
    body = b"".join((b'{"data":', as_object(answer), b",", orjson.dumps(extras)[1:]))
    return Response(body, _ACCEPTED, media_type=call.wanted)


@router.get("/")
@needs("public")
async def discover(request: Request) -> Response:
    """Where this protocol's addresses are, which clients ask first."""
    base = str(request.base_url)
    query = f"{base}db/{{databaseName}}/query/v2"
    content = {"query": query, "transaction": f"{query}/tx", "neo4j_version": VERSION, "neo4j_edition": "community"}
    return Response(orjson.dumps(content), media_type=_JSON)


@router.post("/db/{database}/query/v2")
async def run_statement(database: str, request: Request, services: GivenServices) -> Response:
    """One statement in a transaction of its own."""

    async def work() -> Response:
        call = await _read_call(database, request, services)
        if call.statement.text is None:
            raise bad_request("statement is missing")
        return await _run(call)

    return await _told(work)


@router.post("/db/{database}/query/v2/tx")
async def begin_transaction(database: str, request: Request, services: GivenServices) -> Response:
    """Begin a transaction, with a statement or without."""

    async def work() -> Response:
        call = await _read_call(database, request, services)
        return await _run(call, transaction=call.transactions.begin())

    return await _told(work)


@router.post("/db/{database}/query/v2/tx/{name}")
async def run_in_transaction(database: str, name: str, request: Request, services: GivenServices) -> Response:
    """One more statement of a transaction; a failure ends it, as that of a statement does everywhere."""

    async def work() -> Response:
        call = await _read_call(database, request, services)
        call.transactions.use(name)
        try:
            return await _run(call, transaction=name)
        except GraphError:
            call.transactions.end(name)
            raise

    return await _told(work)


@router.post("/db/{database}/query/v2/tx/{name}/commit")
async def commit_transaction(database: str, name: str, request: Request, services: GivenServices) -> Response:
    """End a transaction, after a last statement or without."""

    async def work() -> Response:
        call = await _read_call(database, request, services)
        call.transactions.end(name)
        return await _run(call)

    return await _told(work)


@router.delete("/db/{database}/query/v2/tx/{name}")
async def roll_back_transaction(database: str, name: str, request: Request, services: GivenServices) -> Response:
    """Leave a transaction."""

    async def work() -> Response:
        call = await _read_call(database, request, services)
        call.transactions.end(name)
        return Response(b"{}", media_type=_JSON)

    return await _told(work)
