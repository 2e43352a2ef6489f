"""The certificates of the authorities are read once, however many clients there are."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from ingest.extractionclient import ChatExtractor, ChatSettings
from ingest.fetching import Fetcher, Reach
from ingest.payloads import PayloadStore
from ingest.sources import load_source
from ingest.trust import trusted


async def test_all_clients_share_whom_they_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    real = ssl.create_default_context

    def counted(purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH, *, cafile: str | None = None) -> ssl.SSLContext:
        made.append(real(purpose, cafile=cafile))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    trusted.cache_clear()
    for _ in range(2):
        async with Fetcher(load_source("coinbase"), PayloadStore(tmp_path), Reach()):
            pass
        async with ChatExtractor(ChatSettings(url="http://127.0.0.1:9", model="made")):
            pass
    assert made == [trusted()]
    assert made[0].verify_mode is ssl.CERT_REQUIRED
    assert made[0].check_hostname


def test_the_environment_names_authorities_only_where_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    trusted.cache_clear()
    assert trusted().cert_store_stats()["x509_ca"] > 50
    with pytest.raises(FileNotFoundError):
        trusted(by_environment=True)
    trusted.cache_clear()
