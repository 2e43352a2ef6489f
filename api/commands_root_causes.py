"""`whymove root-causes`: which node of a causal graph of series began, from files; it needs no graph server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.terminal import answers, print_plainly, print_table, write_bytes
from causal.root_causes import RootCause, RootCauses, rank_root_causes

PARQUET = {".parquet", ".pq"}
ARROW = {".arrow", ".feather", ".ipc"}
FOREMOST = 10
QUIET = 2.5  # surprise of the target below which nothing calls for an explanation


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("root-causes")(root_causes)


def root_causes(
    graph: Annotated[Path, typer.Argument(metavar="GRAPH.json", help="a JSON list of [cause, effect] pairs")],
    normal: Annotated[Path, typer.Argument(metavar="NORMAL", help="series before the anomaly (CSV, Parquet, Arrow)")],
    anomalous: Annotated[Path, typer.Argument(metavar="ANOMALOUS", help="the same series during the anomaly")],
    target: Annotated[str, typer.Option(help="the node whose anomaly is to be explained")],
    json: Annotated[bool, typer.Option("--json", help="print the whole answer as JSON")] = False,
) -> None:
    """Rank the nodes of a causal graph by the odds of being the root cause of an anomaly."""
    answer = rank_root_causes(_edges(graph), _table(normal), _table(anomalous), target)
    if json:
        write_bytes(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        _print(answer)


def _edges(path: Path) -> list[tuple[str, str]]:
    try:
        read: Any = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"{path} is not JSON: {error}") from error
    if not isinstance(read, list):
        raise typer.BadParameter(f"{path} holds no list; write [cause, effect] pairs in a JSON list")
    return read


def _table(path: Path) -> Any:
    """The file as an Arrow table; numbers are read as such, empty fields are missing."""
    # Imported here, because Arrow takes a tenth of a second that the other commands have no use for.
    import pyarrow
    from pyarrow import csv, feather, parquet

    ending = path.suffix.lower()
    if ending not in {".csv", *PARQUET, *ARROW}:
        raise typer.BadParameter(f"{path}: give a file that ends in .csv, .parquet or .arrow")
    try:
        if ending in PARQUET:
            return parquet.read_table(path)
        return feather.read_table(path) if ending in ARROW else csv.read_csv(path)
    except pyarrow.ArrowInvalid as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}") from error


def _print(answer: RootCauses) -> None:
    console = answers()
    first = answer.nodes[0]
    print_plainly(
        console,
        f"{first.node} is the likeliest root cause of the anomaly of {answer.target} ({first.posterior:.0%}); "
        f"{answer.anomalous_rows} rows against {answer.normal_rows}.\n",
    )
    if answer.target_surprise < QUIET:
        print_plainly(
            console, f"Note: {answer.target} itself shows hardly anything unusual ({answer.target_surprise:.1f}).\n"
        )
    rows = [
        (node.rank, node.node, f"{node.posterior:.3f}", f"{node.changed:.3f}", f"{node.reach:.2f}", _seen(node))
        for node in answer.nodes[:FOREMOST]
    ]
    print_table(console, ("#", "node", "posterior", "changed", "reach", "what its series shows"), rows)
    if len(answer.nodes) > FOREMOST:
        rest = answer.nodes[FOREMOST:]
        print_plainly(console, f"and {len(rest)} more, none above {rest[0].posterior:.3f} (--json shows them)")
    travelled = [edge for edge in answer.edges if edge.verdict == "travelled"]
    print_plainly(console, f"\nThe anomaly travelled along {len(travelled)} of {len(answer.edges)} edges:")
    if travelled:
        print_table(
            console, ("cause", "effect", "posterior"), [(e.cause, e.effect, f"{e.posterior:.2f}") for e in travelled]
        )
    if answer.unseen:
        print_plainly(console, f"\nNot seen, answered from their neighbours: {', '.join(answer.unseen)}")
    if answer.taken_as_certain:
        print_plainly(console, f"Taken as certain, the graph being dense: {', '.join(answer.taken_as_certain)}")


def _seen(node: RootCause) -> str:
    seen = node.evidence
    if seen is None:
        return node.note or ""
    what = f"{seen.kind} {'+' if seen.sign >= 0 else '-'}{seen.surprise:.1f}"
    if seen.unexplained is not None:
        what += f", unexplained by its causes {seen.unexplained:.1f}"
    return f"{what}; {seen.before:.4g} -> {seen.during:.4g}"
