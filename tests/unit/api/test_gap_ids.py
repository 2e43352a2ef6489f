"""What nobody looked at is one gap a thing, a window and an indicator, whatever things are called."""

from __future__ import annotations

import pytest

from api.recording import gap_id
from causal.explanation import LookNext


def wanted(subject: str | None, role: str | None = "lenders", window: str = "during") -> LookNext:
    return LookNext(
        indicator="block sale",
        subject=subject,
        role=role,
        window=window,
        separates=("T09",),
        gain_bits=0.1,
        available_from=None,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (wanted("lenders"), wanted(None)),  # a thing that is called as a role is
        (wanted("prime-broker"), wanted("prime_broker")),
        (wanted("lenders"), wanted("lenders", window="after")),
    ],
)
def test_two_gaps_never_share_an_id(one: LookNext, other: LookNext) -> None:
    assert gap_id("case:move", one) != gap_id("case:move", other)


def test_a_thing_that_plays_two_roles_has_one_gap() -> None:
    assert gap_id("case:move", wanted("bank", "lenders")) == gap_id("case:move", wanted("bank", "firm"))
    assert gap_id("case:move", wanted("bank")) == "case:move:look.block_sale.bank.during"
