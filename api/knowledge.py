"""What an explanation needs beside the graph: templates, indicators, asset classes and the settings of the method.

Read once per process and passed down. The packages of facts and of beliefs do not know each other; here the catalogue
of the one becomes the type of the other, field by field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from causal.derived import DERIVED
from causal.errors import InvalidTemplateError
from causal.library import load_library
from causal.model import Template
from causal.panel import How
from causal.settings import Method
from causal.world import AssetClass, Derivation, Indicator, Scale
from ingest.catalog import load_asset_classes, load_derivations, load_indicators


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The library and the catalogue, as `explain_move` takes them; `recalibration` is the file of one, if any."""

    library: tuple[Template, ...]
    indicators: tuple[Indicator, ...]
    asset_classes: tuple[AssetClass, ...]
    derivations: tuple[Derivation, ...]
    method: Method
    recalibration: Path | None = None

    def hows(self, indicator: str) -> set[How]:
        """How a series of this indicator has to be laid on the sessions for what is derived from it."""
        return {how for one in self.derivations if indicator in one.reads for how in DERIVED[one.function][1]}


def load_knowledge(own: Path | None = None, *, recalibration: Path | None = None) -> Knowledge:
    """Everything that ships with the product, and a user's own templates of the folder `own`.

    `recalibration` is the file that is looked at with each explanation; it need not be there yet.

    Raises InvalidTemplateError, RecordRejectedError.
    """
    return Knowledge(
        library=with_own(load_library(), own),
        indicators=tuple(_indicator(part) for part in load_indicators()),
        asset_classes=tuple(AssetClass(**_values(part, AssetClass)) for part in load_asset_classes()),
        derivations=tuple(Derivation(**_values(part, Derivation)) for part in load_derivations()),
        method=Method(),
        recalibration=recalibration,
    )


def with_own(bundled: Sequence[Template], folder: Path | None) -> tuple[Template, ...]:
    """The bundled templates and those of a folder. Raises InvalidTemplateError, also for an id that is taken."""
    own = () if folder is None or not folder.is_dir() else load_library(folder)
    taken = {template.id.casefold() for template in bundled}
    for template in own:
        if template.id.casefold() in taken:
            raise InvalidTemplateError(f"{template.id}.yaml", "id", f"{template.id!r} is that of a bundled template")
    return (*bundled, *own)


def _indicator(part: object) -> Indicator:
    values = _values(part, Indicator)
    values["scales"] = tuple(Scale(unit=scale.unit, size=scale.size) for scale in values["scales"])
    return Indicator(**values)


def _values(part: object, target: type[Indicator] | type[AssetClass] | type[Derivation]) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(target)}
