"""A user's own templates over REST: made, given a new version, removed; and any template checked without being kept."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Response

from api.catalog import template_row
from api.deps import GivenServices, Services
from api.errors import TemplateRefusedError
from api.guarding import needs
from api.own_templates import OwnTemplates
from api.preconditions import IfMatch, check_condition, tag_of
from api.recording_stories import template_node
from api.routes.answers import BAD_BODY, DOWN, NOT_FOUND, UNREADABLE, Described, failure
from api.routes.explanations import json_only
from api.schemas import TemplateRow
from api.schemas_templates import TEMPLATE_EXAMPLES, TemplateFault, TemplateRequest, TemplateVerdict
from causal.library import get_template
from causal.model import Template
from graph.model import Batch

router = needs("ingest")(APIRouter(tags=["catalog"]))
GivenTemplate = Annotated[TemplateRequest, Body(openapi_examples=TEMPLATE_EXAMPLES)]
GivenId = Annotated[str, Path(alias="id", max_length=300)]
_TAKEN = failure(409, "the id is that of a bundled template, or of one of your own")
_CONDITION = failure(412, "it was changed since it was read") | failure(428, "`If-Match` is missing")
_CREATED: Described = {
    201: {
        "model": TemplateRow,
        "description": "kept",
        "headers": {"Location": {"description": "where it is", "schema": {"type": "string"}}},
    }
}


@router.post(
    "/v1/templates",
    operation_id="createTemplate",
    summary="Add a template of your own",
    status_code=HTTPStatus.CREATED,
    responses=_CREATED | BAD_BODY | _TAKEN | DOWN,
    dependencies=[Depends(json_only)],
)
async def create_template(body: GivenTemplate, response: Response, services: GivenServices) -> TemplateRow:
    """Kept as a file of the data folder and in the graph; from then on every explanation tries it.

    It is refused with every place that is at fault, by the same rules as the bundled ones.
    """
    template = await asyncio.to_thread(_own(services).create, _content(body))
    response.headers["Location"] = f"/v1/templates/{template.id}"
    return await _kept(template, services)


@router.put(
    "/v1/templates/{id}",
    operation_id="replaceTemplate",
    summary="Give a template of your own a new version",
    responses=BAD_BODY | NOT_FOUND | _TAKEN | _CONDITION | DOWN,
    dependencies=[Depends(json_only)],
)
async def replace_template(
    template_id: GivenId, body: GivenTemplate, services: GivenServices, if_match: IfMatch = None
) -> TemplateRow:
    """The whole template, under a new `version`; the one before stays in the folder."""
    _check(template_id, services, if_match)
    template = await asyncio.to_thread(_own(services).replace, template_id, _content(body))
    return await _kept(template, services)


@router.delete(
    "/v1/templates/{id}",
    operation_id="deleteTemplate",
    summary="Remove a template of your own",
    status_code=HTTPStatus.NO_CONTENT,
    responses=NOT_FOUND | UNREADABLE | _TAKEN | _CONDITION,
)
async def delete_template(template_id: GivenId, services: GivenServices, if_match: IfMatch = None) -> None:
    """No explanation tries it any more; those that did keep what they say."""
    _check(template_id, services, if_match)
    await asyncio.to_thread(_own(services).delete, template_id)
    services.look()


@router.post(
    "/v1/templates/validate",
    operation_id="validateTemplate",
    summary="Check a template without keeping it",
    responses=BAD_BODY,
    dependencies=[Depends(json_only)],
)
async def validate_template(body: GivenTemplate, services: GivenServices) -> TemplateVerdict:
    """Whether it holds together, and if not every place where it does not."""
    try:
        _own(services).check(_content(body))
    except TemplateRefusedError as error:
        faults = [TemplateFault(pointer="/" + place.replace(".", "/"), detail=why) for place, why in error.faults]
        return TemplateVerdict(valid=False, errors=faults)
    return TemplateVerdict(valid=True, errors=[])


def _own(services: Services) -> OwnTemplates:
    assert services.own is not None
    return services.own


def _content(body: TemplateRequest) -> dict[str, object]:
    return body.model_dump(exclude_unset=True)


def _check(name: str, services: Services, given: str | None) -> None:
    row = _row(get_template(services.knowledge.library, name), services)
    check_condition(given, tag_of(row.model_dump_json().encode()))


async def _kept(template: Template, services: Services) -> TemplateRow:
    services.look()
    await (await services.graph()).upsert(Batch(nodes=(template_node(template),)))
    return _row(template, services)


def _row(template: Template, services: Services) -> TemplateRow:
    return TemplateRow.model_validate(template_row(template, services.own_ids()))
