"""FIGIs by ticker and country: ten questions a request as a JSON list, answered in their order.

Taken is the composite FIGI, that of a thing in a country and not on one of its venues, where there is exactly one and
its check digit is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence

from graph.model import Batch
from ingest.casegraph import map_things
from ingest.caseparts import InstrumentPart
from ingest.connecting import Client, Fetched, Parsed, Payload, Request, Window, fetch_planned
from ingest.draft import WorldDraft
from ingest.identifiers import figi_holds
from ingest.payloadreading import changed, json_of, rows_of
from ingest.sourceformat import SourceFile

MOST = 10
UNKNOWN = "tickers that are not known"
SEVERAL = "tickers that mean several things"
WRONG = "FIGIs that cannot be right"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for ten tickers."""
    names = list(window.symbols)
    return [
        Request(
            url=f"{source.hosts['api']}/v3/mapping",
            method="POST",
            body=[_question(source.symbols[name].words) for name in names[n : n + MOST]],
            context={"symbols": " ".join(names[n : n + MOST])},
        )
        for n in range(0, len(names), MOST)
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The instruments whose FIGI is sure."""
    symbols = payload.context["symbols"].split()
    answers = rows_of(payload, json_of(payload))
    if len(answers) != len(symbols):
        raise changed(payload, f"answers {len(answers)} of {len(symbols)} questions")
    left_out: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    found: list[InstrumentPart] = []
    for symbol, answer in zip(symbols, answers, strict=True):
        figis = _figis(payload, answer)
        if len(figis) != 1:
            left_out[SEVERAL if figis else UNKNOWN] += 1
        elif not figi_holds(figis[0]):
            skipped[WRONG] += 1
        else:
            found.append(_instrument(source, symbol, figis[0]))
    return Parsed(batch=_batch(found), left_out=left_out, skipped=skipped)


def _question(words: Mapping[str, str]) -> dict[str, str]:
    return {"idType": "TICKER", "idValue": words["ticker"], "exchCode": words["exchange"]}


def _figis(payload: Payload, answer: object) -> list[str]:
    """The composite FIGIs of one answer, each once; none where it is a warning that there is nothing."""
    if not isinstance(answer, dict) or not {"data", "warning"} & set(answer):
        raise changed(payload, f"holds {str(answer)[:80]} where an answer was agreed")
    records = rows_of(payload, answer.get("data", []))
    if not all(isinstance(one, dict) and "compositeFIGI" in one for one in records):
        raise changed(payload, "has a record without compositeFIGI")
    return sorted({str(one["compositeFIGI"]) for one in records if one["compositeFIGI"] is not None})


def _instrument(source: SourceFile, symbol: str, figi: str) -> InstrumentPart:
    part = source.symbols[symbol]
    words = part.words
    return InstrumentPart(
        id=part.subject or symbol,
        name=words["name"],
        type=words["kind"],
        identifiers={"ticker": words["ticker"], "figi": figi},
    )


def _batch(found: Sequence[InstrumentPart]) -> Batch:
    draft = WorldDraft(found, (), ())
    map_things(draft, found, (), ())
    return draft.batch()
