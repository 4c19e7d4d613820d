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
    """The last day any table reaches, as an EDTF date."""
    return max(r["documented_to"].rstrip("~?") for r in package()["resources"] if r["name"].count("."))


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
    _cited_sources(article)
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
        found.append((heading.get_text(strip=True), heading["id"]))
    return found


def _cited_sources(article: Tag) -> None:
    """Print the sources that the chapters cite; the whole register stands on the site and in the data."""
    cited = {link["href"].rsplit("#", 1)[1] for link in article.select('a[href*="#source-"]')}
    for term in article.select("dl.sources > dt"):
        if term.get("id") not in cited:
            term.find_next_sibling("dd").decompose()
            term.decompose()
    for listing in article.select("dl.sources"):
        if listing.find("dt") is None:
            listing.find_parent("section").decompose()


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
    for link in article.select("a.reference.internal, a.internal"):
        target = link.get("href", "")
        if "#" in target:
            anchor = target.rsplit("#", 1)[1]
            link["href"] = f"#{anchor}"
            if article.find(id=anchor) is None:
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
        kind = {"svg": "svg+xml"}.get(path.suffix[1:], path.suffix[1:])
        image["src"] = f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        if not image.get("alt", "").strip():
            raise ValueError(f"picture {path.name} has no alternative text")


def write_pdf(page: Path, target: Path, style: Path) -> None:
    """Print the `singlehtml` `page` to `target` as tagged PDF (PDF/UA-1)."""
    import weasyprint

    document = weasyprint.HTML(string=print_html(page, style.read_text("utf-8")), base_url="/")
    document.write_pdf(target, pdf_variant="pdf/ua-1", custom_metadata=True)
