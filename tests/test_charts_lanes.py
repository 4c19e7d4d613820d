"""Lanes, bars, dots and logarithmic lines: labels never touch, what is hollow stays hollow, bad data are refused."""

import itertools

import pandas as pd
import pytest

from defacto import charts, figures
from defacto.charts import series

TEXTS = {"id": "a-b", "title": "A finding", "subtitle": "Measure, unit, period", "sources": ["j-mcdowell-20251130"]}
ROWS = pd.DataFrame(
    {
        "lane": ["Plan", "Flights", "Flights", "Flights"],
        "start": ["2022-07-14", "2022-09-21", "2022-09-22", "2026-07-14"],
        "end": ["2024-12-31", None, None, None],
        "label": ["agreement", "MS-22\nRubio", "Crew-5\nKikina", "MS-29\nMenon"],
        "hollow": [False, False, False, True],
    }
)


def lanes(rows=ROWS, **changes):
    return charts.lanes(rows, **(TEXTS | {"key": ("flown", "assigned")} | changes))


def test_lanes_tell_what_they_show():
    figure = lanes(marks={pd.Timestamp("2025-04-23"): "the article"}, colours={"Flights": "Russia"})
    assert figure.meta["alt"] == (
        "Timeline in lanes. Plan: agreement (2022-07-14 to 2024-12-31). Flights: MS-22 Rubio (2022-09-21); "
        "Crew-5 Kikina (2022-09-22); MS-29 Menon (2026-07-14, assigned). Marked: the article (2025-04-23)."
    )
    assert (
        figure.picture
        == lanes(marks={pd.Timestamp("2025-04-23"): "the article"}, colours={"Flights": "Russia"}).picture
    )


def test_marks_without_a_label_have_their_kind_in_words():
    bare = ROWS.assign(label=["agreement", "", "", ""])
    assert "Flights: no label (2022-09-21)" in lanes(bare).meta["alt"]
    assert "Flights: launch (2022-09-21)" in lanes(bare.assign(kind="launch")).meta["alt"]


@pytest.mark.parametrize(
    ("rows", "changes", "match"),
    [
        (ROWS.iloc[:0], {}, "need rows with the column 'lane'"),
        (ROWS.drop(columns="label"), {}, "the column 'label'"),
        (ROWS.assign(start=[None, *ROWS["start"][1:]]), {}, "needs a lane and a day"),
        (ROWS.assign(end=["2020-01-01", None, None, None]), {}, "no span ends before it starts"),
        (ROWS, {"key": None}, "hollow marks need a key"),
        (ROWS, {"start": "2023-01-01"}, "lies outside the axis"),
        (pd.concat([ROWS.assign(label="a label of some length")] * 30), {}, "more labels than"),
    ],
)
def test_what_lanes_refuse(rows, changes, match):
    with pytest.raises(ValueError, match=match):
        lanes(rows, **changes)


@pytest.mark.parametrize(
    "places", [[10, 200, 400], [100, 101, 102, 103], [0, 0, 450, 450], [50, 70, 90, 110, 130, 150], [222]]
)
def test_labels_of_a_row_never_touch(places):
    widths = [60.0] * len(places)
    placed = series._tiers(places, widths, 450)
    for (one, a), (other, b) in itertools.combinations(placed, 2):
        assert one != other or abs(a - b) >= 60
    assert all(30 <= centre <= 420 for _, centre in placed)


def test_a_label_covers_no_leader_where_there_is_room():
    places, widths = [50, 120, 130, 240, 400], [60.0] * 5
    placed = series._tiers(places, widths, 450)
    for (at, (row, _)), (_, (other, centre)) in itertools.permutations(zip(places, placed, strict=True), 2):
        assert not (other * row > 0 and abs(other) < abs(row) and abs(centre - at) < 30)


def test_hollow_marks_stay_hollow_in_a_large_picture():
    picture = figures.rounded(lanes().picture)
    assert picture.count(b"fill: #ffffff; stroke: #1d2429; stroke-width: 1.5") == 1
    assert b"fill: #ffffff; stroke: #1d2429; stroke-width: 1.4" in picture  # the key
    assert len(picture) <= len(lanes().picture)


def bars(values, **changes):
    return charts.bars(pd.DataFrame({"n": values}), **(TEXTS | {"unit": "satellites"} | changes))


def test_bars_tell_what_they_show():
    figure = bars(
        {"launched": 22, "planned": 156}, hollow=["planned"], texts={"planned": "≥ 156"}, colours={"launched": "Russia"}
    )
    assert figure.meta["alt"] == "Bars, in satellites. launched: 22; planned: ≥ 156 (outline)."
    assert figure._repr_mimebundle_()["text/csv"] == "row,n\nlaunched,22\nplanned,156\n"


@pytest.mark.parametrize(
    ("values", "changes", "match"),
    [
        ({}, {}, "one numeric column"), ({"a": -1}, {}, "not negative"), ({"a": None, "b": 1.0}, {}, "not negative"),
        ({"a": "x"}, {}, "one numeric column"), ({"a": 1}, {"hollow": ["b"]}, "'b' is not in the frame"),
        ({"a": 1}, {"texts": {"c": "1"}}, "'c' is not in the frame"),
    ],
)  # fmt: skip
def test_what_bars_refuse(values, changes, match):
    with pytest.raises(ValueError, match=match):
        bars(values, **changes)


DOTS = pd.DataFrame(
    {"at": [2006, 2013, 2022], "end": [None, 2014, 2027], "value": [21.3, 55.8, 0.0], "group": ["a", "b", "b"]}
)


def dots(rows=DOTS, **changes):
    return charts.dots(
        rows, **(TEXTS | {"unit": "USD m", "groups": {"a": "United States", "b": "Other"}, "digits": 1} | changes)
    )


def test_dots_tell_what_they_show():
    assert dots(DOTS.assign(bound=["at most", "exact", "exact"])).meta["alt"] == (
        "Dots, in USD m. 2006: ≤ 21.3 (a); 2013 to 2014: 55.8 (b); 2022 to 2027: 0.0 (b)."
    )


@pytest.mark.parametrize(
    ("rows", "changes", "match"),
    [
        (DOTS.iloc[:0], {}, "need rows"), (DOTS.assign(value=[-1, 1, 1]), {}, "not negative"),
        (DOTS.assign(end=[2000, 2014, 2027]), {}, "needs a place"), (DOTS, {"groups": {"a": "United States"}}, r"unknown group.*'b'"),
        (DOTS.assign(bound="perhaps"), {}, "unknown group or bound"),
    ],
)  # fmt: skip
def test_what_dots_refuse(rows, changes, match):
    with pytest.raises(ValueError, match=match):
        dots(rows, **changes)


def test_logarithmic_lines_need_positive_values():
    frame = pd.DataFrame({"China": [1, 10, 1000], "Russia": [2, 3, 16]}, index=[2001, 2002, 2003])
    assert (
        charts.lines(frame, unit="satellites", log=True, **TEXTS).picture
        != charts.lines(frame, unit="satellites", **TEXTS).picture
    )
    with pytest.raises(ValueError, match="positive values only"):
        charts.lines(frame - 1, unit="satellites", log=True, **TEXTS)
