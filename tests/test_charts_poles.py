"""Charts of positions between two ends: what they refuse, that no sign needs colour, and that hues are no party's."""

import itertools

import numpy as np
import pandas as pd
import pytest

from defacto import charts, figures
from defacto.charts import marks

TEXTS = {"id": "a-b", "title": "A finding", "subtitle": "Measure", "sources": ["j-mcdowell-20251130"]}
ENDS = ("left", "right")
GRID = pd.DataFrame({"P": [-3.0, 0.0], "Q": [2.0, np.nan]}, index=["x", "y"])
BLANKS = pd.DataFrame({"P": ["coded", "coded"], "Q": ["coded", "silent"]}, index=["x", "y"])
PAIR = pd.DataFrame({"P": [-3, 1], "Q": [2, 1]}, index=["x", "y"])
PATH = pd.DataFrame({"panel": ["x", "x"], "series": ["Russia", "Russia"], "date": pd.to_datetime(["2024-01-01", "2025-01-01"]),
                     "step": [-3, -2], "text": ["one", "two"]})  # fmt: skip
MAPS = pd.DataFrame({"panel": ["T", "T"], "unit": ["North", "South"], "state": ["held", "unseen"]})
PLACES, STATES = {"North": (0, 0), "South": (1, 0)}, {"held": ("H", -3), "unseen": ("?", None)}


def heat(frame=GRID, **changes):
    return charts.heat(frame, **({"ends": ENDS, "blanks": BLANKS, "symbols": {"silent": "·"}} | TEXTS | changes))


def dumbbell(frame=PAIR, **changes):
    return charts.dumbbell(frame, **({"ends": ENDS, "colours": {"P": "Russia", "Q": "Ukraine"}} | TEXTS | changes))


def paths(frame=PATH, **changes):
    return charts.paths(frame, **({"ends": ENDS, "colours": {"Russia": "Russia"}} | TEXTS | changes))


def tiles(frame=MAPS, **changes):
    return charts.tiles(frame, **({"layout": PLACES, "states": STATES} | TEXTS | changes))


def test_hues_are_no_party_s_and_signs_read_on_them():
    for colour in (charts.POLES[0], charts.POLES[-1]):
        assert min(figures.distance(colour, party[0]) for party in figures.PARTIES.values()) >= 0.09
    for colour in (*charts.POLES, *charts.AMOUNTS):
        assert figures.contrast(marks.ink_on(colour), colour) >= 4.5
    for one, other in itertools.pairwise(charts.POLES):
        assert all(figures.distance(one, other, v) >= 0.05 for v in (None, "protanopia", "deuteranopia"))


def test_the_two_ends_stay_apart_for_all_readers():
    for vision in (None, "protanopia", "deuteranopia"):
        assert figures.distance(charts.POLES[0], charts.POLES[-1], vision) >= 0.09


def test_heat_prints_every_cell_and_says_why_one_is_empty():
    made = heat()
    assert made.frame.loc["y", "Q"] == "silent" and made.frame.loc["x", "P"] == -3
    assert "3 of 4 cells" in made.meta["alt"] and "x: 2 cells, from −3 (P) to +2 (Q)" in made.meta["alt"]
    assert made.picture == heat().picture != heat(GRID.replace(2.0, 1.0)).picture


def test_heat_of_amounts():
    made = charts.heat(GRID.abs().fillna(1), **TEXTS)
    assert "Lowest 0.0 (y, P), highest 3.0 (x, P)" in made.meta["alt"]


def test_heat_tells_one_cell_and_equal_cells():
    alt = heat(GRID.assign(P=-3.0, Q=[-3.0, np.nan])).meta["alt"]
    assert "x: 2 cells, all −3. " in alt and "y: 1 cell, −3 (P)." in alt
    assert (
        "Lowest 1 in 3 cells, highest 2 (x, P)"
        in charts.heat(GRID.assign(P=[2.0, 1.0], Q=1.0), digits=0, **TEXTS).meta["alt"]
    )


def test_dumbbell_says_what_is_equal():
    assert "x: P −3, Q +2" in dumbbell().meta["alt"] and "y: both +1" in dumbbell().meta["alt"]
    panels = dumbbell(panels={"one": ("P", "Q"), "two": ("Q", "P")})
    assert "two, x: Q +2, P −3" in panels.meta["alt"]


def test_paths_publish_a_row_a_text():
    made = paths()
    assert list(made.frame.columns) == ["date", "series", "text", "x"] and len(made.frame) == 2
    assert "Russia: −3 (one, 2024-01), −2 (two, 2025-01)" in made.meta["alt"]


def test_tiles_say_the_state_of_each_unit():
    assert "T: North held; South unseen" in tiles().meta["alt"]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: heat(GRID.iloc[:0]), "needs rows"), (lambda: heat(GRID.replace(2.0, 2.5)), "whole steps"),
        (lambda: heat(GRID.replace(2.0, 4.0)), "whole steps"), (lambda: heat(symbols={}), "no reason with a symbol"),
        (lambda: heat(ends=None), "not negative"), (lambda: heat(pd.concat([GRID, GRID])), "each once"),
        (lambda: dumbbell(PAIR.iloc[:0]), "at least one"), (lambda: dumbbell(PAIR + 0.5), "whole steps"),
        (lambda: paths(pd.concat([PATH, PATH])), "one position a day"), (lambda: paths(PATH.assign(step=9)), "whole steps"),
        (lambda: tiles(pd.concat([MAPS, MAPS])), "a unit once"), (lambda: tiles(states={"held": ("H", 0)}), "not described"),
        (lambda: tiles(layout={"North": (0, 0)}), "not described"),
    ],
)  # fmt: skip
def test_what_they_refuse(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_a_series_without_a_colour_is_refused():
    with pytest.raises(KeyError):
        dumbbell(colours={"P": "Russia"})
