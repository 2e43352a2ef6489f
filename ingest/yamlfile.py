"""Reads a YAML file of plain values strictly: what YAML would let pass in silence, a key given twice, is an error."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ingest.errors import RecordRejectedError, Rejection

if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(_Base):
    """No custom tags (they are no safe ones), no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is given twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_mapping(
    path: Path, what: str = "a case file is a mapping that begins with schema_version: 1"
) -> dict[str, Any]:
    """The file's mapping, its lists as tuples; `what` tells whoever gives something else what it should be.

    Raises RecordRejectedError where the file cannot be read, is no YAML, uses an anchor or is no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _refused(path, "(file)", f"is not in UTF-8 (byte {error.start}): save it in that encoding") from error
    except OSError as error:
        raise _refused(path, "(file)", f"cannot be read: {error}") from error
    try:
        for event in yaml.parse(text, Loader=_PlainLoader):
            if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
                raise _refused(path, _place(event.start_mark), "anchors and aliases are not allowed: write it out")
        data = yaml.load(text, Loader=_PlainLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = f"not valid YAML: {getattr(error, 'problem', None) or error}"
        raise _refused(path, _place(getattr(error, "problem_mark", None)), reason) from error
    if not isinstance(data, dict):
        raise _refused(path, "(file)", what)
    return {str(key): _tuples(one) for key, one in data.items()}


def _refused(path: Path, place: str, reason: str) -> RecordRejectedError:
    return RecordRejectedError((Rejection(file=str(path), path=place, reason=reason),))


def _place(mark: object) -> str:
    """The place of a mark, which the two parsers of the library make as classes of their own."""
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return "(file)" if line is None or column is None else f"line {line + 1}, column {column + 1}"


def _tuples(value: object) -> object:
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return value
