"""By which clocks a question is read that names none, or one of the two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.clocks import chosen, chosen_of, instant_of
from api.errors import InvalidAskError
from graph.reading import Clocks

PRESENT = datetime(2026, 2, 6, 12, tzinfo=UTC)
DAY_END = datetime(2026, 2, 6, tzinfo=UTC)


def test_who_names_no_clock_reads_by_one_instant() -> None:
    assert chosen(None, None, PRESENT) == Clocks(as_of=PRESENT, as_at=PRESENT)
    found = chosen(None, None)
    assert found.as_of == found.as_at
    assert abs(found.as_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_who_names_one_clock_keeps_the_default_of_the_other() -> None:
    assert chosen("2026-02-05", None, PRESENT) == Clocks(as_of=DAY_END, as_at=PRESENT)
    recorded = chosen(None, "2026-02-05", PRESENT)
    assert recorded.as_at == DAY_END
    assert abs(recorded.as_of - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_graph_is_asked_for_its_present_only_where_no_instant_is_named() -> None:
    asked = []

    async def present() -> datetime:
        asked.append(1)
        return PRESENT

    assert (await chosen_of(None, None, present)).as_at == PRESENT
    assert (await chosen_of("2026-02-05", None, present)).as_at == PRESENT
    assert (await chosen_of(None, "2026-02-05", present)).as_at == DAY_END
    assert len(asked) == 2


@pytest.mark.parametrize("field", ["as_of", "as_at"])
@pytest.mark.parametrize("text", ["2999-01-01", "2999-01-01T00:00:00Z", "2026-02-05T12:00", "soon"])
def test_a_clock_that_nobody_can_read_by_is_refused_by_its_name(field: str, text: str) -> None:
    with pytest.raises(InvalidAskError, match=field):
        chosen(text if field == "as_of" else None, text if field == "as_at" else None, PRESENT)
    with pytest.raises(InvalidAskError, match=field):
        instant_of(field, text)
