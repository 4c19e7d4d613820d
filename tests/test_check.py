"""Sealing: only what was validated is recorded, in one step."""

import json

import pandas as pd
import pytest

import mutation
from conftest import forget
from defacto import check
from defacto.data import DataError, load
from defacto.derive.replace import Busy, lock
from defacto.press import bench

TABLE = "space/launches_by_year.csv"


KEPT = {"sources", "space.launches_by_year", "bench", "mutation"}


@pytest.fixture
def small(tables):
    """Four of the tables, with the sources that they cite: valid and sealed."""
    package = json.loads((tables / "datapackage.json").read_text("utf-8"))
    for res in package["resources"]:
        if res["name"] not in KEPT:
            (tables / res["path"]).unlink()
    package["resources"] = [r for r in package["resources"] if r["name"] in KEPT]
    package["resources"][0]["schema"].pop("foreignKeys")  # publishers are left out
    (tables / "datapackage.json").write_text(json.dumps(package), "utf-8")
    header, *rows = (tables / "sources.csv").read_text("utf-8").splitlines(keepends=True)
    cited = [r for r in rows if r.startswith("j-mcdowell-20251130,")]
    (tables / "sources.csv").write_text("".join([header, *cited]), "utf-8")
    (tables / TABLE).write_text("".join((tables / TABLE).read_text("utf-8").splitlines(keepends=True)[:40]), "utf-8")
    forget()
    check.seal()
    return tables


def spoil(folder, path=TABLE, was=b"1957,", now=b"1057,"):
    """Break a rule of the table: a year before the first launch."""
    content = (folder / path).read_bytes()
    assert was in content
    (folder / path).write_bytes(content.replace(was, now, 1))


def described(folder, name):
    forget()
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return next(r for r in package["resources"] if r["name"] == name)


def test_a_broken_table_is_not_sealed(small, capsys):
    spoil(small)
    before = (small / "datapackage.json").read_bytes()
    with pytest.raises(check.Broken, match=r"launches_by_year\.csv") as caught:
        check.seal()
    assert caught.value.violations and (small / "datapackage.json").read_bytes() == before
    assert check.main(["--seal"]) == 1
    said = capsys.readouterr()
    assert "the hashes stay as they were" in said.err and TABLE in said.out
    assert (small / "datapackage.json").read_bytes() == before
    with pytest.raises(DataError, match="changed since it was validated"):
        load("space.launches_by_year")


def test_an_edit_during_validation_is_not_sealed(small, monkeypatch):
    before = (small / "datapackage.json").read_bytes()
    last = check.cross_violations

    def edited(*arguments):
        spoil(small)
        return last(*arguments)

    monkeypatch.setattr(check, "cross_violations", edited)
    with pytest.raises(DataError, match=rf"{TABLE}: was changed while the tables were validated"):
        check.seal()
    assert (small / "datapackage.json").read_bytes() == before


def test_an_edit_of_the_descriptor_after_validation_is_not_sealed(small, monkeypatch):
    whole = check.examined

    def edited(*arguments):
        found = whole(*arguments)
        (small / "datapackage.json").write_bytes((small / "datapackage.json").read_bytes() + b"\n")
        return found

    monkeypatch.setattr(check, "examined", edited)
    with pytest.raises(DataError, match=r"datapackage\.json: was changed"):
        check.seal()
    assert (small / "datapackage.json").read_bytes().endswith(b"\n\n")


def test_validation_and_sealing_hold_one_lock(small, monkeypatch):
    def another(*arguments):
        with pytest.raises(Busy), lock(small):
            pass
        return []

    monkeypatch.setattr(check, "cross_violations", another)
    assert check.seal() == []
    with lock(small), pytest.raises(Busy):
        check.seal()


def test_what_stops_the_command_is_one_line(small, capsys):
    with lock(small):
        assert check.main(["--seal"]) == 1
    assert capsys.readouterr().err.startswith("error: data/: another run is writing tables")
    (small / "datapackage.json").write_text("{", "utf-8")
    for words in ([], ["--seal"]):
        assert check.main(words) == 1
        assert capsys.readouterr().err == "error: datapackage.json: line 1: not JSON (Expecting property name enclosed in double quotes)\n"  # fmt: skip


def measures(ratio=2.0):
    """A run on one notebook: half a kernel's start and the setting of the PDF are its floor."""
    rows = [("floor", "a kernel and its imports", 4.0), ("floor", "setting the PDF", 1.0), ("floor", "together", 3.0),
            ("book", "execution of 1 notebooks", 6.0), ("book", "together", 6.0)]  # fmt: skip
    return [*(bench.Measure(*r) for r in rows), bench.Measure("book", "ratio to the floor", ratio, "ratio")]


def test_who_writes_one_table_seals_that_table_alone(small):
    """A run that records its counts vouches for no other table; the day of the run is how far its own reaches."""
    spoil(small)
    bench.record(measures(), "2031-02-03")
    forget()
    assert len(load("bench")) == 6 and described(small, "bench")["documented_to"] == "2031-02-03"
    counted = pd.read_csv(small / "mutation.csv").head(3)
    mutation.store(counted, mutation.described() | {"documented_to": "2031-02"}, after="audit")
    forget()
    assert len(load("mutation")) == 3 and described(small, "mutation")["documented_to"] == "2031-02"
    with pytest.raises(DataError, match="changed since it was validated"):
        load("space.launches_by_year")
    assert len(check.examined()[0]) > 0


def test_a_new_table_is_entered_and_sealed(small):
    new = mutation.own_table("fresh", "Fresh", "Words.", ["Few."], [mutation.text_field("a", "A", "A word.")], ["a"])
    mutation.store(pd.DataFrame({"a": ["x", "y"]}), new, after="mutation")
    forget()
    order = [r["name"] for r in json.loads((small / "datapackage.json").read_text("utf-8"))["resources"]]
    assert order[order.index("mutation") + 1] == "fresh" and load("fresh")["a"].tolist() == ["x", "y"]


def test_a_run_that_breaks_a_rule_is_not_sealed(small):
    with pytest.raises(check.Broken, match="violations"):
        bench.record(measures(0.5), "2031-02-03")
    with pytest.raises(DataError, match="changed since it was validated"):
        load("bench")
    with pytest.raises(DataError, match=r"unknown table 'no\.such'"):
        check.seal("no.such")


def test_each_licence_is_named_once():
    package = {"resources": [
        {"path": "a.csv", "licenses": [{"name": "CC-BY-4.0", "title": "Own work"}]},
        {"path": "b.csv", "licenses": [{"name": "CC-BY-4.0", "title": "From elsewhere"}, {"name": "MIT"}]},
        {"path": "c.csv", "licenses": [{"name": "CC-BY-4.0", "title": "Own work"}]},
    ]}  # fmt: skip
    assert check.licence_list(package).split("\n", 4)[4] == (
        "**CC-BY-4.0**\n\n- From elsewhere: `b.csv`\n- Own work: `a.csv`, `c.csv`\n\n**MIT**\n\n- `b.csv`\n"
    )
