"""The one place where the environment is read: everything that can be set, under the prefix `WHYMOVE_`.

Built once by the command or by `create_app` and passed down; nothing else looks at the environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import InvalidSettingsError

PREFIX = "WHYMOVE_"


def default_data() -> Path:
    """Where a user's data lies by the habits of the platform (XDG, macOS, Windows)."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "whymove"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "whymove"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "whymove"


class Settings(BaseSettings):
    """What can be set. With `graph_url` that server is used, without it the embedded one in `data`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Field(default_factory=default_data, description="data folder: embedded graph, series and reports")
    series: str | None = Field(default=None, description="folder or fsspec address of the numeric series")
    graph_url: str | None = Field(default=None, description="bolt:// or neo4j:// address of a Neo4j 5.26 or later")
    graph_user: str = Field(default="neo4j", description="its user")
    graph_password: SecretStr | None = Field(default=None, description="its password")
    graph_password_file: Path | None = Field(default=None, description="a file that holds it, or user/password")
    graph_database: str = Field(default="neo4j", description="its database")
    heap: str = Field(default="1g", pattern=r"^[1-9][0-9]*[mgMG]$", description="heap of the embedded server")
    host: str = Field(default="127.0.0.1", description="address that `serve` listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that `serve` listens on")
    log_format: Literal["text", "json"] = Field(default="text", description="form of log lines")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level logged")

    @field_validator("data")
    @classmethod
    def _whole_path(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("graph_url")
    @classmethod
    def _known_scheme(cls, url: str | None) -> str | None:
        if url is not None and url.split("://", 1)[0] not in _SCHEMES:
            raise ValueError(f"give an address that starts with one of {', '.join(s + '://' for s in _SCHEMES)}")
        return url

    @model_validator(mode="after")
    def _one_password(self) -> Settings:
        if self.graph_password is not None and self.graph_password_file is not None:
            raise ValueError("set graph_password or graph_password_file, not both")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the graph is the embedded server."""
        return self.graph_url is None

    @property
    def series_root(self) -> str | Path:
        """The folder or address of the numeric series."""
        return self.data / "series" if self.series is None else self.series

    @property
    def reports(self) -> Path:
        """The folder into which `explain` writes its reports."""
        return self.data / "reports"

    def password(self) -> str:
        """The password of `graph_url`, of the file where one is named. Raises InvalidSettingsError."""
        if self.graph_password_file is None:
            return self.graph_password.get_secret_value() if self.graph_password else ""
        try:
            text = self.graph_password_file.read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise InvalidSettingsError(f"{PREFIX}GRAPH_PASSWORD_FILE", f"cannot be read ({fault.strerror})") from fault
        return text.removeprefix(f"{self.graph_user}/")


_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def load_settings() -> Settings:
    """The settings of this environment. Raises InvalidSettingsError that names the first variable at fault."""
    try:
        return Settings()
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "graph_password"
        raise InvalidSettingsError(f"{PREFIX}{field.upper()}", first["msg"].removeprefix("Value error, ")) from fault
