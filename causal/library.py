"""Reads the library of narrative templates: one YAML file a template, the one place here that opens a file.

A template that does not hold together stops the start, with its file, the path inside it and the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from causal.errors import InvalidTemplateError, UnknownTemplateError
from causal.model import Template

FOLDER = Path(__file__).parent / "templates"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_library(folder: Path | None = None) -> tuple[Template, ...]:
    """Every template, by id. Raises InvalidTemplateError at the first that does not hold together."""
    adapter = TypeAdapter(Template)
    return tuple(_load(file, adapter) for file in sorted((folder or FOLDER).glob("*.yaml")))


def get_template(library: Sequence[Template], name: str) -> Template:
    """One template by id. Raises UnknownTemplateError, which proposes near ids."""
    found = next((one for one in library if one.id == name), None)
    if found is None:
        ids = [one.id for one in library]
        raise UnknownTemplateError(name, tuple(get_close_matches(name.upper(), ids, n=3, cutoff=0.5)))
    return found


def _load(file: Path, adapter: TypeAdapter[Template]) -> Template:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise InvalidTemplateError(file.name, "(file)", f"not valid YAML: {error}") from error
    try:
        template = adapter.validate_python(data, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"]) or "(file)"
        raise InvalidTemplateError(file.name, path, first["msg"]) from error
    for path, reason in _broken(template):
        raise InvalidTemplateError(file.name, path, reason)
    if template.id != file.stem:
        raise InvalidTemplateError(file.name, "id", f"the id {template.id!r} must equal the file's name")
    return template


def _broken(template: Template) -> Iterator[tuple[str, str]]:
    """(path, reason) of what does not hold together."""
    if not template.slots:
        yield "slots", "a template names at least one slot"
    if not template.steps:
        yield "steps", "a template has at least one step"
    roles: set[str] = set()
    for i, role in enumerate(template.roles):
        if role.name in roles:
            yield f"roles[{i}].name", f"the role {role.name!r} is named before"
        if role.of is not None and role.of not in roles:
            yield f"roles[{i}].of", f"{role.of!r} is no role named before"
        roles.add(role.name)
    for i, step in enumerate(template.steps):
        if step.n != i + 1:
            yield f"steps[{i}].n", f"steps count from 1 without gaps; {i + 1} is expected"
        for j, prediction in enumerate(step.predictions):
            if prediction.role not in roles:
                yield f"steps[{i}].predictions[{j}].role", f"{prediction.role!r} is no role of this template"
