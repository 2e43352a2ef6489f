"""The minimal case of the exchange format, as text to be changed by tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from graph.model import Batch, Node

OWN = {"publisher": "own records", "title": "daily closes", "url": None, "published": None, "kind": "data"}
MINIMAL = """
schema_version: 1
id: 2026-03-12-example
title: Example Corp, 12 March 2026
move:
  instrument: exmp
  start: 2026-03-11
  end: 2026-03-12
  return: -0.18
  return_unit: fraction
  measure: close to close
  source: {publisher: own records, title: daily closes, url: null, published: null, kind: data}
instruments:
  - {id: exmp, name: Example Corp common stock, type: equity, identifiers: {ticker: EXMP}}
actors:
  - {id: big_holder, name: Largest shareholder, type: asset manager}
facts:
  - id: volume
    at: 2026-03-12
    known_at: 2026-03-12
    about: exmp
    indicator: trading volume
    value: 41.0
    unit: million shares
    baseline: {value: 6.0, kind: usual, text: 30-day average}
    statement: Turnover was almost seven times the usual.
    source: {publisher: own records, title: daily volumes, url: null, published: null, kind: data}
  - id: holder_sells
    at: 2026-03-12T14:30:00Z
    known_at: 2026-03-12T18:05:00Z
    about: big_holder
    indicator: block sale
    value: sold most of its stake
    unit: text
    direction: up
    statement: A news agency reports that the largest holder placed most of its stake with banks.
    source:
      {publisher: Example News (copy), title: It sells, url: null, published: '2026-03', kind: press, via: a.example}
    reliability: {grade: C, credibility: 3, why: unnamed sources}
"""


def written(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Path:
    """A file of the minimal case, changed."""
    data = yaml.safe_load(MINIMAL)
    change(data)
    file = folder / "2026-03-12-example.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return file


def told(**more: object) -> dict[str, Any]:
    """A story about the minimal case."""
    step = {"n": 1, "text": "sale", "predicts": []}
    return {"id": "sold", "label": "A holder sold", "claim": "It sold.", "causal_steps": [step], **more}


def nodes(batch: Batch, label: str) -> dict[str, Node]:
    """The nodes of a label, by id."""
    return {node.id: node for node in batch.nodes if node.label == label}
