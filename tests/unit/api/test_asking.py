"""Questions as at the present instant of a graph."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from api.ask import make_ask
from api.asking import at_present
from graph.store import GraphReader


class Present:
    """A graph whose present instant is so much later than now."""

    def __init__(self, later: float) -> None:
        self.instant = datetime.now(UTC) + timedelta(seconds=later)

    async def present(self) -> datetime:
        """The instant."""
        return self.instant


@pytest.mark.parametrize("later", [-5.0, 5.0])
async def test_what_is_asked_by_now_is_never_asked_by_less_than_the_graph_holds(later: float) -> None:
    reader = Present(later)
    asked = await at_present(make_ask(instrument="btcusd", on="2024-08-05"), cast("GraphReader", reader))
    assert asked.as_at == reader.instant
    assert asked.as_of >= asked.as_at


async def test_a_clock_that_was_given_stays() -> None:
    reader = cast("GraphReader", Present(5.0))
    by_then = make_ask(instrument="btcusd", on="2024-08-05", as_of="2024-08-06")
    assert (await at_present(by_then, reader)).as_of == by_then.as_of
    at_then = make_ask(instrument="btcusd", on="2024-08-05", as_at="2025-01-01")
    assert await at_present(at_then, reader, "2025-01-01") == at_then
