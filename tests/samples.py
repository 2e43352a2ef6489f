"""Made-up nodes and links for tests of the graph, taken from the rows of the ontology itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

from graph.model import Link, Node, Value
from graph.schema import LABELS, RELATIONSHIPS, Property
from graph.store import GraphReader

KNOWN = datetime(2026, 2, 6, 14, 30, tzinfo=UTC)
VALUES: dict[str, Value] = {
    "text": "Zürich 株 'quoted' \"twice\" \\ \n`back`",
    "number": -13.25,
    "integer": 3,
    "flag": False,
    "instant": datetime(2026, 2, 5, 21, 0, 0, 123456, tzinfo=UTC),
    "day": date(2026, 2, 5),
    "moment": date(2026, 2, 5),
    "scalar": datetime(2026, 2, 5, 21, 0, tzinfo=UTC),
    "texts": ("a", "b"),
    "numbers": (1.5, -2.0),
}
SCALARS: tuple[Value, ...] = (1.5, 7, True, False, "text", "", date(2026, 2, 5), VALUES["instant"])


def filled(properties: dict[str, Property]) -> dict[str, Value]:
    """A value for every property."""
    return {name: VALUES[property_.type] for name, property_ in properties.items()}


def a_node(label: str, id_: str, **changes: Value) -> Node:
    """A node with what its label requires, and with the changes."""
    required = {name: one for name, one in LABELS[label].properties.items() if one.required}
    return Node(label=label, id=id_, properties={**filled(required), **changes})


def a_link(type_: str, from_: Node, to: Node, **properties: Value) -> Link:
    """A link between two nodes."""
    return Link(
        type=type_,
        from_label=from_.label,
        from_id=from_.id,
        to_label=to.label,
        to_id=to.id,
        properties=properties,
    )


def an_observation(id_: str = "case:flow", value: Value = 230.0, **changes: Value) -> Node:
    """A reading that was known on the day after."""
    given: dict[str, Value] = {
        "value": value,
        "unit": "USD million",
        "known_at": KNOWN,
        "known_at_precision": "instant",
        "valid_from": datetime(2026, 2, 5, 5, 0, tzinfo=UTC),
        "valid_to": datetime(2026, 2, 6, 5, 0, tzinfo=UTC),
        "trade_date": date(2026, 2, 5),
    }
    return Node(label="Observation", id=id_, properties={**given, **changes})


def a_full_node(label: str, sort: str | None = None) -> Node:
    """A node with every property of its label."""
    return Node(label=label, id=f"{label}-1", sort=sort, properties=filled(dict(LABELS[label].properties)))


def full_links() -> list[Link]:
    """One link of every type between every pair of labels that it may join, with every property."""
    return [
        a_link(name, a_node(from_, f"{from_}-1"), a_node(to, f"{to}-2"), **filled(dict(relation.properties)))
        for name, relation in RELATIONSHIPS.items()
        for from_, to in sorted(relation.ends)
    ]


def covering_links() -> list[Link]:
    """Of those, enough that every type starts and ends at every label that it may: each pair costs a statement."""
    seen: set[tuple[str, str]] = set()
    links: list[Link] = []
    for gain in (2, 1):  # first those that add a start and an end, then what is left
        for link in full_links():
            places = {(f"{link.type} from", link.from_label), (f"{link.type} to", link.to_label)}
            if len(places - seen) >= gain:
                seen |= places
                links.append(link)
    return links


async def whole_graph(store: GraphReader) -> tuple[list[str], list[str]]:
    """Every node and every link of a graph as sorted text, but for when they were recorded."""
    nodes = await store.read("MATCH (n) WHERE NOT n:GraphVersion RETURN labels(n), properties(n)")
    links = await store.read("MATCH (a)-[r]->(b) RETURN a.id, type(r), b.id, properties(r)")
    return sorted(map(_line, nodes.rows)), sorted(map(_line, links.rows))


def _line(row: tuple[object, ...]) -> str:
    return repr([_sorted(value) for value in row])


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return sorted((name, one) for name, one in value.items() if name not in {"recorded_from", "recorded_to"})
    return sorted(value) if isinstance(value, list) else value
