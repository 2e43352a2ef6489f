"""A snapshot of the embedded graph while it runs, and a folder laid out from one.

The server itself writes the snapshot, from one state between two transactions; nobody who reads or writes has to stop.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import shutil
import zipfile
import zlib
from pathlib import Path

from graph.embedded import DATABASE, SERVICE_USER, passwords_of
from graph.errors import BackupError, GraphUnavailableError
from graph.process import Process, living_process

SECONDS = 3600.0
DATABASES = "databases"


def snapshot(data: Path, into: Path) -> None:
    """Write a snapshot of the running server of a data folder to a file that is not there yet; blocks.

    Raises GraphUnavailableError where no server runs, BackupError where it refuses.
    """
    process = living_process(data)
    if process is None:
        raise GraphUnavailableError(f"no graph server of {data} runs; ask a question first, which starts it")
    answer = _command(data, process, "BACKUP DATABASE")
    try:
        name = str(answer["result"][0]["backupFile"])  # type: ignore[index]  # read as it is documented
    except (LookupError, TypeError) as error:
        raise BackupError(f"the graph server made no backup: {str(answer)[:200]}; look into {data}/log") from error
    made = data / "backups" / DATABASE / Path(name).name
    try:
        shutil.move(made, into)
    finally:
        made.unlink(missing_ok=True)


def lay_out(file: Path, data: Path) -> None:
    """Unpack a snapshot as the database of a folder that has none. Raises BackupError; then the folder has none."""
    folder = data / DATABASES / DATABASE
    if folder.exists():
        raise BackupError(f"{folder} holds a graph already; move it away first")
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(file) as archive:
            for one in archive.infolist():
                if one.is_dir() or Path(one.filename).name != one.filename:
                    raise BackupError(f"{file.name} names {one.filename!r}, which is no file of a graph")
                archive.extract(one, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, BackupError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError | BackupError):
            raise
        raise BackupError(f"{file.name} is no snapshot of a graph ({error}); take another backup") from error


def _command(data: Path, process: Process, text: str) -> dict[str, object]:
    """The answer to a command in the server's own language, over HTTP, because Bolt does not carry it."""
    credentials = base64.b64encode(f"{SERVICE_USER}:{passwords_of(data).service}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", process.http, timeout=SECONDS)
    with contextlib.closing(connection):
        try:
            connection.request(
                "POST",
                f"/api/v1/command/{DATABASE}",
                body=json.dumps({"language": "sql", "command": text}),
                headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise GraphUnavailableError(f"the graph server does not answer ({error}); try again") from error
    if answer.status >= 300:
        said = content.decode(errors="replace")[:300]
        raise BackupError(f"the graph server made no backup ({answer.status}): {said}; make room and try again")
    found: dict[str, object] = json.loads(content)
    return found
