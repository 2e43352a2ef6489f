"""What the containers are told is understood: Neo4j knows each of its settings, and the service's command is healthy.

No container runs here. The settings are given to a Neo4j of the same version, and the service's own command and health
check are run as processes with the variables of its container.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.endpoint import Endpoint
from tests.neo4j.server import VERSION, CannotStartError, install

ROOT = Path(__file__).parent.parent.parent
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))[
    "services"
]


def setting_of(variable: str) -> str:
    """The image's rule: an underscore is a dot, two are an underscore."""
    return variable.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")


def settings_of_the_container() -> str:
    given = SERVICES["neo4j"]["environment"].items()
    return "\n".join(f"{setting_of(name)}={value}" for name, value in given if not name.endswith("_FILE"))


def judged(home: Path, settings: str) -> subprocess.CompletedProcess[str]:
    """What Neo4j's own check says of these settings."""
    java = shutil.which("java")
    try:
        jars = install()
        if java is None:
            raise CannotStartError("java is not installed")
    except CannotStartError as error:
        if os.environ.get("CI") or os.environ.get("WHYMOVE_REQUIRE_NEO4J"):
            pytest.fail(f"a real Neo4j is required here: {error}")
        pytest.skip(f"no Neo4j: {error}")
    for name in ("conf", "data", "logs", "run", "plugins", "import", "licenses"):
        (home / name).mkdir(exist_ok=True)
    (home / "conf" / "neo4j.conf").write_text(settings, encoding="utf-8")
    boot = "org.neo4j.server.startup.Neo4jAdminBoot"
    return subprocess.run(
        [java, "-Xmx256m", f"-Dbasedir={home}", "-cp", f"{jars}/*", boot, "server", "validate-config"],
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_container_has_the_version_that_is_tested() -> None:
    assert SERVICES["neo4j"]["image"] == f"neo4j:{VERSION}-community"


def test_neo4j_knows_every_setting_of_the_container(tmp_path: Path) -> None:
    done = judged(tmp_path, settings_of_the_container())
    assert "No issues found" in done.stdout, done.stdout
    misspelt = judged(tmp_path, settings_of_the_container().replace("transaction.timeout", "transaction.timeoutt"))
    assert "db.transaction.timeoutt" in misspelt.stdout + misspelt.stderr


async def test_the_service_is_healthy_with_the_variables_of_its_container(
    neo4j_endpoint: Endpoint, tmp_path: Path
) -> None:
    secret = tmp_path / "neo4j_auth"
    secret.write_text(f"{neo4j_endpoint.user}/{neo4j_endpoint.password}\n", encoding="utf-8")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        **dict(re.findall(r"\b(WHYMOVE_[A-Z_]+)=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"))),
        **SERVICES["api"]["environment"],
        # what differs outside of a container: where the graph, the secret and the data are, and who may call
        "WHYMOVE_GRAPH_URL": neo4j_endpoint.url,
        "WHYMOVE_GRAPH_PASSWORD_FILE": str(secret),
        "WHYMOVE_DATA": str(tmp_path / "data"),
        "WHYMOVE_HOST": "127.0.0.1",
        "WHYMOVE_PORT": str(port),
    }
    service = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sys; from api.cli import main; sys.exit(main(['serve']))",
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        command = SERVICES["api"]["healthcheck"]["test"][-1].replace(":8000/", f":{port}/")
        assert await first_success(command, tries=60) == 0
    finally:
        service.terminate()
        await asyncio.wait_for(service.wait(), 20)
    assert await first_success(command, tries=1) != 0, "a dead service has to be unhealthy"


async def first_success(command: str, tries: int) -> int:
    """The last exit code of a health check that is tried until it succeeds."""
    code = 1
    for _ in range(tries):
        check = await asyncio.create_subprocess_exec(sys.executable, "-c", command, stderr=asyncio.subprocess.DEVNULL)
        code = await check.wait()
        if code == 0:
            break
        await asyncio.sleep(0.5)
    return code


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
