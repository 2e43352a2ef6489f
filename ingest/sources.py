"""Finds the connectors: a folder of `ingest/connectors/` with a `source.yaml` and a `connector.py` is one.

Nothing registers them, and none is loaded before it is asked for.
"""

from __future__ import annotations

import difflib
import hashlib
from importlib import import_module
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from ingest.bodies import Held
from ingest.catalog import load_indicators
from ingest.connecting import Connector, Payload
from ingest.errors import RecordRejectedError, Rejection, UnknownSourceError
from ingest.refusals import refusals
from ingest.sourceformat import SamplePart, SourceFile
from ingest.yamlfile import read_mapping

FOLDER = Path(__file__).parent / "connectors"
_WHAT = "a source is a mapping that begins with schema_version: 1"


def source_names() -> tuple[str, ...]:
    """The names of all connectors, in order."""
    return tuple(sorted(file.parent.name for file in FOLDER.glob("*/source.yaml")))


def load_source(name: str) -> SourceFile:
    """What a connector says of its source. Raises UnknownSourceError, RecordRejectedError (file, path, reason)."""
    path = _folder(name) / "source.yaml"
    data = read_mapping(path, _WHAT)
    try:
        source = SourceFile.model_validate(data)
    except ValidationError as error:
        raise RecordRejectedError(tuple(refusals(path, data, error, SourceFile))) from error
    broken = list(source.broken())
    if source.name != path.parent.name:
        broken.append(("name", f"{source.name!r} belongs into a folder of that name, not into {path.parent.name}"))
    indicators = {one.name for one in load_indicators()}
    for n, one in enumerate(source.series):
        if one.indicator not in indicators:
            near = ", ".join(difflib.get_close_matches(one.indicator, indicators)) or "ingest/indicators/"
            broken.append((f"series[{n}].indicator", f"{one.indicator!r} is not known; see {near}"))
    if broken:
        raise RecordRejectedError(tuple(Rejection(file=str(path), path=at, reason=why) for at, why in broken))
    return source


def load_connector(name: str) -> Connector:
    """The connector of a name, loaded when asked for. Raises UnknownSourceError."""
    _folder(name)
    return cast("Connector", import_module(f"ingest.connectors.{name}.connector"))


def sample_payloads(name: str) -> tuple[Payload, ...]:
    """The payloads of `sample/index.yaml`: numbers of our own making, in the shape that the source documents.

    An entry is {file, path, params, context, content_type, fetched_at}, and `host` where the source has several.
    Raises UnknownSourceError, RecordRejectedError.
    """
    source, folder = load_source(name), _folder(name) / "sample"
    data = read_mapping(folder / "index.yaml", "samples are listed under `payloads`")
    try:
        entries = TypeAdapter(tuple[SamplePart, ...]).validate_python(data.get("payloads"))
    except ValidationError as error:
        said = refusals(folder / "index.yaml", data, error, tuple[SamplePart, ...])
        raise RecordRejectedError(tuple(said)) from error
    return tuple(_sample(source, one, (folder / one.file).read_bytes()) for one in entries)


def _sample(source: SourceFile, one: SamplePart, content: bytes) -> Payload:
    return Payload(
        source=source.name,
        url=(source.hosts[one.host] if one.host else next(iter(source.hosts.values()))) + one.path,
        params=tuple(one.params.items()),
        fetched_at=one.fetched_at,
        status=200,
        content_type=one.content_type,
        body=Held(content),
        content_hash=f"sha256:{hashlib.sha256(content).hexdigest()}",
        context=one.context,
    )


def _folder(name: str) -> Path:
    known = source_names()
    if name not in known:
        raise UnknownSourceError(name, tuple(difflib.get_close_matches(name, known)) or known)
    return FOLDER / name
