"""The series store, in a local folder, at a file address and in fsspec's memory: what is published is what is read."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from graph.errors import NotInGraphError
from graph.series import NO_DAY, SCHEMA, BrokenSeriesError, InvalidSeriesError, Read, SeriesStore
from tests.series_kit import DAY, FIRST, daily, publish, table

HOUR = timedelta(hours=1)
START = datetime(2020, 12, 1, 21, tzinfo=UTC)


@pytest.fixture(params=["folder", "file address", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    places: dict[str, str | Path] = {
        "folder": tmp_path / "series",
        "file address": (tmp_path / "series").as_uri(),
        "memory": f"memory://{uuid.uuid4()}/series",
    }
    return places[request.param]


@pytest.fixture
def store(root: str | Path) -> SeriesStore:
    return SeriesStore(root)


async def test_what_is_published_is_read_by_any_other_store_of_the_place(store: SeriesStore, root: str | Path) -> None:
    at = [FIRST, FIRST + DAY, FIRST + 40 * DAY]
    publish(store, price=table(at, [1.5, -2.0, 0.0], day=[18597, None, 18637], known_at=[None, FIRST + 2 * DAY, None]))
    for each in (store, SeriesStore(root)):
        values = await each.read("price", publication_lag=HOUR)
        assert values.at.tolist() == at
        assert values.value.tolist() == [1.5, -2.0, 0.0]
        assert values.day.tolist() == [18597, NO_DAY, 18637]
        assert values.known_at.tolist() == [at[0] + 3_600_000_000, FIRST + 2 * DAY, at[2] + 3_600_000_000]
        types = [array.dtype for array in (values.at, values.day, values.value, values.known_at)]
        assert types == [np.int64, np.int32, np.float64, np.int64]
        assert not values.value.flags.writeable


async def test_names_extents_and_dropping(store: SeriesStore) -> None:
    assert store.names() == ()
    publish(store, b=daily(1), a=daily(2, 3))
    assert store.names() == ("a", "b")
    extent = store.extent("a")
    assert extent is not None
    assert (extent.first, extent.last, extent.count) == (START, START + timedelta(days=2), 3)
    store.drop("b")
    store.drop("b")
    assert store.names() == ("a",)
    assert store.extent("b") is None
    with pytest.raises(NotInGraphError, match="unknown series 'b'"):
        await store.read("b")
    publish(store, b=daily(3))
    assert (await store.read("b")).value[0] == 3


async def test_a_window_holds_both_of_its_ends_and_empty_windows_hold_nothing(store: SeriesStore) -> None:
    publish(store, price=daily(1))
    values = await store.read("price", since=START + 30 * timedelta(days=1), until=START + 32 * timedelta(days=1))
    assert [int(day) - 18597 for day in values.day] == [30, 31, 32]
    assert len(await store.read("price", since=START + timedelta(days=1), until=START + timedelta(hours=30))) == 1
    assert len(await store.read("price", until=START - HOUR)) == 0
    assert len(await store.read("price", since=START + timedelta(days=60))) == 0
    with pytest.raises(ValueError, match="no time zone"):
        await store.read("price", since=datetime(2021, 1, 1))  # noqa: DTZ001  # what it refuses


async def test_many_reads_answer_in_their_order(store: SeriesStore) -> None:
    publish(store, a=daily(1), b=daily(2))
    asks = [Read(series="b", until=START), Read(series="a"), Read(series="b", publication_lag=timedelta(days=50))]
    answers = await store.read_many(asks, as_of=START + timedelta(days=59))
    assert [(len(values), values.value[0]) for values in answers] == [(1, 2), (60, 1), (10, 2)]


async def test_years_are_files_that_other_tools_find_by_series_and_year(tmp_path: Path) -> None:
    publish(SeriesStore(tmp_path), price=daily(1), flow=daily(2))
    found = ds.dataset(tmp_path, format="parquet", partitioning="hive").to_table()
    assert found.num_rows == 120
    per_year = found.group_by(["series", "year"]).aggregate([("value", "sum"), ("at", "min")]).sort_by("value_sum")
    assert per_year.column("series").to_pylist() == ["price", "price", "flow", "flow"]
    assert sorted(per_year.column("year").to_pylist()) == [2020, 2020, 2021, 2021]
    assert per_year.column("value_sum").to_pylist() == [29, 31, 58, 62]


async def test_a_window_opens_only_the_years_that_it_needs(tmp_path: Path) -> None:
    publish(SeriesStore(tmp_path), price=daily(1))
    (lost,) = (tmp_path / "series=price" / "year=2021").glob("*.parquet")
    lost.unlink()
    assert len(await SeriesStore(tmp_path).read("price", until=datetime(2020, 12, 31, 23, tzinfo=UTC))) == 31
    with pytest.raises(BrokenSeriesError, match=r"gone .*year=2021.*; import it again"):
        await SeriesStore(tmp_path).read("price")


async def test_a_damaged_file_or_manifest_is_named_and_healed_by_the_next_import(tmp_path: Path) -> None:
    store = SeriesStore(tmp_path)
    publish(store, price=daily(1))
    (file,) = (tmp_path / "series=price" / "year=2021").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(BrokenSeriesError, match=r"year=2021.* cannot be read"):
        await store.read("price")
    (tmp_path / "series=price" / "_manifest.json").write_text("{")
    with pytest.raises(BrokenSeriesError, match="its manifest cannot be read"):
        await store.read("price")
    publish(store, price=daily(4))
    assert (await store.read("price")).value.tolist() == [4.0] * 60


@pytest.mark.parametrize("rows", [1, 65_535, 65_536, 200_001])
async def test_rows_survive_whatever_the_size_of_the_pieces(store: SeriesStore, rows: int) -> None:
    at = FIRST + 1_000_000 * np.arange(rows)
    value = np.random.default_rng(1).standard_normal(rows)
    known_at = [None] * (rows - 1) + [int(at[-1])]
    whole = table(at.tolist(), value.tolist(), known_at=known_at)
    with store.staging("long") as staging:
        for start in range(0, rows, 30_011):
            piece = whole.slice(start, 30_011)
            for batch in piece.to_batches():
                staging.add(batch)
        store.publish([staging])
    values = await store.read("long", publication_lag=HOUR)
    assert np.array_equal(values.at, at)
    assert np.array_equal(values.value, value)
    assert values.known_at[-1] == at[-1]
    assert rows == 1 or values.known_at[0] == at[0] + 3_600_000_000
    since, until = START + timedelta(seconds=65_000), START + timedelta(seconds=66_000)
    inside = slice(65_000, 66_001)
    assert np.array_equal((await store.read("long", since=since, until=until)).value, value[inside])


REFUSED = {
    "comes after a later one; sort": table([5, 4], [1, 2]),
    "is there twice without a later known_at": table([5, 5], [1, 2]),
    "row 2 .* is there twice": table([5, 5], [1, 2], known_at=[7, 7]),
    "row 1 .* has a value that is not finite": table([5], [float("nan")]),
    "row 2 .* has a value that is not finite": table([5, 6], [1, float("inf")]),
    "row 1 has no value": pa.table({**dict.fromkeys(SCHEMA.names, pa.nulls(1)), "at": [5]}).cast(
        pa.schema([field.with_nullable(True) for field in SCHEMA])
    ),
    "outside the years 1 to 9999": table([2**62], [1]),
    "the columns are to be at timestamp": pa.table({"at": [1], "value": [1.0]}),
    "no rows were added": SCHEMA.empty_table(),
}


@pytest.mark.parametrize("problem", REFUSED)
def test_rows_that_do_not_hold_together_are_refused_and_the_old_ones_stay(store: SeriesStore, problem: str) -> None:
    publish(store, price=daily(1))
    with pytest.raises(InvalidSeriesError, match=f"series 'price': .*{problem}"):
        publish(store, price=REFUSED[problem])
    extent = store.extent("price")
    assert extent is not None
    assert extent.count == 60


def test_rows_are_in_order_across_additions(store: SeriesStore) -> None:
    with store.staging("price") as staging:
        staging.add(daily(1))
        with pytest.raises(InvalidSeriesError, match=r"row 61 \(2020-12-01T21:00:00\+00:00\) comes after a later one"):
            staging.add(daily(1, 1))
        with pytest.raises(InvalidSeriesError, match=r"row 61 .* is there twice"):
            staging.add(daily(1, 1, FIRST + 59 * DAY))
        store.publish([staging])
        with pytest.raises(InvalidSeriesError, match="this staging is over"):
            staging.add(daily(1, 1, FIRST + 90 * DAY))
        with pytest.raises(InvalidSeriesError, match="this staging is over"):
            store.publish([staging])
    with store.staging("revised") as staging:
        staging.add(table([FIRST], [1], known_at=[FIRST + DAY]))
        with pytest.raises(InvalidSeriesError, match=r"row 2 .* is there twice"):
            staging.add(table([FIRST], [2], known_at=[FIRST + DAY]))
        staging.add(table([FIRST], [2], known_at=[FIRST + 2 * DAY]))
        store.publish([staging])
    twice = [store.staging("two"), store.staging("two")]
    with pytest.raises(InvalidSeriesError, match="staged twice"):
        store.publish(twice)


@pytest.mark.parametrize("name", ["a:b", "A.b-c_9", "..", "x.", "%3A".replace("%", "-"), "a" * 200])
def test_an_id_may_hold_what_file_names_may_not(tmp_path: Path, name: str) -> None:
    store = SeriesStore(tmp_path / "below")
    with store.staging(name) as staging:
        staging.add(daily(1))
        store.publish([staging])
    assert store.names() == (name,)
    assert len(asyncio.run(store.read(name))) == 60
    assert [path.name for path in tmp_path.iterdir()] == ["below"]
    (folder,) = (path.name for path in (tmp_path / "below").iterdir() if path.is_dir())
    assert ":" not in folder
    assert not folder.endswith(".")


@pytest.mark.parametrize("name", ["", "a/b", "a b", "ä", "a\n", "a%3Ab", "a" * 201])
def test_other_ids_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidSeriesError, match="an id has 1 to 200 characters"):
        SeriesStore(tmp_path).staging(name)


def test_a_folder_of_another_id_is_not_overwritten(tmp_path: Path) -> None:
    """What happens where file names do not tell capital letters from small ones."""
    publish(SeriesStore(tmp_path), price=daily(1))
    (tmp_path / "series=price").rename(tmp_path / "series=PRICE")
    with pytest.raises(InvalidSeriesError, match="its folder already holds 'price'"):
        publish(SeriesStore(tmp_path), PRICE=daily(2))


async def test_a_row_is_visible_once_it_was_public(store: SeriesStore) -> None:
    lag = timedelta(days=1, hours=2)
    publish(store, price=daily(1))
    for as_of, visible in ((START + lag, 1), (START + lag - timedelta(microseconds=1), 0), (START + 3 * lag, 3)):
        assert len(await store.read("price", as_of=as_of, publication_lag=lag)) == visible


async def test_of_revisions_the_last_that_was_known_holds(store: SeriesStore) -> None:
    first_known, revised = FIRST + DAY, FIRST + 9 * DAY
    publish(store, gdp=table([FIRST, FIRST, FIRST + DAY], [1, 2, 5], known_at=[first_known, revised, None]))
    read = [
        (await store.read("gdp", as_of=START + timedelta(days=days))).value.tolist() for days in (0.5, 1, 8.9, 9, 99)
    ]
    assert read == [[], [1, 5], [1, 5], [2, 5], [2, 5]]
    assert (await store.read("gdp")).value.tolist() == [2, 5]


def test_the_files_of_a_place_in_memory_are_those_of_fsspec() -> None:
    place = f"memory://{uuid.uuid4()}"
    publish(SeriesStore(place), price=daily(1))
    publish(SeriesStore(place), price=daily(2))
    files, path = fsspec.core.url_to_fs(place)
    names = [name.removeprefix(path).rsplit("/", 1)[0] for name in files.find(path)]
    assert sorted(names) == ["/series=price", "/series=price/year=2020", "/series=price/year=2021"]
