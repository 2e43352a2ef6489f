"""Identifiers by form and check digit: public ones hold, and no single character may be changed."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.casefile import load_case
from ingest.errors import RecordRejectedError
from ingest.identifiers import (
    CURRENCIES,
    broken_identifiers,
    caip2_holds,
    caip19_holds,
    figi_holds,
    isin_holds,
    lei_holds,
    mic_holds,
)
from tests.minimal_case import written
from tests.minimal_document import refused

FIGIS = ("BBG000BLNNH6", "BBG000B9XRY4")
LEIS = ("HWUPKR0MPOU8FGXBT394", "7H6GLXDRUGQFU57RNE97", "8I5DZWZKVSZI1NUHU748")
ISINS = ("US0378331005", "US46438F1012")


@pytest.mark.parametrize(("holds", "known"), [(figi_holds, FIGIS), (lei_holds, LEIS), (isin_holds, ISINS)])
def test_published_identifiers_hold_and_one_changed_digit_breaks_them(holds: Any, known: tuple[str, ...]) -> None:
    for text in known:
        assert holds(text)
        for place, letter in enumerate(text):
            if letter.isdigit():
                for digit in set(string.digits) - {letter}:
                    assert not holds(text[:place] + digit + text[place + 1 :])


@pytest.mark.parametrize("text", ["", "BBG000BLNNH", "bbg000blnnh6", "BSG000BLNNH6", "BBA000BLNNH6", "BBG00AEIOUH6"])
def test_what_has_not_the_form_of_a_figi_is_none(text: str) -> None:
    assert not figi_holds(text)


def test_of_two_swapped_characters_a_lei_knows() -> None:
    for text in LEIS:
        for i in range(19):
            if text[i] != text[i + 1]:
                assert not lei_holds(text[:i] + text[i + 1] + text[i] + text[i + 2 :])


def test_chains_and_assets_have_their_form() -> None:
    assert caip2_holds("bip122:000000000019d6689c085ae165831e93")
    assert caip19_holds("bip122:000000000019d6689c085ae165831e93/slip44:0")
    assert caip19_holds("eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d/771769")
    assert not caip19_holds("eip155:1")
    assert not caip19_holds("EIP155:1/slip44:60")
    assert not caip2_holds("eip155")


def test_markets_and_currencies_have_their_codes() -> None:
    assert mic_holds("XNAS")
    assert not mic_holds("NASDAQ")
    assert {"USD", "EUR", "JPY", "XAU"} <= CURRENCIES
    assert "BTC" not in CURRENCIES
    assert dict(broken_identifiers({"quote_currency": "BTC", "ticker": "anything", "mic": None})).keys() == {
        "quote_currency"
    }


def test_a_case_with_a_wrong_identifier_is_refused_by_its_place(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["instruments"][0]["identifiers"]["figi"] = "BBG000BLNNH7"

    with pytest.raises(RecordRejectedError) as caught:
        load_case(written(tmp_path, change))
    assert [one.path for one in caught.value.rejections] == ["instruments[0].identifiers.figi"]


def test_a_document_with_a_wrong_identifier_is_refused_by_its_place(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["actors"][1].update(lei="HWUPKR0MPOU8FGXBT395", mic="x")
        data["actors"][1]["aliases"] = [{"name": "B", "start": date(2020, 1, 1), "end": date(2019, 1, 1)}]

    assert refused(tmp_path, change).keys() == {"actors[1].lei", "actors[1].mic", "actors[1].aliases[0].end"}
