"""What sources call things and series is what each other, the bundled cases and the mapping of tables call them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.connectors.cftc.holidays import is_holiday
from ingest.connectors.cftc.release import as_of, released
from ingest.sources import load_source, source_names
from ingest.tableclocks import timetable
from ingest.tableformat import TimetablePart
from ingest.yamlfile import read_mapping

ROOT = Path(__file__).parent.parent.parent
MAPPING = read_mapping(ROOT / "tests" / "data" / "market.map.yaml", "a mapping")
FILES = [MAPPING, *(read_mapping(path, "a case") for path in sorted((ROOT / "ingest" / "cases").glob("*.yaml")))]
Named = dict[str, set[tuple[str, str]]]


def things(kind: str) -> Named:
    """Names and types of the instruments or actors that cases and the mapping know, by id."""
    found: Named = {}
    for one in (one for file in FILES for one in file.get(kind, ())):
        found.setdefault(one["id"], set()).add((one["name"], one["type"]))
    return found


def mapped_series() -> Iterator[dict[str, Any]]:
    for file in MAPPING["files"]:
        yield from file.get("series") or ()


KNOWN = {kind: things(kind) for kind in ("instruments", "actors")}
SERIES = {one["id"]: one for one in mapped_series() if "id" in one}


@pytest.mark.parametrize("name", source_names())
def test_a_source_calls_things_and_series_as_others_do(name: str) -> None:
    source = load_source(name)
    for kind, found in (("instruments", source.instruments), ("actors", source.actors)):
        for one in found:
            assert (one.name, one.type) in KNOWN[kind].get(one.id, {(one.name, one.type)}), one.id
    for series in source.series:
        other = SERIES.get(series.id)
        if other is not None:
            words = (series.indicator, series.subject, series.unit)
            assert words == (other["indicator"], other["subject"], other["unit"]), series.id


def test_the_mapping_and_the_source_say_alike_when_reports_of_the_cftc_became_public() -> None:
    rule = timetable(TimetablePart.model_validate(MAPPING["publications"]["cot"]))
    tuesdays = (date(2017, 1, 3) + timedelta(weeks=n) for n in range(520))
    days = [day - timedelta(days=1) if is_holiday(day) else day for day in tuesdays]
    assert [day for day in days if rule(as_of(day), day) != released(day, "tff")] == []


def test_sources_agree_on_what_several_of_them_give() -> None:
    named: dict[str, tuple[str, ...]] = {}
    for name in source_names():
        source = load_source(name)
        for one in (*source.instruments, *source.actors):
            assert named.setdefault(one.id, (one.name, one.type)) == (one.name, one.type), one.id
        for series in source.series:
            words = (series.indicator, series.subject, series.unit)
            assert named.setdefault(series.id, words) == words, series.id
