"""Reads a table of judged moves: of which move which narrative was a cause, and of which it was none."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.ask import Ask, make_ask
from api.errors import InvalidAskError, InvalidLabelsError

NEEDED, QUESTION = ("narrative", "true"), ("case", "instrument", "on")
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A move: a case, or an instrument with its day."""

    case: str | None
    instrument: str | None
    on: str | None

    def __str__(self) -> str:
        return " ".join(part for part in (self.case, self.instrument, self.on) if part)

    def ask(self) -> Ask:
        """The question as of now. Raises InvalidAskError."""
        return make_ask(case=self.case, instrument=self.instrument, on=self.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One line: whether a narrative, by its id or its template, was a cause of a move."""

    line: int
    question: Question
    narrative: str
    true: bool


def read_labels(path: Path) -> dict[Question, list[Label]]:
    """The lines by the move that they are about, in their order.

    Raises InvalidLabelsError that names every line at fault, and OSError.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            _check_header(tuple(reader.fieldnames or ()))
            return _by_move(_rows(reader))
        except (csv.Error, UnicodeDecodeError) as error:
            raise InvalidLabelsError([(reader.line_num + 1, f"cannot be read as CSV in UTF-8: {error}")]) from error


def _check_header(names: tuple[str, ...]) -> None:
    known = (*QUESTION, *NEEDED)
    missing = [name for name in NEEDED if name not in names]
    if "case" not in names and not {"instrument", "on"} <= set(names):
        missing.append("case (or instrument and on)")
    faults = [f"no column {name}" for name in missing]
    faults += [f"unknown column {name!r}" for name in names if name not in known]
    faults += [f"column {name} twice" for name in known if names.count(name) > 1]
    if faults:
        raise InvalidLabelsError([(1, f"{'; '.join(faults)}; columns are {', '.join(known)}")])


def _rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, Mapping[str | None, object]]]:
    for row in reader:
        yield reader.line_num, row


def _by_move(rows: Iterator[tuple[int, Mapping[str | None, object]]]) -> dict[Question, list[Label]]:
    faults: list[tuple[int, str]] = []
    seen: dict[tuple[Question, str], int] = {}
    answer: dict[Question, list[Label]] = {}
    for line, row in rows:
        try:
            label = _label(line, row)
        except (InvalidAskError, ValueError) as error:
            faults.append((line, str(error)))
            continue
        first = seen.setdefault((label.question, label.narrative.casefold()), line)
        if first != line:
            faults.append((line, f"judges {label.narrative} of {label.question} again, as line {first} does"))
        answer.setdefault(label.question, []).append(label)
    if faults:
        raise InvalidLabelsError(faults)
    return answer


def _label(line: int, row: Mapping[str | None, object]) -> Label:
    if None in row:
        raise ValueError("more cells than columns")
    cells = {name: str(value or "").strip() for name, value in row.items()}
    if not cells["narrative"]:
        raise ValueError("narrative: empty; give the id of a narrative or of its template")
    if cells["true"].lower() not in _TRUTHS:
        raise ValueError(f"true: {cells['true']!r}; write true or false")
    question = Question(**{name: cells.get(name) or None for name in QUESTION})
    if question.instrument is not None and question.on is None:
        raise InvalidAskError("on", f"when? give the day of the move of {question.instrument}")
    question.ask()
    return Label(line=line, question=question, narrative=cells["narrative"], true=_TRUTHS[cells["true"].lower()])
