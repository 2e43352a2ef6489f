"""The tools that agents have: each is one call of what REST and the command call, with arguments that are checked.

There is none for Cypher: an agent asks the reviewed questions, with parameters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from api.catalog import list_page
from api.catalog_ones import data_gaps_of_move
from api.clocks import chosen_of
from api.computations import Explain
from api.dates import write_instant
from api.deps import Services
from api.digest import digest_of, digest_text, evidence_of, evidence_text
from api.errors import InvalidAskError
from api.facts import DISPUTES
from api.mcp_progress import Tell
from api.paging import page_of
from api.questions import Question, answer, question_named, questions
from api.schemas_mcp import (
    Disputes,
    DisputesArguments,
    Evidence,
    EvidenceArguments,
    ExplainArguments,
    Explained,
    FoundList,
    Gaps,
    GapsArguments,
    NoArguments,
    Rows,
    RunArguments,
    SavedQueries,
    SearchArguments,
    Wire,
)
from api.searching import search as search_names
from api.values import as_json, as_text
from graph.reading import Clocks, explanation_body

_CLOCKS = frozenset({"as_of", "as_at"})
_CELL, _TEXT_ROWS = 400, 20
Given = TypeVar("Given", bound=Wire)
Said = tuple[Wire, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: its name and words, the models of its arguments and of its answer, and what it does.

    `reads` is false where it keeps something; `run` gives the answer and the same in a few lines of text, and may tell
    of its steps meanwhile.
    """

    name: str
    title: str
    text: str
    asked: type[Wire]
    answered: type[Wire]
    run: Callable[[Any, Services, Tell], Awaitable[Said]]
    reads: bool = True


async def _explain(asked: ExplainArguments, services: Services, tell: Tell) -> Said:
    question = {**asked.model_dump(exclude={"day"}), "on": asked.day}
    try:
        digest = digest_of(orjson.loads((await services.compute(Explain(question=question), tell)).body))
    except InvalidAskError as error:
        if error.field == "on":  # as REST calls it
            raise InvalidAskError("day", error.reason) from error
        raise
    return digest, digest_text(digest)


async def _evidence(asked: EvidenceArguments, services: Services, _: Tell) -> Said:
    kept = orjson.loads(await explanation_body(await services.graph(), asked.explanation))
    evidence = evidence_of(kept, asked.story, asked.limit)
    return evidence, evidence_text(evidence)


async def _disputes(asked: DisputesArguments, services: Services, _: Tell) -> Said:
    page = page_of(
        f"mcp disputes {asked.subject or ''}",
        limit=asked.limit,
        cursor=asked.cursor,
        as_of=asked.as_of,
        as_at=asked.as_at,
        present=None if asked.cursor or asked.as_at else await services.present(),
    )
    listed = await list_page(DISPUTES.list, page, await services.graph(), {"subject": asked.subject})
    found = Disputes.model_validate({"items": listed.items, "next_cursor": listed.next_cursor})
    lines = [f"{one.key} ({', '.join(one.kinds)}): {' against '.join(one.sides)}" for one in found.items]
    return found, _lines(lines, "No dispute is known.")


async def _data_gaps(asked: GapsArguments, services: Services, _: Tell) -> Said:
    rows = await data_gaps_of_move(await services.graph(), asked.move, await _clocks(asked, services))
    found = Gaps.model_validate({"items": rows[: asked.limit], "left_out": max(0, len(rows) - asked.limit)})
    return found, _lines([f"{one.kind}: {one.item}" for one in found.items], "Nothing is named as missing.")


async def _search(asked: SearchArguments, services: Services, _: Tell) -> Said:
    clocks = await _clocks(asked, services)
    rows = await search_names(await services.graph(), asked.text, clocks, kinds=asked.kinds, limit=asked.limit)
    found = FoundList.model_validate({"items": rows})
    return found, _lines([f"{one.kind} {one.id}: {one.name}" for one in found.items], "Nothing is called so.")


async def _saved_queries(_: NoArguments, __: Services, ___: Tell) -> Said:
    found = SavedQueries.model_validate({"items": [_saved(one) for one in questions()]})
    return found, _lines([f"{one.id}. {one.question}" for one in found.items], "", most=len(found.items))


async def _run_saved_query(asked: RunArguments, services: Services, _: Tell) -> Said:
    question = question_named(asked.query)
    clocks = await _clocks(asked, services)
    table = await answer(
        await services.graph(), question, asked.parameters, asked.case, clocks.as_of, as_at=clocks.as_at
    )
    shown = table.rows[: asked.limit]
    content = {
        "query": question.id,
        "question": question.text,
        "columns": question.columns,
        "rows": [[_bounded(as_json(value)) for value in row] for row in shown],
        "left_out": len(table.rows) - len(shown),
        "as_of": write_instant(clocks.as_of),
        "as_at": write_instant(clocks.as_at),
    }
    lines = ["; ".join(as_text(value) for value in row) for row in shown]
    return Rows.model_validate(content), _lines([question.text, *lines], "") if lines else f"{question.id}: no row."


def _saved(one: Question) -> dict[str, object]:
    parameters = [{"name": name, "note": note or None} for name, note in one.parameters.items() if name not in _CLOCKS]
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "question": one.text,
        "parameters": parameters,
        "columns": list(one.columns),
    }


async def _clocks(asked: GapsArguments | SearchArguments | RunArguments, services: Services) -> Clocks:
    return await chosen_of(asked.as_of, asked.as_at, services.present)


def _bounded(value: object) -> object:
    return f"{value[:_CELL]}..." if isinstance(value, str) and len(value) > _CELL else value


def _lines(lines: list[str], nothing: str, most: int = _TEXT_ROWS) -> str:
    """The first lines as one text; what is left out is counted."""
    more = [f"and {len(lines) - most} more, in the structured answer"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more]) or nothing


TOOLS = (
    Tool(
        name="explain",
        title="Why did this market move happen?",
        text="Weigh the competing stories of one move: their odds, what speaks against and for each. Give an instrument"
        " with a day, or a case. The explanation is kept; its id opens `evidence`.",
        asked=ExplainArguments,
        answered=Explained,
        run=_explain,
        reads=False,
    ),
    Tool(
        name="evidence",
        title="What stands behind a story?",
        text="All that weighs for and against one story of an explanation, its steps, and what nobody has looked at.",
        asked=EvidenceArguments,
        answered=Evidence,
        run=_evidence,
    ),
    Tool(
        name="disputes",
        title="Which reports cannot all be right?",
        text="Facts that contradict one another, with the keys of their sides and the preferred one where it is known.",
        asked=DisputesArguments,
        answered=Disputes,
        run=_disputes,
    ),
    Tool(
        name="data_gaps",
        title="What is missing about a move?",
        text="What cases and explanations of a move name as missing, what would tell most first.",
        asked=GapsArguments,
        answered=Gaps,
        run=_data_gaps,
    ),
    Tool(
        name="search",
        title="What is called so?",
        text="Instruments, actors, events and documents by words of their names, with the ids that other tools take.",
        asked=SearchArguments,
        answered=FoundList,
        run=_search,
    ),
    Tool(
        name="saved_queries",
        title="Which questions are saved?",
        text="The reviewed questions of analysts, with what each needs; `run_saved_query` asks one.",
        asked=NoArguments,
        answered=SavedQueries,
        run=_saved_queries,
    ),
    Tool(
        name="run_saved_query",
        title="Ask a saved question",
        text="The rows of one reviewed question, by its number or name, with its parameters as text.",
        asked=RunArguments,
        answered=Rows,
        run=_run_saved_query,
    ),
)
