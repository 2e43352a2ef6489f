"""A mapping of one invented table, changed at will, and what became of it."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.series import NO_DAY, SeriesStore, Values
from ingest.errors import RecordRejectedError
from ingest.tablemap import load_map
from ingest.tables import TableLoad, read_tables

MAKING = "2030-01-01T00:00:00Z"
MINIMAL: dict[str, Any] = {
    "instruments": [{"id": "acme", "name": "Acme", "type": "equity", "identifiers": {"ticker": "ACM"}}],
    "actors": [{"id": "desk", "name": "A desk", "type": "hedge fund"}],
    "relations": [{"type": "plays", "from": "desk", "to": "acme", "role": "holder"}],
    "files": [
        {
            "file": "prices.csv",
            "source": "invented for tests",
            "made_at": datetime(2030, 1, 1, tzinfo=UTC),
            "date": "date",
            "clock": {"day": "UTC"},
            "series": [
                {"column": "close", "id": "acme.price", "indicator": "price level", "subject": "acme", "unit": "USD"}
            ],
        }
    ],
}


def a_map(**file: Any) -> dict[str, Any]:
    """The mapping, its one file changed; None takes a key away."""
    data = deepcopy(MINIMAL)
    data["files"][0] |= file
    data["files"][0] = {key: value for key, value in data["files"][0].items() if value is not None}
    return data


def a_series(column: Any = "close", **more: Any) -> dict[str, Any]:
    """One series of the table."""
    return MINIMAL["files"][0]["series"][0] | {"column": column} | more


def written(folder: Path, data: dict[str, Any]) -> Path:
    """The mapping as a file."""
    path = folder / "tables.map.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


class Taken:
    """What one import left: the load, and the series as they can be read."""

    def __init__(self, load: TableLoad, store: SeriesStore) -> None:
        self.load = load
        self.store = store

    def values(self, series: str = "acme.price") -> Values:
        return asyncio.run(self.store.read(series))

    def at(self, series: str = "acme.price") -> list[datetime]:
        return [instant(us) for us in self.values(series).at.tolist()]

    def known(self, series: str = "acme.price") -> list[datetime]:
        return [instant(us) for us in self.values(series).known_at.tolist()]

    def days(self, series: str = "acme.price") -> list[date | None]:
        return [None if n == NO_DAY else date(1970, 1, 1) + timedelta(n) for n in self.values(series).day.tolist()]

    def numbers(self, series: str = "acme.price") -> list[float]:
        found: list[float] = self.values(series).value.tolist()
        return found


def instant(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def utc(text: str) -> datetime:
    """An instant in UTC from `2026-02-05 21:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def take(folder: Path, text: str | bytes, **file: Any) -> Taken:
    """Import one table by the mapping, and publish it."""
    content = text.encode() if isinstance(text, str) else text
    (folder / "prices.csv").write_bytes(content)
    return take_map(folder, a_map(**file))


def take_map(folder: Path, data: dict[str, Any]) -> Taken:
    """Import what lies in the folder by a mapping, and publish it."""
    store = SeriesStore(folder / "series")
    with read_tables(load_map(written(folder, data)), [folder], store, lambda _: None) as load:
        store.publish(load.staged)
    return Taken(load, store)


def refused(folder: Path, text: str | bytes, **file: Any) -> dict[str, str]:
    """Place -> reason of all that is wrong with a table; nothing of it is stored."""
    with pytest.raises(RecordRejectedError) as caught:
        take(folder, text, **file)
    assert SeriesStore(folder / "series").names() == ()
    return {one.path: one.reason for one in caught.value.rejections}
