"""What was found out about a claim as a ClaimReview (https://schema.org/ClaimReview), for who collects fact checks.

The rating is that of the checks that were made and of the disputes that are known, and says so where nothing could be
checked. An allegation is never rated and never told in our own words: it stands as what somebody says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from graph.errors import NotInGraphError
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

MEDIA_TYPE = "application/ld+json"
WORST, BEST = 1, 5
_ASSERTED = frozenset({"stated", "hedged", "measured"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A claim with what is known about it by two clocks: who made it where, its checks, its disputes."""

    claim: Record
    said: Sequence[Record]
    checks: Sequence[Record]
    disputes: Sequence[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A verdict in words; `value` from `WORST` to `BEST`, None where nothing can be said."""

    words: str
    value: int | None


async def reviewed(reader: GraphReader, name: str, clocks: Clocks) -> Reviewed:
    """What is known about a claim by its key or the id of a version. Raises `NotInGraphError`."""
    rows = await ask(reader, "one_claim", {"id": name, **clocks.params()})
    if not rows:
        raise NotInGraphError("claim", name)
    params = {"fact": rows[0]["key"], **clocks.params()}
    said, checks, disputes = await asyncio.gather(
        ask(reader, "who_said", params), ask(reader, "checks_of_fact", params), ask(reader, "disputes_of_fact", params)
    )
    return Reviewed(claim=rows[0], said=said, checks=checks, disputes=disputes)


def rating_of(found: Reviewed) -> Rating:
    """The verdict: the first row that holds, from the surest finding down."""
    outcomes = {str(check["outcome"]) for check in found.checks}
    against = any(dispute["preferred"] not in {None, found.claim["key"]} for dispute in found.disputes)
    unsettled = any(dispute["preferred"] is None and dispute["status"] != "resolved" for dispute in found.disputes)
    rows: tuple[tuple[bool, str, int | None], ...] = (
        (bool(found.claim["sensitive"]), "Allegation, not judged here", None),
        ({"ok", "failed"} <= outcomes, "Holds in part", 3),
        ("failed" in outcomes, "Does not hold when recomputed", WORST),
        (against, "Contradicted by what is preferred", 2),
        (unsettled, "Disputed, not settled", None),
        ("ok" in outcomes, "Holds as far as it can be recomputed", BEST),
        (bool(outcomes), "Not checkable", None),
        (True, "Not checked", None),
    )
    return next(Rating(words=words, value=value) for holds, words, value in rows if holds)


def claim_review(found: Reviewed) -> dict[str, object]:
    """The review as JSON-LD, dated by the last finding that it rests on, or by the claim where there is none."""
    claim, rating = found.claim, rating_of(found)
    key = str(claim["key"])
    value = {} if rating.value is None else {"ratingValue": rating.value, "bestRating": BEST, "worstRating": WORST}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "@id": f"urn:whymove:review:{quote(key, safe='-._~:')}",
        "url": f"/v1/claims/{quote(key, safe='-._~:')}/review",
        "datePublished": _last(found).date().isoformat(),
        "author": {"@type": "Organization", "name": "whymove, automatic checks"},
        "claimReviewed": _attributed(found),
        "itemReviewed": _item(found),
        "reviewRating": {
            "@type": "Rating",
            "alternateName": rating.words,
            "ratingExplanation": " ".join(_findings(found)),
            **value,
        },
    }


def _attributed(found: Reviewed) -> str:
    """The claim as somebody's; that of nobody who is named is that of its document."""
    statement = " ".join(str(found.claim["statement"]).split())
    return f"According to {' and '.join(_makers(found))}: {statement}"


def _makers(found: Reviewed) -> list[str]:
    authors = sorted({str(row["author"]) for row in found.said if row["author"]})
    published = sorted({str(row["publisher"]) for row in found.said if row["publisher"]})
    return authors or published or ["a source that is not named"]


def _item(found: Reviewed) -> dict[str, object]:
    persons = {str(row["author"]): _kind(row["author_labels"]) for row in found.said if row["author"]}
    makers = [{"@type": persons.get(name, "Organization"), "name": name} for name in _makers(found)]
    key = quote(str(found.claim["key"]), safe="-._~:")
    item: dict[str, object] = {"@type": "Claim", "@id": f"urn:whymove:claim:{key}"}
    item["author"] = makers[0] if len(makers) == 1 else makers
    known = found.claim["known_at"]
    if isinstance(known, datetime):
        item["datePublished"] = known.date().isoformat()
    places = {str(row["document"]): _work(row) for row in found.said if row["document"]}
    if places:
        item["appearance"] = [places[name] for name in sorted(places)]
    return item


def _kind(labels: object) -> str:
    return "Person" if isinstance(labels, list | tuple) and "Person" in labels else "Organization"


def _work(row: Record) -> dict[str, object]:
    work: dict[str, object] = {"@type": "CreativeWork", "headline": str(row["title"])}
    address = str(row["url"] or "")
    if urlsplit(address).scheme in {"http", "https"}:
        work["url"] = address
    if row["published"]:
        work["datePublished"] = str(row["published"])
    if row["publisher"]:
        work["publisher"] = {"@type": "Organization", "name": str(row["publisher"])}
    return work


def _findings(found: Reviewed) -> list[str]:
    """Each check and each dispute as a sentence, and what holds of the claim itself."""
    modality = str(found.claim["modality"] or "stated")
    sentences = [] if modality in _ASSERTED else [f"It is not put as a fact: it is {modality}."]
    for check in found.checks:
        told = {"ok": "holds", "failed": "does not hold", "not_checkable": "cannot be checked"}[str(check["outcome"])]
        why = str(check["why"] or "").rstrip(".")
        sentences.append(f"{str(check['kind']).replace('_', ' ').capitalize()}: {told}{_values(check)}{_if(why)}.")
    for dispute in found.disputes:
        kinds = dispute["kinds"] if isinstance(dispute["kinds"], list | tuple) else ()
        side = _side(dispute, str(found.claim["key"]))
        why = str(dispute["why"] or "").rstrip(".")
        sentences.append(f"Dispute ({', '.join(map(str, kinds))}), {dispute['status']}: {side}{_if(why)}.")
    return sentences or ["Nothing in it has been recomputed, and nobody is known to contradict it."]


def _side(dispute: Mapping[str, Any], key: str) -> str:
    if dispute["preferred"] is None:
        return "no side is preferred"
    return "this side is preferred" if dispute["preferred"] == key else "another side is preferred"


def _values(check: Mapping[str, Any]) -> str:
    return f" (told {check['expected']}, found {check['found']})" if check["outcome"] == "failed" else ""


def _if(why: str) -> str:
    return f"; {why}" if why else ""


def _last(found: Reviewed) -> datetime:
    dates = [row["known_at"] for row in (found.claim, *found.checks, *found.disputes)]
    return max(date for date in dates if isinstance(date, datetime))
