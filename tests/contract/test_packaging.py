"""What is installed is the four packages with their data, and no other distribution takes one of their names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = {"api", "graph", "causal", "ingest"}
DATA = {
    "graph": ("queries/*.cypher",),
    "causal": ("templates/*.yaml",),
    "ingest": ("*.yaml", "indicators/*.yaml", "cases/*.yaml", "documents/*/*.yaml", "examples/*"),
    "api": (),
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the wheel, by name."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_four_packages_and_nothing_else(content: dict[str, bytes]) -> None:
    tops = {PurePosixPath(name).parts[0] for name in content}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert sum(top.endswith(".dist-info") for top in tops) == 1


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_package_ships_its_modules_its_data_and_its_types(package: str, content: dict[str, bytes]) -> None:
    wanted = {file for pattern in ("**/*.py", *DATA[package]) for file in (ROOT / package).glob(pattern)}
    wanted.add(ROOT / package / "py.typed")
    missing = {file.relative_to(ROOT).as_posix() for file in wanted} - content.keys()
    assert not missing
    for pattern in DATA[package]:
        assert list((ROOT / package).glob(pattern)), pattern


def test_the_wheel_carries_no_caches(content: dict[str, bytes]) -> None:
    assert not [name for name in content if "__pycache__" in name or name.endswith(".pyc")]


def test_the_wheel_declares_command_licence_and_that_it_is_private(content: dict[str, bytes]) -> None:
    named = {name.split(".dist-info/", 1)[-1]: text.decode() for name, text in content.items() if ".dist-info/" in name}
    assert "whymove = api.cli:main" in named["entry_points.txt"]
    assert "License-Expression: Apache-2.0" in named["METADATA"]
    assert "Private :: Do Not Upload" in named["METADATA"]
    assert named["licenses/LICENSE"] == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_no_other_distribution_ships_one_of_the_names() -> None:
    for found in distributions():
        if found.name != "whymove":
            tops = {PurePosixPath(str(file)).parts[0].removesuffix(".py") for file in found.files or ()}
            assert not tops & PACKAGES, found.name


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"])
def test_locks_pin_every_requirement_by_hash_and_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_holds_every_declared_dependency() -> None:
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=\[ ;]", need, maxsplit=1)[0].lower() for need in project["dependencies"]}
    assert declared
    assert declared <= locked


def test_nothing_that_is_shipped_is_under_a_licence_that_binds_the_whole() -> None:
    locked = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.M)
    marked = {"colorama", "pywin32"}  # Windows only
    for name in sorted(set(locked) - marked):
        facts = distribution(name).metadata
        words = [facts.get("License-Expression") or "", *(facts.get_all("Classifier") or [])]
        licence = " ".join(word for word in words if word == words[0] or word.startswith("License ::"))
        assert not re.search(r"\bA?GPL|Affero|GNU General", licence), f"{name}: {licence}"
