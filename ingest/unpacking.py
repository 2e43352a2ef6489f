"""Unpacks answers piece by piece: what a Content-Encoding packed, within a bound, and not without noticing its end.

Written by hand over `zlib`: the decoders of the HTTP client give whatever one piece unpacks to at once, a thousand
times its size, and take a packed body that was cut off for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

PIECE = 2**16
_GZIP, _ZLIB, _DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class CannotUnpackError(Exception):
    """The encoding is not one that was asked for."""


class CutOffError(Exception):
    """The packed bytes are damaged, or end too early."""


async def unpacked(pieces: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The bytes behind packed pieces, in pieces of `PIECE` at most; as they come where `encoding` is empty.

    `encoding` is the Content-Encoding (RFC 9110, 8.4.1): gzip, deflate (with the frame of zlib, or bare as some servers
    send it), identity or none. Raises CannotUnpackError for another one, CutOffError.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        async for piece in pieces:
            yield piece
        return
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise CannotUnpackError(name)
    unpacker = _Unpacker(_ZLIB if name == "deflate" else _GZIP)
    async for piece in pieces:
        for out in unpacker.fed(piece):
            yield out
    unpacker.check_end()


class _Unpacker:
    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._zlib = zlib.decompressobj(bits)
        self._begun = False

    def fed(self, piece: bytes) -> Iterator[bytes]:
        """What comes out when a piece is put in."""
        more = bool(piece)
        while more:
            if self._zlib.eof:  # a body of several members, or the zeros that fill one up
                piece = piece.lstrip(b"\0")
                if not piece:
                    return
                self._zlib = zlib.decompressobj(self._bits)
            try:
                out = self._zlib.decompress(piece, PIECE)
            except zlib.error as error:
                if self._begun or self._bits != _ZLIB:
                    raise CutOffError(str(error)) from error
                self._bits = _DEFLATE
                self._zlib = zlib.decompressobj(self._bits)
                continue
            self._begun = True
            piece = self._zlib.unconsumed_tail or self._zlib.unused_data
            more = bool(piece) or (len(out) == PIECE and not self._zlib.eof)
            if out:
                yield out

    def check_end(self) -> None:
        """Raises CutOffError where more had to come; nothing at all is an empty body."""
        if self._begun and not self._zlib.eof:
            raise CutOffError("it ends before it is whole")
