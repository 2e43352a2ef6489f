"""What cannot be right in a table is refused with file, line, column and what to do, and then nothing is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.minimal_tables import a_map, refused, take, take_map, utc

DAILY = "date,close\n2024-07-02,1.5\n2024-07-03,2.5\n2024-07-05,-3e2\n"


def test_every_bad_cell_is_named_with_what_stands_in_it(tmp_path: Path) -> None:
    text = "date,close\n2024-07-02,1.5\n2024-02-30,2\n2024-07-04,abc\n,7\n2024-07-08,inf\n2024-07-09,1e999\n"
    found = refused(tmp_path, text)
    assert set(found) == {
        "line 3, column date",
        "line 4, column close",
        "line 5, column date",
        "line 6, column close",
        "line 7, column close",
    }
    assert found["line 4, column close"].startswith("'abc' is no number")
    assert found["line 3, column date"].startswith("'2024-02-30' is no date that exists")
    assert "not finite" in found["line 6, column close"]


def test_of_many_bad_cells_twenty_are_shown(tmp_path: Path) -> None:
    found = refused(tmp_path, "date,close\n" + "".join(f"2024-07-{n:02},x\n" for n in range(1, 31)))
    assert list(found)[:2] == ["line 2, column close", "line 3, column close"]
    assert len(found) == 21
    assert "only the first 20" in found[""]


def test_an_unknown_column_proposes_a_near_one(tmp_path: Path) -> None:
    found = refused(tmp_path, "date,Close\n2024-07-02,1\n")
    assert found["column close"].endswith("did you mean Close?")


def test_a_day_without_a_session_is_refused_or_skipped(tmp_path: Path) -> None:
    text = "date,close\n2024-07-03,1\n2024-07-04,2\n2024-07-05,3\n"
    assert "no session of XNYS" in refused(tmp_path, text, clock={"calendar": "XNYS"})["line 3, column date"]
    taken = take(tmp_path, text, clock={"calendar": "XNYS"}, off_session="skip")
    assert taken.numbers() == [1.0, 3.0]
    assert taken.load.notes == ("prices.csv: 1 rows of days without a session left out",)


def test_days_before_a_calendar_begins_are_said_once(tmp_path: Path) -> None:
    found = refused(tmp_path, "date,close\n1990-07-03,1\n1990-07-04,2\n", clock={"calendar": "XTKS"})
    assert list(found) == ["column date"]
    assert "knows no day before 1997-01-01" in found["column date"]


def test_identical_rows_count_once_and_contradictions_are_refused(tmp_path: Path) -> None:
    twice = "date,close\n2024-07-02,1\n2024-07-02,1\n2024-07-03,2\n"
    taken = take(tmp_path, twice)
    assert (taken.numbers(), dict(taken.load.reports[0].left_out)) == ([1.0, 2.0], {"rows that repeat another": 1})
    (tmp_path / "strict").mkdir()
    assert "repeats line 2" in refused(tmp_path / "strict", twice, duplicates="error")["line 3, series acme.price"]
    (tmp_path / "two").mkdir()
    found = refused(tmp_path / "two", "date,close\n2024-07-02,1\n2024-07-02,4\n")
    assert "4.0 here and 1.0 in line 2 are for one time" in found["line 3, series acme.price"]


def test_rows_out_of_order_are_refused_or_sorted(tmp_path: Path) -> None:
    text = "date,close\n2024-07-03,2\n2024-07-02,1\n2024-07-05,3\n"
    assert "lies before line 2" in refused(tmp_path, text)["line 3, series acme.price"]
    assert take(tmp_path, text, order="any").numbers() == [1.0, 2.0, 3.0]


def test_sorted_contradictions_name_both_files(tmp_path: Path) -> None:
    (tmp_path / "p-1.csv").write_text("date,close\n2024-07-03,2\n2024-07-02,1\n", encoding="utf-8")
    (tmp_path / "p-2.csv").write_text("date,close\n2024-07-05,9\n2024-07-03,7\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"p-2.csv: line 3, .* 7.0 here and 2.0 in p-1.csv, line 2 are for one time"):
        take_map(tmp_path, a_map(file="p-*.csv", order="any"))


def test_a_bar_that_ends_after_the_file_was_made_is_left_out(tmp_path: Path) -> None:
    making = {"made_at": utc("2024-07-05 12:00")}
    taken = take(tmp_path, DAILY, **making)
    assert taken.numbers() == [1.5, 2.5]
    assert taken.load.notes == ("prices.csv: 1 rows that end after the file was made left out",)
    assert take(tmp_path, DAILY, **making, last_bar="keep").numbers() == [1.5, 2.5, -300.0]


def test_without_made_at_the_time_of_the_file_counts(tmp_path: Path) -> None:
    tomorrow = (datetime.now().astimezone() + timedelta(days=2)).date()
    taken = take(tmp_path, f"date,close\n2024-07-02,1\n{tomorrow},2\n", made_at=None)
    assert taken.numbers() == [1.0]


def test_a_unit_that_differs_is_refused(tmp_path: Path) -> None:
    text = "date,close,unit\n2024-07-02,1,USD\n2024-07-03,2,EUR\n"
    found = refused(tmp_path, text, unit_column="unit")
    assert list(found) == ["line 3, column unit"]
    assert "convert it first" in found["line 3, column unit"]


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (b"", "(file)", "is empty"),
        (b"\n \n", "(file)", "is empty"),
        (b"date,close\n", "(file)", "no rows"),
        ("date,close\n2024-07-02,1\n".encode("utf-16"), "line 1", "UTF-16"),
        (b"date,close\n2024-07-02,1\n2024-07-03,\xe9\n", "line 3", "not written in utf-8"),
        (b"date;close\n2024-07-02;1\n", "line 1", "name the delimiter"),
        (b"date,close\n2024-07-02,1\n\n2024-07-03,1,5\n", "line 4", "has 3 cells, the header 2"),
        (b"date,close,close\n2024-07-02,1,2\n", "column close", "more than once"),
    ],
)
def test_a_broken_file_says_how(tmp_path: Path, content: bytes, place: str, reason: str) -> None:
    assert reason in refused(tmp_path, content)[place]


def test_a_mark_at_the_start_line_ends_of_windows_and_empty_lines_are_no_fault(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfdate,close\r\n2024-07-02,1\r\n\r\n2024-07-03,2\r\n"
    assert take(tmp_path, content).numbers() == [1.0, 2.0]


def test_lines_are_counted_over_empty_ones_uneven_ones_and_pieces(tmp_path: Path) -> None:
    rows = "".join(f"{1_600_000_000 + 60 * n},{n}\n" for n in range(100_000))
    given = {"date": None, "epoch": {"column": "when", "unit": "s"}, "clock": {"instant": "UTC"}}
    found = refused(tmp_path, f"when,close\n\n1,2,3\n{rows}1700000000,x\n", **given)
    assert list(found) == ["line 3", "line 100004, column close"]


def test_an_hour_that_the_clock_leaves_out_is_refused(tmp_path: Path) -> None:
    given = {"time": "time", "clock": {"bar": "PT1H", "tz": "America/New_York"}}
    found = refused(tmp_path, "date,time,close\n2024-03-10,01:00,1\n2024-03-10,02:30,2\n", **given)
    assert "does not exist in America/New_York" in found["line 3, column time"]
