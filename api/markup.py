"""Text on its way into XML and HTML: nothing of a fact or a title may become markup, or hide what it says.

Characters that XML 1.0 forbids, and those that turn the direction of writing round, become U+FFFD, so that a hostile
statement can neither break a picture nor show another order of words than it has.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

# what is outside of `Char` in XML 1.0 (section 2.2), and the explicit directional controls of Unicode
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_WEB = frozenset({"http", "https"})


def plain(text: object) -> str:
    """A text on one line, without characters that XML forbids or that reorder what is read."""
    return " ".join(_UNFIT.sub("\ufffd", str(text)).split())


def safe(text: object) -> str:
    """A text as content or as the value of a quoted attribute."""
    return escape(plain(text), quote=True)


def web_address(url: object) -> str | None:
    """An address that a page may link to, escaped; None for all but http and https with a host."""
    text = plain(url or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in _WEB or not parts.netloc or " " in text or "\ufffd" in text:
        return None
    return escape(text, quote=True)
