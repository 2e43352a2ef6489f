"""What makes two writes of a fact the same version, and what joins two accounts of a thing."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from graph.errors import OntologyError
from graph.model import Node, Value
from graph.versions import content_hash, is_version, joined_properties, next_version, settle, settle_links
from tests.samples import KNOWN, a_link, a_node, an_observation

INSTRUMENT = a_node("Instrument", "ibit")
OTHER = a_node("Instrument", "btcusd")
CASE = a_node("Case", "2026-02-05")


def hash_of(node: Node, *links: str) -> str:
    (settled,) = settle([node])
    ends = {"ibit": INSTRUMENT, "btcusd": OTHER}
    return content_hash(settled, [a_link("ABOUT", node, ends[one]) for one in links])


def test_the_order_of_properties_and_links_is_no_content() -> None:
    node = an_observation()
    turned = Node(label=node.label, id=node.id, properties=dict(reversed(node.properties.items())))
    assert hash_of(node, "ibit", "btcusd") == hash_of(turned, "btcusd", "ibit")


def test_one_instant_in_two_zones_and_a_null_are_no_content() -> None:
    tokyo = KNOWN.astimezone(timezone(timedelta(hours=9)))
    assert hash_of(an_observation()) == hash_of(an_observation(known_at=tokyo, unit_note=None))


def test_a_whole_number_is_the_same_number() -> None:
    assert hash_of(an_observation(low=230)) == hash_of(an_observation(low=230.0))


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 231.0},
        {"value": "230.0"},
        {"value": True},
        {"unit": "USD billion"},
        {"known_at": KNOWN + timedelta(microseconds=1)},
        {"trade_date": date(2026, 2, 6)},
        {"direction": "up"},
    ],
)
def test_any_property_is_content(changes: dict[str, Value]) -> None:
    assert hash_of(an_observation(**changes)) != hash_of(an_observation())


def test_a_date_and_its_text_are_two_contents() -> None:
    assert hash_of(an_observation(value=date(2026, 2, 5))) != hash_of(an_observation(value="2026-02-05"))


def test_a_link_is_content_but_the_case_that_holds_a_fact_is_not() -> None:
    node = an_observation()
    assert hash_of(node, "ibit") != hash_of(node)
    assert content_hash(node, [a_link("PART_OF", node, CASE)]) == content_hash(node, [])


def test_versions_are_counted_from_two() -> None:
    assert [next_version("c:x", one) for one in ("c:x", "c:x@2", "c:x@9")] == ["c:x@2", "c:x@3", "c:x@10"]
    assert is_version("Observation", "c:x@2")
    assert not is_version("Observation", "c:x")
    assert not is_version("Instrument", "c:x@2")


def test_a_fact_twice_in_a_batch_is_one_fact() -> None:
    assert len(settle([an_observation(), an_observation()])) == 1


def test_two_contents_of_one_fact_in_a_batch_are_refused_with_what_differs() -> None:
    with pytest.raises(
        OntologyError, match=r"two contents of the Observation 'case:flow' in one batch \(unit, value\)"
    ):
        settle([an_observation(), an_observation(value=1.0, unit="percent")])


def test_a_second_account_keeps_the_first_name_and_adds_an_alias() -> None:
    first: dict[str, Value] = {"name": "Bitcoin", "kind": "crypto spot", "aliases": ("XBT",)}
    second: dict[str, Value] = {"name": "BTC", "kind": "crypto spot", "aliases": ("btc",), "tz": "UTC"}
    joined = joined_properties(first, second)
    assert joined == {"name": "Bitcoin", "kind": "crypto spot", "aliases": ("BTC", "XBT", "btc"), "tz": "UTC"}
    assert joined_properties(joined, second) == joined
    assert joined_properties(joined, first) == joined


def test_a_link_twice_in_a_batch_is_one_link_with_the_later_properties() -> None:
    explanation, narrative = a_node("Explanation", "e"), a_node("Narrative", "n")
    links = [
        a_link("SCORED", explanation, narrative, posterior=0.5, rank=1),
        a_link("SCORED", explanation, narrative, posterior=1),
    ]
    (link,) = settle_links(links)
    assert link.properties == {"posterior": 1.0, "rank": 1}
    assert isinstance(link.properties["posterior"], float)


def test_settling_puts_instants_into_utc() -> None:
    (node,) = settle([an_observation(known_at=datetime(2026, 2, 6, 23, 30, tzinfo=timezone(timedelta(hours=9))))])
    assert node.properties["known_at"] == KNOWN
    known_at = node.properties["known_at"]
    assert isinstance(known_at, datetime)
    assert known_at.utcoffset() == timedelta(0)
