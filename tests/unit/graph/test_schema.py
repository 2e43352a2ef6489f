"""What a write may say: the ontology's table, and the check in front of every write."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from graph.errors import OntologyError
from graph.graphversion import CONSTRAINT
from graph.model import Batch, Link, Node, Value
from graph.ontology import PROPERTY_TYPES
from graph.schema import LABELS, RELATIONSHIPS, constraint_statements, fits, validate
from tests.samples import KNOWN, a_full_node, a_link, a_node, an_observation, full_links


def refusal(*nodes: Node, links: tuple[Link, ...] = ()) -> OntologyError:
    with pytest.raises(OntologyError) as caught:
        validate(Batch(nodes=nodes, links=links))
    return caught.value


def test_every_row_of_the_table_is_writable() -> None:
    validate(Batch(nodes=tuple(a_full_node(label) for label in LABELS), links=tuple(full_links())))


@pytest.mark.parametrize(
    ("label", "sort"), [(label.name, sort) for label in LABELS.values() for sort in sorted(label.sorts)]
)
def test_every_second_label_is_writable(label: str, sort: str) -> None:
    validate(Batch(nodes=(a_full_node(label, sort),)))


def test_relations_join_known_labels_and_properties_have_known_types() -> None:
    joined = {label for relation in RELATIONSHIPS.values() for pair in relation.ends for label in pair}
    assert joined <= set(LABELS)
    of = [*LABELS.values(), *RELATIONSHIPS.values()]
    assert {one.type for row in of for one in row.properties.values()} <= set(PROPERTY_TYPES)


def test_every_fact_carries_the_clocks() -> None:
    for label in LABELS.values():
        clocks = {"known_at", "known_at_precision", "valid_from", "valid_to"} & set(label.properties)
        assert len(clocks) == (4 if label.fact else 0), label.name


def test_every_label_has_a_unique_id_and_every_fact_an_index_of_its_key() -> None:
    *statements, of_versions = constraint_statements()
    assert of_versions == CONSTRAINT
    assert len(statements) == len(set(statements)) == len(LABELS) + sum(label.fact for label in LABELS.values())
    assert all("IF NOT EXISTS" in statement for statement in statements)


@pytest.mark.parametrize(
    ("node", "kind", "near"),
    [
        (Node(label="Observaton", id="x"), "label", "Observation"),
        (Node(label="narrative", id="x"), "label", "Narrative"),
        (a_node("Instrument", "x", sesion_calendar="XNYS"), "property", "session_calendar"),
        (an_observation(credability=2), "property", "credibility"),
        (Node(label="Instrument", id="x", sort="ETF", properties={"kind": "k", "name": "n"}), "second label", "Etf"),
    ],
)
def test_an_unknown_word_is_named_with_the_nearest_known(node: Node, kind: str, near: str) -> None:
    error = refusal(node)
    assert (error.kind, error.near) == (kind, (near,))
    assert near in str(error)
    assert str(error).startswith(f"unknown {kind}")


def test_an_unknown_relation_is_named_with_the_nearest_known() -> None:
    a, b = a_node("Narrative", "a"), a_node("Step", "b")
    error = refusal(links=(a_link("HAS_STEPS", a, b),))
    assert (error.kind, error.name, error.near) == ("relation", "HAS_STEPS", ("HAS_STEP",))


def test_a_relation_the_wrong_way_round_is_refused_with_its_ends() -> None:
    error = refusal(links=(a_link("PREDICTS", a_node("Prediction", "a"), a_node("Step", "b")),))
    assert error.near == ("Step -> Prediction",)
    assert "not allowed: ends of PREDICTS 'Prediction -> Step'" in str(error)


def test_an_unknown_property_of_a_relation_is_refused() -> None:
    link = a_link("SCORED", a_node("Explanation", "a"), a_node("Narrative", "b"), posterier=0.5)
    assert refusal(links=(link,)).near == ("posterior",)


def test_a_link_to_an_unknown_label_is_refused() -> None:
    link = Link(type="ABOUT", from_label="Observation", from_id="a", to_label="Instrumnt", to_id="b")
    assert refusal(links=(link,)).near == ("Instrument",)


@pytest.mark.parametrize("id_", ["", " ", "a b", "a\n", "x" * 513, None, 7])
def test_an_id_that_is_empty_long_or_no_word_is_refused(id_: str) -> None:
    assert refusal(a_node("Instrument", id_)).kind == "id"
    link = Link(type="PEER_OF", from_label="Instrument", from_id="a", to_label="Instrument", to_id=id_)
    assert refusal(links=(link,)).kind == "id"


def test_a_node_cannot_name_a_version_but_a_link_to_a_fact_can() -> None:
    assert "recorded version" in str(refusal(an_observation("case:flow@2")))
    old, step = an_observation("case:flow@2"), a_node("Assessment", "as1")
    validate(Batch(links=(a_link("OF", step, old),)))
    assert refusal(links=(a_link("PEER_OF", a_node("Instrument", "a"), a_node("Instrument", "b@2")),)).kind == "id"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("known_at", datetime(2026, 2, 5, 21, 0)),  # noqa: DTZ001 - the point of the test
        ("known_at", date(2026, 2, 5)),
        ("known_at", "2026-02-05T21:00:00Z"),
        ("trade_date", datetime(2026, 2, 5, tzinfo=UTC)),
        ("trade_date", "2026-02-05"),
        ("value", datetime(2026, 2, 5, 21, 0)),  # noqa: DTZ001
        ("value", (1.0, 2.0)),
        ("value", float("nan")),
        ("value", float("inf")),
        ("value", 2**63),
        ("low", "1"),
        ("low", True),
        ("credibility", 2.0),
        ("seed", 1),
        ("seed", "true"),
        ("unit", 1),
        ("aliases", "a"),
        ("aliases", ("a", 1)),
        ("aliases", ["a"]),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(name: str, value: Value) -> None:
    error = refusal(an_observation(**{name: value}))
    assert (error.kind, error.name) == ("property", name)
    assert "wanted" in str(error)


@pytest.mark.parametrize("name", ["id", "key", "content_hash", "recorded_from", "recorded_to"])
def test_what_the_store_keeps_cannot_be_given(name: str) -> None:
    assert "not to be given" in str(refusal(an_observation(**{name: "x"})))


@pytest.mark.parametrize("name", ["known_at", "known_at_precision"])
def test_a_fact_without_its_clock_is_refused(name: str) -> None:
    assert str(refusal(an_observation(**{name: None}))).startswith(f"missing property '{name}'")


def test_a_paper_without_a_date_is_allowed() -> None:
    validate(Batch(nodes=(Node(label="Document", id="d", properties={"title": "Undated"}),)))


def test_one_bad_node_behind_many_good_ones_is_found() -> None:
    good = [an_observation(f"case:{n}") for n in range(500)]
    assert refusal(*good, an_observation("case:bad", vallue=1.0)).where == "Observation 'case:bad'"


def test_a_whole_number_fits_a_number_but_not_the_other_way() -> None:
    assert fits(1, "number")
    assert not fits(1.0, "integer")
    assert not fits(True, "number")
    assert fits(KNOWN, "moment")
    assert not fits(object(), "scalar")
