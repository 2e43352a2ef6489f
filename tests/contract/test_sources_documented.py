"""README and docs/sources.md name every source, with the key and the licence of its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.sources import load_source, source_names

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", source_names())
def test_a_source_is_documented_as_its_file_says(name: str) -> None:
    source = load_source(name)
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{name}` |") and line.count("|") == 6]
    key = "none" if source.key is None else "required" if source.key.required else "optional"
    assert [cell.strip() for cell in row.split("|")][3:5] == [key, source.licence]
    assert f"\n### `{name}`" in PAGE
