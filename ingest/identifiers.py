"""Whether an identifier can be right: its form and, where it has one, its check digit. No list is asked.

FIGI: OMG Financial Instrument Global Identifier, annex on the check digit. LEI: ISO 17442 with ISO 7064 MOD 97-10.
ISIN: ISO 6166. MIC: ISO 10383 (form). Currency: ISO 4217 (codes in force and metals). CAIP-2, CAIP-19: Chain Agnostic
Standards, chain and asset identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

_FIGI = re.compile(r"^(?!BS|BM|GG|GB|GH|KY|VG)[B-DF-HJ-NP-TV-Z0-9]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}\d$")
_LEI = re.compile(r"^[A-Z0-9]{18}\d{2}$")
_ISIN = re.compile(r"^[A-Z]{2}[A-Z0-9]{9}\d$")
_MIC = re.compile(r"^[A-Z0-9]{4}$")
_CAIP2 = re.compile(r"^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$")
_CAIP19 = re.compile(
    r"^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}(/[-.%a-zA-Z0-9]{1,78})?$"
)
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP"
    " CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF"
    " IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD"
    " MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD"
    " RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX"
    " USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())


def _number(letter: str) -> int:
    return int(letter, 36)


def _digit_sum(number: int) -> int:
    return sum(int(digit) for digit in str(number))


def figi_holds(text: str) -> bool:
    """Form and check digit of a FIGI: letters count 10 to 35, every second is doubled, the digits are summed."""
    if not _FIGI.match(text):
        return False
    total = sum(_digit_sum(_number(letter) * (1 + i % 2)) for i, letter in enumerate(text[:11]))
    return (-total) % 10 == int(text[11])


def lei_holds(text: str) -> bool:
    """Form and check digits of a LEI: with letters as 10 to 35 the whole number leaves 1 when divided by 97."""
    return bool(_LEI.match(text)) and int("".join(str(_number(letter)) for letter in text)) % 97 == 1


def isin_holds(text: str) -> bool:
    """Form and check digit of an ISIN: with letters as 10 to 35 the digits pass the Luhn test."""
    if not _ISIN.match(text):
        return False
    digits = "".join(str(_number(letter)) for letter in text)
    return sum(_digit_sum(int(digit) * (1 + i % 2)) for i, digit in enumerate(reversed(digits))) % 10 == 0


def mic_holds(text: str) -> bool:
    """Form of a market identifier code."""
    return bool(_MIC.match(text))


def currency_holds(text: str) -> bool:
    """Whether ISO 4217 has the code; of a coin it has none."""
    return text in CURRENCIES


def caip2_holds(text: str) -> bool:
    """Form of the identifier of a chain."""
    return bool(_CAIP2.match(text))


def caip19_holds(text: str) -> bool:
    """Form of the identifier of an asset on a chain, with or without a token of it."""
    return bool(_CAIP19.match(text))


_RULES: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "figi": (figi_holds, "a FIGI has 12 characters, a G in third place, no vowels, and a check digit"),
    "lei": (lei_holds, "a LEI has 20 characters, the last two of them check digits"),
    "isin": (isin_holds, "an ISIN has two letters, nine characters and a check digit"),
    "mic": (mic_holds, "a MIC has four capital letters or digits"),
    "currency": (currency_holds, "ISO 4217 has no such code"),
    "base_currency": (currency_holds, "ISO 4217 has no such code"),
    "quote_currency": (currency_holds, "ISO 4217 has no such code"),
    "caip2": (caip2_holds, "CAIP-2 is written namespace:reference, as in eip155:1"),
    "caip19": (caip19_holds, "CAIP-19 is written namespace:reference/namespace:reference, as in eip155:1/slip44:60"),
}
# Of these one belongs to one thing and to no other.
UNIQUE = ("figi", "lei", "mic", "caip19", "isin")


def broken_identifiers(given: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """(key, reason) of every identifier that cannot be right; keys that are not known are not looked at."""
    for key, value in given.items():
        rule = _RULES.get(key.casefold())
        if rule is not None and value is not None and not rule[0](value):
            yield key, f"{value!r} cannot be right: {rule[1]}"
