"""A Python client made from the description alone talks to a real server: typed answers, typed failures, no gaps."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings
from graph.server import Running
from graph.store import open_store
from ingest.casefile import load_case
from tests.conftest import clear
from tests.live_server import live_server
from tests.minimal_case import written

USE = """
import sys
from client import Client
from client.api.catalog import list_instruments, list_templates
from client.api.explanations import create_explanation, create_explanation_batch, get_explanation
from client.api.jobs import get_job, list_jobs
from client.models import BatchRequest, ExplanationBody, ExplanationRequest, JobBody, ProblemBody

with Client(base_url=sys.argv[1], timeout=120) as client:
    page = list_templates.sync(client=client, limit=1)
    assert len(page.items) == 1 and page.next_cursor, page
    following = list_templates.sync(client=client, limit=1, cursor=page.next_cursor)
    assert following.items[0].id > page.items[0].id
    assert [one.id for one in list_instruments.sync(client=client).items] == ["exmp"]

    body = ExplanationRequest(case="2026-03-12-example")
    made = create_explanation.sync(client=client, body=body)
    assert isinstance(made, ExplanationBody), made
    assert made.narratives and 0.0 <= made.narratives[0].posterior <= 1.0
    assert get_explanation.sync(made.id, client=client).id == made.id

    taken = create_explanation.sync(client=client, body=body, prefer="respond-async")
    assert isinstance(taken, JobBody), taken
    assert get_job.sync(taken.id, client=client).kind == "explanation"
    assert taken.id in [job.id for job in list_jobs.sync(client=client).items]

    missing = get_job.sync_detailed("job_none", client=client)
    assert missing.status_code == 404 and isinstance(missing.parsed, ProblemBody), missing
    assert missing.parsed.code == "not_found"
    refused = create_explanation_batch.sync(client=client, body=BatchRequest(instrument="x"))
    assert isinstance(refused, ProblemBody) and refused.errors[0].pointer == "/min", refused
print("used")
"""


@pytest.fixture
async def url(embedded: Running, tmp_path: Path) -> AsyncIterator[str]:
    clear(embedded.service)
    store = open_store(embedded.service)
    await store.create_schema()
    await store.upsert(load_case(written(tmp_path)).batch)
    await store.close()
    with live_server(embedded.service, tmp_path) as found:
        yield found


def generated(folder: Path) -> str:
    """What the generator says while it writes the package `client` into a folder."""
    (folder / "openapi.json").write_text(json.dumps(create_app(Settings(data=folder)).openapi()), encoding="utf-8")
    (folder / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    where = ["--path", "openapi.json", "--output-path", "client", "--meta", "none", "--config", "config.yaml"]
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", *where]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_client_made_from_the_description_works_against_the_service(url: str, tmp_path: Path) -> None:
    said = generated(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", USE, url], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.stdout == "used\n", said + done.stderr
    # what it cannot read are pictures, which are no JSON
    gaps = [line for line in said.splitlines() if line.startswith("Cannot parse")]
    assert all("image/svg+xml" in line for line in gaps), said
