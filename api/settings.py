"""The one place where the environment is read: everything that can be set, under the prefix `WHYMOVE_`.

Built once by the command or by `create_app` and passed down; nothing else looks at the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
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


def environment_of_child(**more: str) -> dict[str, str]:
    """The environment of this process and `more`, for a process that is started."""
    return {**os.environ, **more}


@contextmanager
def told_to_children(name: str, value: str) -> Iterator[None]:
    """A variable that processes started meanwhile are to find, for libraries that can be told in no other way."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def is_told(name: str) -> bool:
    """Whether whoever started this process told it so."""
    return name in os.environ


class Settings(BaseSettings):
    """What can be set. With `graph_url` that server is used, without it the embedded one in `data`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Field(default_factory=default_data, description="data folder: embedded graph, series and reports")
    templates: Path | None = Field(default=None, description="folder of your own templates")
    series: str | None = Field(default=None, description="folder or fsspec address of the numeric series")
    graph_url: str | None = Field(default=None, description="bolt:// or neo4j:// address of a Neo4j 5.26 or later")
    graph_user: str = Field(default="neo4j", description="its user")
    graph_password: SecretStr | None = Field(default=None, description="its password")
    graph_password_file: Path | None = Field(default=None, description="a file that holds it, or user/password")
    graph_database: str = Field(default="neo4j", description="its database")
    heap: str = Field(default="1g", pattern=r"^[1-9][0-9]*[mgMG]$", description="heap of the embedded server")
    host: str = Field(default="127.0.0.1", description="address that `serve` listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that `serve` listens on")
    extraction_url: str | None = Field(
        default=None, description="base address of a chat-completions endpoint for `extract`, such as https://.../v1"
    )
    extraction_key: SecretStr | None = Field(default=None, description="its key")
    extraction_model: str | None = Field(default=None, description="name of its model")
    extraction_timeout: float = Field(default=120.0, gt=0, le=3600, description="seconds that one answer may take")
    extraction_max_tokens: int = Field(default=8000, ge=100, le=200_000, description="longest answer, in tokens")
    source_hosts: dict[str, str] = Field(
        default_factory=dict,
        description='base addresses of sources in place of their own, {"coinbase.api": "https://..."}',
    )
    source_keys: dict[str, SecretStr] = Field(
        default_factory=dict, description='keys of sources by name, {"fred": "..."}'
    )
    source_proxy: str | None = Field(default=None, description="proxy through which sources are asked")
    workers: int = Field(default=1, ge=1, le=64, description="processes that serve; several need a Neo4j")
    compute: int = Field(default=1, ge=0, le=16, description="processes that explain for `serve`; 0: it does so itself")
    jobs: bool = Field(default=False, description="fetch sources by their schedules while serving")
    auth: Literal["loopback", "required"] = Field(
        default="loopback", description="who may ask: whoever reaches this machine's loopback, or holders of keys"
    )
    oidc_issuer: str | None = Field(default=None, description="issuer whose access tokens are taken beside API keys")
    oidc_audience: str | None = Field(default=None, description="audience that a token has to name")
    oidc_keys: str | None = Field(default=None, description="address of the issuer's keys; else asked of the issuer")
    oidc_scope_claim: str = Field(default="scope", description="claim of a token that holds its scopes")
    oidc_scope_prefix: str = Field(default="whymove:", description="what stands before our scopes in that claim")
    rate_limit: int = Field(default=600, ge=1, description="requests a minute of one key or token")
    max_requests: int = Field(default=256, ge=1, description="requests served at once")
    check_seconds: float = Field(default=60.0, gt=0, le=3600, description="how long checks by DoWhy may take")
    body_seconds: float = Field(default=30.0, gt=0, description="longest pause in a request that comes in")
    drain_seconds: float = Field(default=1.0, ge=0, description="told to end: how long it still takes requests")
    grace_seconds: float = Field(default=20.0, gt=0, description="then: how long running requests have to end")
    telemetry: str | None = Field(default=None, description="OTLP/HTTP address to which traces are sent")
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

    @field_validator("extraction_url")
    @classmethod
    def _plain_address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://none")
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0  # a port that is none raises
        if not whole or parts.username is not None or parts.query or not (url or "-").isprintable():
            raise ValueError("give an http:// or https:// address without user, password and query")
        return url

    @field_validator("extraction_key")
    @classmethod
    def _key_is_not_overheard(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        url = info.data.get("extraction_url")
        if key is not None and url is not None and not _cannot_be_overheard(url):
            raise ValueError("a key goes out by https:// alone, or to this machine; change the address")
        return key

    @field_validator("oidc_issuer", "oidc_keys")
    @classmethod
    def _not_overheard(cls, url: str | None) -> str | None:
        if url is not None and not _cannot_be_overheard(url):
            raise ValueError("give an https:// address (http:// for a loopback address alone)")
        return url

    @field_validator("source_hosts")
    @classmethod
    def _hosts_of_sources(cls, hosts: dict[str, str]) -> dict[str, str]:
        for name, url in hosts.items():
            if name.count(".") != 1 or not url.startswith(("http://", "https://")):
                raise ValueError(f"{name}: write SOURCE.HOST, as `whymove ingest sources` lists them, and an address")
        return hosts

    @field_validator("telemetry")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("give an http:// or https:// address")
        return url

    @model_validator(mode="after")
    def _issuer_and_audience(self) -> Settings:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("oidc_issuer and oidc_audience go together; set both or neither")
        return self

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
    def templates_root(self) -> Path:
        """The folder of the user's own templates."""
        return self.data / "templates" if self.templates is None else self.templates

    @property
    def series_root(self) -> str | Path:
        """The folder or address of the numeric series."""
        return self.data / "series" if self.series is None else self.series

    @property
    def payloads(self) -> Path:
        """The folder of what sources answered, byte by byte."""
        return self.data / "payloads"

    @property
    def runs(self) -> Path:
        """The ledger of what is fetched from sources."""
        return self.data / "runs.sqlite3"

    @property
    def reports(self) -> Path:
        """The folder into which `explain` writes its reports."""
        return self.data / "reports"

    @property
    def recalibration(self) -> Path:
        """What was learned from judged moves, once there is anything."""
        return self.data / "recalibration.json"

    def password(self) -> str:
        """The password of `graph_url`, of the file where one is named. Raises InvalidSettingsError."""
        if self.graph_password_file is None:
            return self.graph_password.get_secret_value() if self.graph_password else ""
        try:
            text = self.graph_password_file.read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise InvalidSettingsError(f"{PREFIX}GRAPH_PASSWORD_FILE", f"cannot be read ({fault.strerror})") from fault
        return text.removeprefix(f"{self.graph_user}/")


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _cannot_be_overheard(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )


_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def load_settings() -> Settings:
    """The settings of this environment. Raises InvalidSettingsError that names the first variable at fault."""
    try:
        return Settings()
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "graph_password"
        raise InvalidSettingsError(f"{PREFIX}{field.upper()}", first["msg"].removeprefix("Value error, ")) from fault
