"""A real Neo4j Community for the tests, assembled from Maven artifacts: no docker, loopback only, ended with the tests.

`python tests/neo4j/server.py` starts one and prints how to reach it; the test fixtures use `Neo4jServer` directly.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import neo4j
from neo4j import exceptions as driver_errors

HERE = Path(__file__).parent
VERSION = "5.26.30"
READY_SECONDS = 180.0
_CONFIG = """\
server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{bolt}
server.bolt.advertised_address=127.0.0.1:{bolt}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
dbms.security.allow_csv_import_from_file_urls=false
dbms.security.procedures.allowlist=
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
dbms.usage_report.enabled=false
client.allow_telemetry=false
server.memory.heap.initial_size=256m
server.memory.heap.max_size=512m
server.memory.pagecache.size=128m
db.tx_log.preallocate=false
db.transaction.timeout=120s
db.memory.transaction.max=128m
dbms.memory.transaction.total.max=256m
"""
_JVM = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How to reach the server."""

    url: str
    user: str
    password: str


class CannotStartError(Exception):
    """Why no Neo4j can be had here."""


class Neo4jServer:
    """One server on a fresh data folder."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="whymove-neo4j-"))
        self._password = secrets.token_hex(16)
        self._port = _free_port()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> Reach:
        """Install what is missing, start, and wait for an authenticated answer. Raises CannotStartError."""
        program, jars = java(), install()
        config = self._home / "conf"
        for name in ("conf", "data", "logs", "run", "plugins", "import", "licenses"):
            (self._home / name).mkdir()
        (config / "neo4j.conf").write_text(_CONFIG.format(bolt=self._port), encoding="utf-8")
        environment = {**os.environ, "NEO4J_HOME": str(self._home), "NEO4J_CONF": str(config)}
        admin = [program, "-Xmx256m", _JVM[-4], "-cp", f"{jars}/*", "org.neo4j.cli.AdminTool"]
        subprocess.run(
            [*admin, "dbms", "set-initial-password", self._password],
            env=environment,
            check=True,
            capture_output=True,
            timeout=120,
        )
        return self.again()

    def again(self) -> Reach:
        """Start it on its folder as it is, and wait for an authenticated answer. Raises CannotStartError."""
        config, jars = self._home / "conf", install()
        environment = {**os.environ, "NEO4J_HOME": str(self._home), "NEO4J_CONF": str(config)}
        line = [java(), *_JVM, "-cp", f"{config}/*:{jars}/*", _main_class(jars)]
        line += [f"--home-dir={self._home}", f"--config-dir={config}", "--console-mode"]
        with (self._home / "logs" / "console.log").open("wb") as log:
            self._child = subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        reach = Reach(url=f"bolt://127.0.0.1:{self._port}", user="neo4j", password=self._password)
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(reach):
            if self._child.poll() is not None or time.monotonic() > deadline:
                words = (self._home / "logs" / "console.log").read_text(errors="replace")[-2000:]
                self.stop()
                raise CannotStartError(f"Neo4j did not start: {words}")
            time.sleep(0.5)
        return reach

    @property
    def pid(self) -> int:
        """The process that was started. Raises RuntimeError before that."""
        if self._child is None:
            raise RuntimeError("start the server first")
        return self._child.pid

    def kill(self) -> None:
        """Kill the process at once, as a fault would; its folder stays."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(30)

    def stop(self) -> None:
        """End the process and delete its folder."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(60)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(30)
        shutil.rmtree(self._home, ignore_errors=True)


def install() -> Path:
    """The folder of jars, fetched once by Maven. Raises CannotStartError without Maven."""
    folder = fetched(HERE / "pom.xml", f"lib-{VERSION}")
    for jar in folder.glob("neo4j-genai-plugin-*.jar"):  # functions that call out over HTTP
        jar.unlink()
    return folder


def fetched(pom: Path, name: str) -> Path:
    """The folder of the jars that a pom names, fetched once by Maven. Raises CannotStartError without Maven."""
    folder = Path(os.environ.get("WHYMOVE_TEST_NEO4J_DIR", HERE.parent.parent / ".neo4j")) / name
    done = folder / ".complete"
    if done.exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotStartError("mvn is not installed; install Maven, or set WHYMOVE_TEST_NEO4J_URL")
    folder.mkdir(parents=True, exist_ok=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    line = [maven, "-B", "-q", "-ntp", "-f", str(pom), f"-Dneo4j.version={VERSION}", *goal]
    found = subprocess.run(line, capture_output=True, text=True, timeout=900, check=False)
    if found.returncode != 0:
        raise CannotStartError(f"Maven could not fetch {name}: {found.stdout[-1500:]}{found.stderr[-500:]}")
    done.touch()
    return folder


def java() -> str:
    """A Java 17 or 21, which is what 5.26 wants. Raises CannotStartError without one."""
    places = [*Path("/usr/lib/jvm").glob("*17*/bin/java"), *Path("/usr/lib/jvm").glob("*21*/bin/java")]
    named = shutil.which("java")
    for program in [*map(str, sorted(places)), *([named] if named else [])]:
        found = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False)
        version = re.search(r'version "(\d+)', found.stderr)
        if version is not None and version[1] in {"17", "21"}:
            return program
    raise CannotStartError("Java 17 or 21 is not installed; install one, or set WHYMOVE_TEST_NEO4J_URL")


def _main_class(jars: Path) -> str:
    with zipfile.ZipFile(jars / f"neo4j-{VERSION}.jar") as jar, contextlib.suppress(KeyError):
        text = jar.read("META-INF/services/org.neo4j.server.startup.EntryPoint").decode()
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if lines:
            return lines[0]
    return "org.neo4j.server.CommunityEntryPoint"


def _answers(reach: Reach) -> bool:
    try:
        with (
            neo4j.GraphDatabase.driver(reach.url, auth=(reach.user, reach.password), telemetry_disabled=True) as driver,
            driver.session(database="neo4j") as session,
        ):
            session.run("RETURN 1").consume()
    except (driver_errors.DriverError, driver_errors.Neo4jError, OSError):
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Start a server, print how to reach it as JSON, and end it on Enter."""
    server = Neo4jServer()
    reach = server.start()
    try:
        sys.stdout.write(json.dumps({"url": reach.url, "user": reach.user, "password": reach.password}) + "\n")
        sys.stdout.flush()
        sys.stdin.readline()
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
