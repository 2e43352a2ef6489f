"""What `whymove readings` lists: each reading of each series once, the most unusual first, no proxy for another."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.readings import table_of
from causal.settings import Method
from tests.panels import a_coin, a_column, a_panel, a_series_dossier, prices, returns_of, with_move


def listed() -> list[dict[str, Any]]:
    share = a_column("share", prices(with_move(returns_of(2), -0.5)))
    quiet = a_column("quiet", prices(returns_of(3)))
    return table_of(a_series_dossier(a_panel(a_coin(), share, quiet)), Method())


def test_each_reading_of_each_series_stands_once_with_its_place_among_comparable_days() -> None:
    rows = listed()
    places = [(row["series"], row["reading"], row["window"], row["statement"]) for row in rows]
    assert len(places) == len(set(places)) > 3
    assert {row["subject"] for row in rows} >= {"share", "quiet", "coin"}
    assert all(0.0 < row["percentile"] < 100.0 and row["comparable_days"] >= 20.0 for row in rows)


def test_the_most_unusual_comes_first() -> None:
    distance = [abs(row["percentile"] - 50.0) for row in listed()]
    assert distance == sorted(distance, reverse=True)
    crashed = next(row for row in listed() if row["subject"] == "share" and row["window"] == "during")
    assert crashed["percentile"] < 5.0


@pytest.mark.parametrize("share", ["0", "51"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    found = CliRunner().invoke(app, ["readings", "btcusd", "--on", "2026-02-05", "--unusual", share])
    assert found.exit_code == 2
    assert "between 0 and 50" in found.output
