"""The claims of the example of a document, changed at will, and what became of them.

What the example tells beside its claims (roles, events, stories) is left out: its own tests are on the second article.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.documents import DocumentLoad, load_document
from ingest.errors import RecordRejectedError

EXAMPLES = Path(__file__).parents[1] / "ingest" / "examples"
TEXT = EXAMPLES / "document.txt"
META = EXAMPLES / "document.yaml"
TOLD = (
    *("roles", "venues", "legs", "strategies", "zones", "positions", "events", "moves", "scenarios", "series"),
    *("narratives", "arguments", "forecasts", "gaps"),
)
Change = Callable[[dict[str, Any]], None]


def described(folder: Path, change: Change = lambda _: None, name: str = "document.yaml") -> Path:
    """The example's description as a file, changed."""
    data: dict[str, Any] = yaml.safe_load(META.read_text(encoding="utf-8"))
    for told in TOLD:
        data.pop(told, None)
    change(data)
    path = folder / name
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def load(folder: Path, change: Change = lambda _: None, *, text: Path | None = TEXT) -> DocumentLoad:
    """The example, changed, as it is loaded."""
    return load_document(described(folder, change), text)


def refused(folder: Path, change: Change, *, text: Path | None = TEXT) -> dict[str, str]:
    """Place -> reason of all that is wrong with a changed example."""
    with pytest.raises(RecordRejectedError) as caught:
        load(folder, change, text=text)
    return {one.path: one.reason for one in caught.value.rejections}


def claim(data: dict[str, Any], id_: str) -> dict[str, Any]:
    """One claim of a description, to be changed."""
    found: dict[str, Any] = next(one for one in data["claims"] if one["id"] == id_)
    return found


def hashed(data: dict[str, Any]) -> None:
    """Replace the words to find by spans with hashes, and hash the text: what is shipped where words may not be."""
    whole = load_document(META, TEXT)
    spans = {node.id.split(":")[1]: node.properties for node in whole.batch.nodes if node.label == "Passage"}
    data["passages"] = [
        {"id": name, "start": one["start"], "end": one["end"], "sha256": one["content_hash"]}
        for name, one in spans.items()
    ]
    (document,) = (node for node in whole.batch.nodes if node.id == whole.id)
    data["document"]["sha256"] = document.properties["content_sha256"]
