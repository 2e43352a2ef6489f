"""What a Neo4j says that it would do for an analyst's query, judged before it does it.

The gate over the text refuses what it does not know; here the server's own reading of the text is held against a list
of operators that only read. The embedded server cannot be asked so: it calls every query a write.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from graph.cypherwords import PROCEDURES
from graph.errors import QueryOverBudgetError, QueryRefusedError

READS_ONLY = "r"
MOST_ROWS = 1e9  # estimated, over all operators: a minute and more where ten million rows a second are made
Plan = Mapping[str, Any]

_SCANS = (
    "AllNodesScan NodeByLabelScan UnionNodeByLabelsScan IntersectionNodeByLabelsScan SubtractionNodeByLabelsScan"
    " NodeIndexScan NodeIndexContainsScan NodeIndexEndsWithScan NodeIndexSeek NodeIndexSeekByRange MultiNodeIndexSeek"
    " NodeUniqueIndexSeek NodeUniqueIndexSeekByRange NodeByIdSeek NodeByElementIdSeek NodeCountFromCountStore"
    " RelationshipCountFromCountStore"
)
_OF_RELATIONSHIPS = (
    "AllRelationshipsScan RelationshipTypeScan UnionRelationshipTypesScan RelationshipIndexScan RelationshipIndexSeek"
    " RelationshipIndexSeekByRange RelationshipIndexContainsScan RelationshipIndexEndsWithScan RelationshipByIdSeek"
    " RelationshipByElementIdSeek"
)
_PATHS = (
    "Expand(All) Expand(Into) OptionalExpand(All) OptionalExpand(Into) VarLengthExpand(All) VarLengthExpand(Into)"
    " VarLengthExpand(Pruning) VarLengthExpand(Pruning,BFS,All) VarLengthExpand(Pruning,BFS,Into) Repeat(Trail)"
    " BidirectionalRepeat(Trail) ShortestPath StatefulShortestPath(All) StatefulShortestPath(Into)"
)
_ROWS = (
    "Apply SemiApply AntiSemiApply Anti LetSemiApply LetAntiSemiApply SelectOrSemiApply SelectOrAntiSemiApply"
    " LetSelectOrSemiApply LetSelectOrAntiSemiApply ConditionalApply AntiConditionalApply RollUpApply Argument"
    " ArgumentTracker CartesianProduct NodeHashJoin NodeLeftOuterHashJoin NodeRightOuterHashJoin ValueHashJoin"
    " TriadicSelection TriadicBuild TriadicFilter AssertSameNode AssertSameRelationship Filter Limit Skip Sort"
    " PartialSort Top PartialTop Union OrderedUnion Unwind PartitionedUnwind Distinct OrderedDistinct EagerAggregation"
    " OrderedAggregation Eager CacheProperties Projection ProduceResults Optional EmptyRow"
)
OPERATORS = frozenset(
    [*_SCANS.split(), *_PATHS.split(), *_ROWS.split()]
    + [f"{side}{name}" for name in _OF_RELATIONSHIPS.split() for side in ("Directed", "Undirected")]
)
_CALL = "ProcedureCall"
_CALLED = re.compile(r"\s*([\w.]+)\(")


def judged(plan: Plan, query_type: str | None) -> str:
    """The fingerprint of a plan that only reads and is within budget (16 hexadecimal digits).

    `query_type` is what the server calls the query (r, w, rw or s). Raises QueryRefusedError, QueryOverBudgetError.
    """
    if query_type != READS_ONLY:
        raise _refusal(f"the server calls this query {query_type!r}, and only reads ('r') are taken")
    rows, digest = 0.0, hashlib.sha256()
    for depth, step in _walk(plan, 0):
        operator, details = _operator(step), str(step.get("args", {}).get("Details", ""))
        _check(operator, details)
        rows += float(step.get("args", {}).get("EstimatedRows", 0.0))
        digest.update(f"{depth} {operator} {details}\n".encode("utf-8", "surrogatepass"))
    if not rows <= MOST_ROWS:  # so written that what is no number is too much
        raise QueryOverBudgetError(
            f"the server expects this query to make {rows:.0e} rows on its way, and {MOST_ROWS:.0e} are taken:"
            " tie the patterns together, narrow them by id or label, or shorten the paths"
        )
    return digest.hexdigest()[:16]


def _walk(step: Plan, depth: int) -> Iterator[tuple[int, Plan]]:
    yield depth, step
    for below in step.get("children", ()):
        yield from _walk(below, depth + 1)


def _operator(step: Plan) -> str:
    """The operator without the database that it runs in: `Expand(All)` of `Expand(All)@neo4j`."""
    return str(step["operatorType"]).rpartition("@")[0] or str(step["operatorType"])


def _check(operator: str, details: str) -> None:
    if operator == _CALL:
        called = _CALLED.match(details)
        if called is None or called[1] not in PROCEDURES:
            raise _refusal(f"the procedure {called[1] if called else '?'} is not among those taken")
    elif operator not in OPERATORS:
        raise _refusal(f"the server would answer it with {operator}, which is not among the operators that only read")


def _refusal(reason: str) -> QueryRefusedError:
    return QueryRefusedError(f"{reason}; ask with MATCH, WITH, UNWIND and RETURN", rule="plan")
