"""Arithmetic of the sanctions chapter, its kinds of chart, and the cross-checks that guard its tables."""

import pandas as pd
import pytest

from defacto import charts, crosschecks, figures, sanctions
from defacto.check import typed_or_violation
from defacto.data import data_dir, package

SOURCE = ["opensanctions-20260822"]
TEXTS = {"title": "A finding", "subtitle": "Measure, unit, period", "sources": SOURCE}


# --- arithmetic --------------------------------------------------------------------------

LISTINGS = pd.DataFrame(
    {"listing_date": pd.to_datetime(["2014-03-17", "2022-05-10", "2022-07-02"]), "cum_total": [10, 30, 40]}
)
OFAC = pd.DataFrame({"country": ["russia"] * 3 + ["belarus"], "month_end": pd.to_datetime(["2022-04-30", "2022-05-31", "2022-06-30", "2022-04-30"]),
                     "level": [100, 150, 160, 7]})  # fmt: skip


def test_levels_at_month_ends():
    table = sanctions.levels(LISTINGS, OFAC)
    assert table[sanctions.EU].tolist() == [10, 30, 30, 40]
    assert table[sanctions.US].tolist()[:3] == [100, 150, 160] and pd.isna(table[sanctions.US].iloc[3])


def test_indexing():
    table = sanctions.levels(LISTINGS, OFAC)
    assert sanctions.indexed(table, table.index[0]).iloc[1].tolist() == pytest.approx([300, 150])
    with pytest.raises(ValueError, match="no value to index it by"):
        sanctions.indexed(table, table.index[-1])


def test_gains_between_edges():
    table = sanctions.levels(LISTINGS, OFAC)
    gains = sanctions.gains(table, [table.index[0], table.index[1], table.index[2]])
    assert gains[sanctions.EU].tolist() == [20, 0] and gains[sanctions.US].tolist() == [50, 10]


COMPETENCE = pd.DataFrame({"measure_id": ["a", "b", "c"], "us_alone": ["yes", "partly", "no"]})


@pytest.mark.parametrize(
    ("measures", "word"),
    [
        (["a"], "yes"),
        (["b"], "partly"),
        (["c", "c"], "no"),
        (["a", "b"], "not computable"),
        (["b", "c"], "not computable"),
    ],
)
def test_a_count_over_unlike_measures_is_not_computable(measures, word):
    assert sanctions.answer(COMPETENCE, measures) == word


def test_unknown_measure():
    with pytest.raises(KeyError):
        sanctions.answer(COMPETENCE, ["z"])


def test_hanging_is_ordered_and_refuses_a_range_the_wrong_way_round():
    count = {"what": "x", "low": 1, "high": 2, "as_of": pd.Timestamp("2026-01-01"), "basis": "b"}
    table = sanctions.hanging(COMPETENCE, [count | {"measures": m} for m in (["a", "b"], ["c"], ["a"])])
    assert table["hangs"].tolist() == ["yes", "no", "not computable"]
    with pytest.raises(ValueError, match="from 3 to 2"):
        sanctions.hanging(COMPETENCE, [count | {"low": 3, "measures": ["a"]}])


def test_ways_go_from_the_fastest_to_the_slowest():
    rows = pd.DataFrame({"measure_id": ["a", "b", "c", "d"], "jurisdiction": ["US", "US", "EU", "US"],
                         "threshold": ["statutory_condition", "executive_act_after_report", "unanimity", "administrative_act"]})  # fmt: skip
    assert sanctions.ways(rows)["measure_id"].tolist() == ["d", "b", "a"]
    with pytest.raises(ValueError, match="b: no way for its threshold"):
        sanctions.ways(rows.replace({"threshold": {"executive_act_after_report": "unanimity"}}))


def test_years_without_a_figure_are_named():
    rows = pd.DataFrame({"series_id": ["s", "s", "t"], "fuel": ["gas", "gas", "oil"], "year": [2021, 2022, 2021], "value": [45.0, 23.0, 27.0],
                         "unit": ["percent_of_eu_imports"] * 3, "estimate": ["no", "yes", "no"], "source_ids": ["a"] * 3})  # fmt: skip
    table = sanctions.coverage(rows, range(2020, 2023)).set_index("fuel")
    assert table.loc["gas", ["2021", "2022", "gaps"]].tolist() == ["45", "23 (estimate)", "2020"]
    assert pd.isna(table.at["oil", "2022"]) and table.at["oil", "gaps"] == "2020, 2022"


def test_steps_around_the_assets_in_lanes():
    rows = pd.DataFrame(
        {"date": ["2026-05-15", "2022-02-28", "2026?"], "lane": ["courts", "EU", "EU"], "short": ["x", None, "y"]}
    )
    table = sanctions.assets_in_lanes(rows)
    assert table["lane"].tolist() == ["European Union", "Courts"] and table["label"].tolist() == ["", "x"]


STEPS = pd.DataFrame({"point_id": ["review-period", "summer-rule"], "calendar_days": [30, 60]})


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ("2025-04-23", "2025-05-23"),
        ("2026-07-09", "2026-08-08"),
        ("2026-07-10", "2026-09-08"),
        ("2026-09-07", "2026-11-06"),
        ("2026-09-08", "2026-10-08"),
    ],
)
def test_review_of_a_report(sent, end):
    assert sanctions.review_end(sent, STEPS) == pd.Timestamp(end)


def test_days_covered_by_overlapping_licences():
    spans = pd.DataFrame(
        {"issued": ["2026-03-05", "2026-03-08", "2026-03-20"], "expires": ["2026-03-10", "2026-03-12", "2026-03-22"]}
    )
    assert sanctions.days_covered(spans) == (7 + 2, 17)
    with pytest.raises(ValueError, match="the day it starts"):
        sanctions.days_covered(spans.assign(issued="2026-03"))


def test_first_days_of_edtf_dates():
    dates = pd.Series(["2026-10-09", "2025-08~", "2025-12-15/2025-12-18", "2026", "2025-06?"])
    assert sanctions.first_day(dates).dt.strftime("%Y-%m-%d").tolist() == [
        "2026-10-09",
        "2025-08-01",
        "2025-12-15",
        "2026-01-01",
        "2025-06-01",
    ]


def test_tally_of_events():
    events = pd.DataFrame({"jurisdiction": ["EU", "US", "US"], "direction": ["tightened", "eased", "eased"]})
    table = sanctions.tally(events)
    assert table.loc["US"].to_dict() == {"tightened": 0, "eased": 2, "maintained": 0}


CARGO = pd.DataFrame(
    {
        "series": ["bsgi"] * 3,
        "as_of": ["2022-08-15", "2022-12-31", "2023?"],
        "cum_tonnes": [1_000_000, 5_000_000, 9_000_000],
    }
)


def test_rate_and_age_of_cargo():
    assert sanctions.rate(CARGO, "bsgi", "2022-08-01") == pytest.approx(5e6 / (152 / 30.44))
    aged = sanctions.since_start(CARGO, {"bsgi": "2022-08-01"})
    assert aged["bsgi"].tolist() == [0, 1, 5] and aged.index.tolist() == [0, 0.5, 5.0]


def test_shares_compare_one_currency_only():
    part = pd.DataFrame({"low": [4.0, None], "high": [5.0, None], "currency": ["USD", None]})
    whole = pd.DataFrame({"low": [300.0, 280.0], "high": [320.0, 280.0], "currency": ["USD", "EUR"]})
    assert sanctions.share_range(part, whole) == pytest.approx((4 / 320, 5 / 300))
    with pytest.raises(ValueError, match="same currency"):
        sanctions.share_range(part.assign(currency="CHF"), whole)


def test_asset_rows_say_what_is_not_disclosed():
    from defacto.data import load

    rows = sanctions.asset_rows(load("sanctions.assets"))
    silent = rows[rows["low"].isna()]
    assert len(silent) == 1 and silent["label"].str.startswith("asked").all() and silent.index[0].count(",") == 4
    assert (
        "designated" not in " ".join(rows["label"])
        and rows["group"].iloc[0] == "World"
        and rows["group"].iloc[-1] == "Others"
    )
    assert (rows["label"] == "under EUR 10,000 (2025-11)").sum() == 1


def test_figures_in_words():
    rows = pd.DataFrame(
        {"value_text": ["signed", None, "x"], "amount": [None, 5.7, 50.0], "unit": [None, "gw", "percent"]}
    )
    assert sanctions.told(rows) == ["signed", "5.7 GW", "x (50\u00a0%)"]


def test_values_with_their_bounds():
    rows = pd.DataFrame({"value": [155.0, 46.0, 3.0, 45.0], "value_high": [None, None, None, 50.0], "unit": ["bcm", "percent", "percent", "percent"],
                         "qualifier": ["about", "exact", "below", "range"]})  # fmt: skip
    assert [text.replace("\u00a0", " ") for text in sanctions.measured(rows)] == [
        "about 155 bcm",
        "46 %",
        "below 3 %",
        "45 to 50 %",
    ]


def test_steps_in_lanes():
    rows = pd.DataFrame({"jurisdiction": ["EU", "EU", "US"], "direction": ["tightened", "eased", "eased"], "date": ["2025-05-20", "2026-06-15", "2025-08~"],
                         "from_resource": ["sanctions.packages"] * 2 + ["sanctions.licences"], "short": ["17th", "x", None]})  # fmt: skip
    table = sanctions.steps_in_lanes(rows).set_index("lane")
    assert table["hollow"].to_dict() == {
        "European Union, listings": False,
        "European Union, other steps": True,
        "United States": True,
    }
    assert table.at["United States", "label"] == "" and table.at["United States", "start"] == pd.Timestamp("2025-08-01")


def test_leading_sources_once_each():
    assert sanctions.leading(pd.Series(["a;b", "a", None, "c;a"])) == ["a", "c"]


# --- kinds of chart ----------------------------------------------------------------------


def spans(**changes):
    base = {
        "low": [1.0, 2.0, None],
        "high": [3.0, 2.0, None],
        "label": ["one to three", "two", "asked 2025"],
        "group": ["A", "A", "B"],
    }
    return pd.DataFrame(base | changes, index=["x", "y", "z"])


def test_ranges_say_what_is_missing():
    made = charts.ranges(spans(), id="a", unit="bn", **TEXTS)
    assert made.meta["alt"] == "Range chart of 3 rows, in bn. x: one to three; y: two; z: not disclosed (asked 2025)."
    assert made.picture != charts.ranges(spans(low=[1.5, 2.0, None]), id="a", unit="bn", **TEXTS).picture


@pytest.mark.parametrize(
    ("changes", "match"),
    [({"low": [4.0, 2.0, None]}, "runs from 4.0 to 3.0"), ({"low": [1.0, None, None]}, "only one end"), ({"low": [-1.0, 2.0, None]}, "runs from"),
     ({"label": ["a", " ", "c"]}, "has no label"), ({"group": ["A", "B", "A"]}, "do not stand together")],
)  # fmt: skip
def test_what_ranges_refuse(changes, match):
    with pytest.raises(ValueError, match=match):
        charts.ranges(spans(**changes), id="a", unit="bn", **TEXTS)
    with pytest.raises(ValueError, match="stands twice"):
        charts.ranges(spans(group="A").set_index(pd.Index(["x", "x", "z"])), id="a", unit="bn", **TEXTS)


def cells(*words):
    return pd.DataFrame({"Alone": words}, index=[f"row {n}" for n in range(len(words))])


def test_matrix_has_word_symbol_and_shade():
    made = charts.matrix(cells("yes", "partly", "no", "unknown", "not applicable"), id="a", **TEXTS)
    assert made.meta["alt"].startswith(
        "Matrix of 5 rows. Alone: yes 1, partly 1, no 1, unknown 1, not applicable 1. row 0: yes;"
    )
    assert len({v[0] for v in charts.WORDS.values()}) == len(charts.WORDS)
    assert all(figures.contrast(ink, ground) >= 4.5 for _, ground, ink in charts.WORDS.values())


def test_answers_in_a_table_carry_the_symbol_of_the_matrix():
    assert charts.worded(pd.Series(["yes", "not computable"])).tolist() == ["● yes", "× not computable"]
    with pytest.raises(KeyError):
        charts.worded(pd.Series(["perhaps"]))


@pytest.mark.parametrize(
    ("frame", "groups", "match"),
    [(cells("maybe"), None, "'maybe' is not one of yes, partly, no"), (cells("yes", "no", "no"), ["a", "b", "a"], "together"),
     (cells("yes").iloc[:0], None, "has rows"), (cells("yes", "no").set_index(pd.Index(["x", "x"])), None, "stands twice"),
     (pd.DataFrame([["yes"] * 5]), None, "one to four columns")],
)  # fmt: skip
def test_what_a_matrix_refuses(frame, groups, match):
    with pytest.raises(ValueError, match=match):
        charts.matrix(frame, id="a", groups=groups, **TEXTS)


def route(**changes):
    base = {
        "route": ["R"] * 5,
        "actor": list("abcde"),
        "action": ["acts"] * 5,
        "kind": ["condition", "act", "vote", "wait", "end"],
    }
    return pd.DataFrame(base | changes)


def test_flow_tells_its_steps_in_order():
    made = charts.flow(route(), id="a", **TEXTS)
    assert made.meta["alt"].startswith(
        "Flow drawing. R: a (must hold): acts; then b (decides): acts; then c (votes): acts; then d (waits)"
    )
    assert made.picture == charts.flow(route(), id="a", **TEXTS).picture


@pytest.mark.parametrize(
    ("changes", "match"),
    [({"kind": ["act"] * 5}, "does not end with its one end"), ({"kind": ["end", "act", "act", "act", "end"]}, "one end"),
     ({"kind": ["jump", "act", "act", "act", "end"]}, "'jump' is not one of"), ({"actor": ["a", "", "c", "d", "e"]}, "empty cell"),
     ({"route": ["R", "S", "R", "R", "R"]}, "do not stand together")],
)  # fmt: skip
def test_what_a_flow_refuses(changes, match):
    with pytest.raises(ValueError, match=match):
        charts.flow(route(**changes), id="a", **TEXTS)
    with pytest.raises(ValueError, match="needs rows and the columns"):
        charts.flow(route()[["actor"]], id="a", **TEXTS)


def test_marks_are_told_and_leave_the_line_free():
    data = pd.DataFrame({"China": [1, 5, 3]}, index=pd.Index([2001, 2002, 2003], name="year"))
    made = charts.lines(data, id="a", unit="x", marks={2002: "the day"}, **TEXTS)
    assert made.meta["alt"].endswith("Marked: the day (2002).")


def test_steps_are_drawn_as_steps():
    data = pd.DataFrame({"China": [1, 5, 3]}, index=pd.Index([2001, 2002, 2003], name="year"))
    assert (
        charts.lines(data, id="a", unit="x", steps=True, **TEXTS).picture
        != charts.lines(data, id="a", unit="x", **TEXTS).picture
    )


def test_a_slim_picture_keeps_its_glyphs():
    svg = b'<defs>\n <path id="DejaVuSans-41" d="M 0 0\nL 1 1\n"/>\n</defs>\n <!-- A -->\n <use xlink:href="#DejaVuSans-41"/>\n  <use xlink:href="#DejaVuSans-Bold-41"/>\n'
    assert (
        figures.slim(svg)
        == b'<defs>\n<path id="g41" d="M 0 0 L 1 1 "/>\n</defs><use xlink:href="#g41"/><use xlink:href="#Bold41"/>\n'
    )


# --- cross-checks: a wrong value breaks something before a notebook does -----------------


@pytest.fixture(scope="module")
def tables():
    return {r["name"]: typed_or_violation(r, (data_dir() / r["path"]).read_bytes())[0] for r in package()["resources"]}


CHECKS = {c.id: c for c in crosschecks.CHECKS}


def broken(tables, check, table, column, old, new):
    """Messages of `check` after one cell of `table` changed from `old` to `new`."""
    frame = tables[table].copy()
    same = frame[column] == old if isinstance(old, pd.Timestamp) else frame[column].astype("str") == str(old)
    rows = frame.index[same]
    assert len(rows), f"{table}: no {column} is {old!r}"
    frame[column] = frame[column].astype("object")
    frame.loc[rows[0], column] = new
    return CHECKS[check].run(tables | {table: frame.infer_objects()})


@pytest.mark.parametrize(
    ("check", "table", "column", "old", "new"),
    [
        ("listings-against-the-council", "sanctions.listings_by_date", "cum_entities", 48, 50),
        ("listings-against-the-council", "sanctions.eu_crosscheck", "council_total", 1678, 1778),
        ("listings-against-the-council", "sanctions.designation_counts", "total", 1320, 1321),
        ("packages-against-listings", "sanctions.listings_by_date", "persons", 136, 137),
        ("packages-against-listings", "sanctions.vessels_by_date", "vessels", 183, 182),
        ("packages-against-listings", "sanctions.packages", "adopted", "2025-05-20", "2024-05-20"),
        ("packages-against-listings", "sanctions.packages", "number", 17, 23),
        ("packages-against-listings", "sanctions.packages", "vessels_total_reported", 153, 154),
        ("snapshot-against-dates", "sanctions.regime_snapshot", "n", 633, 634),
        ("snapshot-against-dates", "sanctions.banks_by_date", "n", 22, 21),
        ("annex-xiv-stands-twice", "sanctions.swift_banks", "n", 22, 21),
        ("annex-xiv-stands-twice", "sanctions.swift_banks", "names_complete", "yes", "no"),
        ("reported-fleet-against-the-annex", "sanctions.shadow_fleet", "vessels_derived", 435, 436),
        ("totals-taken-from-the-series", "sanctions.designation_counts", "total", 5419, 5418),
        ("totals-taken-from-the-series", "sanctions.designation_counts", "total", 3023, 3022),
        ("ofac-months-are-complete", "sanctions.ofac_monthly", "level", 5354, 5353),
        ("ofac-months-are-complete", "sanctions.ofac_monthly", "additions", 257 + 12, 268),
        ("events-repeat-their-tables", "sanctions.events", "date", "2025-10-22", "2025-10-23"),
        ("events-repeat-their-tables", "sanctions.licences", "issued", "2026-03-12", "2026-03-13"),
        ("events-repeat-their-tables", "sanctions.events", "direction", "maintained", "tightened"),
        ("competence-follows-the-acts", "sanctions.us_uk_acts", "s216_review", "yes", "no"),
        ("competence-follows-the-acts", "sanctions.caatsa_s216", "calendar_days", 60, 61),
        ("assets-agree", "sanctions.assets", "low", 195.0, 194.0),
        ("assets-agree", "sanctions.era_loans", "disbursed_bn", 18.1, 17.1),
        ("energy-agrees", "sanctions.energy_points", "value", 52.0, 51.0),
        ("energy-agrees", "sanctions.energy", "value", 46.0, 45.0),
        ("energy-agrees", "sanctions.price_cap", "cap_usd_per_barrel", 47.6, 43.6),
        ("counters-rise", "sanctions.blacksea", "cum_tonnes", 55000000, 45000000),
        ("counters-rise", "sanctions.minerals", "date", "2025-05-08", "2025-06-08"),
        ("licences-follow-each-other", "sanctions.licences", "issued", "2026-05-18", "2026-03-18"),
        ("packages-keep-their-days", "sanctions.packages", "adopted", "2022-06-03", "2022-07-13"),
        ("packages-keep-their-days", "sanctions.packages", "vessels_apply_from", "2025-10-24", "2025-12-03"),
        ("packages-keep-their-days", "sanctions.shadow_fleet", "vessels_reported", 444, 445),
        ("acts-stand-in-their-order", "sanctions.us_uk_acts", "date", "2022-04-06", "2022-01-06"),
        ("acts-stand-in-their-order", "sanctions.assets_events", "date", "2024-04-24", "2024-04-25"),
        ("renewals-run-their-cycle", "sanctions.renewals", "valid_until", "2027-10-09", "2028-01-18"),
        ("routes-follow-the-measures", "sanctions.routes", "days", 90, 99),
        ("routes-follow-the-measures", "sanctions.caatsa_s216", "calendar_days", 30, 33),
        ("routes-follow-the-measures", "sanctions.competence", "threshold", "qualified_majority", "unanimity"),
        ("repeated-figures-agree", "sanctions.price_cap", "cap_usd_per_barrel", 47.6, 52.4),
        ("repeated-figures-agree", "sanctions.euroclear", "total_balance_eur_bn", 216.0, 237.6),
        ("repeated-figures-agree", "sanctions.energy", "value", 23.0, 20.0),
        ("trackers-alone-support-nothing", "sanctions.licences", "status", "unverified", "sourced"),
        ("trackers-alone-support-nothing", "sanctions.assets", "status", "sourced", "unverified"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_noticed(tables, check, table, column, old, new):
    assert CHECKS[check].run(tables) == []
    if isinstance(tables[table][column].dtype, type(pd.Series([pd.Timestamp(0)]).dtype)):
        old, new = pd.Timestamp(old), pd.Timestamp(new)
    assert broken(tables, check, table, column, old, new)
