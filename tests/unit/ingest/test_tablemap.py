"""A mapping of tables is refused with every place that cannot be right; that of the market data covers every file."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graph.schema import validate
from ingest.casefile import bundled_cases
from ingest.errors import RecordRejectedError
from ingest.tableformat import duration
from ingest.tablegraph import iso
from ingest.tablemap import load_map
from ingest.yamlfile import read_mapping
from tests.minimal_tables import MINIMAL, a_map, a_series, take, written

ROOT = Path(__file__).parents[3]
MARKET_MAP = ROOT / "tests" / "data" / "market.map.yaml"
MARKET = ROOT.parent / "shared" / "data" / "market"


def refused(folder: Path, data: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(RecordRejectedError) as caught:
        load_map(written(folder, data))
    return {one.path: one.reason for one in caught.value.rejections}


def test_the_minimal_mapping_loads_with_the_defaults(tmp_path: Path) -> None:
    plan = load_map(written(tmp_path, MINIMAL)).plans[0]
    assert (plan.licence, plan.duplicates, plan.order) == ("private_use", "identical", "ascending")
    assert (plan.last_bar, plan.off_session) == ("drop_unfinished", "error")
    assert plan.columns() == ("date", "close")


def test_defaults_hold_where_a_file_says_nothing(tmp_path: Path) -> None:
    data = a_map(order="ascending") | {"defaults": {"licence": "may_show", "order": "any", "missing": ["x"]}}
    plan = load_map(written(tmp_path, data)).plans[0]
    assert (plan.licence, plan.order, plan.missing) == ("may_show", "ascending", ("x",))


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        ({"clock": {"day": "Mars/Olympus"}}, "files[0].clock.day", "no time zone"),
        ({"clock": {"noon": "UTC"}}, "files[0].clock", "no clock"),
        ({"clock": {"calendar": "XXXX"}}, "files[0].clock.calendar", "unknown exchange calendar"),
        ({"clock": {"tz": "UTC", "cutoff": 1415}}, "files[0].clock.cutoff", "in quotes"),
        ({"clock": {"bar": "PT1H", "tz": "UTC"}}, "files[0].time", "need a time"),
        ({"clock": {"bar": "P1D", "tz": "UTC"}, "time": "t"}, "files[0].clock.bar", "shorter than a day"),
        ({"time": "t"}, "files[0].clock", "is of days"),
        ({"date": None}, "files[0].date", "name one of date, datetime and epoch"),
        ({"datetime": "when"}, "files[0].date", "name one of"),
        ({"publication_lag": "20h"}, "files[0].publication_lag", "no duration"),
        ({"publication_lag": "P1D", "known_at": "k"}, "files[0].published", "keep one of them"),
        ({"published": "weekly"}, "files[0].published", "stands not under publications"),
        ({"licence": "free"}, "files[0].licence", "may_redistribute"),
        ({"series": None}, "files[0].series", "no series"),
        ({"by": {"column": "s"}}, "files[0].by", "name subjects"),
        ({"series": [a_series({"times": ["a", "b"]})]}, "files[0].series[0].column", "no column"),
        ({"series": [a_series(indicator="price levle")]}, "files[0].series[0].indicator", "did you mean price level"),
        ({"series": [a_series(subject="acmee")]}, "files[0].series[0].subject", "did you mean acme"),
        ({"series": [a_series(), a_series()]}, "files[0].series[1].id", "is the id of files[0].series[0] already"),
        ({"series": [a_series(id="{subject}.price")]}, "files[0].series[0].id", "write {subject}"),
        (
            {"series": [a_series(until=date(2024, 1, 1), **{"from": date(2024, 1, 2)})]},
            "files[0].series[0].until",
            "before",
        ),
        ({"licnce": "x"}, "files[0].licnce", "no such key; did you mean licence?"),
    ],
)
def test_what_cannot_be_right_is_said_with_its_place(
    tmp_path: Path, change: dict[str, Any], place: str, reason: str
) -> None:
    assert reason in refused(tmp_path, a_map(**change))[place]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    data = a_map(series=[a_series(indicator="nothing known", subject="nobody")], published="never")
    data["relations"] = [{"type": "tracks", "from": "acme", "to": "desk"}]
    data["actors"] = [*data["actors"], {"id": "acme", "name": "Acme again", "type": "company"}]
    assert set(refused(tmp_path, data)) == {
        "actors[1].id",
        "relations[0].from",
        "relations[0].to",
        "files[0].published",
        "files[0].series[0].indicator",
        "files[0].series[0].subject",
    }


@pytest.mark.parametrize("text", ["P1D", "PT8H", "PT90M", "P2DT30M", "P0D", "P1DT1H1M"])
def test_a_duration_reads_back_as_it_was(text: str) -> None:
    assert duration(iso(duration(text))) == duration(text)


@pytest.mark.parametrize("text", ["P", "PT", "1D", "P1W", "P1.5D", "PT5S", 5, None])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        duration(text)


@pytest.mark.parametrize(
    ("days", "frequency"),
    [((1, 2, 3, 6, 7), "P1D"), ((1, 8, 15, 22, 27), "P7D"), ((1,), "P1D")],
)
def test_the_frequency_is_the_usual_distance_of_rows(tmp_path: Path, days: tuple[int, ...], frequency: str) -> None:
    text = "date,close\n" + "".join(f"2024-08-{day:02},{day}\n" for day in days)
    nodes = [one for one in take(tmp_path, text).load.batch.nodes if one.label == "Series"]
    assert [one.properties["frequency"] for one in nodes] == [frequency]


def test_the_batch_fits_the_ontology_and_says_all_of_the_series(tmp_path: Path) -> None:
    taken = take(tmp_path, "date,close\n2024-07-02,1\n2024-07-03,2\n", clock={"calendar": "XNYS"}, licence="may_show")
    validate(taken.load.batch)
    node = next(one for one in taken.load.batch.nodes if one.label == "Series")
    assert node.properties == {
        "name": "price level of Acme",
        "unit": "USD",
        "frequency": "P1D",
        "session_calendar": "XNYS",
        "licence": "may_show",
        "source": "invented for tests",
        "first": taken.at()[0],
        "last": taken.at()[1],
        "count": 2,
        "publication_lag": "P0D",
    }
    links = {(one.type, one.to_label, one.to_id) for one in taken.load.batch.links if one.from_id == "acme.price"}
    assert links == {("OF_INDICATOR", "Indicator", "price_level"), ("ABOUT", "Instrument", "acme")}


# --- the mapping of the market data -----------------------------------------------------------------------------------


def test_the_market_mapping_names_every_file_and_only_columns_that_are_there() -> None:
    if not (MARKET / "index.csv").exists():
        pytest.skip("the market data are not beside the repository")
    with (MARKET / "index.csv").open(encoding="utf-8") as text:
        listed = {row["file"]: set(row["columns"].split()) for row in csv.DictReader(text)}
    plans = {plan.part.file: set(plan.columns()) for plan in load_map(MARKET_MAP).plans}
    assert set(plans) == set(listed)
    assert not {file: columns - listed[file] for file, columns in plans.items() if columns - listed[file]}


def test_files_without_a_licence_are_for_private_use_alone() -> None:
    licences = {plan.part.file: plan.licence for plan in load_map(MARKET_MAP).plans}
    assert {one for file, one in licences.items() if file.startswith("no_licence/")} == {"private_use"}
    assert {one for file, one in licences.items() if not file.startswith("no_licence/")} == {"may_redistribute"}


@pytest.mark.parametrize("kind", ["instruments", "actors"])
def test_the_market_mapping_calls_things_as_a_case_does(kind: str) -> None:
    named: dict[str, set[tuple[str, str]]] = {}
    for file in bundled_cases():
        for one in read_mapping(file)[kind]:
            named.setdefault(one["id"], set()).add((one["name"], one["type"]))
    own = {one["id"]: (one["name"], one["type"]) for one in read_mapping(MARKET_MAP)[kind]}
    shared = own.keys() & named.keys()
    assert len(shared) > 5
    # a case may say more in brackets: "US Treasury (Scott Bessent)"
    known = {(name, called.split(" (")[0], kind) for name in shared for called, kind in named[name]}
    assert not {name for name in shared if (name, own[name][0].split(" (")[0], own[name][1]) not in known}
