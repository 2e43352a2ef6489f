"""Carries out checks in a process of its own: `python -m api.checkworker`, one question on its standard input as JSON.

Each check that is done is one line of JSON on its standard output, so that what was done before a deadline is not lost.
Whatever the libraries print goes to the standard error. Without DoWhy it says so in one line and ends.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
import warnings
from dataclasses import replace

import orjson

from causal.checkresults import CheckAsk
from graph.childprocess import live_as_child

MISSING = "missing"
NAN = float("nan")


def ask_of(content: bytes) -> CheckAsk:
    """The question of its JSON, in which a missing number is null."""
    read = orjson.loads(content)
    read["edges"] = tuple((cause, effect) for cause, effect in read["edges"])
    read["history"] = tuple(tuple(NAN if one is None else float(one) for one in row) for row in read["history"])
    for name in ("columns", "drivers", "checks"):
        read[name] = tuple(read[name])
    read["day"] = {node: NAN if value is None else float(value) for node, value in read["day"].items()}
    return CheckAsk(**read)


def main() -> int:
    """Answer the question, a line a check."""
    live_as_child()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    ask = ask_of(sys.stdin.buffer.read())
    if importlib.util.find_spec("dowhy") is None:
        out.write(orjson.dumps({MISSING: "dowhy"}) + b"\n")
        out.flush()
        return 0
    warnings.simplefilter("ignore")  # of the libraries, thousands of them
    from causal.oracle import run_checks

    before = time.process_time()
    for name, results in run_checks(ask):
        spent = round((time.process_time() - before) / max(1, len(results)), 4)
        timed = [replace(one, seconds=spent) for one in results]
        out.write(orjson.dumps({"check": name, "results": timed}, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")
        out.flush()
        before = time.process_time()
    return 0


if __name__ == "__main__":
    sys.exit(main())
