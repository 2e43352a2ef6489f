"""An explanation in short, for a reader who asks on: its ranks with the weightiest items, and one story with its own.

What is left out is counted. Texts are cut at a stated length, so that no answer grows with what strangers wrote.
"""

from __future__ import annotations

from api.errors import UnknownResourceError
from api.schemas_mcp import Evidence, Explained, Item, Learned, Story, StoryStep
from api.wording import finding as finding_of
from api.wording import (
    headline,
    is_felt,
    look,
    objections_to,
    predicted,
    probability,
    provenance,
    shorten,
    standing,
    weight_on,
)
from api.wording_values import Part

STORIES, ITEMS, LOOKS, OBJECTIONS = 12, 3, 5, 20
LETTERS = 400


def digest_of(explanation: Part) -> Explained:
    """The ranks of an explanation, at most twelve stories with three items on each side."""
    stories = explanation["narratives"]
    return Explained(
        explanation=explanation["id"],
        move=explanation["move"]["id"],
        headline=headline(explanation["move"]),
        answer=explanation["answer"],
        as_of=explanation["as_of"],
        as_at=explanation["as_at"],
        stories=[_story(one, explanation) for one in stories[:STORIES]],
        more_stories=max(0, len(stories) - STORIES),
        something_else=explanation["unknown"]["posterior"],
        disputes=len(explanation["disputes"]),
        look_next=[_look(part) for part in explanation["look_next"][:LOOKS]],
        recalibration=_learned(explanation),
        recalibration_note=explanation.get("recalibration_note"),
    )


def evidence_of(explanation: Part, story_id: str, limit: int) -> Evidence:
    """One story with its weightiest items, at most `limit` on each side. Raises UnknownResourceError."""
    stories = explanation["narratives"]
    story = next((one for one in stories if one["id"] == story_id), None)
    if story is None:
        raise UnknownResourceError("story", story_id, tuple(one["id"] for one in stories[:3]))
    against, favour = _items(explanation, story, "evidence_against"), _items(explanation, story, "evidence_for")
    return Evidence(
        explanation=explanation["id"],
        story=story_id,
        title=story["title"],
        posterior=story["posterior"],
        recalibrated=story.get("recalibrated"),
        standing=standing(story),
        steps=[
            StoryStep(n=step["n"], text=_cut(step["text"]), verdict=step["verdict"], posterior=step["posterior"])
            for step in story["steps"]
        ],
        against=against[:limit],
        in_favour=favour[:limit],
        objections=[_cut(part["statement"]) for part in objections_to(story)[:OBJECTIONS]],
        unanswered=[
            _cut(predicted(one))
            for step in story["steps"]
            for one in step["predictions"]
            if one["answered_by"] == "not_looked_at"
        ],
        left_out=max(0, len(against) - limit) + max(0, len(favour) - limit),
    )


def digest_text(digest: Explained) -> str:
    """The digest as a few lines of text."""
    lines = [digest.headline, digest.answer]
    for story in digest.stories:
        learned = "" if story.recalibrated is None else f", recalibrated {probability(story.recalibrated)}"
        told = f"{story.title} [{story.id}], {story.likelihood}{learned}"
        lines.append(f"{probability(story.posterior)} {story.slot}: {told}")
        lines += (f"  {item.bits:+.2f} {item.finding}" for item in story.against[:1])
    lines.append(f"{probability(digest.something_else)} something else")
    if digest.recalibration is not None:
        lines.append(f"Recalibrated by {digest.recalibration.moves} judged moves.")
    if digest.recalibration_note is not None:
        lines.append(f"Note: {digest.recalibration_note}.")
    lines.append(f"Kept as {digest.explanation}; ask `evidence` for what stands behind a story.")
    return "\n".join(lines)


def evidence_text(evidence: Evidence) -> str:
    """One story as text: what speaks against it first."""
    lines = [f"{evidence.title} [{evidence.story}]: {evidence.standing}", "Against:"]
    lines += (f"  {item.bits:+.2f} {item.finding} ({item.source})" for item in evidence.against)
    lines += (f"  objection: {text}" for text in evidence.objections)
    lines.append("For:")
    lines += (f"  {item.bits:+.2f} {item.finding} ({item.source})" for item in evidence.in_favour)
    lines += (f"Nobody has looked at: {text}" for text in evidence.unanswered)
    return "\n".join(lines)


def _learned(explanation: Part) -> Learned | None:
    told = explanation.get("recalibration")
    return None if told is None else Learned(**{name: told[name] for name in Learned.model_fields})


def _story(story: Part, explanation: Part) -> Story:
    return Story(
        id=story["id"],
        title=story["title"],
        slot=story["slot"],
        rank=story["rank"],
        posterior=story["posterior"],
        low=story["low"],
        high=story["high"],
        likelihood=story["likelihood"],
        confidence=story["confidence"],
        recalibrated=story.get("recalibrated"),
        against=_items(explanation, story, "evidence_against")[:ITEMS],
        in_favour=_items(explanation, story, "evidence_for")[:ITEMS],
    )


def _items(explanation: Part, story: Part, side: str) -> list[Item]:
    """The items on one side that move the story, in the order of the object: the weightiest first."""
    known = {item["id"]: item for item in explanation["evidence"]}
    felt = [known[id_] for id_ in story[side] if id_ in known and is_felt(known[id_], story["id"])]
    return [_item(item, story["id"]) for item in felt]


def _item(item: Part, story_id: str) -> Item:
    bits, _ = weight_on(item, story_id)
    return Item(
        id=item["id"], finding=_cut(finding_of(item)), source=_cut(provenance(item)), bits=round(bits or 0.0, 3)
    )


def _look(part: Part) -> str:
    gain, what, when, where, stories = look(part, 3, 80)
    return _cut(f"{what}, {when}: {gain} bits, from {where} (for {stories})")


def _cut(text: object) -> str:
    return shorten(" ".join(str(text).split()), LETTERS)
