"""The archive: whole, the same bytes every time, valid RO-Crate 1.1; the ways to load it work as printed."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile

import pytest
from pygments.lexers.r import SLexer
from pygments.token import Comment, Error, Punctuation, String

from conftest import edit_descriptor
from defacto import __version__
from defacto.data import load, package, root
from defacto.press import package as archive


@pytest.fixture(scope="module")
def whole() -> bytes:
    return archive.archive()


@pytest.fixture(scope="module")
def files(whole) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        return {n.split("/", 1)[1]: opened.read(n) for n in opened.namelist()}


def test_it_holds_every_table_the_descriptor_and_the_citation(files, project):
    expected = {r["path"] for r in package()["resources"]} | {
        "datapackage.json",
        "LICENSES.md",
        "CITATION.cff",
        archive.CRATE,
    }
    assert set(files) == expected
    for res in package()["resources"]:
        assert "sha256:" + hashlib.sha256(files[res["path"]]).hexdigest() == res["hash"], res["path"]
    assert files["CITATION.cff"] == (project / "CITATION.cff").read_bytes()
    assert json.loads(files["datapackage.json"])["version"] == __version__


def test_the_same_tables_give_the_same_bytes(whole, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert archive.archive() == whole
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert {i.date_time for i in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {i.filename.split("/")[0] for i in opened.infolist()} == {archive.NAME.removesuffix(".zip")}


def crate_faults(graph: list[dict], files: dict[str, bytes]) -> list[str]:
    """What RO-Crate 1.1 asks of a crate (its sections on the metadata file, the root and data entities) and this lacks."""
    entities, faults = {}, []
    for entity in graph:
        if not entity.get("@id") or not entity.get("@type"):
            faults.append(f"an entity lacks @id or @type: {entity}")
        elif entity["@id"] in entities:
            faults.append(f"{entity['@id']} stands twice")
        entities[entity.get("@id")] = entity
    about = entities.get("ro-crate-metadata.json", {})
    if about.get("conformsTo") != {"@id": "https://w3id.org/ro/crate/1.1"} or about.get("about") != {"@id": "./"} or about.get("@type") != "CreativeWork":  # fmt: skip
        faults.append("the metadata file is not described as it must be")
    top = entities.get("./", {})
    if top.get("@type") != "Dataset":
        faults.append("the root is no Dataset")
    faults += [f"the root has no {p}" for p in ("name", "description", "datePublished", "license") if not top.get(p)]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(top.get("datePublished"))):
        faults.append("datePublished is no ISO day")
    parts = {p["@id"] for p in top.get("hasPart", [])}
    described = {i for i, e in entities.items() if e.get("@type") == "File"}
    faults += [f"{p} is part of the crate and not described" for p in parts - described]
    faults += [f"{p} is described and no part of the crate" for p in described - parts]
    faults += [f"{p} is not in the archive" for p in parts - set(files)]
    faults += [f"{f} is in the archive and not in the crate" for f in set(files) - parts - {"ro-crate-metadata.json"}]

    def references(value):
        if isinstance(value, dict):
            if set(value) != {"@id"}:
                faults.append(f"the graph is not flat: {value}")
            yield value.get("@id")
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    for entity in graph:
        for key, value in entity.items():
            for target in references(value):
                if key != "conformsTo" and target not in entities:
                    faults.append(f"{entity['@id']}: {key} refers to {target}, which is not in the graph")
    return faults


def test_the_metadata_is_a_valid_ro_crate(files):
    metadata = json.loads(files[archive.CRATE])
    assert metadata["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert not crate_faults(metadata["@graph"], files)
    entities = {e["@id"]: e for e in metadata["@graph"]}
    for res in package()["resources"]:
        entity = entities[res["path"]]
        assert hashlib.sha256(files[res["path"]]).hexdigest() == entity["sha256"] and entity["contentSize"] == str(
            len(files[res["path"]])
        )
        licences = entity["license"] if isinstance(entity["license"], list) else [entity["license"]]
        assert {entities[x["@id"]]["name"] for x in licences} == {x["name"] for x in res["licenses"]}
    actions = [e for e in metadata["@graph"] if e["@type"] == "CreateAction"]
    assert len(actions) == sum(bool(r.get("recipe")) for r in package()["resources"]) > 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda g: g[1].pop("license"), "no license"), (lambda g: g.pop(4), "not described"),
        (lambda g: g[1]["hasPart"].append({"@id": "x.csv"}), "not in the archive"),
        (lambda g: g[1].update(author={"@id": "#nobody"}), "not in the graph"),
        (lambda g: g.append(dict(g[2])), "stands twice"), (lambda g: g[1].update(author={"name": "x"}), "not flat"),
    ],
)  # fmt: skip
def test_a_broken_crate_is_found(files, change, fault):
    graph = json.loads(files[archive.CRATE])["@graph"]
    change(graph)
    assert any(fault in f for f in crate_faults(graph, files)), crate_faults(graph, files)


def test_the_strictest_licence_is_stated():
    most = archive.strictest(package()["resources"])
    order = list(archive.STRICTNESS)
    assert all(
        order.index(x["name"]) <= order.index(most["name"]) for r in package()["resources"] for x in r["licenses"]
    )
    assert set(order) == {x["name"] for r in package()["resources"] for x in r["licenses"]}


def test_an_unknown_licence_stops_the_build(tables):
    def change(resources):
        resources["space.launches"]["licenses"][0]["name"] = "Beerware"

    edit_descriptor(tables, change)
    with pytest.raises(ValueError, match="'Beerware' has no place"):
        archive.archive()


def test_a_version_without_release_rows_stops_the_build(tables, monkeypatch):
    monkeypatch.setattr(archive, "__version__", "9.9.9")
    with pytest.raises(ValueError, match=r"no rows of version 9\.9\.9"):
        archive.archive()


# --- how to load it -----------------------------------------------------------------------


def snippet(language: str) -> str:
    """The one block of code in `language` on the data page."""
    blocks = re.findall(
        rf"^```{language}\n(.*?)^```$", (root() / "book/data.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 1, f"{len(blocks)} blocks of {language}"
    return blocks[0]


@pytest.fixture
def unpacked(whole, tmp_path):
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        opened.extractall(tmp_path)
    return tmp_path / archive.NAME.removesuffix(".zip")


def test_the_python_snippet_runs_as_printed(unpacked):
    done = subprocess.run([sys.executable, "-c", snippet("python")], cwd=unpacked, capture_output=True, text=True)
    last = load("sanctions.vessels_by_date").iloc[-1]
    assert done.returncode == 0, done.stderr
    assert f"{last['applies_from']:%Y-%m-%d}" in done.stdout and str(last["cum_vessels"]) in done.stdout


def test_the_duckdb_snippet_runs_as_printed(unpacked, monkeypatch):
    import duckdb

    monkeypatch.chdir(unpacked)
    rows = duckdb.sql(snippet("sql").rstrip().rstrip(";")).fetchall()
    cells = (
        load("deals.provisions")
        .query("coding_status == 'coded'")
        .merge(load("deals.proposals")[["proposal_id", "side"]])
    )
    counted = cells["side"].value_counts()
    assert dict(rows) == counted.to_dict() and rows == sorted(rows, key=lambda r: (-r[1], r[0]))


#: Functions of R that the snippet may call: of base R, and of jsonlite.
R_FUNCTIONS = {"library", "fromJSON", "vapply", "function", "names", "read.csv", "as.Date", "print", "tail", "c"}


def r_faults(code: str) -> list[str]:
    """Faults of R code as far as they show without R: what its lexer cannot read, brackets that do not close, unknown functions.

    R itself weighs hundreds of megabytes; this finds slips of typing, not of meaning.
    """
    faults, open_ = [], []
    pairs = {")": "(", "]": "[", "}": "{"}
    for kind, text in SLexer().get_tokens(code):
        if kind in Error:
            faults.append(f"not R: {text!r}")
        if kind in Punctuation and kind not in Comment and kind not in String:
            for char in text:
                if char in "([{":
                    open_.append(char)
                elif char in pairs and (not open_ or open_.pop() != pairs[char]):
                    faults.append(f"{char!r} closes nothing")
    faults += [f"{char!r} is not closed" for char in open_]
    faults += ["a quotation mark is not closed"] if code.count('"') % 2 else []
    plain = re.sub(r'"[^"]*"', '""', code)
    faults += [
        f"{name} is no function known here"
        for name in re.findall(r"([A-Za-z][\w.]*)\s*\(", plain)
        if name not in R_FUNCTIONS
    ]
    faults += [f"{line!r} assigns to nothing" for line in plain.split("\n") if re.search(r"<-\s*$", line)]
    return faults


def test_the_r_snippet_is_sound_and_names_what_exists():
    code = snippet("r")
    assert not r_faults(code)
    table = next(r for r in package()["resources"] if r["name"] == re.search(r'tables\[\["([^"]+)"\]\]', code)[1])
    fields = {f["name"] for f in table["schema"]["fields"]}
    assert set(re.findall(r"ships\$(\w+)", code)) | set(re.findall(r'c\("(\w+)", "(\w+)"\)', code)[0]) <= fields


@pytest.mark.parametrize("code", ["print(tail(ships)", "names <- [1)", 'x <- "a', "prinnt(x)", "x <- "])
def test_broken_r_is_found(code):
    assert r_faults(code)


def test_the_downloads_are_beside_the_pages(built, whole):
    downloads = built / "html/downloads"
    assert (downloads / archive.NAME).read_bytes() == whole
    stated = (downloads / f"{archive.NAME}.sha256").read_text("utf-8").split()
    assert stated == [hashlib.sha256(whole).hexdigest(), archive.NAME]
    assert json.loads((downloads / archive.CRATE).read_text("utf-8"))["@graph"]
