"""One narrative in a terminal: its standing, what speaks against and for it, its steps with their predictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from api.rendering import Drawing, strip_of, with_strips
from api.rendering_blocks import hanging, line
from api.wording import (
    argument_standing,
    cited_facts,
    coverage,
    finding,
    is_felt,
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

_VERDICT_STYLE = {"supported": "green", "contradicted": "red", "open": "yellow", "untested": "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What all narratives of one answer share: how much is drawn, by which signs, the move, the evidence by id."""

    drawing: Drawing
    ascii_only: bool
    move: Part
    items: Part


def narrative_blocks(narrative: Part, view: View) -> Iterable[RenderableType]:
    """One narrative in full, without its title."""
    yield line(f"{standing(narrative)}. {odds_path(narrative)}.")
    needed = need(narrative)
    if needed is not None:
        yield line(f"{needed}.")
    reasons = "; ".join(narrative["confidence_reasons"])
    yield line(f"Confidence in the evidence base: {narrative['confidence']} ({reasons}).")
    note = " Told after the move, so its predictions count for less." if narrative.get("written_after") else ""
    yield line(f"{coverage(narrative)}.")
    yield line(f"From: {origin(narrative)}.{note}")
    if narrative["unbound_roles"]:
        yield line(f"Nobody found for: {', '.join(narrative['unbound_roles'])}.", style="yellow")
    for heading in ("Against", "For"):
        yield from _evidence(heading, narrative, view)
    yield line("Steps", style="bold")
    yield hanging(list(_step_rows(narrative, view.drawing)), 6)
    cited = cited_facts(narrative)
    if cited and not view.drawing.predictions:
        yield line(f"{cited}.", style="dim")


def _evidence(heading: str, narrative: Part, view: View) -> Iterable[RenderableType]:
    ids, items = narrative[f"evidence_{heading.lower()}"], view.items
    heavy = [items[name] for name in ids if name in items and is_felt(items[name], narrative["id"])]
    shown = heavy[: view.drawing.items]
    more = f" (the {len(shown)} heaviest of {len(ids)})" if len(ids) > len(shown) else ""
    yield line(f"{heading}{more}" if shown else f"{heading}: nothing of weight", style="bold")
    deciding = with_strips(shown, view.drawing)
    rows = []
    for item in shown:
        bits, steps = weight_on(item, narrative["id"])
        text = Text(finding(item, compare=item["id"] not in deciding)).append(f"  ({steps_named(steps)})", style="dim")
        if item["id"] in deciding:
            text.append(_strip(item, view))
        text.append(f"\n{provenance(item)}", style="dim")
        rows.append((signed_bits(bits), text))
    if rows:
        yield hanging(rows, 6)


def _strip(item: Part, view: View) -> Text:
    words, picture, numbers = strip_of(item, view.move, ascii_only=view.ascii_only)
    style = "" if view.ascii_only else "cyan"
    return Text(f"\n{words}\n").append(picture, style=style).append(f"  {numbers}", style="dim")


def _step_rows(narrative: Part, drawing: Drawing) -> Iterable[tuple[str, Text]]:
    arguments = narrative["arguments"]
    for step in narrative["steps"]:
        weakest = "  << weakest link" if step["n"] == narrative["weakest_step"] else ""
        text = Text(f"{step['n']}. ").append(step["verdict"], style=_VERDICT_STYLE.get(step["verdict"], ""))
        text.append(f" {probability(step['posterior'])}: {step['text']}{weakest}")
        text.append(_predictions(step, drawing), style="dim")
        yield signed_bits(step["bits"]), text
        yield from (argument_row(part) for part in arguments if part["step"] == step["n"])
    if drawing.predictions:
        yield from (argument_row(part) for part in arguments if part["step"] is None)


def _predictions(step: Part, drawing: Drawing) -> str:
    if not drawing.predictions:
        return ""
    return "".join(f"\n  - {predicted(part)}" for part in step["predictions"])


def argument_row(argument: Part) -> tuple[str, Text]:
    """An argument with its weight in bits."""
    target = "the narrative" if argument["step"] is None else f"step {argument['step']}"
    by = f" by {argument['by']}" if argument["by"] else ""
    said = f"{argument['kind']} {target}{by}: {argument['statement']}{argument_standing(argument)}"
    text = Text("   argument ", style="italic").append(said)
    return signed_bits(argument["weight_bits"]), text
