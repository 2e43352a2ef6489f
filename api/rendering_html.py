"""An explanation as a page that stands alone: all of the report in Markdown, and the pictures, without any script.

What comes from sources is text and never markup; a link leads to a source where its address is one of the web.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from api.html_page import bullets, code, page, say, table, tag
from api.markup import safe
from api.pictures import picture
from api.rendering import Drawing, picture_of, slots_of, strip_legend
from api.rendering_html_narrative import narrative_section
from api.rendering_judgements import HEADING, judged_lines
from api.wording import SLOTS, about, because, caption, clocks, headline, look, probability, under_side
from api.wording_standing import band, firmness
from api.wording_values import Part, reading

_STANDING = (
    ("#", True),
    ("narrative", False),
    ("posterior", True),
    ("5 to 95%", True),
    ("first", True),
    ("likelihood", False),
    ("confidence", False),
)
_LOOK = (("bits", True), ("what, and of whom", False), ("when", False), ("from where", False), ("stories", False))


def to_html(explanation: Part, drawing: Drawing | None = None) -> str:
    """The report, whole unless `drawing` says less, as one HTML page."""
    return page(headline(explanation["move"]), _parts(explanation, drawing or Drawing.whole()))


def _parts(explanation: Part, drawing: Drawing) -> Iterable[str]:
    move = explanation["move"]
    chosen = drawing.in_full(explanation)
    yield say("h1", headline(move))
    if move.get("measure"):
        yield say("p", f"Measured: {move['measure'].rstrip('.')}.", "dim")
    yield say("p", f"{clocks(explanation)}.", "dim")
    yield say("p", explanation["answer"], "answer")
    yield _contents(chosen)
    yield from _path(move)
    yield say("h2", "How the belief came about")
    yield _figure(explanation, "belief")
    for slot, narratives in slots_of(explanation):
        yield say("h2", f"{slot.capitalize()}: {SLOTS.get(slot, '')}")
        yield _slot(narratives, explanation["unknown"])
    yield from _joint(explanation)
    yield say("h2", "How firm this is")
    yield bullets(safe(sentence) for sentence in firmness(explanation))
    yield say("h2", "What bears on which story")
    yield _figure(explanation, "matrix")
    if any(item.get("series") for item in explanation["evidence"]):
        yield say("p", strip_legend(ascii_only=False), "dim")
    items = {item["id"]: item for item in explanation["evidence"]}
    drawn = Drawing().in_full(explanation)  # those that lead get pictures of their own
    for narrative in chosen:
        yield from narrative_section(narrative, explanation, items, drawing, pictures=narrative in drawn)
    for dispute in explanation["disputes"]:
        yield from _dispute(dispute, explanation["narratives"])
    judged = [safe(text) for text in judged_lines(explanation)]
    if judged:
        yield say("h2", HEADING)
        yield bullets(judged)
    yield from _missing(explanation, drawing)
    yield from _look_next(explanation["look_next"], drawing)
    yield from _ids(explanation)


def _figure(explanation: Part, name: str) -> str:
    return tag("figure", "\n", picture(explanation, name).svg(alone=False))


def _contents(narratives: Sequence[Part]) -> str:
    links = (
        f'<li><a href="#story-{part["rank"]}">{safe(part["title"])}</a> '
        f"<span class=dim>{probability(part['posterior'])}</span></li>"
        for part in narratives
    )
    return f'<nav aria-label="narratives in full"><ol>{"".join(links)}</ol></nav>'


def _path(move: Part) -> Iterable[str]:
    chart = picture_of(move, ascii_only=True)
    if chart is not None:
        yield say("h2", "The path of the move")
        rows = "\n".join(escape(row) for row in chart.lines())  # its blanks have to stay
        yield f'<pre aria-hidden="true">{rows}</pre>'
        yield say("p", f"{caption(move)}.", "dim")


def _slot(narratives: Sequence[Part], unknown: Part) -> str:
    rows = [
        (
            str(part["rank_in_slot"]),
            f"{safe(part['title'])} {code(part['id'])}",
            safe(probability(part["posterior"])),
            band(part),
            f"{part['p_rank_1']:.0%}",
            safe(part["likelihood"]),
            safe(part["confidence"]),
        )
        for part in narratives
    ]
    numbers = (safe(probability(unknown["posterior"])), band(unknown), f"{unknown['p_rank_1']:.0%}")
    return table(_STANDING, [*rows, ("-", safe(unknown["title"]), *numbers, "", "")])


def _joint(explanation: Part) -> Iterable[str]:
    if explanation["joint"]:
        yield say("h2", "Together: the most probable sets of causes")
        yield bullets(
            f"{safe(probability(part['probability']))}: "
            + (" + ".join(code(name) for name in part["narratives"]) or "none of them")
            for part in explanation["joint"]
        )


def _dispute(dispute: Part, narratives: Sequence[Part]) -> Iterable[str]:
    yield say("h2", f"Dispute: {about(dispute)} ({', '.join(dispute['kinds'])})")
    under = {part["fact_id"]: part for part in dispute["under_each"]}
    rows = []
    for side in dispute["sides"]:
        chosen = " <strong>(preferred)</strong>" if side["fact_id"] == dispute["preferred"] else ""
        said = f"{safe(reading(side['value'], side['unit']))}, says {safe(side['publisher'])}{chosen}"
        row = f"{said}; reliability {side['reliability']:.2f}; {code(side['fact_id'])}"
        if side["fact_id"] in under:
            row += f"<br>if only this is right: {safe(under_side(under[side['fact_id']], narratives))}"
        rows.append(row)
    yield bullets(rows)
    if dispute["why"]:
        yield say("p", f"Why: {dispute['why']}")


def _missing(explanation: Part, drawing: Drawing) -> Iterable[str]:
    left_out = explanation["not_scored"]
    yield say("h2", "Not in the numbers")
    rows = [
        f"{left_out['unused']} facts that no narrative asks about",
        f"{left_out['not_yet_known']} facts that were not yet known",
    ]
    for name in ("unmapped", "rejected"):
        facts = bullets(f"{code(part['fact_id'])}: {safe(part['why'])}" for part in left_out[name][: drawing.few])
        rows.append(f"{len(left_out[name])} facts {name}{facts}")
    for gap in explanation.get("gaps", ())[: drawing.few]:
        word = "missing" if gap["kind"] == "gap" else "to watch"
        rows.append(f"{word}: {safe(gap['item'])}{safe(because(gap))}")
    yield bullets(rows)


def _look_next(parts: Sequence[Part], drawing: Drawing) -> Iterable[str]:
    if parts:
        yield say("h2", "Where to look next, by how much it is expected to tell")
        yield table(
            _LOOK,
            [[safe(cell) for cell in look(part, drawing.stories, drawing.letters)] for part in parts[: drawing.look]],
        )


def _ids(explanation: Part) -> Iterable[str]:
    yield say("h2", "In the graph")
    yield tag(
        "p",
        f"Explanation {code(explanation['id'])} of move {code(explanation['move']['id'])}, method ",
        f"{safe(explanation['method_version'])}, settings {code(explanation['settings_hash'])}.",
    )
    query = [
        f"MATCH (e:Explanation {{id: '{explanation['id']}'}})-[s:SCORED]->(n:Narrative)",
        "RETURN n.id, s.posterior, s.rank ORDER BY s.rank",
    ]
    lines = "\n".join(map(safe, query))
    yield f"<pre><code>{lines}</code></pre>"
