"""An explanation in a terminal, readable at 100 columns, with rich; without colours, bars or boxes when piped.

What speaks against a narrative is printed before what speaks for it. The posterior and its likelihood word stand in
columns of their own, the confidence in another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from api.rendering import Drawing, foremost, slots_of
from api.terminal import WIDTH, print_plainly
from api.wording import (
    SLOTS,
    Part,
    about,
    because,
    cited_facts,
    clocks,
    coverage,
    finding,
    headline,
    is_felt,
    look,
    objections_to,
    odds_path,
    origin,
    probability,
    provenance,
    reading,
    shorten,
    signed_bits,
    standing,
    steps_named,
    under_side,
    weight_on,
)

_BAR = 8
_VERDICT_STYLE = {"supported": "green", "contradicted": "red", "open": "yellow", "untested": "dim"}


def print_explanation(explanation: Part, console: Console, drawing: Drawing) -> None:
    """Print the whole explanation to `console`; `drawing` says how much of it."""
    print_plainly(console, Group(*_parts(explanation, console, drawing)))


def _parts(explanation: Part, console: Console, drawing: Drawing) -> Iterable[RenderableType]:
    rich = console.is_terminal
    yield Text(headline(explanation["move"]), style="bold")
    yield from _move_lines(explanation)
    yield _title("Answer", rich)
    yield Text(explanation["answer"])
    for slot, narratives in slots_of(explanation):
        yield _title(f"{slot.capitalize()}: {SLOTS.get(slot, '')}", rich)
        shown, rest = foremost(narratives, drawing.rows)
        yield _slot_table(shown, explanation["unknown"], rich)
        if rest:
            best = probability(rest[0]["posterior"])
            yield _line(f"and {len(rest)} more, none above {best} (--full shows them)", style="dim")
    yield from _joint(explanation, rich)
    items = {item["id"]: item for item in explanation["evidence"]}
    chosen = drawing.in_full(explanation)
    for narrative in chosen:
        yield _title(f"{narrative['rank']}. {narrative['title']} [{narrative['id']}]", rich)
        yield from _narrative(narrative, items, drawing)
    others = [part for part in explanation["narratives"] if part not in chosen]
    yield from _others(others, rich)
    yield from _disputes(explanation, rich)
    yield from _missing(explanation, rich, drawing)
    yield _title("In the graph", rich)
    yield from _ids(explanation)


def _title(text: str, rich: bool) -> RenderableType:
    if rich:
        return Padding(Rule(Text(text, style="bold cyan"), align="left", style="cyan"), (1, 0, 0, 0))
    return Text(f"\n== {text}")


def _line(text: str, indent: int = 2, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, indent))


def _hanging(rows: Iterable[tuple[str, Text]], width: int, indent: int = 2) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=width, justify="right", no_wrap=True)
    table.add_column(ratio=1)
    for label, text in rows:
        table.add_row(label, text)
    return Padding(table, (0, 0, 0, indent))


def _move_lines(explanation: Part) -> Iterable[RenderableType]:
    move = explanation["move"]
    if move.get("measure"):
        yield Text(f"Measured: {move['measure']}.", style="dim")
    yield Text(f"{clocks(explanation)}.", style="dim")


def _bar(value: float) -> str:
    full = round(value * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _slot_table(narratives: Sequence[Part], unknown: Part, rich: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD if rich else None, width=WIDTH, pad_edge=False, padding=(0, 0 if rich else 1))
    table.add_column("#", justify="right", width=2)
    table.add_column("narrative", ratio=1)
    if rich:
        table.add_column("", width=_BAR, no_wrap=True)
    table.add_column("posterior", justify="right", width=9)
    table.add_column("likelihood", width=18)
    table.add_column("confidence", width=10)
    for part in narratives:
        name = f"{shorten(part['title'], 70)} [{part['id']}]"
        bar = [Text(_bar(part["posterior"]), style="cyan")] if rich else []
        table.add_row(
            str(part["rank_in_slot"]),
            escape(name),
            *bar,
            probability(part["posterior"]),
            part["likelihood"],
            part["confidence"],
        )
    bar = [Text(_bar(unknown["posterior"]), style="dim")] if rich else []
    table.add_row("-", unknown["title"], *bar, probability(unknown["posterior"]), "", "")
    return table


def _joint(explanation: Part, rich: bool) -> Iterable[RenderableType]:
    if not explanation["joint"]:
        return
    yield _title("Together: the most probable sets of causes", rich)
    rows = [
        (probability(part["probability"]), Text(" + ".join(part["narratives"]) or "none of them"))
        for part in explanation["joint"][:3]
    ]
    yield _hanging(rows, 7)


def _narrative(narrative: Part, items: Part, drawing: Drawing) -> Iterable[RenderableType]:
    yield _line(f"{standing(narrative)}. {odds_path(narrative)}.")
    reasons = "; ".join(narrative["confidence_reasons"])
    yield _line(f"Confidence in the evidence base: {narrative['confidence']} ({reasons}).")
    note = " Told after the move, so its predictions count for less." if narrative.get("written_after") else ""
    yield _line(f"From: {origin(narrative)}. {coverage(narrative)}.{note}")
    if narrative["unbound_roles"]:
        yield _line(f"Nobody found for: {', '.join(narrative['unbound_roles'])}.", style="yellow")
    for heading in ("Against", "For"):
        yield from _evidence(heading, narrative, items, drawing)
    yield _line("Steps", style="bold")
    yield _hanging(list(_step_rows(narrative, drawing)), 6)
    cited = cited_facts(narrative)
    if cited and not drawing.predictions:
        yield _line(f"{cited}.", style="dim")


def _evidence(heading: str, narrative: Part, items: Part, drawing: Drawing) -> Iterable[RenderableType]:
    ids = narrative[f"evidence_{heading.lower()}"]
    heavy = [items[name] for name in ids if name in items and is_felt(items[name], narrative["id"])]
    shown = heavy[: drawing.items]
    more = f" (the {len(shown)} heaviest of {len(ids)})" if len(ids) > len(shown) else ""
    yield _line(f"{heading}{more}" if shown else f"{heading}: nothing of weight", style="bold")
    rows = []
    for item in shown:
        bits, steps = weight_on(item, narrative["id"])
        text = Text(finding(item)).append(f"  ({steps_named(steps)})", style="dim")
        text.append(f"\n{provenance(item)}", style="dim")
        rows.append((signed_bits(bits), text))
    if rows:
        yield _hanging(rows, 6)


def _step_rows(narrative: Part, drawing: Drawing) -> Iterable[tuple[str, Text]]:
    arguments = narrative["arguments"]
    for step in narrative["steps"]:
        weakest = "  << weakest link" if step["n"] == narrative["weakest_step"] else ""
        text = Text(f"{step['n']}. ").append(step["verdict"], style=_VERDICT_STYLE.get(step["verdict"], ""))
        text.append(f" {probability(step['posterior'])}: {step['text']}{weakest}")
        text.append(_predictions(step, drawing), style="dim")
        yield signed_bits(step["bits"]), text
        yield from (_argument(part) for part in arguments if part["step"] == step["n"])
    if drawing.predictions:
        yield from (_argument(part) for part in arguments if part["step"] is None)


def _predictions(step: Part, drawing: Drawing) -> str:
    if not drawing.predictions:
        return ""
    return "".join(f"\n  {part['outcome']}: {part['direction']} {about(part)}" for part in step["predictions"])


def _argument(argument: Part) -> tuple[str, Text]:
    target = "the narrative" if argument["step"] is None else f"step {argument['step']}"
    by = f" by {argument['by']}" if argument["by"] else ""
    text = Text("   argument ", style="italic").append(f"{argument['kind']} {target}{by}: {argument['statement']}")
    return signed_bits(argument["weight_bits"]), text


def _others(narratives: Sequence[Part], rich: bool) -> Iterable[RenderableType]:
    if not narratives:
        return
    yield _title("The other narratives, with what is said against each", rich)
    attacked = [(part, objections) for part in narratives if (objections := objections_to(part))]
    for part, objections in attacked:
        yield _line(f"{part['rank']}. {part['title']} [{part['id']}]: {standing(part)}")
        yield _hanging([_argument(argument) for argument in objections], 6)
    if len(attacked) < len(narratives):
        yield _line(f"Nobody argues against the {len(narratives) - len(attacked)} others.", style="dim")


def _disputes(explanation: Part, rich: bool) -> Iterable[RenderableType]:
    for dispute in explanation["disputes"]:
        yield _title(f"Dispute: {about(dispute)} ({', '.join(dispute['kinds'])})", rich)
        under = {part["fact_id"]: part for part in dispute["under_each"]}
        rows = []
        for side in dispute["sides"]:
            chosen = " (preferred)" if side["fact_id"] == dispute["preferred"] else ""
            text = Text(f"{reading(side['value'], side['unit'])}, says {side['publisher']}{chosen}")
            text.append(f" | reliability {side['reliability']:.2f} | {side['fact_id']}", style="dim")
            if side["fact_id"] in under:
                text.append(f"\nif only this is right: {under_side(under[side['fact_id']], explanation['narratives'])}")
            rows.append(("-", text))
        yield _hanging(rows, 1)
        if dispute["why"]:
            yield _line(f"Why: {dispute['why']}")


def _missing(explanation: Part, rich: bool, drawing: Drawing) -> Iterable[RenderableType]:
    left_out, few = explanation["not_scored"], drawing.few
    yield _title("Not in the numbers", rich)
    unmapped = left_out["unmapped"]
    yield _line(
        f"{len(unmapped)} facts without a rule to read them, {left_out['unused']} that no narrative asks about, "
        f"{left_out['not_yet_known']} not yet known then, {len(left_out['rejected'])} rejected."
    )
    rows = [("-", Text(f"{part['fact_id']}: {part['why']}")) for part in [*left_out["rejected"], *unmapped][:few]]
    gaps = [part for part in explanation.get("gaps", ()) if part["kind"] == "gap"]
    rows += [("-", Text(f"missing: {part['item']}{because(part)}")) for part in gaps[:few]]
    if rows:
        yield _hanging(rows, 1)
    if explanation["look_next"]:
        yield _title("Where to look next", rich)
        yield _hanging([("-", Text(look(part))) for part in explanation["look_next"][:few]], 1)


def _ids(explanation: Part) -> Iterable[RenderableType]:
    yield _line(f"explanation {explanation['id']}   move {explanation['move']['id']}")
    yield _line(f"MATCH (e:Explanation {{id: '{explanation['id']}'}})-[s:SCORED]->(n:Narrative)")
    yield _line("RETURN n.id, s.posterior, s.rank ORDER BY s.rank")
