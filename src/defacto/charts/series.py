"""Charts along a line of time: curves, columns, paths, strips and lanes of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import matplotlib as mpl
import numpy as np
import pandas as pd

from defacto.charts.marks import (
    LABEL,
    TINY,
    axis_value,
    check_numbers,
    check_steps,
    describe_series,
    key_row,
    label_width,
)
from defacto.figures import GROUND, INK, PARTS, RULE, SOFT, STYLE, WIDTH, Caption, Figure, blank, party, publish, spread
from defacto.prose import num


def lines(
    frame: pd.DataFrame,
    *,
    unit: str,
    partial: Sequence = (),
    marks: Mapping | None = None,
    colours: Mapping[str, str] | None = None,
    digits: int = 0,
    log: bool = False,
    steps: bool = False,
    height: float = 3.3,
    **caption: Unpack[Caption],
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
    log
        Logarithmic axis; every value must be positive.
    steps
        A value holds until the next one: drawn as steps.

    Raises
    ------
    ValueError, KeyError
        If the frame is empty, unordered or not numeric, or a series has no colour.
    """
    check_numbers(frame, caption["id"])
    if log and not (frame.min() > 0).all():
        raise ValueError(f"figure {caption['id']!r}: a logarithmic axis shows positive values only")
    with mpl.rc_context(STYLE):
        canvas = blank(height)
        ax = canvas.add_subplot()
        whole = frame.drop(index=list(partial))
        ends = []
        for name, values in frame.items():
            colour, dash, marker = party((colours or {}).get(name, name))
            solid = whole[name].dropna()
            ax.plot(solid.index, solid, color=colour, linestyle=dash, drawstyle="steps-post" if steps else "default")
            values = values.dropna()
            if len(values) > len(solid):
                tail = values.iloc[len(solid) - 1 :]
                ax.plot(tail.index, tail, color=colour, linestyle=(0, (1, 1.6)), linewidth=1.4)
            ax.plot(values.index[-1:], values.iloc[-1:], marker=marker, markersize=6, color=colour, linestyle="none",
                    markerfacecolor=GROUND if len(values) > len(solid) else colour, markeredgewidth=1.5)  # fmt: skip
            ends.append((name, values.index[-1], float(values.iloc[-1]), colour))
        low, high = min(0, float(frame.min().min())), float(frame.max().max())
        if log:
            low = 10 ** np.floor(np.log10(float(frame.min().min())))
            ax.set_yscale("log")
            ax.minorticks_off()
        ax.set_ylim(low, high * (1.6 if log else 1.06))
        for n, (at, label) in enumerate((marks or {}).items()):
            ax.axvline(at, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
            # Above the axes, so that no label covers a line.
            ax.annotate(label, (at, 1), xycoords=("data", "axes fraction"), xytext=(3, 3 + 12 * (len(marks) - 1 - n)),
                        textcoords="offset points", ha="right", va="bottom", size=8.5, color=SOFT)  # fmt: skip
        if isinstance(frame.index, pd.DatetimeIndex):
            locator = mpl.dates.AutoDateLocator(minticks=4, maxticks=9)
            ax.xaxis.set_major_locator(locator)
            ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        else:
            ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True, nbins=8))
        ax.margins(x=0.012)
        if not log:
            ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(lambda v, _: num(v, digits if high < 10 else 0))
        body = height * 72 - 34 - 12 * len(marks or {})  # points of the axis, less ticks, padding and labels above
        if log:
            wanted = [body * np.log(y / low) / np.log(high * 1.6 / low) for *_, y, _ in ends]
        else:
            wanted = [(y - low) * body / (high * 1.06 - low) for *_, y, _ in ends]
        for (name, x, y, _), at, want in zip(ends, spread(wanted, 12.5, 4, body - 4), wanted, strict=True):
            ax.annotate(f"{name} {num(y, digits)}", (x, y), xytext=(9, at - want), textcoords="offset points",
                        va="center", ha="left", size=9.5, weight="bold", annotation_clip=False)  # fmt: skip
    alt = f"Line chart. {describe_series(frame, unit, digits)}"
    if len(partial):
        alt += f" Incomplete: {', '.join(map(axis_value, partial))}."
    if marks:
        alt += f" Marked: {'; '.join(f'{label} ({axis_value(at)})' for at, label in marks.items())}."
    return publish(canvas, frame, alt=alt, **caption)


def stacked(
    frame: pd.DataFrame,
    *,
    unit: str,
    partial: Sequence = (),
    height: float = 3.3,
    **caption: Unpack[Caption],
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
    check_numbers(frame, caption["id"])
    if len(frame.columns) > len(PARTS) or (frame < 0).any().any():
        raise ValueError(f"figure {caption['id']!r}: at most {len(PARTS)} parts, none negative")
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
        labels = [f"{axis_value(x)}*" if x in set(partial) else axis_value(x) for x in frame.index]
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
        alt += f" Incomplete: {', '.join(map(axis_value, partial))}."
    return publish(canvas, frame, alt=alt, **caption)


def columns(
    frame: pd.DataFrame,
    *,
    unit: str,
    colours: Mapping[str, str] | None = None,
    marks: Mapping | None = None,
    digits: int = 0,
    height: float = 3.4,
    **caption: Unpack[Caption],
) -> Figure:
    """Columns up and down from zero for the first series; other series as marks at the same period.

    Parameters
    ----------
    frame
        Index: first days of months, rising, none left out. Columns: one to three series in `unit`;
        missing where a series has no value.
    colours
        Series -> party or mapper whose colour and marker it takes.
    marks
        Reference lines: day -> label.

    Raises
    ------
    ValueError, KeyError
        If the frame is empty or not numeric, a month is missing or repeats, there are more than three
        series, or one has no colour.
    """
    check_numbers(frame, caption["id"])
    whole = isinstance(frame.index, pd.DatetimeIndex) and pd.date_range(
        frame.index[0], frame.index[-1], freq="MS"
    ).equals(pd.DatetimeIndex(frame.index, freq=None, name=None))
    if not whole or len(frame.columns) > 3:
        raise ValueError(
            f"figure {caption['id']!r}: needs every month from the first to the last, and at most three series"
        )
    with mpl.rc_context(STYLE):
        canvas = blank(height)
        ax = canvas.add_subplot()
        middle = frame.index + pd.Timedelta(days=14)
        for n, (name, values) in enumerate(frame.items()):
            colour, _, marker = party((colours or {}).get(name, name))
            if n == 0:
                ax.bar(middle, values.fillna(0), width=22, color=colour, linewidth=0, zorder=2)
            else:
                ax.plot(middle, values, marker, markersize=5, color=colour, linestyle="none", zorder=3, markeredgecolor=GROUND,
                        markeredgewidth=0.7)  # fmt: skip
        low, high = min(0.0, float(frame.min().min())), max(0.0, float(frame.max().max()))
        pad = 0.06 * (high - low or 1)
        ax.set_ylim(low - (pad if low < 0 else 0), high + pad)
        ax.axhline(0, color=INK, linewidth=0.9, zorder=2.5)
        for day, label in (marks or {}).items():
            ax.axvline(day, color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
            ax.annotate(label, (day, 1), xycoords=("data", "axes fraction"), xytext=(-4, -2), textcoords="offset points",
                        ha="right", va="top", size=LABEL, weight="bold")  # fmt: skip
        locator = mpl.dates.MonthLocator(bymonth=(1, 7) if len(frame) > 18 else range(1, 13, 1 + len(frame) // 10))
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        ax.margins(x=0.012)
        ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(lambda v, _: num(v, digits if high < 10 else 0))
        key_row(ax, {c: (colours or {}).get(c, c) for c in frame.columns})
    told = [
        f"{name}: " + ", ".join(f"{x:%Y-%m} {num(v, digits, signed=True)}" for x, v in values.dropna().items())
        for name, values in frame.items()
    ]
    alt = f"Columns ({frame.columns[0]})" + (
        f" and marks ({', '.join(map(str, frame.columns[1:]))})" if len(frame.columns) > 1 else ""
    )
    alt += f" by month, in {unit}. {describe_series(frame, unit, digits)} Every month: {'; '.join(told)}."
    return publish(canvas, frame.rename_axis("month"), alt=alt, **caption)


def paths(
    frame: pd.DataFrame,
    *,
    ends: tuple[str, str],
    colours: Mapping[str, str],
    points: Sequence[str] = (),
    loose: Sequence[str] = (),
    marks: Mapping | None = None,
    **caption: Unpack[Caption],
) -> Figure:
    """Positions over time as steps, one small panel an issue, one line a series.

    Parameters
    ----------
    frame
        Columns ``panel``, ``series``, ``date`` (day), ``step`` (whole, -3 to +3), ``text`` (what
        holds the position); panels in order of first appearance.
    colours
        Series -> party, in the order of the key.
    points
        Series whose marks are hollow and not joined.
    loose
        Series of several holders: filled marks, not joined, of which a day can have more than one.
    marks
        Day -> label: a dashed line in every panel, named in the first.

    Raises
    ------
    ValueError, KeyError
        If a position is no step, a series has two positions on one day in a panel, or no colour.
    """
    check_steps(frame["step"], caption["id"])
    joined = frame[~frame["series"].isin([*points, *loose])]
    if frame.empty or joined.duplicated(["panel", "series", "date"]).any():
        raise ValueError(
            f"figure {caption['id']!r}: a series has one position a day in a panel, and there is at least one"
        )
    names = list(dict.fromkeys(frame["panel"]))
    columns = 3
    rows = -(-len(names) // columns)
    series = list(colours)
    shift = {s: 0.16 * (i - (len(series) - 1) / 2) for i, s in enumerate(series)}
    with mpl.rc_context(STYLE):
        canvas = blank((rows * 108 + 34) / 72)
        grid = canvas.add_gridspec(rows + 2, columns, height_ratios=[14, *[108] * rows, 14])
        axes = np.array([[canvas.add_subplot(grid[i + 1, j]) for j in range(columns)] for i in range(rows)])
        above, below = (canvas.add_subplot(grid[i, :]) for i in (0, rows + 1))
        above.axis("off")
        below.axis("off")
        first, last = frame["date"].min(), frame["date"].max()
        for n, ax in enumerate(axes.flat):
            if n >= len(names):
                ax.axis("off")
                continue
            part = frame[frame["panel"] == names[n]]
            for s in series:
                own = part[part["series"] == s].sort_values("date")
                colour, dash, marker = party(colours[s])
                if s not in points and s not in loose and len(own) > 1:
                    ax.step(
                        own["date"], own["step"] + shift[s], where="post", color=colour, linestyle=dash, linewidth=1.5
                    )
                ax.plot(own["date"], own["step"] + shift[s], marker=marker, markersize=4.6, color=colour, linestyle="none",
                        markerfacecolor=GROUND if s in points else colour, markeredgewidth=1.1)  # fmt: skip
            for day_, label in (marks or {}).items():
                ax.axvline(day_, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2.5)), zorder=0)
                if n == 0:
                    ax.annotate(label, (day_, 1), xycoords=("data", "axes fraction"), xytext=(-3, -1), textcoords="offset points",
                                ha="right", va="top", size=7, color=SOFT)  # fmt: skip
            ax.axhline(0, color=SOFT, linewidth=0.8, zorder=0)
            ax.set_ylim(-3.6, 3.6)
            ax.set_yticks([-3, 0, 3], ["−3", "0", "+3"])
            ax.set_title(names[n], size=LABEL, weight="bold", loc="left", pad=3)
            pad = (last - first) * 0.05
            ax.set_xlim(first - pad, last + pad)
            ax.xaxis.set_major_locator(mpl.dates.YearLocator())
            ax.xaxis.set_major_formatter(mpl.dates.DateFormatter("%Y"))
            ax.tick_params(labelsize=7.6, labelbottom=n + columns >= len(names), labelleft=n % columns == 0)
        below.text(0, 0, f"+3: {ends[1]};  −3: {ends[0]}", size=LABEL, color=SOFT, va="bottom")
        key_row(above, {s: colours[s] for s in series}, points, up=-10)
    parts = []
    for name in names:
        part = frame[frame["panel"] == name]
        told = [f"{s}: " + ", ".join(f"{num(r.step, signed=r.step != 0)} ({r.text}, {r.date:%Y-%m})"
                                     for r in part[part["series"] == s].sort_values("date").itertuples())
                for s in series if (part["series"] == s).any()]  # fmt: skip
        parts.append(f"{name}. " + "; ".join(told))
    alt = f"Small panels of steps over time, from -3 ({ends[0]}) to +3 ({ends[1]}). " + ". ".join(parts) + "."
    wide = frame.pivot(index=["date", "series", "text"], columns="panel", values="step")[names].astype("Int64")
    return publish(canvas, wide.reset_index().rename_axis(columns=None), alt=alt, **caption)


def strip(
    frame: pd.DataFrame,
    *,
    unit: str,
    colours: Mapping[str, str] | None = None,
    line: tuple[float, str] | None = None,
    bands: Mapping[float, str] | None = None,
    digits: int = 1,
    **caption: Unpack[Caption],
) -> Figure:
    """Rows on one common scale, a mark a series in each: who measures what, side by side.

    Parameters
    ----------
    frame
        Index: names, each once, first at the top. Columns: two to four series in `unit`; a missing
        value has no mark.
    colours
        Series -> party or mapper whose colour and marker it takes.
    line
        Value and label of a reference that crosses all rows.
    bands
        Distances from the reference up to which a word holds, rising: shaded, the nearest darkest,
        and named above the rows.

    Raises
    ------
    ValueError, KeyError
        If a row repeats or has no value, a series is not numeric or has no colour, there are more
        than four, or bands come without a reference or do not rise.
    """
    if frame.empty or frame.index.has_duplicates or not 2 <= len(frame.columns) <= 4:
        raise ValueError(f"figure {caption['id']!r}: rows stand once, with two to four series")
    if not all(pd.api.types.is_numeric_dtype(frame[c]) for c in frame) or frame.isna().all(axis=1).any():
        raise ValueError(f"figure {caption['id']!r}: each row needs a number")
    bands = dict(bands or {})
    if bands and (line is None or list(bands) != sorted(bands) or min(bands) <= 0):
        raise ValueError(f"figure {caption['id']!r}: bands lie about a reference, and rise")
    pitch, head = 27.0, 18.0 + (14 if line else 0) + (14 if bands else 0)
    values = frame.to_numpy(dtype="float64")
    low, high = np.nanmin(values), np.nanmax(values)
    if line:
        reach = max(bands, default=0)
        low, high = min(low, line[0] - reach), max(high, line[0] + reach)
    pad = 0.06 * (high - low or 1)
    low, high = low - pad, high + pad
    with mpl.rc_context(STYLE | {"axes.grid.axis": "x"}):
        canvas = blank((len(frame) * pitch + head + 22) / 72)
        ax = canvas.add_subplot()
        ax.set_xlim(low, high)
        ax.set_ylim(len(frame) * pitch, -head)
        if bands:
            inner = 0.0
            for n, limit in enumerate(bands):
                fill = ("#c9d8e4", "#dfe8ef", "#eff3f6", "#f8fafb")[min(n, 3)]
                for side in (-1, 1):
                    edges = sorted((line[0] + side * inner, line[0] + side * limit))
                    ax.add_patch(
                        mpl.patches.Rectangle(
                            (edges[0], 0),
                            edges[1] - edges[0],
                            len(frame) * pitch,
                            facecolor=fill,
                            linewidth=0,
                            zorder=0,
                        )
                    )
                inner = limit
            words = " · ".join(f"within {num(k)} {w}" for k, w in bands.items())
            ax.annotate(words, (line[0], -4), ha="center", va="bottom", size=TINY, color=SOFT, annotation_clip=False)
        if line:
            ax.plot([line[0]] * 2, [0, len(frame) * pitch], color=INK, linewidth=1.3, linestyle=(0, (4, 3)), zorder=1)
            ax.annotate(
                line[1], (line[0], -4 - (14 if bands else 0)), ha="center", va="bottom", size=LABEL, weight="bold"
            )
        for n, (_, row) in enumerate(frame.iterrows()):
            y = (n + 0.62) * pitch
            present = row.dropna()
            ax.plot([present.min(), present.max()], [y, y], color=RULE, linewidth=3, zorder=1.5, solid_capstyle="butt")
            for series, value in present.items():
                colour, _, marker = party((colours or {}).get(series, series))
                # Marks of one row stand a little apart, so that equal values do not hide each other.
                lift = 4.5 * (list(frame.columns).index(series) - (len(frame.columns) - 1) / 2)
                ax.plot(
                    value,
                    y + lift,
                    marker,
                    markersize=7,
                    color=colour,
                    linestyle="none",
                    zorder=3,
                    markeredgecolor=GROUND,
                    markeredgewidth=0.7,
                )
            shown = (
                f"{num(present.min(), digits)} to {num(present.max(), digits)}"
                if present.nunique() > 1
                else num(present.iloc[0], digits)
            )
            right = present.max() + (high - low) * 0.2 < high
            ax.annotate(shown, (present.max() if right else present.min(), y), xytext=(8 if right else -8, 0), textcoords="offset points",
                        ha="left" if right else "right", va="center", size=LABEL)  # fmt: skip
        ax.set_yticks([(n + 0.62) * pitch for n in range(len(frame))], list(frame.index))
        ax.tick_params(axis="y", labelcolor=INK)
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(lambda v, _: num(v, 0 if high - low > 5 else digits))
        key_row(ax, {c: (colours or {}).get(c, c) for c in frame.columns})
    parts = [
        f"{name}: " + ", ".join(f"{c} {num(v, digits)}" for c, v in row.dropna().items())
        for name, row in frame.iterrows()
    ]
    alt = f"Marks on a common scale, in {unit}. {'; '.join(parts)}."
    if line:
        alt += f" Reference: {line[1]} ({num(line[0], digits)})."
    return publish(canvas, frame.rename_axis(frame.index.name or "row"), alt=alt, **caption)


_ROWS = 8  # rows of labels on each side of a lane, at most


def _tiers(places: Sequence[float], widths: Sequence[float], room: float, gap: float = 5.0) -> list[tuple[int, float]]:
    """Rows of labels around a lane: for each mark (row, centre of its label).

    Rows 1, 2, … lie above the lane, -1, -2, … below it. No two labels of a row touch. Labels
    stand centred on their marks where that needs no more rows than letting them hang to the
    left or to the right. A label covers the leader of another one only where marks stand so
    close that there is no other way.

    Raises
    ------
    ValueError
        If `_ROWS` rows on each side are not enough.
    """
    found: list = []
    for strict in (True, False):
        tried = [_hung(places, widths, room, gap, order, strict) for order in ((0, -1, 1), (-1, 0, 1))]
        found = found or [f for f in tried if f is not None]
    if not found:
        raise ValueError(f"more labels than {_ROWS} rows on each side of a lane can hold")
    return min(found, key=lambda f: max((abs(row) for row, _ in f), default=0))


def _hung(places, widths, room, gap, order, strict) -> list[tuple[int, float]] | None:
    """Labels placed one by one from the left; `order`: which side of the mark to try first (-1 left, 1 right)."""
    found: list = [None] * len(places)
    taken: list[tuple[int, float, float, float]] = []  # row, left, right, place of the leader
    for n in sorted(range(len(places)), key=lambda i: (places[i], i)):
        at, half = places[n], widths[n] / 2
        spots = [
            (side * step, min(max(at + shift * (half - 4), half), room - half))
            for step in range(1, _ROWS + 1)
            for shift in order
            for side in (1, -1)
        ]
        for row, centre in spots:
            left, right = centre - half - gap / 2, centre + half + gap / 2
            same = [t for t in taken if t[0] * row > 0]
            if any(t[0] == row and left < t[2] and t[1] < right for t in same):
                continue
            if strict and any(
                (abs(t[0]) < abs(row) and t[1] < at < t[2]) or (abs(t[0]) > abs(row) and left < t[3] < right)
                for t in same
            ):
                continue
            found[n] = (row, centre)
            taken.append((row, left, right, at))
            break
        else:
            return None
    return found


def lanes(
    frame: pd.DataFrame,
    *,
    key: tuple[str, str] | None = None,
    marks: Mapping | None = None,
    colours: Mapping[str, str] | None = None,
    start=None,
    end=None,
    **caption: Unpack[Caption],
) -> Figure:
    """Swim lanes: dated marks and spans, each with its label, one lane below the other.

    Parameters
    ----------
    frame
        Rows in any order, with the columns ``lane``, ``start`` (day), ``label`` (at most two lines)
        and, where needed, ``end`` (day; a span is drawn from start to end) and ``hollow`` (bool).
        Lanes stand in the order of their first row. An empty label leaves the mark alone; the
        alternative text then has the word in the column ``kind``, if there is one.
    key
        What filled and hollow marks mean, in this order; needed if any mark is hollow.
    marks
        Dates that cross all lanes: day -> label.
    colours
        Party by lane; a lane without one is drawn in ink.
    start, end
        First and last day of the axis; by default what the frame and the marks need.

    Raises
    ------
    ValueError, KeyError
        If the frame is empty or lacks a column, a day is missing, a span ends before it starts,
        a hollow mark has no key, something lies outside the axis, or the labels do not fit.
    """
    for column in ("lane", "start", "label"):
        if frame.empty or column not in frame:
            raise ValueError(f"figure {caption['id']!r}: lanes need rows with the column {column!r}")
    rows = frame.reset_index(drop=True).assign(
        start=lambda f: pd.to_datetime(f["start"]),
        end=lambda f: pd.to_datetime(f["end"]) if "end" in f else pd.NaT,
        hollow=lambda f: f["hollow"].astype(bool) if "hollow" in f else False,
        label=lambda f: f["label"].fillna(""),
        kind=lambda f: f.get("kind", "no label"),
    )
    if rows[["lane", "start"]].isna().any().any() or (rows["end"] < rows["start"]).any():
        raise ValueError(
            f"figure {caption['id']!r}: each row needs a lane and a day, and no span ends before it starts"
        )
    if rows["hollow"].any() and key is None:
        raise ValueError(f"figure {caption['id']!r}: hollow marks need a key that says what they mean")
    marks = {pd.Timestamp(day): text for day, text in sorted((marks or {}).items())}
    days = [*rows["start"], *rows["end"].dropna(), *marks]
    pad = (max(days) - min(days)) * 0.025 + pd.Timedelta(days=1)
    low, high = pd.Timestamp(start or min(days) - pad), pd.Timestamp(end or max(days) + pad)
    if min(days) < low or max(days) > high:
        raise ValueError(f"figure {caption['id']!r}: a mark lies outside the axis ({low:%Y-%m-%d} to {high:%Y-%m-%d})")
    room = WIDTH - 14
    at = {day: room * ((day - low) / (high - low)) for day in days}
    points = rows[rows["end"].isna()]
    deep = 10.5 * max([text.count("\n") + 1 for text in points["label"]], default=1) + 2.5
    plan, y = [], 12.0 * len(marks) + (15 if key else 0) + (4 if marks or key else 0)
    head = y
    for lane, members in rows.groupby("lane", sort=False):
        top, y = y, y + 15
        spans = []
        for span in members[members["end"].notna()].sort_values("start").itertuples():
            spans.append((span, y + 7))
            y += 15
        named = members[members["end"].isna() & (members["label"] != "")]
        try:
            placed = _tiers([at[d] for d in named["start"]], [label_width(text) for text in named["label"]], room)
        except ValueError as err:
            raise ValueError(f"figure {caption['id']!r}: lane {lane!r}: {err}") from None
        line = None
        if members["end"].isna().any():
            line = y + max([row for row, _ in placed if row > 0], default=0) * deep + 7
            y = line + 7 + max([-row for row, _ in placed if row < 0], default=0) * deep
        y += 6
        plan.append((lane, members, spans, named, dict(zip(named.index, placed, strict=True)), top, line))
    with mpl.rc_context(STYLE | {"axes.grid.axis": "x", "axes.grid": True}):
        canvas = blank((y + 22) / 72)
        ax = canvas.add_subplot()
        ax.set_xlim(low, high)
        ax.set_ylim(y, 0)
        ax.set_yticks([])
        locator = mpl.dates.AutoDateLocator(minticks=4, maxticks=9)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        for n, (day, text) in enumerate(marks.items()):
            ax.plot([day, day], [12 * n + 3, y], color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
            left = at[day] + 4 + label_width(text, "bold") < room
            ax.annotate(text, (day, 12 * n + 8), xytext=(4 if left else -4, 0), textcoords="offset points", size=LABEL,
                        weight="bold", color=INK, ha="left" if left else "right", va="center")  # fmt: skip
        if key:
            for n, (text, fill) in enumerate(zip(key, (INK, GROUND), strict=True)):
                x = low + (high - low) * ((6 + n * (label_width(key[0]) + 30)) / room)
                ax.plot([x], [head - 9], "o", markersize=6, color=INK, markerfacecolor=fill, markeredgewidth=1.4)
                ax.annotate(text, (x, head - 9), xytext=(7, 0), textcoords="offset points", size=LABEL, va="center",
                            zorder=4, bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 0.6})  # fmt: skip
        for lane, members, spans, named, placed, top, line in plan:
            colour, _, marker = party(colours[lane]) if lane in (colours or {}) else (INK, "solid", "o")
            ax.annotate(lane, (low, top + 8), xytext=(1, 0), textcoords="offset points", size=9.5, weight="bold",
                        color=INK, va="center", zorder=4, bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 1})  # fmt: skip
            for span, middle in spans:
                ax.barh(middle, span.end - span.start, left=span.start, height=12, edgecolor=colour, linewidth=1.2,
                        color=GROUND if span.hollow else PARTS[3], zorder=3,
                        linestyle=(0, (3, 1.5)) if span.hollow else "solid")  # fmt: skip
                wide = label_width(span.label) + 8
                if wide <= at[span.end] - at[span.start]:
                    place, move, side = span.start, 4, "left"
                elif at[span.end] + wide <= room:
                    place, move, side = span.end, 4, "left"
                else:
                    place, move, side = span.start, -4, "right"
                ax.annotate(span.label, (place, middle), xytext=(move, 0), textcoords="offset points", size=LABEL,
                            ha=side, va="center", color=INK, zorder=4)  # fmt: skip
            if line is None:
                continue
            ax.plot([low, high], [line, line], color=SOFT, linewidth=0.8, zorder=1.5)
            for row in members[members["end"].isna()].itertuples():
                ax.plot([row.start], [line], marker, markersize=7, color=colour, markeredgewidth=1.5, zorder=3,
                        markerfacecolor=GROUND if row.hollow else colour)  # fmt: skip
            for row in named.itertuples():
                tier, centre = placed[row.Index]
                sign = -1 if tier > 0 else 1
                if abs(tier) > 1:
                    near = line + sign * (7 + (abs(tier) - 1) * deep)
                    ax.plot([row.start, row.start], [line, near], color=SOFT, linewidth=0.7, zorder=2)
                text_y = line + sign * (7 + (abs(tier) - 0.5) * deep)
                ax.annotate(row.label, (low + (high - low) * (centre / room), text_y), size=LABEL, ha="center",
                            va="center", color=INK, linespacing=1.05, annotation_clip=False, zorder=4,
                            bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 0.6})  # fmt: skip
    parts = []
    for lane, members in rows.groupby("lane", sort=False):
        told = [f"{r.label.replace(chr(10), ' ') or r.kind} ({axis_value(r.start)}"
                f"{f' to {axis_value(r.end)}' if pd.notna(r.end) else ''}{f', {key[1]}' if r.hollow else ''})"
                for r in members.sort_values("start").itertuples()]  # fmt: skip
        parts.append(f"{lane}: {'; '.join(told)}")
    alt = f"Timeline in lanes. {'. '.join(parts)}."
    if marks:
        alt += f" Marked: {'; '.join(f'{text} ({axis_value(day)})' for day, text in marks.items())}."
    return publish(canvas, frame, alt=alt, **caption)
