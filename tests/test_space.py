"""The space chapter: its arithmetic, the reconciliations as tests, and a mutation for each table."""

import pandas as pd
import pytest

from defacto import check, crosschecks, space
from defacto.data import data_dir, load, package, typed_table


@pytest.fixture(scope="module")
def resources():
    return {r["name"]: r for r in package()["resources"]}


@pytest.fixture(scope="module")
def frames(resources):
    return {name: typed_table((data_dir() / r["path"]).read_bytes(), r) for name, r in resources.items()}


# --- reconciliations -----------------------------------------------------------------------


@pytest.mark.parametrize(("year", "launches"), [(2021, 25), (2022, 22), (2023, 19), (2024, 17)])
def test_roscosmos_own_counts(year, launches):
    """Russian-run sites and Soyuz from Kourou: what Roscosmos counts itself."""
    rows = load("space.launches")
    mine = crosschecks.by_rule(rows, "sites and Soyuz from Kourou", "Russia") & (rows["date"].dt.year == year)
    counts = load("space.launch_counts").set_index("id")
    assert mine.sum() == launches == counts.at[f"{year}-russia-roscosmos", "value"]


def test_world_totals():
    counts = space.launch_counts().set_index("id")
    assert counts.at["2024-world-spacenews", "difference"] == 0 and counts.at["2024-world-spacenews", "value"] == 259
    assert counts.at["2025-world-mcdowell", "value"] - counts.at["2025-spacex-starship-mcdowell", "value"] == 324
    assert counts.loc[counts["whole"], "difference"].abs().max() == 1


def test_launches_after_the_copy_ends():
    later, until = space.later_launches()
    assert (later, until) == (251, pd.Timestamp("2026-10-27"))


def test_rd180_delivered_flown_left():
    account = space.rd180_account()["engines"]
    assert account.to_dict() == {"delivered": 122, "flown": 111, "later": 1, "left": 10}


def test_starlink_on_16_may_2021():
    series = load("space.constellations").query("constellation == 'Starlink'").set_index("as_of")["cumulative_launched"]
    assert series["2021-05-16"] == 1677


# --- selections ----------------------------------------------------------------------------


def test_dates_on_an_axis():
    dates = pd.Series(["2022-07-14", "2022-11~", "2025", "2025-06-25~", "2025-12-15/2025-12-18"])
    placed = space.placed(dates).dt.strftime("%Y-%m-%d").tolist()
    assert placed == ["2022-07-14", "2022-11-15", "2025-07-01", "2025-06-25", "2025-12-15"]


def test_sources_of_columns_most_used_first():
    assert space.cited(pd.Series(["b;a", "b", None]), pd.Series(["c"])) == ["b", "a", "c"]


def test_no_category_is_left_out_unseen():
    events = pd.DataFrame({"date": ["2025-01", "2024-01"], "category": ["a", "b"], "label": ["x", "y"]})
    assert space.event_lanes(events, {"Two": ["b"], "One": ["a"]})["lane"].tolist() == ["Two", "One"]
    with pytest.raises(ValueError, match="category 'b' belongs to no lane"):
        space.event_lanes(events, {"One": ["a"]})


def test_seats():
    lanes = space.seat_lanes()
    marks = lanes[lanes["end"].isna()]
    assert marks["hollow"].sum() == 2 and (~marks["hollow"]).sum() == 14
    assert set(marks.loc[marks["hollow"], "label"]) == {"MS-29\nMenon", "Crew-13\nTeteryatnikov"}
    assert lanes["end"].notna().sum() == 5 and lanes["label"].notna().all()
    prices = space.seat_prices()
    assert prices["value"].max() == 90 and (prices["end"] >= prices["at"]).all()
    assert not prices["value"].isin([22, 71]).any(), "prices rounded by the earlier report are left out"


def test_grades_are_shares_of_rows():
    grades = space.grades()
    assert (grades[["a", "b", "c", "d"]].sum(axis=1) == grades["rows"]).all()
    assert ((grades["first_hand"] <= grades["direct"]) & (grades["direct"] <= 1)).all()


def test_an_unknown_rule():
    with pytest.raises(KeyError, match="by hand"):
        crosschecks.by_rule(load("space.launches"), "by hand", "World")


# --- one wrong value a table -----------------------------------------------------------------

MUTATIONS = [
    ("space.agreements", "addendum-2", "date", "2021-12"),
    ("space.agreements", "agreement-2022", "flights_added", 7),
    ("space.constellations", "Starlink|2021-05-16", "cumulative_launched", 1676),
    ("space.cross_flights", "SpaceX Crew-9", "launch_date", "2024-09-27"),
    ("space.cross_flights", "Soyuz MS-29", "flight_status", "flown"),
    ("space.engines", "2022", "atlas5_flights", 6),
    ("space.engine_counts", "rd-180-flown-2021-04-08", "value", 91),
    ("space.engine_counts", "rd-181-flown-2021-07", "value", 16),
    ("space.launch_counts", "2022-russia-roscosmos", "value", 21),
    ("space.launch_counts", "2025-world-spacenews", "value", 326),
    ("space.launches", "2024-042", "vehicle", "Soyuz-2-1A"),
    ("space.oneweb_launches", "2021-045", "launch_date", pd.Timestamp("2021-05-29")),
    ("space.proposals", "mars-2029", "outcome", "signed"),
    ("space.rassvet", "first-batch", "value", 18.0),
    ("space.rassvet", "rassvet-1", "date", "2023-06-28"),
    ("space.roscosmos", "legal-form", "as_of", "2015-07-14"),
    ("space.seat_prices", "2014-ig-13-019", "price_usd_million", 65.5),
    ("space.seat_prices", "2018-modification-2015", "price_usd_million", 80.9),
    ("space.starlink_events", "leverage-denied", "date", "2025-02-20"),
    ("space.starlink_events", "ministry-confirms", "date", "2026-02-04"),
    ("space.starlink_funding", "poland-2022-2024-usd", "value", 835.0),
    ("space.starlink_funding", "spacex-2022-04", "value", 3767.0),
    ("space.starlink_satellites", "2021-05-16-launched", "value", 1687.0),
    ("space.starlink_satellites", "2025-12-25-re-entered", "value", 3191.0),
    ("space.statements", "putin-korolev", "date", "2025-04-26"),
    ("space.terminals", "2022-12-20-received", "value", 12000),
    ("space.timeline", "oneweb-demands", "date", "2022-03-20"),
    ("space.timeline", "seat-barter", "date", "2022-07-15"),
]


@pytest.mark.parametrize(("table", "key", "field", "value"), MUTATIONS, ids=lambda v: str(v).removeprefix("space."))
def test_a_wrong_value_is_caught_before_any_notebook(resources, frames, table, key, field, value):
    broken = frames[table].copy()
    columns = resources[table]["schema"]["primaryKey"]
    keys = broken[columns[0]].astype(str)
    for column in columns[1:]:
        keys = keys + "|" + check._text(broken, column)
    row = keys.index[keys == key]
    assert len(row) == 1 and broken.loc[row[0], field] != value
    broken.loc[row[0], field] = value
    found = check.sanity_violations(resources[table], broken)
    for test in crosschecks.CHECKS:
        if table in test.tables:
            found += test.run(frames | {table: broken})
    assert found


def test_every_space_table_has_a_mutation(resources):
    assert {t for t, *_ in MUTATIONS} == {n for n in resources if n.startswith("space.")} - {"space.launches_by_year"}
