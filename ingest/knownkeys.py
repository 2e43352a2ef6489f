"""Says of an unknown key which keys there are, and which of them is near: for files, requests and arguments alike.

Pydantic says of such a key only that it is not permitted; what would be stands in the type that was asked for.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

UNKNOWN = "extra_forbidden"
Place = Sequence[int | str]


def in_words(fault: Mapping[str, Any], kind: object, place: Place | None = None) -> str:
    """What is wrong at one place of a value that was to be a `kind`: the words of pydantic, but for an unknown key.

    `fault` is one of `ValidationError.errors()`; `place` is its own where nothing stands in front of it.
    """
    at = fault["loc"] if place is None else place
    return unknown(str(at[-1]), keys_at(kind, at)) if fault["type"] == UNKNOWN and at else str(fault["msg"])


def unknown(name: str, keys: Collection[str]) -> str:
    """The words for a key that is none of `keys`."""
    near = get_close_matches(name, list(keys), n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"there is no such key{hint} (keys: {', '.join(keys) or 'none'})"


def keys_at(kind: object, place: Place) -> tuple[str, ...]:
    """The keys that a value of this type takes where the key at the end of `place` stands, in their order."""
    here = list(_parts(kind))
    for part in place[:-1]:
        here = list(_inner(here, part)) or here  # names of alternatives, which pydantic adds to a place, lead nowhere
    return tuple(dict.fromkeys(name for one in here if _is_model(one) for name in _keys(one)))


def _inner(here: Iterable[Any], part: int | str) -> Iterator[object]:
    for one in here:
        if _is_model(one):
            if part in {one.__name__, *_tags(one)}:
                yield one
            yield from (
                piece for name, field in _keys(one).items() if name == part for piece in _parts(field.annotation)
            )
        elif get_args(one):
            is_mapping = isinstance(get_origin(one), type) and issubclass(get_origin(one), Mapping)
            if is_mapping == isinstance(part, str):
                yield from (piece for inner in get_args(one) for piece in _parts(inner))


def _parts(kind: object) -> Iterator[object]:
    """The alternatives of an annotation, without what is only said about it."""
    if get_origin(kind) is Annotated:
        yield from _parts(get_args(kind)[0])
    elif get_origin(kind) in {Union, types.UnionType}:
        yield from (piece for one in get_args(kind) for piece in _parts(one))
    else:
        yield kind


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and issubclass(kind, BaseModel)


def _tags(model: type[BaseModel]) -> Iterator[object]:
    """The words by which alternatives are told apart."""
    for field in model.model_fields.values():
        if get_origin(field.annotation) is Literal:
            yield from get_args(field.annotation)


def _keys(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}
