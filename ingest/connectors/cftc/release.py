"""When a report of the CFTC became public: Friday 15:30 in New York, or later.

A federal holiday from Wednesday to Friday puts it off to Monday, as the schedules of the CFTC say. Others that came
late are those of the lapses of government funding (2013-10, 2018-12, 2025-10), of the days of mourning of 2018-12-05
and 2025-01-09 and of the outage at a clearing service of 2023-01, as the CFTC announced them. Where it said a window,
or accounts differ, the later instant is kept: that is safe, an earlier one would be a leak. Two of the reports were
made back to 2006-06-13 when they were begun, so that nobody knew those years before.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from ingest.connectors.cftc.holidays import DAY, is_holiday

NEW_YORK = ZoneInfo("America/New_York")
AS_OF = time(16, 0)
PUBLISHED = time(15, 30)
FRIDAY = 4
LATE = {
    "2013-10-01": "2013-10-25",
    "2013-10-08": "2013-11-01",
    "2013-10-15": "2013-11-01",
    "2013-10-22": "2013-11-08",
    "2013-10-29": "2013-11-08",
    "2018-12-04": "2018-12-10",
    "2018-12-24": "2019-02-01",
    "2018-12-31": "2019-02-05",
    "2019-01-08": "2019-02-08",
    "2019-01-15": "2019-02-12",
    "2019-01-22": "2019-02-15",
    "2019-01-29": "2019-02-19",
    "2019-02-05": "2019-02-22",
    "2019-02-12": "2019-02-26",
    "2019-02-19": "2019-03-01",
    "2019-02-26": "2019-03-05",
    "2023-01-31": "2023-02-24",
    "2023-02-07": "2023-03-08",
    "2023-02-14": "2023-03-08",
    "2023-02-21": "2023-03-10",
    "2023-02-28": "2023-03-14",
    "2023-03-07": "2023-03-16",
    "2023-03-14": "2023-03-21",
    "2025-01-07": "2025-01-13",
    "2025-09-30": "2025-11-19",
    "2025-10-07": "2025-11-21",
    "2025-10-14": "2025-11-25",
    "2025-10-21": "2025-12-02",
    "2025-10-28": "2025-12-05",
    "2025-11-04": "2025-12-09",
    "2025-11-10": "2025-12-12",
    "2025-11-18": "2025-12-16",
    "2025-11-25": "2025-12-19",
    "2025-12-02": "2025-12-23",
    "2025-12-09": "2025-12-30",
    "2025-12-16": "2026-01-06",
    "2025-12-23": "2026-01-09",
    "2025-12-30": "2026-01-13",
    "2026-01-06": "2026-01-16",
    "2026-01-13": "2026-01-20",
}
# report: the first day of which it came out in its own week, and when all days before came out
BEGUN = {"disagg": (date(2009, 9, 1), date(2009, 10, 20)), "tff": (date(2010, 7, 20), date(2010, 7, 22))}
DAYS = {date.fromisoformat(day): date.fromisoformat(published) for day, published in LATE.items()}


def as_of(day: date) -> datetime:
    """The instant of the positions of a report, in UTC: the close of its day."""
    return datetime.combine(day, AS_OF, NEW_YORK).astimezone(UTC)


def released(day: date, report: str) -> datetime:
    """When a report (`tff`, `disagg`, `legacy`) of a day became public, in UTC."""
    first, before = BEGUN.get(report, (date.min, date.min))
    published = before if day < first else DAYS.get(day) or _scheduled(day)
    return datetime.combine(published, PUBLISHED, NEW_YORK).astimezone(UTC)


def _scheduled(day: date) -> date:
    """The Friday after a report's day; where a holiday lies between Tuesday and it, the next day of work after it."""
    friday = day + ((FRIDAY - day.weekday() - 1) % 7 + 1) * DAY
    if not any(is_holiday(friday - back * DAY) for back in range(3)):
        return friday
    following = friday + 3 * DAY
    while is_holiday(following):
        following += DAY
    return following
