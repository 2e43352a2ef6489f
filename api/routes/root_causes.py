"""Which node of a causal graph began, over REST: the function behind `whymove root-causes`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import orjson
from fastapi import APIRouter, Body, Depends

from api.guarding import needs
from api.routes.answers import BAD_BODY
from api.routes.explanations import json_only
from api.schemas_attributions import ROOT_CAUSE_EXAMPLES, RootCauseRequest, RootCausesBody
from causal.root_causes import rank_root_causes

router = needs("read")(APIRouter(tags=["explanations"]))
PATH = "/v1/root-causes"
BODY_LIMIT = 16 * 1024 * 1024


@router.post(
    PATH,
    operation_id="createRootCauses",
    summary="Find the root causes of an anomaly",
    responses=BAD_BODY,
    dependencies=[Depends(json_only)],
)
async def create_root_causes(
    body: Annotated[RootCauseRequest, Body(openapi_examples=ROOT_CAUSE_EXAMPLES)],
) -> RootCausesBody:
    """Every node of a causal graph with its posterior of being a root cause, and every arrow with a verdict.

    Tables are columns of numbers in order of time; a column that is no node is left aside, a node without one is
    answered from its neighbours. Nothing is kept, and the graph of facts is not asked. Bodies of up to 16 MB are read.
    """
    answer = await asyncio.to_thread(
        rank_root_causes, body.graph, _table(body.normal), _table(body.anomalous), body.target
    )
    return RootCausesBody.model_validate(orjson.loads(orjson.dumps(answer)))


def _table(columns: dict[str, list[float | None]]) -> dict[str, list[float]]:
    return {name: [float("nan") if value is None else value for value in values] for name, values in columns.items()}
