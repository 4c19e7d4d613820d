"""The EPUB: the book as one article, cut into its chapters for reading systems (EPUB 3).

Made from the same single page as the PDF. Citations lead to the list of sources; pictures keep
their alternative text; what only works on the site is left out. The same input gives the same
bytes.
"""

from __future__ import annotations

import datetime
import os
import re
import uuid
import zipfile
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import tinyhtml5
from bs4 import BeautifulSoup, Tag

from defacto import __version__
from defacto.data import data_cut
from defacto.press import cover, single
from defacto.press.edition import AUTHOR, KEYWORDS, LICENCE, SUBTITLE, TITLE

XHTML = "http://www.w3.org/1999/xhtml"
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def write_epub(page: Path, target: Path, style: Path) -> None:
    """Write the `singlehtml` `page` to `target` as EPUB 3.

    Raises
    ------
    ValueError
        If a picture has no alternative text, or a link leads to no place in the book.
    """
    soup, article, headings = single.read(page)
    for bar in article.select("div.toctree-wrapper > p.caption"):
        bar.decompose()
    pictures = _pictures(article, page.parent)
    _names(article)
    chapters = _cut(soup, article, headings)
    homes = {e["id"]: name for name, _, part in chapters for e in part.find_all(id=True)}
    for name, _, part in chapters:
        for link in part.select('a[href^="#"]'):
            anchor = link["href"][1:]
            if anchor not in homes:
                raise ValueError(f"{name}: the link to #{anchor} leads to no place in the book")
            link["href"] = link["href"] if homes[anchor] == name else f"{homes[anchor]}#{anchor}"
    files: dict[str, bytes] = {
        "META-INF/container.xml": _CONTAINER.encode(),
        "EPUB/style.css": style.read_bytes(),
        "EPUB/images/cover.png": cover.png(1000, 1600),
        "EPUB/cover.xhtml": _page(TITLE, f'<section class="cover" epub:type="cover"><img src="images/cover.png" alt="Cover: {TITLE}. {SUBTITLE}."/></section>'),
        "EPUB/nav.xhtml": _page("Contents", _nav(chapters)),
    }  # fmt: skip
    files |= {f"EPUB/images/{name}": content for name, content in pictures.items()}
    files |= {f"EPUB/{name}": xhtml(title, part) for name, title, part in chapters}
    files["EPUB/book.opf"] = _package(chapters, pictures).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr(_entry("mimetype"), b"application/epub+zip", zipfile.ZIP_STORED)
        for name, content in files.items():
            book.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    return info


def _pictures(article: Tag, folder: Path) -> dict[str, bytes]:
    """Pictures by the name they have in the book; their elements point there."""
    found = {}
    for image in article.find_all("img"):
        path = single.picture_path(image["src"], folder)
        if not image.get("alt", "").strip():
            raise ValueError(f"picture {path.name} has no alternative text")
        found[path.name] = _embeddable(path.read_text("utf-8")).encode() if path.suffix == ".svg" else path.read_bytes()
        image["src"] = f"images/{path.name}"
        for attribute in ("style", "width", "height", "loading", "decoding"):
            del image[attribute]
    return found


def _embeddable(svg: str) -> str:
    """A picture as EPUB allows it: no external document type, every path with its (perhaps empty) course."""
    svg = re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg)
    return re.sub(r"<path(?![^>]*\sd=)", '<path d="M0 0"', svg)


def _names(article: Tag) -> None:
    """Anchors as XML wants them; what only the site's markup needs goes."""
    renamed = {}
    for element in article.find_all(id=True):
        if not re.fullmatch(r"[A-Za-z_][\w.-]*", element["id"]):
            renamed[element["id"]] = element["id"] = "id-" + re.sub(r"[^\w.-]", "-", element["id"])
    for link in article.select('a[href^="#"]'):
        link["href"] = "#" + renamed.get(link["href"][1:], link["href"][1:])
    for element in article.find_all(True):
        for attribute in [a for a in element.attrs if a.startswith("data-") or a in ("tabindex", "align", "border")]:
            del element[attribute]


def _cut(soup: BeautifulSoup, article: Tag, headings: list[Tag]) -> list[tuple[str, str, Tag]]:
    """The chapters as (file, title, element), in reading order; the first is what is left around them."""
    parts = [heading.find_parent("section") for heading in headings[1:]]
    for part in parts:
        part.extract()
    for empty in article.select("div.toctree-wrapper"):
        empty.decompose()
    first = soup.new_tag("section")
    first.extend(list(article.contents))
    return [
        (f"chapter-{n:02d}.xhtml", heading.get_text(" ", strip=True), part)
        for n, (heading, part) in enumerate(zip(headings, [first, *parts], strict=True))
    ]


def xhtml(title: str, part: Tag) -> bytes:
    """A chapter as well-formed XHTML, by way of a parser that reads HTML as browsers do."""
    tree = tinyhtml5.parse(
        f"<!doctype html><html><head></head><body>{part}</body></html>", namespace_html_elements=False
    )
    body = tree.find("body")
    return _page(title, "".join(ElementTree.tostring(child, encoding="unicode", method="xml") for child in body))


def _page(title: str, body: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="{XHTML}" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en"><head><title>{escape(title)}</title>'
        f'<link rel="stylesheet" type="text/css" href="style.css"/></head><body>{body}</body></html>\n'
    ).encode()


def _nav(chapters: list[tuple[str, str, Tag]]) -> str:
    items = []
    for name, title, part in chapters:
        inner = [
            f'<li><a href="{name}#{s["id"]}">{escape(h.get_text(" ", strip=True))}</a></li>'
            for h in part.find_all("h2")
            if (s := h.find_parent("section")) is not None and s.get("id")
        ]
        below = f"<ol>{''.join(inner)}</ol>" if 0 < len(inner) <= 30 else ""
        items.append(f'<li><a href="{name}">{escape(title)}</a>{below}</li>')
    return (
        f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{"".join(items)}</ol></nav>'
        '<nav epub:type="landmarks" hidden="hidden"><h2>Landmarks</h2><ol><li><a epub:type="cover" href="cover.xhtml">Cover</a></li>'
        f'<li><a epub:type="bodymatter" href="{chapters[0][0]}">Text</a></li></ol></nav>'
    )


def _package(chapters: list[tuple[str, str, Tag]], pictures: dict[str, bytes]) -> str:
    moment = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.UTC)
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"de-jure-de-facto/{__version__}/{data_cut()}")
    manifest = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
        '<item id="cover-image" href="images/cover.png" media-type="image/png" properties="cover-image"/>',
        *(f'<item id="{f.split(".")[0]}" href="{f}" media-type="application/xhtml+xml"/>' for f, *_ in chapters),
        *(
            f'<item id="picture-{n}" href="images/{p}" media-type="{TYPES[Path(p).suffix]}"/>'
            for n, p in enumerate(pictures)
        ),
    ]
    access = {
        "accessMode": ["textual", "visual"], "accessModeSufficient": ["textual"], "accessibilityHazard": ["none"],
        "accessibilityFeature": ["alternativeText", "readingOrder", "structuralNavigation", "tableOfContents"],
        "accessibilitySummary": ["Every picture has an alternative text made from the numbers it shows; tables have headers; nothing needs colour."],
    }  # fmt: skip
    metas = "".join(f'<meta property="schema:{k}">{escape(v)}</meta>' for k, vs in access.items() for v in vs)
    subjects = "".join(f"<dc:subject>{escape(k)}</dc:subject>" for k in KEYWORDS)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{name}</dc:identifier><dc:title>{TITLE}: {SUBTITLE}</dc:title><dc:language>en</dc:language>'
        f"<dc:creator>{AUTHOR}</dc:creator><dc:publisher>{AUTHOR}</dc:publisher><dc:date>{moment:%Y-%m-%d}</dc:date>{subjects}"
        f"<dc:description>{SUBTITLE}. Edition {__version__}, data to {data_cut()}.</dc:description>"
        f"<dc:rights>Text and own tables under CC BY 4.0 ({LICENCE})</dc:rights>"
        f'<meta property="dcterms:modified">{moment:%Y-%m-%dT%H:%M:%SZ}</meta>{metas}</metadata>'
        f"<manifest>{''.join(manifest)}</manifest>"
        f'<spine><itemref idref="cover"/>{"".join(f"""<itemref idref="{f.split(".")[0]}"/>""" for f, *_ in chapters)}'
        "</spine></package>\n"
    )


_CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
