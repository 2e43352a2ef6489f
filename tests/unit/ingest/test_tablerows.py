"""Rows of a table become values at the instant at which they were so, and known when they became public."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from graph.series import SeriesStore
from tests.minimal_tables import a_map, a_series, refused, take, take_map, utc

DAILY = "date,close\n2024-07-02,1.5\n2024-07-03,2.5\n2024-07-05,-3e2\n"


def test_a_day_of_a_zone_is_so_at_its_end(tmp_path: Path) -> None:
    taken = take(tmp_path, DAILY, clock={"day": "America/New_York"})
    assert taken.at() == [utc("2024-07-03 04:00"), utc("2024-07-04 04:00"), utc("2024-07-06 04:00")]
    assert taken.days() == [date(2024, 7, 2), date(2024, 7, 3), date(2024, 7, 5)]
    assert taken.numbers() == [1.5, 2.5, -300.0]


def test_a_session_is_so_at_its_close_also_on_half_days(tmp_path: Path) -> None:
    taken = take(tmp_path, DAILY, clock={"calendar": "XNYS"})
    assert taken.at() == [utc("2024-07-02 20:00"), utc("2024-07-03 17:00"), utc("2024-07-05 20:00")]


def test_a_fix_follows_the_clock_of_its_zone_into_summer(tmp_path: Path) -> None:
    text = "date,close\n2024-03-29,1\n2024-04-02,2\n"
    taken = take(tmp_path, text, clock={"tz": "Europe/Berlin", "cutoff": "14:15"})
    assert taken.at() == [utc("2024-03-29 13:15"), utc("2024-04-02 12:15")]


def test_bars_are_so_at_their_end_and_belong_to_no_trade_day(tmp_path: Path) -> None:
    text = "date,time,close\n2024-07-02,09:00,1\n2024-07-02,10:00,2\n"
    for label, first in (("start", "2024-07-02 14:00"), ("end", "2024-07-02 13:00")):
        clock = {"bar": "PT1H", "tz": "America/New_York", "label": label}
        taken = take(tmp_path, text, time="time", clock=clock)
        assert taken.at()[0] == utc(first)
        assert taken.days() == [None, None]


def test_the_last_bar_of_a_session_ends_at_its_close(tmp_path: Path) -> None:
    text = "date,time,close\n2024-07-03,15:30,1\n2024-07-03,16:30,2\n2024-07-03,20:30,3\n"
    clock = {"bar": "PT1H", "tz": "UTC", "calendar": "XNYS"}
    taken = take(tmp_path, text, time="time", clock=clock)
    assert taken.at() == [utc("2024-07-03 16:30"), utc("2024-07-03 17:00"), utc("2024-07-03 21:30")]


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ("2024-07-02T16:00:00Z", {"datetime": "when"}),
        ("2024-07-02 12:00", {"datetime": "when", "clock": {"instant": "America/New_York"}}),
        ("1719936000", {"epoch": {"column": "when", "unit": "s"}}),
        ("1719936000000", {"epoch": {"column": "when", "unit": "ms"}}),
        ("1719936000000000", {"epoch": {"column": "when", "unit": "us"}}),
        ("1719936000000000000", {"epoch": {"column": "when", "unit": "ns"}}),
    ],
)
def test_instants_come_as_texts_and_as_numbers(tmp_path: Path, cell: str, settings: dict[str, object]) -> None:
    given = {"date": None, "clock": {"instant": "UTC"}} | settings
    assert take(tmp_path, f"when,close\n{cell},1\n", **given).at() == [utc("2024-07-02 16:00")]


def test_an_epoch_of_another_unit_is_refused(tmp_path: Path) -> None:
    given = {"date": None, "clock": {"instant": "UTC"}, "epoch": {"column": "when", "unit": "ms"}}
    found = refused(tmp_path, "when,close\n1719936000000000,1\n", **given)
    assert "another unit" in found["line 2, column when"]


def test_a_date_may_be_written_in_a_form_of_its_own(tmp_path: Path) -> None:
    taken = take(tmp_path, "date,close\n05 Feb 2026,1\n06 Feb 2026,2\n", date_format="%d %b %Y")
    assert taken.days() == [date(2026, 2, 5), date(2026, 2, 6)]
    (tmp_path / "bad").mkdir()
    found = refused(tmp_path / "bad", "date,close\n30 Feb 2026,1\n", date_format="%d %b %Y")
    assert "no date of the form '%d %b %Y'" in found["line 2, column date"]


def test_what_is_missing_leaves_no_row_and_brackets_are_minus(tmp_path: Path) -> None:
    text = "date,close\n2024-07-01,.\n2024-07-02, (1.5) \n2024-07-03,\n2024-07-04,N/A\n2024-07-05,2\n"
    assert take(tmp_path, text).numbers() == [-1.5, 2.0]


def test_a_comma_may_divide_the_decimals(tmp_path: Path) -> None:
    taken = take(tmp_path, 'date;close\n2024-07-02;"1.234,5"\n', delimiter=";", decimal=",")
    assert taken.numbers() == [1234.5]


def test_columns_are_added_scaled_and_cut(tmp_path: Path) -> None:
    text = "date,close,long,short\n2024-07-02,0.99,7,3\n2024-07-03,1.01,8,\n2024-07-04,1.02,9,1\n"
    series = [
        a_series({"minus": ["long", "short"]}, id="net"),
        a_series({"plus": ["long", "short"]}, id="both"),
        a_series(id="peg", factor=100, offset=-100),
        a_series(id="early", until=date(2024, 7, 2)),
        a_series(id="late", **{"from": date(2024, 7, 4)}),
    ]
    taken = take(tmp_path, text, series=series)
    assert taken.numbers("net") == [4.0, 8.0]
    assert taken.numbers("both") == [10.0, 10.0]
    assert taken.numbers("peg") == pytest.approx([-1.0, 1.0, 2.0])
    assert (taken.numbers("early"), taken.numbers("late")) == ([0.99], [1.02])


def test_a_long_table_is_divided_by_the_values_of_a_column(tmp_path: Path) -> None:
    text = "symbol,date,close\nACM,2024-07-02,1\nDSK,2024-07-02,9\nACM,2024-07-03,2\nXXX,2024-07-03,3\n"
    by = {"column": "symbol", "subjects": {"ACM": "acme", "DSK": "desk"}}
    series = [a_series(id="{subject}.price", subject="{subject}")]
    taken = take(tmp_path, text, series=series, by=by | {"others": "skip"})
    assert (taken.numbers("acme.price"), taken.numbers("desk.price")) == ([1.0, 2.0], [9.0])
    (tmp_path / "strict").mkdir()
    assert list(refused(tmp_path / "strict", text, series=series, by=by)) == ["line 5, column symbol"]


def test_one_value_of_a_long_table_may_be_more_series(tmp_path: Path) -> None:
    by = {"column": "symbol", "subjects": {"ACM": "acme"}, "series": {"ACM": [a_series(id="twice", factor=2)]}}
    series = [a_series(id="{subject}.price", subject="{subject}")]
    taken = take(tmp_path, "symbol,date,close\nACM,2024-07-02,1\n", series=series, by=by)
    assert (taken.numbers("acme.price"), taken.numbers("twice")) == ([1.0], [2.0])


def test_files_of_one_pattern_are_one_series(tmp_path: Path) -> None:
    (tmp_path / "p-2023.csv").write_text("date,close\n2023-12-29,1\n", encoding="utf-8")
    (tmp_path / "p-2024.csv").write_text("date,close\n2024-01-02,2\n", encoding="utf-8")
    assert take_map(tmp_path, a_map(file="p-*.csv")).numbers() == [1.0, 2.0]


# --- when it became known ---------------------------------------------------------------------------------------------


def test_rows_become_known_by_the_lag_of_the_indicator_or_the_stated_one(tmp_path: Path) -> None:
    flows = a_series(indicator="net ETF flow")
    assert take(tmp_path, DAILY, series=[flows]).load.batch.nodes[-1].properties["publication_lag"] == "P1D"
    nodes = take(tmp_path, DAILY, series=[flows], publication_lag="PT90M").load.batch.nodes
    assert [one.properties["publication_lag"] for one in nodes if one.label == "Series"] == ["PT1H30M"]


def test_a_timetable_says_when_a_week_becomes_known(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("date,close\n2024-07-02,1\n2025-07-01,2\n2025-10-07,3\n", encoding="utf-8")
    timetable = {"weekday": "friday", "time": "15:30", "tz": "America/New_York", "calendar": "XNYS"}
    data = a_map(published="weekly", clock={"tz": "America/New_York", "cutoff": "16:00"})
    data["publications"] = {"weekly": timetable | {"late": {date(2025, 10, 7): date(2025, 11, 21)}}}
    # the second Friday is a holiday, the third week came late
    assert take_map(tmp_path, data).known() == [
        utc("2024-07-05 19:30"),
        utc("2025-07-07 19:30"),
        utc("2025-11-21 20:30"),
    ]


def test_a_timetable_keeps_its_distance(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("date,close\n2024-07-01,1\n2024-07-05,2\n", encoding="utf-8")
    data = a_map(published="mondays", clock={"tz": "UTC", "cutoff": "12:00"})
    data["publications"] = {"mondays": {"weekday": "monday", "time": "16:15", "tz": "UTC", "at_least": "P1D"}}
    assert take_map(tmp_path, data).known() == [utc("2024-07-08 16:15"), utc("2024-07-08 16:15")]


def test_a_column_may_say_when_and_revisions_stand_side_by_side(tmp_path: Path) -> None:
    text = "date,close,seen\n2024-07-02,1,2024-07-03T08:00:00Z\n2024-07-02,5,2024-07-09T08:00:00Z\n"
    taken = take(tmp_path, text, known_at="seen")
    assert taken.numbers() == [5.0]
    assert taken.load.reports[0].rows == 2


def test_many_pieces_are_one_series(tmp_path: Path) -> None:
    rows = "".join(f"{1_600_000_000 + 60 * n},{n}\n" for n in range(100_000))
    given = {"date": None, "epoch": {"column": "when", "unit": "s"}, "clock": {"instant": "UTC"}}
    taken = take(tmp_path, "when,close\n" + rows, **given)
    assert taken.numbers() == [float(n) for n in range(100_000)]


# --- other files ------------------------------------------------------------------------------------------------------


def test_parquet_and_arrow_give_the_same_as_text(tmp_path: Path) -> None:
    table = pa.table({"date": [date(2024, 7, 2), date(2024, 7, 3)], "close": pa.array([1.5, None])})
    pq.write_table(table, tmp_path / "one.parquet")
    for name, opened in (("two.arrow", ipc.new_file), ("three.arrow", ipc.new_stream)):
        with pa.OSFile(str(tmp_path / name), "wb") as sink, opened(sink, table.schema) as writer:
            writer.write_table(table)
    for name in ("one.parquet", "two.arrow", "three.arrow"):
        taken = take_map(tmp_path, a_map(file=name))
        assert (taken.numbers(), taken.days()) == ([1.5], [date(2024, 7, 2)])


def test_a_bad_value_in_parquet_is_named_by_its_row(tmp_path: Path) -> None:
    table = pa.table({"date": ["2024-07-02", "2024-07-03"], "close": ["1", "x"]})
    pq.write_table(table, tmp_path / "one.parquet")
    with pytest.raises(Exception, match=r"one.parquet: row 2, column close: 'x' is no number"):
        take_map(tmp_path, a_map(file="one.parquet"))


def test_a_compressed_table_is_read(tmp_path: Path) -> None:
    with pa.output_stream(str(tmp_path / "prices.csv.gz")) as sink:
        sink.write(DAILY.encode())
    assert len(take_map(tmp_path, a_map(file="prices.csv.gz")).numbers()) == 3


def test_a_series_without_values_is_not_made(tmp_path: Path) -> None:
    series = [a_series(), a_series("other", id="acme.other")]
    taken = take(tmp_path, "date,close,other\n2024-07-02,1,\n", series=series)
    assert taken.load.notes == ("acme.other has no value in prices.csv: it is not made",)
    assert SeriesStore(tmp_path / "series").names() == ("acme.price",)
