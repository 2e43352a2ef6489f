"""What a caller may do: five scopes, of which a key or a token holds some and every route asks for one."""

from __future__ import annotations

from typing import Literal, get_args

Scope = Literal["read", "cypher", "ingest", "judge", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
MEANING: dict[str, str] = {
    "read": "ask for explanations and read what the graph holds",
    "cypher": "ask the graph in Cypher, within limits",
    "ingest": "put facts, series, documents and templates into the graph",
    "judge": "record judgements",
    "admin": "all of these, and what concerns the service itself",
}
PUBLIC = "public"  # of routes that anybody may ask: health, the description, what problems mean


def allows(held: frozenset[str], scope: str) -> bool:
    """Whether a caller with these scopes may do what asks for `scope`; `admin` may do all."""
    return scope == PUBLIC or scope in held or "admin" in held
