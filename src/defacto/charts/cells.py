"""Charts made of cells: matrices of words or codes, maps of equal tiles, tallies of votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import matplotlib as mpl
import numpy as np
import pandas as pd

from defacto.charts.marks import (
    AMOUNTS,
    LABEL,
    TINY,
    Cells,
    check_steps,
    end_words,
    headings,
    ink_on,
    lines_of,
    step_colour,
)
from defacto.figures import (
    GROUND,
    INK,
    PARTS,
    RULE,
    SOFT,
    STYLE,
    WIDTH,
    Caption,
    Figure,
    blank,
    publish,
    spread,
    text_width,
    wrapped,
)
from defacto.prose import num

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
    groups: Sequence[str] | None = None,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: a matrix has rows and one to four columns")
    if frame.index.has_duplicates:
        raise ValueError(f"figure {caption['id']!r}: a row stands twice")
    for column in frame:
        for name, word in frame[column].items():
            if word not in WORDS:
                raise ValueError(
                    f"figure {caption['id']!r}: {name!r}, {column!r}: {word!r} is not one of {', '.join(WORDS)}"
                )
    group_of = list(groups) if groups is not None else [""] * len(frame)
    if len(group_of) != len(frame) or sum(a != b for a, b in zip(group_of, ["\0", *group_of], strict=False)) != len(
        set(group_of)
    ):
        raise ValueError(f"figure {caption['id']!r}: one group for each row, the rows of a group together")
    width, cell = WIDTH - 10, 76.0 if len(frame.columns) > 2 else 92.0
    left = width - cell * len(frame.columns)
    with mpl.rc_context(STYLE):
        header = [lines_of(c, cell - 8, LABEL, "bold") for c in frame.columns]
        y = 11.0 * max(map(len, header)) + 6
        rows, heads = [], []
        for n, name in enumerate(frame.index):
            if group_of[n] and (n == 0 or group_of[n] != group_of[n - 1]):
                heads.append((group_of[n], y + 12))
                y += 17
            text = lines_of(name, left - 10)
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
                ax.text(left + cell * (c + 0.5), 9 + 11 * n, text, size=LABEL, weight="bold", ha="center", va="center")
        for text, at in heads:
            ax.text(2, at, text, size=LABEL, weight="bold", va="center")
        for (at, height, text), (_name, cells) in zip(rows, frame.iterrows(), strict=True):
            ax.plot([0, width], [at, at], color=RULE, linewidth=0.6)
            for n, words in enumerate(text):
                ax.text(2, at + height / 2 + 10.8 * (n - (len(text) - 1) / 2), words, size=LABEL, va="center")
            for c, word in enumerate(cells):
                symbol, ground, ink = WORDS[word]
                if ground != GROUND:
                    ax.add_patch(mpl.patches.Rectangle((left + cell * c + 2, at + 1.5), cell - 4, height - 3,
                                 facecolor=ground, edgecolor="none"))  # fmt: skip
                ax.text(left + cell * (c + 0.5), at + height / 2, f"{symbol} {word}", size=LABEL, color=ink,
                        ha="center", va="center")  # fmt: skip
    said = []
    for column in frame:
        counts = frame[column].value_counts()
        said.append(f"{column}: " + ", ".join(f"{w} {counts[w]}" for w in WORDS if w in counts))
    alt = f"Matrix of {len(frame)} rows. " + ". ".join(said) + ". " + "; ".join(
        f"{name}: {', '.join(cells)}" for name, cells in frame.iterrows()) + "."  # fmt: skip
    return publish(canvas, frame.rename_axis("row"), alt=alt, **caption)


def heat(
    frame: pd.DataFrame,
    *,
    ends: tuple[str, str] | None = None,
    blanks: pd.DataFrame | None = None,
    symbols: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    bands: Mapping[str, str] | None = None,
    digits: int = 1,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: a grid needs rows and columns, each once")
    if ends:
        check_steps(pd.Series(frame.to_numpy().ravel(), dtype="float64"), caption["id"])
    elif (frame < 0).any().any():
        raise ValueError(f"figure {caption['id']!r}: amounts are not negative")
    symbols = dict(symbols or {})
    reasons = blanks.where(frame.isna()) if blanks is not None else pd.DataFrame(None, frame.index, frame.columns)
    lost = set(pd.unique(reasons.where(frame.isna(), "").to_numpy().ravel())) - set(symbols) - {""}
    if lost:
        raise ValueError(
            f"figure {caption['id']!r}: an empty cell has no reason with a symbol ({sorted(map(str, lost))[0]})"
        )
    top, cell = float(np.nanmax(frame.to_numpy())), 16.2  # points: height of a row
    heads = headings(frame.index, groups)
    lines_ = len(frame) + len(heads)
    names = max(text_width(str(c), LABEL, "normal") for c in frame.columns)
    key = 15 if symbols else 0
    height = lines_ * cell + names * 0.87 + 12 + key + (16 if ends else 0)
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank(height / 72)
        ax = canvas.add_subplot()
        y, shown, cells = 0, frame.astype("object"), Cells(TINY)
        for name, row in frame.iterrows():
            if name in heads:
                ax.text(-0.5, y + 0.1, heads[name], size=LABEL, weight="bold", ha="left", va="center", color=INK,
                        zorder=4, bbox={"facecolor": GROUND, "edgecolor": "none", "pad": 1})  # fmt: skip
                y += 1
            ax.text(-0.7, y, str(name), size=LABEL, ha="right", va="center", color=INK)
            for x, (column, value) in enumerate(row.items()):
                reason = reasons.loc[name, column]
                if pd.isna(value):
                    text, colour, ink = symbols[reason], GROUND, SOFT
                    shown.loc[name, column] = reason
                elif ends:
                    text, colour = num(value, signed=value != 0), step_colour(value)
                    shown.loc[name, column] = int(value)
                    ink = ink_on(colour)
                else:
                    colour = AMOUNTS[min(int(5 * value / top), 4)] if top else AMOUNTS[0]
                    text, ink = num(value, digits), ink_on(colour)
                cells.add(x - 0.5, y - 0.5, 1, 1, text, colour, ink)
            y += 1
        cells.draw(ax)
        band = None
        for x, column in enumerate(frame.columns):
            ax.text(
                x + 0.05,
                -0.75,
                str(column),
                size=LABEL,
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
            end_words(ax, (f"− {ends[0]}", f"{ends[1]} +"), below)
            below -= 13
        if foot:
            ax.annotate(
                foot,
                (0, 0),
                xycoords="axes fraction",
                xytext=(0, below),
                textcoords="offset points",
                va="top",
                size=LABEL,
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
                one, other = (num(steps[at], signed=steps[at] != 0) for at in (low, high))
                if len(steps) == 1:
                    alt += f"{name}: 1 cell, {one} ({low}). "
                elif one == other:
                    alt += f"{name}: {len(steps)} cells, all {one}. "
                else:
                    alt += f"{name}: {len(steps)} cells, from {one} ({low}) to {other} ({high}). "
    else:
        flat, told = frame.stack(), []
        for value in (flat.min(), flat.max()):
            at = flat.index[flat == value]
            where = f"({at[0][0]}, {at[0][1]})" if len(at) == 1 else f"in {len(at)} cells"
            told.append(f"{num(value, digits)} {where}")
        alt += f"Lowest {told[0]}, highest {told[1]}."
    return publish(canvas, shown.rename_axis(frame.index.name or "row"), alt=alt.strip(), **caption)


def tiles(
    frame: pd.DataFrame,
    *,
    layout: Mapping[str, tuple[int, int]],
    states: Mapping[str, tuple[str, int | None]],
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: each panel shows a unit once, and there is at least one")
    strangers = (set(frame["unit"]) - set(layout)) | (set(frame["state"]) - set(states))
    if strangers:
        raise ValueError(f"figure {caption['id']!r}: {sorted(strangers)[0]!r} is not described")
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
        maps, key = Cells(8.5), Cells(8.0)
        for n, name in enumerate(names):
            left, top = (n % columns) * width / columns + 2, (n // columns) * (down * side + 30) + 24
            for line, text in enumerate(_two_lines(name, width / columns - 6)):
                ax.text(left, top - 15 + 10 * line, text, size=LABEL - 0.5, weight="bold", va="center")
            for row in frame[frame["panel"] == name].itertuples():
                letter, step = states[row.state]
                y, x = layout[row.unit]
                colour = GROUND if step is None else step_colour(step)
                ink = SOFT if step is None else ink_on(colour)
                maps.add(
                    left + x * (side + 5), top + y * side, side + 4, side - 1, letter, colour, ink, step is not None
                )
        left, top = (columns - 2) * width / columns + 2, (rows - 1) * (down * side + 30) + 24
        wide = (2 * width / columns - 4) / across
        ax.text(left, top - 5, "Where each tile lies", size=LABEL - 0.5, va="center", color=SOFT)
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
            size = min(7.2, 7.2 * (wide - 4) / text_width(unit, 7.2, "normal"))
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
            colour = GROUND if step is None else step_colour(step)
            x, y = (n // key_rows) * width / 2 + 2, top + (n % key_rows) * 14
            key.add(x, y - 6, 16, 12, letter, colour, SOFT if step is None else ink_on(colour))
            ax.text(x + 22, y, state, size=LABEL, va="center_baseline", color=INK)
        maps.draw(ax, edge=RULE, width=0.5)
        key.draw(ax, edge=RULE, width=0.5)
    parts = []
    for name in names:
        part = frame[frame["panel"] == name]
        said = part.groupby("state", sort=False)["unit"].agg(", ".join)
        parts.append(f"{name}: " + "; ".join(f"{units} {state}" for state, units in said.items()))
    alt = "Small maps of tiles. " + ". ".join(parts) + "."
    return publish(canvas, frame, alt=alt, **caption)


def _two_lines(text: str, width: float) -> list[str]:
    """`text` on one line, or on the two that fit `width` best (the first one may stay empty)."""
    lines_ = wrapped(text, LABEL - 0.5, "bold", width)
    return ["", *lines_] if len(lines_) == 1 else [lines_[0], " ".join(lines_[1:])]


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
    unit: str,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: rows are votes, each once")
    if not set(frame.columns) <= set(ANSWERS):
        raise ValueError(
            f"figure {caption['id']!r}: {sorted(set(frame.columns) - set(ANSWERS))[0]!r} is no answer of a vote"
        )
    counts = frame.astype("float64")
    if counts.isna().any().any() or (counts < 0).any().any() or (counts % 1 != 0).any().any():
        raise ValueError(f"figure {caption['id']!r}: counts are whole numbers, none missing or negative")
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
            ax.text(x + 13, -12, answer, size=LABEL, va="center")
            x += 30 + text_width(answer, LABEL, "normal")
        ticks = mpl.ticker.MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top)
        for tick in [t for t in ticks if t <= top]:
            at = left + room * tick / top
            ax.plot([at, at], [0, len(frame) * pitch], color=RULE, linewidth=0.6, zorder=0)
            ax.text(at, len(frame) * pitch + 8, num(tick), size=LABEL, ha="center", va="center", color=SOFT)
        for n, (name, row) in enumerate(counts.iterrows()):
            y = n * pitch
            day_, _, subject = str(name).partition("\n")
            ax.text(0, y + 9, day_, size=LABEL, weight="bold", va="center")
            for k, line in enumerate(lines_of(subject, left - 12, TINY)):
                ax.text(0, y + 18 + 8.5 * k, line, size=TINY, va="center", color=SOFT)
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
                ax.text(text_at, y + 24, num(v), size=LABEL, ha="center", va="center")
    told = [
        f"{str(name).replace(chr(10), ', ')}: {', '.join(f'{num(v)} {a}' for a, v in row.items())}"
        for name, row in counts.iterrows()
    ]
    alt = f"Points, in {unit}, one row a vote; the rows are different subjects. {'; '.join(told)}."
    shown = frame.set_axis([str(i).replace("\n", ": ") for i in frame.index]).rename_axis("vote")
    return publish(canvas, shown, alt=alt, **caption)
