"""Pictures of characters: no gaps, the move marked where it lies, every value where the axis says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.charts import PathChart, path_chart, strip

SPREAD = (-2.0, -1.0, 0.0, 1.0, 2.0)
LEVELS = st.lists(st.floats(min_value=20.0, max_value=300.0), min_size=2, max_size=120)


def days(count: int) -> list[str]:
    return [(date(2024, 7, 5) + timedelta(days=i)).isoformat() for i in range(count)]


def drawn(
    values: list[float], *, move: tuple[str, str] = ("2024-07-06", "2024-07-07"), ascii_only: bool = True
) -> PathChart:
    return path_chart(days(len(values)), values, move, ascii_only=ascii_only)


def test_highest_and_lowest_stand_on_the_first_and_the_last_row_with_their_labels() -> None:
    chart = drawn([100.0, 120.0, 80.0, 95.0])
    assert chart.labels[0].strip() == "120.0"
    assert chart.labels[-1].strip() == "80.0"
    assert "*" in chart.rows[0].replace("#", "*")
    assert "*" in chart.rows[-1].replace("#", "*")


@given(LEVELS)
def test_the_line_has_no_gap_and_covers_every_column(values: list[float]) -> None:
    rows = drawn(values).rows
    before: set[int] = set()
    for column in range(len(rows[0])):
        here = {row for row, text in enumerate(rows) if text[column] in "*#"}
        assert here
        assert not before or min(abs(a - b) for a in here for b in before) <= 1
        before = here


@pytest.mark.parametrize("ascii_only", [True, False])
@given(values=LEVELS)
def test_no_path_is_wider_than_a_terminal(ascii_only: bool, values: list[float]) -> None:
    chart = drawn(values, ascii_only=ascii_only)
    assert max(map(len, chart.lines())) <= 98
    assert len(chart.lines()) == len(chart.rows) + 2


def test_ascii_is_ascii_and_braille_is_not() -> None:
    values = [100.0, 90.0, 110.0]
    assert "\n".join(drawn(values).lines()).isascii()
    assert not "\n".join(drawn(values, ascii_only=False).lines()).isascii()


def test_the_move_is_marked_under_its_sessions_and_by_another_sign() -> None:
    chart = drawn([100.0] * 10 + [80.0] * 10, move=("2024-07-14", "2024-07-15"))
    assert chart.mark is not None
    first, end = chart.mark
    assert chart.axis[1:][first:end].startswith("[")
    assert chart.axis[1:][first:end].endswith("]")
    assert {i for row in chart.rows for i, sign in enumerate(row) if sign == "#"} == set(range(first, end))
    assert "2024-07-14 to 2024-07-15" in chart.dates


def test_a_move_that_starts_between_sessions_is_marked_from_the_session_before() -> None:
    sessions = ["2024-08-01", "2024-08-02", "2024-08-05", "2024-08-06"]
    weekend = path_chart(sessions, [101.0, 100.0, 88.0, 95.0], ("2024-08-04", "2024-08-05"), ascii_only=True)
    friday = path_chart(sessions, [101.0, 100.0, 88.0, 95.0], ("2024-08-02", "2024-08-05"), ascii_only=True)
    assert weekend.mark == friday.mark is not None


def test_a_move_outside_the_path_is_not_marked() -> None:
    chart = drawn([100.0, 90.0, 95.0], move=("2025-01-01", "2025-01-02"))
    assert chart.mark is None
    assert "#" not in "".join(chart.rows)
    assert set(chart.axis) == {"+", "-"}


def test_both_ends_of_a_wide_path_are_dated() -> None:
    chart = drawn([100.0 + i % 5 for i in range(42)], move=("2024-08-14", "2024-08-15"))
    assert chart.dates.split() == ["2024-07-05", "2024-08-14", "to", "2024-08-15", "2024-08-15"]


def test_the_level_of_the_start_is_dotted_and_labelled() -> None:
    chart = drawn([100.0, 130.0, 70.0, 100.0])
    dotted = [label.strip() for label, row in zip(chart.labels, chart.rows, strict=True) if "." in row]
    assert dotted == ["100.0"]


def test_a_path_that_does_not_move_is_one_row() -> None:
    assert sum("*" in row or "#" in row for row in drawn([100.0, 100.0, 100.0]).rows) == 1


@pytest.mark.parametrize(("count", "values"), [(1, [100.0]), (3, [100.0, 90.0])])
def test_a_path_that_cannot_be_drawn_is_refused(count: int, values: list[float]) -> None:
    with pytest.raises(ValueError, match="two days or more"):
        path_chart(days(count), values, ("2024-07-05", "2024-07-06"), ascii_only=True)


@pytest.mark.parametrize(
    ("value", "sign"), [(0.0, "X"), (1.5, "X"), (-2.4, "X"), (-9.0, "<"), (9.0, ">"), (3.4, "X"), (3.5, ">")]
)
def test_a_reading_is_a_cross_within_the_picture_and_an_arrow_beyond(value: float, sign: str) -> None:
    text = strip(value, SPREAD, ascii_only=True)
    assert [one for one in text if one in "X<>"] == [sign]


def test_an_arrow_points_from_the_edge_at_which_it_stands() -> None:
    assert strip(-9.0, SPREAD, ascii_only=True).startswith("<")
    assert strip(9.0, SPREAD, ascii_only=True).endswith(">")


def test_the_strip_shows_tails_middle_half_and_median_in_their_places() -> None:
    text = strip(9.0, SPREAD, ascii_only=True)
    assert text == "........------======|======------.......>"
    assert strip(9.0, SPREAD, ascii_only=False) == "········──────━━━━━━┃━━━━━━──────·······▶"


@given(st.floats(-50, 50), st.lists(st.floats(-20, 20), min_size=5, max_size=5), st.booleans())
def test_a_strip_keeps_its_width_whatever_the_spread(value: float, points: list[float], ascii_only: bool) -> None:
    text = strip(value, sorted(points), ascii_only=ascii_only)
    assert len(text) == 41
    assert sum(one in "X<>●◀▶" for one in text) == 1


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_larger_reading_is_never_drawn_further_left(one: float, other: float) -> None:
    low, high = sorted([one, other])
    places = [strip(value, SPREAD, ascii_only=True).index("X") for value in (low, high)]
    assert places[0] <= places[1]


def test_comparable_days_that_were_all_alike_still_make_a_strip() -> None:
    assert strip(1.0, (1.0,) * 5, ascii_only=True).count("X") == 1
    assert "X" in strip(4.0, (1.0,) * 5, ascii_only=True)
    assert strip(50.0, (0.0, 0.0, 0.0, 0.0, 5e-324), ascii_only=True).endswith(">")


@pytest.mark.parametrize("width", [1, 5, 20, 30, 60])
def test_a_narrow_chart_keeps_its_width(width: int) -> None:
    chart = path_chart(
        days(42), [100.0 + i for i in range(42)], ("2024-08-10", "2024-08-11"), ascii_only=True, width=width
    )
    assert {len(row) for row in (*chart.rows, chart.axis[1:], chart.dates)} == {max(2, width)}
