"""Fails when a file passes 300 lines or a function 40: what is longer is split, not excused.

A function's length counts its lines from `def` to its end without its docstring, comments and blank lines.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 300
FUNCTION_LINES = 40
FOLDERS = ("api", "graph", "causal", "ingest", "tests", "tools")


def too_long(root: Path) -> Iterator[str]:
    """One line for every file and function over its limit."""
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*.py")):
            lines = file.read_text(encoding="utf-8").splitlines()
            name = file.relative_to(root)
            if len(lines) > FILE_LINES:
                yield f"{name}: {len(lines)} lines, {FILE_LINES} allowed"
            for node in ast.walk(ast.parse("\n".join(lines))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = function_length(node, lines)
                    if length > FUNCTION_LINES:
                        yield f"{name}:{node.lineno}: {node.name} has {length} lines, {FUNCTION_LINES} allowed"


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Lines of code of a function, from its `def`."""
    body = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        body -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return sum(bool(lines[i - 1].strip()) and not lines[i - 1].strip().startswith("#") for i in body)


def main() -> int:
    """Print what is too long; 1 when anything is."""
    found = list(too_long(Path(__file__).parent.parent))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
