"""How one number, clock or source of an explanation is written in words, the same in the terminal and in the report.

Every function takes parts of the explanation object and nothing else; likelihood and confidence are never put into
one sentence here, because they answer different questions.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.wording_values import Part, compared, measure_of, value_of
from causal.world import DIFFERENCE

SLOTS = {
    "catalyst": "what set it off",
    "transmission": "how it travelled",
    "amplifier": "what made it larger",
    "absorber": "what held it",
    "rebound": "what turned it",
}
WHEN = {"before": "before the move", "during": "during the move", "after": "after the move"}
_BY = {"series": "by series", "reports": "by reports", "move": "by the move itself"}
_OPEN = {"searched": "searched in vain", "not_looked_at": "not looked at"}
_SURE = 0.9995


def probability(value: float) -> str:
    """A probability with three digits after the point; never a flat 0 or 1."""
    if value < 1 - _SURE:
        return "<0.001"
    return ">0.999" if value >= _SURE else f"{value:.3f}"


def signed_bits(value: float | None) -> str:
    """A weight in bits with its sign; a dash where none was given."""
    if value is None:
        return "-"
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}"


def clock(value: str | None, precision: str | None = None) -> str:
    """An instant of the object as `2026-02-05 21:00 UTC`; only its day where that is all that is known."""
    if value is None:
        return "unknown date"
    day, _, time = value.partition("T")
    if precision not in (None, "instant") or not time:
        return day
    return f"{day} {time[:5]} UTC"


def headline(move: Part) -> str:
    """The move in one sentence."""
    change = move.get("return")
    name = move["instrument"]
    between = f"between {clock(move['start'])} and {clock(move['end'])}"
    if change is None:
        return f"{name}, {between} (size of the move not recorded)"
    verb = "rose" if change > 0 else "fell"
    return f"{name} {verb} {change_in_words(abs(change), move.get('return_is'), sign='')} {between}"


def change_in_words(change: float, told: str | None, *, sign: str = "+") -> str:
    """A change as it is read: percent, of a yield or a spread basis points; without its plus where `sign` is empty.

    `told` is the `return_is` of an answer; those of before it have none, and were read as percent.
    """
    return f"{10_000.0 * change:{sign}.1f} bp" if told == DIFFERENCE else f"{100.0 * change:{sign}.2f} %"


def clocks(explanation: Part) -> str:
    """What could be known, and as which state of the graph."""
    return f"From what was known by {clock(explanation['as_of'])}, as the graph stood at {clock(explanation['as_at'])}"


def origin(narrative: Part) -> str:
    """Where a narrative comes from: its case (and the template it is an instance of), the library, a user."""
    template = narrative.get("template")
    version = narrative.get("template_version")
    named = f"template {template}" + (f" v{version}" if version else "") if template else ""
    if narrative["origin"] == "library":
        return f"library, {named}" if named else "library"
    return f"{narrative['origin']}, instance of {named}" if named else str(narrative["origin"])


def odds_path(narrative: Part) -> str:
    """How its probability came about, in the order in which it was moved."""
    parts = [
        f"prior {probability(narrative['prior'])}",
        f"given the move {probability(narrative['prior_given_move'])}",
        f"with readings {probability(narrative['posterior_readings'])}",
        f"with claims and arguments {probability(narrative['posterior'])}",
    ]
    return ", ".join(parts) + f" ({signed_bits(narrative['bits'])} bits in all)"


def standing(narrative: Part) -> str:
    """Posterior and likelihood word, without the confidence."""
    band = ""
    if "low" in narrative and "high" in narrative:
        band = f" ({probability(narrative['low'])} to {probability(narrative['high'])})"
    learned = narrative.get("recalibrated")
    after = "" if learned is None else f", recalibrated {probability(learned)}"
    return f"{probability(narrative['posterior'])}{band}, {narrative['likelihood']}{after}"


def coverage(narrative: Part) -> str:
    """How its predictions were answered and which were not, as a sentence without its full stop."""
    part = narrative["coverage"]
    counts = [(part["by_series"], "by series"), (part["by_reports"], "by reports")]
    answered = sum(count for count, _ in counts)
    by = ", ".join(f"{count} {how}" for count, how in counts if count)
    vain, unseen = part["searched"], part["not_looked_at"]
    open_ = [f"{vain} {'was' if vain == 1 else 'were'} searched for in vain"] if vain else []
    open_ += [f"nobody has looked at {unseen}"] if unseen else []
    if answered == part["predictions"] > 1:
        head = f"All {answered} predictions are answered ({by})"
    elif not answered:
        head = f"None of {part['predictions']} predictions is answered"
    else:
        head = f"Of {part['predictions']} predictions {answered} {'is' if answered == 1 else 'are'} answered ({by})"
    return "; ".join([head, *open_])


def when(window: object) -> str:
    """A window in words: `during the move`, a day, or `day to day` (`instant to instant`)."""
    text = str(window or "")
    first, between, last = text.partition("..")
    if not between:
        return WHEN.get(text, text)
    return clock(first) if first == last else f"{clock(first)} to {clock(last)}"


def predicted(part: Part) -> str:
    """A prediction and how it was answered: `met, by series: spot return of ndx down, during it`; with why not."""
    by = part.get("answered_by")
    answer = f"{part['outcome']}, {_BY[by]}" if by in _BY else _OPEN.get(str(by), str(part["outcome"]))
    why = f"; {part['why']}" if part.get("why") else ""
    window = when(part.get("window"))
    return f"{answer}: {about({**part, 'window': None})} {part['direction']}{f', {window}' if window else ''}{why}"


def about(item: Part) -> str:
    """What an item measures, of whom, when: `net ETF flow of ibit, 2026-02-05`."""
    name = item.get("indicator") or item.get("kind") or "item"
    subject = item.get("subject") or item.get("role")
    window = when(item.get("window"))
    return f"{name}{f' of {subject}' if subject else ''}{f', {window}' if window else ''}"


def finding(item: Part, *, compare: bool = True) -> str:
    """One item of evidence: what it measures, what was read and, if `compare`, how that compares with other days."""
    if item["kind"] == "argument" or item.get("value") is None:
        return str(item["statement"])
    measure, words = measure_of(item), compared(item) if compare else ""
    text = f"{about(item)}: {value_of(item)}{f' ({measure})' if measure else ''}"
    return f"{text}, {words}" if words else text


def provenance(item: Part) -> str:
    """Who says so, how reliable that is, since when it was known, and under which id it stands in the object."""
    source = item.get("source")
    who = f"{source['publisher']}, {shorten(str(source['title']), 60)}" if source else "no source named"
    copies = f"; {item['copies']} copies counted once" if item.get("copies", 1) > 1 else ""
    dispute = "; disputed" if item.get("dispute") else ""
    known = clock(item.get("known_at"), item.get("known_at_precision"))
    return (
        f"{who} | grade {item['grade']}{item['credibility']}, reliability {item['reliability']:.2f} | "
        f"known {known}{copies}{dispute} | {item['id']}"
    )


def weight_on(item: Part, narrative_id: str) -> tuple[float | None, tuple[int, ...]]:
    """What an item does to one narrative in bits (leave one out), and the steps that it bears on."""
    mine = [part for part in item["contributions"] if part["narrative"] == narrative_id]
    bits = [part["leave_one_out_bits"] for part in mine if part.get("leave_one_out_bits") is not None]
    return (bits[0] if bits else None), tuple(sorted({part["step"] for part in mine}))


def is_felt(item: Part, narrative_id: str) -> bool:
    """Whether an item moves a narrative by as much as can be shown."""
    bits, _ = weight_on(item, narrative_id)
    return bits is not None and signed_bits(bits) != "0.00"


def steps_named(steps: Sequence[int]) -> str:
    """`step 2` or `steps 2, 3`."""
    numbers = [str(step) for step in steps if step > 0]
    return f"step{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}" if numbers else "the whole narrative"


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` characters, cut at a word."""
    if len(text) <= limit:
        return text
    return text[: limit - 3].rsplit(" ", 1)[0].rstrip(",;:") + "..."


def under_side(under: Part, narratives: Sequence[Part], shown: float = 0.005) -> str:
    """What taking one side of a dispute alone does to the posteriors."""
    now = {part["id"]: part["posterior"] for part in narratives}
    changed = [
        (name, value) for name, value in under["posteriors"].items() if name in now and abs(value - now[name]) >= shown
    ]
    changed.sort(key=lambda pair: (-abs(pair[1] - now[pair[0]]), pair[0]))
    moved = "; ".join(f"{name} {probability(now[name])} > {probability(value)}" for name, value in changed[:3])
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    text = f"{moved}{more}" if moved else f"no posterior moves by {shown} or more"
    return f"{text}; the ranking {'changes' if under['ranking_changes'] else 'stays'}"


def because(gap: Part) -> str:
    """Why something is missing, in brackets, where that is known."""
    return f" ({gap['why']})" if gap.get("why") else ""


def look(part: Part, stories: int, letters: int) -> tuple[str, str, str, str, str]:
    """One thing to look at next: bits, what and of whom, when, from where, for which stories."""
    gain = f"{part['gain_bits']:.3f}" if part.get("gain_bits") is not None else "-"
    subject, role = part.get("subject"), part.get("role")
    named = {**part, "window": None, "subject": subject or (f"{role} (nobody named)" if role else None)}
    names = list(part["separates"])
    more = f" and {len(names) - stories} more" if len(names) > stories else ""
    where = shorten(part.get("available_from") or "no source known", letters)
    window = when(part.get("window")).removesuffix(" the move")
    as_what = f" (as {role})" if subject and role and ", " in role else ""
    return gain, f"{about(named)}{as_what}", window, where, ", ".join(names[:stories]) + more


def caption(move: Part) -> str:
    """The path of a move in words: how far it went up and down, and where it ended."""
    path = move["path"]
    high, low = max(path, key=lambda one: one["index"]), min(path, key=lambda one: one["index"])
    return (
        f"{move['instrument']}, {len(path)} sessions, 100 at the start of the move: highest {high['index']:.1f} on "
        f"{high['day']}, lowest {low['index']:.1f} on {low['day']}, last {path[-1]['index']:.1f}"
    )


def objections_to(narrative: Part) -> Sequence[Part]:
    """The arguments against a narrative that have a weight of their own, or attack one of its steps."""
    return [part for part in narrative["arguments"] if part["kind"] != "supports" and not is_cited_fact(part)]


def is_cited_fact(argument: Part) -> bool:
    """Whether an argument only points at a fact, which weighs as a reading and not once more as an argument."""
    return argument["weight_bits"] is None and argument["step"] is None and argument.get("status") is None


def argument_standing(argument: Part) -> str:
    """How it stands among the arguments that attack one another, in brackets; nothing where nobody contests it."""
    parts = []
    if argument.get("status") == "undecided":
        parts.append(f"undecided against {', '.join(argument['defeated_by'])}")
    elif argument.get("status") == "rejected":
        parts.append(f"rejected, {argument['why']}")
    if argument.get("attacks"):
        parts.append(f"attacks {', '.join(argument['attacks'])}")
    return f" ({'; '.join(parts)})" if parts else ""


def cited_facts(narrative: Part) -> str:
    """How many facts its friends and critics point at; empty where there are none."""
    cited = [part["kind"] for part in narrative["arguments"] if is_cited_fact(part)]
    if not cited:
        return ""
    friendly = cited.count("supports")
    return (
        f"Facts cited against it: {len(cited) - friendly}, for it: {friendly}; they weigh as readings, not again here"
    )
