"""Writes `openapi/openapi.yaml` (`python -m api.openapi`), which is committed and compared in a test."""

from __future__ import annotations

from pathlib import Path

import orjson
import yaml

from api.app import create_app
from api.settings import Settings

FILE = Path(__file__).resolve().parent.parent / "openapi" / "openapi.yaml"


def description_text() -> str:
    """The OpenAPI description as YAML."""
    # read back from JSON, so that what two places share is written twice and not as an alias
    description = orjson.loads(orjson.dumps(create_app(Settings()).openapi()))
    return yaml.safe_dump(description, sort_keys=False, allow_unicode=True, width=120)


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(description_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
