"""Rows with named fields as an Arrow stream: for lists and for analysts' answers, whose types nobody declared.

A column of whole numbers, numbers or truth values is typed so; any other is text, and what is nested is JSON in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
import pyarrow as pa

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
_WHOLE = range(-(2**63), 2**63)


def arrow_of(fields: Sequence[str], rows: Sequence[Sequence[object]], about: Mapping[str, object]) -> bytes:
    """The rows as one Arrow IPC stream; `about` stands in the metadata of its schema, each value as JSON."""
    columns = [_column([row[place] for row in rows]) for place in range(len(fields))]
    metadata = {name: orjson.dumps(value) for name, value in about.items()}
    schema = pa.schema(
        [pa.field(name, column.type) for name, column in zip(fields, columns, strict=True)], metadata=metadata
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(columns, schema=schema))
    return bytes(sink.getvalue().to_pybytes())


def _column(values: Sequence[object]) -> pa.Array:
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, bool) for value in given):
        return pa.array(values, pa.bool_())
    if given and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        whole = all(isinstance(value, int) and value in _WHOLE for value in given)
        return pa.array([value if value is None or whole else float(str(value)) for value in values], _number(whole))
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _number(whole: bool) -> pa.DataType:
    return pa.int64() if whole else pa.float64()


def _text(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    return text.encode("utf-8", "replace").decode()
