"""Which new nodes get a statement of their own, and what travels for each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph.creating import FEW, Fresh, by_shape
from graph.model import Link, Value

AT = datetime(2026, 2, 5, 21, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fresh(n: int, **properties: Value) -> Fresh:
    return Fresh(labels="Observation", id=f"o{n}", properties={"value": float(n), **properties})


def to(type_: str, label: str, id_: str, **properties: Value) -> Link:
    return Link(type=type_, from_label="Observation", from_id="o", to_label=label, to_id=id_, properties=properties)


def test_nodes_of_one_shape_are_one_statement_and_few_of_another_are_left() -> None:
    many, others = [fresh(n) for n in range(FEW)], [fresh(n, unit="USD") for n in range(FEW - 1)]
    alike, few = by_shape([*others, *many])
    assert few == others
    (one,) = alike
    assert "unit" not in one.statement
    assert one.rows == [[f"o{n}", float(n)] for n in range(FEW)]


def test_a_row_holds_values_in_the_order_in_which_the_statement_takes_them() -> None:
    def one(n: int) -> Fresh:
        links = (to("ABOUT", "Instrument", f"t{n}"), to("PART_OF", "Case", f"c{n}", name=f"flow {n}"))
        clocks: dict[str, Value] = {"known_at": AT + n * HOUR, "trade_date": AT.date() + n * DAY}
        return replace(fresh(n, aliases=("a",), **clocks), links=links)

    ((alike,), few) = by_shape([one(n) for n in range(FEW)])
    assert few == []
    assert alike.same == []
    assert alike.rows[1] == ["o1", ["a"], "2026-02-05T22:00:00.000000Z", "2026-02-06", 1.0, "t1", "c1", "flow 1"]
    for part in (
        "`aliases`: (row[1]), `known_at`: datetime(row[2]), `trade_date`: date(row[3]), `value`: (row[4])",
        "MATCH (t0:Instrument {id: row[5]}) MATCH (t1:Case {id: row[6]})",
        "(n)-[:ABOUT]->(t0), (n)-[:PART_OF {`name`: (row[7])}]->(t1)",
    ):
        assert part in alike.statement


def test_a_text_that_all_rows_share_travels_once_and_its_thing_is_looked_up_once() -> None:
    links = (to("ABOUT", "Instrument", "btcusd"), to("PART_OF", "Case", "case", name="flow"))
    ((alike,), _) = by_shape([replace(fresh(n, known_at=AT, unit="USD"), links=links) for n in range(FEW)])
    assert alike.rows == [[f"o{n}", float(n)] for n in range(FEW)]
    assert alike.same == ["2026-02-05T21:00:00.000000Z", "USD", "btcusd", "case", "flow"]
    assert alike.statement.startswith(
        "MATCH (t0:Instrument {id: $same[2]}) MATCH (t1:Case {id: $same[3]}) UNWIND $rows AS row CREATE "
    )
    assert "`known_at`: datetime($same[0]), `unit`: ($same[1]), `value`: (row[1])" in alike.statement
    assert "(n)-[:PART_OF {`name`: ($same[4])}]->(t1)" in alike.statement


def test_a_key_that_is_the_id_travels_once() -> None:
    ((alike,), _) = by_shape([fresh(n, key=f"o{n}") for n in range(FEW)])
    assert alike.rows[2] == ["o2", 2.0]
    assert "id: row[0], `key`: (row[0]), `value`: (row[1])" in alike.statement


def test_numbers_that_are_equal_and_not_the_same_stay_what_they_are() -> None:
    nodes = [Fresh(labels="Observation", id=f"o{n}", properties={"value": -0.0 if n % 2 else 0.0}) for n in range(FEW)]
    ((alike,), _) = by_shape(nodes)
    assert [str(row) for row in alike.rows[:2]] == ["['o0', 0.0]", "['o1', -0.0]"]


def test_a_property_without_a_value_is_no_part_of_the_shape() -> None:
    alike, few = by_shape([fresh(n, unit=None if n % 2 else "USD") for n in range(2 * FEW)])
    assert few == []
    assert sorted(len(one.rows) for one in alike) == [FEW, FEW]
