"""What all parts of the explanation object share on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """What all parts share: a field that is not listed here is refused by the tests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
