"""What names an edition of the book: title, version, data cut, and how to cite the whole, a page or a figure."""

from __future__ import annotations

from defacto import __version__
from defacto.data import data_cut

TITLE = "De Jure, De Facto"
SUBTITLE = "An evidence book on the April 2025 US peace proposal for Ukraine"
AUTHOR = "The De Jure, De Facto project"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
KEYWORDS = ["Ukraine", "Russia", "peace proposals", "sanctions", "territorial control", "reproducible research"]


def edition() -> str:
    """Version and data cut in a few words."""
    return f"version {__version__}, data to {data_cut()}"


def cite_text(title: str = "", kind: str = "", address: str = "") -> str:
    """A reference in plain text: to the book, or to a part of it (`kind`: page, figure, table) at an address."""
    part = f"“{title}”" + (f" [{kind}], in: " if kind and kind != "page" else ", in: ") if title else ""
    return f"{AUTHOR}, {part}{TITLE}: {SUBTITLE}, {edition()}" + (f", {address}" if address else "") + "."


def cite_bibtex(key: str, title: str = "", address: str = "") -> str:
    """The same as BibTeX; braces and other special characters of a title are written as BibTeX wants them."""
    book = f"{TITLE}: {SUBTITLE}"
    fields = {
        "author": f"{{{AUTHOR}}}", "title": _tex(title or book), "booktitle": _tex(book) if title else "",
        "year": data_cut()[:4], "edition": __version__, "note": f"Data to {data_cut()}", "url": address,
    }  # fmt: skip
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{'incollection' if title else 'misc'}{{{key},", *lines, "}"])


def _tex(text: str) -> str:
    for char in "\\{}":
        text = text.replace(char, "")
    for char in "&%$#_":
        text = text.replace(char, f"\\{char}")
    return text
