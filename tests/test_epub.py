"""The EPUB: whole, linked, with alternative texts, and valid by epubcheck."""

import posixpath
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree

import pytest

from defacto import __version__
from defacto.data import data_cut
from defacto.figures import MIME
from defacto.press.epub import _embeddable
from defacto.press.extension import bundles

NS = {
    "h": "http://www.w3.org/1999/xhtml",
    "o": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
}


@pytest.fixture(scope="module")
def path(built):
    return built / "epub" / "de-jure-de-facto.epub"


@pytest.fixture(scope="module")
def book(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def trees(book):
    return {n: ElementTree.fromstring(c) for n, c in book.items() if n.endswith(".xhtml")}


def test_the_container_is_one(path, book):
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    package = ElementTree.fromstring(book["EPUB/book.opf"])
    listed = {i.get("href") for i in package.iterfind(".//o:item", NS)}
    assert {f"EPUB/{h}" for h in listed} == {n for n in book if n.startswith("EPUB/")} - {"EPUB/book.opf"}
    assert package.find(".//o:item[@properties='cover-image']", NS) is not None


def test_metadata(book):
    package = ElementTree.fromstring(book["EPUB/book.opf"])
    told = {
        k: package.findtext(f".//dc:{k}", "", NS)
        for k in ("title", "language", "creator", "description", "rights", "identifier")
    }
    assert all(told.values()) and told["language"] == "en" and told["title"].startswith("De Jure, De Facto")
    assert f"{__version__}, data to {data_cut()}" in told["description"]
    properties = {m.get("property") for m in package.iterfind(".//o:meta", NS)}
    assert {
        "dcterms:modified",
        "schema:accessMode",
        "schema:accessibilityFeature",
        "schema:accessibilitySummary",
    } <= properties


def test_links_lead_somewhere(trees, book):
    anchors = {n: {e.get("id") for e in t.iter() if e.get("id")} for n, t in trees.items()}
    links = 0
    for name, tree in trees.items():
        for link in tree.iter(f"{{{NS['h']}}}a"):
            target, fragment = urldefrag(link.get("href", ""))
            if re.match(r"[a-z]+:", target):
                continue
            to = posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) if target else name
            assert to in book and (not fragment or fragment in anchors[to]), f"{name}: {link.get('href')}"
            links += 1
    assert links > 1000


def test_every_figure_is_in_it_with_its_text(trees):
    alts = {i.get("alt") for t in trees.values() for i in t.iter(f"{{{NS['h']}}}img")}
    assert all(alts)
    for name, data in bundles().items():
        if "image/svg+xml" in data or "image/png" in data:
            assert data[MIME]["alt"] in alts, name


def test_every_chapter_is_in_the_contents(trees, built):
    nav = trees["EPUB/nav.xhtml"]
    titles = {"".join(a.itertext()) for a in nav.iter(f"{{{NS['h']}}}a")}
    for name, tree in trees.items():
        heading = tree.find(".//h:h1", NS)
        if "chapter" in name:
            assert "".join(heading.itertext()).strip() in titles, name
    assert len(list((built / "html/notebooks").glob("*.html"))) < len(titles)


def test_nothing_is_left_that_needs_the_site(trees):
    for name, tree in trees.items():
        kinds = {e.tag.split("}")[1] for e in tree.iter()}
        assert not kinds & {"script", "button", "input", "details", "fieldset"}, f"{name}: {kinds}"


def test_pictures_are_made_embeddable():
    svg = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg><path id="a"/><path d="M1 1"/></svg>'
    assert _embeddable(svg) == '<svg><path d="M0 0" id="a"/><path d="M1 1"/></svg>'


def epubcheck(path: Path) -> str:
    """What epubcheck says; Debian installs it as a Java archive, others as a command."""
    found = shutil.which("epubcheck")
    assert found, "epubcheck is missing: `make verify` installs or names it"
    command = ["java", "-jar", found] if Path(found).read_bytes()[:2] == b"PK" else [found]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.thorough
def test_epubcheck_finds_nothing(path, tmp_path):
    assert "Messages: 0 fatals / 0 errors / 0 warnings" in (said := epubcheck(path)), said[-3000:]
    broken = tmp_path / "broken.epub"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(
                info,
                content.replace(b"<h1", b"<h1 id='nav-x' nonsense='1'", 1)
                if "chapter-01" in info.filename
                else content,
            )
    assert "Messages: 0 fatals / 0 errors" not in epubcheck(broken)
