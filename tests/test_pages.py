"""Pages made from data: they say what the tables say, and their controls work."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from conftest import reseal
from defacto import evidence
from defacto.data import load, package
from defacto.ledger import registry
from defacto.press import glossary, pages


def resource(name):
    return next(r for r in package()["resources"] if r["name"] == name)


# --- data page ----------------------------------------------------------------------------


def test_coverage_is_first_and_last_time_of_the_rows():
    daily = load("territory.control_daily")["date"]
    assert pages.coverage(resource("territory.control_daily")) == f"{daily.min():%Y-%m-%d} to {daily.max():%Y-%m-%d}"
    assert pages.coverage(resource("deals.poles")) == ""
    assert all(len(pages.coverage(r)) <= 24 for r in package()["resources"])


def test_the_meaning_of_a_field_names_its_values():
    field = {"description": "Whose end.", "constraints": {"enum": ["Russia", "Ukraine"]}}
    assert pages.meaning(field) == "Whose end. One of: Russia, Ukraine."
    assert (
        pages.meaning({"description": "Russia or Ukraine"} | {"constraints": {"enum": ["Russia", "Ukraine"]}})
        == "Russia or Ukraine"
    )
    assert pages.meaning({"description": "x", "constraints": {"enum": list("abcdefghijklm")}}) == "x"


def test_every_table_stands_on_the_data_page_with_file_licence_and_fields(built):
    tree = BeautifulSoup((built / "html/book/data.html").read_text("utf-8"), "html.parser")
    for res in package()["resources"]:
        section = tree.find(id=pages._anchor(res))
        text = section.get_text(" ")
        assert section.select_one(f'a[href$="data/{res["path"]}"]'), res["name"]
        assert f"{res['rows']:,} rows" in text and f"documented to {res['documented_to']}" in text, res["name"]
        named = {row.find(["th", "td"]).get_text(strip=True) for row in section.select("tbody tr")}
        assert {f["name"] for f in res["schema"]["fields"]} <= named, res["name"]
    assert "Strictest licence of everything" in tree.get_text()


# --- corrections --------------------------------------------------------------------------


def test_every_reason_of_a_correction_has_a_meaning():
    assert set(pages.corrections()["reason"]) == set(pages.REASONS)


def test_an_unknown_reason_stops_the_build(tables):
    path = tables / "corrections.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("second-pass:", "whim:", 1), "utf-8")
    reseal(tables)
    with pytest.raises(ValueError, match="'whim' is not a reason"):
        pages.corrections()


def test_the_page_of_corrections_counts_and_lists(built):
    fixes = pages.corrections()
    tree = BeautifulSoup((built / "html/book/corrections.html").read_text("utf-8"), "html.parser")
    counted, listed = tree.select("table.defacto-rows")
    sums = {
        r.find("th").get_text(strip=True): r.find_all("td")[-1].get_text(strip=True) for r in counted.select("tbody tr")
    }
    assert sums == {r.replace("-", " "): f"{n:,}" for r, n in fixes["reason"].value_counts().items()}
    assert len(listed.select("tbody tr")) == fixes["reason"].isin(pages.TOLD).sum()
    assert tree.find(string="0.1.0")  # the changelog of the book


# --- sources ------------------------------------------------------------------------------


def test_the_list_of_sources_narrows(browser, served):
    """By kind, grade, chapter and words; a link to a source undoes it; empty letters vanish; keys reach all of it."""
    sources, used = registry(), pages.usage()
    tab = browser.new_context(viewport={"width": 900, "height": 800}).new_page()
    tab.goto(f"{served}/book/sources.html")
    count = "document.querySelectorAll('dl.sources > dt:not([hidden])').length"
    picks = tab.locator(".defacto-sources select")
    assert tab.evaluate(count) == len(sources)
    picks.nth(0).select_option("k-legal")
    assert tab.evaluate(count) == (sources["kind"] == "legal").sum()
    picks.nth(2).select_option("c-space")
    space = [i for i in sources.index[sources["kind"] == "legal"] if "space" in pages.topics(used.get(i, []))]
    assert tab.evaluate(count) == len(space) > 0
    assert tab.locator(".defacto-sources .said").inner_text() == f"{len(space)} of {len(sources)} sources."
    assert tab.evaluate("[...document.querySelectorAll('article section section')].some((s) => s.hidden)")
    other = next(i for i in sources.index if sources.at[i, "kind"] == "wire")
    tab.evaluate(f"location.hash = '#source-{other}'")
    tab.wait_for_function(f"{count} === {len(sources)}")
    picks.nth(1).select_option("g-A")
    assert tab.evaluate(count) == (sources["grade"] == "A").sum()
    picks.nth(1).select_option("")
    tab.locator(".defacto-sources input").fill("no such source anywhere")
    assert tab.evaluate(count) == 0
    tab.context.close()


def test_the_mix_counts_each_source_once_a_chapter():
    kinds = evidence.mix("ownership", ["state-owned or state-financed", "public-service", "private", "unknown"])
    claims = {i for r in package()["resources"] if r["name"].startswith("claims.") and r["origin"] != "own"
              for cell in load(r["name"])["source_ids"].dropna() for i in cell.split(";")}  # fmt: skip
    assert kinds.loc["Claims"].sum() == len(claims)
    own = registry().loc[sorted(claims), "ownership"].value_counts()
    assert kinds.loc["Claims"].to_dict() == {c: own.get(c, 0) for c in kinds}
    assert kinds.iloc[-1].sum() == evidence.by_chapter()["id"].nunique() < kinds.iloc[:-1].sum().sum()
    with pytest.raises(ValueError, match="has no place in the mix"):
        evidence.mix("ownership", ["private"])


def test_countries_add_up():
    places = evidence.countries()
    assert places["together"].sum() == evidence.by_chapter()["id"].nunique()
    assert places["Space, Starlink"].sum() == (evidence.by_chapter()["chapter"] == "Space, Starlink").sum()


# --- glossary -----------------------------------------------------------------------------


def test_two_terms_do_not_share_a_form(tables):
    path = tables / "glossary.csv"
    path.write_text(path.read_text("utf-8").replace(',NATO,"The alliance', ',OFAC,"The alliance'), "utf-8")
    reseal(tables)
    with pytest.raises(ValueError, match="the form 'OFAC' belongs to"):
        glossary.forms()


def test_forms_are_found_as_whole_words_the_longest_first():
    finder = glossary.pattern({"de facto": "a", "de facto recognition": "b", "GL": "c", "oblast": "d"})
    assert finder.findall("de facto recognition, de facto; GLONASS, GL 134, GL-5; oblasts, oblast.") == [
        "de facto recognition", "de facto", "GL", "oblast",
    ]  # fmt: skip


class _App:
    class builder:
        name = "html"

        @staticmethod
        def get_relative_uri(_, to):
            return f"../{to}.html"

    class env:
        found_docs = frozenset({"book/glossary"})


def marked(*body: nodes.Node, docname="notebooks/x", builder="html") -> list[str]:
    document = nodes.document(None, None, *body)
    app = _App()
    app.builder = type("B", (_App.builder,), {"name": builder})
    glossary.mark(app, document, docname)
    return [
        f"{r.parent.tagname}:{r.astext()}>{r['refuri']}"
        for r in document.findall(nodes.reference)
        if "term" in r["classes"]
    ]


def test_the_first_occurrence_in_running_text_is_marked():
    title = nodes.section("", nodes.title("", "NATO"), ids=["x"])
    link = nodes.paragraph(
        "", "", nodes.reference("", "NATO", refuri="#x"), nodes.Text(" and "), nodes.literal("", "NATO")
    )
    text = nodes.paragraph("", "Neither NATO nor the OFAC, and NATO again.")
    assert marked(title, link, text) == [
        "paragraph:NATO>../book/glossary.html#term-nato", "paragraph:OFAC>../book/glossary.html#term-ofac",
    ]  # fmt: skip
    assert text.astext() == "Neither NATO nor the OFAC, and NATO again."


def test_source_lines_print_and_the_glossary_itself_are_left_alone():
    small = nodes.paragraph("", "Source: OFAC.", classes=["source"])
    assert not marked(small)
    assert not marked(nodes.paragraph("", "NATO"), builder="singlehtml")
    assert not marked(nodes.paragraph("", "NATO"), docname="book/glossary")


def test_definitions_open_on_focus_and_close_with_escape(browser, served):
    tab = browser.new_context(viewport={"width": 360, "height": 700}).new_page()
    tab.goto(f"{served}/notebooks/03_sanctions.html")
    link = tab.locator('a.term[href$="#term-swift"]').first
    link.focus()
    tip = tab.locator("#term-tip")
    row = load("glossary").set_index("term_id").loc["swift"]
    assert tip.is_visible() and tip.inner_text() == f"{row['term']} (SWIFT)\n{row['definition']}"
    assert link.get_attribute("aria-describedby") == "term-tip"
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    tab.keyboard.press("Escape")
    assert not tip.is_visible() and link.get_attribute("aria-describedby") is None
    link.hover()
    tip.hover()
    tab.wait_for_timeout(250)
    assert tip.is_visible()
    tab.mouse.move(5, 5)
    tip.wait_for(state="hidden")
    tab.context.close()


def test_every_entry_of_the_glossary_is_on_its_page_with_sources(built):
    tree = BeautifulSoup((built / "html/book/glossary.html").read_text("utf-8"), "html.parser")
    for row in load("glossary").itertuples():
        term = tree.find(id=f"term-{row.term_id}")
        body = term.find_next_sibling("dd")
        assert row.definition in body.get_text().replace("’", "'")
        assert [a["href"].rsplit("#source-", 1)[1] for a in body.select('a[href*="#source-"]')] == row.source_ids.split(
            ";"
        )
    short = {r.find("th").get_text(strip=True) for r in tree.select("table tbody tr")}
    rows = load("glossary").dropna(subset="abbreviation")
    assert short == set(rows["abbreviation"][rows["abbreviation"] != rows["term"]])


def test_pages_count_what_is_stored():
    pictures, tables = pages.shown()
    assert pictures > 50 and tables > 50


def test_scales_on_the_method_page_are_the_data_s(built):
    text = (
        BeautifulSoup((built / "html/book/method.html").read_text("utf-8"), "html.parser")
        .get_text(" ")
        .replace("’", "'")
    )
    words = load("claims.scale")
    for scale in ("verdict", "confidence", "likelihood", "claim_type"):
        for definition in words.loc[words["scale"] == scale, "definition"]:
            assert definition in text, definition
    assert pd.notna(evidence.researched_share()[0])


def test_what_the_method_page_says_of_changes_and_times_is_in_the_tables(built):
    tree = BeautifulSoup((built / "html/book/method.html").read_text("utf-8"), "html.parser")
    text = " ".join(tree.select_one("article").get_text(" ").split())
    tried, code, bench = load("mutation"), load("mutation_library"), load("bench")
    lost = tried.loc[tried["caught_by"] == "survived", "count"].sum()
    assert f"{tried['count'].sum():,} single changes were tried" in text and f"Of {lost} changes that nothing" in text
    table = next(t for t in tree.select("table") if "Tables of" in t.get_text())
    shown = [[c.get_text(strip=True) for c in row.select("th, td")] for row in table.select("tbody tr")]
    assert sum(int(n.replace(",", "")) for row in shown for n in row[1:-1]) == tried["count"].sum()
    assert sum(int(row[-2].replace(",", "")) for row in shown) == lost
    assert f"{code['made'].sum():,} single changes that can be made in the code" in text
    assert f"a test noticed {100 * code['noticed'].sum() / code['tried'].sum():.0f} % of them" in text
    ratio = bench.loc[bench["unit"] == "ratio", "value"].iloc[0]
    assert f"{ratio:.1f} times the floor" in text and f"ratio to the floor {ratio:.2f}" in text
