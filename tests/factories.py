"""Small made-up parts of an explanation object, for tests of whatever is drawn from it."""

from __future__ import annotations

from typing import Any

from tests.factories_standing import how_firm, how_it_came


def a_narrative(**changes: Any) -> dict[str, Any]:
    """A leading catalyst of a case with one item for it, one against and one argument."""
    narrative: dict[str, Any] = {
        "id": "degrossing",
        "template": "T01",
        "template_version": "1",
        "title": "Forced de-grossing of multi-manager books",
        "summary": "Funds cut their books and sold what they held against other risks.",
        "origin": "case",
        "slot": "catalyst",
        "rank": 1,
        "rank_in_slot": 1,
        "prior": 0.15,
        "prior_given_move": 0.28,
        "posterior": 0.8,
        "posterior_readings": 0.74,
        "low": 0.66,
        "high": 0.9,
        "p_rank_1": 0.81,
        "likelihood": "likely",
        "confidence": "moderate",
        "confidence_reasons": ["7 of 9 predictions answered", "4 independent origins"],
        "bits": 4.5,
        "evidence_for": ["ev_1"],
        "evidence_against": ["ev_2"],
        "steps": [
            a_step(),
            a_step(n=2, text="Cut of gross exposure", verdict="contradicted", posterior=0.3, bits=-1.1),
        ],
        "weakest_step": 2,
        "but_for": 0.41,
        "roles": {"asset": "btcusd"},
        "unbound_roles": ["futures venue"],
        "other_bindings": [],
        "written_after": True,
        "coverage": {"predictions": 9, "by_series": 4, "by_reports": 3, "searched": 0, "not_looked_at": 2},
        "arguments": [an_argument()],
    }
    return narrative | changes


def a_step(**changes: Any) -> dict[str, Any]:
    """A supported first step with one prediction that was met."""
    step: dict[str, Any] = {
        "n": 1,
        "text": "Loss in a crowded book",
        "verdict": "supported",
        "posterior": 0.9,
        "bits": 1.7,
        "predictions": [
            {
                "indicator": "trading volume",
                "subject": "ibit",
                "role": None,
                "window": "2026-02-05",
                "direction": "up",
                "outcome": "met",
                "answered_by": "reports",
                "why": None,
                "evidence": ["ev_1"],
            }
        ],
    }
    return step | changes


def an_argument(**changes: Any) -> dict[str, Any]:
    """A weighed objection to the second step."""
    argument: dict[str, Any] = {
        "id": "degrossing.arg.against.1",
        "by": "an analyst",
        "kind": "undercuts",
        "step": 2,
        "statement": "Gross exposure was rising that week.",
        "weight_bits": -1.3,
    }
    return argument | changes


def an_item(**changes: Any) -> dict[str, Any]:
    """One observation that speaks for the first step of `degrossing`."""
    item: dict[str, Any] = {
        "id": "ev_1",
        "kind": "observation",
        "fact_ids": ["ibit_volume"],
        "indicator": "trading volume",
        "subject": "ibit",
        "window": "2026-02-05",
        "value": 10.0,
        "unit": "USD billion",
        "bin": 5,
        "bin_reason": "twice the record",
        "statement": "The fund traded ten billion dollars, twice its earlier record.",
        "grade": "B",
        "credibility": 2,
        "reliability": 0.86,
        "known_at": "2026-02-05T21:00:00Z",
        "known_at_precision": "day",
        "source": {
            "id": "src_exchange",
            "document_id": "doc_1",
            "publisher": "Exchange",
            "title": "Daily volumes",
            "url": "https://example.org/volumes",
        },
        "copies": 3,
        "dispute": None,
        "series": None,
        "contributions": [
            {"narrative": "degrossing", "step": 1, "weight_bits": 0.9, "leave_one_out_bits": 0.8, "shapley_bits": 0.8},
            {"narrative": "yen_carry", "step": 1, "weight_bits": 0.1, "leave_one_out_bits": 0.05, "shapley_bits": 0.05},
        ],
    }
    return item | changes


def an_objection(**changes: Any) -> dict[str, Any]:
    """One observation that speaks against the second step of `degrossing`."""
    item = an_item(
        id="ev_2",
        fact_ids=["gross_leverage"],
        indicator="prime-broker gross leverage",
        subject="multi_strategy_funds",
        value=[2.1, 2.3],
        unit="percent",
        bin=4,
        statement="Gross leverage rose over the week.",
        known_at="2026-02-06T14:30:00Z",
        known_at_precision="instant",
        copies=1,
        dispute="case:dispute.flow",
        contributions=[
            {
                "narrative": "degrossing",
                "step": 2,
                "weight_bits": -0.7,
                "leave_one_out_bits": -0.6,
                "shapley_bits": -0.6,
            }
        ],
    )
    return item | changes


def a_dispute(**changes: Any) -> dict[str, Any]:
    """Two readings of one flow with other signs."""
    dispute: dict[str, Any] = {
        "id": "case:dispute.flow",
        "indicator": "net ETF flow",
        "subject": "ibit",
        "window": "2026-02-05",
        "kinds": ["sign", "date_shift"],
        "sides": [
            {"fact_id": "flow_in", "value": 230, "unit": "USD million", "document_id": "doc_1", "publisher": "Desk",
             "reliability": 0.5},
            {"fact_id": "flow_out", "value": -175, "unit": "USD million", "document_id": "doc_2", "publisher": "Table",
             "reliability": 0.7},
        ],
        "preferred": "flow_out",
        "why": "The other figure belongs to the day after.",
        "under_each": [
            {"fact_id": "flow_in", "posteriors": {"degrossing": 0.71, "unknown": 0.12}, "ranking_changes": True},
            {"fact_id": "flow_out", "posteriors": {"degrossing": 0.801, "unknown": 0.11}, "ranking_changes": False},
        ],
    }  # fmt: skip
    return dispute | changes


def a_move(**changes: Any) -> dict[str, Any]:
    """A fall of bitcoin over one day."""
    move: dict[str, Any] = {
        "id": "a-case:move",
        "instrument": "btcusd",
        "start": "2026-02-04",
        "end": "2026-02-05",
        "return": -0.132, "return_unit": "fraction", "return_is": "relative",
        "measure": "New York close to New York close",
        "path": [{"day": "2026-02-04", "index": 100.0}, {"day": "2026-02-05", "index": 86.8}],
        "document_id": "doc_1",
    }  # fmt: skip
    return move | changes


def what_did_not_enter() -> dict[str, Any]:
    """What is missing: something to look at, a gap, facts without a rule."""
    return {
        "look_next": [
            {"indicator": "margin", "subject": None, "role": "futures venue", "window": "during",
             "separates": ["degrossing", "T05"], "gain_bits": 0.2, "available_from": None}
        ],
        "gaps": [
            {"id": "a-case:gap.1", "kind": "gap", "item": "Intraday flows", "why": "not published", "indicator": None,
             "subject": None, "would_favour": ["degrossing"], "would_hurt": []}
        ],
        "not_scored": {
            "unmapped": [{"fact_id": "mood", "why": "indicator 'mood' has no rule"}],
            "not_yet_known": 12,
            "unused": 30,
            "rejected": [],
        },
    }  # fmt: skip


def an_explanation(**changes: Any) -> dict[str, Any]:
    """A whole object with two catalysts, a template of the library, a dispute, a gap and facts left out."""
    explanation: dict[str, Any] = {
        "id": "exp_0123456789abcdef",
        "method_version": "1",
        "settings_hash": "sha256:00",
        "ask": {"instrument": "btcusd", "start": "2026-02-04", "end": "2026-02-05", "case": "a-case"},
        "as_of": "2026-02-12T00:00:00Z",
        "as_at": "2026-11-24T09:00:00Z",
        "move": a_move(),
        "answer": "Forced de-grossing (likely, 80%); the runner-up is Yen carry (8%); something else: 11%.",
        "narratives": [a_narrative(), a_refuted_narrative(), a_library_narrative()],
        "unknown": {
            "id": "unknown",
            "title": "something else",
            "prior": 0.1,
            "prior_given_move": 0.3,
            "posterior": 0.11,
            "posterior_readings": 0.12,
            "low": 0.05,
            "high": 0.2,
            "p_rank_1": 0.04,
            "surprise_gain_bits": 3.2,
        },
        "robustness": how_firm(),
        "belief": how_it_came(),
        "joint": [{"narratives": ["degrossing", "T05"], "probability": 0.22}, {"narratives": [], "probability": 0.04}],
        "evidence": [an_item(), an_objection()],
        "disputes": [a_dispute()],
        **what_did_not_enter(),
        "diagnostics": {"width": 7.0},
        "took_ms": {"gather": 12, "score": 31, "record": 9},
    }  # fmt: skip
    return explanation | changes


def a_refuted_narrative(**changes: Any) -> dict[str, Any]:
    """A catalyst that the readings speak against."""
    defaults: dict[str, Any] = {
        "id": "yen_carry",
        "template": "T02",
        "title": "Yen carry unwind",
        "rank": 2,
        "rank_in_slot": 2,
        "prior_given_move": 0.2,
        "posterior": 0.08,
        "posterior_readings": 0.1,
        "low": 0.03,
        "high": 0.2,
        "p_rank_1": 0.11,
        "likelihood": "very unlikely",
        "confidence": "low",
        "bits": -1.0,
        "evidence_for": ["ev_1"],
        "evidence_against": [],
        "steps": [a_step(text="The funding currency appreciates", verdict="open", posterior=0.2, bits=-0.4)],
        "weakest_step": 1,
        "arguments": [an_argument(id="yen_carry.arg.against.1", step=1, statement="USD/JPY stood at a weekly high.")],
    }
    return a_narrative(**(defaults | changes))


def a_library_narrative(**changes: Any) -> dict[str, Any]:
    """A template of the library that the case does not name, as an amplifier."""
    defaults: dict[str, Any] = {
        "id": "T05",
        "template": "T05",
        "title": "Dealer gamma",
        "origin": "library",
        "slot": "amplifier",
        "rank": 3,
        "rank_in_slot": 1,
        "posterior": 0.05,
        "posterior_readings": 0.05,
        "low": 0.02,
        "high": 0.14,
        "p_rank_1": 0.04,
        "likelihood": "very unlikely",
        "confidence": "low",
        "bits": -0.2,
        "evidence_for": [],
        "evidence_against": [],
        "steps": [a_step(verdict="untested", bits=0.0, posterior=0.1, predictions=[])],
        "weakest_step": None,
        "arguments": [],
    }
    return a_narrative(**(defaults | changes))
