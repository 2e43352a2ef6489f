"""The library is whole, and a template that does not hold together is refused with the place and the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from causal.errors import InvalidTemplateError, UnknownTemplateError
from causal.library import FOLDER, get_template, load_library, load_template

LIBRARY = load_library()
WHOLE: dict[str, Any] = {
    "id": "T01",
    "version": "1",
    "title": "A story",
    "summary": "A story for tests.",
    "slots": ["catalyst"],
    "move_direction": "down",
    "roles": [{"name": "asset"}, {"name": "fund", "of": "asset", "via": ["<tracks"], "kinds": ["etf"]}],
    "steps": [
        {
            "n": 1,
            "text": "It happens",
            "predictions": [{"indicator": "trading volume", "role": "fund", "direction": "up"}],
        }
    ],
    "variants": ["one: a variant"],
}


def stored(folder: Path, data: object, name: str = "T01.yaml") -> Path:
    path = folder / name
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")
    return path


def test_all_twenty_templates_load_in_the_order_of_their_ids() -> None:
    assert [template.id for template in LIBRARY] == [f"T{n:02d}" for n in range(1, 21)]


@pytest.mark.parametrize("template", LIBRARY, ids=lambda template: template.id)
def test_a_template_of_the_library_tells_and_sources_a_whole_story(template: Any) -> None:
    assert len(template.steps) >= 3
    assert len([p for step in template.steps for p in step.predictions]) >= 8
    assert template.precedents
    assert template.references
    assert any(step.necessity == "essential" for step in template.steps)
    assert any(step.contradicted_by for step in template.steps)


@pytest.mark.parametrize("template", LIBRARY, ids=lambda template: template.id)
def test_no_template_predicts_only_the_move_itself(template: Any) -> None:
    told = [p for step in template.steps for p in step.predictions]
    assert not [p for p in told if p.role == "asset" and p.indicator == "spot return" and p.window == "during"]


@pytest.mark.parametrize("template", LIBRARY, ids=lambda template: template.id)
def test_every_role_is_predicted_of_or_leads_to_another(template: Any) -> None:
    used = {p.role for step in template.steps for p in step.predictions}
    used |= {role.of for role in template.roles} | {other for role in template.roles for other in role.apart}
    assert {role.name for role in template.roles} <= used | {"asset"}


def test_a_whole_file_loads(tmp_path: Path) -> None:
    template = load_template(stored(tmp_path, WHOLE))
    assert template.roles[1].via == ("<tracks",)
    assert template.steps[0].predictions[0].strength == "medium"
    assert load_library(tmp_path) == (template,)


def test_a_template_is_found_by_its_id() -> None:
    assert get_template(LIBRARY, "T02").id == "T02"


def test_an_unknown_id_names_near_ones() -> None:
    with pytest.raises(UnknownTemplateError, match="did you mean") as caught:
        get_template(LIBRARY, "t2")
    assert "T02" in caught.value.near


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        ({"id": "T02"}, "id", "the file name says"),
        ({"title": " "}, "title", "empty"),
        ({"slots": []}, "slots", "at least one"),
        ({"slots": ["cause"]}, "slots.0", "Input should be"),
        ({"sumary": "x"}, "sumary", "did you mean summary"),
        ({"roles": [{"name": "fund"}]}, "roles.0", "asset"),
        ({"roles": [*WHOLE["roles"], {"name": "fund", "of": "asset", "via": [""]}]}, "roles.2.name", "twice"),
        ({"roles": [*WHOLE["roles"], {"name": "x", "of": "nobody", "via": [""]}]}, "roles.2", "no earlier role"),
        ({"roles": [*WHOLE["roles"], {"name": "x"}]}, "roles.2.via", "needs a path"),
        ({"roles": [*WHOLE["roles"], {"name": "x", "via": [""]}]}, "roles.2.of", "from which role"),
        ({"roles": [*WHOLE["roles"], {"name": "x", "elsewhere": True}]}, "roles.2.kinds", "needs kinds"),
        ({"roles": [*WHOLE["roles"], {"name": "x", "of": "asset", "via": ["owns"]}]}, "roles.2.via", "no relation"),
        (
            {"roles": [*WHOLE["roles"], {"name": "x", "of": "asset", "via": [""], "kinds": ["ETF"]}]},
            "roles.2.kinds",
            "lower case",
        ),
        (
            {"roles": [*WHOLE["roles"], {"name": "x", "of": "asset", "via": ["<plays"], "plays": ["king"]}]},
            "roles.2.plays",
            "no role",
        ),
        ({"roles": [*WHOLE["roles"], {"name": "x", "of": "asset", "via": [""], "many": 0}]}, "roles.2.many", "least 1"),
        ({"roles": [{"name": "asset", "kindz": []}]}, "roles.0.kindz", "did you mean kinds"),
        ({"steps": [{"n": 1, "text": "It happens"}]}, "steps", "predict something"),
        ({"steps": [{**WHOLE["steps"][0], "n": 2}]}, "steps.0.n", "count from 1"),
        ({"steps": [{**WHOLE["steps"][0], "text": ""}]}, "steps.0.text", "empty"),
        ({"variants": ["no name"]}, "variants", "name: text"),
    ],
)
def test_what_does_not_hold_together_is_refused(
    tmp_path: Path, change: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(InvalidTemplateError, match=reason) as caught:
        load_template(stored(tmp_path, WHOLE | change))
    assert caught.value.path == place
    assert caught.value.file == "T01.yaml"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"role": "stranger"}, "steps.0.predictions.0.role"),
        ({"variant": "two"}, "steps.0.predictions.0.variant"),
        ({"direction": "sideways"}, "steps.0.predictions.0.direction"),
        ({"windov": "after"}, "steps.0.predictions.0.windov"),
    ],
)
def test_a_prediction_that_does_not_hold_together_is_refused(
    tmp_path: Path, change: dict[str, Any], place: str
) -> None:
    step = {**WHOLE["steps"][0], "predictions": [WHOLE["steps"][0]["predictions"][0] | change]}
    with pytest.raises(InvalidTemplateError) as caught:
        load_template(stored(tmp_path, WHOLE | {"steps": [step]}))
    assert caught.value.path == place


def test_a_field_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidTemplateError) as caught:
        load_template(stored(tmp_path, {key: value for key, value in WHOLE.items() if key != "summary"}))
    assert caught.value.path == "summary"


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidTemplateError):
        load_template(stored(tmp_path, text))


def test_the_bundled_folder_holds_nothing_but_templates() -> None:
    assert {path.suffix for path in FOLDER.iterdir()} == {".yaml"}
