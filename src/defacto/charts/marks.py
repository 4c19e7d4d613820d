"""What several kinds of chart share: labels that keep apart, keys, colours of steps, checks of what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from defacto.figures import GROUND, INK, SOFT, contrast, party, text_width, wrapped
from defacto.prose import num

LABEL = 8.5  # points: labels of marks

TINY = 7.6

#: Steps -3 to +3 between two ends: hues that are no party's, dark at both ends, sign printed as well.
POLES = ["#8f1d5c", "#d06ba6", "#f0c6de", "#f3f3ef", "#d3e6b8", "#86b04c", "#4b6e12"]

#: One hue from light to dark for amounts.
AMOUNTS = ["#f4f7f9", "#d7e2ea", "#9db9cf", "#4a7aa3", "#16324a"]


def check_numbers(frame: pd.DataFrame, id: str) -> None:
    """Whether the series of `frame` (its columns) can be drawn along its index, in the figure `id`.

    Raises
    ------
    ValueError
        If there is nothing to plot, the index falls or repeats, or a series is not numeric.
    """
    if frame.empty or not frame.columns.size:
        raise ValueError(f"figure {id!r}: nothing to plot")
    if frame.index.has_duplicates or not frame.index.is_monotonic_increasing:
        raise ValueError(f"figure {id!r}: the index must rise without repeating")
    for column in frame:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            raise ValueError(f"figure {id!r}: series {column!r} is not numeric")


def check_steps(values: pd.Series, id: str) -> None:
    """Whether `values` are positions that the figure `id` can show.

    Raises
    ------
    ValueError
        If one is no whole step from -3 to +3; missing ones pass.
    """
    if not values.dropna().isin(range(-3, 4)).all():
        raise ValueError(f"figure {id!r}: positions are whole steps from -3 to +3")


def axis_value(x) -> str:
    """A value of an axis in words: a day as ISO date, a number without needless digits."""
    if isinstance(x, float):
        return f"{x:g}"
    return f"{x:%Y-%m-%d}" if isinstance(x, pd.Timestamp) else str(x)


def describe_series(frame: pd.DataFrame, unit: str, digits: int = 0) -> str:
    """Each series in words: first, last, highest and lowest value with their places."""
    parts = []
    for name, values in frame.items():
        values = values.dropna()
        first, last, high, low = values.index[0], values.index[-1], values.idxmax(), values.idxmin()
        text = f"{name}: {num(values[first], digits)} in {axis_value(first)}"
        if last != first:
            text += f", {num(values[last], digits)} in {axis_value(last)}"
        text += f"; highest {num(values[high], digits)} ({axis_value(high)}), lowest {num(values[low], digits)} ({axis_value(low)})"
        parts.append(text)
    return f"In {unit}. " + ". ".join(parts) + "."


def label_width(text: str, weight: str = "normal") -> float:
    """Width of the longest line of a label, in points."""
    return max(text_width(line, LABEL, weight) for line in text.split("\n"))


def lines_of(text: str, width: float, size: float = LABEL, weight: str = "normal") -> list[str]:
    """`text` broken to `width` points."""
    return wrapped(text, size, weight, width)


def beside(spots: Sequence[tuple[float, float]], labels: Sequence[str]) -> list[tuple[float, float]]:
    """Offset of each label from its dot (points): the first side where it covers no dot and no label."""
    boxes = [(x - 5, y - 5, x + 5, y + 5) for x, y in spots]
    found = []
    for n, ((x, y), text) in enumerate(zip(spots, labels, strict=True)):
        half = label_width(text) / 2
        offers = [
            (0, 12),
            (half + 8, 0),
            (0, -12),
            (-half - 8, 0),
            (half + 4, 10),
            (half + 4, -10),
            (-half - 4, 10),
            (-half - 4, -10),
        ]

        def clash(offer, x=x, y=y, half=half, n=n):
            left, low = x + offer[0] - half - 1, y + offer[1] - 5.5
            return sum(
                left < b[2] and b[0] < left + 2 * half + 2 and low < b[3] and b[1] < low + 11
                for i, b in enumerate(boxes)
                if i != n
            )

        best = min(offers, key=clash)
        found.append(best)
        boxes.append((x + best[0] - half - 1, y + best[1] - 5.5, x + best[0] + half + 1, y + best[1] + 5.5))
    return found


def key_row(ax, entries: Mapping[str, str], hollow: Sequence[str] = (), up: float = 5) -> None:
    """A key of marks in one line, `up` points above the axes: series -> party."""
    x = 0.0
    for name, who in entries.items():
        colour, _, marker = party(who)
        box = mpl.offsetbox.DrawingArea(10, 8)
        box.add_artist(mpl.lines.Line2D([5], [4], marker=marker, markersize=6, color=colour, linestyle="none",
                                        markerfacecolor=GROUND if name in hollow else colour, markeredgewidth=1.4))  # fmt: skip
        text = mpl.offsetbox.TextArea(name, textprops={"size": LABEL, "color": INK})
        packed = mpl.offsetbox.HPacker(children=[box, text], pad=0, sep=3, align="center")
        placed = mpl.offsetbox.AnnotationBbox(
            packed, (0, 1), xycoords="axes fraction", xybox=(x, up), boxcoords="offset points", box_alignment=(0, 0),
            frameon=False, pad=0, annotation_clip=False,
        )  # fmt: skip
        placed.set_in_layout(up >= 0)
        ax.add_artist(placed)
        x += text_width(name, LABEL, "normal") + 26


def ink_on(colour: str) -> str:
    """Ink that reads on `colour`."""
    return INK if contrast(INK, colour) >= contrast(GROUND, colour) else GROUND


def step_colour(step: float) -> str:
    """Colour of a step from -3 to +3 (see `POLES`); between two steps, that of the nearer one."""
    return POLES[int(round(step)) + 3]


class Cells:
    """Rectangles and short texts of a grid, kept small: one path a colour, one glyph path a text."""

    def __init__(self, size: float):
        self.size, self.boxes, self.texts = size, {}, {}

    def add(
        self, x: float, y: float, width: float, height: float, text: str, colour: str, ink: str, bold: bool = False
    ):
        """A box with its lower corner at (x, y) and `text` in its middle, in data units."""
        self.boxes.setdefault(colour, []).append((x, y, width, height))
        if text:
            self.texts.setdefault((text, ink, bold), []).append((x + width / 2, y + height / 2))

    def draw(self, ax, edge: str = GROUND, width: float = 1.2) -> None:
        """Put all boxes and texts on `ax`; boxes have an `edge` of `width` points."""
        for colour, boxes in self.boxes.items():
            parts = [
                mpl.path.Path([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], closed=True)
                for x, y, w, h in boxes
            ]
            plain = SOFT if colour == GROUND and edge != GROUND else edge
            ax.add_patch(
                mpl.patches.PathPatch(
                    mpl.path.Path.make_compound_path(*parts), facecolor=colour, edgecolor=plain, linewidth=width
                )
            )
        for (text, ink, bold), spots in self.texts.items():
            glyphs = TextPath(
                (0, 0),
                text,
                size=self.size,
                prop=FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal"),
            )
            box = glyphs.get_extents()
            middle = self.size * 0.36 if text[-1].isalnum() else (box.y0 + box.y1) / 2
            centred = mpl.path.Path(glyphs.vertices - [(box.x0 + box.x1) / 2, middle], glyphs.codes)
            ax.plot(*zip(*spots, strict=True), linestyle="none", marker=centred, markersize=2 * np.abs(centred.vertices).max(),
                    color=ink, markeredgewidth=0, clip_on=False, zorder=3)  # fmt: skip


def end_words(ax, ends: tuple[str, str], y: float) -> None:
    """The two poles in words, at the ends of a horizontal scale."""
    for x, word, side in ((0, f"◂ {ends[0]}", "left"), (1, f"{ends[1]} ▸", "right")):
        if not ends[x]:
            continue
        ax.annotate(word, (x, 0 if y < 0 else 1), xycoords="axes fraction", xytext=(0, y), textcoords="offset points",
                    ha=side, va="top" if y < 0 else "bottom", size=LABEL, color=SOFT)  # fmt: skip


def headings(names: pd.Index, groups: Mapping[str, str] | None) -> dict:
    """First name of each run of a group -> the group's name."""
    heads, last = {}, None
    for name in names if groups else ():
        if groups[name] != last:
            heads[name] = groups[name][:1].upper() + groups[name][1:]
        last = groups[name]
    return heads
