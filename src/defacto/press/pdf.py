"""The PDF: the book as one article, set for print and tagged, by WeasyPrint.

Citations become page footnotes with the full source, but where many stand together the register
at the back tells them; what only works on a screen is left out.
The text is laid out once. Cover, contents and lists are laid out after it, when the page of
every anchor is known, and numbered in roman before it; the index of actors follows it.
"""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from defacto import __version__
from defacto.data import data_cut, load
from defacto.ledger import registry
from defacto.press import cover, single
from defacto.press.edition import AUTHOR, LICENCE, SUBTITLE, TITLE, cite_text

#: A table of at most so many rows stays on one page.
WHOLE_ROWS = 8
#: Characters of table type across the page, and the most that one word may claim of it.
ACROSS, WORD = 98, 18
#: A chapter of more sections than this stands in the contents without them.
SECTIONS = 24
#: More sources than this below one exhibit are told in the register alone: their footnotes would fill the page.
FOOTED = 4
#: An actor on more than this share of the pages is there throughout.
PASSIM = 0.25


def body_html(page: Path, style: str) -> tuple[str, dict]:
    """The text of the book as a document for print, and what front and back matter list.

    Returns
    -------
    The document, and ``{"contents": [(level, text, anchor)], "figures" and "tables": [(number, title, anchor)],
    "actors": [(name, [anchors])]}`` in reading order.
    """
    soup, article, headings = single.read(page)
    listed = {
        "contents": _contents(article),
        "figures": _captions(article, "figure"), "tables": _captions(article, "table"), "actors": _actors(article, headings),
    }  # fmt: skip
    _tables(soup, article)
    _references(article)
    _footnotes(soup, article)
    _pictures(article, page.parent)
    return _document(style, f"<article>{article.decode_contents()}</article>"), listed


def _document(style: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
        f'<meta name="author" content="{AUTHOR}"><meta name="description" content="{SUBTITLE}">'
        f'<meta name="generator" content="defacto {__version__}"><style>{style}</style></head><body>{body}</body></html>'
    )


def front_html(style: str, listed: dict, pages: dict[str, int]) -> str:
    """Cover, imprint, contents, and the lists of figures and tables."""
    lines = base64.b64encode(cover.svg(210, 120).encode()).decode()

    def entry(level: str, text: str, anchor: str) -> str:
        return f'<li class="{level}"><a href="#{anchor}" data-page="{pages[anchor]}">{escape(text)}</a></li>'

    contents = "".join(entry(f"level-{level}", text, anchor) for level, text, anchor in listed["contents"])
    if listed["actors"]:
        contents += entry("level-1", "Index of actors", "index-of-actors")
    lists = "".join(
        f'<section class="list"><h1>{head}</h1><ol>'
        + "".join(entry("item", f"{number}  {title}", anchor) for number, title, anchor in listed[kind])
        + "</ol></section>"
        for kind, head in (("figures", "Figures"), ("tables", "Tables"))
        if listed[kind]
    )
    return _document(
        style + "@page { @bottom-right { content: counter(page, lower-roman); } }",
        f'<section class="cover"><p class="cover-title">{TITLE.replace(" De ", "<br>De ")}</p><p class="cover-subtitle">{SUBTITLE}</p>'
        f'<img class="cover-lines" src="data:image/svg+xml;base64,{lines}" alt="Two lines: one level, one that rises and falls">'
        f'<p class="cover-facts">{AUTHOR}<br>Edition {__version__}, data to {data_cut()}</p></section>'
        f'<section class="imprint"><p><strong>{TITLE}.</strong> {SUBTITLE}. Edition {__version__}, data to {data_cut()}.</p>'
        f"<p>Cite as: {escape(cite_text())}</p>"
        f'<p>Text and own tables are under <a href="{LICENCE}">CC BY 4.0</a>; some tables derive from works under other terms, '
        "named with the data. Every number is computed from the published data by code that is part of the book; the online "
        "edition carries the data, the code and the numbers of every figure.</p>"
        "<p>The level line on the cover stands for the law. The other is the area under Russian occupation, week by week, "
        "as the chapter on territory plots it.</p></section>"
        f'<nav aria-label="Contents" class="contents"><h1>Contents</h1><ol>{contents}</ol></nav>{lists}',
    )


def index_html(style: str, listed: dict, pages: dict[str, int], whole: int) -> str:
    """The index of actors, on the pages after the text."""
    entries = []
    for name, anchors in listed["actors"]:
        on: dict[int, str] = {}
        for anchor in anchors:
            on.setdefault(pages[anchor], anchor)
        entries.append(f"<li>{escape(name)} {_runs(on, whole)}</li>")
    return _document(
        style + f"@page :first {{ counter-reset: page {whole + 1}; }}",
        '<section class="index"><h1 id="index-of-actors">Index of actors</h1>'
        "<p>Persons, organisations and groups of the actors table; states stand on most pages and are left out. "
        "A page is the one on which the paragraph, row or caption begins that names them; sources are not searched.</p>"
        f"<ul>{''.join(entries)}</ul></section>",
    )


def _runs(on: dict[int, str], whole: int) -> str:
    """Pages as linked runs: 3, 5–7, 12."""
    numbers = sorted(on)
    if len(numbers) > PASSIM * whole:
        return f'<a href="#{on[numbers[0]]}">passim</a>'
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f'<a href="#{on[r[0]]}">{r[0]}{f"–{r[-1]}" if len(r) > 1 else ""}</a>' for r in runs)


def _contents(article: Tag) -> list[tuple[int, str, str]]:
    """Chapters and their sections; of a register with many sections only the chapter."""
    found: list[list[tuple[int, str, str]]] = []
    for heading in article.find_all(["h1", "h2"]):
        entry = (1 if heading.name == "h1" else 2, heading.get_text(" ", strip=True), _anchor(heading))
        if entry[0] == 1:
            found.append([])
        found[-1].append(entry)
    return [entry for chapter in found for entry in (chapter if len(chapter) <= SECTIONS + 1 else chapter[:1])]


def _anchor(heading: Tag) -> str:
    """The anchor of a heading, or of the section it heads."""
    section = heading.find_parent("section")
    if heading.get("id"):
        return heading["id"]
    if section is not None and section.get("id") and section.find(re.compile("^h[1-6]$")) is heading:
        return section["id"]
    heading["id"] = f"heading-{len(heading.find_all_previous(re.compile('^h[1-6]$')))}"
    return heading["id"]


def _captions(article: Tag, kind: str) -> list[tuple[str, str, str]]:
    found = []
    for text in article.select(f"{kind} .caption-text"):
        number = text.find_previous_sibling(class_="caption-number")
        anchor = text.find_parent(kind).get("id")
        if number is not None and anchor:
            found.append((number.get_text(strip=True), text.get_text(strip=True), anchor))
    return found


def _actors(article: Tag, headings: list[Tag]) -> list[tuple[str, list[str]]]:
    """Who is named where: anchors of paragraphs, rows and captions, given where there are none."""
    actors = load("actors.actors")
    actors = actors[actors["type"] != "state"]
    last = actors["name"].str.split().str[-1]
    words: dict[str, list[str]] = {}
    for (_, row), surname in zip(actors.iterrows(), last, strict=True):
        asked = [row["name"], *([] if row["variants"] != row["variants"] else row["variants"].split(";"))]
        if row["type"] == "person" and (last == surname).sum() == 1:
            asked.append(surname)
        words[row["name"]] = asked
    pattern = re.compile(
        r"(?<!\w)("
        + "|".join(sorted({re.escape(w) for ws in words.values() for w in ws}, key=len, reverse=True))
        + r")(?!\w)"
    )
    owner = {w: name for name, ws in words.items() for w in ws}
    found: dict[str, list[str]] = {}
    number = 0
    for block in article.find_all(["p", "tr", "figcaption", "caption", "dt"]):
        if block.find_parent("dl", class_="sources"):
            continue
        if block.name == "p" and (
            block.find_parent(["tr", "figcaption", "caption"]) or "source" in block.get("class", [])
        ):
            continue
        named = {owner[w] for w in pattern.findall(block.get_text(" "))}
        if not named:
            continue
        if not block.get("id"):
            number += 1
            block["id"] = f"ix{number}"
        for name in named:
            found.setdefault(name, []).append(block["id"])
    kinds = actors.set_index("name")["type"]

    def told(name: str) -> str:
        first, _, surname = name.rpartition(" ")
        return f"{surname}, {first}" if kinds[name] == "person" and first else name

    return sorted(((told(n), a) for n, a in found.items()), key=lambda e: e[0].casefold())


def _tables(soup: BeautifulSoup, article: Tag) -> None:
    """Widths of columns by what they hold, so that no cell is measured again; short tables stay whole."""
    for table in article.select("table"):
        rows = [row.find_all(["th", "td"], recursive=False) for row in table.select("tr")]
        number = max((len(r) for r in rows), default=0)
        if not number or any(cell.get("colspan") for row in rows for cell in row):
            continue
        least, most = [2.0] * number, [3.0] * number
        for row in rows:
            for n, cell in enumerate(row):
                text = cell.get_text(" ", strip=True)
                wide = 1.12 if cell.name == "th" and cell.find_parent("thead") else 1.0
                longest = max((len(w) for w in re.split(r"[\s\u200b]+|(?<=[-/])", text)), default=0)
                if "day" in cell.get("class", []) or "num" in cell.get("class", []):
                    longest = max(longest, min(len(text), WORD)) if cell.name == "td" else longest
                least[n] = max(least[n], min(longest, WORD) * wide + 2)
                most[n] = max(most[n], len(text) * wide + 2)
        widths = _widths(least, most)
        group = soup.new_tag("colgroup")
        for width in widths:
            group.append(soup.new_tag("col", attrs={"style": f"width:{width / sum(widths):.2%}"}))
        for old in table.find_all("colgroup"):
            old.decompose()
        caption = table.find("caption")
        caption.insert_after(group) if caption else table.insert(0, group)
        table["style"] = f"table-layout:fixed;width:{min(1, sum(widths) / ACROSS):.2%}"
        block = table.find_parent(class_="defacto-block")
        if block is not None and len(rows) > WHOLE_ROWS:
            block["class"].append("long")
            if caption is not None:  # a title in the table would be left behind on the page before
                caption.extract()
                caption.name, caption["class"] = "p", ["table-title"]
                if table.get("id"):  # the title may have an anchor of its own, for the index
                    caption.select_one(".caption-text")["id"] = table["id"]
                    del table["id"]
                table.insert_before(caption)


def _widths(least: list[float], most: list[float]) -> list[float]:
    """Characters of each column: what it would like if all fits, else what it needs and a fair share of the rest."""
    if sum(most) <= ACROSS:
        return most
    spare = max(0.0, ACROSS - sum(least))
    # The square root keeps one column of long sentences from starving the others.
    wish = [max(0.0, m - low) ** 0.5 for low, m in zip(least, most, strict=True)]
    given = [low + spare * w / (sum(wish) or 1) for low, w in zip(least, wish, strict=True)]
    return [min(g, m) for g, m in zip(given, most, strict=True)]


def _references(article: Tag) -> None:
    """Links within the book that a reader of paper follows by page."""
    for link in article.select('a[href^="#"]'):
        anchor = link["href"][1:]
        if re.match(r"(fig|table|chapter|ledger)-", anchor) and not link.find_parent(["table", "h1", "h2", "h3"]):
            link["class"] = [*link.get("class", []), "to-page"]


def _footnotes(soup: BeautifulSoup, article: Tag) -> None:
    """After the first citation of a source in a chapter stands a page footnote with the whole source.

    Rows of tables and exhibits of many sources have none: links lead to the register at the back,
    which is sorted by the names that are printed.
    """
    sources = registry()
    seen: set[tuple[str, str]] = set()
    chapter = ""
    register = article.find("dl", class_="sources")
    for line in article.select("p.source"):
        if register is not None and len(line.select('a[href^="#source-"]')) > FOOTED:
            line["class"].append("many")
            pointer = soup.new_tag("a", attrs={"href": f"#{_anchor(register.find_previous('h1'))}", "class": "to-page"})
            pointer.string = "Full entries in the register of sources"
            line.extend([" ", pointer, "."])
    for element in article.find_all(["h1", "a"]):
        if element.name == "h1":
            chapter = element.get("id", "")
            continue
        match = re.fullmatch(r"#source-(.+)", element.get("href", ""))
        if not match or match[1] not in sources.index or (chapter, match[1]) in seen:
            continue
        if element.find_parent(["dl", "table"]) or element.find_parent("p", class_="many"):
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
        path = single.picture_path(image["src"], folder)
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
    """Print the `singlehtml` `page` to `target` as tagged PDF (PDF/UA-1).

    Raises
    ------
    ValueError
        If something listed in front or at the back is on no page.
    """
    import pydyf
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    css, fonts = style.read_text("utf-8"), FontConfiguration()

    def laid_out(html: str):
        return weasyprint.HTML(string=html, base_url="/").render(
            font_config=fonts, pdf_variant="pdf/ua-1", custom_metadata=True
        )

    html, listed = body_html(page, css)
    body = laid_out(html)
    pages: dict[str, int] = {}
    for number, laid in enumerate(body.pages, start=1):
        for anchor in laid.anchors:
            pages.setdefault(anchor, number)
    wanted = [e[-1] for kind in ("contents", "figures", "tables") for e in listed[kind]] + [
        a for e in listed["actors"] for a in e[1]
    ]
    lost = [anchor for anchor in wanted if anchor not in pages]
    if lost:
        raise ValueError(f"on no page of the PDF: {', '.join(lost[:5])}")
    pages["index-of-actors"] = len(body.pages) + 1
    back = laid_out(index_html(css, listed, pages, len(body.pages))).pages if listed["actors"] else []
    front = laid_out(front_html(css, listed, pages))

    def labels(document, pdf) -> None:
        """The numbers that a viewer shows are those printed: roman in front, then from one."""
        pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array(
            [0, pydyf.Dictionary({"S": "/r"}), len(front.pages), pydyf.Dictionary({"S": "/D", "St": 1})]
        )})  # fmt: skip

    whole = front.copy([*front.pages, *body.pages, *back])
    whole.write_pdf(target, finisher=labels, pdf_variant="pdf/ua-1", custom_metadata=True)
