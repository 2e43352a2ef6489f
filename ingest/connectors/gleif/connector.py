"""LEIs by registered name: JSON:API records, of which only an active one of that very name and jurisdiction counts.

The search of GLEIF finds names that are alike; Citadel the fund and Citadel Securities are two. So names are compared
letter by letter, and two records that fit are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ingest.casegraph import map_things
from ingest.caseparts import ActorPart
from ingest.connecting import Client, Fetched, Parsed, Payload, Request, Window, fetch_planned
from ingest.draft import WorldDraft
from ingest.identifiers import lei_holds
from ingest.payloadreading import changed, json_of, rows_of
from ingest.sourceformat import SourceFile

MOST = 100
UNKNOWN = "names without a record in force"
SEVERAL = "names with several records in force"
WRONG = "LEIs that cannot be right"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for every name."""
    return [
        Request(
            url=f"{source.hosts['api']}/api/v1/lei-records",
            params=(
                ("filter[entity.legalName]", source.symbols[symbol].words["legal_name"]),
                ("page[size]", str(MOST)),
                ("page[number]", "1"),
            ),
            context={"symbol": symbol},
        )
        for symbol in window.symbols
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The actor with its LEI, where that is sure."""
    symbol = payload.context["symbol"]
    words = source.symbols[symbol].words
    content = json_of(payload)
    if not isinstance(content, dict) or "data" not in content:
        raise changed(payload, "has no data")
    leis = sorted({lei for row in rows_of(payload, content["data"]) if (lei := _lei(payload, row, words)) is not None})
    if len(leis) != 1:
        return Parsed(left_out=Counter({SEVERAL if leis else UNKNOWN: 1}))
    if not lei_holds(leis[0]):
        return Parsed(skipped=Counter({WRONG: 1}))
    actor = ActorPart(id=source.symbols[symbol].subject or symbol, name=words["name"], type=words["kind"])
    draft = WorldDraft((), (actor,), ())
    map_things(draft, (), (actor,), ())
    draft.add("Actor", actor.id, lei=leis[0])
    return Parsed(batch=draft.batch())


def _lei(payload: Payload, row: object, words: Mapping[str, str]) -> str | None:
    """The LEI of a record that is in force and of this very name and jurisdiction."""
    try:
        attributes: dict[str, Any] = row["attributes"]  # type: ignore[index]  # a record is checked by reading it
        entity = attributes["entity"]
        name, status = str(entity["legalName"]["name"]), attributes["registration"]["status"]
        fits = _plain(name) == _plain(words["legal_name"]) and entity["jurisdiction"] == words["jurisdiction"]
        in_force = entity["status"] == "ACTIVE" and status == "ISSUED"
        return str(attributes["lei"]) if fits and in_force else None
    except (KeyError, TypeError) as error:
        raise changed(payload, f"has a record without {error}") from error


def _plain(name: str) -> str:
    """A name without case and marks."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
