"""The frame of a page that stands alone: no script, nothing loaded, one style for screen, dark screen and print.

The policy lets a reader's browser load nothing at all and take no style but that of the page, by its digest; it stands
in the page itself, as a file has no headers, and REST sends it as a header too.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from api.markup import safe
from api.pictures_svg import STYLE as PICTURES

_PAGE = """
:root{color-scheme:light dark;--ink:#1f2328;--dim:#59636e;--paper:#fff;--rule:#d8dee4;--soft:#f6f8fa;--link:#0969da;
--for:#2357b3;--against:#a84b00;--supported:#1a7f37;--contradicted:#cf222e;--open:#8a6100;--untested:#59636e}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9198a1;--paper:#0d1117;--rule:#30363d;
--soft:#161b22;--link:#58a6ff;--for:#79aef5;--against:#f0a35e;--supported:#3fb950;--contradicted:#f85149;--open:#d29922;
--untested:#9198a1}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1rem;margin:1.3rem 0 .4rem}
p,ul,ol,dl{margin:.4rem 0}
ul,ol{padding-left:1.4rem}
li{margin:.25rem 0}
a{color:var(--link)}
code{font:.86em ui-monospace,"DejaVu Sans Mono",monospace;background:var(--soft);padding:0 .25em;border-radius:3px}
pre{font:.82em/1.35 ui-monospace,"DejaVu Sans Mono",monospace;background:var(--soft);padding:.7rem;overflow-x:auto;
border-radius:6px}
pre code{background:none;padding:0;font:inherit}
table{border-collapse:collapse;width:100%;font-size:.92em;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--rule)}
td:nth-child(2),li,dd{overflow-wrap:anywhere}
th{color:var(--dim);font-weight:600}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.dim{color:var(--dim)}
.answer{font-size:1.1rem;background:var(--soft);border-left:4px solid var(--link);padding:.7rem 1rem;margin:1rem 0}
.bits{display:inline-block;min-width:3.6em;font-weight:600;font-variant-numeric:tabular-nums}
.for{color:var(--for)}.against{color:var(--against)}
.supported{color:var(--supported)}.contradicted{color:var(--contradicted)}.open{color:var(--open)}
.untested{color:var(--untested)}
figure{margin:1rem 0;overflow-x:auto}
figure svg{display:block;width:100%;height:auto;min-width:38rem}
nav ol{columns:2;column-gap:2rem;font-size:.92em}
@media (max-width:40rem){nav ol{columns:1}}
@media print{body{max-width:none;padding:0;font-size:10.5pt}h2,h3{break-after:avoid}
figure,tr,li,pre{break-inside:avoid}figure{overflow:visible}figure svg{min-width:0}pre{white-space:pre-wrap}
nav{display:none}a{color:inherit}}
"""
STYLE = _PAGE.strip() + "\n" + PICTURES
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_LOADS_NOTHING = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
POLICY = f"{_LOADS_NOTHING}; frame-ancestors 'none'"  # the last part counts in a header alone


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page in English; `parts` are markup already."""
    body = "\n".join(parts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{safe(_LOADS_NOTHING)}">
<meta name="referrer" content="no-referrer">
<title>{safe(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def tag(name: str, *content: str, cls: str = "", id_: str = "") -> str:
    """An element around markup."""
    named = (f' id="{safe(id_)}"' if id_ else "") + (f' class="{safe(cls)}"' if cls else "")
    return f"<{name}{named}>{''.join(content)}</{name}>"


def say(name: str, text: object, cls: str = "") -> str:
    """An element around text."""
    return tag(name, safe(text), cls=cls)


def code(text: object) -> str:
    """An id, as code."""
    return say("code", text)


def bullets(items: Iterable[str]) -> str:
    """A list of markup; nothing where it is empty."""
    rows = [f"<li>{item}</li>" for item in items]
    return tag("ul", "\n", "\n".join(rows), "\n") if rows else ""


def table(heads: Iterable[tuple[str, bool]], rows: Iterable[Iterable[str]]) -> str:
    """A table of markup; a head says whether its column holds numbers."""
    columns = list(heads)
    head = "".join(f'<th scope="col"{" class=n" if number else ""}>{safe(name)}</th>' for name, number in columns)
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{' class=n' if number else ''}>{cell}</td>" for (_, number), cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
