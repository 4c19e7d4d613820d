"""Shares, the verdict on the printed share, and the cross-checks of the territory tables."""

import csv
import io
from functools import cache

import pandas as pd
import pytest

from defacto import check, crosschecks, territory
from defacto.data import DataError, data_dir, load, resource, typed_table
from defacto.ledger import BEYOND

ARTICLE = "2025-04-22"


# --- arithmetic --------------------------------------------------------------------------


def test_the_declared_annexed_oblasts():
    assert territory.annexed() == ["UA-09", "UA-14", "UA-23", "UA-65"]
    sets = territory.readings()
    assert list(sets)[:3] == ["All four oblasts", "Three, without Luhansk", "All four and Crimea"]
    assert sets["Three, without Luhansk"] == ["UA-14", "UA-23", "UA-65"] and len(sets) == 7


def test_a_share_is_summed_area_over_summed_area():
    rows = pd.DataFrame(
        {"occupied_km2": [26475.6, 18526.8], "occupied_land_km2": [100.0, 0.0]}, index=["UA-09", "UA-14"]
    )
    both = territory.units().loc[["UA-09", "UA-14"]]
    assert territory.share(rows, ["UA-09", "UA-14"], "official") == pytest.approx(45002.4 / both["official_km2"].sum())
    assert territory.share(rows, ["UA-09", "UA-65"], "land") == pytest.approx(
        100 / territory.units().loc[["UA-09", "UA-65"], "land_km2"].sum()
    ), "a unit without a row holds nothing"


def test_shares_of_22_april():
    """The values of the derivation's report, to their last digit."""
    found = 100 * territory.shares(ARTICLE)
    four, three = found.loc["All four oblasts"], found.loc["Three, without Luhansk"]
    assert [round(v, 2) for v in four] == [77.27, 78.09, 78.44]
    assert [round(v, 2) for v in three] == [70.14, 71.41, 71.91]


def test_a_map_must_be_near():
    assert territory.held("2026-08-22", "owl").attrs["day"] == pd.Timestamp("2026-08-21")
    with pytest.raises(DataError, match="owl has no map for 2026-08-25"):
        territory.held("2026-08-25", "owl")


@pytest.mark.parametrize(
    ("gap", "factor", "word"),
    [(2.0, 1, "supported"), (-2.0, 1, "supported"), (2.01, 1, "mostly supported"), (5.0, 1, "mostly supported"),
     (-5.1, 1, "mixed"), (10.0, 1, "mixed"), (10.01, 1, "wrong as written"), (7.3, 0.5, "wrong as written"),
     (7.3, 2, "mostly supported"), (0.0, 0.5, "supported")],
)  # fmt: skip
def test_the_fixed_rule(gap, factor, word):
    assert territory.verdict(gap, factor) == word


def test_the_words_of_the_rule_are_verdicts_of_the_scale():
    words = set(load("claims.scale").query("scale == 'verdict'")["word"])
    assert {*territory.RULE.values(), BEYOND} <= words


def test_the_printed_share_is_read_from_the_words():
    assert territory.printed() == pytest.approx(0.7)


def test_words_without_one_share(monkeypatch):
    monkeypatch.setattr(territory, "quote", lambda claim: "between 60 % and 70 %")
    with pytest.raises(DataError, match="hold 2 percentages"):
        territory.printed()


def test_the_claim_has_the_verdict_of_the_rule():
    claim = load("claims.claims").set_index("id").loc[territory.CLAIM]
    judged = territory.judged(ARTICLE)
    four = judged[judged["reading"] == "All four oblasts"]
    assert set(four["verdict"]) == {claim["verdict_meant"]} == {claim["verdict_printed"]}
    assert len(judged) == 7 * 3 and judged["gap"].sub(100 * judged["share"] - 70).abs().max() < 1e-9


def test_sensitivity_has_a_row_a_threshold_and_day():
    table = territory.sensitivity([0.5, 1], [ARTICLE, "2026-01-01"], "All four oblasts")
    assert len(table) == 4 and set(table.columns[2:]) == {territory.variant(*v) for v in territory.VARIANTS}
    assert set(table[table["factor"] == 0.5].iloc[:, 2]) == {"wrong as written"}


def test_other_days_use_the_history_before_the_mirror():
    table = territory.by_date(["2023-01-01", ARTICLE], ["All four oblasts"])
    assert table["All four oblasts"].round(3).tolist() == [0.742, 0.773]
    assert table["All four oblasts: verdict"].tolist() == ["mostly supported", "mixed"]


def test_free_and_occupied_land_make_the_unit():
    table = territory.by_unit(ARTICLE, territory.annexed())
    land = territory.units().loc[table.index, "land_km2"]
    assert ((table["land_km2"] + table["land_free_km2"]) - land).abs().max() < 1e-6
    assert ((table["owl_km2"] + table["owl_free_km2"]) - land).abs().max() < 1e-6


def test_months_join_the_archives_of_one_map():
    months = territory.monthly()
    assert pd.date_range(months.index[0], months.index[-1], freq="MS").equals(pd.DatetimeIndex(months.index))
    assert months["DeepState"].notna().all() and months.index[0] < pd.Timestamp("2022-06-01")
    assert months.at[pd.Timestamp("2025-06-01"), "DeepState"] == pytest.approx(483.1, abs=0.1), (
        "the mirror, where it is"
    )


def test_steps_add_up_to_the_change_of_the_total():
    steps = territory.steps()
    ends = [territory.held(d, "deepstate")["occupied_km2"].sum() for d in ("2024-07-08", "2026-08-22")]
    assert steps["net_km2"].sum() == pytest.approx(ends[1] - ends[0], abs=0.5)
    assert (steps["unit_km2"].abs() > 0).mean() > 0.7


def test_the_mappers_stay_within_a_point():
    gap = territory.mapper_gap(territory.annexed())
    assert len(gap) > 1200 and gap.abs().max() < 1


def test_cells_of_the_maps():
    control, change = territory.grid("control"), territory.grid("change")
    assert set(control["class"]) == {"occupied", "partly occupied"}
    assert set(change["class"]) == {"occupied on both days", "newly occupied", "in part", "regained"}
    assert (control["share_start"] >= territory.PART).all()
    newly = change[change["class"] == "newly occupied"]
    assert (newly["change"] > 0.5).all() and (change.loc[change["class"] == "regained", "change"] < 0).all()
    with pytest.raises(ValueError, match="unknown kind of map"):
        territory.grid("loss")


# --- cross-checks: a wrong value is caught with the hashes recomputed -----------------------


@cache
def typed(name):
    res = resource(name)
    return typed_table((data_dir() / res["path"]).read_bytes(), res)


def values(name):
    return typed(name).copy()


def broken(name, pick, column, new):
    """Messages of all cross-checks that read `name`, after `column` of the picked row has been changed."""
    frame = values(name)
    row = frame.index[pick(frame)][0]
    frame[column] = frame[column].astype("float64") if frame[column].dtype.kind in "iuf" else frame[column]
    frame.loc[row, column] = new(frame.loc[row, column])
    found = []
    for one in crosschecks.CHECKS:
        if name in one.tables and all(t.startswith("territory.") for t in one.tables):
            found += [one.id for _ in one.run({t: frame if t == name else values(t) for t in one.tables})]
    return set(found)


def one(**keys):
    return lambda f: pd.concat([f[k].astype(str) == v for k, v in keys.items()], axis=1).all(axis=1)


DAY = {"date": "2025-04-22", "source": "deepstate", "unit_iso": "UA-14"}


@pytest.mark.parametrize(
    ("name", "keys", "column", "new", "caught"),
    [
        ("control_daily", DAY, "occupied_km2", lambda v: v + 5, "units-add-up-to-the-whole"),
        ("control_daily", DAY, "occupied_land_km2", lambda v: v + 5, "shares-follow-from-areas"),
        ("control_daily", DAY, "share_official", lambda v: v + 0.001, "shares-follow-from-areas"),
        ("control_daily", DAY, "share_land", lambda v: v - 0.001, "shares-follow-from-areas"),
        ("control_daily", DAY, "occupied_land_km2", lambda v: v * 1.08, "mappers-agree-on-the-four-oblasts"),
        ("control_daily", DAY | {"unit_iso": "UA-43"}, "occupied_km2", lambda v: v + 2, "crimea-is-constant"),
        ("control_daily", DAY | {"date": "2026-01-01"}, "occupied_km2", lambda v: v + 2, "deepstate-agrees-with-its-own-figures"),
        ("observations", {"source": "owl", "date": "2025-04-22"}, "units_km2", lambda v: v + 1, "units-add-up-to-the-whole"),
        ("observations", {"source": "deepstate", "date": "2025-04-22"}, "drawn_km2", lambda v: v + 50, "units-add-up-to-the-whole"),
        ("published_figures", {"id": "deepstate-2026-01-01-ukraine-occupied-area"}, "value", lambda v: v + 100, "deepstate-agrees-with-its-own-figures"),
        ("published_comparison", {"id": "deepstate-2026-01-01-ukraine-occupied-area", "main": "yes"}, "our_value", lambda v: v + 1,
         "deepstate-agrees-with-its-own-figures"),
        ("published_comparison", {"id": "deepstate-2025-08-ukraine-monthly-gain", "main": "yes"}, "our_value", lambda v: v + 1,
         "deepstate-agrees-with-its-own-figures"),
        ("published_comparison", {"id": "deepstate-2025-08-ukraine-monthly-gain", "main": "yes"}, "within", lambda v: "no",
         "deepstate-agrees-with-its-own-figures"),
        ("control_monthly", {"month": "2025-05", "source": "deepstate", "unit_iso": "UA-14"}, "net_km2", lambda v: -v, "months-are-differences-of-days"),
        ("control_monthly", {"month": "2025-05", "source": "owl", "unit_iso": "UA-14"}, "net_land_km2", lambda v: v + 1, "months-are-differences-of-days"),
        ("control_monthly", {"month": "2025-05", "source": "owl", "unit_iso": "UA-14"}, "days_observed", lambda v: v - 1, "months-are-differences-of-days"),
        ("grid_change", {"unit_iso": "UA-14", "share_start": "1.0"}, "share_start", lambda v: 0.5, "the-grid-conserves-area"),
        ("places", {"place_id": "kinburn_spit"}, "lon", lambda v: v + 0.05, "places-have-their-second-points"),
        ("places", {"place_id": "odesa"}, "lat", lambda v: v + 1, "distances-are-distances"),
        ("distances", {"place_id": "odesa", "date": "2025-04-22", "source": "deepstate"}, "km", lambda v: 159.7, "distances-are-distances"),
        ("distances", {"place_id": "odesa", "date": "2025-04-22", "source": "deepstate"}, "km", lambda v: 0.0, "distances-are-distances"),
        ("frontline", {"date": "2025-04-22", "source": "deepstate", "width_km": "5"}, "length_km", lambda v: v + 150, "smoothing-shortens-the-line"),
        ("land_areas", {"unit_iso": "UA-65"}, "ne_land_km2", lambda v: v + 5, "areas-of-units-agree"),
        ("land_areas", {"unit_iso": "UA-09"}, "osm_km2", lambda v: v + 5, "areas-of-units-agree"),
        ("units", {"unit_iso": "UA-14"}, "official_km2", lambda v: v + 10, "shares-follow-from-areas"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)  # fmt: skip
def test_a_wrong_value_is_caught(name, keys, column, new, caught):
    assert caught in broken(f"territory.{name}", one(**keys), column, new)


def test_the_whole_check_catches_it_too(tables):
    """Through the files, with all hashes recomputed, as an honest editor would."""
    from conftest import forget, reseal

    path = tables / "territory/control_daily.csv"
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
    row = next(r for r in rows if r[:3] == ["2025-04-22", "deepstate", "UA-14"])
    row[3] = f"{float(row[3]) + 3:.1f}"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), "utf-8")
    reseal(tables)
    forget()
    frames = {name: load(name, unverified=True) for name in ("territory.control_daily", "territory.observations")}
    found = [c for c in crosschecks.CHECKS if c.id == "units-add-up-to-the-whole"][0].run(frames)
    assert found == ["deepstate 2025-04-22: units add up to 112616.1 km2, noted are 112613.1"]
    assert check.CROSS
