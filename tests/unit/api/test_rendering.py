"""What is drawn of an explanation: within 100 columns, objections first, likelihood and confidence kept apart."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from api.rendering import Drawing
from api.rendering_markdown import to_markdown
from api.rendering_terminal import print_explanation
from tests.factories import a_library_narrative, a_narrative, an_explanation, an_item

LONG = "a very long statement about a fund that sold what it held because it had to " * 6
LIKELIHOODS = "almost no chance|very unlikely|unlikely|roughly even chance|likely|very likely|almost certain"


def drawn(explanation: dict[str, Any], *, terminal: bool = False, drawing: Drawing | None = None) -> str:
    file = io.StringIO()
    colours = "truecolor" if terminal else None
    console = Console(file=file, width=100, force_terminal=terminal, highlight=False, color_system=colours)
    print_explanation(explanation, console, drawing or Drawing())
    return file.getvalue()


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("terminal", [True, False])
def test_no_line_is_wider_than_100_columns(terminal: bool) -> None:
    explanation = an_explanation(
        answer=LONG, narratives=[a_narrative(title=LONG)], evidence=[an_item(statement=LONG, value=None)]
    )
    text = without_colours(drawn(explanation, terminal=terminal, drawing=Drawing.whole()))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100


def test_piped_output_has_no_colours_bars_or_boxes() -> None:
    assert drawn(an_explanation()).isascii()


def test_piped_output_has_no_blanks_at_line_ends() -> None:
    assert all(line == line.rstrip() for line in drawn(an_explanation()).splitlines())


def test_a_terminal_gets_bars_and_colours() -> None:
    text = drawn(an_explanation(), terminal=True)
    assert "█" in text
    assert "\x1b[" in text


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_what_speaks_against_comes_before_what_speaks_for(draw: Any) -> None:
    text = draw(an_explanation())
    own = [line.strip("# ") for line in text[text.index("1. Forced de-grossing") :].splitlines()]
    against, objection = own.index("Against"), next(n for n, line in enumerate(own) if "gross leverage of" in line)
    support = next(n for n, line in enumerate(own) if "10 USD billion" in line)
    assert against < objection < own.index("For") < support


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_a_likelihood_and_a_confidence_never_share_a_sentence(draw: Any) -> None:
    text = " ".join(draw(an_explanation()).replace("|", ".").split())
    sentences = re.split(r"(?<=[.;:])\s|\s-\s", text)
    both = [part for part in sentences if re.search(LIKELIHOODS, part) and re.search(r"\b[Cc]onfidence in", part)]
    assert both == []


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_an_argument_stands_at_the_step_that_it_attacks(draw: Any) -> None:
    text = draw(an_explanation())
    own = text[text.index("1. Forced de-grossing") :]
    assert own.index("Cut of gross exposure") < own.index("undercuts step 2 by an analyst: Gross exposure was rising")
    assert "-1.30" in own


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_the_weakest_link_is_marked(draw: Any) -> None:
    line = next(line for line in draw(an_explanation()).splitlines() if "Cut of gross exposure" in line)
    assert "weakest link" in line.lower()


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_each_item_names_bits_source_grade_and_when_it_was_known(draw: Any) -> None:
    text = " ".join(draw(an_explanation()).replace("\\", "").split())
    for part in ("+0.80", "Exchange, Daily volumes", "grade B2", "known 2026-02-05", "3 copies counted once", "ev_1"):
        assert part in text


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_a_dispute_shows_both_readings_and_what_each_changes(draw: Any) -> None:
    text = " ".join(draw(an_explanation()).replace("\\", "").split())
    assert "230 USD million, says Desk" in text
    assert "degrossing 0.800 > 0.710; the ranking changes" in text
    assert "-175 USD million, says Table (preferred)" in text
    assert "no posterior moves by 0.005 or more; the ranking stays" in text


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_what_did_not_enter_is_counted_and_named(draw: Any) -> None:
    text = " ".join(draw(an_explanation()).split())
    for part in ("mood", "indicator 'mood' has no rule", "Intraday flows", "30", "12", "margin of futures venue"):
        assert part in text


@pytest.mark.parametrize("draw", [drawn, to_markdown])
def test_the_ids_that_find_it_in_the_graph_are_given(draw: Any) -> None:
    assert "MATCH (e:Explanation {id: 'exp_0123456789abcdef'})" in draw(an_explanation())


def test_something_else_stands_in_every_slot() -> None:
    text = drawn(an_explanation())
    assert text.count("-  something else") == text.count("== Catalyst") + text.count("== Amplifier") == 2


def test_a_narrative_not_drawn_in_full_keeps_its_objections() -> None:
    text = drawn(an_explanation(), drawing=Drawing(narratives=1, least=0.5))
    others = text[text.index("The other narratives") :]
    assert "2. Yen carry unwind [yen_carry]: 0.080 (0.030 to 0.200), very unlikely" in others
    assert "USD/JPY stood at a weekly high." in others


def test_markup_in_a_title_is_text() -> None:
    title = "[bold]Not[/bold] a *style* | or a cell"
    explanation = an_explanation(narratives=[a_library_narrative(title=title)])
    assert title in without_colours(drawn(explanation))
    assert "\\[bold\\]Not\\[/bold\\] a \\*style\\* \\| or a cell" in to_markdown(explanation)


def test_an_answer_without_narratives_is_still_drawn() -> None:
    explanation = an_explanation(answer="Not enough evidence.", narratives=[], joint=[], evidence=[], disputes=[])
    assert "Not enough evidence." in drawn(explanation)
    assert "Not enough evidence." in to_markdown(explanation)
