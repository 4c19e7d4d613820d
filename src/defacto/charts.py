"""The kinds of chart: each takes a frame and what it shows, and leaves through `figures.publish`.

A kind labels its marks directly, makes its alternative text from the frame, and refuses data
that it cannot show well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from defacto.figures import (
    GROUND,
    INK,
    PARTS,
    RULE,
    SOFT,
    STYLE,
    VERDICTS,
    WIDTH,
    Figure,
    _text_width,
    blank,
    contrast,
    party,
    publish,
    spread,
    wrapped,
)
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
    if isinstance(x, float):
        return f"{x:g}"
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
    log: bool = False,
    steps: bool = False,
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
    log
        Logarithmic axis; every value must be positive.
    steps
        A value holds until the next one: drawn as steps.

    Raises
    ------
    ValueError, KeyError
        If the frame is empty, unordered or not numeric, or a series has no colour.
    """
    _check_numbers(frame, id)
    if log and not (frame.min() > 0).all():
        raise ValueError(f"figure {id!r}: a logarithmic axis shows positive values only")
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
        alt += f" Incomplete: {', '.join(map(_when, partial))}."
    if marks:
        alt += f" Marked: {'; '.join(f'{label} ({_when(at)})' for at, label in marks.items())}."
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


def bars(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
    hollow: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    digits: int = 0,
    height: float | None = None,
) -> Figure:
    """Horizontal bars, first row at the top, each with its value at the end.

    Parameters
    ----------
    frame
        Index: names, each once, in the order shown. One numeric column in `unit`, none negative.
    hollow
        Names drawn as outlines: what is planned or announced, not counted.
    colours
        Party by name; a bar without one has the colour of parts.
    texts
        Text instead of the value at the end of a bar, by name.

    Raises
    ------
    ValueError, KeyError
        If a name repeats, a value is missing or negative, there is more than one column, or
        `hollow`, `colours` or `texts` name what is not in the frame.
    """
    if frame.empty or len(frame.columns) != 1 or not pd.api.types.is_numeric_dtype(frame.iloc[:, 0]):
        raise ValueError(f"figure {id!r}: bars show one numeric column with at least one row")
    values = frame.iloc[:, 0]
    if values.index.has_duplicates or values.isna().any() or (values < 0).any():
        raise ValueError(f"figure {id!r}: each name stands once, with a value that is not negative")
    strangers = (set(hollow) | set(colours or {}) | set(texts or {})) - set(values.index)
    if strangers:
        raise ValueError(f"figure {id!r}: {sorted(strangers)[0]!r} is not in the frame")
    shown = {name: (texts or {}).get(name, num(value, digits)) for name, value in values.items()}
    with mpl.rc_context(STYLE | {"axes.grid.axis": "x"}):
        canvas = blank(height or 0.42 + 0.27 * len(values))
        ax = canvas.add_subplot()
        for place, (name, value) in enumerate(values.items()):
            colour = party(colours[name])[0] if name in (colours or {}) else PARTS[1]
            ax.barh(place, value, height=0.66, color=GROUND if name in hollow else colour, edgecolor=colour,
                    linewidth=1.6, linestyle=(0, (3, 1.5)) if name in hollow else "solid")  # fmt: skip
            ax.annotate(shown[name], (value, place), xytext=(5, 0), textcoords="offset points", va="center", size=9.5,
                        weight="bold", annotation_clip=False)  # fmt: skip
        ax.set_yticks(range(len(values)), values.index, color=INK)
        ax.set_ylim(len(values) - 0.45, -0.55)
        longest = max(_text_width(text, 9.5, "bold") for text in shown.values())
        ax.set_xlim(0, max(float(values.max()), 1e-9) * (1 + (longest + 8) / 300))
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(lambda v, _: num(v, digits if values.max() < 10 else 0))
    alt = f"Bars, in {unit}. " + "; ".join(
        f"{name}: {shown[name]}{' (outline)' if name in hollow else ''}" for name in values.index
    )
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=f"{alt}.", sources=sources, notes=notes)


_LABEL = 8.5  # points: labels of marks


def _label_width(text: str, weight: str = "normal") -> float:
    return max(_text_width(line, _LABEL, weight) for line in text.split("\n"))


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
    id: str,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    notes: str = "",
    key: tuple[str, str] | None = None,
    marks: Mapping | None = None,
    colours: Mapping[str, str] | None = None,
    start=None,
    end=None,
) -> Figure:
    """Swim lanes: dated marks and spans, each with its label, one lane below the other.

    Parameters
    ----------
    frame
        Rows in any order, with the columns ``lane``, ``start`` (day), ``label`` (at most two lines)
        and, where needed, ``end`` (day; a span is drawn from start to end) and ``hollow`` (bool).
        Lanes stand in the order of their first row. An empty label leaves the mark alone.
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
            raise ValueError(f"figure {id!r}: lanes need rows with the column {column!r}")
    rows = frame.reset_index(drop=True).assign(
        start=lambda f: pd.to_datetime(f["start"]),
        end=lambda f: pd.to_datetime(f["end"]) if "end" in f else pd.NaT,
        hollow=lambda f: f["hollow"].astype(bool) if "hollow" in f else False,
        label=lambda f: f["label"].fillna(""),
    )
    if rows[["lane", "start"]].isna().any().any() or (rows["end"] < rows["start"]).any():
        raise ValueError(f"figure {id!r}: each row needs a lane and a day, and no span ends before it starts")
    if rows["hollow"].any() and key is None:
        raise ValueError(f"figure {id!r}: hollow marks need a key that says what they mean")
    marks = {pd.Timestamp(day): text for day, text in sorted((marks or {}).items())}
    days = [*rows["start"], *rows["end"].dropna(), *marks]
    pad = (max(days) - min(days)) * 0.025 + pd.Timedelta(days=1)
    low, high = pd.Timestamp(start or min(days) - pad), pd.Timestamp(end or max(days) + pad)
    if min(days) < low or max(days) > high:
        raise ValueError(f"figure {id!r}: a mark lies outside the axis ({low:%Y-%m-%d} to {high:%Y-%m-%d})")
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
            placed = _tiers([at[d] for d in named["start"]], [_label_width(text) for text in named["label"]], room)
        except ValueError as err:
            raise ValueError(f"figure {id!r}: lane {lane!r}: {err}") from None
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
            left = at[day] + 4 + _label_width(text, "bold") < room
            ax.annotate(text, (day, 12 * n + 8), xytext=(4 if left else -4, 0), textcoords="offset points", size=_LABEL,
                        weight="bold", color=INK, ha="left" if left else "right", va="center")  # fmt: skip
        if key:
            for n, (text, fill) in enumerate(zip(key, (INK, GROUND), strict=True)):
                x = low + (high - low) * ((6 + n * (_label_width(key[0]) + 30)) / room)
                ax.plot([x], [head - 9], "o", markersize=6, color=INK, markerfacecolor=fill, markeredgewidth=1.4)
                ax.annotate(text, (x, head - 9), xytext=(7, 0), textcoords="offset points", size=_LABEL, va="center",
                            zorder=4, bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 0.6})  # fmt: skip
        for lane, members, spans, named, placed, top, line in plan:
            colour, _, marker = party(colours[lane]) if lane in (colours or {}) else (INK, "solid", "o")
            ax.annotate(lane, (low, top + 8), xytext=(1, 0), textcoords="offset points", size=9.5, weight="bold",
                        color=INK, va="center", zorder=4, bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 1})  # fmt: skip
            for span, middle in spans:
                ax.barh(middle, span.end - span.start, left=span.start, height=12, edgecolor=colour, linewidth=1.2,
                        color=GROUND if span.hollow else PARTS[3], zorder=3,
                        linestyle=(0, (3, 1.5)) if span.hollow else "solid")  # fmt: skip
                wide = _label_width(span.label) + 8
                if wide <= at[span.end] - at[span.start]:
                    place, move, side = span.start, 4, "left"
                elif at[span.end] + wide <= room:
                    place, move, side = span.end, 4, "left"
                else:
                    place, move, side = span.start, -4, "right"
                ax.annotate(span.label, (place, middle), xytext=(move, 0), textcoords="offset points", size=_LABEL,
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
                ax.annotate(row.label, (low + (high - low) * (centre / room), text_y), size=_LABEL, ha="center",
                            va="center", color=INK, linespacing=1.05, annotation_clip=False, zorder=4,
                            bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 0.6})  # fmt: skip
    parts = []
    for lane, members in rows.groupby("lane", sort=False):
        told = [f"{r.label.replace(chr(10), ' ') or 'unnamed'} ({_when(r.start)}"
                f"{f' to {_when(r.end)}' if pd.notna(r.end) else ''}{f', {key[1]}' if r.hollow else ''})"
                for r in members.sort_values("start").itertuples()]  # fmt: skip
        parts.append(f"{lane}: {'; '.join(told)}")
    alt = f"Timeline in lanes. {'. '.join(parts)}."
    if marks:
        alt += f" Marked: {'; '.join(f'{text} ({_when(day)})' for day, text in marks.items())}."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


#: How a bound is written before a value.
BOUNDS = {"exact": "", "about": "≈ ", "at least": "≥ ", "at most": "≤ "}


def dots(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    groups: Mapping[str, str],
    notes: str = "",
    marks: Mapping | None = None,
    digits: int = 0,
    height: float = 3.3,
) -> Figure:
    """Values over time as dots, told apart by who states them, each with its value.

    Parameters
    ----------
    frame
        Columns ``at`` (day or year), ``value``, ``group`` and, where needed, ``end`` (the value
        holds from `at` to `end`: a line is drawn) and ``bound`` (a key of `BOUNDS`).
    groups
        Group -> party whose colour and marker it takes, in the order of the key.

    Raises
    ------
    ValueError, KeyError
        If the frame is empty, lacks a column, holds a missing or negative value, or a group or
        bound is unknown.
    """
    for column in ("at", "value", "group"):
        if frame.empty or column not in frame:
            raise ValueError(f"figure {id!r}: dots need rows with the column {column!r}")
    rows = frame.reset_index(drop=True)
    rows = rows.assign(end=rows.get("end", rows["at"]), bound=rows.get("bound", "exact"))
    rows["end"] = rows["end"].fillna(rows["at"])
    if (
        rows[["at", "value", "group"]].isna().any().any()
        or (rows["value"] < 0).any()
        or (rows["end"] < rows["at"]).any()
    ):
        raise ValueError(f"figure {id!r}: each row needs a place, a group and a value that is not negative")
    strangers = set(rows["group"]) - set(groups)
    if strangers or not set(rows["bound"]) <= set(BOUNDS):
        raise ValueError(
            f"figure {id!r}: unknown group or bound: {sorted(strangers) or sorted(set(rows['bound']) - set(BOUNDS))}"
        )
    rows = rows.sort_values(["at", "value"], kind="stable")
    labels = [BOUNDS[r.bound] + num(r.value, digits) for r in rows.itertuples()]
    with mpl.rc_context(STYLE):
        canvas = blank(height)
        ax = canvas.add_subplot()
        for group, name in groups.items():
            colour, _, marker = party(name)
            mine = rows[rows["group"] == group]
            ax.plot(mine["at"].where(mine["at"] == mine["end"]), mine["value"], marker, markersize=7, color=colour,
                    linestyle="none", label=group)  # fmt: skip
            for r in mine[mine["at"] != mine["end"]].itertuples():
                ax.plot(
                    [r.at, r.end],
                    [r.value, r.value],
                    color=colour,
                    linewidth=3,
                    solid_capstyle="butt",
                    marker=marker,
                    markersize=5,
                )
        high = float(rows["value"].max()) * (1.26 if marks else 1.14) or 1.0
        ax.set_ylim(-0.03 * high, high)
        dated = pd.api.types.is_datetime64_any_dtype(rows["at"])
        days = [*rows["at"], *rows["end"], *(marks or {})]
        pad = (max(days) - min(days)) * 0.06
        low, last = min(days) - pad, max(days) + pad
        ax.set_xlim(low, last)
        if dated:
            locator = mpl.dates.AutoDateLocator(minticks=4, maxticks=9)
            ax.xaxis.set_major_locator(locator)
            ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        else:
            ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True, nbins=8))
        ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(lambda v, _: num(v, digits if high < 10 else 0))
        for n, (day, text) in enumerate((marks or {}).items()):
            ax.axvline(day, color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
            ax.annotate(text, (day, 1 - 0.06 * n), xycoords=("data", "axes fraction"), xytext=(-4, -2),
                        textcoords="offset points", ha="right", va="top", size=_LABEL, weight="bold")  # fmt: skip
        wide, tall = WIDTH - 14 - 6.2 * len(num(high)) - 6, height * 72 - 44
        middles = [(r.at + (r.end - r.at) / 2) for r in rows.itertuples()]
        spots = [
            (wide * ((m - low) / (last - low)), tall * r.value / high)
            for m, r in zip(middles, rows.itertuples(), strict=True)
        ]
        for text, middle, value, (dx, dy) in zip(labels, middles, rows["value"], _beside(spots, labels), strict=True):
            ax.annotate(
                text,
                (middle, value),
                xytext=(dx, dy),
                textcoords="offset points",
                size=_LABEL,
                ha="center",
                va="center",
                zorder=4,
                bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 0.6},
            )
        handles, names = ax.get_legend_handles_labels()
        ax.legend(handles, names, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=len(names), frameon=False, fontsize=9,
                  handlelength=1, columnspacing=1.2, handletextpad=0.4, borderaxespad=0.2)  # fmt: skip
    told = [f"{_when(r.at)}{f' to {_when(r.end)}' if r.at != r.end else ''}: {text} ({r.group})"
            for text, r in zip(labels, rows.itertuples(), strict=True)]  # fmt: skip
    alt = f"Dots, in {unit}. {'; '.join(told)}."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def _beside(spots: Sequence[tuple[float, float]], labels: Sequence[str]) -> list[tuple[float, float]]:
    """Offset of each label from its dot (points): the first side where it covers no dot and no label."""
    boxes = [(x - 5, y - 5, x + 5, y + 5) for x, y in spots]
    found = []
    for n, ((x, y), text) in enumerate(zip(spots, labels, strict=True)):
        half = _label_width(text) / 2
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


# --- ranges, matrices and flows ------------------------------------------------------------


def _lines_of(text: str, width: float, size: float = _LABEL, weight: str = "normal") -> list[str]:
    """`text` broken to `width` points."""
    return wrapped(text, size, weight, width)


def ranges(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
    missing: str = "not disclosed",
    digits: int = 0,
) -> Figure:
    """Bars from a low to a high figure, one row each; a dot where both are the same.

    Parameters
    ----------
    frame
        Index: name of the row, once in its group, in the order shown. Columns: ``low`` and ``high`` in
        `unit` (both missing: the row says `missing`), ``label`` (what stands at the bar: the
        figure in words, with currency and day) and ``group`` (rows of one group stand together
        under its name; may be the empty string).

    Raises
    ------
    ValueError
        If a row repeats, a range is the wrong way round or negative, only one end is given,
        a label is empty, or a group is torn apart.
    """
    needed = ["low", "high", "label", "group"]
    if frame.empty or list(frame.columns) != needed:
        raise ValueError(f"figure {id!r}: needs rows and the columns {', '.join(needed)}")
    if pd.MultiIndex.from_arrays([frame["group"], frame.index]).has_duplicates:
        raise ValueError(f"figure {id!r}: a row stands twice in its group")
    for name, row in frame.iterrows():
        if pd.isna(row["low"]) != pd.isna(row["high"]):
            raise ValueError(f"figure {id!r}: {name!r} has only one end of its range")
        if pd.notna(row["low"]) and not 0 <= row["low"] <= row["high"]:
            raise ValueError(f"figure {id!r}: {name!r} runs from {row['low']} to {row['high']}")
        if not row["label"].strip():
            raise ValueError(f"figure {id!r}: {name!r} has no label")
    groups = list(dict.fromkeys(frame["group"]))
    if frame["group"].ne(frame["group"].shift()).sum() != len(groups):
        raise ValueError(f"figure {id!r}: the rows of a group do not stand together")
    pitch, head = 17.5, 15.0
    y, places, heads = 0.0, [], []
    for group in groups:
        if group:
            y += head
            heads.append((group, y - 6))
        for _ in range((frame["group"] == group).sum()):
            y += pitch
            places.append(y - pitch / 2)
        y += 4
    with mpl.rc_context(STYLE):
        canvas = blank((y + 26) / 72)
        ax = canvas.add_subplot()
        top = float(frame["high"].max())
        for place, (_name, row) in zip(places, frame.iterrows(), strict=True):
            if pd.isna(row["low"]):
                ax.annotate(f"{missing} ({row['label']})", (0, place), xytext=(4, 0), textcoords="offset points",
                            va="center", size=_LABEL, style="italic", color=SOFT)  # fmt: skip
                continue
            if row["low"] < row["high"]:
                ax.plot([row["low"], row["high"]], [place] * 2, color=PARTS[1], linewidth=7, solid_capstyle="butt",
                        marker="|", markersize=10, markeredgewidth=1.4, markeredgecolor=PARTS[0], clip_on=False)  # fmt: skip
            else:
                ax.plot(
                    [row["low"]], [place], marker="o", markersize=7, color=PARTS[0], linestyle="none", clip_on=False
                )
            ax.annotate(row["label"], (row["high"], place), xytext=(8, 0), textcoords="offset points", va="center",
                        size=_LABEL, annotation_clip=False)  # fmt: skip
        for group, place in heads:
            ax.annotate(group, (0, place), xycoords=("axes fraction", "data"), xytext=(-4, 0),
                        textcoords="offset points", ha="right", va="center", size=_LABEL, weight="bold")  # fmt: skip
        ax.set_yticks(places, list(frame.index))
        ax.tick_params(axis="y", labelsize=_LABEL, colors=INK)
        ax.set_ylim(y, 0)
        ax.margins(x=0)
        # Room for every label to the right of its bar, in an axis as wide as the names leave it.
        room = WIDTH - 24 - max(_text_width(name, _LABEL, "normal") for name in frame.index)
        ends = [float(r["high"]) * room / (room - 14 - _text_width(r["label"], _LABEL, "normal"))
                for _, r in frame.iterrows() if pd.notna(r["high"])]  # fmt: skip
        ax.set_xlim(0, max(ends))
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(lambda v, _: num(v, digits) if v <= top * 1.02 else "")
        ax.grid(True, axis="x")
        ax.grid(False, axis="y")
    said = [
        f"{name}: {missing} ({row['label']})" if pd.isna(row["low"]) else f"{name}: {row['label']}"
        for name, row in frame.iterrows()
    ]
    alt = f"Range chart of {len(frame)} rows, in {unit}. " + "; ".join(said) + "."
    return publish(canvas, frame.rename_axis("row"), id=id, title=title, subtitle=subtitle, alt=alt, sources=sources,
                   notes=notes)  # fmt: skip


#: What a cell of a matrix may say: word -> (symbol, ground, ink). Dark to light, so that grey print
#: keeps them apart, and a symbol each, so that nothing rests on colour.
WORDS: dict[str, tuple[str, str, str]] = {
    "yes": ("●", PARTS[0], GROUND), "partly": ("◐", PARTS[2], INK), "no": ("○", GROUND, INK),
    "unknown": ("?", "#eef1f2", INK), "not applicable": ("–", "#eef1f2", SOFT), "not computable": ("×", "#eef1f2", INK),
}  # fmt: skip


def worded(words: pd.Series) -> pd.Series:
    """Answers out of `WORDS` as a table prints them: ``● yes``; refuses any other word with a `KeyError`."""
    return words.map(lambda word: f"{WORDS[word][0]} {word}")


def matrix(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    notes: str = "",
    groups: Sequence[str] | None = None,
) -> Figure:
    """Rows by questions, each cell a word out of `WORDS` with its symbol and shade.

    Parameters
    ----------
    frame
        Index: names of the rows, unique. Columns: the questions (at most four); cells: words.
    groups
        Group of each row, rows of one group together; its name stands above them.

    Raises
    ------
    ValueError
        If a row repeats, a cell is not one of `WORDS`, there are more than four columns, or a
        group is torn apart.
    """
    if frame.empty or not 0 < len(frame.columns) <= 4:
        raise ValueError(f"figure {id!r}: a matrix has rows and one to four columns")
    if frame.index.has_duplicates:
        raise ValueError(f"figure {id!r}: a row stands twice")
    for column in frame:
        for name, word in frame[column].items():
            if word not in WORDS:
                raise ValueError(f"figure {id!r}: {name!r}, {column!r}: {word!r} is not one of {', '.join(WORDS)}")
    group_of = list(groups) if groups is not None else [""] * len(frame)
    if len(group_of) != len(frame) or sum(a != b for a, b in zip(group_of, ["\0", *group_of], strict=False)) != len(
        set(group_of)
    ):
        raise ValueError(f"figure {id!r}: one group for each row, the rows of a group together")
    width, cell = WIDTH - 10, 76.0 if len(frame.columns) > 2 else 92.0
    left = width - cell * len(frame.columns)
    with mpl.rc_context(STYLE):
        header = [_lines_of(c, cell - 8, _LABEL, "bold") for c in frame.columns]
        y = 11.0 * max(map(len, header)) + 6
        rows, heads = [], []
        for n, name in enumerate(frame.index):
            if group_of[n] and (n == 0 or group_of[n] != group_of[n - 1]):
                heads.append((group_of[n], y + 12))
                y += 17
            text = _lines_of(name, left - 10)
            height = max(17.0, 10.8 * len(text) + 5)
            rows.append((y, height, text))
            y += height
        canvas = blank((y + 4) / 72)
        ax = canvas.add_subplot()
        ax.set_axis_off()
        ax.set_xlim(0, width)
        ax.set_ylim(y + 2, 0)
        ax.grid(False)
        for c, words in enumerate(header):
            for n, text in enumerate(words):
                ax.text(left + cell * (c + 0.5), 9 + 11 * n, text, size=_LABEL, weight="bold", ha="center", va="center")
        for text, at in heads:
            ax.text(2, at, text, size=_LABEL, weight="bold", va="center")
        for (at, height, text), (_name, cells) in zip(rows, frame.iterrows(), strict=True):
            ax.plot([0, width], [at, at], color=RULE, linewidth=0.6)
            for n, words in enumerate(text):
                ax.text(2, at + height / 2 + 10.8 * (n - (len(text) - 1) / 2), words, size=_LABEL, va="center")
            for c, word in enumerate(cells):
                symbol, ground, ink = WORDS[word]
                if ground != GROUND:
                    ax.add_patch(mpl.patches.Rectangle((left + cell * c + 2, at + 1.5), cell - 4, height - 3,
                                 facecolor=ground, edgecolor="none"))  # fmt: skip
                ax.text(left + cell * (c + 0.5), at + height / 2, f"{symbol} {word}", size=_LABEL, color=ink,
                        ha="center", va="center")  # fmt: skip
    said = []
    for column in frame:
        counts = frame[column].value_counts()
        said.append(f"{column}: " + ", ".join(f"{w} {counts[w]}" for w in WORDS if w in counts))
    alt = f"Matrix of {len(frame)} rows. " + ". ".join(said) + ". " + "; ".join(
        f"{name}: {', '.join(cells)}" for name, cells in frame.iterrows()) + "."  # fmt: skip
    return publish(canvas, frame.rename_axis("row"), id=id, title=title, subtitle=subtitle, alt=alt, sources=sources,
                   notes=notes)  # fmt: skip


#: Kinds of step in a flow: word at the head of the box, outline, width of the outline, ground.
STEPS: dict[str, tuple[str, object, float, str]] = {
    "act": ("decides", "solid", 0.9, GROUND), "vote": ("votes", "solid", 2.4, GROUND),
    "wait": ("waits", (0, (4, 2)), 1.2, GROUND), "condition": ("must hold", (0, (1, 1.5)), 1.2, GROUND),
    "end": ("result", "solid", 0.9, PARTS[3]),
}  # fmt: skip


def flow(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    notes: str = "",
) -> Figure:
    """Steps of a decision, from left to right, three to a line; several routes under each other.

    Parameters
    ----------
    frame
        Rows in order. Columns: ``route`` (its name stands above its steps; rows of a route
        together), ``actor``, ``action`` (what must happen) and ``kind`` out of `STEPS`.

    Raises
    ------
    ValueError
        On a column that is missing, an empty text, an unknown kind, a route torn apart or one
        whose last step, and only that one, is not an end.
    """
    needed = ["route", "actor", "action", "kind"]
    if frame.empty or list(frame.columns) != needed:
        raise ValueError(f"figure {id!r}: needs rows and the columns {', '.join(needed)}")
    for column in needed:
        if frame[column].fillna("").str.strip().eq("").any():
            raise ValueError(f"figure {id!r}: column {column!r} has an empty cell")
    if unknown := set(frame["kind"]) - set(STEPS):
        raise ValueError(f"figure {id!r}: {sorted(unknown)[0]!r} is not one of {', '.join(STEPS)}")
    routes = list(dict.fromkeys(frame["route"]))
    if frame["route"].ne(frame["route"].shift()).sum() != len(routes):
        raise ValueError(f"figure {id!r}: the steps of a route do not stand together")
    for route in routes:
        ends = frame.loc[frame["route"] == route, "kind"].eq("end").tolist()
        if ends != [False] * (len(ends) - 1) + [True]:
            raise ValueError(f"figure {id!r}: route {route!r} does not end with its one end")
    width, gap, across = WIDTH - 10, 20.0, 3
    box = (width - gap * (across - 1)) / across
    drawn, heads, arrows, y = [], [], [], 0.0
    for route in routes:
        heads.append((route, y + 8))
        y += 18
        steps = frame[frame["route"] == route].reset_index(drop=True)
        for start in range(0, len(steps), across):
            line = []
            for n, step in steps.iloc[start : start + across].iterrows():
                head = _lines_of(step["actor"], box - 12, _LABEL, "bold")
                text = _lines_of(step["action"], box - 12)
                line.append((n - start, step["kind"], head, text, 11.2 * (len(head) + len(text) + 1) + 9))
            height = max(item[-1] for item in line)
            drawn += [(x * (box + gap), y, height, kind, head, text) for x, kind, head, text, _ in line]
            arrows += [("across", x * (box + gap) - gap, y + height / 2) for x, *_ in line if x]
            if start:
                arrows.append(("down", 0.0, y))
            y += height + 20
        y += 2
    y -= 18
    with mpl.rc_context(STYLE):
        canvas = blank(y / 72)
        ax = canvas.add_subplot()
        ax.set_axis_off()
        ax.grid(False)
        ax.set_xlim(-1.5, width + 1.5)
        ax.set_ylim(y + 1, -1)
        for text, at in heads:
            ax.text(0, at, text, size=9.5, weight="bold", va="center")
        for x, at, height, kind, head, text in drawn:
            word, dash, line, ground = STEPS[kind]
            ax.add_patch(mpl.patches.Rectangle((x, at), box, height, facecolor=ground, edgecolor=INK, linewidth=line,
                         linestyle=dash))  # fmt: skip
            for n, (words, weight, colour) in enumerate(
                [(f"{word}:", "normal", SOFT)] + [(t, "bold", INK) for t in head] + [(t, "normal", INK) for t in text]
            ):
                style = "italic" if n == 0 else "normal"
                ax.text(
                    x + 6, at + 10 + 11.2 * n, words, size=_LABEL, weight=weight, color=colour, style=style, va="center"
                )
        pointer = {"arrowstyle": "-|>,head_width=0.25,head_length=0.5", "color": INK, "linewidth": 1.2, "shrinkA": 0,
                   "shrinkB": 0}  # fmt: skip
        for way, x, at in arrows:
            if way == "across":
                ax.annotate("", (x + gap - 1.5, at), (x + 1.5, at), arrowprops=pointer)
            else:
                # From the end of the line above back to the first box of the next line.
                right, mid = width - box / 2, at - 10
                ax.plot([right, right, box / 2], [at - 20, mid, mid], color=INK, linewidth=1.2)
                ax.annotate("", (box / 2, at - 1), (box / 2, mid), arrowprops=pointer)
    said = []
    for route in routes:
        steps = frame[frame["route"] == route]
        said.append(f"{route}: " + "; then ".join(
            f"{r.actor} ({STEPS[r.kind][0]}): {r.action}" for r in steps.itertuples()))  # fmt: skip
    alt = "Flow drawing. " + ". ".join(said) + "."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


# --- positions between two poles ---------------------------------------------------------

#: Steps -3 to +3 between two ends: hues that are no party's, dark at both ends, sign printed as well.
POLES = ["#8f1d5c", "#d06ba6", "#f0c6de", "#f3f3ef", "#d3e6b8", "#86b04c", "#4b6e12"]
#: One hue from light to dark for amounts.
AMOUNTS = ["#f4f7f9", "#d7e2ea", "#9db9cf", "#4a7aa3", "#16324a"]
_TINY = 7.6


def _on(colour: str) -> str:
    """Ink that reads on `colour`."""
    return INK if contrast(INK, colour) >= contrast(GROUND, colour) else GROUND


def _step_colour(step: float) -> str:
    return POLES[int(round(step)) + 3]


def _check_steps(values: pd.Series, id: str) -> None:
    if not values.dropna().isin(range(-3, 4)).all():
        raise ValueError(f"figure {id!r}: positions are whole steps from -3 to +3")


class _Cells:
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


def _ends(ax, ends: tuple[str, str], y: float) -> None:
    """The two poles in words, at the ends of a horizontal scale."""
    for x, word, side in ((0, f"◂ {ends[0]}", "left"), (1, f"{ends[1]} ▸", "right")):
        if not ends[x]:
            continue
        ax.annotate(word, (x, 0 if y < 0 else 1), xycoords="axes fraction", xytext=(0, y), textcoords="offset points",
                    ha=side, va="top" if y < 0 else "bottom", size=_LABEL, color=SOFT)  # fmt: skip


def heat(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    ends: tuple[str, str] | None = None,
    blanks: pd.DataFrame | None = None,
    symbols: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    bands: Mapping[str, str] | None = None,
    digits: int = 1,
    notes: str = "",
) -> Figure:
    """A grid of cells whose value is printed in each, as well as shown by colour.

    Parameters
    ----------
    frame
        Rows x columns in the order shown; numbers, missing where `blanks` says why.
    ends
        Words for the low and the high end: cells are then steps from -3 to +3, printed with
        their sign. Without it cells are amounts, not negative, printed with `digits`.
    blanks
        Same shape: why a cell has no number; each reason is a key of `symbols`.
    symbols
        Reason -> sign printed in the cell, explained under the grid; an empty sign leaves it bare.
    groups, bands
        Group of each row (a heading where it changes) and of each column (a rule where it changes).

    Raises
    ------
    ValueError
        If the frame is empty, a row or column repeats, values do not fit the scale, or an
        empty cell has no reason with a symbol.
    """
    if frame.empty or frame.index.has_duplicates or frame.columns.has_duplicates:
        raise ValueError(f"figure {id!r}: a grid needs rows and columns, each once")
    if ends:
        _check_steps(pd.Series(frame.to_numpy().ravel(), dtype="float64"), id)
    elif (frame < 0).any().any():
        raise ValueError(f"figure {id!r}: amounts are not negative")
    symbols = dict(symbols or {})
    reasons = blanks.where(frame.isna()) if blanks is not None else pd.DataFrame(None, frame.index, frame.columns)
    lost = set(pd.unique(reasons.where(frame.isna(), "").to_numpy().ravel())) - set(symbols) - {""}
    if lost:
        raise ValueError(f"figure {id!r}: an empty cell has no reason with a symbol ({sorted(map(str, lost))[0]})")
    top, cell = float(np.nanmax(frame.to_numpy())), 16.2  # points: height of a row
    heads = _headings(frame.index, groups)
    lines_ = len(frame) + len(heads)
    names = max(_text_width(str(c), _LABEL, "normal") for c in frame.columns)
    key = 15 if symbols else 0
    height = lines_ * cell + names * 0.87 + 12 + key + (16 if ends else 0)
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank(height / 72)
        ax = canvas.add_subplot()
        y, shown, cells = 0, frame.astype("object"), _Cells(_TINY)
        for name, row in frame.iterrows():
            if name in heads:
                ax.text(-0.5, y + 0.1, heads[name], size=_LABEL, weight="bold", ha="left", va="center", color=INK,
                        zorder=4, bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 1})  # fmt: skip
                y += 1
            ax.text(-0.7, y, str(name), size=_LABEL, ha="right", va="center", color=INK)
            for x, (column, value) in enumerate(row.items()):
                reason = reasons.loc[name, column]
                if pd.isna(value):
                    text, colour, ink = symbols[reason], GROUND, SOFT
                    shown.loc[name, column] = reason
                elif ends:
                    text, colour = num(value, signed=value != 0), _step_colour(value)
                    shown.loc[name, column] = int(value)
                    ink = _on(colour)
                else:
                    colour = AMOUNTS[min(int(5 * value / top), 4)] if top else AMOUNTS[0]
                    text, ink = num(value, digits), _on(colour)
                cells.add(x - 0.5, y - 0.5, 1, 1, text, colour, ink)
            y += 1
        cells.draw(ax)
        band = None
        for x, column in enumerate(frame.columns):
            ax.text(
                x + 0.05,
                -0.75,
                str(column),
                size=_LABEL,
                rotation=60,
                rotation_mode="anchor",
                ha="left",
                va="center",
                color=INK,
            )
            now = (bands or {}).get(column)
            if x and now != band:
                ax.plot([x - 0.5, x - 0.5], [-0.5, y - 0.5], color=INK, linewidth=0.9)
            band = now
        for label in dict.fromkeys((bands or {}).get(c) for c in frame.columns):
            run = [x for x, c in enumerate(frame.columns) if (bands or {}).get(c) == label]
            if label is not None:
                ax.text((run[0] + run[-1]) / 2, y - 0.28, str(label), size=7.4, ha="center", va="top", color=SOFT)
        ax.set_xlim(-0.5, len(frame.columns) - 0.5)
        ax.set_ylim(y - 0.5, -0.5)
        ax.axis("off")
        foot = "; ".join(f"{sign} {reason}" for reason, sign in symbols.items() if sign)
        below = -16 if bands else -4
        if ends:
            _ends(ax, (f"− {ends[0]}", f"{ends[1]} +"), below)
            below -= 13
        if foot:
            ax.annotate(
                foot,
                (0, 0),
                xycoords="axes fraction",
                xytext=(0, below),
                textcoords="offset points",
                va="top",
                size=_LABEL,
                color=SOFT,
            )
    filled = int(frame.notna().sum().sum())
    alt = f"Grid of {len(frame)} rows and {len(frame.columns)} columns; {filled} of {frame.size} cells hold a number. "
    if ends:
        flat = pd.Series(frame.to_numpy().ravel()).dropna()
        alt += f"From -3 ({ends[0]}) to +3 ({ends[1]}): {(flat < 0).sum()} cells below zero, {(flat == 0).sum()} at zero, {(flat > 0).sum()} above. "
        for name, row in frame.iterrows():
            steps = row.dropna()
            if len(steps):
                low, high = steps.idxmin(), steps.idxmax()
                alt += f"{name}: {len(steps)} cells, from {num(steps[low], signed=steps[low] != 0)} ({low}) to {num(steps[high], signed=steps[high] != 0)} ({high}). "
    else:
        low, high = frame.stack().idxmin(), frame.stack().idxmax()
        alt += f"Lowest {num(frame.loc[low], digits)} ({low[0]}, {low[1]}), highest {num(frame.loc[high], digits)} ({high[0]}, {high[1]})."
    return publish(canvas, shown.rename_axis(frame.index.name or "row"), id=id, title=title, subtitle=subtitle,
                   alt=alt.strip(), sources=sources, notes=notes)  # fmt: skip


def _headings(names: pd.Index, groups: Mapping[str, str] | None) -> dict:
    """First name of each run of a group -> the group's name."""
    heads, last = {}, None
    for name in names if groups else ():
        if groups[name] != last:
            heads[name] = groups[name][:1].upper() + groups[name][1:]
        last = groups[name]
    return heads


def dumbbell(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    ends: tuple[str, str],
    colours: Mapping[str, str],
    sources: Sequence[str],
    panels: Mapping[str, tuple[str, str]] | None = None,
    groups: Mapping[str, str] | None = None,
    notes: str = "",
) -> Figure:
    """Two positions a row between two ends, joined by a bar; where they are equal, one ringed mark.

    Parameters
    ----------
    frame
        Index: rows, each once, first at the top. Columns: positions in whole steps from -3 to +3;
        missing where there is none.
    ends
        Words for -3 and +3.
    colours
        Column -> party, in the order of the key; columns of one party (in different panels) share it.
    panels
        Title -> (column, column), side by side; by default the two columns of the frame.

    Raises
    ------
    ValueError, KeyError
        If a row repeats, a position is no step, or a column has no colour.
    """
    if frame.empty or frame.index.has_duplicates:
        raise ValueError(f"figure {id!r}: rows stand once, and there is at least one")
    _check_steps(pd.Series(frame.to_numpy().ravel(), dtype="float64"), id)
    panels = dict(panels or {"": tuple(frame.columns)})
    heads = _headings(frame.index, groups)
    row, parts = 16.0, []
    with mpl.rc_context(STYLE | {"axes.grid.axis": "x"}):
        canvas = blank(((len(frame) + len(heads)) * row + 58 + (14 if len(panels) > 1 else 0)) / 72)
        axes = canvas.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        places, y = {}, 0
        for name in frame.index:
            if name in heads:
                places[("head", name)] = y
                y += 1
            places[name] = y
            y += 1
        for ax, (panel, pair) in zip(axes, panels.items(), strict=True):
            for name, values in frame.iterrows():
                one, other = (values[c] for c in pair)
                at = places[name]
                if pd.notna(one) and one == other:
                    for c, size, face in ((pair[0], 11, GROUND), (pair[1], 5.5, None)):
                        colour, _, marker = party(colours[c])
                        ax.plot(one, at, marker="o" if face else marker, markersize=size, color=colour,
                                markerfacecolor=face or colour, markeredgewidth=1.8, linestyle="none", zorder=3)  # fmt: skip
                    parts.append(f"{panel + ', ' if panel else ''}{name}: both {num(one, signed=one != 0)}")
                    continue
                if pd.notna(one) and pd.notna(other):
                    ax.plot([one, other], [at, at], color=RULE, linewidth=4, zorder=1, solid_capstyle="butt")
                for c, value in zip(pair, (one, other), strict=True):
                    if pd.notna(value):
                        colour, _, marker = party(colours[c])
                        ax.plot(value, at, marker=marker, markersize=7.5, color=colour, linestyle="none", zorder=3)
                told = [f"{c} {num(v, signed=v != 0)}" for c, v in zip(pair, (one, other), strict=True) if pd.notna(v)]
                if told:
                    parts.append(f"{panel + ', ' if panel else ''}{name}: " + ", ".join(told))
            ax.set_xlim(-3.35, 3.35)
            ax.set_xticks(range(-3, 4), [num(v, signed=v != 0) for v in range(-3, 4)])
            ax.set_ylim(y - 0.4, -0.6)
            ax.axvline(0, color=SOFT, linewidth=0.9, zorder=0)
            ax.set_yticks([at for name, at in places.items() if not isinstance(name, tuple)], list(frame.index))
            ax.tick_params(axis="y", labelsize=_LABEL, labelcolor=INK)
            ax.spines["bottom"].set_visible(False)
            if panel:
                ax.set_title(panel, size=9.5, weight="bold", loc="left", pad=18)
        for name, at in places.items():
            if isinstance(name, tuple):
                axes[0].annotate(heads[name[1]], (0, at), xycoords=("axes fraction", "data"), xytext=(-6, 0),
                                 textcoords="offset points", size=_LABEL, weight="bold", ha="right", va="center")  # fmt: skip
        wide = len(panels) == 1
        _ends(axes[0], (ends[0], ends[1] if wide else ""), -17)
        if not wide:
            _ends(axes[-1], ("", ends[1]), -17)
        _key(axes[0], {c: colours[c] for c in next(iter(panels.values()))} if wide else
             {colours[c]: colours[c] for c in next(iter(panels.values()))})  # fmt: skip
    alt = f"Two marks a row from -3 ({ends[0]}) to +3 ({ends[1]}). " + "; ".join(parts) + "."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def _key(ax, entries: Mapping[str, str], hollow: Sequence[str] = (), up: float = 5) -> None:
    """A key of marks in one line, `up` points above the axes: series -> party."""
    x = 0.0
    for name, who in entries.items():
        colour, _, marker = party(who)
        box = mpl.offsetbox.DrawingArea(10, 8)
        box.add_artist(mpl.lines.Line2D([5], [4], marker=marker, markersize=6, color=colour, linestyle="none",
                                        markerfacecolor=GROUND if name in hollow else colour, markeredgewidth=1.4))  # fmt: skip
        text = mpl.offsetbox.TextArea(name, textprops={"size": _LABEL, "color": INK})
        packed = mpl.offsetbox.HPacker(children=[box, text], pad=0, sep=3, align="center")
        placed = mpl.offsetbox.AnnotationBbox(
            packed, (0, 1), xycoords="axes fraction", xybox=(x, up), boxcoords="offset points", box_alignment=(0, 0),
            frameon=False, pad=0, annotation_clip=False,
        )  # fmt: skip
        placed.set_in_layout(up >= 0)
        ax.add_artist(placed)
        x += _text_width(name, _LABEL, "normal") + 26


def paths(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    ends: tuple[str, str],
    colours: Mapping[str, str],
    sources: Sequence[str],
    points: Sequence[str] = (),
    marks: Mapping | None = None,
    notes: str = "",
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
    marks
        Day -> label: a dashed line in every panel, named in the first.

    Raises
    ------
    ValueError, KeyError
        If a position is no step, a series has two positions on one day in a panel, or no colour.
    """
    _check_steps(frame["step"], id)
    joined = frame[~frame["series"].isin(points)]
    if frame.empty or joined.duplicated(["panel", "series", "date"]).any():
        raise ValueError(f"figure {id!r}: a series has one position a day in a panel, and there is at least one")
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
                if s not in points and len(own) > 1:
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
            ax.set_title(names[n], size=_LABEL, weight="bold", loc="left", pad=3)
            pad = (last - first) * 0.05
            ax.set_xlim(first - pad, last + pad)
            ax.xaxis.set_major_locator(mpl.dates.YearLocator())
            ax.xaxis.set_major_formatter(mpl.dates.DateFormatter("%Y"))
            ax.tick_params(labelsize=7.6, labelbottom=n + columns >= len(names), labelleft=n % columns == 0)
        below.text(0, 0, f"+3: {ends[1]};  −3: {ends[0]}", size=_LABEL, color=SOFT, va="bottom")
        _key(above, {s: colours[s] for s in series}, points, up=-10)
    parts = []
    for name in names:
        part = frame[frame["panel"] == name]
        told = [f"{s}: " + ", ".join(f"{num(r.step, signed=r.step != 0)} ({r.text}, {r.date:%Y-%m})"
                                     for r in part[part["series"] == s].sort_values("date").itertuples())
                for s in series if (part["series"] == s).any()]  # fmt: skip
        parts.append(f"{name}. " + "; ".join(told))
    alt = f"Small panels of steps over time, from -3 ({ends[0]}) to +3 ({ends[1]}). " + ". ".join(parts) + "."
    wide = frame.pivot(index=["date", "series", "text"], columns="panel", values="step")[names].astype("Int64")
    return publish(
        canvas,
        wide.reset_index().rename_axis(columns=None),
        id=id,
        title=title,
        subtitle=subtitle,
        alt=alt,
        sources=sources,
        notes=notes,
    )


def tiles(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    layout: Mapping[str, tuple[int, int]],
    states: Mapping[str, tuple[str, int | None]],
    sources: Sequence[str],
    notes: str = "",
) -> Figure:
    """Small tile maps: one map a panel, one tile a unit where it lies roughly, a letter for its state.

    Parameters
    ----------
    frame
        Columns ``panel``, ``unit``, ``state``; panels in order of first appearance.
    layout
        Unit -> (row, column) of its tile, north first; every unit of the frame has one.
    states
        State -> (letter, step from -3 to +3 that gives the colour, or None for no colour), in the
        order of the key.

    Raises
    ------
    ValueError
        If a panel has a unit twice, or a unit or state is not described.
    """
    if frame.empty or frame.duplicated(["panel", "unit"]).any():
        raise ValueError(f"figure {id!r}: each panel shows a unit once, and there is at least one")
    strangers = (set(frame["unit"]) - set(layout)) | (set(frame["state"]) - set(states))
    if strangers:
        raise ValueError(f"figure {id!r}: {sorted(strangers)[0]!r} is not described")
    names = list(dict.fromkeys(frame["panel"]))
    down, across = (max(p[i] for p in layout.values()) + 1 for i in (0, 1))
    columns, side = 5, 19.0  # points: side of a tile
    rows = -(-(len(names) + 2) // columns)  # the map of names takes the room of two
    used = [s for s in states if s in set(frame["state"])]
    key_rows = -(-len(used) // 2)
    height = rows * (down * side + 30) + key_rows * 14 + 14
    width = WIDTH - 10
    with mpl.rc_context(STYLE):
        canvas = blank(height / 72)
        ax = canvas.add_subplot()
        ax.set_xlim(0, width)
        ax.set_ylim(height, 0)
        ax.axis("off")
        maps, key = _Cells(8.5), _Cells(8.0)
        for n, name in enumerate(names):
            left, top = (n % columns) * width / columns + 2, (n // columns) * (down * side + 30) + 24
            for line, text in enumerate(_two_lines(name, width / columns - 6)):
                ax.text(left, top - 15 + 10 * line, text, size=_LABEL - 0.5, weight="bold", va="center")
            for row in frame[frame["panel"] == name].itertuples():
                letter, step = states[row.state]
                y, x = layout[row.unit]
                colour = GROUND if step is None else _step_colour(step)
                ink = SOFT if step is None else _on(colour)
                maps.add(
                    left + x * (side + 5), top + y * side, side + 4, side - 1, letter, colour, ink, step is not None
                )
        left, top = (columns - 2) * width / columns + 2, (rows - 1) * (down * side + 30) + 24
        wide = (2 * width / columns - 4) / across
        ax.text(left, top - 5, "Where each tile lies", size=_LABEL - 0.5, va="center", color=SOFT)
        for unit, (y, x) in layout.items():
            ax.add_patch(
                mpl.patches.Rectangle(
                    (left + x * wide, top + y * side),
                    wide - 1,
                    side - 1,
                    facecolor=GROUND,
                    edgecolor=RULE,
                    linewidth=0.6,
                )
            )
            size = min(7.2, 7.2 * (wide - 4) / _text_width(unit, 7.2, "normal"))
            ax.text(
                left + x * wide + wide / 2,
                top + y * side + side / 2,
                unit,
                size=size,
                ha="center",
                va="center_baseline",
                color=INK,
            )
        top = rows * (down * side + 30) + 16
        for n, state in enumerate(used):
            letter, step = states[state]
            colour = GROUND if step is None else _step_colour(step)
            x, y = (n // key_rows) * width / 2 + 2, top + (n % key_rows) * 14
            key.add(x, y - 6, 16, 12, letter, colour, SOFT if step is None else _on(colour))
            ax.text(x + 22, y, state, size=_LABEL, va="center_baseline", color=INK)
        maps.draw(ax, edge=RULE, width=0.5)
        key.draw(ax, edge=RULE, width=0.5)
    parts = []
    for name in names:
        part = frame[frame["panel"] == name]
        said = part.groupby("state", sort=False)["unit"].agg(", ".join)
        parts.append(f"{name}: " + "; ".join(f"{units} {state}" for state, units in said.items()))
    alt = "Small maps of tiles. " + ". ".join(parts) + "."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def _two_lines(text: str, width: float) -> list[str]:
    """`text` on one line, or on the two that fit `width` best (the first one may stay empty)."""
    lines_ = wrapped(text, _LABEL - 0.5, "bold", width)
    return ["", *lines_] if len(lines_) == 1 else [lines_[0], " ".join(lines_[1:])]


def strip(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
    colours: Mapping[str, str] | None = None,
    line: tuple[float, str] | None = None,
    bands: Mapping[float, str] | None = None,
    digits: int = 1,
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
        raise ValueError(f"figure {id!r}: rows stand once, with two to four series")
    if not all(pd.api.types.is_numeric_dtype(frame[c]) for c in frame) or frame.isna().all(axis=1).any():
        raise ValueError(f"figure {id!r}: each row needs a number")
    bands = dict(bands or {})
    if bands and (line is None or list(bands) != sorted(bands) or min(bands) <= 0):
        raise ValueError(f"figure {id!r}: bands lie about a reference, and rise")
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
            ax.annotate(words, (line[0], -4), ha="center", va="bottom", size=_TINY, color=SOFT, annotation_clip=False)
        if line:
            ax.plot([line[0]] * 2, [0, len(frame) * pitch], color=INK, linewidth=1.3, linestyle=(0, (4, 3)), zorder=1)
            ax.annotate(
                line[1], (line[0], -4 - (14 if bands else 0)), ha="center", va="bottom", size=_LABEL, weight="bold"
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
                        ha="left" if right else "right", va="center", size=_LABEL)  # fmt: skip
        ax.set_yticks([(n + 0.62) * pitch for n in range(len(frame))], list(frame.index))
        ax.tick_params(axis="y", labelcolor=INK)
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(lambda v, _: num(v, 0 if high - low > 5 else digits))
        _key(ax, {c: (colours or {}).get(c, c) for c in frame.columns})
    parts = [
        f"{name}: " + ", ".join(f"{c} {num(v, digits)}" for c, v in row.dropna().items())
        for name, row in frame.iterrows()
    ]
    alt = f"Marks on a common scale, in {unit}. {'; '.join(parts)}."
    if line:
        alt += f" Reference: {line[1]} ({num(line[0], digits)})."
    return publish(canvas, frame.rename_axis(frame.index.name or "row"), id=id, title=title, subtitle=subtitle, alt=alt,
                   sources=sources, notes=notes)  # fmt: skip


def columns(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
    colours: Mapping[str, str] | None = None,
    marks: Mapping | None = None,
    digits: int = 0,
    height: float = 3.4,
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
    _check_numbers(frame, id)
    whole = isinstance(frame.index, pd.DatetimeIndex) and pd.date_range(
        frame.index[0], frame.index[-1], freq="MS"
    ).equals(pd.DatetimeIndex(frame.index, freq=None, name=None))
    if not whole or len(frame.columns) > 3:
        raise ValueError(f"figure {id!r}: needs every month from the first to the last, and at most three series")
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
                        ha="right", va="top", size=_LABEL, weight="bold")  # fmt: skip
        locator = mpl.dates.MonthLocator(bymonth=(1, 7) if len(frame) > 18 else range(1, 13, 1 + len(frame) // 10))
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(locator))
        ax.margins(x=0.012)
        ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(lambda v, _: num(v, digits if high < 10 else 0))
        _key(ax, {c: (colours or {}).get(c, c) for c in frame.columns})
    told = [
        f"{name}: " + ", ".join(f"{x:%Y-%m} {num(v, digits, signed=True)}" for x, v in values.dropna().items())
        for name, values in frame.items()
    ]
    alt = f"Columns ({frame.columns[0]})" + (
        f" and marks ({', '.join(map(str, frame.columns[1:]))})" if len(frame.columns) > 1 else ""
    )
    alt += f" by month, in {unit}. {describe_series(frame, unit, digits)} Every month: {'; '.join(told)}."
    return publish(
        canvas, frame.rename_axis("month"), id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes
    )


# --- an argument --------------------------------------------------------------------------


def signs(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    symbols: Mapping[str, str],
    sources: Sequence[str],
    notes: str = "",
    across: int = 24,
) -> Figure:
    """Every item as a sign of its word: a block a group, words in order, and beside it how many there are of each.

    Parameters
    ----------
    frame
        Index: groups, first at the top. Columns: words out of `VERDICTS`, in order; cells: whole counts.
    symbols
        Word -> sign.
    across
        Signs in a row.

    Raises
    ------
    ValueError
        If a group repeats or is empty, a word has no colour or sign, or a count is missing, negative or broken.
    """
    if frame.empty or frame.index.has_duplicates or not set(frame.columns) <= set(VERDICTS) & set(symbols):
        raise ValueError(f"figure {id!r}: groups stand once, and each word has a colour and a sign")
    counts = frame.astype("float64")
    if counts.isna().any().any() or (counts < 0).any().any() or (counts % 1 != 0).any().any():
        raise ValueError(f"figure {id!r}: counts are whole numbers, none missing or negative")
    if (counts.sum(axis=1) == 0).any():
        raise ValueError(f"figure {id!r}: a group is empty")
    pitch, width = 18.4, WIDTH - 10
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        laid, y = [], 0.0
        for name, row in counts.iterrows():
            items = [word for word, n in row.items() for _ in range(int(n))]
            told = [(word, f"{int(n)} {word}") for word, n in row.items() if n]
            lines_, x = [[]], 0.0
            for word, text in told:
                wide = 15 + _text_width(text, _LABEL, "normal") + 12
                if lines_[-1] and x + wide > width:
                    lines_.append([])
                    x = 0.0
                lines_[-1].append((x, word, text))
                x += wide
            laid.append((name, len(items), y, items, lines_))
            y += 17 + pitch * -(-len(items) // across) + 12.5 * len(lines_) + 13
        canvas = blank((y - 6) / 72)
        ax = canvas.add_subplot()
        ax.set_axis_off()
        ax.set_xlim(0, width)
        ax.set_ylim(y - 8, -4)
        for name, number, top, items, lines_ in laid:
            ax.text(0, top + 5, f"{name}: {num(number)}", size=9.5, weight="bold", va="center")
            below = top + 17 + pitch * -(-len(items) // across)
            for n, word in enumerate(items):
                at = (n % across * pitch + pitch / 2, top + 17 + n // across * pitch + pitch / 2 - 2)
                ax.text(*at, symbols[word], size=13.5, color=VERDICTS[word], ha="center", va="center_baseline")
            for k, line in enumerate(lines_):
                for x, word, text in line:
                    ax.text(x + 5, below + 5 + 12.5 * k, symbols[word], size=10, color=VERDICTS[word], ha="center", va="center_baseline")  # fmt: skip
                    ax.text(x + 13, below + 5 + 12.5 * k, text, size=_LABEL, va="center_baseline", color=INK)
    told = [
        f"{name}: {num(row.sum())}, of which {', '.join(f'{num(n)} {word}' for word, n in row.items() if n)}"
        for name, row in counts.iterrows()
    ]
    alt = f"Signs, one for each of the {unit}. " + "; ".join(told) + "."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def then_now(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    clocks: tuple[str, str],
    sources: Sequence[str],
    notes: str = "",
) -> Figure:
    """Two bars a row, then and since, from zero; each row has a scale of its own, so that only its two bars compare.

    Parameters
    ----------
    frame
        Index: what is measured, each once, first at the top. Columns ``then`` and ``now`` (values, none
        negative), ``then_text`` and ``now_text`` (as written behind the bars).
    clocks
        Names of the two for the key.

    Raises
    ------
    ValueError
        If a row repeats, a value is missing or negative, or a row has nothing to draw.
    """
    values = frame[["then", "now"]].astype("float64")
    if frame.empty or frame.index.has_duplicates or values.isna().any().any() or (values < 0).any().any():
        raise ValueError(f"figure {id!r}: each row stands once, with two values that are not negative")
    if (values.max(axis=1) == 0).any():
        raise ValueError(f"figure {id!r}: a row has nothing to draw")
    left, row = 188.0, 35.0
    behind = max(_text_width(str(t), _LABEL, "bold") for c in ("then_text", "now_text") for t in frame[c])
    room = WIDTH - 10 - left - behind - 10
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank((len(frame) * row + 24) / 72)
        ax = canvas.add_subplot()
        ax.set_axis_off()
        ax.set_xlim(0, WIDTH - 10)
        ax.set_ylim(len(frame) * row, -22)
        x = left
        for clock, fill in zip(clocks, (GROUND, PARTS[0]), strict=True):
            ax.add_patch(mpl.patches.Rectangle((x, -17), 14, 7, facecolor=fill, edgecolor=PARTS[0], linewidth=1.1))
            ax.text(x + 19, -13, clock, size=_LABEL, va="center")
            x += 36 + _text_width(clock, _LABEL, "normal")
        for n, (name, item) in enumerate(frame.iterrows()):
            y = n * row
            ax.plot([0, WIDTH - 10], [y - 1.5, y - 1.5], color=RULE, linewidth=0.6)
            words = _lines_of(str(name), left - 12)
            for k, line in enumerate(words):
                ax.text(
                    0, y + row / 2 - 1.5 + 10.6 * (k - (len(words) - 1) / 2), line, size=_LABEL, va="center", color=INK
                )
            for k, (clock, fill) in enumerate((("then", GROUND), ("now", PARTS[0]))):
                long = room * float(item[clock]) / float(values.loc[name].max())
                ax.add_patch(mpl.patches.Rectangle((left, y + 3 + 14 * k), max(long, 0.8), 11, facecolor=fill,
                                                   edgecolor=PARTS[0], linewidth=1.1))  # fmt: skip
                ax.text(left + long + 6, y + 8.5 + 14 * k, item[f"{clock}_text"], size=_LABEL, va="center",
                        weight="bold" if clock == "now" else "normal")  # fmt: skip
    alt = f"Two bars a row, {clocks[0]} and {clocks[1]}. " + "; ".join(
        f"{name}: {item['then_text']}, {item['now_text']}" for name, item in frame.iterrows()
    )
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=f"{alt}.", sources=sources, notes=notes)


def shares(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
) -> Figure:
    """Bars of one length cut into shares of a whole, one a row, with the size of the whole at the end.

    Parameters
    ----------
    frame
        Index: wholes, each once, first at the top. Columns: parts (at most four, in order), counts in
        `unit`; none negative. Shares too narrow for their label are in the table and in the alternative text.

    Raises
    ------
    ValueError
        If a row repeats or is empty, a count is missing or negative, or there are more than four parts.
    """
    counts = frame.astype("float64")
    if frame.empty or frame.index.has_duplicates or len(frame.columns) > len(PARTS):
        raise ValueError(f"figure {id!r}: rows stand once, with at most {len(PARTS)} parts")
    if counts.isna().any().any() or (counts < 0).any().any() or (counts.sum(axis=1) == 0).any():
        raise ValueError(f"figure {id!r}: counts are not missing, not negative, and a whole is not empty")
    left = max(_text_width(str(name), 9.5, "normal") for name in frame.index) + 12
    right = max(_text_width(num(n), _LABEL, "bold") for n in counts.sum(axis=1)) + 8
    room, row = WIDTH - 10 - left - right, 25.0
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        keys, x, line = [], 0.0, 0
        for name in frame.columns:
            wide = 30 + _text_width(str(name), _LABEL, "normal")
            if x and x + wide > WIDTH - 10:
                x, line = 0.0, line + 1
            keys.append((x, line, name))
            x += wide
        top = 14.0 * (line + 1) + 5
        canvas = blank((len(frame) * row + top + 4) / 72)
        ax = canvas.add_subplot()
        ax.set_axis_off()
        ax.set_xlim(0, WIDTH - 10)
        ax.set_ylim(len(frame) * row, -top)
        for (x, line, name), colour in zip(keys, PARTS, strict=False):
            y = -top + 4 + 14 * line
            ax.add_patch(mpl.patches.Rectangle((x, y), 13, 8, facecolor=colour, edgecolor=INK, linewidth=0.5))
            ax.text(x + 18, y + 4.5, name, size=_LABEL, va="center")
        for n, (name, values) in enumerate(counts.iterrows()):
            y, at, whole = n * row, left, float(values.sum())
            ax.text(0, y + row / 2, str(name), size=9.5, va="center", color=INK)
            for value, colour in zip(values, PARTS, strict=False):
                long = room * value / whole
                ax.add_patch(
                    mpl.patches.Rectangle((at, y + 3), long, row - 6, facecolor=colour, edgecolor=INK, linewidth=0.5)
                )
                text = f"{num(100 * value / whole)}\u00a0%"
                if long > _text_width(text, _LABEL, "normal") + 5:
                    ax.text(at + long / 2, y + row / 2, text, size=_LABEL, ha="center", va="center", color=_on(colour))
                at += long
            ax.text(WIDTH - 10, y + row / 2, num(whole), size=_LABEL, weight="bold", ha="right", va="center")
    told = [
        f"{name}: {', '.join(f'{part} {num(v)}' for part, v in values.items())}, of {num(values.sum())}"
        for name, values in counts.iterrows()
    ]
    alt = f"Bars cut into shares, in {unit}. {'; '.join(told)}."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def argument(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    signs: Mapping[str, str],
    ends: Mapping[int, str],
    sources: Sequence[str],
    notes: str = "",
) -> Figure:
    """Claims and what rests on them, from grounds on the left to conclusions on the right.

    Each claim is a box with its number and the sign of its verdict, in the verdict's colour; the
    conclusions are written out. Layers follow the longest way to a conclusion (networkx).

    Parameters
    ----------
    frame
        Columns ``from``, ``to`` (numbers), ``relation``, ``from_verdict``, ``to_verdict``.
    signs
        Verdict -> sign; every verdict of the frame has one, and a colour in `VERDICTS`.
    ends
        Conclusion -> its words: exactly the claims that nothing rests on.

    Raises
    ------
    ValueError
        If the frame is empty, a link stands twice, the argument goes in a circle, a claim has two
        verdicts or one without sign or colour, or `ends` are not the conclusions.
    """
    import networkx as nx  # a third of a second that no other chart needs

    needed = ["from", "to", "relation", "from_verdict", "to_verdict"]
    if frame.empty or list(frame.columns) != needed or frame.duplicated(["from", "to"]).any():
        raise ValueError(f"figure {id!r}: needs links, each once, with the columns {', '.join(needed)}")
    graph = nx.DiGraph(list(frame[["from", "to"]].itertuples(index=False, name=None)))
    if not nx.is_directed_acyclic_graph(graph):
        raise ValueError(f"figure {id!r}: the argument goes in a circle")
    sides = [frame[["from", "from_verdict"]], frame[["to", "to_verdict"]]]
    verdicts = pd.concat([side.set_axis(["claim", "verdict"], axis=1) for side in sides]).drop_duplicates()
    if verdicts["claim"].duplicated().any() or not set(verdicts["verdict"]) <= set(signs) & set(VERDICTS):
        raise ValueError(f"figure {id!r}: a claim has two verdicts, or one without sign or colour")
    verdict = verdicts.set_index("claim")["verdict"].to_dict()
    if set(ends) != {n for n in graph if not graph.out_degree(n)}:
        raise ValueError(f"figure {id!r}: the conclusions are not those of the links")
    far = {n: 0 for n in ends}
    for n in reversed(list(nx.topological_sort(graph))):
        far[n] = max((far[m] + 1 for m in graph.successors(n)), default=0)
    pitch, room, step = 41.0, 142.0, 13.6  # points: between layers, for the words, between rows
    right = WIDTH - 10 - room
    words = {n: _lines_of(text, room - 6, _TINY) for n, text in ends.items()}
    place, y = _argument_rows(graph, far, {n: len(lines_) * 9.4 / step for n, lines_ in words.items()}, step)
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank((y + 36) / 72)
        ax = canvas.add_subplot()
        ax.set_axis_off()
        ax.set_xlim(0, WIDTH - 10)
        ax.set_ylim(y + 30, -8)
        at = {n: (right - 15 - far[n] * pitch, place[n]) for n in graph}
        joins = [((at[a][0] + 14, at[a][1]), (at[b][0] - 18, at[b][1])) for a, b in graph.edges]
        way = mpl.path.Path.make_compound_path(*map(mpl.path.Path, joins))
        ax.add_patch(mpl.patches.PathPatch(way, facecolor="none", edgecolor=SOFT, linewidth=0.8, zorder=0.5))
        reached = sorted({b for _, b in graph.edges})
        ax.plot([at[n][0] - 17 for n in reached], [at[n][1] for n in reached], ">", color=SOFT, markersize=4.2, linestyle="none",
                markeredgewidth=0, zorder=2)  # fmt: skip
        marks = _Cells(8.4)
        used = [w for w in VERDICTS if w in verdict.values()]
        for word in used:
            here = [xy for n, xy in at.items() if verdict[n] == word]
            frames = [mpl.path.Path([(x - 14, r - 5.6), (x + 14, r - 5.6), (x + 14, r + 5.6), (x - 14, r + 5.6), (x - 14, r - 5.6)],
                                    closed=True) for x, r in here]  # fmt: skip
            ax.add_patch(mpl.patches.PathPatch(mpl.path.Path.make_compound_path(*frames), facecolor=GROUND,
                         edgecolor=VERDICTS[word], linewidth=1.4))  # fmt: skip
            for x, r in here:
                marks.add(x + 6, r - 2, 4, 4, signs[word], GROUND, VERDICTS[word], bold=True)
        for n, (x, r) in at.items():
            ax.text(x - 4.5, r, str(n), size=_TINY, ha="center", va="center_baseline", color=INK, zorder=3)
        marks.draw(ax, width=0)
        for n, lines_ in words.items():
            for k, line in enumerate(lines_):
                ax.text(
                    right + 4, at[n][1] + 9.2 * (k - (len(lines_) - 1) / 2), line, size=_TINY, va="center", color=INK
                )
        x, row = 0.0, y + 13
        for word in used:
            label = f"{signs[word]} {word}"
            long = _text_width(label, _TINY, "normal") + 12
            if x + long > WIDTH - 10:
                x, row = 0.0, row + 12
            ax.text(x, row, label, size=_TINY, va="center", color=VERDICTS[word])
            x += long
    told = []
    for n, words in ends.items():
        grounds = sorted(nx.ancestors(graph, n))
        told.append(f"{words} (claim {n}, {verdict[n]}) rests on " + ", ".join(f"{g} {verdict[g]}" for g in grounds))
    alt = f"Map of {len(graph)} claims and {len(frame)} links. " + ". ".join(told) + "."
    return publish(canvas, frame, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)


def _argument_rows(
    graph, far: Mapping[int, int], tall: Mapping[int, float], step: float
) -> tuple[dict[int, float], float]:
    """Height of each claim: parts of the argument under each other, a claim beside the mean of its grounds."""
    import networkx as nx

    place, y = {}, 6.0
    for part in sorted(nx.weakly_connected_components(graph), key=min):
        # Leaves take rows in the order of a walk from the conclusions; what rests on them sits in their middle.
        rows, taken = {}, {}
        for end in sorted(n for n in part if not graph.out_degree(n)):
            _walk(end, graph, far, tall, rows, taken)
        top = max([(tall.get(n, 0) - 1) / 2 - row for n, row in rows.items()] + [0.0])
        for n, row in rows.items():
            place[n] = y + (row + top) * step
        y = max(place[n] + max(0.0, tall.get(n, 0) - 1) * step / 2 for n in part) + step + 8
    return place, y - step


def _walk(n: int, graph, far: Mapping, tall: Mapping, rows: dict[int, float], taken: dict[int, list]) -> float:
    """Row of claim `n`, after those of its grounds; keeps its distance to what stands in its column (`taken`)."""
    if n in rows:
        return rows[n]
    grounds = sorted(graph.predecessors(n), key=lambda m: (-far[m], m))
    found = [_walk(m, graph, far, tall, rows, taken) for m in grounds if m not in rows] or [0.0]
    wanted = sum(found) / len(found)
    if not grounds:
        wanted = max([row for column in taken.values() for row, _ in column], default=-1.0) + 1
    column = taken.setdefault(far[n], [])
    while any(
        abs(wanted - other) < max(0.99, (tall.get(n, 0) + high) / 2 + (0.35 if high else 0)) for other, high in column
    ):
        wanted += 0.25
    column.append((wanted, tall.get(n, 0)))
    rows[n] = wanted
    return wanted


#: Most names that a network drawing keeps legible.
MOST_NODES = 30


def network(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    notes: str = "",
    weight: str = "weight",
    told: int = 12,
) -> Figure:
    """Who is tied to whom: names on a ring by side, lines as wide as the tie is heavy.

    The ring gives nobody a place of honour: order is that of `nodes`, so that the rows of one side
    should stand together.

    Parameters
    ----------
    nodes
        Index: names, each once. Column ``side``: party whose colour and marker the name takes;
        column ``key`` (optional): word for the side in the key, by default the party.
    edges
        Columns ``one``, ``other`` (names) and `weight` (above zero); each pair once.
    told
        Ties that the alternative text names, heaviest first.

    Raises
    ------
    ValueError, KeyError
        If there are fewer than three or more than `MOST_NODES` names, a name or pair repeats, a tie
        joins a name to itself or to a stranger, a weight is not above zero, or a side has no colour.
    """
    if not 3 <= len(nodes) <= MOST_NODES or nodes.index.has_duplicates:
        raise ValueError(f"figure {id!r}: a network shows 3 to {MOST_NODES} names, each once; here {len(nodes)}")
    pairs = [tuple(sorted(p)) for p in edges[["one", "other"]].itertuples(index=False, name=None)]
    for one, other in pairs:
        if one == other or not {one, other} <= set(nodes.index):
            raise ValueError(f"figure {id!r}: the tie {one!r} to {other!r} does not join two names of the network")
    if len(set(pairs)) != len(pairs):
        raise ValueError(f"figure {id!r}: a pair stands twice")
    if edges.empty or not (edges[weight] > 0).all():
        raise ValueError(f"figure {id!r}: there are ties, and each weighs more than zero")
    keys = nodes["key"] if "key" in nodes else nodes["side"]
    names = list(nodes.index)
    width, ring = WIDTH - 10, 128.0
    turn = 2 * np.pi / len(names)
    spot = {n: (ring * np.sin((i + 0.5) * turn), ring * np.cos((i + 0.5) * turn)) for i, n in enumerate(names)}
    high = ring + 12
    label_y = {}
    for half in (1, -1):
        own = [n for n in names if (spot[n][0] >= 0) == (half == 1)]
        for n, y in zip(own, spread([spot[n][1] for n in own], 13.0, -high + 4, high - 4), strict=True):
            label_y[n] = (half, y)
    most = float(edges[weight].max())
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank((2 * high + 24) / 72)
        ax = canvas.add_subplot()
        ax.axis("off")
        ax.set_xlim(-width / 2, width / 2)
        ax.set_ylim(-high, high + 20)
        for row in edges.sort_values(weight, kind="stable").itertuples():
            share = getattr(row, weight) / most
            (x0, y0), (x1, y1) = spot[row.one], spot[row.other]
            # Lines bend towards the middle, so that neighbours on the ring stay apart.
            curve = mpl.path.Path(
                [(x0, y0), (0.55 * (x0 + x1) / 2, 0.55 * (y0 + y1) / 2), (x1, y1)],
                [mpl.path.Path.MOVETO, mpl.path.Path.CURVE3, mpl.path.Path.CURVE3],
            )
            shade = np.array(mpl.colors.to_rgb(PARTS[0])) * share**0.5 + np.array(mpl.colors.to_rgb("#c3ced6")) * (
                1 - share**0.5
            )
            ax.add_patch(
                mpl.patches.PathPatch(
                    curve,
                    facecolor="none",
                    edgecolor=tuple(shade),
                    linewidth=0.5 + 6.5 * share,
                    capstyle="round",
                    zorder=1 + share,
                )
            )
        for n in names:
            colour, _, marker = party(nodes.at[n, "side"])
            x, y = spot[n]
            half, at = label_y[n]
            ax.plot([x, half * (ring + 16)], [y, at], color=RULE, linewidth=0.8, zorder=0.5)
            ax.plot(x, y, marker, markersize=8.5, color=colour, markeredgecolor=GROUND, markeredgewidth=0.8, zorder=4)
            ax.text(half * (ring + 19), at, n, size=_LABEL, ha="left" if half == 1 else "right", va="center", color=INK)
        side = dict(zip(keys, nodes["side"], strict=True))
        _key(ax, side, up=-10)
    heavy = edges.sort_values([weight, "one", "other"], ascending=[False, True, True], kind="stable")
    parts = [f"{r.one} and {r.other} {num(getattr(r, weight), 1)}" for r in heavy.head(told).itertuples()]
    by_side = "; ".join(f"{word}: {', '.join(nodes.index[keys == word])}" for word in dict.fromkeys(keys))
    alt = f"Network of {len(names)} names and {len(edges)} ties. {by_side}. Heaviest ties: {'; '.join(parts)}."
    return publish(
        canvas,
        heavy.reset_index(drop=True),
        id=id,
        title=title,
        subtitle=subtitle,
        alt=alt,
        sources=sources,
        notes=notes,
    )


#: Answers of a vote: marker, fill.
ANSWERS = {
    "for": ("o", PARTS[0]),
    "against": ("s", "#b5651d"),
    "abstained": ("D", GROUND),
    "did not vote": ("X", "#8b8b93"),
}


def tallies(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    unit: str,
    sources: Sequence[str],
    notes: str = "",
) -> Figure:
    """Votes as points, one row a vote with its own subject: rows are not joined, because subjects differ.

    Parameters
    ----------
    frame
        Index: what was voted on, each once, first at the top; a line break parts day and subject.
        Columns: answers out of `ANSWERS`, whole numbers, none negative.

    Raises
    ------
    ValueError
        If a row repeats, a column is no answer, or a count is missing, negative or broken.
    """
    if frame.empty or frame.index.has_duplicates:
        raise ValueError(f"figure {id!r}: rows are votes, each once")
    if not set(frame.columns) <= set(ANSWERS):
        raise ValueError(f"figure {id!r}: {sorted(set(frame.columns) - set(ANSWERS))[0]!r} is no answer of a vote")
    counts = frame.astype("float64")
    if counts.isna().any().any() or (counts < 0).any().any() or (counts % 1 != 0).any().any():
        raise ValueError(f"figure {id!r}: counts are whole numbers, none missing or negative")
    pitch, left = 37.0, 178.0
    room = WIDTH - 10 - left - 8
    top = float(counts.to_numpy().max()) * 1.04
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank((len(frame) * pitch + 44) / 72)
        ax = canvas.add_subplot()
        ax.axis("off")
        ax.set_xlim(0, WIDTH - 10)
        ax.set_ylim(len(frame) * pitch + 20, -22)
        x = 0.0
        for answer in frame.columns:
            marker, fill = ANSWERS[answer]
            ax.plot(
                x + 5,
                -12,
                marker,
                markersize=6.5,
                color=INK if fill == GROUND else fill,
                markerfacecolor=fill,
                markeredgewidth=1.2,
            )
            ax.text(x + 13, -12, answer, size=_LABEL, va="center")
            x += 30 + _text_width(answer, _LABEL, "normal")
        ticks = mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top)
        for tick in [t for t in ticks if t <= top]:
            at = left + room * tick / top
            ax.plot([at, at], [0, len(frame) * pitch], color=RULE, linewidth=0.6, zorder=0)
            ax.text(at, len(frame) * pitch + 8, num(tick), size=_LABEL, ha="center", va="center", color=SOFT)
        for n, (name, row) in enumerate(counts.iterrows()):
            y = n * pitch
            day_, _, subject = str(name).partition("\n")
            ax.text(0, y + 9, day_, size=_LABEL, weight="bold", va="center")
            for k, line in enumerate(_lines_of(subject, left - 12, _TINY)):
                ax.text(0, y + 18 + 8.5 * k, line, size=_TINY, va="center", color=SOFT)
            ax.plot([0, WIDTH - 10], [y, y], color=RULE, linewidth=0.6)
            places = [left + room * v / top for v in row]
            for answer, v, at, text_at in zip(
                frame.columns, row, places, spread(places, 21.0, left - 4, WIDTH - 14), strict=True
            ):
                marker, fill = ANSWERS[answer]
                ax.plot(
                    at,
                    y + 11,
                    marker,
                    markersize=7,
                    color=INK if fill == GROUND else fill,
                    markerfacecolor=fill,
                    markeredgewidth=1.2,
                    zorder=3,
                )
                ax.text(text_at, y + 24, num(v), size=_LABEL, ha="center", va="center")
    told = [
        f"{str(name).replace(chr(10), ', ')}: {', '.join(f'{num(v)} {a}' for a, v in row.items())}"
        for name, row in counts.iterrows()
    ]
    alt = f"Points, in {unit}, one row a vote; the rows are different subjects. {'; '.join(told)}."
    shown = frame.set_axis([str(i).replace("\n", ": ") for i in frame.index]).rename_axis("vote")
    return publish(canvas, shown, id=id, title=title, subtitle=subtitle, alt=alt, sources=sources, notes=notes)
