"""The dashboard counts what it says it counts."""

import pandas as pd

from defacto import evidence
from defacto.data import load, names, package
from defacto.ledger import registry
from defacto.press.pdf import data_cut


def test_every_described_table_is_counted():
    table = evidence.by_table().set_index("table")
    assert set(table.index) <= set(names())
    for name in ("actors.events", "space.launches", "claims.evidence"):
        assert table.at[name, "rows"] == len(load(name, unverified=True))
        assert table.at[name, "unverified"] == (load(name, unverified=True)["status"] == "unverified").sum()
    shares = table[["share_a", "share_b", "share_c", "share_d"]].sum(axis=1)
    assert ((shares - 1).abs() < 1e-9)[table["rows"] > table["unverified"]].all()


def test_kinds_add_up_to_all_sources():
    assert evidence.by_kind().to_numpy().sum() == len(load("sources"))


def test_claims_fall_into_three_groups():
    counts = evidence.headline()
    parts = [v[0] for k, v in counts.items() if k.startswith("claims")]
    assert sum(parts) == len(load("claims.claims"))


def test_context_is_no_origin(monkeypatch):
    rows = pd.DataFrame(
        {
            "claim_id": ["C001", "C001"],
            "stance": ["context", "supports"],
            "source_ids": ["gcat-success", "j-mcdowell-20251130"],
        }
    )
    monkeypatch.setattr(
        evidence, "load", lambda name: rows if name == "claims.evidence" else pd.DataFrame({"id": ["C001", "C002"]})
    )
    assert evidence.claim_origins().to_dict() == {"C001": 1, "C002": 0}


def test_above_relay_counts_rows_with_a_good_source():
    good, whole = evidence.above_relay("actors.events")
    assert 0 < good <= whole == len(load("actors.events", unverified=True))


def test_above_relay_leaves_out_what_is_unverified(monkeypatch):
    known = registry()
    good, relay = (known.index[known["grade"] == g][0] for g in "BC")
    frame = pd.DataFrame(
        {
            "source_ids": [good, f"{relay};{good}", relay, good, None],
            "status": ["sourced", "sourced", "sourced", "unverified", "unverified"],
            "part": ["a", "b", "a", "a", "a"],
        }
    )
    monkeypatch.setattr(evidence, "load", lambda name, unverified: frame)
    assert evidence.above_relay("any") == (2, 5)
    assert evidence.above_relay("any", "part == 'a'") == (1, 4)


def test_the_dashboard_prints(capsys):
    evidence.main()
    printed = capsys.readouterr().out
    assert (
        "claims on two or more independent origins" in printed
        and "actors.events" in printed
        and "Corrections by reason" in printed
    )


def test_the_cover_states_the_reach_of_the_evidence_and_not_of_the_writing():
    own = [r["documented_to"] for r in package()["resources"] if r["origin"] == "own"]
    assert max(own) > data_cut() >= max(evidence.by_table()["documented_to"].str.rstrip("~?"))
