"""The server of the Model Context Protocol: what tools and resources there are, and how errors are told.

An error that the caller can do something about is the answer of the tool, marked as an error, so that the agent reads
it; of a fault of ours only its kind is told, and the rest is logged.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import orjson
import structlog
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.shared.exceptions import McpError
from pydantic import AnyUrl, ValidationError

from api.catalog import template_row
from api.deps import Services
from api.errors import ApiError
from api.mcp_progress import Tell, progress_of
from api.mcp_tools import TOOLS, Tool
from api.problems import problem_of
from api.values import as_json
from causal.errors import CausalError
from graph.errors import GraphError
from ingest.errors import IngestError
from ingest.knownkeys import in_words

TEMPLATES, INDICATORS = "whymove://templates", "whymove://indicators"
_KNOWN = (ApiError, CausalError, GraphError, IngestError)
_JSON = "application/json"
_INSTRUCTIONS = """\
Why did a market move happen? Stories compete; every number can be taken apart. Begin with `explain` (an instrument
with a day, or a case), then `evidence` for one story: what speaks against it comes first. `disputes` and `data_gaps`
say what is contradicted and what is missing; `search` finds ids; `run_saved_query` asks reviewed questions. Report
posteriors with their bands, and do not take a story as proven."""
_log = structlog.get_logger("mcp")


def mcp_server(services: Services) -> Server[object, Any]:
    """The server over the services of this process; it keeps nothing between calls."""
    server: Server[object, Any] = Server("whymove", version=version("whymove"), instructions=_INSTRUCTIONS)
    tools = {tool.name: tool for tool in TOOLS}
    described = [_described(tool) for tool in TOOLS]

    async def list_tools() -> list[types.Tool]:
        return described

    async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        if name not in tools:
            return _refused(f"there is no tool {name!r}; there are {', '.join(tools)}")
        async with progress_of(server) as tell:
            return await _called(tools[name], arguments, services, tell)

    async def list_resources() -> list[types.Resource]:
        return [*_RESOURCES]

    async def list_resource_templates() -> list[types.ResourceTemplate]:
        return [*_RESOURCE_TEMPLATES]

    async def read_resource(uri: AnyUrl) -> Iterable[ReadResourceContents]:
        return [ReadResourceContents(content=_resource(str(uri), services), mime_type=_JSON)]

    server.list_tools()(list_tools)  # type: ignore[no-untyped-call]  # the SDK types part of itself
    server.call_tool(validate_input=False)(call_tool)  # the models say better what is wrong
    server.list_resources()(list_resources)  # type: ignore[no-untyped-call]
    server.list_resource_templates()(list_resource_templates)  # type: ignore[no-untyped-call]
    server.read_resource()(read_resource)  # type: ignore[no-untyped-call]
    return server


def _described(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(
        title=tool.title, readOnlyHint=tool.reads, destructiveHint=False, idempotentHint=True, openWorldHint=False
    )
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.text,
        inputSchema=tool.asked.model_json_schema(),
        outputSchema=tool.answered.model_json_schema(mode="serialization"),
        annotations=hints,
    )


async def _called(tool: Tool, arguments: dict[str, Any], services: Services, tell: Tell) -> types.CallToolResult:
    began, verdict = time.perf_counter(), "failed"
    try:
        services.look()
        answered, text = await tool.run(tool.asked.model_validate(arguments), services, tell)
        verdict = "answered"
    except ValidationError as error:
        verdict = "invalid"
        return _refused(_faults(error, tool))
    except _KNOWN as error:
        verdict = problem_of(error).code
        return _refused(f"{verdict}: {error}")
    except Exception:  # noqa: BLE001 - the last handler: no traceback may reach an agent
        _log.exception("mcp.fail", tool=tool.name)
        return _refused("internal_error: this call failed; the log of the server says why")
    finally:
        _log.info("mcp.call", tool=tool.name, verdict=verdict, ms=round((time.perf_counter() - began) * 1000, 1))
    content: list[types.ContentBlock] = [types.TextContent(type="text", text=text)]
    return types.CallToolResult(content=content, structuredContent=answered.model_dump(mode="json"))


def _refused(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], isError=True)


def _faults(error: ValidationError, tool: Tool) -> str:
    """What is wrong with arguments, each place by its name, and which there are."""
    faults = [
        f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {in_words(one, tool.asked)}" for one in error.errors()[:10]
    ]
    named = ", ".join(tool.asked.model_fields) or "none"
    return f"invalid_arguments: {'; '.join(faults)} (arguments of {tool.name}: {named})"


_RESOURCES = (
    types.Resource(
        uri=AnyUrl(TEMPLATES),
        name="templates",
        title="The library of stories",
        description="Every narrative template with its steps",
        mimeType=_JSON,
    ),
    types.Resource(
        uri=AnyUrl(INDICATORS),
        name="indicators",
        title="The catalogue of indicators",
        description="What can be measured, happen or be said, and how it is read",
        mimeType=_JSON,
    ),
)
_RESOURCE_TEMPLATES = (
    types.ResourceTemplate(
        uriTemplate=f"{TEMPLATES}/{{id}}", name="template", title="One narrative template in full", mimeType=_JSON
    ),
)


def _resource(uri: str, services: Services) -> str:
    services.look()
    library, own = services.knowledge.library, services.own_ids()
    if uri == TEMPLATES:
        return _text([template_row(one, own) for one in sorted(library, key=lambda one: one.id)])
    if uri == INDICATORS:
        return _text([as_json(one) for one in services.knowledge.indicators])
    found = next((one for one in library if uri == f"{TEMPLATES}/{one.id}"), None)
    if found is None:
        told = f"there is no resource {uri[:200]}; there are {TEMPLATES}, {TEMPLATES}/{{id}} and {INDICATORS}"
        raise McpError(types.ErrorData(code=-32002, message=told))
    return _text(as_json(found))


def _text(content: object) -> str:
    return orjson.dumps(content).decode()
