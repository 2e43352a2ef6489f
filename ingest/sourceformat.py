"""The words of `source.yaml`, the file in which a connector says all that is no code.

schema_version: 1
name, title, publisher, homepage   what it is; `name` is that of its folder
licence, terms                     may_redistribute, may_show or private_use, and why
hosts: {api: https://host}         base addresses by name; a setting may put others in their place
redirects: [other.host]            hosts to which an answer may send on, besides those of `hosts`
key: {query: api_key, required: true}        or header; absent: no key
pace: {requests: 10, seconds: 1}   how often a host may be asked; all runs of a process share it
accept: [application/json]         media types of answers
largest: 20000000                  bytes that an answer has at most, unpacked
clock                              of its daily values, as in mappings of tables
publication_lag: P1D               of its series that say none of their own
backfill: P300D                    what a first run fetches without --since
overlap: P2D                       what a later run fetches again before its newest value, for revisions
catch_up: P2D                      how far back a run without --since goes at most; absent: to the newest value
symbols: {BTC-USD: {subject: btcusd}}        what may be asked for, as the source calls it; any further words
instruments, actors, relations     as in case files
series                             one entry a series
  - {id, symbol, field, indicator, subject, unit, frequency}   and name, clock, publication_lag, lowest, highest
expectations                       a run that falls short of one stores nothing
  points: 1                        least number of values in all, or of each series that was asked for: each_series
  nodes: 0                         least number of nodes beside the series
  newest: P3D                      how old the newest value may be at the end of the window
  skipped: 0.01                    share of records that may be unreadable
schedule                           when it is fetched by itself, for `serve --jobs`: one of
  {every: PT6H}                      so long after the last run that succeeded
  {after: "18:45", tz: America/New_York, weekdays: [monday, ...]}      daily at a time; without weekdays every day
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ingest.caseparts import ActorPart, Id, InstrumentPart, Part, RelationPart, Text
from ingest.tableformat import ClockPart, Duration, Licence, SeriesId, TimeOfDay, Zone


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username is not None:
        raise ValueError(f"{url!r} is no base address; write https://host, without query and user")
    return url.rstrip("/")


BaseUrl = Annotated[Text, AfterValidator(_base)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class KeyPart(Part):
    """Where the source wants its key: in the query under a name, or in a header."""

    query: Text | None = None
    header: Text | None = None
    required: bool = True

    @model_validator(mode="after")
    def _one_place(self) -> KeyPart:
        if (self.query is None) == (self.header is None):
            raise ValueError("name query or header, where the key goes")
        return self


class PacePart(Part):
    """So many requests in so many seconds, evenly."""

    requests: int = Field(ge=1)
    seconds: float = Field(gt=0)


class SymbolPart(Part):
    """What a symbol of the source is about; `words` are the connector's own."""

    subject: Id | None = None
    words: dict[str, str] = Field(default_factory=dict)


class SourceSeriesPart(Part):
    """One series; `symbol` and `field` say what of the source it is, `lowest` and `highest` what it can be."""

    id: SeriesId
    symbol: Text
    field: Text
    indicator: Text
    subject: Id
    unit: Text
    frequency: Duration
    name: Text | None = None
    clock: ClockPart | None = None
    publication_lag: Duration | None = None
    lowest: float | None = None
    highest: float | None = None


class ExpectationsPart(Part):
    """What a run has to bring."""

    points: int = Field(default=0, ge=0)
    each_series: int = Field(default=0, ge=0)
    nodes: int = Field(default=0, ge=0)
    newest: Duration | None = None
    skipped: float = Field(default=0.0, ge=0, lt=1)


class SchedulePart(Part):
    """When a source is fetched by itself: so long after the last time, or after a time of certain days."""

    every: Duration | None = None
    after: TimeOfDay | None = None
    tz: Zone = "UTC"
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS

    @model_validator(mode="after")
    def _one_rule(self) -> SchedulePart:
        if (self.every is None) == (self.after is None):
            raise ValueError("name every, or after with tz")
        if self.every is not None and self.every <= timedelta(0):
            raise ValueError("every has to be longer than nothing")
        return self


class SamplePart(Part):
    """One payload of `sample/index.yaml`; `path` follows the base address of `host`, by default the first."""

    file: Text
    path: Text
    host: Text | None = None
    params: dict[str, str] = Field(default_factory=dict)
    context: dict[str, str] = Field(default_factory=dict)
    content_type: Text
    fetched_at: datetime


class SourceFile(Part):
    """One `source.yaml`."""

    schema_version: Literal[1]
    name: Id
    title: Text
    publisher: Text
    homepage: Text
    licence: Licence
    terms: Text
    hosts: dict[str, BaseUrl] = Field(min_length=1)
    redirects: tuple[Text, ...] = ()
    key: KeyPart | None = None
    pace: PacePart
    accept: tuple[Text, ...]
    largest: int = Field(default=20_000_000, ge=1)
    clock: ClockPart
    publication_lag: Duration = timedelta(0)
    backfill: Duration
    overlap: Duration = timedelta(0)
    catch_up: Duration | None = None
    symbols: dict[str, SymbolPart] = Field(default_factory=dict)
    instruments: tuple[InstrumentPart, ...] = ()
    actors: tuple[ActorPart, ...] = ()
    relations: tuple[RelationPart, ...] = ()
    series: tuple[SourceSeriesPart, ...] = ()
    expectations: ExpectationsPart
    schedule: SchedulePart | None = None

    def at(self, hosts: Mapping[str, str]) -> SourceFile:
        """The source with other base addresses, by the name of the host. Raises ValueError for an unknown name."""
        unknown = sorted(set(hosts) - set(self.hosts))
        if unknown:
            raise ValueError(f"{self.name} has no host {', '.join(unknown)}; it has {', '.join(sorted(self.hosts))}")
        return self.model_copy(update={"hosts": {**self.hosts, **{name: _base(url) for name, url in hosts.items()}}})

    def series_of(self, symbol: str, field: str | None = None) -> tuple[SourceSeriesPart, ...]:
        """The series of a symbol, of one field of it where one is named."""
        return tuple(one for one in self.series if one.symbol == symbol and field in {None, one.field})

    def broken(self) -> Iterator[tuple[str, str]]:
        """(place, reason) of what does not hold together inside the file."""
        known = {one.id for one in self.instruments} | {one.id for one in self.actors}
        seen: set[str] = set()
        for n, one in enumerate(self.series):
            if one.id in seen:
                yield f"series[{n}].id", f"{one.id!r} is given twice"
            seen.add(one.id)
            if one.subject not in known:
                yield f"series[{n}].subject", f"{one.subject!r} is none of the instruments and actors of this file"
            if one.symbol not in self.symbols:
                yield f"series[{n}].symbol", f"{one.symbol!r} is none of `symbols`"
            if one.lowest is not None and one.highest is not None and one.lowest > one.highest:
                yield f"series[{n}].lowest", "is above `highest`"
