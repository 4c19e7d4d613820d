"""The spot audit: a draw that repeats, rows that still stand, counts that add up."""

import pandas as pd
import pytest

from conftest import forget, reseal
from defacto import audit, data
from defacto.data import DataError, load


def edit(folder, table, change):
    """Apply `change` to the cells of `table` as text, and seal the copy as an honest editor would."""
    path = folder / data.resource(table)["path"]
    frame = data.read_text_table(path.read_bytes(), path.name)
    change(frame).to_csv(path, index=False, lineterminator="\n")
    reseal(folder)


def test_draw_repeats():
    first = audit.draw()
    pd.testing.assert_frame_equal(first, audit.draw(audit.SEED, audit.SIZE))
    assert len(first) == audit.SIZE
    assert not first.duplicated().any()
    assert not first.equals(audit.draw(audit.SEED + 1))


def test_draw_takes_sourced_rows_of_researched_tables():
    drawn, pool = audit.draw(), audit.rows()
    assert not set(pool["table"]) & audit.REGISTERS
    assert {data.resource(t)["origin"] for t in pool["table"].unique()} == {"researched"}
    strata = drawn.merge(pool, on=["table", "key"])["stratum"]
    assert set(strata) == set(pool["stratum"])
    pd.testing.assert_series_equal(
        strata.value_counts().sort_index(),
        audit.shares(pool["stratum"].value_counts(), audit.SIZE),
        check_names=False,
    )


def test_draw_ignores_the_order_of_rows(tables):
    before = audit.draw()
    edit(tables, "actors.actors", lambda f: f.iloc[::-1])
    pd.testing.assert_frame_equal(audit.draw(), before)


def test_a_row_without_source_is_not_drawn(tables):
    table, key = audit.draw().query("table == 'actors.actors'").iloc[0]
    edit(tables, table, lambda f: f.assign(status=f["status"].mask(f["actor_id"] == key, "unverified")))
    assert key not in set(audit.rows().query("table == @table")["key"])


@pytest.mark.parametrize(
    ("sizes", "n", "expected"),
    [
        ({"a": 100, "b": 50, "c": 2}, 10, {"a": 6, "b": 3, "c": 1}),
        ({"a": 3, "b": 3}, 6, {"a": 3, "b": 3}),
        ({"a": 1, "b": 1}, 2, {"a": 1, "b": 1}),
    ],
)
def test_shares(sizes, n, expected):
    assert audit.shares(pd.Series(sizes), n).to_dict() == expected


@pytest.mark.parametrize("n", [1, 7])
def test_shares_refuses_what_cannot_be_drawn(n):
    with pytest.raises(DataError, match="cannot draw"):
        audit.shares(pd.Series({"a": 3, "b": 3}), n)


def test_audited_rows_were_drawn():
    """Tables grow after the audit, so a draw of today may differ in a few rows, not in many."""
    recorded = load("audit")[["table", "key"]]
    again = recorded.merge(audit.draw(), on=["table", "key"])
    assert len(again) >= audit.SIZE * 2 // 3


def test_audited_rows_stand_or_were_removed():
    removed = load("corrections").query("new == 'row removed'")
    gone = set(zip(removed["table"], removed["key"], strict=True))
    for table, key in load("audit")[["table", "key"]].itertuples(index=False):
        frame = load(table, unverified=True)
        parts = frame[data.resource(table)["schema"]["primaryKey"]].astype("str")
        assert (parts.agg("|".join, axis=1) == key).any() or (table, key) in gone, (table, key)


def test_corrected_rows_have_their_correction():
    fixes = load("corrections").query("why.str.contains('audit: ')")
    fixed = set(zip(fixes["table"], fixes["key"], strict=True))
    acted = load("audit").query("action != 'none'")
    assert len(acted) and set(zip(acted["table"], acted["key"], strict=True)) <= fixed


def test_results_add_up():
    counts = audit.results()
    assert counts["drawn"].sum() == audit.SIZE == len(load("audit"))
    assert list(counts.columns) == [*audit.RESULTS, "drawn"]
    assert (counts[list(audit.RESULTS)].sum(axis=1) == counts["drawn"]).all()
    assert counts[list(audit.RESULTS)].sum().to_dict() == load("audit")["result"].value_counts().to_dict()


def test_results_follow_the_table(tables):
    before = audit.results()
    edit(tables, "audit", lambda f: f.assign(result=f["result"].replace("wrong", "imprecise")))
    forget()
    after = audit.results()
    assert (after["wrong"] == 0).all()
    assert after["imprecise"].sum() == before["imprecise"].sum() + before["wrong"].sum()
