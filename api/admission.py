"""Makes the door of an application from its settings: who may come in, how many, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter

from api.audit import Audit
from api.auth import Authenticator, KeyBook
from api.fairness import Shares
from api.gate import Door, public_paths
from api.keystore import KeyStore
from api.limits_table import LimitsTable
from api.metrics import Metrics
from api.settings import Settings
from api.tokens import Issuer, SigningKeys, Tokens


def make_door(settings: Settings, routers: Iterable[APIRouter]) -> Door:
    """The door; with `auth` set to `required` nobody comes in whom it does not know."""
    metrics, audit = Metrics(), Audit(settings.data)
    metrics.watch("whymove_audit_lost", "Lines of the audit that could not be written", "file", lambda: _lost(audit))
    return Door(
        metrics=metrics,
        most=settings.max_requests,
        audit=audit,
        shares=Shares(a_minute=settings.rate_limit, table=_table(settings)),
        who=_authenticator(settings) if settings.auth == "required" else None,
        public=public_paths(routers),
    )


async def close_door(door: Door) -> None:
    """Write down what is still to be written; called when the application ends."""
    if door.who is not None:
        await door.who.book.close()
    if door.shares.table is not None:
        door.shares.table.close()
    door.audit.close()


def _table(settings: Settings) -> LimitsTable | None:
    """Where workers and the way of agents count together, whoever of them runs; nothing is counted of nobody known."""
    return LimitsTable(settings.data) if settings.auth == "required" else None


def _authenticator(settings: Settings) -> Authenticator:
    tokens = None
    if settings.oidc_issuer is not None and settings.oidc_audience is not None:
        issuer = Issuer(
            issuer=settings.oidc_issuer,
            audience=settings.oidc_audience,
            keys=settings.oidc_keys,
            scope_claim=settings.oidc_scope_claim,
            scope_prefix=settings.oidc_scope_prefix,
        )
        tokens = Tokens(keys=SigningKeys(issuer=issuer))
    return Authenticator(book=KeyBook(store=KeyStore(settings.data)), tokens=tokens)


def _lost(audit: Audit) -> dict[str, float]:
    return {"audit": float(audit.lost)}
