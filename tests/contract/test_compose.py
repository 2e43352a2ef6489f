"""The two-container set-up keeps its rules: pinned, limited, unprivileged, closed to the outside, no password in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
CONTENT: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = CONTENT["services"]

every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def beside_python(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def bytes_of(text: str) -> int:
    factor = {"m": 1 << 20, "g": 1 << 30}[text[-1]]
    return int(text[:-1]) * factor


def test_it_follows_the_compose_specification(tmp_path: Path) -> None:
    check = (beside_python("check-jsonschema"), "--builtin-schema", "vendor.compose-spec")
    done = run(*check, str(COMPOSE))
    assert done.returncode == 0, done.stdout
    misspelt = tmp_path / "compose.yml"
    misspelt.write_text(COMPOSE.read_text(encoding="utf-8").replace("healthcheck:", "healthchek:"), encoding="utf-8")
    assert run(*check, str(misspelt)).returncode == 1, "a misspelt key has to be found"


def test_the_dockerfile_passes_its_linter() -> None:
    done = run(beside_python("hadolint"), str(DOCKERFILE))
    assert done.returncode == 0, done.stdout


def test_no_version_key_that_compose_has_given_up() -> None:
    assert "version" not in CONTENT


@every_service
def test_images_are_pinned(name: str) -> None:
    assert re.search(r":\d+\.\d+\.\d+", SERVICES[name]["image"])


def test_base_images_are_pinned_and_of_one_kind() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])


def test_image_and_composition_check_health_alike() -> None:
    check = re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.*\])", DOCKERFILE.read_text(encoding="utf-8"))
    assert check is not None
    assert ["CMD", *json.loads(check[1])] == SERVICES["api"]["healthcheck"]["test"]


@every_service
def test_each_service_is_checked_and_limited(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert service["healthcheck"]["start_period"]
    assert bytes_of(service["mem_limit"]) <= 4 << 30
    assert service["pids_limit"] <= 1024
    assert service["stop_grace_period"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@every_service
def test_each_service_runs_without_privileges(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service


def test_heap_and_page_cache_leave_room_under_the_limit() -> None:
    neo4j = SERVICES["neo4j"]
    settings = neo4j["environment"]
    used = sum(bytes_of(settings[f"NEO4J_server_memory_{key}"]) for key in ("heap_max__size", "pagecache_size"))
    assert used + (500 << 20) <= bytes_of(neo4j["mem_limit"])


def test_only_the_service_is_reachable_and_only_from_this_host() -> None:
    assert "ports" not in SERVICES["neo4j"]
    assert SERVICES["neo4j"]["networks"] == ["graph"]
    assert CONTENT["networks"]["graph"] == {"internal": True}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])


def test_the_service_cannot_write_its_own_files() -> None:
    api = SERVICES["api"]
    assert api["read_only"] is True
    folder = re.search(r"WHYMOVE_DATA=(\S+)", DOCKERFILE.read_text(encoding="utf-8"))
    assert folder is not None
    assert any(mount.startswith(f"{folder[1]}:") and "uid=10001" in mount for mount in api["tmpfs"])


def test_the_service_waits_until_the_graph_answers() -> None:
    assert SERVICES["api"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}


@every_service
def test_passwords_come_from_files_that_git_ignores(name: str) -> None:
    for key, value in SERVICES[name]["environment"].items():
        if re.search(r"AUTH|PASSWORD|SECRET|TOKEN", key):
            assert value.startswith("/run/secrets/"), key
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "deploy/secrets/*" in ignored
    assert all(secret["file"].startswith("./deploy/secrets/") for secret in CONTENT["secrets"].values())


def test_every_variable_of_the_service_is_a_setting() -> None:
    named = set(SERVICES["api"]["environment"])
    named |= set(re.findall(rf"\b({PREFIX}[A-Z_]+)=", DOCKERFILE.read_text(encoding="utf-8")))
    assert named <= {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    assert len(named) >= 6


def test_the_graph_server_keeps_its_limits() -> None:
    settings = SERVICES["neo4j"]["environment"]
    assert settings["NEO4J_dbms_security_allow__csv__import__from__file__urls"] == "false"
    assert settings["NEO4J_internal_dbms_cypher__ip__blocklist"] == "0.0.0.0/0,::/0"
    assert settings["NEO4J_dbms_security_procedures_allowlist"], "an empty value would be ignored and allow everything"
    assert settings["NEO4J_db_transaction_timeout"] == "30s"
    assert bytes_of(settings["NEO4J_db_memory_transaction_max"]) <= 256 << 20
