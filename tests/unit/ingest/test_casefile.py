"""A case file is stored whole or not at all, and every refused value is named with its place and reason."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.schema import validate
from ingest.casefile import bundled_cases, load_case
from ingest.errors import RecordRejectedError
from tests.minimal_case import MINIMAL, nodes, written


def refused(folder: Path, change: Callable[[dict[str, Any]], None]) -> dict[str, str]:
    with pytest.raises(RecordRejectedError) as caught:
        load_case(written(folder, change))
    return {one.path: one.reason for one in caught.value.rejections}


@pytest.mark.parametrize("file", bundled_cases(), ids=lambda file: file.stem)
def test_every_bundled_case_lands_whole_and_fits_the_ontology(file: Path) -> None:
    raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    load = load_case(file)
    validate(load.batch)
    assert load.rejections == ()
    stored = nodes(load.batch, "Observation") | nodes(load.batch, "Claim")
    assert set(stored) == {f"{raw['id']}:{fact['id']}" for fact in raw["facts"]}
    for node in stored.values():
        assert node.properties["known_at"].tzinfo is UTC  # type: ignore[union-attr]  # always a datetime
        assert node.properties["valid_from"] <= node.properties["valid_to"]  # type: ignore[operator]  # both datetimes
    assert set(nodes(load.batch, "Narrative")) == {f"{raw['id']}:{one['id']}" for one in raw["narratives"]}
    steps = sum(len(one["causal_steps"]) for one in raw["narratives"])
    shared = sum("same_as" in step for one in raw["narratives"] for step in one["causal_steps"])
    assert len(nodes(load.batch, "Step")) == steps - shared
    predicted = sum(len(step["predicts"]) for one in raw["narratives"] for step in one["causal_steps"])
    assert len(nodes(load.batch, "Prediction")) == predicted
    assert len(nodes(load.batch, "Move")) == 1 + len(raw["related_moves"])
    assert len(nodes(load.batch, "DataGap")) == len(raw["watch_next"]) + len(raw["gaps"])
    assert {one.id for one in load.batch.nodes if one.label == "Instrument"} == {i["id"] for i in raw["instruments"]}


def test_six_cases_are_bundled() -> None:
    assert len(bundled_cases()) == 6


def test_the_same_file_gives_the_same_batch() -> None:
    file = bundled_cases()[0]
    assert load_case(file).batch == load_case(file).batch


def test_a_minimal_case_without_stories_loads(tmp_path: Path) -> None:
    load = load_case(written(tmp_path))
    validate(load.batch)
    assert dict(load.counts) == {"instruments": 1, "actors": 1, "relations": 0, "facts": 2, "narratives": 0}
    volume = nodes(load.batch, "Observation")["2026-03-12-example:volume"].properties
    assert volume["known_at"] == datetime(2026, 3, 12, 20, tzinfo=UTC)  # the close in New York, summer time
    assert volume["value_base"] == 41e6
    assert "grade" not in volume


def test_what_happened_is_an_event_beside_its_observation(tmp_path: Path) -> None:
    batch = load_case(written(tmp_path)).batch
    assert set(nodes(batch, "Event")) == {"2026-03-12-example:holder_sells.event"}
    ends = {(link.type, link.from_id, link.to_id) for link in batch.links}
    assert ("ABOUT", "2026-03-12-example:holder_sells", "2026-03-12-example:holder_sells.event") in ends


def test_verdicts_stand_under_a_label_of_their_own() -> None:
    load = load_case(bundled_cases()[-1])
    for node in load.batch.nodes:
        assert ("verdict" in node.properties) <= (node.label == "Hindsight")
    assert any(node.label == "Hindsight" for node in load.batch.nodes)


def test_conflicting_facts_become_one_dispute_with_its_kinds() -> None:
    load = load_case(bundled_cases()[-1])
    dispute = next(d for d in nodes(load.batch, "Dispute").values() if d.id.endswith("dispute.flow_feb5_ibit"))
    assert "sign" in dispute.properties["kinds"]  # type: ignore[operator]  # a tuple
    sides = {
        link.from_id.split(":")[1] for link in load.batch.links if link.type == "SIDE_OF" and link.to_id == dispute.id
    }
    assert {"flow_feb5_ibit", "flow_feb5_ibit_seed"} <= sides


BAD: list[tuple[str, Callable[[dict[str, Any]], None], str, str]] = [
    ("wrong unit", lambda d: d["facts"][0].update(unit="text"), "facts[0].unit", "does not fit"),
    (
        "a return in contracts",
        lambda d: d["facts"][0].update(indicator="spot return", unit="contracts"),
        "facts[0].unit",
        "percent",
    ),
    ("a date without zone", lambda d: d["facts"][1].update(at=datetime(2026, 3, 12, 14, 30)), "facts[1].at", "no zone"),  # noqa: DTZ001  # the point
    ("a quoted date", lambda d: d["facts"][0].update(at="2026-03-12"), "facts[0].at", "bare date"),
    ("an unknown key", lambda d: d["facts"][0].update(vaule=1), "facts[0].vaule", "no such key; did you mean value?"),
    ("an unknown subject", lambda d: d["facts"][0].update(about="nobody"), "facts[0].about", "no instrument or actor"),
    ("a text without direction", lambda d: d["facts"][1].pop("direction"), "facts[1].direction", "up, down or flat"),
    (
        "known too early",
        lambda d: d["facts"][1].update(known_at=datetime(2026, 3, 11, tzinfo=UTC)),
        "facts[1].known_at",
        "before it was so",
    ),
    ("the same id twice", lambda d: d["facts"][1].update(id="volume"), "facts[1].id", "used before"),
    ("another version", lambda d: d.update(schema_version=2), "schema_version", "version 1"),
    ("another id than the file's", lambda d: d.update(id="2026-03-12-other"), "id", "file name"),
    ("no instruments", lambda d: d.update(instruments=[]), "instruments", "at least 1"),
    ("a moved actor", lambda d: d["move"].update(instrument="big_holder"), "move.instrument", "no instrument"),
    ("no number", lambda d: d["move"].update({"return": "-18%"}), "move.return", "a number is wanted, not '-18%'"),
    ("no return", lambda d: d["move"].update({"return": None}), "move.return", "a number is wanted, not nothing"),
    ("not finite", lambda d: d["facts"][0].update(value=float("nan")), "facts[0].value", "a finite number"),
    ("a list", lambda d: d["facts"][0].update(value=[1]), "facts[0].value", "or a text is wanted, not [1]"),
    ("nothing", lambda d: d.update(facts=None), "facts", "a list is wanted, not nothing"),
    ("capitals", lambda d: d["facts"][0].update(id="Fact 1"), "facts[0].id", "are wanted, not 'Fact 1'"),
    ("a grade", lambda d: d["facts"][1]["reliability"].update(grade="Z"), "facts[1].reliability.grade", "not 'Z'"),
    ("a percent move", lambda d: d["move"].update({"return": -18.0}), "move.return", "fraction"),
    (
        "a yield in percent",
        lambda d: d.update(instruments=[d["instruments"][0] | {"type": "yield"}], move=d["move"] | {"return": 1.03}),
        "move.return",
        "103 basis points are 0.0103",
    ),
    ("an end before the start", lambda d: d["move"].update(end=datetime(2026, 3, 1).date()), "move.end", "before"),  # noqa: DTZ001  # a date
    (
        "a one-sided conflict",
        lambda d: d["facts"][0].update(conflicts_with=["holder_sells"]),
        "facts[0].conflicts_with",
        "own",
    ),
    ("a bound on words", lambda d: d["facts"][1].update(bound="at least"), "facts[1].bound", "number"),
    ("a missing source", lambda d: d["facts"][0].pop("source"), "facts[0].source", "required"),
    (
        "a relation to nowhere",
        lambda d: d.update(relations=[{"type": "tracks", "from": "exmp", "to": "index"}]),
        "relations[0].to",
        "no instrument or actor",
    ),
    (
        "plays without role",
        lambda d: d.update(relations=[{"type": "plays", "from": "big_holder", "to": "exmp"}]),
        "relations[0].role",
        "names a role",
    ),
]


@pytest.mark.parametrize(("change", "path", "reason"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_a_bad_value_is_named_with_its_path_and_reason(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], path: str, reason: str
) -> None:
    found = refused(tmp_path, change)
    assert path in found
    assert reason in found[path]


def priced(value: float, day: int) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        data["move"]["return"] = -3.06
        price = {"id": "price", "indicator": "price level", "value": value, "unit": "USD"}
        days = {"at": date(2026, 3, day), "known_at": date(2026, 3, day)}
        source = deepcopy(data["facts"][0]["source"])
        data["facts"].append({**data["facts"][0], **price, **days, "baseline": None, "source": source})

    return change


def test_a_price_may_fall_by_more_than_all_of_it_where_a_fact_has_it_below_zero(tmp_path: Path) -> None:
    load = load_case(written(tmp_path, priced(-37.63, 12)))
    (move,) = nodes(load.batch, "Move").values()
    assert move.properties["return"] == -3.06
    for value, day in ((10.01, 12), (-37.63, 14)):
        assert "price level" in refused(tmp_path, priced(value, day))["move.return"]


@pytest.mark.parametrize(("kind", "unit"), [("yield", "difference"), ("spread", "difference"), ("equity", "fraction")])
def test_the_move_of_a_yield_is_a_difference(tmp_path: Path, kind: str, unit: str) -> None:
    def change(data: dict[str, Any]) -> None:
        data["instruments"][0]["type"] = kind
        data["move"]["return"] = 0.0121

    (move,) = nodes(load_case(written(tmp_path, change)).batch, "Move").values()
    assert move.properties["return_unit"] == unit


def test_a_refused_entry_does_not_make_its_list_too_short(tmp_path: Path) -> None:
    step = {"n": 1, "text": "It happens.", "predicts": [{"indicator": "loss", "subject": "exmp", "direction": "left"}]}
    story = {"id": "a", "label": "A", "claim": "It fell.", "causal_steps": [step]}
    assert list(refused(tmp_path, lambda d: d.update(narratives=[story]))) == [
        "narratives[0].causal_steps[0].predicts[0].direction"
    ]


def test_figures_that_contradict_and_do_not_say_so_are_noted(tmp_path: Path) -> None:
    def change(data: dict[str, Any], ties: tuple[str, ...] = ()) -> None:
        first = {**data["facts"][0], "indicator": "net ETF flow", "unit": "USD million", "baseline": None}
        other = deepcopy(first) | {"id": "other", "value": -first["value"]}
        first["conflicts_with"], other["conflicts_with"] = list(ties), ["volume"] if ties else []
        data["facts"][:1] = [first, other]

    noted = "volume and other have opposite signs for the same net ETF flow of exmp"
    assert [note for note in load_case(written(tmp_path, change)).notes if note.startswith(noted)]
    tied = load_case(written(tmp_path, lambda d: change(d, ("other",))))
    assert not [note for note in tied.notes if "opposite signs" in note]


def test_a_misspelt_indicator_comes_with_near_ones(tmp_path: Path) -> None:
    load = load_case(written(tmp_path, lambda d: d["facts"][0].update(indicator="trading volme")))
    assert "not scored; did you mean trading volume?" in " ".join(load.notes)


def test_a_file_in_another_encoding_is_told_which_one_to_use(tmp_path: Path) -> None:
    file = tmp_path / "2026-03-12-example.yaml"
    file.write_bytes(MINIMAL.replace("Example", "Exämple").encode("latin-1"))
    with pytest.raises(RecordRejectedError, match="not in UTF-8"):
        load_case(file)


def test_a_rise_by_more_than_all_of_it_is_noted_with_what_else_may_be_meant(tmp_path: Path) -> None:
    load = load_case(written(tmp_path, lambda d: d["move"].update({"return": 13.2})))
    assert "move.return: 13.2 is read as a rise by 1320%; a rise of 13.2 percent is 0.132" in load.notes
    assert not [note for note in load_case(written(tmp_path)).notes if "is read as a rise" in note]


def test_every_bad_value_is_reported_not_only_the_first(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["facts"][0]["about"] = "nobody"
        data["facts"][1]["bound"] = "at most"

    assert set(refused(tmp_path, change)) == {"facts[0].about", "facts[1].bound"}


def test_malformed_yaml_is_named_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "2026-03-12-example.yaml"
    file.write_text("schema_version: 1\nid: [unclosed\ntitle: x: y\n", encoding="utf-8")
    with pytest.raises(RecordRejectedError, match=r"line \d+, column \d+: not valid YAML"):
        load_case(file)


@pytest.mark.parametrize("content", [b"", b"- a list\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_case_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "2026-03-12-example.yaml"
    file.write_bytes(content)
    with pytest.raises(RecordRejectedError):
        load_case(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordRejectedError, match="cannot be read"):
        load_case(tmp_path / "nowhere.yaml")


def test_an_unknown_indicator_is_kept_and_noted(tmp_path: Path) -> None:
    load = load_case(written(tmp_path, lambda d: d["facts"][0].update(indicator="phase of the moon")))
    assert any("phase of the moon" in note for note in load.notes)
    assert "phase_of_the_moon" in nodes(load.batch, "Indicator")


def test_expected_values_are_claims(tmp_path: Path) -> None:
    load = load_case(written(tmp_path, lambda d: d["facts"][0].update(modality="expected")))
    assert "2026-03-12-example:volume" in nodes(load.batch, "Claim")


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("title: once more\n", "given twice"),
        ("summary: &note a text\n", "anchors"),
        ("summary: !!python/object:os.system {}\n", "not valid YAML"),
    ],
)
def test_what_yaml_would_let_pass_in_silence_is_refused_with_its_line(tmp_path: Path, extra: str, reason: str) -> None:
    file = tmp_path / "2026-03-12-example.yaml"
    file.write_text(MINIMAL + extra, encoding="utf-8")
    with pytest.raises(RecordRejectedError, match=reason) as caught:
        load_case(file)
    assert caught.value.rejections[0].path.startswith("line ")
