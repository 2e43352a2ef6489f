"""Which arguments stand when arguments attack one another: grounded semantics.

An argument is accepted when all that defeats it is rejected, rejected when something accepted defeats it, and
undecided else (Dung 1995; as a labelling Modgil and Caminada 2009). It is the sceptical reading: of two that defeat
each other neither stands, and who defeats an attacker reinstates what it attacked.

To undercut an argument is to deny that its conclusion follows, which always defeats it. To rebut it is to deny the
conclusion itself, so that each of the two denies the other, and the less reliable of them does not defeat (Pollock
1987; Modgil and Prakken 2013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from causal.world import Argument

Status = Literal["accepted", "rejected", "undecided"]
Attackers = Mapping[str, frozenset[str]]


def defeaters(arguments: Sequence[Argument], reliability: Mapping[str, float]) -> Attackers:
    """What defeats each argument, by id; attacks of and on what has no `reliability` here count for nothing."""
    found: dict[str, set[str]] = {argument.id: set() for argument in arguments if argument.id in reliability}
    for argument in arguments:
        if argument.id not in found:
            continue
        for other in argument.undercuts:
            if other in found:
                found[other].add(argument.id)
        for other in argument.rebuts:
            if other not in found:
                continue
            if reliability[argument.id] >= reliability[other]:
                found[other].add(argument.id)
            if reliability[other] >= reliability[argument.id]:
                found[argument.id].add(other)
    return {target: frozenset(by) for target, by in found.items()}


def grounded(attackers: Attackers) -> dict[str, Status]:
    """The status of each argument under the grounded labelling; every attacker must be a key as well."""
    status: dict[str, Status] = {}
    while True:
        rejected = {name for name, by in attackers.items() if any(status.get(one) == "accepted" for one in by)}
        accepted = {name for name, by in attackers.items() if all(status.get(one) == "rejected" for one in by)}
        found: dict[str, Status] = {**dict.fromkeys(rejected, "rejected"), **dict.fromkeys(accepted, "accepted")}
        if found == status:
            return {name: status.get(name, "undecided") for name in attackers}
        status = found
