"""Site safety: a content-security-policy in every page that forbids any other origin.

Scripts come from the site's own files; the few that the theme writes into a page are named by
their hash, so that a script that slipped in with a text would not run. The policy is a ``meta``
element: it holds on any host, and for pages opened from a folder.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_INLINE = re.compile(r"<script(?P<set>[^>]*)>(?P<text>.*?)</script>", re.DOTALL | re.IGNORECASE)
#: The theme's print button calls a script from an attribute, which the policy refuses; `book.js` listens instead.
_PRINT = re.compile(r'\sonclick="window\.print\(\)"')
_HANDLER = re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE)
_META = re.compile(r'\n?<meta http-equiv="Content-Security-Policy"[^>]*>')


class PolicyError(ValueError):
    """A page holds what its policy would refuse; the message names the page and the element."""


def policy(page: str) -> str:
    """Content-security-policy of a page (its HTML), with the hashes of its inline scripts (CSP level 3)."""
    hashes = sorted({_digest(m["text"]) for m in _INLINE.finditer(page) if _runs(m["set"]) and m["text"]})
    script = " ".join(["'self'", *(f"'sha256-{h}'" for h in hashes)])
    return (
        f"default-src 'none'; script-src {script}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
    )


def policed(page: str, name: str = "page") -> str:
    """The page with its policy as the first thing in its head.

    Raises
    ------
    PolicyError
        If it has no head, or an element carries an inline event handler.
    """
    page = _META.sub("", _PRINT.sub(" data-print", page))
    outside = _INLINE.sub("", page)
    if found := _HANDLER.search(outside):
        raise PolicyError(f"{name}: an inline event handler would be refused: {found[0]}")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
    # The encoding must stand in the first bytes of a page, so it stays in front.
    done, count = re.subn(
        r'(<head[^>]*>\s*(?:<meta charset="[^"]*"\s*/?>)?)', rf"\1\n{meta}", page, count=1, flags=re.IGNORECASE
    )
    if not count:
        raise PolicyError(f"{name}: has no head")
    return done


def apply(site: Path) -> None:
    """Write the policy into every page of the finished `site`."""
    for path in sorted(site.rglob("*.html")):
        if "_static" not in path.parts:
            path.write_text(policed(path.read_text("utf-8"), path.relative_to(site).as_posix()), "utf-8")


def _runs(attributes: str) -> bool:
    """Whether a script element holds code of its own: no address, and not data."""
    kind = re.search(r'type="([^"]*)"', attributes)
    return "src=" not in attributes and (kind is None or "json" not in kind[1])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
