"""The book as one article, cleaned for reading away from the site: what the PDF and the EPUB are made from."""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup, Tag

#: What only works on a screen: folded code and data, downloads, buttons, controls.
SCREEN_ONLY = [
    "a.headerlink", "button", "script", "div.toctree-wrapper > p.caption", ".cell_input", "details.hide", "details.defacto-data",
    "details.defacto-behind", "p.downloads", ".defacto-screen",
]  # fmt: skip


def read(page: Path) -> tuple[BeautifulSoup, Tag, list[Tag]]:
    """The `singlehtml` page: its soup, its cleaned article, and the headings of its chapters.

    Every chapter heading is an ``h1`` with the anchor ``chapter-n``; anchors are unique; links
    between pages lead to their place in the one article, and those that lead nowhere are text.

    Raises
    ------
    ValueError
        If the page holds no article, or a chapter has no heading.
    """
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    article = soup.select_one("article.bd-article")
    if article is None:
        raise ValueError(f"{page.name}: holds no article")
    for element in article.select(", ".join(SCREEN_ONLY)):
        if not element.decomposed:  # with the one around it
            element.decompose()
    headings = _chapters(article)
    _unique_ids(article)
    _links(article)
    return soup, article, headings


def _chapters(article: Tag) -> list[Tag]:
    """Raise chapter headings to level one, give them anchors, and list them."""
    first = article.find("h1")
    if first is None:
        raise ValueError("the first page has no heading")
    first["id"] = "chapter-0"
    found = [first]
    links: dict[str, list[Tag]] = {}
    for link in article.select('a[href*="#document-"]'):
        links.setdefault(link["href"].rpartition("#")[2], []).append(link)
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
        for link in links.get(mark["id"], []):
            link["href"] = f"#{heading['id']}"
        mark.decompose()
        found.append(heading)
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


def picture_path(src: str, folder: Path) -> Path:
    """File of a picture: the single page stands in a folder, but its addresses count from the one above."""
    return next(p for p in ((f / src).resolve() for f in (folder, folder.parent)) if p.is_file())
