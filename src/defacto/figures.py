"""Figures: one style, one exit.

Every chart leaves through `publish`: a picture that carries its finding as title, its
measure as subtitle and its source, together with the plotted numbers, an alternative text
made from them, and everything a page needs. The kinds of chart stand in `defacto.charts`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from typing import NotRequired, TypedDict

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextPath

from defacto import __version__
from defacto.data import data_cut
from defacto.ledger import citation

MIME = "application/vnd.defacto.figure+json"
WIDTH = 460.8  # points: 6.4 inches, the text width of the page and of A4
INK, SOFT, RULE, GROUND = "#1d2429", "#4c565d", "#c9d0d4", "#ffffff"
MAX_ROWS, MAX_CHART, MAX_MAP = 2000, 150_000, 600_000

#: Colours with a fixed meaning throughout the book. Tests hold each to 3:1 on white and
#: each pair apart for readers with protanopia and deuteranopia; lines differ in dash and
#: end marker too, so that grey print keeps them apart.
PARTIES: dict[str, tuple[str, str, str]] = {
    "United States": ("#1a78d0", "solid", "o"),
    "Russia": ("#8f2a10", "solid", "s"),
    "Ukraine": ("#b08a00", "solid", "D"),
    "Europe": ("#5a1fa0", "solid", "^"),
    "China": ("#066a58", (0, (5, 2)), "v"),
    "SpaceX": ("#0d2440", (0, (4, 1.2, 1, 1.2)), "P"),
    "Other": ("#8b8b93", (0, (1.5, 1.5)), "X"),
}
#: Series that take the colour of a party.
_SAME_AS = {
    "Soviet Union and Russia": "Russia", "Russian Federation": "Russia", "Other US": "United States",
    "European Union": "Europe", "Other countries": "Other", "Rest of the world": "Other",
}  # fmt: skip

#: Mappers are no parties: their hues stand apart from those above, and they differ in dash and marker too.
MAPPERS: dict[str, tuple[str, str, str]] = {
    "DeepState": ("#16324a", "solid", "o"),
    "DeepState, history": ("#6a93b8", "solid", "s"),
    "Project Owl": ("#a8216f", (0, (4, 1.5)), "D"),
}

#: Verdicts have a colour, a sign (in the scale) and a word; nothing needs the colour alone.
VERDICTS: dict[str, str] = {
    "supported": "#164f8f", "mostly supported": "#2f70b5", "mixed": "#84700a", "unsupported": "#ad520e",
    "wrong as written": "#9c1c1c", "altered in this copy": "#7a3fb0", "not checkable": "#5f6870",
    "not yet knowable": "#6f747c", "forecast-came-true": "#0a6b4f", "forecast-partly": "#237a60",
    "forecast-open": "#257a74", "forecast-failed": "#7d2f63",
}  # fmt: skip

#: A single-hue order from dark to light for parts of one whole: grey print keeps them apart.
PARTS = ["#16324a", "#4a7aa3", "#9db9cf", "#d7e2ea"]

STYLE = {
    "font.family": "DejaVu Sans", "font.size": 9.5, "text.color": INK, "axes.labelcolor": SOFT,
    "axes.edgecolor": SOFT, "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False,
    "axes.spines.left": False, "axes.axisbelow": True, "axes.grid": True, "axes.grid.axis": "y",
    "grid.color": RULE, "grid.linewidth": 0.7, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelsize": 9.5, "ytick.labelsize": 9.5, "ytick.major.size": 0, "xtick.major.size": 3,
    "lines.linewidth": 2.0, "lines.solid_capstyle": "round", "svg.hashsalt": "defacto", "svg.fonttype": "path",
    "figure.facecolor": GROUND, "savefig.facecolor": GROUND, "axes.unicode_minus": True,
}  # fmt: skip


def party(series: str) -> tuple[str, str, str]:
    """Colour, dash and marker of a series (a party or a mapper).

    Raises
    ------
    KeyError
        If the series belongs to no party: colours are not handed out by chance.
    """
    name = _SAME_AS.get(series, series)
    if name in MAPPERS:
        return MAPPERS[name]
    if name not in PARTIES:
        raise KeyError(f"series {series!r} has no colour of its own: add it to PARTIES or give `colours`")
    return PARTIES[name]


# --- colour arithmetic, for tests and for labels -----------------------------------------


def contrast(one: str, other: str = GROUND) -> float:
    """WCAG 2 contrast ratio of two sRGB colours (1 to 21)."""
    light = sorted((0.05 + _luminance(c) for c in (one, other)), reverse=True)
    return light[0] / light[1]


def _linear(colour: str) -> np.ndarray:
    rgb = np.array(mpl.colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    return float(_linear(colour) @ [0.2126, 0.7152, 0.0722])


#: Dichromat simulation in linear RGB, severity 1 (Machado, Oliveira and Fernandes 2009).
_DICHROMAT = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def distance(one: str, other: str, vision: str | None = None) -> float:
    """Distance of two colours in OKLab (0 to about 1), as seen with `vision` (None: typical).

    OKLab after Ottosson 2020; about 0.02 is just noticeable.
    """
    return float(np.linalg.norm(_oklab(one, vision) - _oklab(other, vision)))


def _oklab(colour: str, vision: str | None) -> np.ndarray:
    rgb = _linear(colour)
    if vision:
        rgb = np.clip(np.array(_DICHROMAT[vision]) @ rgb, 0, 1)
    lms = np.cbrt(
        np.array([[0.4122214708, 0.5363325363, 0.0514459929],
                  [0.2119034982, 0.6806995451, 0.1073969566],
                  [0.0883024619, 0.2817188376, 0.6299787005]]) @ rgb
    )  # fmt: skip
    return np.array([[0.2104542553, 0.7936177850, -0.0040720468],
                     [1.9779984951, -2.4285922050, 0.4505937099],
                     [0.0259040371, 0.7827717662, -0.8086757660]]) @ lms  # fmt: skip


# --- the one exit -----------------------------------------------------------------------


class Figure:
    """A published figure: picture, plotted numbers, and what a page needs to show them."""

    def __init__(self, picture: bytes, kind: str, frame: pd.DataFrame, meta: dict):
        self.picture, self.kind, self.frame, self.meta = picture, kind, frame, meta

    def _repr_mimebundle_(self, include=None, exclude=None):
        import base64

        picture = self.picture.decode() if self.kind == "image/svg+xml" else base64.b64encode(self.picture).decode()
        return {
            self.kind: picture,
            "text/csv": frame_csv(self.frame),
            MIME: self.meta,
            "text/plain": self.meta["alt"],
        }


def _plain(value: float) -> str:
    return f"{value:.6g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.10f}".rstrip("0").rstrip(".")


def frame_csv(frame: pd.DataFrame) -> str:
    """The plotted frame as CSV text: order kept, at most six significant digits, small numbers without exponent.

    An index stands first if it has a name or holds words, which say what each row is.
    """
    words = pd.api.types.is_string_dtype(frame.index.dtype)
    named = frame.rename_axis(frame.index.name or "row").reset_index() if frame.index.name or words else frame
    return named.to_csv(index=False, lineterminator="\n", float_format=_plain, date_format="%Y-%m-%d")


class Caption(TypedDict):
    """What every figure says of itself, whatever its kind: its name, its finding, what it measures, what it rests on.

    ``notes`` stands below the picture; the rest is as `publish` says.
    """

    id: str
    title: str
    subtitle: str
    sources: Sequence[str]
    notes: NotRequired[str]


def publish(
    canvas: Canvas,
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    alt: str,
    sources: Sequence[str],
    notes: str = "",
    raster: bool = False,
) -> Figure:
    """Put header and footer on a drawn `canvas` and bundle it with its numbers.

    Parameters
    ----------
    canvas
        Figure made by `blank`; its height grows by the header and the footer.
    frame
        What is plotted, in the order of plotting; at most 2,000 rows.
    id
        Permanent name, lower-case words joined by hyphens.
    title, subtitle
        The finding; and measure, unit, period, place.
    alt
        Text that stands for the picture, made from `frame`.
    sources
        Ids of sources, shown under the picture and linked on the page.
    raster
        PNG instead of SVG, for dense maps.

    Raises
    ------
    ValueError
        On a bad id, a missing text, no source, too many rows or too large a picture.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        raise ValueError(f"figure {id!r}: an id is lower-case words joined by hyphens")
    for what, text in {"title": title, "subtitle": subtitle, "alternative text": alt}.items():
        if not text.strip():
            raise ValueError(f"figure {id!r}: the {what} is empty")
    if not sources:
        raise ValueError(f"figure {id!r}: names no source")
    if len(frame) > MAX_ROWS:
        raise ValueError(f"figure {id!r}: {len(frame)} plotted rows, at most {MAX_ROWS}; thin them for drawing")
    with mpl.rc_context(STYLE):
        top, bottom = _frame_text(canvas, title, subtitle, "Source: " + source_line(sources))
        picture, kind = _saved(canvas, raster)
    limit = MAX_MAP if raster else MAX_CHART
    if len(picture) > limit:
        raise ValueError(f"figure {id!r}: the picture has {len(picture):,} bytes, at most {limit:,}")
    height = canvas.get_figheight() * 72
    meta = {
        "id": id, "title": title, "subtitle": subtitle, "alt": alt, "notes": notes, "sources": list(sources),
        "width": WIDTH, "height": round(height, 2), "crop_top": round(top, 2), "crop_bottom": round(bottom, 2),
    }  # fmt: skip
    return Figure(picture, kind, frame, meta)


def stamp() -> str:
    """What every picture says of its origin: version and data cut, both read, so that a release needs no hand."""
    return f"De Jure, De Facto {__version__}, data to {data_cut()}"


def source_line(sources: Sequence[str], most: int = 6) -> str:
    """Citations for the foot of a picture; beyond `most` it counts the rest, which the page names."""
    cited = list(dict.fromkeys(map(citation, sources)))
    if len(cited) <= most:
        return "; ".join(cited)
    return f"{'; '.join(cited[: most - 1])}; and {len(cited) - most + 1} more, named with the figure"


def blank(height: float) -> Canvas:
    """An empty canvas of full width and `height` inches for the chart itself."""
    return Canvas(figsize=(WIDTH / 72, height), layout="constrained")


def _frame_text(canvas: Canvas, title: str, subtitle: str, source: str) -> tuple[float, float]:
    """Write header and footer around the chart; returns their heights in points."""
    margin = 6
    head = [(line, 12.5, "bold", INK) for line in wrapped(title, 12.5, "bold")]
    head += [(line, 9.5, "normal", SOFT) for line in wrapped(subtitle, 9.5)]
    foot = [(line, 7.5, "normal", SOFT) for line in wrapped(f"{source}. {stamp()}.", 7.5)]
    top = margin + sum(size * 1.32 for _, size, *_ in head) + 8
    bottom = margin + sum(size * 1.35 for _, size, *_ in foot) + 4
    body = canvas.get_figheight() * 72
    whole = body + top + bottom
    canvas.set_size_inches(WIDTH / 72, whole / 72)
    y = whole - margin
    for text, size, weight, colour in head:
        y -= size * 1.32
        canvas.text(0.006, (y + size * 0.3) / whole, text, size=size, weight=weight, color=colour, in_layout=False)
    y = bottom - 4
    for text, size, weight, colour in foot:
        y -= size * 1.35
        canvas.text(0.006, (y + size * 0.3) / whole, text, size=size, weight=weight, color=colour, in_layout=False)
    engine = canvas.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0.004, bottom / whole, 0.992, body / whole), w_pad=0.03, h_pad=0.03)
    return top, bottom


@cache
def text_width(text: str, size: float, weight: str) -> float:
    """Width of one line of `text` set in `size` points, in points."""
    # The rightmost vertex: exact extents of the curves take twenty times as long.
    path = TextPath((0, 0), text, size=size, prop=FontProperties(family="DejaVu Sans", weight=weight))
    return float(path.vertices[:, 0].max(initial=0.0))


def wrapped(text: str, size: float, weight: str = "normal", width: float = WIDTH - 8) -> list[str]:
    """`text` broken into lines that fit `width` points at `size`, measured with the font itself."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size, weight) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def _saved(canvas: Canvas, raster: bool) -> tuple[bytes, str]:
    out = io.BytesIO()
    if raster:
        from PIL import Image

        canvas.savefig(out, format="png", dpi=200, metadata={"Software": None})
        # Maps have few colours: a palette makes them a third as large.
        small = io.BytesIO()
        Image.open(out).convert("RGB").quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            small, "PNG", optimize=True
        )
        return small.getvalue(), "image/png"
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = slim(out.getvalue())
    return (rounded(text) if len(text) > MAX_CHART // 2 else text), "image/svg+xml"


def slim(svg: bytes) -> bytes:
    """The same picture in fewer bytes: no indentation, no comments, short names of glyphs, an element on one line.

    The string that stands as a comment before its outlines becomes the label of their group.
    """

    def label(run: re.Match) -> bytes:
        return b'<g aria-label="' + run[1].replace(b'"', b"&quot;") + b'"'

    svg = re.sub(rb"<!-- ([^\n]*?) -->\s*<g(?= (?:style|transform)=)", label, svg)
    svg = re.sub(rb"[ \t]*\n[ \t]*", b"\n", re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL))
    # A glyph is moved along its line only: to a hundredth of a hundredth of the type's size is enough.
    svg = re.sub(rb"transform=\"translate\(([\d.]+)(?: 0)?\)\"/>", lambda m: b'x="%g"/>' % round(float(m[1]), 2), svg)
    svg = re.sub(rb"(id=\"|href=\"#)DejaVuSans(?:-([A-Za-z]+))?-", lambda m: m[1] + (m[2] or b"g"), svg)
    return re.sub(rb"\n+(<use )", rb"\1", re.sub(rb"\n(?!<)", b" ", re.sub(rb"\n{2,}", b"\n", svg.strip())) + b"\n")


def rounded(svg: bytes) -> bytes:
    """A large picture with coordinates to a hundredth of a point (scales stay exact) and shorter styles."""
    svg = re.sub(rb"style=\"fill: (#[0-9a-f]{6})\"/>", rb'fill="\1"/>', svg)
    # Names of clipping paths hang on the last digit of a layout, which differs from run to run: count them.
    clips = {name: b"c%d" % n for n, name in enumerate(dict.fromkeys(re.findall(rb"url\(#(p[0-9a-f]{10})\)", svg)))}
    svg = re.sub(rb"(?<=[#\"])p[0-9a-f]{10}(?=[)\"])", lambda m: clips.get(m[0], m[0]), svg)
    return re.sub(rb"scale\([^)]*\)|(\d+\.\d\d)\d+", lambda m: m[1] or m[0], svg)


# --- placing labels ----------------------------------------------------------------------


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions nearest to `wanted` that keep `gap` apart within [low, high] (any order).

    Raises
    ------
    ValueError
        If the labels cannot fit.
    """
    if gap * (len(wanted) - 1) > high - low + 1e-9:
        raise ValueError(f"{len(wanted)} labels do not fit into {high - low:.0f} points")
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    # Groups of touching labels; each group sits at the mean of what its members want.
    groups: list[list] = []
    for i in order:
        groups.append([[i], wanted[i]])
        while True:
            groups[-1][1] = min(max(groups[-1][1], low + gap * (len(groups[-1][0]) - 1) / 2),
                                high - gap * (len(groups[-1][0]) - 1) / 2)  # fmt: skip
            if len(groups) < 2:
                break
            (a, ya), (b, yb) = groups[-2], groups[-1]
            if yb - ya >= gap * (len(a) + len(b)) / 2:
                break
            members = a + b
            centre = sum(wanted[j] - gap * (n - (len(members) - 1) / 2) for n, j in enumerate(members)) / len(members)
            groups[-2:] = [[members, centre]]
    placed = [0.0] * len(wanted)
    for members, centre in groups:
        for n, i in enumerate(members):
            placed[i] = centre + gap * (n - (len(members) - 1) / 2)
    return placed
