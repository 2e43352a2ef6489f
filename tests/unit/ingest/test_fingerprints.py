"""When two publications are one: addresses, words, and runs of words; and when they are not."""

from __future__ import annotations

import random

import pytest

from ingest.fingerprints import PERMUTATIONS, canonical_url, fingerprint, resemblance, words_of
from tests.minimal_document import TEXT

WORDS = TEXT.read_text(encoding="utf-8")
OTHER = """Investors sold Harbour Lines in heavy trading after Wednesday's announcement, sending the company's stock
to its weakest close on record. Management said that lower freight rates had left it no choice but to pay shareholders
less. Analysts at two banks cut their recommendations. Turnover was far above average, according to exchange data, and
bonds of the shipper weakened too. Rivals were hardly affected by the news, which most had not expected."""


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a/b?id=7",
        "http://www.example.com/a/b/?id=7#top",
        "HTTPS://Example.COM:443/a/b?utm_source=x&id=7&fbclid=1",
        "https://m.example.com/a/b/amp?id=7",
        "https://amp.example.com/%61/b?ref=home&id=7",
    ],
)
def test_one_page_has_one_address(url: str) -> None:
    assert canonical_url(url) == "https://example.com/a/b?id=7"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/b"),
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com:8443/a", "https://example.com/a"),
        ("https://a.example.com/x", "https://b.example.com/x"),
        ("https://example.com/A", "https://example.com/a"),
    ],
)
def test_two_pages_keep_two_addresses(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_what_is_no_address_stays_as_it_is() -> None:
    for text in ("not an address", "https://[bad", "https://example.com:port/"):
        assert canonical_url(text) == text


def test_the_same_words_have_the_same_hash_whatever_their_form() -> None:
    shouted = WORDS.upper().replace("\n", "  ").replace(",", " –")
    assert fingerprint(None, shouted).words == fingerprint(None, WORDS).words
    assert fingerprint(None, WORDS.replace("60 cents", "61 cents")).words != fingerprint(None, WORDS).words


def test_characters_of_scripts_without_blanks_are_words() -> None:
    assert words_of("比特币 ETF下跌") == ["比", "特", "币", "etf", "下", "跌"]


def test_the_estimate_is_the_resemblance_within_its_error() -> None:
    chance = random.Random(7)
    words = [f"w{n}" for n in range(4000)]
    for shared in (0, 500, 1000, 2000, 3500):
        other = words[:shared] + [f"x{chance.getrandbits(60)}" for _ in range(4000 - shared)]
        first, second = (fingerprint(None, " ".join(text)).signature for text in (words, other))
        assert first is not None
        assert second is not None
        true = max(shared - 2, 0) / (2 * 3998 - max(shared - 2, 0))
        found = resemblance(first, second)
        assert found == pytest.approx(true, abs=4 * (0.25 / PERMUTATIONS) ** 0.5)


def test_an_edited_text_resembles_its_original_and_another_hand_does_not() -> None:
    own = fingerprint(None, WORDS).signature
    edited = fingerprint(None, WORDS.replace("the shipping company", "it").replace("Wednesday", "4 March")).signature
    other = fingerprint(None, OTHER).signature
    assert own is not None
    assert edited is not None
    assert other is not None
    alike, unlike = resemblance(own, edited), resemblance(own, other)
    assert alike is not None
    assert unlike is not None
    assert alike > 0.6
    assert unlike < 0.1


def test_a_short_text_and_a_signature_of_another_scheme_are_compared_with_nothing() -> None:
    assert fingerprint(None, "Shares fell sharply today.").signature is None
    own = fingerprint(None, WORDS).signature
    assert own is not None
    assert resemblance(own, own.replace("minhash-affine32/3", "minhash-affine32/5")) is None
    assert resemblance(own, own[:-8]) is None
    assert resemblance(own, own) == 1.0
