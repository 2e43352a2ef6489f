"""The report as a page: whole, safe with hostile texts, without anything that is loaded, under a policy that holds."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from api.html_page import POLICY
from api.markup import plain, safe, web_address
from api.rendering_html import to_html
from tests.factories import a_dispute, a_move, a_narrative, an_argument, an_explanation, an_item, an_objection

HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & \u202e \x00 <!-- ]]>"
VOID = {"meta", "br"}
ALLOWED = re.findall(
    r"\w+",
    "html head meta title style body main h1 h2 h3 p a nav ol ul li figure svg desc text rect line path g table thead "
    "tbody tr th td code pre strong span br",
)


class Reader(HTMLParser):
    """Reads a page and refuses what does not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def read(explanation: dict[str, Any]) -> Reader:
    reader = Reader()
    reader.feed(to_html(explanation))
    reader.close()
    assert reader.open == []
    return reader


def hostile() -> dict[str, Any]:
    """An answer in which every text that comes from a source, a case or a user is hostile."""
    bad = {"publisher": HOSTILE, "title": HOSTILE, "url": "javascript:alert(3)", "id": HOSTILE, "document_id": HOSTILE}
    story = a_narrative(
        title=HOSTILE,
        summary=HOSTILE,
        confidence_reasons=[HOSTILE],
        roles={HOSTILE: HOSTILE},
        other_bindings=[{HOSTILE: HOSTILE}],
        unbound_roles=[HOSTILE],
        arguments=[an_argument(by=HOSTILE, statement=HOSTILE), an_argument(step=None, statement=HOSTILE)],
    )
    item = an_item(statement=HOSTILE, subject=HOSTILE, unit=HOSTILE, value=HOSTILE, source=bad, fact_ids=[HOSTILE])
    sides = [one | {"publisher": HOSTILE, "value": HOSTILE} for one in a_dispute()["sides"]]
    left = {"unmapped": [{"fact_id": HOSTILE, "why": HOSTILE}], "not_yet_known": 1, "unused": 1, "rejected": []}
    return an_explanation(
        answer=HOSTILE,
        move=a_move(instrument=HOSTILE, measure=HOSTILE),
        narratives=[story, *an_explanation()["narratives"][1:]],
        evidence=[item, an_objection(statement=HOSTILE, value=None)],
        disputes=[a_dispute(why=HOSTILE, kinds=[HOSTILE], sides=sides)],
        not_scored=left,
    )


@pytest.mark.parametrize("explanation", [an_explanation(), hostile()], ids=["usual", "hostile"])
def test_a_page_nests_and_has_no_element_or_attribute_that_could_act(explanation: dict[str, Any]) -> None:
    for tag, attributes in read(explanation).tags:
        assert tag in ALLOWED, tag
        assert not [
            name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}
        ]
        if "href" in attributes:
            assert tag == "a"
            assert re.match(r"(https?://|#story-)", str(attributes["href"]))


def test_hostile_texts_are_shown_as_what_they_are() -> None:
    words = "".join(read(hostile()).words)
    assert words.count(plain(HOSTILE)) > 15
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e]", words)


def test_ids_are_given_once_and_every_picture_is_described() -> None:
    tags = read(an_explanation()).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    pictures = [attributes for tag, attributes in tags if tag == "svg"]
    assert len(pictures) >= 4
    assert all(set(str(one["aria-labelledby"]).split()) <= set(ids) for one in pictures)
    links = {str(attributes["href"])[1:] for tag, attributes in tags if str(attributes.get("href")).startswith("#")}
    assert links
    assert links <= set(ids)


def test_the_policy_takes_the_style_of_the_page_alone() -> None:
    text = to_html(an_explanation())
    (style,) = re.findall(r"<style>(.*?)</style>", text, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in POLICY
    assert "default-src 'none'" in POLICY
    assert POLICY.removesuffix("; frame-ancestors 'none'").replace("'", "&#x27;") in text
    assert not re.search(r"url\(|@import|expression\(", style)


def test_the_page_holds_what_the_object_holds() -> None:
    explanation = an_explanation()
    words = " ".join("".join(read(explanation).words).split())
    expected = [
        explanation["answer"],
        explanation["id"],
        explanation["settings_hash"],
        "something else",
        "Nobody found",
    ]
    for narrative in explanation["narratives"]:
        expected += [narrative["title"], narrative["id"], narrative["likelihood"]]
        expected += [step["text"] for step in narrative["steps"]]
        expected += [argument["statement"] for argument in narrative["arguments"]]
    expected += [fact for item in explanation["evidence"] for fact in item["fact_ids"]]
    expected += [side["publisher"] for dispute in explanation["disputes"] for side in dispute["sides"]]
    expected += ["Intraday flows", "indicator 'mood' has no rule", "margin of futures venue"]
    assert [text for text in expected if text not in words] == []


def test_what_speaks_against_stands_before_what_speaks_for() -> None:
    text = to_html(an_explanation())
    own = text[text.index(">Against<") :]  # after the pictures of the first story
    assert own.index(">Against<") < own.index("gross leverage") < own.index(">For<") < own.index(">Steps<")


def test_a_page_is_the_same_bytes_each_time() -> None:
    assert to_html(an_explanation()) == to_html(an_explanation())


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//host/x", "https:///x", "", None, "http://a b",
     "https://[", "\x01https://host"],
)  # fmt: skip
def test_an_address_that_is_none_of_the_web_is_no_link(url: str | None) -> None:
    assert web_address(url) is None


def test_an_address_is_escaped() -> None:
    assert web_address('https://host/?a=1&b="x"') == "https://host/?a=1&amp;b=&quot;x&quot;"
    assert safe("<a>\u2066b\x85") == "&lt;a&gt;\ufffdb"
