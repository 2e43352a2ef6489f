"""An error crosses the pipe as what it was: class, words, places at fault and time to come back."""

from __future__ import annotations

import pickle

import pytest

from api.computeparts import ElsewhereError, Failure
from api.errors import InvalidAskError, OverloadedError, TemplateRefusedError, UnknownResourceError
from api.problems import faults_of, headers_of, problem_of
from causal.errors import InvalidTemplateError, NetworkTooWideError
from graph.errors import GraphUnavailableError, NotInGraphError, QueryOverBudgetError, QueryRefusedError

ERRORS = [
    InvalidAskError("start", "missing"),
    OverloadedError("full", retry_after=7),
    TemplateRefusedError([("steps.0", "is no step")]),
    UnknownResourceError("template", "T99", ("T19",)),
    InvalidTemplateError("T01.yaml", "id", "is none"),
    NetworkTooWideError(30, 24),
    GraphUnavailableError("away", retry_after=3),
    NotInGraphError("instrument", "btc", ("btcusd",)),
    QueryOverBudgetError("too slow"),
    QueryRefusedError("writes", rule="write", line=2, column=3, near=("MATCH",)),
]


def crossed(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:  # noqa: BLE001 - whatever it is
        failure: Failure = pickle.loads(pickle.dumps(Failure.of(raised)))
    return failure.error()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_of_ours_is_the_same_problem_afterwards(error: Exception) -> None:
    found = crossed(error)
    assert type(found) is type(error)
    assert (str(found), found.__dict__) == (str(error), error.__dict__)
    assert problem_of(found) == problem_of(error)
    assert faults_of(found) == faults_of(error)
    assert headers_of(found) == headers_of(error)
    assert isinstance(found.__cause__, ElsewhereError)
    assert "test_computeparts" in str(found.__cause__)


class StrangeError(Exception):
    """What cannot be pickled, as it holds a function."""

    def __init__(self) -> None:
        super().__init__(lambda: None)


def test_an_error_of_others_is_a_fault_of_ours_with_its_trace() -> None:
    for error in (ZeroDivisionError("by zero"), StrangeError()):
        found = crossed(error)
        assert problem_of(found).slug == "internal-error"
        assert type(error).__name__ in str(found)
        assert type(error).__name__ in str(found.__cause__)
