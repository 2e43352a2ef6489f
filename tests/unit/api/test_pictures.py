"""The pictures of an answer: what they add up to, that they are safe and whole, and that nothing lies on anything."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import UnknownResourceError
from api.pictures import PICTURES, picture
from api.pictures_belief import belief_picture
from api.pictures_svg import SIZE, Picture, breadth, cut, num, spread, wrap
from api.pictures_waterfall import log_odds, waterfall_bars
from tests.factories import a_narrative, an_explanation, an_item

HOSTILE = "</text><script>alert(1)</script> & \"quotes\" 'single' \x00\x1b[31m \u202egnp.exe \ud800 ]]>"
LONG = "a very long statement about a fund that sold what it held because it had to " * 6
SPACE = "{http://www.w3.org/2000/svg}"


def elements(drawn: Picture) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawn.svg()).iter())


def hostile() -> dict[str, Any]:
    """An answer all of whose texts would break out if they could."""
    item = an_item(statement=HOSTILE, value=None, indicator=None)
    story = a_narrative(title=HOSTILE, steps=[a_narrative()["steps"][0] | {"text": HOSTILE}])
    return an_explanation(narratives=[story, *an_explanation()["narratives"][1:]], evidence=[item])


def boxes(drawn: Picture) -> list[tuple[float, float, float, float, str]]:
    """The place of every text (left, top, right, bottom), as wide as it is at most."""
    found = []
    for one in elements(drawn):
        if one.tag != f"{SPACE}text":
            continue
        classes = one.get("class", "").split()
        text = "".join(one.itertext()).removeprefix("".join(one.findtext(f"{SPACE}title") or ""))
        size = 10.5 if "small" in classes else 14.5 if "head" in classes else SIZE
        wide, x, y = breadth(text, size), float(one.get("x", "0")), float(one.get("y", "0"))
        left = x - wide if "end" in classes else x - wide / 2 if "mid" in classes else x
        found.append((left, y - size * 0.75, left + wide, y + size * 0.2, text))
    return found


def busy() -> dict[str, Any]:
    """An answer with long names everywhere and many items, some of which bear on several stories."""
    parts = [("degrossing", 1, 0.9), ("yen_carry", 1, -0.4), ("T05", 2, 0.06)]
    evidence = [
        an_item(
            id=f"ev_{n}",
            indicator=f"{LONG[:50]} {n}",
            contributions=[
                {"narrative": name, "step": step, "weight_bits": bits, "leave_one_out_bits": bits, "shapley_bits": bits}
                for name, step, bits in ((name, step, bits * (-1) ** n / n) for name, step, bits in parts)
            ],
        )
        for n in range(1, 40)
    ]
    stories = [one | {"title": f"{one['title']} {LONG}"} for one in an_explanation()["narratives"]]
    return an_explanation(narratives=stories, evidence=evidence)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("explanation", [an_explanation(), busy(), hostile()], ids=["usual", "busy", "hostile"])
def test_no_text_lies_on_another_or_outside_of_the_picture(name: str, explanation: dict[str, Any]) -> None:
    drawn = picture(explanation, name)
    places = boxes(drawn)
    assert places
    for n, (left, top, right, bottom, text) in enumerate(places):
        assert left >= 0, text
        assert right <= drawn.width, text
        assert bottom <= drawn.height, text
        for other in places[n + 1 :]:
            apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            assert apart, (text, other[4])


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_bytes_each_time_and_says_what_it_shows(name: str) -> None:
    drawn = picture(an_explanation(), name)
    assert drawn.svg() == picture(an_explanation(), name).svg()
    root = ElementTree.fromstring(drawn.svg())
    ids = root.get("aria-labelledby", "").split()
    told = {one.get("id"): one.text for one in root.iter() if one.get("id")}
    assert [bool(told[id_]) for id_ in ids] == [True, True]
    assert root.get("role") == "img"


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_hostile_becomes_markup_and_nothing_is_loaded(name: str) -> None:
    text = picture(hostile(), name).svg()
    tags = {one.tag.removeprefix(SPACE) for one in ElementTree.fromstring(text).iter()}
    assert tags <= {"svg", "title", "desc", "style", "text", "rect", "line", "path", "g"}
    assert not re.search(r"(href|src|url\(|@import|\son\w+=)", text)
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e\ud800-\udfff]", text)


def test_a_picture_in_a_page_leaves_style_and_background_to_the_page() -> None:
    text = picture(an_explanation(), "chain").svg(alone=False)
    assert "<style" not in text
    assert 'class="bg"' not in text


def test_a_long_label_is_cut_and_kept_whole_in_its_title() -> None:
    drawn = picture(an_explanation(narratives=[a_narrative(title=LONG)]), "waterfall")
    head = next(one for one in elements(drawn) if one.get("class") == "head")
    assert LONG.strip() in (head.findtext(f"{SPACE}title") or "")
    assert "".join(head.itertext()).endswith("…")


def test_the_waterfall_leads_from_the_prior_odds_to_the_posterior_ones_without_a_gap() -> None:
    for explanation in (an_explanation(), busy()):
        narrative = explanation["narratives"][0]
        first, *steps, last = waterfall_bars(explanation, narrative)
        assert (first.end, last.end) == (log_odds(narrative["prior"]), log_odds(narrative["posterior"]))
        assert math.isclose(first.end + sum(step.bits for step in steps), last.end, abs_tol=0.01)
        assert all(math.isclose(a.end, b.start) for a, b in zip([first, *steps], steps, strict=False))


def test_items_that_are_not_drawn_one_by_one_stand_together_by_side() -> None:
    explanation = busy()
    names = [bar.name for bar in waterfall_bars(explanation, explanation["narratives"][0], items=10)]
    assert "15 more for it" in names or "14 more for it" in names
    assert any(re.fullmatch(r"\d+ more against it", name) for name in names)


def test_an_answer_of_one_date_and_without_evidence_can_be_drawn() -> None:
    belief = an_explanation()["belief"][:1]
    explanation = an_explanation(belief=belief, evidence=[])
    for name in PICTURES:
        assert elements(picture(explanation, name))
    assert "1 became public" in belief_picture(explanation, [1]).svg()


def test_a_picture_or_story_that_there_is_not_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownResourceError, match="waterfall"):
        picture(an_explanation(), "waterfal")
    with pytest.raises(UnknownResourceError, match="degrossing"):
        picture(an_explanation(), "chain", "degrosing")


@given(st.text(max_size=200), st.floats(20, 400))
def test_a_cut_text_is_never_wider_than_its_place(text: str, width: float) -> None:
    assert breadth(cut(text, width)) <= max(width, breadth("…"))


@given(st.text(max_size=300), st.floats(40, 400), st.integers(1, 4))
def test_a_wrapped_text_keeps_its_lines_and_width(text: str, width: float, lines: int) -> None:
    made = wrap(text, width, lines)
    assert 1 <= len(made) <= lines
    assert all(breadth(one) <= max(width, breadth("…")) for one in made)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_places_that_are_spread_keep_their_distance_and_bounds(wanted: list[float]) -> None:
    placed = spread(wanted, 15.0, 0.0, 300.0)
    assert all(-1e-9 <= one <= 300.0 + 1e-9 for one in placed)
    ordered = sorted(placed)
    assert all(b - a >= 15.0 - 1e-9 for a, b in pairwise(ordered))


def test_a_coordinate_has_no_negative_zero_and_two_digits_at_most() -> None:
    assert [num(value) for value in (-0.001, 1.0, 1.006, 12.5)] == ["0", "1", "1.01", "12.5"]
