"""The built site in a real browser: nothing from outside, no error, no dead link, no barrier."""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from tinyhtml5.parser import HTMLParser

from defacto import __version__
from defacto.data import data_cut, package
from defacto.figures import MIME
from defacto.press.extension import bundles
from defacto.press.serve import pages as all_pages

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],  # to write down every element that passes takes as long as to judge it
}
CHAPTER_BYTES, PAGE_BYTES, FIRST_VISIT = 300_000, 1_200_000, 1_500_000


def pages(built: Path) -> list[str]:
    return all_pages(built / "html")


@pytest.fixture(scope="module")
def trees(built):
    return {p: BeautifulSoup((built / "html" / p).read_text("utf-8"), "html.parser") for p in pages(built)}


def reading(trees):
    """Pages that readers read: not the search, not the front door."""
    return {p: t for p, t in trees.items() if p.startswith(("book/", "notebooks/"))}


def visit(browser, served, page, *, theme="light", width=1280, axe=True):
    """Open a page as a reader would; returns what went wrong and what the first visit weighs."""
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
        if size > FIRST_VISIT:
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


#: Everything in view that a mouse can use, numbered, without what is folded away or in a closed dialogue.
CONTROLS = """() => {
  const seen = e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}) && !e.closest("dialog:not([open])") && !e.disabled;
  const radios = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter(e => seen(e) && e.tabIndex >= 0 && !e.matches(":disabled") && !e.closest(".skip-link"))
    .filter(e => e.type !== "radio" || (!radios.has(e.name) && radios.add(e.name)))
    .map((e, n) => { e.dataset.reach = e.type === "radio" ? e.name : n; return e.dataset.reach; });
}"""
FOCUSED = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  const group = e.type === "radio" ? e.name : e.dataset.reach;
  const shown = (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none";
  return [group ?? null, shown, e.outerHTML.slice(0, 120)];
}"""


def walk(browser, served, page):
    """Press Tab through a page; returns controls never reached, and focused elements that do not show it."""
    tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    tab.goto(f"{served}/{page}", wait_until="networkidle")
    wanted = set(map(str, tab.evaluate(CONTROLS)))
    reached, hidden = set(), []
    for _ in range(len(wanted) + 60):
        tab.keyboard.press("Tab")
        group, shown, what = tab.evaluate(FOCUSED)
        if group is not None:
            reached.add(str(group))
            if not shown:
                hidden.append(what)
        if wanted <= reached:
            break
    lost = [
        tab.evaluate("n => document.querySelector(`[data-reach='${n}']`).outerHTML.slice(0, 120)", n)
        for n in wanted - reached
    ]
    tab.context.close()
    return lost, hidden


def test_keyboard_reaches_and_shows_every_control(browser, served, built):
    """The start page and the page with most kinds of control here, every page in `make verify`."""
    for page in ("book/index.html", "notebooks/06_claims.html"):
        assert walk(browser, served, page) == ([], []), page


@pytest.mark.thorough
def test_keyboard_on_every_page(browser, served, built):
    # The registers are thousands of links of one kind: their head is as on any page.
    left = ("book/sources.html", "book/data.html", "index.html")
    wrong = {p: w for p in pages(built) if p not in left and (w := walk(browser, served, p)) != ([], [])}
    assert not wrong, json.dumps(wrong, indent=1)


def test_keyboard_operates_every_kind_of_control(browser, served):
    """Folds, the what-if, the clocks of the article and the filter of claims, without a mouse."""
    tab = browser.new_context().new_page()
    tab.goto(f"{served}/notebooks/02_deals.html", wait_until="networkidle")
    weight = tab.locator(".defacto-whatif input[type=range]").first
    before = tab.locator(".defacto-whatif table").first.inner_text()
    weight.focus()
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert tab.locator(".defacto-whatif output").first.inner_text() == "4"
    assert tab.locator(".defacto-whatif table").first.inner_text() != before
    tab.locator(".defacto-whatif button").focus()
    tab.keyboard.press("Enter")
    assert tab.locator(".defacto-whatif table").first.inner_text() == before
    fold = tab.locator("details.defacto-behind > summary").first
    fold.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("details.defacto-behind").first.get_attribute("open") is not None
    tab.goto(f"{served}/notebooks/06_claims.html", wait_until="networkidle")
    said = tab.locator(".defacto-clocks .said")
    first = said.inner_text()
    tab.locator(".defacto-clocks input").first.focus()
    tab.keyboard.press("ArrowDown")
    assert said.inner_text() != first
    tab.goto(f"{served}/notebooks/06b_ledger.html", wait_until="networkidle")
    told = tab.locator("div.defacto-rows .said").first
    whole = told.inner_text()
    tab.locator("div.defacto-rows input").first.focus()
    tab.keyboard.type("NATO")
    assert told.inner_text() != whole
    tab.context.close()


def test_without_scripts_everything_stands(browser, served):
    """The static equivalents: tables, cards and folds need no script, and no empty control is shown."""
    tab = browser.new_context(java_script_enabled=False).new_page()
    for page in ("notebooks/02_deals.html", "notebooks/06b_ledger.html"):
        tab.goto(f"{served}/{page}")
        assert not any(box.is_visible() for box in tab.locator(".defacto-screen").all())
        assert tab.locator("table.defacto-table").first.is_visible()
    tab.locator("details.defacto-behind > summary").first.click()
    assert tab.locator("details.defacto-behind p").first.is_visible()
    tab.context.close()


def test_a_citation_gives_the_address_where_the_page_stands(browser, built, served):
    tab = browser.new_context().new_page()
    site = "http://book.example"
    tab.route(f"{site}/**", lambda r: r.fulfill(path=built / "html" / urlsplit(r.request.url).path.lstrip("/")))
    tab.goto(f"{site}/notebooks/05_space.html", wait_until="load")
    for part in (".page-cite p", ".page-cite pre", ".defacto-behind .address"):
        assert f"{site}/notebooks/05_space.html" in tab.locator(part).first.text_content()
    tab.goto(f"{served}/notebooks/05_space.html", wait_until="load")
    assert served not in tab.locator(".page-cite p").text_content()
    tab.context.close()


def test_a_link_into_a_fold_opens_it(browser, served, trees):
    page, tree = next((p, t) for p, t in trees.items() if p.startswith("notebooks/") and t.select_one("[id^=cell-]"))
    cell = tree.select_one("details [id^=cell-]")["id"]
    tab = browser.new_context().new_page()
    tab.goto(f"{served}/{page}#{cell}", wait_until="networkidle")
    assert tab.locator(f"#{cell}").is_visible()
    tab.context.close()


def test_links_and_anchors(built, trees):
    html = built / "html"
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


def test_headings_skip_no_level(trees):
    for page, tree in trees.items():
        levels = [int(h.name[1]) for h in tree.select("article :is(h1,h2,h3,h4,h5)")]
        assert levels[:1] in ([1], []) and levels.count(1) <= 1, page
        assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False)), f"{page}: {levels}"


def test_page_weights(built):
    for page in pages(built):
        size = (built / "html" / page).stat().st_size
        assert size <= (CHAPTER_BYTES if page.startswith("notebooks/") else PAGE_BYTES), f"{page}: {size:,} bytes"


def test_nothing_is_shipped_that_no_page_needs(built):
    html = built / "html"
    names = [p.name for p in html.rglob("*") if p.is_file()]
    assert not [n for n in names if n.endswith((".map", ".ttf", ".po", ".mo"))]
    assert "sourceMappingURL" not in "".join(p.read_text("utf-8") for p in html.rglob("*.js"))
    assert sum(p.stat().st_size for p in html.rglob("*.woff2")) < 20_000
    assert (html / "_static/styles/pydata-sphinx-theme.css").stat().st_size < 150_000


def test_pages_are_valid_html(built):
    """The parser of the HTML standard finds no error: browsers need to repair nothing."""
    broken = HTMLParser()
    broken.parse("<!doctype html><title>x</title><p><div></p>")
    assert broken.errors  # it would say so
    for page in pages(built):
        parser = HTMLParser()
        parser.parse((built / "html" / page).read_text("utf-8"))
        assert not parser.errors, f"{page}: {parser.errors[:3]}"


def test_every_page_says_how_far_it_reaches_and_how_to_cite_it(trees):
    for page, tree in reading(trees).items():
        facts = tree.select_one("h1 ~ p.page-facts").get_text()
        assert re.match(r"Data to [\w ]+ · \d+ minutes? to read · Version ", facts), f"{page}: {facts}"
        cite = tree.select_one("details.page-cite")
        assert cite["id"] == "cite-page" and f"version {__version__}, data to {data_cut()}" in cite.p.get_text()
        assert page in cite.p.get_text() and re.match(r"@\w+\{[\w-]+,\n", cite.pre.get_text())
        assert cite.pre.get_text().count("{") == cite.pre.get_text().count("}")


def test_pages_lead_on_by_title(trees):
    for page, tree in reading(trees).items():
        ways = tree.select(".prev-next-footer a .prev-next-title")
        assert ways and all(w.get_text(strip=True) for w in ways), page


def test_metadata_for_machines(trees):
    """Description and Open Graph on each page; Book, Dataset and Chapter by schema.org, as valid JSON-LD."""
    kinds = {}
    for page, tree in reading(trees).items():
        meta = {m.get("name") or m.get("property"): m["content"] for m in tree.select("meta[content]")}
        assert 20 <= len(meta["description"]) <= 200, f"{page}: {meta['description']}"
        assert {"og:title", "og:description", "og:type", "og:image", "og:site_name"} <= meta.keys(), page
        assert len(tree.select("meta[name=viewport]")) == 1 and len(tree.select("title")) == 1
        data = json.loads(tree.select_one('script[type="application/ld+json"]').string)
        assert data["@context"] == "https://schema.org" and data["name"] and data["description"] and data["license"]
        assert data["version"] == __version__ and data["author"]["@type"] == "Organization"
        kinds[page] = data["@type"]
        if data["@type"] == "Dataset":
            files = [d["contentUrl"] for d in data["distribution"]]
            assert len(files) == len(package()["resources"]) and all(f.endswith(".csv") for f in files)
    assert kinds["book/index.html"] == "Book" and kinds["book/data.html"] == "Dataset"
    assert {k for p, k in kinds.items() if p not in ("book/index.html", "book/data.html")} == {"Chapter"}
    titles = [t.title.get_text() for t in reading(trees).values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("letters", ["[A-Za-z]", "[А-Яа-яЇїІіЄєҐґ]"], ids=["Latin", "Cyrillic"])
def test_search_finds_latin_and_cyrillic(browser, served, trees, letters):
    article = trees["book/sources.html"].find("article")
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
    tab.evaluate("for (const image of document.images) image.loading = 'eager'")  # as a reader who scrolls
    tab.wait_for_function("[...document.images].every(i => i.complete)")
    assert not wrong
    assert tab.evaluate("[...document.images].every(i => i.naturalWidth > 0)")
    assert tab.evaluate("getComputedStyle(document.querySelector('.defacto-block')).position") == "relative"
    tab.context.close()


def test_every_bundle_is_on_its_page_with_its_downloads(built, trees):
    html = built / "html"
    text = {p: t for p, t in trees.items() if p.startswith("notebooks/")}
    for name, data in bundles().items():
        meta = data[MIME]
        assert (html / "downloads" / f"{name}.csv").read_text("utf-8") == data["text/csv"]
        assert (
            (html / "downloads" / f"{name}.bib").read_text("utf-8").startswith(f"@incollection{{dejuredefacto-{name},")
        )
        picture = "image/svg+xml" in data or "image/png" in data
        if not picture and meta.get("kind") != "table":
            continue  # texts and cards have anchors of their own, tested with the claims
        anchor = f"{'fig' if picture else 'table'}-{name}"
        page, element = next(((p, e) for p, t in text.items() if (e := t.find(id=anchor))), (None, None))
        assert element is not None, f"{anchor} is on no page"
        if picture:
            image = element.find("img")
            assert (
                image["alt"] == meta["alt"]
                and image["loading"] == "lazy"
                and int(image["width"])
                and int(image["height"])
            )
            assert any((html / "downloads" / f"{name}.{e}").is_file() for e in ("svg", "png"))
        # The way back: rows, code, notebook, and how to cite it.
        fold = element.find_parent(class_="defacto-block").select_one("details.defacto-behind")
        links = [a["href"] for a in fold.select("a")]
        assert f"{page}#{anchor}" in fold.get_text() and f"data to {data_cut()}" in fold.get_text()
        assert any("book/data.html#data-" in a for a in links) or "descriptor" in fold.get_text(), name
        code = next(a for a in links if a.startswith("#cell-"))
        assert text[page].find(id=code[1:]) is not None
        assert any(a.endswith(".ipynb") for a in links)


def test_pictures_are_stamped_with_version_and_data_cut():
    for name, data in bundles().items():
        if "image/svg+xml" in data:
            words = " ".join(re.findall(r'aria-label="([^"]*)"', data["image/svg+xml"]))
            assert f"De Jure, De Facto {__version__}, data to {data_cut()}" in re.sub(r"\s+", " ", words), name


def test_tables_have_headers_with_scope(trees):
    for page, tree in trees.items():
        for header in tree.select("table.defacto-rows th"):
            assert header.get("scope") == ("col" if header.find_parent("thead") else "row"), page


def test_the_site_carries_the_tables(built, project):
    for path in (project / "data").rglob("*.csv"):
        assert (built / "html/data" / path.relative_to(project / "data")).read_bytes() == path.read_bytes()


def test_the_site_offers_the_editions_built_with_it(built, trees):
    links = {a["href"] for a in trees["book/index.html"].select("p.page-editions a")}
    for name in ("pdf", "epub"):
        assert f"../downloads/de-jure-de-facto.{name}" in links
        copy = built / "html/downloads" / f"de-jure-de-facto.{name}"
        assert copy.read_bytes() == (built / name / copy.name).read_bytes()


def test_no_script_or_style_from_outside_is_named(trees):
    for page, tree in trees.items():
        for element in [*tree.select("script[src]"), *tree.select("link[rel=stylesheet]"), *tree.select("img[src]")]:
            assert not re.match(r"(https?:)?//", element.get("src") or element.get("href")), f"{page}: {element}"
