"""When a report of the CFTC became public: Friday 15:30 in New York, but for those that came late.

The late ones are those of the lapses of government funding of 2018-12 and 2025-10, as the CFTC announced them. Where a
report came earlier than announced the later instant is kept: that is safe, an earlier one would be a leak.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from ingest.tableclocks import timetable
from ingest.tableformat import TimetablePart

NEW_YORK = ZoneInfo("America/New_York")
AS_OF = time(16, 0)
LATE = {
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
DAYS = {date.fromisoformat(day): date.fromisoformat(published) for day, published in LATE.items()}
RELEASES = timetable(
    TimetablePart.model_validate(
        {"weekday": "friday", "time": "15:30", "tz": "America/New_York", "calendar": "XNYS", "late": DAYS}
    )
)


def as_of(day: date) -> datetime:
    """The instant of the positions of a report, in UTC: the close of its day."""
    return datetime.combine(day, AS_OF, NEW_YORK).astimezone(UTC)


def released(day: date) -> datetime:
    """When the report of a day became public, in UTC."""
    return RELEASES(as_of(day), day)
