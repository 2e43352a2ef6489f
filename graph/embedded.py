"""What the embedded server is made of: the Java runtime and jars of its wheel, its flags, its groups and passwords.

Kept apart from starting it, so that what is promised about safety (loopback only, no files, no URLs, an analyst who
may only read) can be read in one place.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from graph.errors import GraphUnavailableError

DATABASE = "whymove"
SERVICE_USER = "root"
ANALYST_USER = "analyst"
READ_ROWS = 10_000
READ_MS = 2_000
_GROUPS = {
    "version": 1,
    "databases": {
        "*": {
            "groups": {
                "admin": {
                    "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
                    "resultSetLimit": -1,
                    "readTimeout": -1,
                    "types": {"*": {"access": ["createRecord", "readRecord", "updateRecord", "deleteRecord"]}},
                },
                ANALYST_USER: {
                    "access": [],
                    "resultSetLimit": READ_ROWS,
                    "readTimeout": READ_MS,
                    "types": {"*": {"access": ["readRecord"]}},
                },
                "*": {"access": [], "resultSetLimit": -1, "readTimeout": -1, "types": {"*": {"access": []}}},
            }
        }
    },
}
_JVM = (
    "-Xms64m",
    "-XX:+UseCompactObjectHeaders",
    "--add-modules=jdk.incubator.vector",
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
_SETTINGS = {
    "arcadedb.server.mode": "test",  # real error texts; files and URLs stay closed by the two settings below
    "arcadedb.opencypher.loadCsv.allowFileUrls": "false",
    "arcadedb.opencypher.loadCsv.allowRemoteUrls": "false",
    "arcadedb.txWalFlush": "2",
    "arcadedb.server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
    "arcadedb.server.httpIncomingHost": "127.0.0.1",
    "arcadedb.bolt.host": "127.0.0.1",
    "arcadedb.bolt.defaultDatabase": DATABASE,
    "arcadedb.server.defaultDatabases": f"{DATABASE}[]",
    "arcadedb.support.autoRegister": "false",
    "arcadedb.studio.enabled": "false",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """The two passwords of a data folder."""

    service: str
    analyst: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Loopback ports of one running server."""

    bolt: int
    http: int


def wheel_folder() -> Path:
    """Where the server's wheel is installed, without importing it.

    Raises GraphUnavailableError where there is no wheel for this platform.
    """
    spec = find_spec("arcadedb_embedded")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    for place in map(Path, places):
        if (place / "jars").is_dir() and java_of(place).exists():
            return place
    raise GraphUnavailableError(
        "the embedded graph server is not installed on this platform (its wheels are for Linux x86-64 with glibc 2.34, "
        "macOS arm64 and Windows x86-64); set WHYMOVE_GRAPH_URL, WHYMOVE_GRAPH_USER and WHYMOVE_GRAPH_PASSWORD "
        "to those of a Neo4j"
    )


def java_of(wheel: Path) -> Path:
    """The Java runtime inside the wheel."""
    return wheel / "jre" / "bin" / ("java.exe" if os.name == "nt" else "java")


def passwords_of(data: Path) -> Passwords:
    """The passwords of a data folder. Raises GraphUnavailableError where they are missing or not readable."""
    file = data / "passwords.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Passwords(service=str(found["service"]), analyst=str(found["analyst"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GraphUnavailableError(f"the graph server's passwords cannot be read from {file}: {error}") from error


def prepare_folder(data: Path) -> None:
    """Lay out the folder before a start: passwords at random, and the groups that the server reads.

    Call it with the lock of the folder, so that two starters do not make two pairs of passwords.
    """
    config = data / "config"
    config.mkdir(parents=True, exist_ok=True)
    if not (data / "passwords.json").exists():
        for left in (config / "server-users.jsonl", data / "root.password"):  # users of passwords that are lost
            left.unlink(missing_ok=True)
        made = Passwords(service=secrets.token_urlsafe(24), analyst=secrets.token_urlsafe(24))
        _write_private(data / "root.password", made.service)
        _write_private(data / "passwords.json", json.dumps({"service": made.service, "analyst": made.analyst}))
    groups = config / "server-groups.json"
    if not groups.exists():
        groups.write_text(json.dumps(_GROUPS), encoding="utf-8")


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step."""
    draft = file.with_name(f"{file.name}.tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)


def command(wheel: Path, data: Path, ports: Ports, heap: str) -> list[str]:
    """The command line of the server process."""
    settings = {
        **_SETTINGS,
        "arcadedb.server.rootPath": str(data),
        "arcadedb.server.logsDirectory": str(data / "log"),
        "arcadedb.server.rootPasswordPath": str(data / "root.password"),
        "arcadedb.server.httpIncomingPort": str(ports.http),
        "arcadedb.bolt.port": str(ports.bolt),
    }
    return [
        str(java_of(wheel)),
        *_JVM,
        f"-Xmx{heap}",
        *(f"-D{name}={value}" for name, value in settings.items()),
        "-cp",
        str(wheel / "jars" / "*"),
        "com.arcadedb.server.ArcadeDBServer",
    ]
