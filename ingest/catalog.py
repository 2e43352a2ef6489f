"""Reads the tables that say how things are measured: one file an indicator, one entry a class of assets.

They are data, so that an analyst adds an indicator without touching code; a file that does not hold together stops
the start with its name, the path inside it and the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from ingest.errors import RecordRejectedError, Rejection

HERE = Path(__file__).parent
Rule = Literal[
    "return",
    "price_level",
    "value",
    "percent",
    "log_ratio",
    "difference",
    "surprise",
    "flow",
    "log_size",
    "relative",
    "sign",
    "occurs",
    "statement",
    "none",
]
T = TypeVar("T")


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One standard deviation of a reading on large-move days where it comes in this class of unit."""

    unit: str
    size: float


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One file of `ingest/indicators/`; the fields are explained in ARCHITECTURE.md, "How to add an indicator".

    `width` is the factor by which the sizes may be wrong (one standard deviation, times or divided by).
    """

    name: str
    kind: Literal["measure", "event", "statement"]
    family: str
    reading: Rule
    usual_size: str
    source: str
    id: str = ""
    scales: tuple[Scale, ...] = ()
    reference: float | None = None
    sign: Literal[1, -1] = 1
    shift_any: float = 0.0
    shift_stress: float = 0.0
    by_price: bool = False
    slow: bool = False
    public_act: bool = False
    publication_lag: str = "P0D"
    available_from: str | None = None
    width: float | None = None


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class AssetClass:
    """One entry of `ingest/asset_classes.yaml` (its head explains the fields)."""

    id: str
    kinds: tuple[str, ...]
    scale: float
    width: float
    stress: Literal[-1, 0, 1]
    price_shift: float
    shift_factor: float
    source: str


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """One file of `ingest/derived/`; the fields are explained in ARCHITECTURE.md, "How to add a derived reading"."""

    name: str
    function: str
    reads: tuple[str, ...]
    answers: tuple[str, ...]
    indicator: str
    unit: str
    clock: str
    lag: str
    formula: str
    id: str = ""
    windows: tuple[Literal["before", "during", "after"], ...] = ()
    kinds: tuple[str, ...] = ()
    before: int = 5
    after: int = 3
    usual: int = 20
    peers: Literal["none", "peer_of"] = "none"


def indicator_id(name: str) -> str:
    """The id of an indicator: its plain name in lower case with underscores."""
    return name.casefold().replace(" ", "_").replace("-", "_")


def load_indicators(folder: Path | None = None) -> tuple[Indicator, ...]:
    """Every indicator, by id. Raises RecordRejectedError with all files that do not hold together."""
    adapter = TypeAdapter(Indicator)
    found: list[Indicator] = []
    rejected: list[Rejection] = []
    for file in sorted((folder or HERE / "indicators").glob("*.yaml")):
        try:
            data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
            found.append(adapter.validate_python({**data, "id": file.stem}))
        except (ValidationError, yaml.YAMLError, TypeError) as error:
            rejected += _rejections(file, error)
            continue
        if indicator_id(found[-1].name) != file.stem:
            reason = f"the name {found[-1].name!r} belongs into {indicator_id(found[-1].name)}.yaml"
            rejected.append(Rejection(file=str(file), path="name", reason=reason))
    if rejected:
        raise RecordRejectedError(tuple(rejected))
    return tuple(found)


def load_derivations(folder: Path | None = None) -> tuple[Derivation, ...]:
    """Every derived reading, by id. Raises RecordRejectedError with all files that do not hold together."""
    adapter = TypeAdapter(Derivation)
    found: list[Derivation] = []
    rejected: list[Rejection] = []
    for file in sorted((folder or HERE / "derived").glob("*.yaml")):
        try:
            data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
            found.append(adapter.validate_python({**data, "id": file.stem}))
        except (ValidationError, yaml.YAMLError, TypeError) as error:
            rejected += _rejections(file, error)
    if rejected:
        raise RecordRejectedError(tuple(rejected))
    return tuple(found)


def load_asset_classes(file: Path | None = None) -> tuple[AssetClass, ...]:
    """Every class of assets, in the order of the file. Raises RecordRejectedError where it does not hold together."""
    path = file or HERE / "asset_classes.yaml"
    adapter = TypeAdapter(tuple[AssetClass, ...])
    try:
        return adapter.validate_python(yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER))
    except (ValidationError, yaml.YAMLError) as error:
        raise RecordRejectedError(tuple(_rejections(path, error))) from error


@cache
def asset_class_of(kind: str) -> str:
    """The id of the class that a kind of instrument belongs to; `other` where none names it."""
    return next((one.id for one in load_asset_classes() if kind in one.kinds), "other")


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _rejections(file: Path, error: Exception) -> list[Rejection]:
    if isinstance(error, ValidationError):
        return [
            Rejection(file=str(file), path=".".join(str(part) for part in one["loc"]) or "(file)", reason=one["msg"])
            for one in error.errors()
        ]
    return [Rejection(file=str(file), path="(file)", reason=f"not readable as YAML: {error}")]


def unmapped_note(name: str, known: Iterable[str]) -> str:
    """What is said of an indicator that no file of `ingest/indicators` has, with near names."""
    near = get_close_matches(name, sorted(known), n=2, cutoff=0.75)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"indicator {name!r} is not mapped: kept and listed, not scored{meant}"
