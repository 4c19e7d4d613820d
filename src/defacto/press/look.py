"""Pictures of the built book for people to look at: pages at three widths in both themes, and the PDF.

Writes ``_build/look/``: ``site/`` (pictures of a page at each width and theme; long pages in parts),
``pdf/`` (a picture a page) and contact sheets of both. Nothing is judged here: the tests judge,
this is for the eye.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from defacto.data import root
from defacto.press.serve import pages, serving

WIDTHS, THEMES = (360, 768, 1440), ("light", "dark")
TALLEST, PARTS = 8000, 3  # pixels and number of pictures of a page; registers go on for ever
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


def site(html: Path, out: Path, widths=WIDTHS, themes=THEMES, only: str = "") -> list[Path]:
    """Photograph every page under `html` whose path holds `only`; returns the pictures."""
    from playwright.sync_api import sync_playwright

    made = []
    with serving(html) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for theme in themes:
            for width in widths:
                # Waiting for a condition evaluates text, which the site's own policy forbids.
                context = browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True
                )
                context.add_init_script(
                    f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
                )
                tab = context.new_page()
                for page in pages(html):
                    if page == "index.html" or only not in page:  # the front door only leads on
                        continue
                    tab.goto(f"{address}/{page}", wait_until="load")
                    # Pictures load when they come near: ask for all of them, then wait.
                    tab.evaluate("for (const i of document.images) i.loading = 'eager'")
                    tab.wait_for_function("[...document.images].every(i => i.complete)")
                    height = tab.evaluate("document.documentElement.scrollHeight")
                    name = page.removesuffix(".html").replace("/", "-")
                    for part, top in enumerate(range(0, min(height, TALLEST * PARTS), TALLEST), start=1):
                        path = out / f"{name}-{width}-{theme}-{part}.png"
                        clip = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
                        tab.screenshot(path=path, full_page=True, clip=clip, animations="disabled")
                        made.append(path)
                context.close()
        browser.close()
    return made


def pdf(book: Path, out: Path, resolution: int = 70) -> list[Path]:
    """Photograph every page of the PDF; returns the pictures."""
    subprocess.run(["pdftoppm", "-r", str(resolution), "-png", str(book), str(out / "page")], check=True)
    return sorted(out.glob("page-*.png"))


def sheets(
    pictures: list[Path], out: Path, name: str, columns: int, cell: tuple[int, int], rows: int = 3
) -> list[Path]:
    """Contact sheets: the upper part of each picture in a grid with its name."""
    made, (width, height), gap, foot = [], cell, 12, 18
    font = ImageFont.load_default(12)
    for number, first in enumerate(range(0, len(pictures), columns * rows), start=1):
        some = pictures[first : first + columns * rows]
        lines = -(-len(some) // columns)
        sheet = Image.new("RGB", (columns * (width + gap) + gap, lines * (height + foot + gap) + gap), "#8b949a")
        draw = ImageDraw.Draw(sheet)
        for n, path in enumerate(some):
            with Image.open(path) as picture:
                scale = width / picture.width
                part = picture.crop((0, 0, picture.width, min(picture.height, round(height / scale)))).convert("RGB")
            part = part.resize((width, max(1, round(part.height * scale))), Image.Resampling.LANCZOS)
            x, y = gap + n % columns * (width + gap), gap + n // columns * (height + foot + gap)
            sheet.paste(part, (x, y))
            draw.text((x, y + height + 2), path.stem[-width // 6 :], fill="white", font=font)
        path = out / f"{name}-{number:02d}.png"
        sheet.save(path)
        made.append(path)
    return made


def main(argv: list[str] | None = None) -> int:
    """Photograph the built site and the PDF into ``_build/look``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", nargs="*", help="html, pdf; both by default")
    parser.add_argument("--target", type=Path, default=root() / "_build")
    parser.add_argument("--only", default="", help="pages whose path holds this")
    parser.add_argument("--width", type=int, action="append")
    parser.add_argument("--theme", action="append", choices=THEMES)
    options = parser.parse_args(argv)
    if unknown := [w for w in options.what if w not in ("html", "pdf")]:
        parser.error(f"no format {unknown[0]!r}: choose from html, pdf")
    html, book = options.target / "html", options.target / "pdf" / "de-jure-de-facto.pdf"
    for what in options.what or ["html", "pdf"]:
        start, source = time.monotonic(), {"html": html, "pdf": book}[what]
        if not source.exists():
            print(f"error: {source.name} is not built: run `make book` first", file=sys.stderr)
            return 1
        out = options.target / "look" / {"html": "site", "pdf": "pdf"}[what]
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        if what == "html":
            made = site(html, out, options.width or WIDTHS, options.theme or THEMES, options.only)
            for width in options.width or WIDTHS:
                some = [p for p in made if f"-{width}-" in p.name and p.stem.endswith("-1")]
                shape = {360: (8, (220, 480)), 768: (6, (300, 480))}.get(width, (4, (480, 480)))
                sheets(some, out.parent, f"sheet-site-{width}", *shape)
        else:
            made = pdf(book, out)
            sheets(made, out.parent, "sheet-pdf", 8, (230, 326), rows=4)
        shown = out.parent.relative_to(root()) if out.parent.is_relative_to(root()) else out.parent
        print(f"  {what}: {len(made)} pictures and sheets in {shown} ({time.monotonic() - start:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
