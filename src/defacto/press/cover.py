"""The cover: a straight line for the law, and the line of the ground as the data have it.

The second line is the area under Russian occupation, week by week, of one independent mapper,
as the territory chapter plots it; the first is level because a border in law does not move with
an army. It carries no scale, since it argues nothing: the chart does.
"""

from __future__ import annotations

import io
from functools import cache

from defacto import __version__, territory
from defacto.data import data_cut
from defacto.press.edition import AUTHOR, SUBTITLE, TITLE

NAVY, PALE, OCHRE, PAPER = "#16324a", "#9db9cf", "#d9a400", "#ffffff"


@cache
def ground() -> list[tuple[float, float]]:
    """Points of the line of the ground, both axes from 0 to 1 (earliest to latest, least to most)."""
    area = territory.total_over_time()["DeepState"].dropna()
    area = area[area.index.day_of_week == 0]
    days = (area.index - area.index[0]).days
    low, high = float(area.min()), float(area.max())
    return [(float(d / days[-1]), (float(a) - low) / (high - low)) for d, a in zip(days, area, strict=True)]


def _path(width: float, top: float, bottom: float) -> str:
    return "M" + "L".join(f"{x * width:.1f} {bottom - y * (bottom - top):.1f}" for x, y in ground())


def hero() -> str:
    """The two lines for the head of the start page; coloured by the style sheet, silent for screen readers."""
    return (
        '<svg class="book-hero" viewBox="0 0 1000 150" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<path class="jure" d="M0 28L1000 28"/><path class="facto" d="{_path(1000, 44, 138)}"/></svg>'
    )


def svg(width: float, height: float) -> str:
    """The two lines as a picture of their own, for the cover of the printed book (light on navy)."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'
        f'<path d="M0 {height * 0.12:.1f}L{width:g} {height * 0.12:.1f}" fill="none" stroke="{PALE}" stroke-width="0.9"/>'
        f'<path d="{_path(width, height * 0.24, height * 0.96)}" fill="none" stroke="{OCHRE}" stroke-width="1.2" stroke-linejoin="round"/>'
        "</svg>"
    )


def png(width: int, height: int) -> bytes:
    """The cover as a picture of `width` by `height` pixels, upright or wide."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from defacto.figures import STYLE, wrapped

    upright = height > width
    across, up = width * 0.72, height * 0.72  # in points
    title = across * (0.125 if upright else 0.085)
    lines = [(line, title, "bold", PAPER) for line in (TITLE.replace(", ", ",\n").split("\n") if upright else [TITLE])]
    under = title * (0.36 if upright else 0.4)
    lines += [(line, under, "normal", "#d7e2ea") for line in wrapped(SUBTITLE, under, "normal", across * 0.86)]
    with mpl.rc_context(STYLE):
        canvas = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor=NAVY)
        axes = canvas.add_axes((0, 0.24 if upright else 0.07, 1, 0.32 if upright else 0.4))
        axes.set_axis_off()
        axes.plot([0, 1], [1.36, 1.36], color=PALE, linewidth=across / 240)
        axes.plot(*zip(*ground(), strict=True), color=OCHRE, linewidth=across / 190)
        axes.set(xlim=(0, 1), ylim=(-0.06, 1.42))
        y = 0.95
        for number, (line, size, weight, colour) in enumerate(lines):
            y -= size * (1.22 if weight == "bold" or lines[number - 1][2] != "bold" else 1.9) / up
            canvas.text(0.06, y, line, size=size, weight=weight, color=colour)
        if upright:
            for n, line in enumerate([AUTHOR, f"Edition {__version__}, data to {data_cut()}"]):
                canvas.text(0.06, 0.1 - n * across * 0.048 / up, line, size=across * 0.03, color="#d7e2ea")
        out = io.BytesIO()
        canvas.savefig(out, format="png", facecolor=NAVY, metadata={"Software": None})
    from PIL import Image

    small_file = io.BytesIO()
    Image.open(out).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small_file, "PNG", optimize=True)
    return small_file.getvalue()
