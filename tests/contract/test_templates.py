"""The templates speak of indicators that the catalogue knows: two packages that must not import each other agree."""

from __future__ import annotations

from causal.library import load_library
from ingest.catalog import load_indicators


def test_every_indicator_that_a_template_predicts_is_in_the_catalogue() -> None:
    known = {indicator.name for indicator in load_indicators()}
    for template in load_library():
        told = {prediction.indicator for step in template.steps for prediction in step.predictions}
        assert told <= known, (template.id, told - known)


def test_what_happens_or_not_is_never_predicted_down_or_flat() -> None:
    events = {indicator.name for indicator in load_indicators() if indicator.kind != "measure"}
    for template in load_library():
        for step in template.steps:
            for told in step.predictions:
                happens = told.direction in ("occurs", "absent", "up")
                assert happens or told.indicator not in events, (template.id, told.indicator, told.direction)
