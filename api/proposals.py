"""Proposals as lists and single ones show them, and the edits of a reviewer as values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import yaml

from api.catalog import Resource, Row, plain_row
from api.errors import InvalidAskError

# What a proposal may say of a claim; keys that it leaves out are shown as null or as empty lists.
_LISTS = ("hedges", "about", "by")
_SINGLE = (
    "statement",
    "modality",
    "voice",
    "sensitive",
    "indicator",
    "at",
    "at_end",
    "time_precision",
    "value",
    "unit",
    "bound",
    "direction",
)
_TEXTS = frozenset({*_SINGLE, "unit_note"}) - {"sensitive", "at", "at_end", "value"}


def proposal_row(record: Mapping[str, object]) -> Row:
    """A record of `one_proposal` as a row; `proposed` is the claim as the model proposed it."""
    row = plain_row(record)
    claim = json.loads(str(row.pop("body")))
    row["proposed"] = {name: claim.get(name) for name in _SINGLE} | {name: claim.get(name, []) for name in _LISTS}
    for name in ("doubts", "edits"):
        held = row[name]
        row[name] = [str(one) for one in held] if isinstance(held, list | tuple) else []
    return row


PROPOSALS = Resource(name="proposals", query="list_proposals", shape=proposal_row)


def edits_from(pairs: Sequence[str]) -> dict[str, object]:
    """`key=value` as a person writes it: of texts the words themselves, else a value as in YAML; empty takes it away.

    Raises InvalidAskError for what is no pair or no YAML.
    """
    edits: dict[str, object] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise InvalidAskError("edits", f"{pair!r} is no key=value")
        if key in _TEXTS:
            edits[key] = value or None
            continue
        try:
            edits[key] = typed(key, yaml.safe_load(value))
        except (yaml.YAMLError, ValueError) as error:
            raise InvalidAskError("edits", f"{key}: {value!r} is no value as in YAML") from error
    return edits


def typed(key: str, value: object) -> object:
    """A value of an edit in the type that descriptions have: a number of `value` is no whole one."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(str(value)) if key == "value" and whole else value
