"""What README and ARCHITECTURE name exists, and what a user can say or set is named there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from api.app import create_app
from api.cli import app
from api.settings import PREFIX, Settings
from causal.library import load_template
from ingest.catalog import load_indicators
from ingest.tablemap import load_map

ROOT = Path(__file__).parent.parent.parent
PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "deploy/secrets/README.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAGES}
README, MAP = TEXTS["README.md"], TEXTS["ARCHITECTURE.md"]
FOR_TESTS = re.compile(r"WHYMOVE_(TEST_|REQUIRE_)")
Options = frozenset[str]

every_page = pytest.mark.parametrize("page", PAGES)


def commands() -> dict[str, Options]:
    """Each command with its options; of a group, its commands by both names."""
    found: dict[str, Options] = {}
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        for below, part in getattr(command, "commands", {"": command}).items():
            options = {option for one in part.params for option in one.opts if option.startswith("--")}
            found[f"{name} {below}".strip()] = frozenset({*options, "--help"})
    return found


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, flags=re.M))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.M | re.S)


def settings_table() -> dict[str, str]:
    return dict(re.findall(rf"^\| `({PREFIX}[A-Z_]+)` \| ([^|]+) \|", README, flags=re.M))


def test_every_setting_is_in_the_table_of_the_readme_and_nothing_else_is() -> None:
    assert set(settings_table()) == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_the_defaults_in_the_readme_are_those_of_the_code() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        told = table[f"{PREFIX}{name.upper()}"]
        if field.default_factory is None:
            assert told == f"`{field.default}`" if field.default is not None else told.startswith("none"), name


@pytest.mark.parametrize("page", [*PAGES, "Makefile", "Dockerfile", "docker-compose.yml"])
def test_every_variable_that_is_named_is_a_setting(page: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*\b", (ROOT / page).read_text(encoding="utf-8")))
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert not {name for name in named - known if not FOR_TESTS.match(name)}


def test_every_command_is_in_the_readme() -> None:
    assert set(re.findall(r"^\| `whymove ([a-z -]+)` \|", README, flags=re.M)) == set(commands())


@every_page
def test_every_command_and_option_that_is_named_exists(page: str) -> None:
    known = commands()
    for line in re.findall(r"(?:^|`)whymove ([a-z][^`\n#]*)", TEXTS[page], flags=re.M):
        name = next((one for one in known if f"{line} ".startswith(f"{one} ")), None)
        assert name is not None, line
        options = set(re.findall(r"(?<!\S)--[a-z-]+", line.split('"')[0]))
        assert options <= known[name], line


@every_page
def test_every_target_that_is_named_can_be_made(page: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXTS[page], flags=re.M))
    assert named <= targets()


def test_every_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.M)
    assert phony is not None
    assert set(phony[1].split()) == targets()


def test_the_readme_gives_the_two_commands() -> None:
    assert "```\nmake explain\n```" in README
    assert "```\nmake test\n```" in README


@every_page
def test_every_link_leads_to_a_file(page: str) -> None:
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#\s]+)\)", TEXTS[page]):
        if "://" not in link:
            assert (folder / link).exists(), link


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md"])
def test_every_path_that_is_named_exists(page: str) -> None:
    still_to_come = {"ingest/connectors/"}
    for path in re.findall(r"`((?:api|graph|causal|ingest|tests|tools|openapi|deploy)/[^`<*\s]*)`", TEXTS[page]):
        assert path in still_to_come or (ROOT / path).exists(), path


def test_every_route_in_the_readme_exists(tmp_path: Path) -> None:
    paths = set(create_app(Settings(data=tmp_path)).openapi()["paths"])
    named = set(re.findall(r"/v1/[a-z-]+|/healthz|/readyz", README))
    assert {"/v1/explanations", "/healthz", "/readyz"} <= named <= paths


def test_the_template_of_the_readme_is_one_that_the_library_takes(tmp_path: Path) -> None:
    (block,) = (one for one in blocks("yaml") if "steps:" in one)
    file = tmp_path / "T21.yaml"
    file.write_text(block, encoding="utf-8")
    template = load_template(file)
    known = {indicator.name for indicator in load_indicators()}
    assert {prediction.indicator for step in template.steps for prediction in step.predictions} <= known


def test_the_mapping_of_the_readme_holds_together(tmp_path: Path) -> None:
    (block,) = (one for one in blocks("yaml") if "files:" in one)
    file = tmp_path / "readme.map.yaml"
    file.write_text(block, encoding="utf-8")
    assert [one.part.file for one in load_map(file).plans] == ["spy_*.csv"]


def test_every_dependency_has_a_sentence_and_every_sentence_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
        *project["dependency-groups"]["build"],
    ]
    names = {re.split(r"[<>=\[ ;]", need, maxsplit=1)[0].lower() for need in declared} - {"whymove"}
    told = re.findall(r"^\| `([a-z0-9-]+)` \| \S.*\|$", MAP.split("## Dependencies")[1], flags=re.M)
    assert sorted(told) == sorted(names)


def test_the_decisions_are_dated() -> None:
    rows = re.findall(r"^\| (\S+) \|(?:[^|]+\|){4}$", MAP.split("## Decisions")[1].split("## ")[0], flags=re.M)
    dates = [row for row in rows if re.fullmatch(r"\d{4}-\d\d-\d\d", row)]
    assert len(dates) >= 5
    assert dates == sorted(dates)
