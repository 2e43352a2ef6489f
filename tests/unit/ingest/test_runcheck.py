"""What a payload says twice has to be the same, before any of it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.connecting import Parsed, Point
from ingest.errors import SourceChangedError
from ingest.runcheck import Tally
from ingest.sources import load_connector, load_source, sample_payloads

SOURCE = load_source("coinbase")
PAYLOAD = sample_payloads("coinbase")[0]
POINT: Point = load_connector("coinbase").parse(PAYLOAD, SOURCE).points[0]
OTHER = replace(POINT, value=POINT.value + 1)


def test_one_value_twice_is_counted_twice_and_no_fault() -> None:
    tally = Tally(SOURCE)
    tally.add(PAYLOAD, Parsed(points=[POINT, POINT]))
    assert tally.points.total() == 2


def test_two_values_of_one_instant_in_one_payload_are_refused() -> None:
    with pytest.raises(SourceChangedError, match="says two values of"):
        Tally(SOURCE).add(PAYLOAD, Parsed(points=[POINT, OTHER]))


def test_values_of_another_publication_or_another_payload_are_revisions() -> None:
    tally = Tally(SOURCE)
    later = replace(OTHER, known_at=POINT.at + timedelta(days=1))
    tally.add(PAYLOAD, Parsed(points=[POINT, later]))
    tally.add(PAYLOAD, Parsed(points=[OTHER]))
    assert tally.points.total() == 3
