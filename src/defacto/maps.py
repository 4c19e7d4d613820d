"""Maps: cells of a grid and outlines of units, in one equal-area projection.

Drawn from the tables alone, never from a mapper's outline: H3 cells of resolution 6 clipped to
the land of the outlines. Crimea and Sevastopol lie within Ukraine. What a map says in numbers
(its published frame and its alternative text) comes from the tables of areas, not from cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Unpack

import h3
import matplotlib as mpl
import matplotlib.offsetbox
import matplotlib.patheffects
import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from defacto.charts.marks import beside
from defacto.data import load
from defacto.derive.territory.ground import project
from defacto.figures import GROUND, INK, SOFT, STYLE, WIDTH, Caption, Figure, blank, publish
from defacto.prose import num

#: Stands under every map.
BORDERS = (
    "Borders and names: internationally recognised borders of Ukraine, with Crimea and Sevastopol, and names as "
    "the United Nations romanises them; shading shows who holds ground and says nothing about whose it is. "
    "Lambert azimuthal equal-area projection. Cells of the H3 grid clipped to a coarse coast: not for navigation, "
    "nor for the position of a single village."
)
FREE = "#f6f8f8"  # land that is not shaded
#: Fills of the classes a map can show: dark to light, so that grey print keeps them apart.
FILLS: dict[str, str] = {
    "occupied": "#b5644d", "partly occupied": "#d8a595",
    "newly occupied": "#4a1204", "in part": "#8f2a10", "occupied on both days": "#c2826e", "regained": "#1a78d0",
}  # fmt: skip
_SIZE = 11.5  # points: labels, larger than in charts so that a phone still shows them
_KEY, _KEY_SIZE = 20.0, 9.5  # points: height of the key above a map, and its letters


@cache
def _outlines() -> dict[str, shapely.Geometry]:
    table = load("territory.outlines")
    return {
        iso: shapely.transform(shapely.from_wkt(wkt), project)
        for iso, wkt in zip(table["unit_iso"], table["wkt"], strict=True)
    }


@cache
def _land() -> shapely.Geometry:
    land = shapely.union_all(list(_outlines().values()))
    shapely.prepare(land)
    return land


def clipped(cells: Sequence[str]) -> np.ndarray:
    """Shapes of H3 `cells` in metres, clipped to land; a cell wholly at sea is empty.

    Raises
    ------
    ValueError
        If an id is no H3 cell.
    """
    bad = [c for c in cells if not h3.is_valid_cell(c)]
    if bad:
        raise ValueError(f"{bad[0]!r} is no H3 cell")
    shapes = shapely.polygons([project(np.array(h3.cell_to_boundary(c))[:, ::-1]) for c in cells])
    edge = ~shapely.contains_properly(_land(), shapes)
    shapes[edge] = shapely.intersection(shapes[edge], _land())
    return shapes


def _paths(shape: shapely.Geometry) -> Path | None:
    rings = [
        r for part in shapely.get_parts(shape) if part.geom_type == "Polygon" for r in (part.exterior, *part.interiors)
    ]
    return Path.make_compound_path(*(Path(np.asarray(r.coords), closed=True) for r in rings)) if rings else None


def _patch(ax, shapes, **style) -> None:
    paths = [p for p in map(_paths, shapes) if p is not None]
    ax.add_collection(PathCollection(paths, transform=ax.transData, **style), autolim=False)


def draw(
    cells: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    place: str,
    unit: str,
    window: tuple[float, float, float, float] | None = None,
    places: pd.DataFrame | None = None,
    labels: Sequence[str] = (),
    bold: Sequence[str] = (),
    rings: Mapping[str, float] | None = None,
    digits: int = 0,
    **caption: Unpack[Caption],
) -> Figure:
    """A map of `cells`, with the numbers it stands for in `frame`.

    Parameters
    ----------
    cells
        Columns ``h3`` and ``class`` (keys of `FILLS`).
    frame
        What the map says in numbers: index of names, numeric columns in `unit`; published with it.
    place
        Where it is, in words, for the alternative text.
    window
        West, south, east and north edge in degrees; all of Ukraine by default.
    places
        Points with their labels: columns ``name``, ``lat``, ``lon``.
    labels
        Units (ISO 3166-2) named on the map.
    bold
        Units with a heavy outline.
    rings
        Name of a place -> radius in km of a circle about it, drawn with that distance.
    digits
        Decimals of the numbers in the alternative text.

    Raises
    ------
    ValueError
        If a class has no fill, `frame` is empty, a place lies outside the window or a ring has no place.
    """
    strangers = set(cells["class"]) - set(FILLS)
    if strangers:
        raise ValueError(f"figure {caption['id']!r}: class {sorted(strangers)[0]!r} has no fill")
    if frame.empty:
        raise ValueError(f"figure {caption['id']!r}: a map needs its numbers")
    shown = pd.DataFrame(columns=["name", "lat", "lon"]) if places is None else places.reset_index(drop=True)
    lost = set(rings or {}) - set(shown["name"])
    if lost:
        raise ValueError(f"figure {caption['id']!r}: {sorted(lost)[0]!r} is not among the places")
    west, south, east, north = _box(window)
    points = project(shown[["lon", "lat"]].to_numpy(dtype="float64").reshape(-1, 2))
    outside = ~((points[:, 0] > west) & (points[:, 0] < east) & (points[:, 1] > south) & (points[:, 1] < north))
    if outside.any():
        raise ValueError(f"figure {caption['id']!r}: {shown['name'][int(outside.argmax())]!r} lies outside the map")
    scale = (WIDTH - 8) / (east - west)  # points per metre
    top = north + _KEY / scale
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        canvas = blank(((top - south) * scale + 4.4) / 72)  # the layout's own padding
        ax = canvas.add_subplot()
        ax.set_aspect("equal")
        ax.set_xlim(west, east)
        ax.set_ylim(south, top)
        ax.axis("off")
        outlines = _outlines()
        _patch(ax, outlines.values(), facecolor=FREE, edgecolor="none")
        shapes = clipped(cells["h3"].tolist())
        present = [name for name in FILLS if (cells["class"] == name).any()]
        for name in present:
            _patch(
                ax,
                shapes[(cells["class"] == name).to_numpy()],
                facecolor=FILLS[name],
                edgecolor=FILLS[name],
                linewidth=0.3,
            )
        _patch(ax, outlines.values(), facecolor="none", edgecolor=SOFT, linewidth=0.6)
        if bold:
            _patch(ax, [outlines[u] for u in bold], facecolor="none", edgecolor=INK, linewidth=1.5)
        _patch(ax, [_land()], facecolor="none", edgecolor=INK, linewidth=1.0)
        halo = [mpl.patheffects.withStroke(linewidth=3, foreground=GROUND)]
        names = load("territory.units").set_index("unit_iso")["name"]
        frame_box = shapely.box(west, south, east, north)
        taken = []
        for u in labels:
            inner = shapely.maximum_inscribed_circle(shapely.intersection(outlines[u], frame_box), 2000)
            at = shapely.get_point(inner, 0)
            x, y = shapely.get_x(at), shapely.get_y(at)
            taken.append(((x - west) * scale, (y - south) * scale))
            ax.text(x, y, names[u], size=_SIZE, weight="bold", color=SOFT, ha="center", va="center",
                    path_effects=halo, zorder=5)  # fmt: skip
        spots = [((x - west) * scale, (y - south) * scale) for x, y in points]
        offers = beside([*spots, *taken], [*shown["name"], *(names[u] for u in labels)])
        for (x, y), name, (dx, dy) in zip(points, shown["name"], offers, strict=False):
            ax.plot([x], [y], "o", markersize=5, color=INK, markeredgecolor=GROUND, markeredgewidth=1, zorder=6)
            ax.annotate(name, (x, y), xytext=(dx * 1.3, dy * 1.12), textcoords="offset points", size=_SIZE, color=INK,
                        ha="center", va="center", path_effects=halo, zorder=7)  # fmt: skip
        for name, km in (rings or {}).items():
            x, y = points[shown["name"].tolist().index(name)]
            ax.add_patch(
                mpl.patches.Circle(
                    (x, y), km * 1000, facecolor="none", edgecolor=INK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=4
                )
            )
            ax.annotate(f"{num(km, 1)} km", (x, y - km * 1000), xytext=(0, -9), textcoords="offset points", size=_SIZE,
                        weight="bold", ha="center", va="center", path_effects=halo, zorder=7)  # fmt: skip
        _swatches(ax, present, (west, north, east, top))
    told = [
        f"{name}: " + ", ".join(f"{c} {num(v, digits)}" for c, v in row.items() if pd.notna(v))
        for name, row in frame.iterrows()
    ]
    alt = f"Map of {place}. Shaded: {', '.join(present)}. In {unit}: {'; '.join(told)}."
    if len(shown):
        alt += f" Named: {', '.join(shown['name'])}."
    alt += "".join(f" A circle about {name} has a radius of {num(km, 1)} km." for name, km in (rings or {}).items())
    caption["notes"] = f"{caption.get('notes', '')} {BORDERS}".strip()
    return publish(canvas, frame, alt=alt, raster=True, **caption)


def _box(window: tuple[float, float, float, float] | None) -> tuple[float, float, float, float]:
    """Edges of the drawing in metres: the window's, or the land's with a margin."""
    if window is None:
        west, south, east, north = _land().bounds
        pad = 0.012 * (east - west)
        return west - pad, south - pad, east + pad, north + pad
    west, south, east, north = window
    if not (west < east and south < north):
        raise ValueError(f"window {window}: west before east, south before north")
    x = np.linspace(west, east, 9)
    edge = project(np.column_stack([np.concatenate([x, x]), np.repeat([south, north], 9)]))
    return edge[:, 0].min(), edge[:, 1].min(), edge[:, 0].max(), edge[:, 1].max()


def _swatches(ax, present: Sequence[str], box: tuple[float, float, float, float]) -> None:
    """A key in one line above the map, on ground of its own."""
    west, north, east, top = box
    ax.add_patch(
        mpl.patches.Rectangle((west, north), east - west, top - north, facecolor=GROUND, edgecolor="none", zorder=8)
    )
    row = []
    for name in [*present, "not marked"]:
        swatch = mpl.offsetbox.DrawingArea(13, 9)
        swatch.add_artist(
            mpl.patches.Rectangle((0, 0), 13, 9, facecolor=FILLS.get(name, FREE), edgecolor=INK, linewidth=0.6)
        )
        text = mpl.offsetbox.TextArea(name, textprops={"size": _KEY_SIZE, "color": INK})
        row.append(mpl.offsetbox.HPacker(children=[swatch, text], pad=0, sep=3, align="center"))
    key = mpl.offsetbox.HPacker(children=row, pad=0, sep=8, align="center")
    placed = mpl.offsetbox.AnnotationBbox(
        key, (west, north), xybox=(2, 5), boxcoords="offset points", box_alignment=(0, 0), frameon=False, pad=0,
        annotation_clip=False, zorder=9,
    )  # fmt: skip
    placed.set_in_layout(False)
    ax.add_artist(placed)
