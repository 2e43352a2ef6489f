"""Lays out a simulated move as the product is given a real one: a dossier with facts, arguments and a panel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from causal.model import Dossier
from causal.panel import Array, Column, Panel
from causal.settings import Method
from causal.world import Argument, Citation, Fact, Instrument, Move
from tests.simulator.days import Days, large_falls, live
from tests.simulator.experts import COIN, COIN_CLASS, UNIT, Expert, ask_expert, indicator_name
from tests.simulator.reports import Plea, Press, Report, press_of
from tests.simulator.worlds import MEASURED, World

END = datetime(2030, 3, 12, 21, tzinfo=UTC)
START = END - timedelta(days=1)
DAY = END.date()
LAST = 24.0 * 60  # hours after the second close: by then all is known
SERIES_LAG = 6.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Market:
    """A world with its past and its experts, ready to be asked about moves."""

    world: World
    history: Days
    expert: Expert
    method: Method

    def falls(self, count: int, *, stream: int, idle: bool = False) -> Days:
        """Large falls that are not in the history; streams are independent of one another."""
        return large_falls(self.world, count, stream=stream, idle=idle)

    def press(self, days: Days, row: int, *, stream: int) -> Press:
        """What is said of one of them."""
        return press_of(self.world, self.expert, days, row, stream)

    def dossier(
        self, days: Days, row: int, press: Press, *, hours: float = LAST, facts: bool = True, series: bool = True
    ) -> Dossier:
        """The move as it could be known `hours` after its second close, from facts, from series, or from both."""
        as_of = END + timedelta(hours=hours)
        said = [_fact(self.expert, n, one) for n, one in enumerate(press.reports) if one.known <= hours]
        pleas = [_argument(n, one) for n, one in enumerate(press.pleas) if one.known <= hours]
        return Dossier(
            case=None,
            move=_move(float(days.returns[row])),
            as_of=as_of,
            as_at=as_of,
            instruments=(Instrument(id=COIN, name="Coin", kind="crypto spot", asset_class="coin"),),
            facts=tuple(said) if facts else (),
            arguments=tuple(pleas) if facts else (),
            narratives=self.expert.narratives,
            indicators=self.expert.indicators,
            asset_classes=(COIN_CLASS,),
            derivations=self.expert.derivations,
            panel=self._panel(days, row, known=hours >= SERIES_LAG) if series else None,
        )

    def _panel(self, days: Days, row: int, *, known: bool) -> Panel:
        count = len(self.history) + 1
        closes = tuple(END - timedelta(days=count - 1 - i) for i in range(count))
        stamps = np.array([(close - _EPOCH) / timedelta(microseconds=1) for close in closes])
        returns = np.append(self.history.returns, days.returns[row])
        coin = _column("coin", "price level", 100.0 * np.cumprod(1.0 + returns / 100.0), stamps, 0.0)
        columns = [coin]
        for j in range(MEASURED):
            now = days.readings[row, j] if known else np.nan
            values = np.append(self.history.readings[:, j], now) / self.expert.scale[j]
            columns.append(_column(f"series_{j:02d}", indicator_name(j), values, stamps, SERIES_LAG))
        return Panel(
            days=tuple(close.date() for close in closes),
            closes=closes,
            start=count - 2,
            end=count - 1,
            moved="coin",
            level=False,
            columns=tuple(columns),
        )


def open_market(world: World, method: Method) -> Market:
    """The market of a world; its history is the same whatever the setup."""
    history = live(world, world.setup.history, stream=0)
    return Market(world=world, history=history, expert=ask_expert(world, history, method), method=method)


def _column(name: str, indicator: str, values: Array, stamps: Array, lag: float) -> Column:
    came = np.where(np.isfinite(values), stamps, np.nan)
    known = came + lag * 3_600e6
    return Column(
        id=name,
        indicator=indicator,
        subject=COIN,
        unit=UNIT if lag else "USD",
        licence="may_show",
        source="simulated",
        slow=False,
        at={"last": values, "next": values, "sum": values, "stamp": came, "known": known, "known_next": known},
    )


def _move(return_: float) -> Move:
    return Move(
        id="move",
        instrument=COIN,
        start=START.date(),
        end=DAY,
        valid_from=START,
        valid_to=END,
        return_=return_ / 100.0,
        measure="close to close",
    )


def _fact(expert: Expert, number: int, report: Report) -> Fact:
    grade, credibility = expert.grades[report.source]
    when = None if report.hour is None else START + timedelta(hours=report.hour)
    name = f"fact_{number:03d}"
    return Fact(
        id=name,
        key=name,
        indicator=indicator_name(report.indicator),
        subject=COIN,
        value=report.value,
        unit=UNIT,
        statement=f"{indicator_name(report.indicator)} was {report.value:+.2f}",
        valid_from=when or START,
        valid_to=when or END,
        trade_date=DAY if when is None else None,
        known_at=END + timedelta(hours=report.known),
        known_at_precision="instant",
        grade=grade,
        credibility=credibility,
        citation=_citation(report.origin, f"source_{report.source}"),
    )


def _argument(number: int, plea: Plea) -> Argument:
    return Argument(
        id=f"plea_{number:02d}",
        narrative=f"mechanism_{plea.mechanism}",
        kind=plea.kind,
        step=plea.step,
        strength=plea.strength,
        by=f"commentator_{number}",
        statement=f"{plea.kind} mechanism {plea.mechanism}",
        grade="C",
        credibility=3,
        known_at=END + timedelta(hours=plea.known),
        citation=_citation(f"column_{number}", f"commentator_{number}"),
        rebuts=tuple(f"plea_{one:02d}" for one in plea.rebuts),
    )


def _citation(origin: str, source: str) -> Citation:
    return Citation(document_id=origin, origin=origin, source_id=source, publisher=source, title="A report")
