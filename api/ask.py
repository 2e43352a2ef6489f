"""What is asked, checked before anything is read: which move, and by which clocks.

Every way in makes its `Ask` here, so that the command, REST and a script refuse the same questions with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from api.dates import parse_clock, parse_when, write_instant
from api.errors import InvalidAskError

Day = date | datetime

_ALWAYS_OPEN = (None, "", "24/7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question: a case, or an instrument with either `on` or `start` and `end`; both clocks are aware UTC.

    `start` and `end` are two dates (from the close of the first to that of the second) or two instants. With `no_case`
    no case counts: neither its move and stories nor the facts that it holds.
    """

    instrument: str | None = None
    start: Day | None = None
    end: Day | None = None
    on: date | None = None
    case: str | None = None
    no_case: bool = False
    as_of: datetime
    as_at: datetime

    def dated(self, instrument: str, session_calendar: str | None) -> Ask:
        """The same question under the instrument's own id, with `on` turned into its two closes."""
        if self.on is None:
            return replace(self, instrument=instrument)
        start = previous_session_day(self.on, session_calendar)
        return replace(self, instrument=instrument, start=start, end=self.on, on=None)


def make_ask(
    *,
    instrument: str | None = None,
    start: str | Day | None = None,
    end: str | Day | None = None,
    on: str | date | None = None,
    case: str | None = None,
    no_case: bool = False,
    as_of: str | Day | None = None,
    as_at: str | Day | None = None,
    now: datetime | None = None,
) -> Ask:
    """The question in checked form; texts are ISO dates or instants with a zone.

    Raises `InvalidAskError` where a date cannot be read, has no zone or lies in the future (the clocks), where the end
    does not follow the start, or where too little is given to name a move.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    ask = Ask(
        instrument=_name("instrument", instrument),
        start=_when("start", start),
        end=_when("end", end),
        on=_only_day("on", on),
        case=_name("case", case),
        no_case=no_case,
        as_of=_clock("as_of", as_of, moment),
        as_at=_clock("as_at", as_at, moment),
    )
    _check_what(ask)
    _check_order(ask)
    return ask


def ask_on(instrument: str, day: str | date, *, as_of: str | Day | None = None, as_at: str | Day | None = None) -> Ask:
    """The move of one day: from the close before `day` to that of `day` (raises `InvalidAskError`)."""
    return make_ask(instrument=instrument, on=day, as_of=as_of, as_at=as_at)


def previous_session_day(day: date, session_calendar: str | None) -> date:
    """The day of the close before: yesterday where trading never stops, else the last weekday before."""
    before = day - timedelta(days=1)
    while session_calendar not in _ALWAYS_OPEN and before.weekday() >= 5:
        before -= timedelta(days=1)
    return before


def _when(field: str, value: str | Day | None) -> Day | None:
    if isinstance(value, str):
        return parse_when(value.strip(), field)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidAskError(field, f"{value.isoformat()} has no time zone; write {value.isoformat()}Z for UTC")
        return value.astimezone(UTC)
    return value


def _only_day(field: str, value: str | date | None) -> date | None:
    day = _when(field, value)
    if isinstance(day, datetime):
        raise InvalidAskError(field, "give a date such as 2026-02-05, not an instant")
    return day


def _clock(field: str, value: str | Day | None, now: datetime) -> datetime:
    if value is None:
        return now
    instant = _when(field, value) if isinstance(value, datetime) else parse_clock(str(value).strip(), field, now)
    if not isinstance(instant, datetime) or instant > now:
        raise InvalidAskError(field, f"{value} lies in the future; it is {write_instant(now)} now")
    return instant


def _name(field: str, value: str | None) -> str | None:
    if value is None:
        return None
    if not value.strip():
        raise InvalidAskError(field, "empty; give a name or leave it out")
    return value.strip()


def _check_what(ask: Ask) -> None:
    if ask.no_case and ask.case is not None:
        raise InvalidAskError("no_case", "give a case, or leave cases out, not both")
    dated = ask.on is not None or ask.start is not None or ask.end is not None
    if ask.instrument is None and dated:
        raise InvalidAskError("instrument", "dates without an instrument: say whose move it was")
    if ask.instrument is None and ask.case is None:
        raise InvalidAskError("instrument", "nothing to explain: give an instrument with its dates, or a case")
    if ask.on is not None and (ask.start is not None or ask.end is not None):
        raise InvalidAskError("on", "give one day, or a start and an end, not both")
    if (ask.start is None) != (ask.end is None):
        missing = "start" if ask.start is None else "end"
        raise InvalidAskError(missing, "missing: a move has both a start and an end")
    if not dated and ask.case is None:
        raise InvalidAskError("start", f"when? give {ask.instrument!r} a day, or a start and an end, or name a case")


def _check_order(ask: Ask) -> None:
    start, end = ask.start, ask.end
    if start is None or end is None:
        return
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise InvalidAskError("end", "start and end must be of one sort: two dates, or two instants")
    if end < start or (end == start and isinstance(start, datetime)):
        raise InvalidAskError("end", f"{end.isoformat()} does not come after the start {start.isoformat()}")
