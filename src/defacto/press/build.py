"""Builds the book from stored outputs: one page for PDF and EPUB, then the site that offers them."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from defacto.data import DataError, root
from defacto.press import policy
from defacto.press.execute import isolated

FORMATS = ["html", "pdf", "epub"]


class BuildFailed(RuntimeError):
    """A builder printed a warning or an error; the message holds what it said."""


def commit_time() -> str:
    """SOURCE_DATE_EPOCH: as given, or the time of the last commit, or zero outside a repository or without git."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return os.environ["SOURCE_DATE_EPOCH"]
    try:
        found = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root(), capture_output=True, text=True)
    except FileNotFoundError:
        return "0"
    return found.stdout.strip() or "0"


def run_builder(builder: str, target: Path, source: Path | None = None, **settings: str) -> Path:
    """Run Jupyter Book's `builder` (html, singlehtml) on `source` (this project) into `target`; returns the folder of pages.

    `settings` are added to the environment of the builder.

    Raises
    ------
    BuildFailed
        On any warning (``-W -n``).
    """
    shutil.rmtree(target, ignore_errors=True)
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(source or root()), "--builder", builder,
               "--path-output", str(target), "-W", "-n", "--keep-going", "-q"]  # fmt: skip
    env = os.environ | {"SOURCE_DATE_EPOCH": commit_time(), "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
    env |= {"DEFACTO_EDITIONS": ""} | settings
    done = subprocess.run(isolated(command)[0], env=env, capture_output=True, text=True)
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    if done.returncode or "WARNING" in output:
        raise BuildFailed(f"{builder}:\n{output.strip()}")
    return target / "_build" / builder


def finish_html(pages: Path, target: Path, editions: dict[str, Path]) -> Path:
    """Put the `pages` of the builder in place as the site under `target`/html, with the `editions` (format -> file)."""
    for path in editions.values():
        shutil.copyfile(path, pages / "downloads" / path.name)
    shutil.rmtree(target / "html", ignore_errors=True)
    shutil.move(pages, target / "html")
    shutil.rmtree(target / ".html")
    (target / "html" / ".buildinfo").unlink()  # what the builder tells its next run; readers have no use for it
    (target / "html" / "index.html").write_text(_FRONT_DOOR, "utf-8")
    policy.apply(target / "html")
    return target / "html"


#: The builder's own start page has no title, language or icon (browsers then ask for one that is not there).
_FRONT_DOOR = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>De Jure, De Facto</title>
<link rel="icon" href="_static/favicon.svg"><meta http-equiv="refresh" content="0; url=book/index.html"></head>
<body><p><a href="book/index.html">De Jure, De Facto</a></p></body></html>
"""


def build_editions(target: Path, formats: list[str]) -> dict[str, Path]:
    """PDF and EPUB (those in `formats`) under `target`/pdf and `target`/epub, from one run of the builder."""
    from defacto.press.epub import write_epub
    from defacto.press.pdf import write_pdf

    os.environ["SOURCE_DATE_EPOCH"] = commit_time()
    pages = run_builder("singlehtml", target / ".single")
    # The first page in the table of contents carries the whole book.
    page = next(p for p in (pages / "book" / "index.html", pages / "index.html") if p.is_file())
    # Each in a process of its own, fresh: threads stand beside this one.
    writers = {"pdf": (write_pdf, "print.css"), "epub": (write_epub, "epub.css")}
    made = {name: target / name / f"de-jure-de-facto.{name}" for name in writers if name in formats}
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = []
        for name, path in made.items():
            write, style = writers[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            running.append(pool.submit(write, page, path.with_suffix(".part"), root() / "book" / "_static" / style))
        for path, one in zip(made.values(), running, strict=True):
            one.result()
            path.with_suffix(".part").replace(path)
    shutil.rmtree(target / ".single")
    return made


def build(target: Path, formats: list[str]) -> Iterator[tuple[str, Path]]:
    """Make the `formats` under `target`; the site is built beside the single page, and offers the editions made with it.

    Yields format and place as each is done. Raises as `run_builder` does, and on what an edition cannot hold.
    """
    wanted = [f for f in formats if f != "html"]
    with ThreadPoolExecutor(1) as beside:
        if "html" in formats:
            pages = beside.submit(run_builder, "html", target / ".html", DEFACTO_EDITIONS=",".join(wanted))
        editions = build_editions(target, wanted) if wanted else {}
        yield from editions.items()
        if "html" in formats:
            yield "html", finish_html(pages.result(), target, editions)


def main(argv: list[str] | None = None) -> int:
    """Build the formats named, into ``_build`` or another folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("formats", nargs="*", help="html, pdf, epub; all by default")
    parser.add_argument("--target", type=Path, default=root() / "_build")
    options = parser.parse_args(argv)
    if unknown := [f for f in options.formats if f not in FORMATS]:
        parser.error(f"no format {unknown[0]!r}: choose from {', '.join(FORMATS)}")
    target, formats = options.target.resolve(), options.formats or FORMATS
    start = time.monotonic()
    try:
        for name, made in build(target, formats):
            size = sum(f.stat().st_size for f in made.rglob("*")) if made.is_dir() else made.stat().st_size
            shown = made.relative_to(root()) if made.is_relative_to(root()) else made
            print(f"  {name}: {shown} ({size / 1e6:.1f} MB, after {time.monotonic() - start:.1f} s)", flush=True)
    except (BuildFailed, DataError, ValueError) as err:
        print(f"error: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
