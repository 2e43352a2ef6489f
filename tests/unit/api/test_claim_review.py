"""A review says what was found and no more: every rating by its findings, and what schema.org asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.claim_review import Reviewed, claim_review, rating_of
from api.schemas_views import ClaimReviewBody

KNOWN, LATER = datetime(2026, 2, 8, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def a_check(outcome: str, **changes: Any) -> dict[str, Any]:
    check = {"id": "k", "kind": "normal_tail", "outcome": outcome, "expected": 0.05, "found": 0.04, "why": "two-sided."}
    return check | {"known_at": KNOWN} | changes


def a_dispute(preferred: str | None, status: str = "open") -> dict[str, Any]:
    return {"id": "d", "key": "d", "status": status, "kinds": ["sign"], "preferred": preferred, "why": None,
            "known_at": LATER}  # fmt: skip


def found(*checks: dict[str, Any], disputes: tuple[dict[str, Any], ...] = (), **claim: Any) -> Reviewed:
    said = {"author": "Ann Author", "author_labels": ["Actor", "Person"], "document": "doc_1", "title": "An article",
            "url": "https://example.org/a", "published": "2026-02-08", "publisher": "A Paper"}  # fmt: skip
    given = {"key": "doc_1:tail", "statement": "Such a day is rare.", "modality": "stated", "sensitive": None}
    return Reviewed(claim=given | {"known_at": KNOWN} | claim, said=[said], checks=checks, disputes=disputes)


@pytest.mark.parametrize(
    ("reviewed", "words", "value"),
    [
        (found(), "Not checked", None),
        (found(a_check("not_checkable")), "Not checkable", None),
        (found(a_check("ok"), a_check("not_checkable")), "Holds as far as it can be recomputed", 5),
        (found(a_check("failed")), "Does not hold when recomputed", 1),
        (found(a_check("failed"), a_check("ok")), "Holds in part", 3),
        (found(a_check("ok"), disputes=(a_dispute(None),)), "Disputed, not settled", None),
        (found(a_check("ok"), disputes=(a_dispute("other:fact"),)), "Contradicted by what is preferred", 2),
        (found(a_check("ok"), disputes=(a_dispute("doc_1:tail"),)), "Holds as far as it can be recomputed", 5),
        (found(a_check("failed"), sensitive=True), "Allegation, not judged here", None),
    ],
)
def test_a_rating_follows_from_what_was_found(reviewed: Reviewed, words: str, value: int | None) -> None:
    assert (rating_of(reviewed).words, rating_of(reviewed).value) == (words, value)
    rating: Any = claim_review(reviewed)["reviewRating"]
    assert rating["alternateName"] == words
    assert rating.get("ratingValue") == value
    assert ("bestRating" in rating) is (value is not None)


def test_a_review_has_what_the_vocabulary_asks_for() -> None:
    review: Any = claim_review(found(a_check("failed"), disputes=(a_dispute(None),)))
    ClaimReviewBody.model_validate(review)
    assert (review["@context"], review["@type"]) == ("https://schema.org", "ClaimReview")
    assert {"claimReviewed", "reviewRating", "url", "author", "datePublished", "itemReviewed"} <= set(review)
    assert review["itemReviewed"]["@type"] == "Claim"
    assert review["itemReviewed"]["author"] == {"@type": "Person", "name": "Ann Author"}
    assert review["itemReviewed"]["appearance"][0]["url"] == "https://example.org/a"
    assert review["reviewRating"]["@type"] == "Rating"
    assert review["datePublished"] == "2026-03-01"


def test_a_claim_is_always_told_as_what_somebody_says() -> None:
    alleged: Any = claim_review(found(statement="The firm lied.", sensitive=True))
    assert alleged["claimReviewed"] == "According to Ann Author: The firm lied."
    nobody = found()
    nobody = Reviewed(claim=nobody.claim, said=[], checks=[], disputes=[])
    assert str(claim_review(nobody)["claimReviewed"]).startswith("According to a source that is not named: ")


def test_findings_are_told_with_their_numbers_and_what_is_not_put_as_a_fact_says_so() -> None:
    rating: Any = claim_review(found(a_check("failed"), modality="speculated"))["reviewRating"]
    assert rating["ratingExplanation"] == (
        "It is not put as a fact: it is speculated. Normal tail: does not hold (told 0.05, found 0.04); two-sided."
    )
    nothing: Any = claim_review(found())["reviewRating"]
    assert nothing["ratingExplanation"].startswith("Nothing in it has been recomputed")


def test_an_address_that_is_none_of_the_web_does_not_appear() -> None:
    bad = found()
    said = [dict(bad.said[0]) | {"url": "javascript:alert(1)"}]
    review: Any = claim_review(Reviewed(claim=bad.claim, said=said, checks=[], disputes=[]))
    assert "url" not in review["itemReviewed"]["appearance"][0]
