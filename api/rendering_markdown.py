"""An explanation as a Markdown report: everything that the object holds, in the order of the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.rendering import Drawing, picture_of, slots_of, strip_legend, strip_of, with_strips
from api.rendering_judgements import HEADING, judged_lines
from api.rendering_shares import shares_lines
from api.wording import (
    SLOTS,
    about,
    argument_standing,
    because,
    caption,
    clocks,
    coverage,
    finding,
    headline,
    look,
    odds_path,
    origin,
    predicted,
    probability,
    provenance,
    signed_bits,
    standing,
    steps_named,
    under_side,
    weight_on,
)
from api.wording_standing import band, firmness, need
from api.wording_values import Part, reading

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#"})


def to_markdown(explanation: Part, drawing: Drawing | None = None) -> str:
    """The report, whole unless `drawing` says less, as one Markdown text that ends in a line break."""
    return "\n".join(_lines(explanation, drawing or Drawing.whole())).rstrip() + "\n"


def _lines(explanation: Part, drawing: Drawing) -> Iterable[str]:
    move = explanation["move"]
    yield f"# {_safe(headline(move))}\n"
    if move.get("measure"):
        yield f"Measured: {_safe(move['measure']).rstrip('.')}.  "
    yield f"{clocks(explanation)}.\n"
    yield from _chart(move)
    yield f"**{_safe(explanation['answer'])}**\n"
    for slot, narratives in slots_of(explanation):
        yield from _slot(slot, narratives, explanation["unknown"])
    yield from _joint(explanation)
    yield "## How firm this is\n"
    yield from (f"- {_safe(sentence)}" for sentence in firmness(explanation))
    yield ""
    yield from shares_lines(explanation, _safe)
    items = {item["id"]: item for item in explanation["evidence"]}
    if any(item.get("series") for item in explanation["evidence"]):
        yield f"{_safe(strip_legend(ascii_only=True))}\n"
    for narrative in drawing.in_full(explanation):
        yield from _narrative(narrative, explanation, items, drawing)
    for dispute in explanation["disputes"]:
        yield from _dispute(dispute, explanation["narratives"])
    yield from _judged(explanation)
    yield from _missing(explanation, drawing)
    yield from _ids(explanation)


def _safe(text: object) -> str:
    return " ".join(str(text).split()).translate(_MARKS)


def _chart(move: Part) -> Iterable[str]:
    chart = picture_of(move, ascii_only=True)
    if chart is not None:
        yield "```text"
        yield from chart.lines()
        yield "```\n"
        yield f"{_safe(caption(move))}.\n"


def _slot(slot: str, narratives: Sequence[Part], unknown: Part) -> Iterable[str]:
    yield f"## {slot.capitalize()}: {SLOTS.get(slot, '')}\n"
    yield "| # | narrative | posterior | 5 to 95% | first | likelihood | confidence |"
    yield "|---:|---|---:|---:|---:|---|---|"
    for part in narratives:
        name = f"{_safe(part['title'])} (`{part['id']}`)"
        numbers = (probability(part["posterior"]), band(part), f"{part['p_rank_1']:.0%}")
        cells = (part["rank_in_slot"], name, *numbers, part["likelihood"], part["confidence"])
        yield f"| {' | '.join(map(str, cells))} |"
    numbers = (probability(unknown["posterior"]), band(unknown), f"{unknown['p_rank_1']:.0%}")
    yield f"| - | {unknown['title']} | {' | '.join(numbers)} | | |\n"


def _joint(explanation: Part) -> Iterable[str]:
    if explanation["joint"]:
        yield "## Together: the most probable sets of causes\n"
        for part in explanation["joint"]:
            names = " + ".join(f"`{name}`" for name in part["narratives"]) or "none of them"
            yield f"- {probability(part['probability'])}: {names}"
        yield ""


def _narrative(narrative: Part, explanation: Part, items: Part, drawing: Drawing) -> Iterable[str]:
    yield f"## {narrative['rank']}. {_safe(narrative['title'])} (`{narrative['id']}`)\n"
    if narrative.get("summary"):
        yield f"{_safe(narrative['summary'])}\n"
    yield f"- Posterior and likelihood: {standing(narrative)}"
    yield f"- How it moved: {_safe(odds_path(narrative))}"
    needed = need(narrative)
    if needed is not None:
        yield f"- {needed}"
    reasons = "; ".join(narrative["confidence_reasons"])
    yield f"- Confidence in the evidence base: {narrative['confidence']} ({_safe(reasons)})"
    yield f"- From: {_safe(origin(narrative))}"
    yield f"- Coverage: {_safe(coverage(narrative))}"
    if narrative["roles"]:
        played = ", ".join(f"{role} = `{thing}`" for role, thing in narrative["roles"].items())
        yield f"- Roles: {played}"
    for other in narrative.get("other_bindings", ()):
        yield f"- Could also be bound as: {', '.join(f'{role} = `{thing}`' for role, thing in other.items())}"
    if narrative["unbound_roles"]:
        yield f"- Nobody found for: {_safe(', '.join(narrative['unbound_roles']))}"
    for heading in ("Against", "For"):
        yield from _evidence(heading, narrative, explanation["move"], items, drawing)
    yield "\n### Steps\n"
    for step in narrative["steps"]:
        yield from _step(step, narrative, drawing)
    yield from (_argument(part) for part in narrative["arguments"] if part["step"] is None)
    yield ""


def _evidence(heading: str, narrative: Part, move: Part, items: Part, drawing: Drawing) -> Iterable[str]:
    ids = narrative[f"evidence_{heading.lower()}"]
    yield f"\n### {heading}\n"
    if not ids:
        yield "Nothing found."
    shown = [items[name] for name in ids[: drawing.items] if name in items]
    deciding = with_strips(shown, drawing)
    for item in shown:
        bits, steps = weight_on(item, narrative["id"])
        found = finding(item, compare=item["id"] not in deciding)
        yield f"- **{signed_bits(bits)} bits**, {steps_named(steps)}: {_safe(found)}  "
        if item["id"] in deciding:
            words, picture, numbers = strip_of(item, move, ascii_only=True)
            yield f"  {_safe(words)}  "
            yield f"  `{picture}` {_safe(numbers)}  "
        elif found != item["statement"]:
            yield f"  {_safe(item['statement'])}  "
        yield f"  {_safe(provenance(item))}{_link(item)}; facts {', '.join(f'`{fact}`' for fact in item['fact_ids'])}"


def _link(item: Part) -> str:
    source = item.get("source")
    return f" ([source]({source['url']}))" if source and source.get("url") else ""


def _step(step: Part, narrative: Part, drawing: Drawing) -> Iterable[str]:
    weakest = " **Weakest link.**" if step["n"] == narrative["weakest_step"] else ""
    numbers = f"{step['verdict']}, {probability(step['posterior'])}, {signed_bits(step['bits'])} bits"
    yield f"- Step {step['n']} ({numbers}): {_safe(step['text'])}{weakest}"
    if drawing.predictions:
        for part in step["predictions"]:
            seen = f" ({', '.join(f'`{name}`' for name in part['evidence'])})" if part["evidence"] else ""
            yield f"  - {_safe(predicted(part))}{seen}"
    yield from (f"  {_argument(part)}" for part in narrative["arguments"] if part["step"] == step["n"])


def _argument(argument: Part) -> str:
    target = "the narrative" if argument["step"] is None else f"step {argument['step']}"
    by = f" by {_safe(argument['by'])}" if argument["by"] else ""
    weight = f"{signed_bits(argument['weight_bits'])} bits"
    stands = _safe(argument_standing(argument))
    return f"- Argument, {weight}, {argument['kind']} {target}{by}: {_safe(argument['statement'])}{stands}"


def _dispute(dispute: Part, narratives: Sequence[Part]) -> Iterable[str]:
    yield f"## Dispute: {_safe(about(dispute))} ({_safe(', '.join(dispute['kinds']))})\n"
    under = {part["fact_id"]: part for part in dispute["under_each"]}
    for side in dispute["sides"]:
        chosen = " (preferred)" if side["fact_id"] == dispute["preferred"] else ""
        said = f"{_safe(reading(side['value'], side['unit']))}, says {_safe(side['publisher'])}{chosen}"
        yield f"- {said}; reliability {side['reliability']:.2f}; `{side['fact_id']}`"
        if side["fact_id"] in under:
            yield f"  - if only this is right: {_safe(under_side(under[side['fact_id']], narratives))}"
    yield f"\nWhy: {_safe(dispute['why'])}\n" if dispute["why"] else ""


def _judged(explanation: Part) -> Iterable[str]:
    rows = [f"- {_safe(text)}" for text in judged_lines(explanation)]
    if rows:
        yield f"## {HEADING}\n"
        yield from rows
        yield ""


def _missing(explanation: Part, drawing: Drawing) -> Iterable[str]:
    left_out = explanation["not_scored"]
    yield "## Not in the numbers\n"
    yield f"- {left_out['unused']} facts that no narrative asks about"
    yield f"- {left_out['not_yet_known']} facts that were not yet known"
    for name in ("unmapped", "rejected"):
        yield f"- {len(left_out[name])} facts {name}"
        yield from (f"  - `{part['fact_id']}`: {_safe(part['why'])}" for part in left_out[name][: drawing.few])
    for gap in explanation.get("gaps", ())[: drawing.few]:
        word = "missing" if gap["kind"] == "gap" else "to watch"
        yield f"- {word}: {_safe(gap['item'])}{_safe(because(gap))}"
    yield from _look_next(explanation["look_next"], drawing)
    yield ""


def _look_next(parts: Sequence[Part], drawing: Drawing) -> Iterable[str]:
    if parts:
        yield "\n## Where to look next, by how much it is expected to tell\n"
        yield "| bits | what, and of whom | when | from where | for which stories |"
        yield "|---:|---|---|---|---|"
        yield from (
            f"| {' | '.join(map(_safe, look(part, drawing.stories, drawing.letters)))} |"
            for part in parts[: drawing.look]
        )


def _ids(explanation: Part) -> Iterable[str]:
    yield "## In the graph\n"
    yield f"Explanation `{explanation['id']}` of move `{explanation['move']['id']}`, "
    yield f"method {explanation['method_version']}, settings `{explanation['settings_hash']}`.\n"
    yield "```cypher"
    yield f"MATCH (e:Explanation {{id: '{explanation['id']}'}})-[s:SCORED]->(n:Narrative)"
    yield "RETURN n.id, s.posterior, s.rank ORDER BY s.rank"
    yield "```"
