"""The PDF: the book as one HTML page, set for print and tagged, by WeasyPrint.

Citations become page footnotes with the full source; what only works on a screen (folded
code, downloads, buttons) is left out.
"""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from defacto import __version__
from defacto.data import package
from defacto.ledger import registry

TITLE = "De Jure, De Facto"
SUBTITLE = "An evidence book on the April 2025 US peace proposal for Ukraine"
AUTHOR = "The De Jure, De Facto project"


def data_cut() -> str:
    """The last day that gathered or derived evidence reaches, as an EDTF date; own definitions do not count."""
    reach = [r["documented_to"] for r in package()["resources"] if r["name"].count(".") and r["origin"] != "own"]
    return max(day.rstrip("~?") for day in reach)


def print_html(page: Path, style: str) -> str:
    """The `singlehtml` page as the document that is printed.

    Raises
    ------
    ValueError
        If the page holds no article, or a chapter has no heading.
    """
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    article = soup.select_one("article.bd-article")
    if article is None:
        raise ValueError(f"{page.name}: holds no article")
    for selector in _SCREEN_ONLY:
        for element in article.select(selector):
            element.decompose()
    chapters = _chapters(article)
    _unique_ids(article)
    _links(article)
    _footnotes(soup, article)
    _pictures(article, page.parent)
    contents = "".join(f'<li><a href="#{anchor}">{escape(text)}</a></li>' for text, anchor in chapters)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
        f'<meta name="author" content="{AUTHOR}"><meta name="description" content="{SUBTITLE}">'
        f'<meta name="generator" content="defacto {__version__}"><style>{style}</style></head><body>'
        f'<section class="cover"><p class="cover-title">{TITLE}</p><p class="cover-subtitle">{SUBTITLE}</p>'
        f'<p class="cover-facts">Edition {__version__}. Documented to {data_cut()}.<br>{AUTHOR}.<br>'
        "Text and own tables under CC BY 4.0; every number is computed from the published data.</p></section>"
        f'<nav aria-label="Contents"><h1 class="contents">Contents</h1><ol>{contents}</ol></nav>'
        f"<article>{article.decode_contents()}</article></body></html>"
    )


_SCREEN_ONLY = [
    "a.headerlink", "button", "script", "div.toctree-wrapper > p.caption", ".cell_input", "details.hide",
    "details.defacto-data", "p.downloads", ".defacto-screen",
]  # fmt: skip


def _chapters(article: Tag) -> list[tuple[str, str]]:
    """Raise chapter headings to level one, give them anchors, and list them."""
    found = []
    first = article.find("h1")
    if first is None:
        raise ValueError("the first page has no heading")
    first["id"] = "chapter-0"
    found.append((first.get_text(strip=True), "chapter-0"))
    for number, mark in enumerate(article.select("span[id^=document-]"), start=1):
        heading = mark.find_next(["h1", "h2", "h3"])
        if heading is None:
            raise ValueError(f"{mark['id']}: the page has no heading")
        depth = int(heading.name[1]) - 1
        section = heading.find_parent("section")
        for inner in section.find_all(re.compile(r"^h[1-6]$")) if section else [heading]:
            inner.name = f"h{max(1, int(inner.name[1]) - depth)}"
        heading["id"] = f"chapter-{number}"
        # The mark would take a line of its own, and where a page is just full, a page.
        for link in article.select(f'a[href$="#{mark["id"]}"]'):
            link["href"] = f"#{heading['id']}"
        mark.decompose()
        found.append((heading.get_text(strip=True), heading["id"]))
    return found


def _unique_ids(article: Tag) -> None:
    """Sections of two pages may share a name: the first keeps it, as links mean that one."""
    seen: set[str] = set()
    for element in article.find_all(id=True):
        if element["id"] in seen:
            del element["id"]
        else:
            seen.add(element["id"])


def _links(article: Tag) -> None:
    """Point links between pages at their place in the one document."""
    anchors = {element["id"] for element in article.find_all(id=True)}
    for link in article.select("a.reference.internal, a.internal"):
        target = link.get("href", "")
        if "#" in target:
            anchor = target.rsplit("#", 1)[1]
            link["href"] = f"#{anchor}"
            if anchor not in anchors:
                link.unwrap()
        elif target and not target.startswith("http"):
            link.unwrap()


def _footnotes(soup: BeautifulSoup, article: Tag) -> None:
    """After the first citation of a source in a chapter stands a page footnote with the whole source."""
    sources = registry()
    seen: set[tuple[str, str]] = set()
    chapter = ""
    for element in article.find_all(["h1", "a"]):
        if element.name == "h1":
            chapter = element.get("id", "")
            continue
        match = re.fullmatch(r"#source-(.+)", element.get("href", ""))
        if not match or match[1] not in sources.index or (chapter, match[1]) in seen:
            continue
        if element.find_parent("dl", class_="sources"):
            continue
        seen.add((chapter, match[1]))
        source = sources.loc[match[1]]
        note = soup.new_tag("span", attrs={"class": "footnote"})
        note.string = f"{source['publisher']}, {source['title']}" + (
            "" if source["url"] != source["url"] else f", {source['url']}"
        )
        element.insert_after(note)


def _pictures(article: Tag, folder: Path) -> None:
    """Embed pictures, so that the printed document depends on no path."""
    for image in article.find_all("img"):
        # The single page stands in book/, but its addresses count from the folder above.
        path = next(p for p in ((f / image["src"]).resolve() for f in (folder, folder.parent)) if p.is_file())
        svg = path.suffix == ".svg"
        content = with_text(path.read_text("utf-8")).encode("utf-8") if svg else path.read_bytes()
        kind = "svg+xml" if svg else path.suffix[1:]
        image["src"] = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
        if not image.get("alt", "").strip():
            raise ValueError(f"picture {path.name} has no alternative text")


#: A run of text as the figures carry it: a labelled group of glyph outlines, a hundred units to
#: the size of the type.
_OUTLINES = re.compile(
    r"<g aria-label=\"(?P<text>[^\"]*)\"(?P<style> (?:style|fill)=\"[^\"]*\")?"
    r" transform=\"(?P<place>translate\([^)]*\)(?: rotate\([^)]*\))?) scale\((?P<scale>[\d.]+) -[\d.]+\)\">"
    r"(?P<glyphs>.*?)</g>",
    re.DOTALL,
)


def with_text(svg: str) -> str:
    """Outlines of text as text again: smaller and faster to print, and readers can search it.

    The fonts are embedded in the PDF; on the site, where they may be missing, outlines stay.
    """

    def text(run: re.Match) -> str:
        weight = "bold" if "#Bold" in run["glyphs"] else "normal"
        slant = "oblique" if "Oblique" in run["glyphs"] else "normal"
        return (
            f'<text transform="{run["place"]}"{run["style"] or ""} font-family="DejaVu Sans" '
            f'font-size="{float(run["scale"]) * 100:g}" font-weight="{weight}" font-style="{slant}">'
            f"{run['text']}</text>"
        )

    return _OUTLINES.sub(text, svg)


def write_pdf(page: Path, target: Path, style: Path) -> None:
    """Print the `singlehtml` `page` to `target` as tagged PDF (PDF/UA-1)."""
    import weasyprint

    document = weasyprint.HTML(string=print_html(page, style.read_text("utf-8")), base_url="/")
    document.write_pdf(target, pdf_variant="pdf/ua-1", custom_metadata=True)
