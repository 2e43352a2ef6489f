"""What tells that two publications are one: canonical address, hash of the words, minhash of their shingles.

Minhash: A. Z. Broder, "On the resemblance and containment of documents" (1997): the share of equal minima of many hash
functions over two sets is an unbiased estimate of their Jaccard resemblance, with a standard error of
sqrt(J (1 - J) / PERMUTATIONS).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

SHINGLE = 3  # words
PERMUTATIONS = 256
SEED = 1
SCHEME = f"minhash-affine32/{SHINGLE}/{PERMUTATIONS}/{SEED}"  # signatures of another one cannot be compared
FEWEST_SHINGLES = 20  # of shorter texts the resemblance is chance
# Hiragana, katakana, ideographs and hangul are written without blanks: each character counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_TRACKING = re.compile(r"^(utm_.*|mc_(cid|eid)|fbclid|gclid|dclid|msclkid|igshid|yclid|_hs(enc|mi)|ref|ref_src|cmpid)$")
_PREFIXES = ("www.", "m.", "mobile.", "amp.")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Of one publication: canonical address, SHA-256 of its normal words, signature; None for what is not known."""

    url: str | None
    words: str | None
    signature: str | None


def canonical_url(url: str) -> str:
    """The address without what does not change the page: scheme, www and mobile hosts, tracking, order, fragment.

    An address that is none comes back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url
    if not host:
        return url
    prefix = next((one for one in _PREFIXES if host.startswith(one) and host.count(".") > 1), "")
    host = host.removeprefix(prefix)
    if port is not None and port != _PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    path = quote(unquote(parts.path), safe="/:@!$&'()*+,;=~").rstrip("/").removesuffix("/amp")
    kept = sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(pair[0]))
    query = f"?{urlencode(kept)}" if kept else ""
    return f"https://{host}{path}{query}"


def fingerprint(url: str | None, text: str | None) -> Fingerprint:
    """The fingerprint of a publication by its address and text, either of which may be missing."""
    words = None if text is None else words_of(text)
    return Fingerprint(
        url=None if url is None else canonical_url(url),
        words=None if words is None else hashlib.sha256(" ".join(words).encode()).hexdigest(),
        signature=None if words is None else signature_of(words),
    )


def words_of(text: str) -> list[str]:
    """The words of a text, in one case and one form (NFKC), without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def signature_of(words: list[str]) -> str | None:
    """The minhash signature of a text's shingles as `<scheme>:<base64>`; None for a text too short for one."""
    shingles = {" ".join(words[i : i + SHINGLE]).encode() for i in range(len(words) - SHINGLE + 1)}
    if len(shingles) < FEWEST_SHINGLES:
        return None
    # Imported here, because the library loads scipy, which takes a second that nothing else has use for.
    from datasketch import MinHash

    made = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32")
    made.update_batch(sorted(shingles))
    return f"{SCHEME}:{base64.b64encode(made.hashvalues.astype('<u4').tobytes()).decode()}"


def resemblance(one: str, other: str) -> float | None:
    """The estimated Jaccard resemblance of two signatures, 0 to 1; None where they cannot be compared."""
    first, second = _minima(one), _minima(other)
    if first is None or second is None:
        return None
    return sum(a == b for a, b in zip(first, second, strict=True)) / PERMUTATIONS


def _minima(signature: str) -> memoryview | None:
    scheme, _, body = signature.rpartition(":")
    try:
        raw = base64.b64decode(body, validate=True)
    except binascii.Error:
        return None
    return memoryview(raw).cast("I") if scheme == SCHEME and len(raw) == 4 * PERMUTATIONS else None
