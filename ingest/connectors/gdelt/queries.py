"""What an article has to have in its title, address or names to be about something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One of `any`, and one of `also` where there is that."""

    any: re.Pattern[str]
    also: re.Pattern[str] | None = None

    def meets(self, text: str) -> bool:
        """Whether a text of words in lower case, with single blanks between them, is about it."""
        return self.any.search(text) is not None and (self.also is None or self.also.search(text) is not None)


def query_of(words: Mapping[str, str]) -> Query:
    """The query of a symbol: `any` and perhaps `also`, words or phrases with `|` between them."""
    also = words.get("also")
    return Query(any=_phrases(words["any"]), also=None if also is None else _phrases(also))


def _phrases(text: str) -> re.Pattern[str]:
    phrases = "|".join(re.escape(" ".join(one.lower().split())) for one in text.split("|"))
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)")
