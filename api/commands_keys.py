"""`whymove keys`: makes, lists, rotates and revokes the API keys of this data folder.

A key is printed once, on standard output alone, when it is made; what is kept is a hash of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer

from api.errors import InvalidApiKeyError
from api.keys import ApiKey
from api.keystore import OVERLAP, KeyStore
from api.settings import load_settings
from api.terminal import answers, print_table, say, write_bytes

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST = timedelta(days=3650)
_FIELDS = ("id", "name", "scopes", "state", "created", "expires", "last used")
KeyId = Annotated[str, typer.Argument(metavar="ID", help="id of a key, as `whymove keys list` shows it")]


def add_to(app: typer.Typer) -> None:
    """Add the group to the application."""
    group = typer.Typer(help="API keys of this data folder.", no_args_is_help=True)
    group.command("create")(create)
    group.command("list")(list_)
    group.command("rotate")(rotate)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys")


def create(
    name: Annotated[str, typer.Argument(help="whose key it is, or what it is for")],
    scope: Annotated[
        list[str] | None, typer.Option(help="what it may do: read, cypher, ingest, judge, admin; once for each")
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="SPAN", help="how long it opens: 12h, 90d, 52w")] = None,
) -> None:
    """Make a key and print it, this once; without --scope it may read."""
    until = None if expires is None else datetime.now(UTC) + _span("expires", expires)
    key, text = _store().create(name, scope or ["read"], expires=until)
    write_bytes(text.encode())
    say(f"key {key.id} ({', '.join(sorted(key.scopes))}), {_until(until)}; it is not shown again")


def list_(as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False) -> None:
    """List the keys, those that have ended included; of the keys themselves the ends alone."""
    keys = _store().list()
    if as_json:
        write_bytes(orjson.dumps([_described(key) for key in keys]))
        return
    rows = [[*_row(key), " ".join(secret.last_four for secret in key.secrets)] for key in keys]
    print_table(answers(), (*_FIELDS, "ends in"), rows)


def rotate(
    key_id: KeyId,
    overlap: Annotated[
        str | None, typer.Option(metavar="SPAN", help="how long the secret before it opens on; 24h when left out")
    ] = None,
) -> None:
    """Give a key a new secret and print it; the one before opens for a while yet, so that nobody is locked out."""
    span = OVERLAP if overlap is None else _span("overlap", overlap)
    key, text = _store().rotate(key_id, overlap=span)
    write_bytes(text.encode())
    say(f"key {key.id} has a new secret; the one before opens until {_when(datetime.now(UTC) + span)}")


def revoke(key_id: KeyId) -> None:
    """End a key: a running service lets it in no more within a second."""
    _store().revoke(key_id)
    say(f"key {key_id} is revoked")


def _store() -> KeyStore:
    return KeyStore(load_settings().data)


def _span(field: str, text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,4})([hdw])", text)
    span = timedelta() if found is None else int(found[1]) * _UNITS[found[2]]
    if not timedelta() < span <= _LONGEST and not (found is not None and field == "overlap" and not span):
        raise InvalidApiKeyError(field, f"{text!r} is no span of up to ten years; write 12h, 90d or 52w")
    return span


def _described(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "state": key.state(datetime.now(UTC)),
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "last_used": key.last_used,
        "keys": key.shown(),
    }


def _row(key: ApiKey) -> list[str]:
    return [
        key.id,
        key.name,
        " ".join(sorted(key.scopes)),
        key.state(datetime.now(UTC)),
        _when(key.created),
        "never" if key.expires is None else _when(key.expires),
        "never" if key.last_used is None else _when(key.last_used),
    ]


def _until(when: datetime | None) -> str:
    return "without end" if when is None else f"until {_when(when)}"


def _when(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
