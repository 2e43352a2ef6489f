"""An explanation in a terminal, readable at 100 columns, with rich; without colours, bars or boxes when piped.

What speaks against a narrative is printed before what speaks for it. The posterior and its likelihood word stand in
columns of their own, the confidence in another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from api.charts import BESIDE
from api.rendering import WIDEST, Drawing, foremost, picture_of, slots_of, strip_legend
from api.rendering_blocks import hanging, line, title
from api.rendering_judgements import HEADING, judged_lines
from api.rendering_narrative import View, argument_row, narrative_blocks
from api.rendering_shares import shares_blocks
from api.terminal import WIDTH, print_plainly
from api.wording import (
    SLOTS,
    about,
    because,
    caption,
    clocks,
    headline,
    look,
    objections_to,
    probability,
    shorten,
    standing,
    under_side,
)
from api.wording_standing import band, firmness
from api.wording_values import Part, reading

_BAR = 8


def print_explanation(explanation: Part, console: Console, drawing: Drawing) -> None:
    """Print the whole explanation to `console`; `drawing` says how much of it."""
    print_plainly(console, Group(*_parts(explanation, console, drawing)))


def _parts(explanation: Part, console: Console, drawing: Drawing) -> Iterable[RenderableType]:
    rich = console.is_terminal
    view = View(
        drawing=drawing,
        ascii_only=not rich or console.options.ascii_only,
        move=explanation["move"],
        items={item["id"]: item for item in explanation["evidence"]},
    )
    yield Text(headline(view.move), style="bold")
    yield from _move_lines(explanation)
    yield from _chart(view, console.width)
    yield title("Answer", rich)
    yield Text(explanation["answer"])
    yield from _slots(explanation, drawing, console)
    yield from _joint(explanation, rich)
    yield title("How firm this is", rich)
    for sentence in firmness(explanation):
        yield line(sentence)
    yield from shares_blocks(explanation, rich, drawing.rows)
    chosen = drawing.in_full(explanation)
    if any(item.get("series") for item in explanation["evidence"]):
        yield line("", indent=0)
        yield line(strip_legend(ascii_only=view.ascii_only), style="dim")
    for narrative in chosen:
        yield title(f"{narrative['rank']}. {narrative['title']} [{narrative['id']}]", rich)
        yield from narrative_blocks(narrative, view)
    others = [part for part in explanation["narratives"] if part not in chosen]
    yield from _others(others, rich)
    yield from _disputes(explanation, rich)
    yield from _judged(explanation, rich)
    yield from _missing(explanation, rich, drawing)
    yield from _look_next(explanation["look_next"], console, drawing)
    yield title("In the graph", rich)
    yield from _ids(explanation)


def _slots(explanation: Part, drawing: Drawing, console: Console) -> Iterable[RenderableType]:
    rich = console.is_terminal
    for slot, narratives in slots_of(explanation):
        yield title(f"{slot.capitalize()}: {SLOTS.get(slot, '')}", rich)
        shown, rest = foremost(narratives, drawing.rows)
        yield _slot_table(shown, explanation["unknown"], console)
        if rest:
            best = probability(rest[0]["posterior"])
            yield line(f"and {len(rest)} more, none above {best} (--full shows them)", style="dim")


def _chart(view: View, width: int) -> Iterable[RenderableType]:
    """The path of the move with the move in colour; without colours the mark under the path shows it."""
    chart = picture_of(view.move, ascii_only=view.ascii_only, width=min(WIDEST, width - 2))
    if chart is None:
        return
    yield line("", indent=0)
    first, end = chart.mark or (0, 0)
    style = "bold red" if (view.move.get("return") or 0.0) < 0 else "bold green"
    *drawn, dates = chart.lines()
    for text in drawn:
        row = Text(text, no_wrap=True)
        row.stylize(style, BESIDE + first, BESIDE + end)
        yield line(row)
    yield line(Text(dates, no_wrap=True))
    yield line(f"{caption(view.move)}.", style="dim")


def _move_lines(explanation: Part) -> Iterable[RenderableType]:
    move = explanation["move"]
    if move.get("measure"):
        yield Text(f"Measured: {move['measure'].rstrip('.')}.", style="dim")
    yield Text(f"{clocks(explanation)}.", style="dim")


def _bar(value: float) -> str:
    full = round(value * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _table(console: Console) -> Table:
    rich = console.is_terminal
    return Table(
        box=box.SIMPLE_HEAD if rich else None,
        width=min(WIDTH, console.width),
        pad_edge=False,
        padding=(0, 0 if rich else 1),
    )


def _slot_table(narratives: Sequence[Part], unknown: Part, console: Console) -> Table:
    rich, table = console.is_terminal, _table(console)
    table.add_column("#", justify="right", width=2)
    table.add_column("narrative", ratio=1)
    if rich:
        table.add_column("", width=_BAR, no_wrap=True)
    table.add_column("posterior", justify="right", width=9)
    table.add_column("5 to 95%", justify="right", width=9)
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
            band(part),
            part["likelihood"],
            part["confidence"],
        )
    bar = [Text(_bar(unknown["posterior"]), style="dim")] if rich else []
    table.add_row("-", unknown["title"], *bar, probability(unknown["posterior"]), band(unknown), "", "")
    return table


def _joint(explanation: Part, rich: bool) -> Iterable[RenderableType]:
    if not explanation["joint"]:
        return
    yield title("Together: the most probable sets of causes", rich)
    rows = [
        (probability(part["probability"]), Text(" + ".join(part["narratives"]) or "none of them"))
        for part in explanation["joint"][:3]
    ]
    yield hanging(rows, 7)


def _others(narratives: Sequence[Part], rich: bool) -> Iterable[RenderableType]:
    if not narratives:
        return
    yield title("The other narratives, with what is said against each", rich)
    attacked = [(part, objections) for part in narratives if (objections := objections_to(part))]
    for part, objections in attacked:
        yield line(f"{part['rank']}. {part['title']} [{part['id']}]: {standing(part)}")
        yield hanging([argument_row(argument) for argument in objections], 6)
    if len(attacked) < len(narratives):
        yield line(f"Nobody argues against the {len(narratives) - len(attacked)} others.", style="dim")


def _disputes(explanation: Part, rich: bool) -> Iterable[RenderableType]:
    for dispute in explanation["disputes"]:
        yield title(f"Dispute: {about(dispute)} ({', '.join(dispute['kinds'])})", rich)
        under = {part["fact_id"]: part for part in dispute["under_each"]}
        rows = []
        for side in dispute["sides"]:
            chosen = " (preferred)" if side["fact_id"] == dispute["preferred"] else ""
            text = Text(f"{reading(side['value'], side['unit'])}, says {side['publisher']}{chosen}")
            text.append(f" | reliability {side['reliability']:.2f} | {side['fact_id']}", style="dim")
            if side["fact_id"] in under:
                text.append(f"\nif only this is right: {under_side(under[side['fact_id']], explanation['narratives'])}")
            rows.append(("-", text))
        yield hanging(rows, 1)
        if dispute["why"]:
            yield line(f"Why: {dispute['why']}")


def _judged(explanation: Part, rich: bool) -> Iterable[RenderableType]:
    rows = [("-", Text(text)) for text in judged_lines(explanation)]
    if rows:
        yield title(HEADING, rich)
        yield hanging(rows, 1)


def _missing(explanation: Part, rich: bool, drawing: Drawing) -> Iterable[RenderableType]:
    left_out, few = explanation["not_scored"], drawing.few
    yield title("Not in the numbers", rich)
    unmapped = left_out["unmapped"]
    yield line(
        f"{len(unmapped)} facts without a rule to read them, {left_out['unused']} that no narrative asks about, "
        f"{left_out['not_yet_known']} not yet known then, {len(left_out['rejected'])} rejected."
    )
    rows = [("-", Text(f"{part['fact_id']}: {part['why']}")) for part in [*left_out["rejected"], *unmapped][:few]]
    gaps = [part for part in explanation.get("gaps", ()) if part["kind"] == "gap"]
    rows += [("-", Text(f"missing: {part['item']}{because(part)}")) for part in gaps[:few]]
    if rows:
        yield hanging(rows, 1)


def _look_next(parts: Sequence[Part], console: Console, drawing: Drawing) -> Iterable[RenderableType]:
    """What to look at, the most informative first, as the object has it."""
    if not parts:
        return
    yield title("Where to look next, by how much it is expected to tell", console.is_terminal)
    table = _table(console)
    table.add_column("bits", justify="right", width=5)
    table.add_column("what, and of whom", ratio=5, overflow="fold")
    table.add_column("when", width=10)
    table.add_column("from where", ratio=5, overflow="fold")
    table.add_column("for which stories", ratio=3, overflow="fold")
    for part in parts[: drawing.look]:
        table.add_row(*map(escape, look(part, drawing.stories, drawing.letters)))
    yield table
    if len(parts) > drawing.look:
        yield line(f"and {len(parts) - drawing.look} more (--full shows them)", style="dim")


def _ids(explanation: Part) -> Iterable[RenderableType]:
    yield line(f"explanation {explanation['id']}   move {explanation['move']['id']}")
    yield line(f"MATCH (e:Explanation {{id: '{explanation['id']}'}})-[s:SCORED]->(n:Narrative)")
    yield line("RETURN n.id, s.posterior, s.rank ORDER BY s.rank")
