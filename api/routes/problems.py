"""The page of each kind of problem: where the `type` of a problem body leads."""

from __future__ import annotations

from difflib import get_close_matches

from fastapi import APIRouter

from api.errors import UnknownResourceError
from api.guarding import needs
from api.problems import PROBLEMS
from api.routes.answers import NOT_FOUND
from api.schemas import ProblemPage

router = needs("public")(APIRouter(tags=["problems"]))


@router.get(
    "/problems/{slug}", operation_id="getProblem", summary="What does this kind of problem mean?", responses=NOT_FOUND
)
async def get_problem(slug: str) -> ProblemPage:
    """The words of one kind of problem."""
    problem = PROBLEMS.get(slug)
    if problem is None:
        raise UnknownResourceError("problem", slug, tuple(get_close_matches(slug, sorted(PROBLEMS), n=3)))
    return ProblemPage(
        type=problem.type, title=problem.title, status=problem.status, code=problem.code, text=problem.text
    )
