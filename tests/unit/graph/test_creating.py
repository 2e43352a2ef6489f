"""Which new nodes get a statement of their own, and what travels for each of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from graph.creating import FEW, Fresh, by_shape, with_links
from graph.model import Link, Value

AT = datetime(2026, 2, 5, 21, tzinfo=UTC)


def fresh(n: int, **properties: Value) -> Fresh:
    return Fresh(labels="Observation", id=f"o{n}", properties={"value": float(n), **properties})


def to(type_: str, label: str, id_: str, **properties: Value) -> Link:
    return Link(type=type_, from_label="Observation", from_id="o", to_label=label, to_id=id_, properties=properties)


def test_nodes_of_one_shape_are_one_statement_and_few_of_another_are_left() -> None:
    many, others = [fresh(n) for n in range(FEW)], [fresh(n, unit="USD") for n in range(FEW - 1)]
    alike, few = by_shape([*others, *many])
    assert few == others
    ((statement, rows),) = alike
    assert "unit" not in statement
    assert rows == [[f"o{n}", float(n)] for n in range(FEW)]


def test_a_row_holds_values_in_the_order_in_which_the_statement_takes_them() -> None:
    links = (to("ABOUT", "Instrument", "btcusd"), to("PART_OF", "Case", "case", name="flow"))
    nodes = [with_links(fresh(n, known_at=AT, trade_date=date(2026, 2, 5), aliases=("a",)), links) for n in range(FEW)]
    (((statement, rows),), few) = by_shape(nodes)
    assert few == []
    assert rows[1] == ["o1", ["a"], "2026-02-05T21:00:00.000000Z", "2026-02-05", 1.0, "btcusd", "case", "flow"]
    for part in (
        "`aliases`: (row[1]), `known_at`: datetime(row[2]), `trade_date`: date(row[3]), `value`: (row[4])",
        "MATCH (t0:Instrument {id: row[5]}) MATCH (t1:Case {id: row[6]})",
        "(n)-[:ABOUT]->(t0), (n)-[:PART_OF {`name`: (row[7])}]->(t1)",
    ):
        assert part in statement


def test_a_property_without_a_value_is_no_part_of_the_shape() -> None:
    alike, few = by_shape([fresh(n, unit=None if n % 2 else "USD") for n in range(2 * FEW)])
    assert few == []
    assert sorted(len(rows) for _, rows in alike) == [FEW, FEW]
