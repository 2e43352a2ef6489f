"""The grammar of criteria: by what a forecast is to be judged, written so that a program can look it up.

    criterion  = part { OR part }            part = condition { AND condition }
    condition  = [NOT] ( "(" criterion ")" | comparison )
    comparison = quantity ( < | <= | > | >= | = | != ) number [unit]
    quantity   = [ last | change | sum | mean | min | max ] "(" name ")" | name
    name       = indicator [ "(" subject ")" ]

`net_etf_flow(ibit) > 200 USD million AND change(open_interest(cme_btc_futures)) <= 0` asks for the last net flow
between the forecast and its due day, and for open interest on that day less open interest on the day of the forecast.
Without a function the last value is meant, without a subject what the forecast is about. A unit is one of those of
case files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

FUNCTIONS = ("last", "change", "sum", "mean", "min", "max")
COMPARISONS = ("<=", ">=", "!=", "<", ">", "=")
LONGEST = 1_000  # characters
DEEPEST = 10  # brackets in brackets
_WORDS = frozenset({"AND", "OR", "NOT"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w))|(?P<word>\w[\w.:-]*|%)|(?P<mark><=|>=|!=|[<>=()]))"
)


class InvalidCriterionError(ValueError):
    """A criterion that is not of the grammar; `column` (from 1) says where."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(f"column {column}: {reason}")
        self.reason = reason
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A function of the values of an indicator (by id); `subject` is an id, None for what the forecast is about."""

    function: str
    indicator: str
    subject: str | None = None

    def __str__(self) -> str:
        name = self.indicator if self.subject is None else f"{self.indicator}({self.subject})"
        return name if self.function == "last" else f"{self.function}({name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A quantity beside a number, in `unit` where one is given."""

    quantity: Quantity
    sign: str
    number: float
    unit: str | None = None

    def __str__(self) -> str:
        return f"{self.quantity} {self.sign} {self.number:.15g}{'' if self.unit is None else f' {self.unit}'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation:
    """What must not be so."""

    of: Criterion

    def __str__(self) -> str:
        return f"NOT ({self.of})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Several criteria joined by AND or by OR."""

    word: str
    parts: tuple[Criterion, ...]

    def __str__(self) -> str:
        return f" {self.word} ".join(f"({part})" if isinstance(part, Joined) else str(part) for part in self.parts)


Criterion = Comparison | Negation | Joined


def parse_criterion(text: str) -> Criterion:
    """The criterion of a text. Raises InvalidCriterionError with the place and what is expected there."""
    if len(text) > LONGEST:
        raise InvalidCriterionError(f"a criterion has at most {LONGEST} characters; this one has {len(text)}", LONGEST)
    parser = _Parser(text)
    found = parser.criterion(0)
    parser.expect_end()
    return found


def quantities(criterion: Criterion) -> Iterator[Quantity]:
    """Every quantity that a criterion names, in order."""
    if isinstance(criterion, Comparison):
        yield criterion.quantity
    elif isinstance(criterion, Negation):
        yield from quantities(criterion.of)
    else:
        for part in criterion.parts:
            yield from quantities(part)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            raise InvalidCriterionError(f"{text[column - 1]!r} is no part of a criterion", column)
        kind = str(match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind) + 1)
        at = match.end()
    yield _Token("end", "", len(text) + 1)


class _Parser:
    """Reads the tokens of one text from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._now
        self._at += token.kind != "end"
        return token

    def _is(self, *texts: str) -> bool:
        text = self._now.text.upper() if self._now.kind == "word" else self._now.text
        return self._now.kind != "end" and text in texts

    def _fail(self, wanted: str) -> InvalidCriterionError:
        found = "nothing more" if self._now.kind == "end" else repr(self._now.text)
        return InvalidCriterionError(f"{wanted} is expected, {found} is there", self._now.column)

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise self._fail(f"{mark!r}")
        self._take()

    def expect_end(self) -> None:
        """Nothing may follow."""
        if self._now.kind != "end":
            raise self._fail("AND, OR or the end")

    def criterion(self, depth: int) -> Criterion:
        """Parts joined by OR."""
        return self._joined("OR", depth)

    def _joined(self, word: str, depth: int) -> Criterion:
        parts: list[Criterion] = []
        while not parts or self._is(word):
            if parts:
                self._take()
            parts.append(self._joined("AND", depth) if word == "OR" else self._condition(depth))
        return parts[0] if len(parts) == 1 else Joined(word=word, parts=tuple(parts))

    def _condition(self, depth: int) -> Criterion:
        if depth > DEEPEST:
            raise InvalidCriterionError(f"more than {DEEPEST} brackets in brackets", self._now.column)
        if self._is("NOT"):
            self._take()
            return Negation(of=self._condition(depth + 1))
        if self._is("("):
            self._take()
            inside = self.criterion(depth + 1)
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Comparison:
        quantity = self._quantity()
        if not self._is(*COMPARISONS):
            raise self._fail(f"one of {' '.join(COMPARISONS)}")
        sign = self._take().text
        if self._now.kind != "number":
            raise self._fail("a number")
        place = self._take()
        number = float(place.text.replace("_", ""))
        if math.isinf(number):
            raise InvalidCriterionError(f"{place.text} is too large", place.column)
        return Comparison(quantity=quantity, sign=sign, number=number, unit=self._unit())

    def _unit(self) -> str | None:
        words: list[str] = []
        while self._now.kind == "word" and self._now.text.upper() not in _WORDS:
            words.append(self._take().text)
        return {"": None, "%": "percent"}.get(text := " ".join(words), text)

    def _quantity(self) -> Quantity:
        name = self._word("an indicator or one of " + ", ".join(FUNCTIONS))
        if name in FUNCTIONS:
            self._expect("(")
            indicator, subject = self._name(self._word("an indicator"))
            self._expect(")")
            return Quantity(function=name, indicator=indicator, subject=subject)
        indicator, subject = self._name(name)
        return Quantity(function="last", indicator=indicator, subject=subject)

    def _name(self, indicator: str) -> tuple[str, str | None]:
        if not self._is("("):
            return indicator, None
        self._take()
        subject = self._word("the id of a subject")
        self._expect(")")
        return indicator, subject

    def _word(self, wanted: str) -> str:
        if self._now.kind != "word" or self._now.text.upper() in _WORDS or self._now.text == "%":
            raise self._fail(wanted)
        return self._take().text
