"""Charts that compare amounts: bars, dots, ranges, pairs, shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import matplotlib as mpl
import pandas as pd

from defacto.charts.marks import LABEL, axis_value, beside, check_steps, end_words, headings, ink_on, key_row, lines_of
from defacto.figures import (
    GROUND,
    INK,
    PARTS,
    RULE,
    SOFT,
    STYLE,
    VERDICTS,
    WIDTH,
    Caption,
    Figure,
    blank,
    party,
    publish,
    text_width,
)
from defacto.prose import num


def bars(
    frame: pd.DataFrame,
    *,
    unit: str,
    hollow: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    digits: int = 0,
    height: float | None = None,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: bars show one numeric column with at least one row")
    values = frame.iloc[:, 0]
    if values.index.has_duplicates or values.isna().any() or (values < 0).any():
        raise ValueError(f"figure {caption['id']!r}: each name stands once, with a value that is not negative")
    strangers = (set(hollow) | set(colours or {}) | set(texts or {})) - set(values.index)
    if strangers:
        raise ValueError(f"figure {caption['id']!r}: {sorted(strangers)[0]!r} is not in the frame")
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
        longest = max(text_width(text, 9.5, "bold") for text in shown.values())
        ax.set_xlim(0, max(float(values.max()), 1e-9) * (1 + (longest + 8) / 300))
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(lambda v, _: num(v, digits if values.max() < 10 else 0))
    alt = f"Bars, in {unit}. " + "; ".join(
        f"{name}: {shown[name]}{' (outline)' if name in hollow else ''}" for name in values.index
    )
    return publish(canvas, frame, alt=f"{alt}.", **caption)


#: How a bound is written before a value.
BOUNDS = {"exact": "", "about": "≈ ", "at least": "≥ ", "at most": "≤ "}


def dots(
    frame: pd.DataFrame,
    *,
    unit: str,
    groups: Mapping[str, str],
    marks: Mapping | None = None,
    digits: int = 0,
    height: float = 3.3,
    **caption: Unpack[Caption],
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
            raise ValueError(f"figure {caption['id']!r}: dots need rows with the column {column!r}")
    rows = frame.reset_index(drop=True)
    rows = rows.assign(end=rows.get("end", rows["at"]), bound=rows.get("bound", "exact"))
    rows["end"] = rows["end"].fillna(rows["at"])
    if (
        rows[["at", "value", "group"]].isna().any().any()
        or (rows["value"] < 0).any()
        or (rows["end"] < rows["at"]).any()
    ):
        raise ValueError(f"figure {caption['id']!r}: each row needs a place, a group and a value that is not negative")
    strangers = set(rows["group"]) - set(groups)
    if strangers or not set(rows["bound"]) <= set(BOUNDS):
        raise ValueError(
            f"figure {caption['id']!r}: unknown group or bound: {sorted(strangers) or sorted(set(rows['bound']) - set(BOUNDS))}"
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
                        textcoords="offset points", ha="right", va="top", size=LABEL, weight="bold")  # fmt: skip
        wide, tall = WIDTH - 14 - 6.2 * len(num(high)) - 6, height * 72 - 44
        middles = [(r.at + (r.end - r.at) / 2) for r in rows.itertuples()]
        spots = [
            (wide * ((m - low) / (last - low)), tall * r.value / high)
            for m, r in zip(middles, rows.itertuples(), strict=True)
        ]
        for text, middle, value, (dx, dy) in zip(labels, middles, rows["value"], beside(spots, labels), strict=True):
            ax.annotate(
                text,
                (middle, value),
                xytext=(dx, dy),
                textcoords="offset points",
                size=LABEL,
                ha="center",
                va="center",
                zorder=4,
                bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 0.6},
            )
        handles, names = ax.get_legend_handles_labels()
        ax.legend(handles, names, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=len(names), frameon=False, fontsize=9,
                  handlelength=1, columnspacing=1.2, handletextpad=0.4, borderaxespad=0.2)  # fmt: skip
    told = [f"{axis_value(r.at)}{f' to {axis_value(r.end)}' if r.at != r.end else ''}: {text} ({r.group})"
            for text, r in zip(labels, rows.itertuples(), strict=True)]  # fmt: skip
    alt = f"Dots, in {unit}. {'; '.join(told)}."
    return publish(canvas, frame, alt=alt, **caption)


def ranges(
    frame: pd.DataFrame,
    *,
    unit: str,
    missing: str = "not disclosed",
    digits: int = 0,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: needs rows and the columns {', '.join(needed)}")
    if pd.MultiIndex.from_arrays([frame["group"], frame.index]).has_duplicates:
        raise ValueError(f"figure {caption['id']!r}: a row stands twice in its group")
    for name, row in frame.iterrows():
        if pd.isna(row["low"]) != pd.isna(row["high"]):
            raise ValueError(f"figure {caption['id']!r}: {name!r} has only one end of its range")
        if pd.notna(row["low"]) and not 0 <= row["low"] <= row["high"]:
            raise ValueError(f"figure {caption['id']!r}: {name!r} runs from {row['low']} to {row['high']}")
        if not row["label"].strip():
            raise ValueError(f"figure {caption['id']!r}: {name!r} has no label")
    groups = list(dict.fromkeys(frame["group"]))
    if frame["group"].ne(frame["group"].shift()).sum() != len(groups):
        raise ValueError(f"figure {caption['id']!r}: the rows of a group do not stand together")
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
                            va="center", size=LABEL, style="italic", color=SOFT)  # fmt: skip
                continue
            if row["low"] < row["high"]:
                ax.plot([row["low"], row["high"]], [place] * 2, color=PARTS[1], linewidth=7, solid_capstyle="butt",
                        marker="|", markersize=10, markeredgewidth=1.4, markeredgecolor=PARTS[0], clip_on=False)  # fmt: skip
            else:
                ax.plot(
                    [row["low"]], [place], marker="o", markersize=7, color=PARTS[0], linestyle="none", clip_on=False
                )
            ax.annotate(row["label"], (row["high"], place), xytext=(8, 0), textcoords="offset points", va="center",
                        size=LABEL, annotation_clip=False)  # fmt: skip
        for group, place in heads:
            ax.annotate(group, (0, place), xycoords=("axes fraction", "data"), xytext=(-4, 0),
                        textcoords="offset points", ha="right", va="center", size=LABEL, weight="bold")  # fmt: skip
        ax.set_yticks(places, list(frame.index))
        ax.tick_params(axis="y", labelsize=LABEL, colors=INK)
        ax.set_ylim(y, 0)
        ax.margins(x=0)
        # Room for every label to the right of its bar, in an axis as wide as the names leave it.
        room = WIDTH - 24 - max(text_width(name, LABEL, "normal") for name in frame.index)
        ends = [float(r["high"]) * room / (room - 14 - text_width(r["label"], LABEL, "normal"))
                for _, r in frame.iterrows() if pd.notna(r["high"])]  # fmt: skip
        ax.set_xlim(0, max(ends))
        # Ticks end with the figures: to the right of them stand labels alone.
        ticks = mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(0, max(ends))
        ax.set_xticks([v for v in ticks if 0 <= v <= top * 1.02])
        ax.xaxis.set_major_formatter(lambda v, _: num(v, digits))
        ax.grid(True, axis="x")
        ax.grid(False, axis="y")
    said = [
        f"{name}: {missing} ({row['label']})" if pd.isna(row["low"]) else f"{name}: {row['label']}"
        for name, row in frame.iterrows()
    ]
    alt = f"Range chart of {len(frame)} rows, in {unit}. " + "; ".join(said) + "."
    return publish(canvas, frame.rename_axis("row"), alt=alt, **caption)


def dumbbell(
    frame: pd.DataFrame,
    *,
    ends: tuple[str, str],
    colours: Mapping[str, str],
    panels: Mapping[str, tuple[str, str]] | None = None,
    groups: Mapping[str, str] | None = None,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: rows stand once, and there is at least one")
    check_steps(pd.Series(frame.to_numpy().ravel(), dtype="float64"), caption["id"])
    panels = dict(panels or {"": tuple(frame.columns)})
    heads = headings(frame.index, groups)
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
            ax.tick_params(axis="y", labelsize=LABEL, labelcolor=INK)
            ax.spines["bottom"].set_visible(False)
            if panel:
                ax.set_title(panel, size=9.5, weight="bold", loc="left", pad=18)
        for name, at in places.items():
            if isinstance(name, tuple):
                axes[0].annotate(heads[name[1]], (0, at), xycoords=("axes fraction", "data"), xytext=(-6, 0),
                                 textcoords="offset points", size=LABEL, weight="bold", ha="right", va="center")  # fmt: skip
        wide = len(panels) == 1
        end_words(axes[0], (ends[0], ends[1] if wide else ""), -17)
        if not wide:
            end_words(axes[-1], ("", ends[1]), -17)
        key_row(axes[0], {c: colours[c] for c in next(iter(panels.values()))} if wide else
             {colours[c]: colours[c] for c in next(iter(panels.values()))})  # fmt: skip
    alt = f"Two marks a row from -3 ({ends[0]}) to +3 ({ends[1]}). " + "; ".join(parts) + "."
    return publish(canvas, frame, alt=alt, **caption)


def signs(
    frame: pd.DataFrame,
    *,
    unit: str,
    symbols: Mapping[str, str],
    across: int = 24,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: groups stand once, and each word has a colour and a sign")
    counts = frame.astype("float64")
    if counts.isna().any().any() or (counts < 0).any().any() or (counts % 1 != 0).any().any():
        raise ValueError(f"figure {caption['id']!r}: counts are whole numbers, none missing or negative")
    if (counts.sum(axis=1) == 0).any():
        raise ValueError(f"figure {caption['id']!r}: a group is empty")
    pitch, width = 18.4, WIDTH - 10
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        laid, y = [], 0.0
        for name, row in counts.iterrows():
            items = [word for word, n in row.items() for _ in range(int(n))]
            told = [(word, f"{int(n)} {word}") for word, n in row.items() if n]
            lines_, x = [[]], 0.0
            for word, text in told:
                wide = 15 + text_width(text, LABEL, "normal") + 12
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
                    ax.text(x + 13, below + 5 + 12.5 * k, text, size=LABEL, va="center_baseline", color=INK)
    told = [
        f"{name}: {num(row.sum())}, of which {', '.join(f'{num(n)} {word}' for word, n in row.items() if n)}"
        for name, row in counts.iterrows()
    ]
    alt = f"Signs, one for each of the {unit}. " + "; ".join(told) + "."
    return publish(canvas, frame, alt=alt, **caption)


def then_now(
    frame: pd.DataFrame,
    *,
    clocks: tuple[str, str],
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: each row stands once, with two values that are not negative")
    if (values.max(axis=1) == 0).any():
        raise ValueError(f"figure {caption['id']!r}: a row has nothing to draw")
    left, row = 188.0, 35.0
    behind = max(text_width(str(t), LABEL, "bold") for c in ("then_text", "now_text") for t in frame[c])
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
            ax.text(x + 19, -13, clock, size=LABEL, va="center")
            x += 36 + text_width(clock, LABEL, "normal")
        for n, (name, item) in enumerate(frame.iterrows()):
            y = n * row
            ax.plot([0, WIDTH - 10], [y - 1.5, y - 1.5], color=RULE, linewidth=0.6)
            words = lines_of(str(name), left - 12)
            for k, line in enumerate(words):
                ax.text(
                    0, y + row / 2 - 1.5 + 10.6 * (k - (len(words) - 1) / 2), line, size=LABEL, va="center", color=INK
                )
            for k, (clock, fill) in enumerate((("then", GROUND), ("now", PARTS[0]))):
                long = room * float(item[clock]) / float(values.loc[name].max())
                ax.add_patch(mpl.patches.Rectangle((left, y + 3 + 14 * k), max(long, 0.8), 11, facecolor=fill,
                                                   edgecolor=PARTS[0], linewidth=1.1))  # fmt: skip
                ax.text(left + long + 6, y + 8.5 + 14 * k, item[f"{clock}_text"], size=LABEL, va="center",
                        weight="bold" if clock == "now" else "normal")  # fmt: skip
    alt = f"Two bars a row, {clocks[0]} and {clocks[1]}. " + "; ".join(
        f"{name}: {item['then_text']}, {item['now_text']}" for name, item in frame.iterrows()
    )
    return publish(canvas, frame, alt=f"{alt}.", **caption)


def shares(
    frame: pd.DataFrame,
    *,
    unit: str,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: rows stand once, with at most {len(PARTS)} parts")
    if counts.isna().any().any() or (counts < 0).any().any() or (counts.sum(axis=1) == 0).any():
        raise ValueError(f"figure {caption['id']!r}: counts are not missing, not negative, and a whole is not empty")
    left = max(text_width(str(name), 9.5, "normal") for name in frame.index) + 12
    right = max(text_width(num(n), LABEL, "bold") for n in counts.sum(axis=1)) + 8
    room, row = WIDTH - 10 - left - right, 25.0
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        keys, x, line = [], 0.0, 0
        for name in frame.columns:
            wide = 30 + text_width(str(name), LABEL, "normal")
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
            ax.text(x + 18, y + 4.5, name, size=LABEL, va="center")
        for n, (name, values) in enumerate(counts.iterrows()):
            y, at, whole = n * row, left, float(values.sum())
            ax.text(0, y + row / 2, str(name), size=9.5, va="center", color=INK)
            for value, colour in zip(values, PARTS, strict=False):
                long = room * value / whole
                ax.add_patch(
                    mpl.patches.Rectangle((at, y + 3), long, row - 6, facecolor=colour, edgecolor=INK, linewidth=0.5)
                )
                text = f"{num(100 * value / whole)}\u00a0%"
                if long > text_width(text, LABEL, "normal") + 5:
                    ax.text(
                        at + long / 2, y + row / 2, text, size=LABEL, ha="center", va="center", color=ink_on(colour)
                    )
                at += long
            ax.text(WIDTH - 10, y + row / 2, num(whole), size=LABEL, weight="bold", ha="right", va="center")
    told = [
        f"{name}: {', '.join(f'{part} {num(v)}' for part, v in values.items())}, of {num(values.sum())}"
        for name, values in counts.iterrows()
    ]
    alt = f"Bars cut into shares, in {unit}. {'; '.join(told)}."
    return publish(canvas, frame, alt=alt, **caption)
