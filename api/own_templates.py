"""A user's own templates: one YAML file each in a folder, beside the bundled ones in every explanation.

Files are enough for one machine: they are read like the bundled ones, can be edited and copied by hand, and are seen by
all processes of it. Earlier versions stay in `versions/`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import structlog
import yaml

from api.errors import TemplateRefusedError, TemplateTakenError, UnknownResourceError
from api.knowledge import Knowledge, with_own
from causal.errors import InvalidTemplateError
from causal.library import read_template
from causal.model import Template
from ingest.tablewriting import write_file

VERSIONS = "versions"
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_log = structlog.get_logger("templates")
Content = Mapping[str, object]


class OwnTemplates:
    """The folder of own templates, beside the bundled ones."""

    def __init__(self, folder: Path, bundled: Sequence[Template], indicators: Collection[str]) -> None:
        self.folder = folder
        self.bundled = tuple(bundled)
        self.indicators = frozenset(indicators)
        self.ids: frozenset[str] = frozenset()
        self._seen: int | None = None

    @classmethod
    def beside(cls, knowledge: Knowledge, folder: Path) -> OwnTemplates:
        """Those of a folder, beside what ships."""
        return cls(folder, knowledge.library, {indicator.name for indicator in knowledge.indicators})

    def looked_into(self, knowledge: Knowledge) -> Knowledge:
        """The same knowledge, with what changed in the folder since the last look; one look at the folder."""
        return replace(knowledge, library=self.library()) if self.changed() else knowledge

    def changed(self) -> bool:
        """Whether the folder is another one than at the last `library()`."""
        return self._mark() != self._seen

    def library(self) -> tuple[Template, ...]:
        """All templates with the own ones; without these, and with a line in the log, where a file is broken."""
        self._seen = self._mark()
        try:
            found = with_own(self.bundled, self.folder)
        except InvalidTemplateError as fault:
            _log.error("templates.refuse", reason=str(fault))
            found = self.bundled
        self.ids = frozenset(template.id for template in found[len(self.bundled) :])
        return found

    def check(self, content: Content) -> Template:
        """The template that a body holds. Raises TemplateRefusedError naming every fault."""
        name = str(content.get("id", ""))
        if not _ID.fullmatch(name):
            raise TemplateRefusedError([("id", "is 1 to 40 letters, digits, _ and -, of which the first is a letter")])
        found = read_template(dict(content), name)
        faults = list(self._strangers(found)) if isinstance(found, Template) else found
        if isinstance(found, Template) and not faults:
            return found
        raise TemplateRefusedError(faults)

    def create(self, content: Content) -> Template:
        """Keep a new template. Raises TemplateRefusedError, TemplateTakenError."""
        template = self.check(content)
        self._not_bundled(template.id)
        if self._path(template.id).exists():
            raise TemplateTakenError(f"{template.id!r} is one of your own; change it by PUT, or choose another id")
        self._write(content)
        return template

    def replace(self, name: str, content: Content) -> Template:
        """Keep a new version of a template, and the one before it in `versions/`.

        Raises TemplateRefusedError, TemplateTakenError for a bundled one, UnknownResourceError.
        """
        self._not_bundled(name)
        before = self.read(name)
        template = self.check(content)
        if template.id != name:
            raise TemplateRefusedError([("id", f"is {template.id!r}, the address says {name!r}")])
        if template.version == before["version"]:
            raise TemplateRefusedError([("version", f"is {template.version!r} like the one before; give a new one")])
        kept = self.folder / VERSIONS / f"{name}@{re.sub(r'[^A-Za-z0-9._-]', '_', str(before['version']))}.yaml"
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_file(kept, _yaml(before))
        self._write(content)
        return template

    def delete(self, name: str) -> None:
        """Remove an own template. Raises TemplateTakenError for a bundled one, UnknownResourceError."""
        self._not_bundled(name)
        self.read(name)
        self._path(name).unlink(missing_ok=True)

    def read(self, name: str) -> dict[str, object]:
        """What the file of an own template holds. Raises UnknownResourceError."""
        path = self._path(name)
        if not _ID.fullmatch(name) or not path.is_file():
            raise UnknownResourceError("template", name, tuple(sorted(self.ids)))
        content: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return content

    def _strangers(self, template: Template) -> Iterator[tuple[str, str]]:
        for place, step in enumerate(template.steps):
            for number, one in enumerate(step.predictions):
                if one.indicator not in self.indicators:
                    yield f"steps.{place}.predictions.{number}.indicator", f"{one.indicator!r} is not in the catalog"

    def _not_bundled(self, name: str) -> None:
        if name.casefold() in {template.id.casefold() for template in self.bundled}:
            raise TemplateTakenError(f"{name!r} is bundled, and only your own can be changed; choose another id")

    def _write(self, content: Content) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_file(self._path(str(content["id"])), _yaml(content))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.yaml"

    def _mark(self) -> int | None:
        try:
            return self.folder.stat().st_mtime_ns  # a file that is put in, replaced or removed changes its folder
        except OSError:
            return None


def _yaml(content: Content) -> bytes:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=120).encode()
