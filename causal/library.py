"""Loads the narrative templates, because a story must be written down before the move it is tried on.

One YAML file a template. Everything that can be wrong in a file is found when it is read, so that a template that
does not hold together stops the start instead of silently predicting nothing.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from causal.errors import InvalidTemplateError, UnknownTemplateError
from causal.model import Role, Template, TemplatePrediction, TemplateStep

FOLDER = Path(__file__).parent / "templates"
RELATIONS = frozenset(
    {
        "tracks",
        "underlying",
        "embeds",
        "part_of",
        "quoted_in",
        "listed_on",
        "issued_by",
        "plays",
        "peer_of",
        "funded_by",
        "in_class",
        "affiliated_with",
    }
)
PARTS = frozenset(
    {
        "authorised_participant",
        "market_maker",
        "prime_broker",
        "custodian",
        "issuer",
        "holder",
        "funding_source",
        "clearing_house",
        "central_bank",
    }
)
_ADAPTER = TypeAdapter(Template)
_PARTS_OF: Mapping[str, type] = {"roles": Role, "steps": TemplateStep, "predictions": TemplatePrediction}
Fault = tuple[str, str]


def load_library(folder: Path | None = None) -> tuple[Template, ...]:
    """All templates of a folder (the bundled one by default), in the order of their ids.

    Raises InvalidTemplateError at the first file that does not hold together.
    """
    return tuple(load_template(path) for path in sorted((folder or FOLDER).glob("*.yaml")))


def load_template(path: Path) -> Template:
    """One template file; raises InvalidTemplateError with the place in the file and the reason."""
    try:
        # the C parser where PyYAML was built with it: ten times as fast, and every start reads the library
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise InvalidTemplateError(path.name, "(file)", f"is not YAML: {_one_line(error)}") from error
    read = read_template(raw, path.stem)
    if isinstance(read, Template):
        return read
    raise InvalidTemplateError(path.name, *read[0])


def read_template(raw: object, stem: str) -> Template | list[Fault]:
    """The template of a mapping, whose id has to be `stem`; or all that is wrong with it, each with its place."""
    if not isinstance(raw, dict):
        return [("(file)", "must hold one mapping")]
    unknown = list(_unknown_keys(raw, Template, ""))
    if unknown:
        return unknown
    try:
        template = _ADAPTER.validate_python(raw)
    except ValidationError as error:
        places = ((".".join(str(part) for part in one["loc"]) or "(file)", one["msg"]) for one in error.errors())
        return list(places)
    return list(_faults(template, stem)) or template


def get_template(library: Iterable[Template], template_id: str) -> Template:
    """The template of this id, in either case; raises UnknownTemplateError, which names near ids."""
    known = {template.id.casefold(): template for template in library}
    if template_id.casefold() in known:
        return known[template_id.casefold()]
    ids = sorted(template.id for template in known.values())
    near = difflib.get_close_matches(template_id.upper(), ids, n=3, cutoff=0.3)
    raise UnknownTemplateError(template_id, tuple(near))


def variant_names(template: Template) -> tuple[str, ...]:
    """The names of a template's variants, in its order."""
    return tuple(variant.split(":", 1)[0].strip() for variant in template.variants)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _unknown_keys(raw: Mapping[str, Any], kind: type, place: str) -> Iterator[Fault]:
    known = {one.name for one in dataclasses.fields(kind)}
    for key, value in raw.items():
        if key not in known:
            near = difflib.get_close_matches(str(key), sorted(known), n=1)
            yield f"{place}{key}", "is not a field" + (f"; did you mean {near[0]}?" if near else "")
        below = _PARTS_OF.get(key)
        if below is not None and isinstance(value, list):
            for number, part in enumerate(value):
                if isinstance(part, dict):
                    yield from _unknown_keys(part, below, f"{place}{key}.{number}.")


def _faults(template: Template, stem: str) -> Iterator[Fault]:
    if template.id != stem:
        yield "id", f"is {template.id!r}, the file name says {stem!r}"
    for name in ("title", "summary", "version"):
        if not getattr(template, name).strip():
            yield name, "must not be empty"
    if not template.slots or len(set(template.slots)) != len(template.slots):
        yield "slots", "must name at least one slot, each once"
    if any(":" not in variant for variant in template.variants):
        yield "variants", "each must read `name: text`"
    yield from _role_faults(template.roles)
    yield from _step_faults(template)


def _role_faults(roles: Sequence[Role]) -> Iterator[Fault]:
    if not roles or roles[0].name != "asset" or roles[0].of is not None or roles[0].elsewhere:
        yield "roles.0", "must be `asset`, the moved instrument"
    seen: list[str] = []
    for number, role in enumerate(roles):
        place = f"roles.{number}"
        if role.name in seen:
            yield f"{place}.name", f"{role.name!r} is there twice"
        for other in (*((role.of,) if role.of else ()), *role.apart):
            if other not in seen:
                yield place, f"{other!r} is no earlier role"
        if number and not role.via and not role.elsewhere:
            yield f"{place}.via", "a role needs a path or `elsewhere`"
        if role.via and role.of is None and not all(path.startswith("*/") for path in role.via):
            yield f"{place}.of", "must say from which role to look"
        if any(kind != kind.lower() for kind in role.kinds):
            yield f"{place}.kinds", "kinds are written in lower case"
        if role.elsewhere and not role.kinds:
            yield f"{place}.kinds", "`elsewhere` needs kinds"
        if role.many < 1:
            yield f"{place}.many", "must be at least 1"
        yield from _path_faults(role, place)
        seen.append(role.name)


def _path_faults(role: Role, place: str) -> Iterator[Fault]:
    for path in role.via:
        for link in filter(None, path.removeprefix("*/").split("/")):
            if link.removeprefix("<") not in RELATIONS:
                yield f"{place}.via", f"{link!r} in {path!r} is no relation type"
    for part in role.plays:
        if part not in PARTS:
            yield f"{place}.plays", f"{part!r} is no role of the exchange format"


def _step_faults(template: Template) -> Iterator[Fault]:
    roles, variants = {role.name for role in template.roles}, set(variant_names(template))
    if not any(step.predictions for step in template.steps):
        yield "steps", "must predict something"
    for place_of_step, step in enumerate(template.steps):
        place = f"steps.{place_of_step}"
        if step.n != place_of_step + 1:
            yield f"{place}.n", f"is {step.n}, steps count from 1 without gaps"
        if not step.text.strip():
            yield f"{place}.text", "must not be empty"
        for number, prediction in enumerate(step.predictions):
            where = f"{place}.predictions.{number}"
            if prediction.role not in roles:
                yield f"{where}.role", f"{prediction.role!r} is no role of this template"
            if prediction.variant is not None and prediction.variant not in variants:
                yield f"{where}.variant", f"{prediction.variant!r} is no variant of this template"
