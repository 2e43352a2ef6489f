"""Who was right before: sources and authors with how their forecasts turned out, and the grade that this speaks for.

A grade is proposed to whoever reviews sources, never applied: what a source is worth is also a matter of who it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from api.catalog import Listed, Resource, Row, list_page
from api.facts import fact_row
from api.paging import Page
from causal.settings import Method
from causal.trackrecord import Mean, Scored, TrackRecord, track_record
from graph.errors import NotInGraphError
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

SOURCES = Resource(name="sources", query="list_sources", shape=fact_row)
CHECKS = ("ok", "failed", "not_checkable")


async def list_sources(reader: GraphReader, page: Page) -> Listed:
    """One page of sources and of authors of forecasts, each with its track record."""
    listed = await list_page(SOURCES, page, reader)
    clocks = Clocks(as_of=page.as_of, as_at=page.as_at)
    records = await _records(reader, [str(row["id"]) for row in listed.items], clocks)
    rows = tuple({**row, "record": records[str(row["id"])]} for row in listed.items)
    return Listed(items=rows, next_cursor=listed.next_cursor)


async def one_source(reader: GraphReader, name: str, clocks: Clocks) -> Row:
    """A source or author by id, alias or name, with track record, and how the checks of what it said came out.

    Raises NotInGraphError with near ids.
    """
    rows = await ask(reader, "one_source", {"id": name, **clocks.params()})
    if not rows:
        named = await ask(reader, "things_called", {"name": name, "folded": name.lower()})
        ids = [str(row["id"]) for row in named if row["label"] != "Instrument"]
        if not ids:
            known = [str(row["id"]) for row in await ask(reader, "names_of_authors")]
            raise NotInGraphError("source", name, tuple(get_close_matches(name, known, n=3, cutoff=0.5)))
        rows = await ask(reader, "one_source", {"id": ids[0], **clocks.params()})
    row = fact_row(rows[0])
    id_ = str(row["id"])
    checks = {
        str(one["outcome"]): one["n"] for one in await ask(reader, "checks_of_source", {"id": id_, **clocks.params()})
    }
    record = (await _records(reader, [id_], clocks))[id_]
    return {**row, "record": record, "checks": {outcome: checks.get(outcome, 0) for outcome in CHECKS}}


async def _records(reader: GraphReader, ids: Sequence[str], clocks: Clocks) -> dict[str, Row]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in await ask(reader, "records_of_forecasts", {"ids": list(ids), **clocks.params()}):
        found[str(row["who"])].append(row)
    return {id_: record_row(found[id_]) for id_ in ids}


def record_row(rows: Iterable[Mapping[str, object]]) -> Row:
    """The track record of forecasts, one row each with `probability`, `dated` and `outcome`, as JSON holds it."""
    rows = list(rows)
    told = [
        Scored(outcome=row["outcome"] == "true", probability=p if isinstance(p := row["probability"], float) else None)
        for row in rows
        if row["outcome"] in {"true", "false"}
    ]
    record = track_record(told, Method().grade)
    return {
        "forecasts": len(rows),
        "undated": sum(row["dated"] is not True for row in rows),
        "void": sum(row["outcome"] == "void" for row in rows),
        **_as_row(record),
    }


def _as_row(record: TrackRecord) -> Row:
    return {
        "resolved": record.resolved,
        "judged": record.judged,
        "right": record.right,
        "share_low": record.share_low,
        "share_high": record.share_high,
        "brier": _mean(record.brier),
        "log_score": _mean(record.log_score),
        "note": record.note,
        "proposed_grade": record.grade,
        "proposed_why": record.why,
    }


def _mean(mean: Mean) -> Row:
    return {"n": mean.n, "mean": mean.mean, "low": mean.low, "high": mean.high}
