"""Charts of what depends on what: flows, arguments, networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import matplotlib as mpl
import networkx as nx
import numpy as np
import pandas as pd

from defacto.charts.marks import LABEL, TINY, Cells, key_row, lines_of
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
    spread,
    text_width,
)
from defacto.prose import num

#: Kinds of step in a flow: word at the head of the box, outline, width of the outline, ground.
STEPS: dict[str, tuple[str, object, float, str]] = {
    "act": ("decides", "solid", 0.9, GROUND), "vote": ("votes", "solid", 2.4, GROUND),
    "wait": ("waits", (0, (4, 2)), 1.2, GROUND), "condition": ("must hold", (0, (1, 1.5)), 1.2, GROUND),
    "end": ("result", "solid", 0.9, PARTS[3]),
}  # fmt: skip


def flow(
    frame: pd.DataFrame,
    **caption: Unpack[Caption],
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
        raise ValueError(f"figure {caption['id']!r}: needs rows and the columns {', '.join(needed)}")
    for column in needed:
        if frame[column].fillna("").str.strip().eq("").any():
            raise ValueError(f"figure {caption['id']!r}: column {column!r} has an empty cell")
    if unknown := set(frame["kind"]) - set(STEPS):
        raise ValueError(f"figure {caption['id']!r}: {sorted(unknown)[0]!r} is not one of {', '.join(STEPS)}")
    routes = list(dict.fromkeys(frame["route"]))
    if frame["route"].ne(frame["route"].shift()).sum() != len(routes):
        raise ValueError(f"figure {caption['id']!r}: the steps of a route do not stand together")
    for route in routes:
        ends = frame.loc[frame["route"] == route, "kind"].eq("end").tolist()
        if ends != [False] * (len(ends) - 1) + [True]:
            raise ValueError(f"figure {caption['id']!r}: route {route!r} does not end with its one end")
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
                head = lines_of(step["actor"], box - 12, LABEL, "bold")
                text = lines_of(step["action"], box - 12)
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
                    x + 6, at + 10 + 11.2 * n, words, size=LABEL, weight=weight, color=colour, style=style, va="center"
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
    return publish(canvas, frame, alt=alt, **caption)


def argument(
    frame: pd.DataFrame,
    *,
    signs: Mapping[str, str],
    ends: Mapping[int, str],
    **caption: Unpack[Caption],
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

    needed = ["from", "to", "relation", "from_verdict", "to_verdict"]
    if frame.empty or list(frame.columns) != needed or frame.duplicated(["from", "to"]).any():
        raise ValueError(f"figure {caption['id']!r}: needs links, each once, with the columns {', '.join(needed)}")
    graph = nx.DiGraph(list(frame[["from", "to"]].itertuples(index=False, name=None)))
    if not nx.is_directed_acyclic_graph(graph):
        raise ValueError(f"figure {caption['id']!r}: the argument goes in a circle")
    sides = [frame[["from", "from_verdict"]], frame[["to", "to_verdict"]]]
    verdicts = pd.concat([side.set_axis(["claim", "verdict"], axis=1) for side in sides]).drop_duplicates()
    if verdicts["claim"].duplicated().any() or not set(verdicts["verdict"]) <= set(signs) & set(VERDICTS):
        raise ValueError(f"figure {caption['id']!r}: a claim has two verdicts, or one without sign or colour")
    verdict = verdicts.set_index("claim")["verdict"].to_dict()
    if set(ends) != {n for n in graph if not graph.out_degree(n)}:
        raise ValueError(f"figure {caption['id']!r}: the conclusions are not those of the links")
    far = {n: 0 for n in ends}
    for n in reversed(list(nx.topological_sort(graph))):
        far[n] = max((far[m] + 1 for m in graph.successors(n)), default=0)
    pitch, room, step = 41.0, 142.0, 13.6  # points: between layers, for the words, between rows
    right = WIDTH - 10 - room
    words = {n: lines_of(text, room - 6, TINY) for n, text in ends.items()}
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
        marks = Cells(8.4)
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
            ax.text(x - 4.5, r, str(n), size=TINY, ha="center", va="center_baseline", color=INK, zorder=3)
        marks.draw(ax, width=0)
        for n, lines_ in words.items():
            for k, line in enumerate(lines_):
                ax.text(
                    right + 4, at[n][1] + 9.2 * (k - (len(lines_) - 1) / 2), line, size=TINY, va="center", color=INK
                )
        x, row = 0.0, y + 13
        for word in used:
            label = f"{signs[word]} {word}"
            long = text_width(label, TINY, "normal") + 12
            if x + long > WIDTH - 10:
                x, row = 0.0, row + 12
            ax.text(x, row, label, size=TINY, va="center", color=VERDICTS[word])
            x += long
    told = []
    for n, words in ends.items():
        grounds = sorted(nx.ancestors(graph, n))
        told.append(f"{words} (claim {n}, {verdict[n]}) rests on " + ", ".join(f"{g} {verdict[g]}" for g in grounds))
    alt = f"Map of {len(graph)} claims and {len(frame)} links. " + ". ".join(told) + "."
    heads = {
        "from": "Claim",
        "to": "Leads to claim",
        "relation": "How",
        "from_verdict": "Verdict on the first",
        "to_verdict": "Verdict on the second",
    }
    return publish(canvas, frame.rename(columns=heads), alt=alt, **caption)


def _argument_rows(
    graph, far: Mapping[int, int], tall: Mapping[int, float], step: float
) -> tuple[dict[int, float], float]:
    """Height of each claim: parts of the argument under each other, a claim beside the mean of its grounds."""

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
    weight: str = "weight",
    told: int = 12,
    **caption: Unpack[Caption],
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
        raise ValueError(
            f"figure {caption['id']!r}: a network shows 3 to {MOST_NODES} names, each once; here {len(nodes)}"
        )
    pairs = [tuple(sorted(p)) for p in edges[["one", "other"]].itertuples(index=False, name=None)]
    for one, other in pairs:
        if one == other or not {one, other} <= set(nodes.index):
            raise ValueError(
                f"figure {caption['id']!r}: the tie {one!r} to {other!r} does not join two names of the network"
            )
    if len(set(pairs)) != len(pairs):
        raise ValueError(f"figure {caption['id']!r}: a pair stands twice")
    if edges.empty or not (edges[weight] > 0).all():
        raise ValueError(f"figure {caption['id']!r}: there are ties, and each weighs more than zero")
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
            ax.text(half * (ring + 19), at, n, size=LABEL, ha="left" if half == 1 else "right", va="center", color=INK)
        side = dict(zip(keys, nodes["side"], strict=True))
        key_row(ax, side, up=-10)
    heavy = edges.sort_values([weight, "one", "other"], ascending=[False, True, True], kind="stable")
    parts = [f"{r.one} and {r.other} {num(getattr(r, weight), 1)}" for r in heavy.head(told).itertuples()]
    by_side = "; ".join(f"{word}: {', '.join(nodes.index[keys == word])}" for word in dict.fromkeys(keys))
    alt = f"Network of {len(names)} names and {len(edges)} ties. {by_side}. Heaviest ties: {'; '.join(parts)}."
    return publish(canvas, heavy.reset_index(drop=True), alt=alt, **caption)
