"""One narrative on a page: its standing, its pictures, what speaks against and for it, its steps and predictions."""

from __future__ import annotations

from collections.abc import Iterable

from api.html_page import bullets, code, say, tag
from api.markup import safe, web_address
from api.pictures import picture
from api.rendering import Drawing, strip_of, with_strips
from api.wording import (
    argument_standing,
    coverage,
    finding,
    odds_path,
    origin,
    predicted,
    probability,
    provenance,
    signed_bits,
    standing,
    steps_named,
    weight_on,
)
from api.wording_standing import need
from api.wording_values import Part


def narrative_section(
    narrative: Part, explanation: Part, items: Part, drawing: Drawing, *, pictures: bool
) -> Iterable[str]:
    """The markup of one narrative in full, its heading with the id that the contents link to."""
    heading = f"{narrative['rank']}. {safe(narrative['title'])} {code(narrative['id'])}"
    yield tag("h2", heading, id_=f"story-{narrative['rank']}")
    if narrative.get("summary"):
        yield say("p", narrative["summary"])
    yield bullets(_standing(narrative))
    if pictures:
        yield figure(explanation, "chain", narrative)
        yield figure(explanation, "waterfall", narrative)
    for side in ("Against", "For"):
        yield from _evidence(side, narrative, explanation["move"], items, drawing)
    yield say("h3", "Steps")
    yield tag("ol", "\n", *(_step(step, narrative, drawing) for step in narrative["steps"]))
    yield bullets(_argument(part) for part in narrative["arguments"] if part["step"] is None)


def figure(explanation: Part, name: str, narrative: Part) -> str:
    """A picture of one narrative; its ids are told from those of the other narratives by its rank."""
    drawn = picture(explanation, name, narrative["id"]).svg(alone=False)
    for part in ("title", "desc"):
        drawn = drawn.replace(f"{name}-{part}", f"{name}-{narrative['rank']}-{part}")
    return tag("figure", "\n", drawn)


def _standing(narrative: Part) -> Iterable[str]:
    yield f"Posterior and likelihood: {safe(standing(narrative))}"
    yield f"How it moved: {safe(odds_path(narrative))}"
    needed = need(narrative)
    if needed is not None:
        yield safe(needed)
    reasons = "; ".join(narrative["confidence_reasons"])
    yield f"Confidence in the evidence base: {safe(narrative['confidence'])} ({safe(reasons)})"
    after = "; told after the move, so its predictions count for less" if narrative.get("written_after") else ""
    yield f"From: {safe(origin(narrative))}{after}"
    yield f"Coverage: {safe(coverage(narrative))}"
    if narrative["roles"]:
        yield f"Roles: {_cast(narrative['roles'])}"
    for other in narrative.get("other_bindings", ()):
        yield f"Could also be bound as: {_cast(other)}"
    if narrative["unbound_roles"]:
        yield f"Nobody found for: {safe(', '.join(narrative['unbound_roles']))}"


def _cast(roles: Part) -> str:
    return ", ".join(f"{safe(role)} = {code(thing)}" for role, thing in roles.items())


def _evidence(heading: str, narrative: Part, move: Part, items: Part, drawing: Drawing) -> Iterable[str]:
    ids = narrative[f"evidence_{heading.lower()}"]
    shown = [items[name] for name in ids[: drawing.items] if name in items]
    more = f" (the {len(shown)} heaviest of {len(ids)})" if len(ids) > len(shown) else ""
    yield say("h3", f"{heading}{more}")
    if not ids:
        yield say("p", "Nothing found.")
    deciding = with_strips(shown, drawing)
    yield bullets(_item(item, narrative["id"], heading.lower(), move, strip=item["id"] in deciding) for item in shown)


def _item(item: Part, story: str, side: str, move: Part, *, strip: bool) -> str:
    bits, steps = weight_on(item, story)
    found = finding(item, compare=not strip)
    parts = [f'<span class="bits {side}">{safe(signed_bits(bits))}</span>{safe(found)} ({safe(steps_named(steps))})']
    if strip:
        words, drawn, numbers = strip_of(item, move, ascii_only=False)
        parts.append(f"{safe(words)}<br>{code(drawn)} {safe(numbers)}")
    elif found != item["statement"]:
        parts.append(safe(item["statement"]))
    facts = ", ".join(code(fact) for fact in item["fact_ids"])
    parts.append(f'<span class="dim">{safe(provenance(item))}{_link(item)}; facts {facts}</span>')
    return "<br>".join(parts)


def _link(item: Part) -> str:
    address = web_address((item.get("source") or {}).get("url"))
    return f' (<a href="{address}" rel="noopener noreferrer nofollow">source</a>)' if address else ""


def _step(step: Part, narrative: Part, drawing: Drawing) -> str:
    weakest = " <strong>Weakest link.</strong>" if step["n"] == narrative["weakest_step"] else ""
    numbers = f"{probability(step['posterior'])}, {signed_bits(step['bits'])} bits"
    told = f"{say('strong', step['verdict'], step['verdict'])} ({safe(numbers)}): {safe(step['text'])}{weakest}"
    below = [_predicted(part) for part in step["predictions"]] if drawing.predictions else []
    below += [_argument(part) for part in narrative["arguments"] if part["step"] == step["n"]]
    return f'<li value="{int(step["n"])}">{told}{bullets(below)}</li>\n'


def _predicted(part: Part) -> str:
    seen = f" ({', '.join(code(name) for name in part['evidence'])})" if part["evidence"] else ""
    return f"{safe(predicted(part))}{seen}"


def _argument(argument: Part) -> str:
    target = "the narrative" if argument["step"] is None else f"step {argument['step']}"
    by = f" by {argument['by']}" if argument["by"] else ""
    weight = f"{signed_bits(argument['weight_bits'])} bits"
    return safe(
        f"Argument, {weight}, {argument['kind']} {target}{by}: {argument['statement']}{argument_standing(argument)}"
    )
