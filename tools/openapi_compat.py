"""Says what of a description of the API would break a client of an older one: `python -m tools.openapi_compat`.

Compares `openapi/openapi.yaml` with `openapi/released.yaml`, the description that was last released. What clients send
may be taken more freely, and what they get may say more; the reverse breaks them. The exit code is the number of
breaks, 255 at most.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "openapi"
RELEASED, CURRENT = FOLDER / "released.yaml", FOLDER / "openapi.yaml"
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "trace"})
_TIGHTER_IF_LOWER = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")
_TIGHTER_IF_HIGHER = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")
Node = Mapping[str, Any]


def breaks(old: Node, new: Node) -> list[str]:
    """Each break as a line: where, and what."""
    return list(_Comparison(old, new).all())


class _Comparison:
    """Two descriptions side by side; a pair of named schemas that is being compared is not entered again."""

    def __init__(self, old: Node, new: Node) -> None:
        self.old = old
        self.new = new
        self._open: set[tuple[str | None, str | None, bool]] = set()

    def all(self) -> Iterator[str]:
        for path, item in self.old["paths"].items():
            if path not in self.new["paths"]:
                yield f"{path}: the path is gone"
                continue
            for method in _METHODS & item.keys():
                place = f"{method.upper()} {path}"
                if method not in self.new["paths"][path]:
                    yield f"{place}: the operation is gone"
                else:
                    yield from self._operation(place, item[method], self.new["paths"][path][method])

    def _operation(self, place: str, old: Node, new: Node) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{place}: operationId {old.get('operationId')} became {new.get('operationId')}"
        yield from self._parameters(place, old, new)
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status >= "400":
                continue
            if status not in new["responses"]:
                yield f"{place}: the answer {status} is gone"
                continue
            now = new["responses"][status]
            for name in answer.get("headers", {}).keys() - now.get("headers", {}).keys():
                yield f"{place}: {status} has lost the header {name}"
            yield from self._contents(f"{place} {status}", answer, now, sent=False)

    def _parameters(self, place: str, old: Node, new: Node) -> Iterator[str]:
        before, now = ({(p["in"], p["name"]): p for p in one.get("parameters", ())} for one in (old, new))
        for key, parameter in before.items():
            where = f"{place} {key[0]} parameter {key[1]}"
            if key not in now:
                yield f"{where}: is gone"
            else:
                yield from self._schema(where, parameter["schema"], now[key]["schema"], sent=True)
        for key, parameter in now.items():
            if parameter.get("required", False) and not before.get(key, {}).get("required", False):
                yield f"{place} {key[0]} parameter {key[1]}: is required now"

    def _body(self, place: str, old: Node | None, new: Node | None) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required", False):
                yield f"{place}: a body is required now"
            return
        if new is None:
            yield f"{place}: takes no body any more"
            return
        if new.get("required", False) and not old.get("required", False):
            yield f"{place}: a body is required now"
        yield from self._contents(f"{place} body", old, new, sent=True)

    def _contents(self, place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
        now = new.get("content", {})
        for kind, content in old.get("content", {}).items():
            if kind not in now:
                yield f"{place}: {kind} is gone"
            elif "schema" in content:
                yield from self._schema(place, content["schema"], now[kind].get("schema", {}), sent=sent)

    def _schema(self, place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
        pair = (old.get("$ref"), new.get("$ref"), sent)
        if None in pair:
            yield from self._inside(place, old, new, sent=sent)
        elif pair not in self._open:
            self._open.add(pair)
            yield from self._inside(place, _resolved(self.old, old), _resolved(self.new, new), sent=sent)
            self._open.discard(pair)

    def _inside(self, place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from _types(place, old, new, sent=sent)
        yield from _bounds(place, old, new, sent=sent)
        yield from self._alternatives(place, old, new, sent=sent)
        yield from self._fields(place, old, new, sent=sent)
        for key in ("items", "additionalProperties"):
            if isinstance(old.get(key), Mapping) and isinstance(new.get(key), Mapping):
                yield from self._schema(f"{place}[]", old[key], new[key], sent=sent)
        if sent and new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
            yield f"{place}: unknown fields are refused now"

    def _fields(self, place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in now:
                yield f"{place}: the field {name} is gone"
            else:
                yield from self._schema(f"{place}.{name}", schema, now[name], sent=sent)
        was, is_ = set(old.get("required", ())), set(new.get("required", ()))
        if sent:
            yield from (f"{place}: the field {name} is required now" for name in sorted(is_ - was))
        else:
            gone = sorted(name for name in was - is_ if name in now)
            yield from (f"{place}: the field {name} may be missing now" for name in gone)

    def _alternatives(self, place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
        before, now = (_choices(one) for one in (old, new))
        if before or now:
            # what clients send has to be taken still, what they get has to be something that they know
            known, fresh = before or [old], now or [new]
            yield from self._covered(place, fresh if sent else known, known if sent else fresh, sent=sent)

    def _covered(self, place: str, takers: list[Node], given: list[Node], *, sent: bool) -> Iterator[str]:
        for one in given:
            pairs = [(one, taker) if sent else (taker, one) for taker in takers]
            found = [list(self._schema(place, old, new, sent=sent)) for old, new in pairs]
            if all(found):
                yield from min(found, key=len)


def _choices(schema: Node) -> list[Node]:
    return list(schema.get("anyOf") or schema.get("oneOf") or ())


def _resolved(document: Node, schema: Node) -> Node:
    while "$ref" in schema:
        node: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def _types(place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
    before, now = (_set(one.get("type")) for one in (old, new))
    if before and now and not (before <= now if sent else now <= before):
        yield f"{place}: the type {'|'.join(sorted(before))} became {'|'.join(sorted(now))}"
    was, is_ = (_values(one) for one in (old, new))
    if sent and is_ is not None and (was is None or not was <= is_):
        yield (
            f"{place}: takes only {sorted(is_)} now"
            if was is None
            else f"{place}: {sorted(was - is_)} is not taken now"
        )
    if not sent and was is not None and (is_ is None or not is_ <= was):
        yield f"{place}: may be something else than {sorted(was)} now"


def _bounds(place: str, old: Node, new: Node, *, sent: bool) -> Iterator[str]:
    if not sent:
        return
    for key in (*_TIGHTER_IF_LOWER, *_TIGHTER_IF_HIGHER):
        was, is_ = old.get(key), new.get(key)
        tighter = is_ is not None and (was is None or (is_ < was if key in _TIGHTER_IF_LOWER else is_ > was))
        if tighter:
            yield f"{place}: {key} went from {was} to {is_}"
    if new.get("pattern") not in {None, old.get("pattern")}:
        yield f"{place}: has to match {new['pattern']} now"


def _values(schema: Node) -> set[str] | None:
    if "const" in schema:
        return {str(schema["const"])}
    return {str(one) for one in schema["enum"]} if "enum" in schema else None


def _set(type_: object) -> set[str]:
    found = {type_} if isinstance(type_, str) else set(type_) if isinstance(type_, list) else set()
    return found | {"integer"} if "number" in found else found


def main() -> int:
    """Print the breaks between the released and the current description."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    old, new = (yaml.load(file.read_text(encoding="utf-8"), Loader=loader) for file in (RELEASED, CURRENT))
    found = breaks(old, new)
    for line in found:
        print(line)
    return min(len(found), 255)


if __name__ == "__main__":
    sys.exit(main())
