"""Packed answers: whole whatever the pieces, bounded whatever they unpack to, never taken for whole when cut off."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import AsyncIterator

import pytest

from ingest.unpacking import PIECE, CannotUnpackError, CutOffError, unpacked

TEXT = b"".join(b"%d,%d\n" % (n, n * n) for n in range(20_000))


def bare(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def whole(content: bytes, encoding: str, size: int = 1000) -> bytes:
    return b"".join([one async for one in unpacked(pieces(content, size), encoding)])


PACKED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + bytes(8),
    "deflate": zlib.compress(TEXT),
    " Deflate ": bare(TEXT),
}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("size", [100, 4096, 10**7])
async def test_what_was_packed_comes_out(encoding: str, size: int) -> None:
    assert await whole(PACKED[encoding], encoding, size) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", " Deflate "])
async def test_what_was_cut_off_or_damaged_is_no_whole_answer(encoding: str) -> None:
    packed = PACKED[encoding]
    chance = random.Random(1)
    for _ in range(20):
        with pytest.raises(CutOffError):
            await whole(packed[: chance.randrange(200, len(packed) - 1)], encoding)
    with pytest.raises(CutOffError):
        await whole(packed[:2000] + b"damaged" * 40 + packed[2000:], encoding)


async def test_another_encoding_than_was_asked_for_is_named() -> None:
    with pytest.raises(CannotUnpackError, match="br"):
        await whole(b"x", "br")
    assert await whole(b"", "gzip") == b""


async def test_a_small_answer_that_unpacks_to_much_comes_out_in_pieces() -> None:
    packed = gzip.compress(bytes(30_000_000))
    assert len(packed) < 40_000
    sizes = [len(one) async for one in unpacked(pieces(packed, len(packed)), "gzip")]
    assert max(sizes) == PIECE
    assert sum(sizes) == 30_000_000
