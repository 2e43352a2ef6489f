"""Where the files of the CFTC lie, and which of their cells are which where they have no header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.connecting import Request, Window
from ingest.dailyclocks import days_of
from ingest.sourceformat import SourceFile

NOT_THERE = (404,)
NEW_YORK = "America/New_York"
WEEK = "week"
UNPACKED = 400_000_000  # bytes: ten years of all contracts in one file, read as it unpacks
# report: the path of a year, the first such year, the path of the years before it and what they are called
YEARS = {
    "tff": ("/files/dea/history/fut_fin_txt_{}.zip", 2017, "/files/dea/history/fin_fut_txt_2006_2016.zip", "2006-2016"),
    "disagg": (
        "/files/dea/history/fut_disagg_txt_{}.zip",
        2017,
        "/files/dea/history/fut_disagg_txt_hist_2006_2016.zip",
        "2006-2016",
    ),
    "legacy": ("/files/dea/history/deacot{}.zip", 1986, None, ""),
}
LAST = "FutOnly"  # what the last cell of a line says in a file of the week


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The latest week of a report, a file without a header: how many cells a line has, and which is which."""

    path: str
    width: int
    cells: Mapping[str, int]


_ALIKE = {"as_of_date_in_form_yymmdd": 1, "cftc_contract_market_code": 3, "open_interest_all": 7}
WEEKS = {
    "tff": Week(
        path="/dea/newcot/FinFutWk.txt",
        width=87,
        cells={**_ALIKE, "lev_money_positions_long_all": 14, "lev_money_positions_short_all": 15},
    ),
    "disagg": Week(
        path="/dea/newcot/f_disagg.txt",
        width=191,
        cells={**_ALIKE, "m_money_positions_long_all": 13, "m_money_positions_short_all": 14},
    ),
}


def files_of(source: SourceFile, window: Window, report: str) -> Iterator[Request]:
    """The files of a report over the years of a window, the oldest first, and the latest week."""
    first, last = (day.year for day in days_of(window, NEW_YORK))
    path, since, before, name = YEARS[report]
    if before is not None and first < since:
        yield _file(source, before, report, name)
    for year in range(max(first, since), last + 1):
        yield _file(source, path.format(year), report, str(year))
    if report in WEEKS:
        yield _file(source, WEEKS[report].path, report, WEEK)


def _file(source: SourceFile, path: str, report: str, name: str) -> Request:
    context = {"report": report, "file": name}
    return Request(url=f"{source.hosts['files']}{path}", absent=NOT_THERE, context=context)
