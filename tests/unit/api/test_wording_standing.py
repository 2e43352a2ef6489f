"""How firm a ranking is, in words."""

from __future__ import annotations

from api.wording import standing
from api.wording_standing import band, firmness, need
from tests.factories import a_narrative, an_explanation


def test_what_comes_first_in_the_draws_is_named_with_its_share() -> None:
    first, *_ = firmness(an_explanation())
    assert first.startswith("Over 512 draws")
    assert first.endswith("degrossing in 81%, yen_carry in 11%, T05 in 4%.")


def test_the_nearest_flips_say_from_where_to_where_and_in_whose_favour() -> None:
    _, flips, _ = firmness(an_explanation())
    assert "prior of yen_carry from 0.15 to 0.46 (yen_carry)" in flips
    assert "reliability of the argument ev_2 from 0.86 to 0.10 (yen_carry)" in flips


def test_the_fewest_items_that_carry_the_first_place_are_named() -> None:
    *_, last = firmness(an_explanation())
    assert last == "Without ev_1 yen_carry would come first."


def test_where_nothing_flips_that_is_said() -> None:
    still = {"draws": 512, "entries": 40, "flip": [], "flip_set": None}
    assert list(firmness(an_explanation(robustness=still)))[1:] == [
        "None of 40 judgements changes the first place on its own."
    ]


def test_something_else_is_named_in_words() -> None:
    firm = {"draws": 64, "entries": 40, "flip": [], "flip_set": {"evidence": ["ev_1", "ev_2"], "then": "unknown"}}
    assert list(firmness(an_explanation(robustness=firm)))[-1] == (
        "Without ev_1 and ev_2 something else would come first."
    )


def test_need_is_told_of_causes_alone_and_a_band_by_its_ends() -> None:
    assert need(a_narrative()) == "Without it there would have been no such move: 0.410"
    assert need(a_narrative(but_for=None)) is None
    assert band(a_narrative()) == "0.66-0.90"


def test_what_was_learned_from_judged_moves_is_one_sentence_beside_the_posteriors() -> None:
    learned = {"version": 2, "moves": 60, "log_loss_before": 0.61, "log_loss_after": 0.524}
    stories = [a_narrative(recalibrated=0.31), a_narrative(id="yen_carry", recalibrated=0.02)]
    told = an_explanation(recalibration=learned, narratives=stories)
    assert list(firmness(told))[-1] == (
        "Recalibrated by 60 judged moves (log loss 0.61 before, 0.52 after): degrossing 0.310, yen_carry 0.020."
    )
    assert standing(stories[0]).endswith(", recalibrated 0.310")


def test_what_was_learned_and_cannot_be_used_is_a_note() -> None:
    assert list(firmness(an_explanation(recalibration_note="the file is broken")))[-1] == "Note: the file is broken."
