"""What checks do to the odds, what an answer tells of shares, and the words for them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from api.attributing import check_arguments, checks_object, shares_object
from api.checking import Checks, ask_about
from api.rendering_shares import shares_lines
from api.schemas_shares import ChecksBody, SharesBody
from api.wording_shares import has_shares
from causal.checkresults import CHECK_RATIO, CheckOutcome, CheckResult
from causal.explain import explain
from causal.moveshares import Shared, share_out
from causal.settings import Method
from tests.dossiers import a_narrative, a_prediction
from tests.panels import SESSIONS, a_column, a_panel, a_series_dossier, prices, returns_of, with_move

METHOD = Method()
STORY = a_narrative("carry", [a_prediction("spot return", "share", "down")], [a_prediction("loss", "holder", "up")])


def a_move() -> Any:
    share = with_move(returns_of(2, size=0.012), -0.05)
    coin = 1.5 * share + with_move(returns_of(3, size=0.01), 0.0)
    panel = a_panel(a_column("coin", prices(coin)), a_column("share", prices(share)))
    return a_series_dossier(panel, (STORY,))


def shared() -> Shared:
    return share_out(a_move(), (STORY,), METHOD)


def results(outcome: CheckOutcome) -> list[CheckResult]:
    return [
        CheckResult(name=name, subject="share spot return", outcome=outcome, words=f"{name} said")
        for name in ("estimate", "placebo", "random common cause", "subset")
    ]


def test_all_checks_of_a_driver_are_one_argument_on_the_step_that_names_it() -> None:
    for outcome, kind in (("passed", "supports"), ("failed", "rebuts")):
        (argument,) = check_arguments(shared(), results(outcome))  # type: ignore[arg-type]
        assert (argument.narrative, argument.step, argument.kind) == ("carry", 1, kind)
        assert (argument.strength, argument.by) == ("weak", "DoWhy")
        assert argument.statement == "estimate said"
    assert check_arguments(shared(), results("open")) == ()
    assert check_arguments(shared(), results("not run")) == ()


def test_checks_move_the_odds_of_a_step_by_no_more_than_their_cap() -> None:
    dossier = a_move()

    def odds(arguments: tuple[Any, ...]) -> float:
        told = explain(replace(dossier, arguments=arguments), ((STORY,),), METHOD)
        p = told.narratives[0].steps[0].posterior
        return p / (1.0 - p)

    base = odds(())
    up, down = odds(check_arguments(shared(), results("passed"))), odds(check_arguments(shared(), results("failed")))
    assert 1.0 < up / base <= CHECK_RATIO + 1e-9
    assert 1.0 / CHECK_RATIO - 1e-9 <= down / base < 1.0


def test_what_is_asked_of_the_checks_holds_the_days_before_and_no_other() -> None:
    ask = ask_about(shared())
    assert ask is not None
    assert ask.drivers == ("share spot return",)
    assert ask.held == {"share spot return": 0.0}
    assert set(ask.columns) == {"coin", "share spot return"}
    assert len(ask.history) < SESSIONS
    assert ask.day["coin"] not in [row[ask.columns.index("coin")] for row in ask.history]
    assert ask_about(share_out(a_series_dossier(None, (STORY,)), (STORY,), METHOD)) is None


def test_the_object_fits_its_schema_and_its_parts_add_up() -> None:
    body = SharesBody.model_validate(shares_object(shared()))
    assert body.move is not None
    assert body.mean is not None
    assert body.unexplained is not None
    assert math.fsum(one.share for one in body.nodes) + body.unexplained.share == pytest.approx(body.move - body.mean)
    assert body.nodes[0].value == pytest.approx(-5.0)
    empty = SharesBody.model_validate(shares_object(share_out(a_series_dossier(None, (STORY,)), (STORY,), METHOD)))
    assert (empty.move, empty.nodes, empty.unexplained) == (None, [], None)


def test_the_section_tells_shares_stories_and_checks_and_is_left_out_without_series() -> None:
    checks = Checks(state="cut short", budget_s=5.0, results=tuple(results("passed")), why="the budget was over")
    explanation = {"shares": shares_object(shared()), "checks": checks_object(checks)}
    ChecksBody.model_validate(explanation["checks"])
    text = "\n".join(shares_lines(explanation, str))
    assert "| share spot return | -5 percent |" in text
    assert "- `carry`: " in text
    assert "The budget was over." in text
    assert "placebo of share spot return: passed; placebo said" in text
    silent = {"shares": shares_object(share_out(a_series_dossier(None, (STORY,)), (STORY,), METHOD))}
    assert not has_shares(silent)
    assert list(shares_lines(silent, str)) == []
