"""The built site in a real browser: nothing from outside, no error, no dead link, no barrier."""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from defacto.press.extension import bundles

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
CHAPTER_BYTES, PAGE_BYTES, FIRST_VISIT = 300_000, 1_200_000, 3_000_000


def pages(built: Path) -> list[str]:
    html = built / "html"
    return sorted(p.relative_to(html).as_posix() for p in html.rglob("*.html") if "_static" not in p.parts)


def visit(browser, served, page, *, theme="light", width=1280, axe=True):
    """Open a page as a reader would; returns what went wrong and the page's width."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
    tab, wrong, weight = context.new_page(), [], []
    tab.on("request", lambda r: None if r.url.startswith((served, "data:")) else wrong.append(f"asks outside: {r.url}"))
    tab.on("console", lambda m: wrong.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda e: wrong.append(f"script error: {e}"))
    tab.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else weight.append(r))
    tab.goto(f"{served}/{page}", wait_until="networkidle")
    size = sum(int(r.headers.get("content-length", 0)) for r in weight)
    scroll = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if scroll > 0:
        wrong.append(f"scrolls sideways by {scroll} px")
    if axe:
        # axe looks for style sheets at addresses of its own; what it asks is not the page's doing.
        before = list(wrong)
        found = Axe().run(tab, options=AXE).response["violations"]
        wrong[:] = before + [f"axe {v['id']} ({v['impact']}): {v['nodes'][0]['html'][:150]}" for v in found]
    context.close()
    return wrong, size


def test_every_page_once(browser, served, built):
    wrong = {}
    for page in pages(built):
        # The generated registers are long lists of one shape; axe reads them in `make verify`.
        found, size = visit(browser, served, page, axe=page not in ("book/sources.html", "book/data.html"))
        if size > FIRST_VISIT and not page.startswith(("book/sources", "book/data")):
            found.append(f"weighs {size:,} bytes at a first visit")
        if found:
            wrong[page] = found
    assert not wrong, json.dumps(wrong, indent=1)


def test_dark_theme(browser, served, built):
    """One chapter here, every page in `make verify`."""
    page = next(p for p in pages(built) if p.startswith("notebooks/"))
    assert not visit(browser, served, page, theme="dark")[0]


@pytest.mark.thorough
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_every_page_at_every_width_and_theme(browser, served, built, theme, width):
    wrong = {p: w for p in pages(built) if (w := visit(browser, served, p, theme=theme, width=width)[0])}
    assert not wrong, json.dumps(wrong, indent=1)


def test_links_and_anchors(built):
    html = built / "html"
    trees = {p: BeautifulSoup((html / p).read_text("utf-8"), "html.parser") for p in pages(built)}
    anchors = {p: {e["id"] for e in t.find_all(id=True)} for p, t in trees.items()}
    dead = []
    for page, tree in trees.items():
        for tag, attribute in (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href")):
            for element in tree.find_all(tag, attrs={attribute: True}):
                target = urlsplit(urljoin(page, element[attribute]))
                if target.scheme or target.netloc or not (target.path or target.fragment):
                    continue
                path = unquote(target.path)
                if (
                    path
                    and not (html / path).is_file()
                    or target.fragment
                    and path.endswith(".html")
                    and unquote(target.fragment) not in anchors.get(path, set())
                ):
                    dead.append(f"{page}: {element[attribute]}")
    assert not dead, dead[:20]


def test_headings_skip_no_level(built):
    for page in pages(built):
        levels = [
            int(h.name[1])
            for h in BeautifulSoup((built / "html" / page).read_text("utf-8"), "html.parser").select(
                "article :is(h1,h2,h3,h4,h5)"
            )
        ]
        assert levels[:1] in ([1], []) and levels.count(1) <= 1, page
        assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False)), f"{page}: {levels}"


def test_page_weights(built):
    for page in pages(built):
        size = (built / "html" / page).stat().st_size
        assert size <= (CHAPTER_BYTES if page.startswith("notebooks/") else PAGE_BYTES), f"{page}: {size:,} bytes"


@pytest.mark.parametrize("letters", ["[A-Za-z]", "[А-Яа-яЇїІіЄєҐґ]"], ids=["Latin", "Cyrillic"])
def test_search_finds_latin_and_cyrillic(browser, served, built, letters):
    article = BeautifulSoup((built / "html/book/sources.html").read_text("utf-8"), "html.parser").find("article")
    word = re.findall(rf"\b{letters}{{8,}}\b", article.get_text(" "))[0]
    tab = browser.new_context().new_page()
    tab.goto(f"{served}/search.html?q={word}", wait_until="networkidle")
    tab.wait_for_selector("#search-results li a", timeout=15_000)
    tab.context.close()


def test_works_from_a_folder(browser, built):
    """Opened as file://, a page shows its pictures and style, and reports no error."""
    tab, wrong = browser.new_context().new_page(), []
    tab.on("pageerror", lambda e: wrong.append(str(e)))
    tab.on("requestfailed", lambda r: wrong.append(r.url))
    page = next(p for p in pages(built) if p.startswith("notebooks/"))
    tab.goto((built / "html" / page).as_uri())
    assert not wrong
    assert tab.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    tab.context.close()


def test_every_bundle_is_on_its_page_with_its_downloads(built):
    html = built / "html"
    text = {
        p: BeautifulSoup((html / p).read_text("utf-8"), "html.parser")
        for p in pages(built)
        if p.startswith("notebooks/")
    }
    for name, data in bundles().items():
        meta = data["application/vnd.defacto.figure+json"]
        assert (html / "downloads" / f"{name}.csv").read_text("utf-8") == data["text/csv"]
        picture = "image/svg+xml" in data or "image/png" in data
        if not picture and meta.get("kind") != "table":
            continue  # texts and cards have anchors of their own, tested with the claims
        anchor = f"{'fig' if picture else 'table'}-{name}"
        element = next((e for t in text.values() if (e := t.find(id=anchor))), None)
        assert element is not None, f"{anchor} is on no page"
        if picture:
            assert element.find("img")["alt"] == meta["alt"]
            assert any((html / "downloads" / f"{name}.{e}").is_file() for e in ("svg", "png"))


def test_tables_have_headers_with_scope(built):
    for page in pages(built):
        tree = BeautifulSoup((built / "html" / page).read_text("utf-8"), "html.parser")
        for header in tree.select("table.defacto-rows th"):
            assert header.get("scope") in ("row", "col"), page


def test_the_site_carries_the_tables(built, project):
    for path in (project / "data").rglob("*.csv"):
        assert (built / "html/data" / path.relative_to(project / "data")).read_bytes() == path.read_bytes()


def test_no_script_or_style_from_outside_is_named(built):
    for page in pages(built):
        tree = BeautifulSoup((built / "html" / page).read_text("utf-8"), "html.parser")
        for element in [*tree.select("script[src]"), *tree.select("link[rel=stylesheet]"), *tree.select("img[src]")]:
            assert not re.match(r"(https?:)?//", element.get("src") or element.get("href")), f"{page}: {element}"
