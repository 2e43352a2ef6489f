"""Rules of the tree that no linter knows: what is read where, what a committed file may name, how files are called."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tools import size_limits

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("api", "graph", "causal", "ingest")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
GENERATED = {"requirements.lock", "requirements-dev.lock", "requirements-build.lock", "LICENSE"}
CODE = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))

every_module = pytest.mark.parametrize("file", CODE, ids=lambda file: file.relative_to(ROOT).as_posix())


def committed() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git clone: which files are committed is not known")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        file.relative_to(ROOT).as_posix()
        for file in CODE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
    }
    assert readers == {"api/settings.py"}


@every_module
def test_a_module_says_why_it_exists_and_has_a_name_of_its_own(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), "no docstring"
    assert file.stem not in VAGUE


def test_no_chain_of_init_files_under_tests() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_limits_count_code_and_not_words(tmp_path: Path) -> None:
    long = [f"    x{i} = {i}" for i in range(size_limits.FUNCTION_LINES)]
    short = [*[f"    x{i} = {i}" for i in range(5)], *["", "    # a remark"] * 30]
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "one.py").write_text("\n".join(["def f():", '    """Says."""', *long]), encoding="utf-8")
    (tmp_path / "api" / "two.py").write_text("\n".join(["def g():", '    """Says."""', *short]), encoding="utf-8")
    (tmp_path / "api" / "three.py").write_text("x = 1\n" * (size_limits.FILE_LINES + 1), encoding="utf-8")
    found = list(size_limits.too_long(tmp_path))
    assert [line.split(":")[0] for line in found] == ["api/one.py", "api/three.py"]


def test_committed_files_name_no_machine_and_no_key() -> None:
    # The patterns are put together from parts, so that this file does not match itself.
    patterns = {
        "a path of one machine": "/" + "(work|home/[a-z]|root|Users)/",
        "a package registry's host": "pypi" + r"\.org|files\.python" + r"hosted\.org|repo1?\.maven" + r"\.apache\.org",
        "a private key": "-----BEGIN " + "[A-Z ]*PRIVATE KEY",
        "a note to do later": r"\b(TO" + "DO|FIX" + r"ME)\b",
    }
    found = [
        f"{file.relative_to(ROOT)}: {what}"
        for file in committed()
        if file.name not in GENERATED
        for what, pattern in patterns.items()
        if re.search(pattern, file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found


def test_no_committed_file_is_a_secret_or_data() -> None:
    names = [file.relative_to(ROOT).as_posix() for file in committed()]
    assert [name for name in names if name.startswith("deploy/secrets/")] == ["deploy/secrets/README.md"]
    assert not [name for name in names if re.search(r"(^|/)(\.env|passwords\.json|server\.json)$|\.(pem|key)$", name)]


def test_the_ci_script_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text(encoding="utf-8")
