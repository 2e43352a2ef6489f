"""The bound of waiting in line, beside what is known of queues in closed form."""

from __future__ import annotations

import math
import random

import pytest

from tests.load.queueing import in_line


def test_one_kind_of_times_by_chance_is_as_in_the_closed_form() -> None:
    chance = random.Random(3)
    alone = {"read": [chance.expovariate(1.0) for _ in range(20_000)]}
    found = in_line(alone, {"read": 1}, 0.8, requests=400_000)
    assert found["read"] == pytest.approx(math.log(100) / math.log(2), rel=0.08)


def test_a_server_with_nothing_else_to_do_keeps_nobody_waiting() -> None:
    assert in_line({"read": [2.0]}, {"read": 1}, 0.001) == {"read": 1.0}


def test_what_is_small_waits_behind_what_is_large() -> None:
    found = in_line({"small": [1.0], "large": [50.0]}, {"small": 100, "large": 1}, 0.5)
    assert found["small"] > 10 * found["large"] > 10
