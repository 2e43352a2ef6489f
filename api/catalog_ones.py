"""Things of the catalog one by one, with the words of their lists, and what is missing about a move."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from api.catalog import EVENTS, INSTRUMENTS, NARRATIVES, Row, plain_row
from api.facts import Kind
from api.moves import one_move
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

INSTRUMENT = Kind(word="instrument", list=INSTRUMENTS, one="one_instrument")
EVENT = Kind(word="event", list=EVENTS, one="one_event")
NARRATIVE = Kind(word="narrative", list=NARRATIVES, one="one_narrative")
_OF_ROWS = ("narrative", "sign", "explanation", "gain_bits")


async def data_gaps_of_move(reader: GraphReader, move: str, clocks: Clocks) -> list[Row]:
    """What was missing or watched about a move: by the cases that hold it, and by the explanations of it.

    What would tell most comes first, by the latest explanation that found it missing. Raises NotInGraphError.
    """
    key = str((await one_move(reader, move, clocks))["key"])
    params = {"move": key, **clocks.params()}
    named, found = await asyncio.gather(
        ask(reader, "gaps_named_for_move", params), ask(reader, "gaps_found_for_move", params)
    )
    rows: dict[str, Row] = {}
    for record in [*named, *found]:
        row = rows.setdefault(str(record["key"]), _bare(record))
        if record.get("explanation") is not None:
            row |= {"explanation": record["explanation"], "gain_bits": record["gain_bits"]}
    for key, row in rows.items():
        row["would_favour"] = _informed(named, key, 1)
        row["would_hurt"] = _informed(named, key, -1)
    return sorted(rows.values(), key=lambda row: (-float(str(row["gain_bits"] or 0)), str(row["key"])))


def _bare(record: Record) -> Row:
    """The gap without what differs between its rows."""
    row = {name: value for name, value in plain_row(record).items() if name not in _OF_ROWS}
    return row | {"explanation": None, "gain_bits": None}


def _informed(records: Sequence[Record], key: str, sign: int) -> list[str]:
    names = {str(one["narrative"]) for one in records if one["key"] == key and one["sign"] == sign}
    return sorted(names)
