"""The description passes the linters of others: spectral without a warning, redocly without an error.

They are programs of node, at the versions of `tools/openapi-lint/package-lock.json`. Without node the test is skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from api.openapi import description_text

FOLDER = Path(__file__).parent.parent.parent / "tools" / "openapi-lint"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def run(*command: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    environment = os.environ | QUIET
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=280
    )


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the linters' programs, installed where they are not yet."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node: the description is not linted by spectral and redocly")
    found, lock = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if not found.exists() or found.stat().st_mtime < lock.stat().st_mtime:
        done = run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        if done.returncode != 0 and not os.environ.get("CI"):
            pytest.skip(f"the linters cannot be installed: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr
    return FOLDER / "node_modules" / ".bin"


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("lint") / "openapi.yaml"
    file.write_text(description_text(), encoding="utf-8")
    return file


def spectral(programs: Path, file: Path) -> subprocess.CompletedProcess[str]:
    return run(str(programs / "spectral"), "lint", "--ruleset", ".spectral.yaml", "--fail-severity=warn", str(file))


def redocly(programs: Path, file: Path) -> subprocess.CompletedProcess[str]:
    return run(str(programs / "redocly"), "lint", "--config", "redocly.yaml", str(file))


def test_spectral_has_no_warning(programs: Path, description: Path) -> None:
    done = spectral(programs, description)
    assert done.returncode == 0, done.stdout + done.stderr


def test_redocly_has_no_error(programs: Path, description: Path) -> None:
    done = redocly(programs, description)
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_find_what_is_wrong(programs: Path, description: Path, tmp_path: Path) -> None:
    broken = yaml.safe_load(description.read_text(encoding="utf-8"))
    del broken["paths"]["/v1/templates"]["get"]["operationId"]
    broken["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"] += "X"
    file = tmp_path / "broken.yaml"
    file.write_text(yaml.safe_dump(broken), encoding="utf-8")
    assert "operation-operationId" in spectral(programs, file).stdout
    assert redocly(programs, file).returncode != 0
