"""The words of the graph as an object: what `GET /v1/schema` shows, made of the ontology's own table."""

from __future__ import annotations

from collections.abc import Mapping

from graph.ontology import EVERY_NODE, PROPERTY_TYPES
from graph.schema import LABELS, RELATIONSHIPS, Property

_EVERY_NODE = {name: Property(name=name, type="instant", required=True) for name in ("recorded_from",)}
_EVERY_FACT = {
    "key": Property(name="key", type="text", required=True),
    "content_hash": Property(name="content_hash", type="text", required=True),
    "recorded_to": Property(name="recorded_to", type="instant"),
}
_ID = Property(name="id", type="text", required=True)


def graph_schema() -> dict[str, object]:
    """Every label and relationship type with its properties and ends, in order of name."""
    shared = {word.partition(":")[0] for word in EVERY_NODE.split()}
    aliases = [one for name, one in LABELS["Instrument"].properties.items() if name in shared]
    return {
        "property_types": dict(PROPERTY_TYPES),
        "every_node": [_row(_ID), *map(_row, aliases), *map(_row, _EVERY_NODE.values())],
        "every_fact": [*map(_row, _EVERY_FACT.values())],
        "labels": [
            {
                "label": name,
                "fact": label.fact,
                "second_labels": sorted(label.sorts),
                "properties": _rows({key: one for key, one in label.properties.items() if key not in shared}),
            }
            for name, label in sorted(LABELS.items())
        ],
        "relationships": [
            {
                "type": name,
                "ends": [{"start": start, "end": end} for start, end in sorted(relation.ends)],
                "properties": _rows(relation.properties),
            }
            for name, relation in sorted(RELATIONSHIPS.items())
        ],
    }


def _rows(properties: Mapping[str, Property]) -> list[dict[str, object]]:
    return [_row(one) for _, one in sorted(properties.items())]


def _row(one: Property) -> dict[str, object]:
    return {"name": one.name, "type": one.type, "required": one.required}
