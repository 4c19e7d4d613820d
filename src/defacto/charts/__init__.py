"""The kinds of chart: each takes a frame and what it shows, and leaves through `figures.publish`.

A kind labels its marks directly, makes its alternative text from the frame, and refuses data
that it cannot show well. `figures.Caption` is what every kind takes besides.
"""

from defacto.charts.amounts import BOUNDS, bars, dots, dumbbell, ranges, shares, signs, then_now
from defacto.charts.cells import ANSWERS, WORDS, heat, matrix, tallies, tiles, worded
from defacto.charts.graphs import MOST_NODES, STEPS, argument, flow, network
from defacto.charts.marks import AMOUNTS, POLES, describe_series
from defacto.charts.series import columns, lanes, lines, paths, stacked, strip

__all__ = [
    "AMOUNTS",
    "ANSWERS",
    "BOUNDS",
    "MOST_NODES",
    "POLES",
    "STEPS",
    "WORDS",
    "argument",
    "bars",
    "columns",
    "describe_series",
    "dots",
    "dumbbell",
    "flow",
    "heat",
    "lanes",
    "lines",
    "matrix",
    "network",
    "paths",
    "ranges",
    "shares",
    "signs",
    "stacked",
    "strip",
    "tallies",
    "then_now",
    "tiles",
    "worded",
]
