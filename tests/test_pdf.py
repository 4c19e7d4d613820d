"""The PDF: tagged by this list of checks, and saying what the HTML says.

Checks: marked as tagged and PDF/UA-1; language and title; an outline; every Figure in the
structure has alternative text made from data; headings, tables with headers, lists, links and
notes are structure; fonts embedded; no text outside the page; page footnotes with sources;
contents, lists and index whose numbers are right; printed page numbers as the viewer's; no heading
left alone at the foot of a page; no empty page.
"""

import re
import subprocess
import unicodedata

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from defacto.figures import MIME
from defacto.press.extension import bundles


@pytest.fixture(scope="module")
def path(built):
    return built / "pdf" / "de-jure-de-facto.pdf"


@pytest.fixture(scope="module")
def pdf(path):
    return PdfReader(path)


@pytest.fixture(scope="module")
def text(path):
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def flat(words: str) -> str:
    """Text without what line breaking and fonts change: hyphens, spaces, symbols beside words."""
    return re.sub(r"[\s\u00ad\u2010-]+|[^\w.,:;%()+–−]", "", unicodedata.normalize("NFKC", words))


@pytest.fixture(scope="module")
def structure(pdf):
    """Every structure element of the document as (type, element)."""
    found = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append((node["/S"], node))
            if "/K" in node and not isinstance(node["/K"], int):
                walk(node["/K"])

    walk(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_marks(pdf):
    catalogue = pdf.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] and catalogue["/Lang"].startswith("en")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == "De Jure, De Facto" and pdf.metadata.author
    assert b"pdfuaid" in catalogue["/Metadata"].get_object().get_data()


def test_outline_names_every_chapter(pdf, built):
    names = [flat(entry.title) for entry in pdf.outline if not isinstance(entry, list)]
    for page in (built / "html/notebooks").glob("*.html"):
        heading = BeautifulSoup(page.read_text("utf-8"), "html.parser").h1
        for mark in heading.select("a.headerlink"):
            mark.decompose()
        assert flat(heading.get_text()) in names


def test_structure_has_the_kinds_a_reader_needs(structure):
    kinds = {kind for kind, _ in structure}
    assert {"/H1", "/H2", "/P", "/Figure", "/Table", "/TH", "/TD", "/Link"} <= kinds


def test_every_picture_has_its_alternative_text(structure):
    alts = {flat(element["/Alt"]) for kind, element in structure if kind == "/Figure" and "/Alt" in element}
    assert all("/Alt" in element for kind, element in structure if kind == "/Figure")
    for name, data in bundles().items():
        if "image/svg+xml" in data or "image/png" in data:
            assert flat(data[MIME]["alt"]) in alts, name


def test_fonts_are_embedded(path):
    listed = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert listed and all(re.search(r"\byes\s+(yes|no)\s+(yes|no)\b", line) for line in listed), listed


def test_no_text_outside_the_page(path):
    boxes = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    for page in re.findall(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', boxes, re.DOTALL):
        width, height = float(page[0]), float(page[1])
        for x0, y0, x1, y1, word in re.findall(
            r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">([^<]*)', page[2]
        ):
            assert float(x0) >= 0 and float(y0) >= -1 and float(x1) <= width and float(y1) <= height + 1, word


def test_the_pdf_says_what_the_html_says(path, built):
    """Every title, measure and short table cell of the HTML stands in the PDF (long cells break over lines)."""
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    printed = flat(done.stdout)
    for page in (built / "html/notebooks").glob("*.html"):
        tree = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        for element in tree.select("article .caption-text, article .subtitle, article .defacto-table td"):
            for mark in element.select("a.headerlink"):
                mark.decompose()
            words = element.get_text()
            assert len(words) > 24 and element.name == "td" or flat(words) in printed, words


def test_footnotes_name_sources(text):
    assert re.search(r"^\s*1\. (?:[^\n]*\n){0,3}?[^\n]*https?://", text, re.MULTILINE)


@pytest.fixture(scope="module")
def leaves(text, pdf):
    """Text of each page by the number printed on it."""
    return dict(zip(pdf.page_labels, text.split("\f"), strict=False))


@pytest.fixture(scope="module")
def running(path, pdf):
    """The same in the order of reading, where a title is not cut by what stands beside it."""
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    return dict(zip(pdf.page_labels, done.stdout.split("\f"), strict=False))


def test_pages_are_numbered_as_printed(pdf, leaves):
    labels = pdf.page_labels
    front = labels.index("1")
    assert labels[:3] == ["i", "ii", "iii"] and labels[front:] == [str(n) for n in range(1, len(labels) - front + 1)]
    for label in [*labels[2:front], *labels[front : front + 40], *labels[-3:]]:
        assert leaves[label].split()[-1] == label or label in leaves[label].splitlines()[-1].split(), label


def test_contents_and_lists_name_the_right_pages(leaves, running, pdf):
    front = pdf.page_labels[2 : pdf.page_labels.index("1")]
    lines = re.findall(r"^\s*(\S.*?)[ .]+ (\d+)$", "\n".join(leaves[n] for n in front), re.MULTILINE)
    assert len(lines) > 150
    for title, number in lines:
        last = re.sub(r"^(Fig\.|Table) \d+\s+", "", title)[-30:]
        assert flat(last) in flat(running[number]), f"{title!r} is not on page {number}"
    names = [t for t, _ in lines]
    assert "Sources" in names and "Index of actors" in names
    whole = "".join(leaves[n] for n in front)
    pictures = sum("image/svg+xml" in d or "image/png" in d for d in bundles().values())
    assert len(re.findall(r"^\s*Fig\. \d+", whole, re.MULTILINE)) == pictures


def test_index_of_actors(leaves, pdf):
    index = (
        leaves[pdf.page_labels[-1]] if "Index of actors" in leaves[pdf.page_labels[-1]] else leaves[pdf.page_labels[-2]]
    )
    entry = re.search(r"Witkoff, Steve ([\d, –\s]+)", index)
    pages = [int(n) for n in re.findall(r"\d+", entry[1])]
    assert len(pages) > 3
    assert "Witkoff" in leaves[str(pages[0])]


def test_page_references(text):
    assert len(re.findall(r"\(p\. \d+\)", text)) > 10


def test_no_heading_stands_alone_at_the_foot(pdf):
    """Below each heading of the outline there is room for it and some lines: none starts in the last 14 mm of the text."""
    alone = []

    def walk(entries):
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)
            elif entry.top is not None and float(entry.top) < (24 + 14) / 25.4 * 72:
                alone.append(entry.title)

    walk(pdf.outline)
    assert not alone, alone


def test_no_empty_page(text, pdf):
    printed = text.split("\f")[: len(pdf.pages)]
    for number, page in enumerate(printed[1:], start=2):  # the first is the cover
        assert len(page.split()) > 15, f"page {number} is empty"


def test_text_of_charts_is_text_in_the_pdf(text):
    """Outlines become text in print: axis labels and names of series can be searched."""
    from defacto.press.pdf import with_text

    svg = next(d["image/svg+xml"] for d in bundles().values() if "image/svg+xml" in d)
    labels = re.findall(r'<g aria-label="([^"]*)"', svg)
    printed = with_text(svg)
    assert len(labels) > 10 and printed.count("<text ") == len(labels)
    assert len(printed) < len(svg)
    words = [w for w in max(labels, key=len).split() if w.isalpha()]
    assert all(w in text for w in words)
