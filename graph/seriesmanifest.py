"""The manifest of a series: which files are its rows now. What it does not name does not count.

It is one small JSON file that is replaced in one step, so that a reader sees one version of a series or the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from graph.serieserrors import BrokenSeriesError, InvalidSeriesError

FORMAT = 1
MANIFEST = "_manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One row group of a file: its first and last instant in microseconds, and its rows."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Rows of one year (UTC): the path below the series, its row groups, and which optional columns hold values."""

    path: str
    year: int
    day: bool
    known_at: bool
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """Rows, revisions counted each."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One version of a series: its files, oldest first, at least one; several of one year follow one another."""

    series: str
    version: str
    files: tuple[File, ...]

    @property
    def first(self) -> int:
        """The first instant, in microseconds."""
        return self.files[0].groups[0].first

    @property
    def last(self) -> int:
        """The last instant, in microseconds."""
        return self.files[-1].groups[-1].last

    @property
    def count(self) -> int:
        """Rows, revisions counted each."""
        return sum(file.count for file in self.files)

    def written(self) -> bytes:
        """Its JSON."""
        files = [
            {
                "path": file.path,
                "year": file.year,
                "first": file.groups[0].first,
                "last": file.groups[-1].last,
                "count": file.count,
                "day": file.day,
                "known_at": file.known_at,
                "groups": [[group.first, group.last, group.count] for group in file.groups],
            }
            for file in self.files
        ]
        document = {"format": FORMAT, "series": self.series, "version": self.version, "files": files}
        return json.dumps(document, separators=(",", ":")).encode()


def parse_manifest(series: str, data: bytes) -> Manifest:
    """The manifest of a series from its JSON.

    BrokenSeriesError when it is none of this format; InvalidSeriesError when it is that of another id, which happens
    where file names do not tell capital letters from small ones.
    """
    try:
        document = json.loads(data)
        if document["format"] != FORMAT:
            raise BrokenSeriesError(series, f"its manifest has the format {document['format']}, known is {FORMAT}")
        files = tuple(
            File(
                path=str(file["path"]),
                year=int(file["year"]),
                day=bool(file["day"]),
                known_at=bool(file["known_at"]),
                groups=tuple(Group(first=first, last=last, count=count) for first, last, count in file["groups"]),
            )
            for file in document["files"]
        )
        found = Manifest(series=str(document["series"]), version=str(document["version"]), files=files)
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenSeriesError(series, f"its manifest cannot be read ({error})") from error
    if not files or not all(file.groups for file in files):
        raise BrokenSeriesError(series, "its manifest names no rows")
    if found.series != series:
        raise InvalidSeriesError(series, f"its folder already holds {found.series!r}; use that id or another one")
    return found
