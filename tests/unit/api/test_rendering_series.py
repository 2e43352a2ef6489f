"""What series add to a drawn explanation: the chart of the move, strips, coverage in words, where to look next."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from rich.console import Console

from api.rendering import Drawing
from api.rendering_markdown import to_markdown
from api.rendering_terminal import print_explanation
from tests.factories import a_move, a_narrative, a_step, an_explanation, an_item

MANY = 12


def a_path() -> list[dict[str, Any]]:
    days = [(date(2026, 1, 16) + timedelta(days=i)).isoformat() for i in range(30)]
    return [{"day": day, "index": 100.0 if day < "2026-02-05" else 86.8} for day in days]


def a_series_item(n: int, bits: float) -> dict[str, Any]:
    return an_item(
        id=f"ev_s{n}",
        kind="series",
        fact_ids=[f"series.{n}"],
        indicator="spot return",
        subject=f"asset{n}",
        value=-4.59875,
        unit="percent",
        bin=1,
        bin_reason="higher than 0% of 182 comparable days",
        statement=f"asset{n}: return over the window -4.599 percent; higher than 0% of 182 comparable days",
        series={
            "id": f"asset{n}.price_level.daily",
            "percentile": 0.4,
            "comparable_days": 182.2,
            "bandwidth": 0.25,
            "spread": [-1.06, -0.28, -0.01, 0.31, 0.95],
        },
        contributions=[
            {
                "narrative": "degrossing",
                "step": 1,
                "weight_bits": bits,
                "leave_one_out_bits": bits,
                "shapley_bits": bits,
            }
        ],
    )


def a_prediction(**changes: Any) -> dict[str, Any]:
    return {
        "indicator": "open interest change",
        "subject": "jpy_futures",
        "role": "short_futures",
        "window": "during",
        "direction": "down",
        "outcome": "unobserved",
        "answered_by": "searched",
        "why": "jpy_futures.open_interest.weekly: the series starts on 2024-01-11",
        "evidence": [],
    } | changes


def a_look(n: int, **changes: Any) -> dict[str, Any]:
    return {
        "indicator": f"thing{n:02d}",
        "subject": "btcusd",
        "role": "asset",
        "window": "during",
        "separates": ["T03"],
        "gain_bits": 0.2 - n / 100,
        "available_from": "an exchange; a file by whymove ingest table",
    } | changes


def an_explained_move(**changes: Any) -> dict[str, Any]:
    items = [a_series_item(n, bits) for n, bits in ((1, 0.9), (2, 0.6), (3, 0.3))]
    narrative = a_narrative(
        evidence_for=[item["id"] for item in items],
        evidence_against=[],
        steps=[a_step(predictions=[a_prediction(), a_prediction(answered_by="not_looked_at", why=None)])],
        coverage={"predictions": 22, "by_series": 7, "by_reports": 0, "searched": 1, "not_looked_at": 14},
    )
    parts = {
        "move": a_move(path=a_path()),
        "narratives": [narrative],
        "evidence": items,
        "look_next": [a_look(n) for n in range(MANY)],
    }
    return an_explanation(**(parts | changes))


def piped(explanation: dict[str, Any], drawing: Drawing | None = None) -> str:
    return on_console(explanation, drawing or Drawing(), terminal=False)


def on_console(explanation: dict[str, Any], drawing: Drawing, *, terminal: bool, width: int = 100) -> str:
    file = io.StringIO()
    colours = "truecolor" if terminal else None
    console = Console(file=file, width=width, force_terminal=terminal, highlight=False, color_system=colours)
    print_explanation(explanation, console, drawing)
    return file.getvalue()


def brief_markdown(explanation: dict[str, Any]) -> str:
    return to_markdown(explanation, Drawing())


@pytest.mark.parametrize("draw", [piped, brief_markdown])
def test_the_path_of_the_move_is_drawn_in_ascii_with_its_mark_and_told_in_words(draw: Any) -> None:
    text = draw(an_explained_move())
    assert text.isascii()
    assert re.search(r"100\.0 \|\*+\n +\| +#\n", text)
    assert re.search(r"86\.8 \| +#+\*+\s*\n", text)
    assert re.search(r"\+-+\[=*\]-+", text)
    assert "highest 100.0 on 2026-01-16, lowest 86.8 on 2026-02-05" in " ".join(text.split())


def test_the_chart_of_a_report_is_a_block_that_keeps_its_columns() -> None:
    text = to_markdown(an_explained_move())
    block = text.split("```text\n")[1].split("```")[0].splitlines()
    assert len({line.index("|") for line in block[:-2]}) == 1


def test_a_terminal_draws_the_path_in_dots_and_the_fall_in_red() -> None:
    text = on_console(an_explained_move(), Drawing(), terminal=True)
    assert re.search("[\u2801-\u28ff]", text)
    assert re.search("\x1b\\[1;31m[\u2801-\u28ff]", text)


def test_without_a_path_nothing_is_drawn_of_it() -> None:
    for draw in (piped, to_markdown):
        text = draw(an_explained_move(move=a_move(path=[])))
        assert "sessions" not in text
        assert "+--" not in text


@pytest.mark.parametrize("draw", [piped, brief_markdown])
def test_the_heaviest_readings_get_a_strip_and_the_others_words(draw: Any) -> None:
    text = draw(an_explained_move())
    assert text.count("<.......") == 2
    flat = " ".join(text.replace("\\", "").split())
    assert flat.count("lower than 99% of 182 comparable days (days on which btcusd fell about as much)") == 2
    assert "spot return of asset3, 2026-02-05: -4.60 %, lower than 99% of 182 comparable days" in flat
    assert "5% -1.06, median -0.01, 95% +0.95" in flat
    assert "bin " not in flat


def test_all_readings_of_series_get_a_strip_where_all_is_drawn() -> None:
    explanation = an_explained_move()
    assert piped(explanation, Drawing.whole()).count("<.......") == 3
    assert to_markdown(explanation).count("<.......") == 3


@pytest.mark.parametrize("draw", [piped, to_markdown])
def test_strips_are_explained_only_where_there_are_any(draw: Any) -> None:
    assert "How to read the strips" in draw(an_explained_move())
    assert "How to read the strips" not in draw(an_explanation())


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((22, 7, 0, 1, 14), "Of 22 predictions 7 are answered (7 by series); 1 was searched for in vain; nobody has"),
        ((4, 1, 0, 3, 0), "Of 4 predictions 1 is answered (1 by series); 3 were searched for in vain."),
        ((11, 8, 3, 0, 0), "All 11 predictions are answered (8 by series, 3 by reports)."),
        ((5, 0, 0, 0, 5), "None of 5 predictions is answered; nobody has looked at 5."),
    ],
)
def test_coverage_is_told_in_plain_words(counts: tuple[int, ...], words: str) -> None:
    names = ("predictions", "by_series", "by_reports", "searched", "not_looked_at")
    coverage = dict(zip(names, counts, strict=True))
    narrative = a_narrative(coverage=coverage, evidence_for=["ev_1"])
    assert words in " ".join(piped(an_explanation(narratives=[narrative])).split())


def test_a_prediction_searched_in_vain_names_its_reason_where_all_is_drawn() -> None:
    told = "searched in vain: open interest change of jpy_futures down, during the move; jpy_futures.open_interest.w"
    explanation = an_explained_move()
    for text in (piped(explanation, Drawing.whole()), to_markdown(explanation)):
        flat = " ".join(text.replace("\\", "").split())
        assert told in flat
        assert "the series starts on 2024-01-11" in flat
        assert "not looked at: open interest change of jpy_futures down" in flat
    assert "searched in vain:" not in piped(explanation)


@pytest.mark.parametrize("draw", [piped, brief_markdown])
def test_the_most_informative_things_to_look_at_come_first_and_the_rest_is_counted(draw: Any) -> None:
    text = draw(an_explained_move())
    assert re.findall(r"thing\d\d", text) == [f"thing{n:02d}" for n in range(8)]
    if draw is piped:
        assert f"and {MANY - 8} more (--full shows them)" in text


def test_everything_to_look_at_is_listed_where_all_is_drawn() -> None:
    for text in (piped(an_explained_move(), Drawing.whole()), to_markdown(an_explained_move())):
        assert re.findall(r"thing\d\d", text) == [f"thing{n:02d}" for n in range(MANY)]


def test_a_row_says_what_of_whom_when_bits_whence_and_for_which_stories() -> None:
    rows = [
        a_look(0, separates=["T01", "T02", "T03", "T04", "T05", "T06"]),
        a_look(1, subject=None, role="official", available_from=None),
        a_look(2, role="asset, holding"),
    ]
    lines = brief_markdown(an_explained_move(look_next=rows)).splitlines()
    assert (
        "| 0.200 | thing00 of btcusd | during | an exchange; a file by whymove ingest table "
        "| T01, T02, T03, T04 and 2 more |" in lines
    )
    assert any("| thing02 of btcusd (as asset, holding) |" in line for line in lines)
    assert "| 0.190 | thing01 of official (nobody named) | during | no source known | T03 |" in lines


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("2026-02-05..2026-02-05", "2026-02-05"),
        ("2026-02-05..2026-02-08", "2026-02-05 to 2026-02-08"),
        ("2026-02-05T04:15:00Z..2026-02-05T05:45:00Z", "2026-02-05 04:15 UTC to 2026-02-05 05:45 UTC"),
        ("before", "before"),
    ],
)
def test_a_window_is_told_in_words(window: str, words: str) -> None:
    lines = brief_markdown(an_explained_move(look_next=[a_look(0, window=window)])).splitlines()
    assert any(f"| {words} |" in line for line in lines)
    terminal = piped(an_explained_move(look_next=[a_look(0, window=window)]))
    assert "\u2026" not in terminal


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("drawing", [Drawing(), Drawing.whole()])
def test_nothing_of_it_is_wider_than_100_columns(terminal: bool, drawing: Drawing) -> None:
    rows = [a_look(0, subject="a_very_long_name" * 6, available_from="more of the series: " + "x" * 120)]
    text = on_console(an_explained_move(look_next=rows), drawing, terminal=terminal)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 100


def test_a_long_title_is_not_cut_on_a_terminal() -> None:
    title = "Unwinding of leveraged positions " * 4 + "to the end"
    explanation = an_explained_move()
    explanation["narratives"][0]["title"] = title
    text = re.sub(r"\x1b\[[0-9;]*m", "", on_console(explanation, Drawing(), terminal=True))
    assert f"1. {title} [degrossing]" in " ".join(text.split())


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_chart_fits_a_narrower_terminal_to_its_last_day(width: int) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", on_console(an_explained_move(), Drawing(), terminal=True, width=width))
    lines = [one.rstrip() for one in text.splitlines()]
    axis = next(i for i, one in enumerate(lines) if "└─" in one)
    chart = lines[axis - 8 : axis + 2]
    assert len(chart[-2]) <= width
    assert chart[-2].endswith("─")
    assert [one[2:].index("│") for one in chart[:-2]] == [chart[-2][2:].index("└")] * 8
    assert max(map(len, lines)) <= width


def test_only_the_move_is_coloured_and_no_date() -> None:
    text = on_console(an_explained_move(), Drawing(), terminal=True)
    dates = next(one for one in text.splitlines() if "2026-02-04 to 2026-02-05" in one and "between" not in one)
    assert "\x1b" not in dates
