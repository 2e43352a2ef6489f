"""The tag of a resource: of its bytes, honoured by If-None-Match, and only where one resource was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from api.conditional import Conditional


def served() -> FastAPI:
    app = FastAPI()
    app.add_middleware(Conditional)

    @app.get("/v1/things/{id}")
    async def thing(id: str) -> Response:  # noqa: A002
        if id == "missing":
            return Response("no", 404)
        return Response(f"thing {id}", headers={"X-Own": "kept"}, media_type="text/plain")

    @app.get("/v1/things")
    async def things() -> list[str]:
        return ["a"]

    @app.get("/v1/streams/{id}")
    async def stream(id: str) -> StreamingResponse:  # noqa: A002
        async def pieces() -> AsyncIterator[str]:
            yield f"{id} in"
            yield " pieces"

        return StreamingResponse(pieces())

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served()), base_url="http://localhost") as found:
        yield found


async def test_one_resource_has_a_strong_tag_of_its_bytes(client: httpx.AsyncClient) -> None:
    first, again, other = [(await client.get(f"/v1/things/{name}")) for name in ("a", "a", "b")]
    assert first.headers["etag"] == again.headers["etag"] != other.headers["etag"]
    assert first.headers["etag"].startswith('"')
    assert first.text == "thing a"


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"x", {tag}', "*"])
async def test_an_unchanged_resource_is_not_sent_again(client: httpx.AsyncClient, form: str) -> None:
    tag = (await client.get("/v1/things/a")).headers["etag"]
    answer = await client.get("/v1/things/a", headers={"If-None-Match": form.format(tag=tag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["etag"], answer.headers["x-own"]) == (tag, "kept")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


async def test_another_tag_gets_the_whole(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things/a", headers={"If-None-Match": '"x", "y"'})
    assert (answer.status_code, answer.text) == (200, "thing a")


@pytest.mark.parametrize(("path", "status"), [("/v1/things", 200), ("/v1/things/missing", 404), ("/v1/none", 404)])
async def test_lists_and_failures_have_no_tag(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code == status
    assert "etag" not in answer.headers


async def test_what_comes_in_pieces_is_passed_on_whole(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/streams/a", headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.text) == (200, "a in pieces")
    assert "etag" not in answer.headers
