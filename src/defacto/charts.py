"""The kinds of chart: each takes a frame and what it shows, and leaves through `figures.publish`.

A kind labels its marks directly, makes its alternative text from the frame, and refuses data
that it cannot show well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd

from defacto.figures import GROUND, INK, PARTS, SOFT, STYLE, Figure, blank, party, publish, spread
from defacto.prose import num


def _check_numbers(frame: pd.DataFrame, id: str) -> None:
    if frame.empty or not frame.columns.size:
        raise ValueError(f"figure {id!r}: nothing to plot")
    if frame.index.has_duplicates or not frame.index.is_monotonic_increasing:
        raise ValueError(f"figure {id!r}: the index must rise without repeating")
    for column in frame:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            raise ValueError(f"figure {id!r}: series {column!r} is not numeric")


def _when(x) -> str:
    return f"{x:%Y-%m-%d}" if isinstance(x, pd.Timestamp) else str(x)


def describe_series(frame: pd.DataFrame, unit: str, digits: int = 0) -> str:
    """Each series in words: first, last, highest and lowest value with their places."""
    parts = []
    for name, values in frame.items():
        values = values.dropna()
        first, last, high, low = values.index[0], values.index[-1], values.idxmax(), values.idxmin()
        text = f"{name}: {num(values[first], digits)} in {_when(first)}"
        if last != first:
            text += f", {num(values[last], digits)} in {_when(last)}"
        text += (
            f"; highest {num(values[high], digits)} ({_when(high)}), lowest {num(values[low], digits)} ({_when(low)})"
        )
        parts.append(text)
    return f"In {unit}. " + ". ".join(parts) + "."


def lines(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
    partial: Sequence = (),
    marks: Mapping | None = None,
    colours: Mapping[str, str] | None = None,
    digits: int = 0,
    height: float = 3.3,
) -> Figure:
    """Lines with their names at the right end.

    Parameters
    ----------
    frame
        Index: years or days, rising. Columns: one numeric series each, in `unit`.
    partial
        Index values whose period is incomplete: drawn hollow, joined by a dotted line.
    marks
        Reference lines: index value -> label.
    colours
        Party by series name, where the name itself is not a party.

    Raises
    ------
    ValueError, KeyError
        If the frame is empty, unordered or not numeric, or a series has no colour.
    """
    _check_numbers(frame, id)
    with mpl.rc_context(STYLE):
        canvas = blank(height)
        ax = canvas.add_subplot()
        whole = frame.drop(index=list(partial))
        ends = []
        for name, values in frame.items():
            colour, dash, marker = party((colours or {}).get(name, name))
            solid = whole[name].dropna()
            ax.plot(solid.index, solid, color=colour, linestyle=dash)
            values = values.dropna()
            if len(values) > len(solid):
                tail = values.iloc[len(solid) - 1 :]
                ax.plot(tail.index, tail, color=colour, linestyle=(0, (1, 1.6)), linewidth=1.4)
            ax.plot(values.index[-1:], values.iloc[-1:], marker=marker, markersize=6, color=colour, linestyle="none",
                    markerfacecolor=GROUND if len(values) > len(solid) else colour, markeredgewidth=1.5)  # fmt: skip
            ends.append((name, values.index[-1], float(values.iloc[-1]), colour))
        low, high = min(0, float(frame.min().min())), float(frame.max().max())
        ax.set_ylim(low, high * 1.06)
        for at, label in (marks or {}).items():
            ax.axvline(at, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
            ax.annotate(label, (at, 1), xycoords=("data", "axes fraction"), xytext=(-4, -2), textcoords="offset points",
                        ha="right", va="top", size=8.5, color=SOFT)  # fmt: skip
        if isinstance(frame.index, pd.DatetimeIndex):
            locator = mpl.dates.AutoDateLocator(minticks=4, maxticks=8)
            ax.xaxis.set_major_locator(locator)
            ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        else:
            ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True, nbins=8))
        ax.margins(x=0.012)
        ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(lambda v, _: num(v, digits if high < 10 else 0))
        body = height * 72 - 34  # points of the axis, less ticks and padding
        scale = body / (high * 1.06 - low)
        wanted = [(y - low) * scale for *_, y, _ in ends]
        for (name, x, y, _), at, want in zip(ends, spread(wanted, 12.5, 4, body - 4), wanted, strict=True):
            ax.annotate(f"{name} {num(y, digits)}", (x, y), xytext=(9, at - want), textcoords="offset points",
                        va="center", ha="left", size=9.5, weight="bold", annotation_clip=False)  # fmt: skip
    alt = f"Line chart. {describe_series(frame, unit, digits)}"
    if len(partial):
        alt += f" Incomplete: {', '.join(map(_when, partial))}."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def stacked(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
    partial: Sequence = (),
    height: float = 3.3,
) -> Figure:
    """Columns that stack parts of one whole (at most four, first at the bottom).

    Parameters
    ----------
    frame
        Index: years, rising. Columns: parts, not negative, in `unit`.
    partial
        Years that are incomplete: their labels carry an asterisk.

    Raises
    ------
    ValueError
        If the frame is empty, unordered, not numeric, negative, or has more than four parts.
    """
    _check_numbers(frame, id)
    if len(frame.columns) > len(PARTS) or (frame < 0).any().any():
        raise ValueError(f"figure {id!r}: at most {len(PARTS)} parts, none negative")
    with mpl.rc_context(STYLE):
        canvas = blank(height)
        ax = canvas.add_subplot()
        base = np.zeros(len(frame))
        places = np.arange(len(frame))
        for (name, values), colour in zip(frame.items(), PARTS, strict=False):
            ax.bar(places, values, bottom=base, width=0.78, color=colour, edgecolor=INK, linewidth=0.5, label=name)
            base = base + values.fillna(0).to_numpy()
        for place, total in zip(places, base, strict=True):
            ax.annotate(num(total), (place, total), xytext=(0, 2), textcoords="offset points", ha="center", size=8.5)
        labels = [f"{_when(x)}*" if x in set(partial) else _when(x) for x in frame.index]
        step = max(1, -(-len(labels) // 12))
        ax.set_xticks(places[::-1][::step][::-1], labels[::-1][::step][::-1])
        ax.set_ylim(0, base.max() * 1.1)
        ax.set_xlim(-0.6, len(frame) - 0.4)
        ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
        handles, names = ax.get_legend_handles_labels()
        # Parts change size from year to year: no single place fits a label, so a key in
        # stacking order stands above the columns.
        ax.legend(handles, names, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=len(names), frameon=False,
                  fontsize=9, handlelength=1.3, columnspacing=1.4, borderaxespad=0.2)  # fmt: skip
    alt = f"Stacked columns. {describe_series(frame, unit)}"
    if len(partial):
        alt += f" Incomplete: {', '.join(map(_when, partial))}."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)
