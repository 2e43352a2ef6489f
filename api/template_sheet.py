"""One narrative template on one page: its roles, its steps and what each step predicts."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from causal.model import Role, Template, TemplatePrediction, TemplateStep


def template_sheet(template: Template) -> RenderableType:
    """The template as something that rich can print."""
    return Group(*_parts(template))


def _parts(template: Template) -> Iterable[RenderableType]:
    yield Text(f"{template.id} {template.title} (version {template.version})", style="bold")
    yield Text(template.summary)
    yield Text(f"\nSlots: {', '.join(template.slots)}. For moves: {template.move_direction}.")
    yield Text("\nRoles", style="bold")
    yield from (_indented(_role(role)) for role in template.roles)
    yield Text("\nSteps", style="bold")
    for step in template.steps:
        yield _indented(_step(step))
        yield from (_indented(_prediction(part), 4) for part in step.predictions)
        yield from (_indented(f"contradicted by: {words}", 4) for words in step.contradicted_by)
    for heading, entries in (
        ("Variants", template.variants),
        ("Precedents", template.precedents),
        ("References", template.references),
    ):
        if entries:
            yield Text(f"\n{heading}", style="bold")
            yield from (_indented(entry) for entry in entries)


def _indented(text: str, by: int = 2) -> RenderableType:
    return Padding(Text(text), (0, 0, 0, by))


def _role(role: Role) -> str:
    need = "required" if role.required else "optional"
    kinds = f", a {' or '.join(role.kinds)}" if role.kinds else ""
    found = f", found from {role.of} by {' or '.join(role.via)}" if role.of and role.via else ""
    plays = f", who plays {' or '.join(role.plays)}" if role.plays else ""
    return f"{role.name} ({need}{kinds}{found}{plays})"


def _step(step: TemplateStep) -> str:
    return f"{step.n}. {step.text} ({step.necessity}, base rate {step.base_rate})"


def _prediction(part: TemplatePrediction) -> str:
    size = f", {part.typical_size}" if part.typical_size else ""
    lag = f", lag {part.lag}" if part.lag else ""
    return f"{part.direction}: {part.indicator} of {part.role}, {part.window} ({part.strength}{size}{lag})"
