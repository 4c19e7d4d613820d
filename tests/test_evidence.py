"""The dashboard counts what it says it counts."""

import pandas as pd

from defacto import claims, evidence
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


def test_context_and_the_printed_reading_are_no_origin(monkeypatch):
    rows = pd.DataFrame(
        {
            "claim_id": ["C001", "C001", "C002"],
            "stance": ["context", "supports", "refutes"],
            "on_reading": ["both", "both", "printed"],
            "source_ids": ["gcat-success", "j-mcdowell-20251130", "j-mcdowell-20251130"],
        }
    )
    small = {
        "claims.evidence": rows,
        "claims.claims": pd.DataFrame({"id": ["C001", "C002"]}),
        "sources": load("sources"),
    }
    monkeypatch.setattr(evidence, "load", small.get)
    assert evidence.claim_origins().to_dict() == {"C001": 1, "C002": 0}


def test_the_summary_and_the_ledger_count_origins_alike():
    assert evidence.claim_origins().to_dict() == claims.origins_of().map(len).to_dict()


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


def test_the_share_of_gathered_rows_with_and_without_some_tables(monkeypatch):
    """Weighed by verified rows; what is derived, and what is left out, does not count."""
    table = pd.DataFrame(
        {
            "table": ["a.read", "a.votes", "a.derived"],
            "origin": ["researched", "researched", "derived"],
            "rows": [12, 30, 100],
            "unverified": [2, 0, 0],
            "share_a": [0.1, 0.0, 0.0],
            "share_b": [0.4, 1.0, 0.0],
        }
    )
    monkeypatch.setattr(evidence, "by_table", lambda: table)
    assert evidence.researched_share() == (35 / 40, 40)
    assert evidence.researched_share(without=["a.votes"]) == (0.5, 10)


def test_tables_that_repeat_are_gathered_ones():
    known = evidence.by_table().set_index("table")["origin"]
    assert (known[list(evidence.REPEATED)] == "researched").all()
    assert {n for n in known.index if n.endswith(("_first", "_second", "_heldout"))} <= set(evidence.REPEATED)


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
