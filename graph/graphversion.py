"""The version of a graph: a number that every write changes, so that whoever keeps what was read can ask for it.

It is a sum of marks, one of which each write replaces. They lie in nodes of their own, which are no facts: not in the
ontology, not in any hash, not in what is handed out. Marks are drawn by chance, so that a graph that was cleared or
restored is not taken for what it was before; there are many, because the embedded server refuses the second of two
writes that change one node at a time, and has it done again a second later.
"""

from __future__ import annotations

import random

LABEL = "GraphVersion"
CONSTRAINT = f"CREATE CONSTRAINT {LABEL.lower()}_id IF NOT EXISTS FOR (v:{LABEL}) REQUIRE v.id IS UNIQUE"
MOVE = f"MERGE (v:{LABEL} {{id: $place}}) SET v.mark = $mark"
VERSION = f"MATCH (v:{LABEL}) RETURN sum(v.mark) AS version"
_PLACES, _MARK_BITS = 256, 40


def a_move() -> dict[str, object]:
    """The parameters of `MOVE`: one of the places, and its new mark."""
    return {"place": f"place-{random.randrange(_PLACES)}", "mark": random.getrandbits(_MARK_BITS)}
