"""One voice: no word that takes a side, likelihood only as defined, abbreviations explained, spelling."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from defacto.data import load, package, root
from defacto.figures import MIME
from defacto.press.execute import notebooks
from prose_scanner import code_texts, markdown_text
from wording import ATTRIBUTED, KNOWN, LIKELIHOOD, LOADED, scan, unexplained

PAGES = sorted((root() / "book").glob("*.md"))
#: Tables whose text is the book's own summary of what others said or did, and the columns that hold it.
OWN_WORDS = {
    "actors.events": ["title", "summary"], "actors.positions": ["summary"], "actors.week": ["label", "what"], "deals.provisions": ["paraphrase"],
    "deals.issues": ["title", "label"], "sanctions.events": ["event"], "space.timeline": ["label", "event"], "glossary": ["definition"],
    "space.starlink_events": ["event"], "claims.claims": ["reason"],
}  # fmt: skip
#: Rules that hold for those columns too: names for parties, adjectives that argue, romanisation.
STRONG = [
    k for k in LOADED if re.search("brutal|puppet|capitulat|so-called|obviously|unfortunately|massive|Kiev|provoked", k)
]


def voice(path: Path) -> list[tuple[str, str]]:
    """Texts for readers that are typed in a page or notebook, with where they stand."""
    if path.suffix == ".md":
        return [(path.name, markdown_text(path.read_text("utf-8")))]
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        texts = [markdown_text(cell.source)] if cell.cell_type == "markdown" else code_texts(cell.source)
        found += [(f"{path.name}, cell {cell.id}", text) for text in texts]
    return found


@pytest.mark.parametrize("path", [*PAGES, *notebooks()], ids=lambda p: p.stem)
def test_no_word_takes_a_side(path):
    assert not [str(w) for where, text in voice(path) for w in scan(text, where)]


def test_summaries_of_what_others_said_do_not_either():
    found = []
    for name, columns in OWN_WORDS.items():
        for column in columns:
            for row, text in load(name)[column].dropna().items():
                found += [
                    str(w) for w in scan(text, f"{name}, row {row + 2}, {column}", {k: LOADED[k] for k in STRONG})
                ]
    assert not found


@pytest.mark.parametrize(
    "text",
    ["the brutal attack", "Kiev refused", "the puppet government", "ground that was liberated", "seized assets", "the annexed oblasts",
     "Russia clearly lost", "a massive rise", "it is so today", "the so-called referendum", "he probably meant it", "Odessa"],
)  # fmt: skip
def test_the_list_finds(text):
    assert scan(text, "here")


@pytest.mark.parametrize(
    "text",
    ["the oblasts declared annexed", "the declared-annexed oblasts", "what it means for annexed land", 'it never says "today"',
     "what the article calls most likely", "the lines lie between them"],
)  # fmt: skip
def test_the_list_knows_what_is_attributed(text):
    assert not scan(text, "here")


def test_every_rule_has_its_reason():
    assert all(reason.strip() for reason in [*LOADED.values(), *ATTRIBUTED.values(), *KNOWN.values()])


def test_words_of_likelihood_are_those_of_the_scale():
    words = load("claims.scale").query("scale == 'likelihood'")["word"]
    assert all(re.search(LIKELIHOOD, w) or w in ("almost no chance", "roughly even chance") for w in words)


# --- abbreviations ------------------------------------------------------------------------


def shown(path: Path) -> str:
    """What a notebook shows a reader: text, titles, notes, cells of tables; source lines and lists of codes apart."""
    out = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            out.append(cell.source)
        for output in cell.get("outputs", []):
            data = output["data"]
            if MIME in data:
                meta = data[MIME]
                out += [meta["title"], meta["subtitle"], meta.get("notes", "")]
                if meta.get("kind") == "table":
                    frame = pd.read_csv(pd.io.common.StringIO(data["text/csv"]), dtype="str", keep_default_na=False)
                    kept = [c for c in frame if not frame[c].str.fullmatch(r"(?:[A-Z]{3}(?:, |$))+").any()]
                    out += frame[kept].to_numpy().ravel().tolist()
            elif "text/markdown" in data:
                out.append(data["text/markdown"])
    return re.sub(r"\[[^\]]*\]\(#source-[^)]*\)", "", "\n".join(map(str, out)))


@pytest.fixture(scope="module")
def explained() -> set[str]:
    rows = load("glossary")
    forms = {f for cell in rows["forms"] for f in cell.split(";")}
    return set(rows["abbreviation"].dropna()) | {w for f in forms for w in f.split()}


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Words in the names of publishers: outlets are called what they call themselves."""
    return {w for name in load("publishers", unverified=True)["name"] for w in re.findall(r"\w+", name)}


@pytest.mark.parametrize("path", notebooks(), ids=lambda p: p.stem)
def test_abbreviations_of_chapters_are_explained(path, explained, names):
    assert not unexplained(shown(path), explained, names)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_abbreviations_of_pages_are_explained(path, explained, names):
    assert not unexplained(markdown_text(path.read_text("utf-8")), explained, names)


def test_an_abbreviation_without_entry_is_found(explained, names):
    assert unexplained("The XQZ met NATO, TASS and the EU under Annex XIV.", explained, names) == {"XQZ"}


def test_marked_terms_stand_in_the_built_chapters(built):
    """The first occurrence of an abbreviation in the text of a chapter leads to its entry."""
    page = BeautifulSoup((built / "html/notebooks/03_sanctions.html").read_text("utf-8"), "html.parser")
    marked = {a["href"].rsplit("#", 1)[1]: a for a in page.select("article a.term")}
    assert {"term-swift", "term-caatsa", "term-rosselkhozbank"} <= set(marked)
    assert len(marked) == len(page.select("article a.term"))  # once a page
    for link in page.select("article a.term"):
        assert not link.find_parent(["h1", "h2", "h3", "h4", "a", "caption", "figcaption", "thead"])
    entries = BeautifulSoup((built / "html/book/glossary.html").read_text("utf-8"), "html.parser")
    assert all(entries.find(id=name) for name in marked)


# --- spelling -----------------------------------------------------------------------------

#: Words that codespell takes for errors and that are none here.
RIGHT = ["jus", "Absolut", "Nam"]  # Latin; a bank; Viet Nam


def test_spelling(tmp_path, project):
    """Pages, notebooks and the text columns of the tables; titles of sources are quoted and left out."""
    for page in PAGES:
        (tmp_path / page.name).write_text(page.read_text("utf-8"), "utf-8")
    for path in notebooks():
        (tmp_path / f"{path.stem}.txt").write_text("\n".join(t for _, t in voice(path)) + shown(path), "utf-8")
    for res in package()["resources"]:
        if res["name"] in ("sources", "publishers") or res["origin"] == "derived":
            continue
        frame = load(res["name"], unverified=True)
        texts = [f["name"] for f in res["schema"]["fields"] if f["type"] == "string" and "pattern" not in f.get("constraints", {}) and "enum" not in f.get("constraints", {}) and not f.get("listOf")]  # fmt: skip
        (tmp_path / f"{res['name']}.txt").write_text(
            "\n".join(str(t) for c in texts for t in frame[c].dropna()), "utf-8"
        )
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "-L", ",".join(w.lower() for w in RIGHT), str(tmp_path)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.replace(str(tmp_path) + "/", "")


def test_a_misspelling_is_found(tmp_path):
    (tmp_path / "a.txt").write_text("They recieved the accomodation.\n", "utf-8")
    done = subprocess.run([sys.executable, "-m", "codespell_lib", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 65 or "recieved ==> received" in done.stdout
