"""The bundled cases through the real path (file -> graph -> dossier), with what only hindsight knows beside them."""

from __future__ import annotations

from pathlib import Path

import yaml

from api.ask import make_ask
from api.gathering import gather
from api.knowledge import Knowledge
from causal.model import Dossier
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.accuracy.measure import Judged


async def judged(
    store: GraphStore, knowledge: Knowledge, files: tuple[Path, ...], series: SeriesStore | None = None
) -> list[Judged]:
    """Ingest the files and gather each case's dossier as of now, with the stored series where they are given."""
    for file in files:
        await store.upsert(load_case(file).batch)
    asks = [make_ask(case=file.stem) for file in files]
    found = [await gather(ask, store, knowledge, series) for ask in asks]
    return [_judge(dossier, file) for dossier, file in zip(found, files, strict=True)]


def _judge(dossier: Dossier, file: Path) -> Judged:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    stories = case["narratives"]
    return Judged(
        dossier=dossier,
        verdicts={story["id"]: story["outcome"]["verdict"] for story in stories},
        consensus=tuple(case["consensus"]["narratives"]),
        templates={story["id"]: story.get("template") for story in stories},
        predictions={story["id"]: sum(len(s["predicts"]) for s in story["causal_steps"]) for story in stories},
    )
