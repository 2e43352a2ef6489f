"""Which node of a causal graph began, over REST: the function behind `whymove root-causes`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api.computations import FindRootCauses
from api.deps import GivenServices
from api.guarding import needs
from api.routes.answers import BAD_BODY
from api.routes.explanations import json_only
from api.schemas_attributions import ROOT_CAUSE_EXAMPLES, RootCauseRequest, RootCausesBody

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
    body: Annotated[RootCauseRequest, Body(openapi_examples=ROOT_CAUSE_EXAMPLES)], services: GivenServices
) -> RootCausesBody:
    """Every node of a causal graph with its posterior of being a root cause, and every arrow with a verdict.

    Tables are columns of numbers in order of time; a column that is no node is left aside, a node without one is
    answered from its neighbours. Nothing is kept, and the graph of facts is not asked. Bodies of up to 16 MB are read.
    """
    work = FindRootCauses(graph=body.graph, normal=body.normal, anomalous=body.anomalous, target=body.target)
    return RootCausesBody.model_validate(await services.compute(work))
