"""Sources: one rule of grading, independent origins, citations that resolve."""

import pandas as pd
import pytest

from defacto import ledger
from defacto.data import DataError, load


def source(**changes):
    row = {
        "id": "x",
        "publisher": "Outlet",
        "kind": "news",
        "seen": "excerpt",
        "relay_of": None,
        "ownership": "unknown",
    }
    return row | changes


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({"kind": "official"}, "A"), ({"kind": "legal", "seen": "full text"}, "A"), ({"kind": "data", "seen": "data file"}, "A"),
        ({"kind": "official", "relay_of": "The White House"}, "B"), ({"kind": "wire", "relay_of": "Reuters"}, "B"),
        ({}, "B"), ({"kind": "wire"}, "B"), ({"kind": "analysis"}, "B"), ({"relay_of": "Reuters"}, "C"),
        ({"kind": "reference"}, "C"), ({"kind": "opinion"}, "C"), ({"kind": "opinion", "relay_of": "Y"}, "C"),
        ({"kind": "tracker"}, "D"), ({"seen": "cited", "kind": "official"}, "D"),
    ],
)  # fmt: skip
def test_grade(changes, grade):
    assert ledger.grades(pd.DataFrame([source(**changes)])).tolist() == [grade]


def test_grade_never_looks_at_the_owner():
    frame = pd.DataFrame(
        [source(ownership=o) for o in ("private", "state-owned or state-financed", "public-service", "unknown")]
    )
    assert ledger.grades(frame).nunique() == 1


def test_a_relay_is_never_an_origin():
    frame = pd.DataFrame([
        source(id="a", publisher="Reuters"), source(id="b", publisher="B", relay_of="Reuters"),
        source(id="c", publisher="C", relay_of="b"), source(id="d", publisher="D", relay_of="Reuters;AFP"),
    ])  # fmt: skip
    assert ledger.origins(frame).tolist() == ["Reuters", "Reuters", "Reuters", "AFP;Reuters"]


def test_relays_in_a_circle():
    frame = pd.DataFrame([source(id="a", relay_of="b"), source(id="b", relay_of="a")])
    with pytest.raises(DataError, match="circle: a → b → a"):
        ledger.origins(frame)


def test_one_outlet_one_ownership():
    sources, publishers = load("sources"), load("publishers", unverified=True).set_index("name")
    assert (sources.groupby("publisher")["ownership"].nunique() == 1).all()
    assert (sources["publisher"].map(publishers["ownership"]) == sources["ownership"]).all()
    assert (sources["publisher"].map(publishers["country"]) == sources["country"]).all()


def test_ownership_rests_on_a_source():
    publishers = load("publishers", unverified=True)
    named = publishers[publishers["ownership"] != "unknown"]
    assert named["source_ids"].notna().all() and named["basis"].notna().all()


@pytest.mark.parametrize(
    ("published", "shown"),
    [("2025-04-24", "2025-04-24"), ("2025-04-24~", "about 2025-04-24"), ("2026-07?", "2026-07, date unsure"),
     ("2026-07-02?", "2026-07-02, day unsure"), ("2019/2024", "2019 to 2024"), (None, "undated")],
)  # fmt: skip
def test_dates_of_sources_in_words(published, shown):
    assert ledger.dated(published) == shown


def test_citation():
    assert ledger.citation("j-mcdowell-20251130").endswith(", 2025-11-30")
    with pytest.raises(DataError, match="no source 'nobody'"):
        ledger.citation("nobody")


def test_the_best_grade_of_cells():
    cells = pd.Series(["j-mcdowell-20251130;gcat-success", None])
    assert ledger.best_grade(cells).iloc[0] == "A"
