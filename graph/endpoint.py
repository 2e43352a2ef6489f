"""Where a graph is and who asks, kept apart so that naming a server needs no driver."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A Bolt address, a user of it and a database; the password never shows in a representation."""

    url: str
    user: str
    password: str = field(repr=False)
    database: str
