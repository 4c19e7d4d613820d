"""Builds the book from stored outputs: HTML, then one page for print, then the PDF."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from defacto.data import DataError, root
from defacto.press import policy
from defacto.press.execute import isolated


class BuildFailed(RuntimeError):
    """A builder printed a warning or an error; the message holds what it said."""


def commit_time() -> str:
    """SOURCE_DATE_EPOCH: as given, or the time of the last commit, or zero outside a repository."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return os.environ["SOURCE_DATE_EPOCH"]
    found = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root(), capture_output=True, text=True)
    return found.stdout.strip() or "0"


def run_builder(builder: str, target: Path, source: Path | None = None) -> Path:
    """Run Jupyter Book's `builder` (html, singlehtml) on `source` (this project) into `target`; returns the folder of pages.

    Raises
    ------
    BuildFailed
        On any warning (``-W -n``).
    """
    shutil.rmtree(target, ignore_errors=True)
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(source or root()), "--builder", builder,
               "--path-output", str(target), "-W", "-n", "--keep-going", "-q"]  # fmt: skip
    env = os.environ | {"SOURCE_DATE_EPOCH": commit_time(), "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
    done = subprocess.run(isolated(command)[0], env=env, capture_output=True, text=True)
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    if done.returncode or "WARNING" in output:
        raise BuildFailed(f"{builder}:\n{output.strip()}")
    return target / "_build" / builder


def build_html(target: Path) -> Path:
    """The site under `target`/html."""
    pages = run_builder("html", target / ".html")
    shutil.rmtree(target / "html", ignore_errors=True)
    shutil.move(pages, target / "html")
    shutil.rmtree(target / ".html")
    (target / "html" / "index.html").write_text(_FRONT_DOOR, "utf-8")
    policy.apply(target / "html")
    return target / "html"


#: The builder's own start page has no title, language or icon (browsers then ask for one that is not there).
_FRONT_DOOR = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>De Jure, De Facto</title>
<link rel="icon" href="_static/favicon.svg"><meta http-equiv="refresh" content="0; url=book/index.html"></head>
<body><p><a href="book/index.html">De Jure, De Facto</a></p></body></html>
"""


def build_pdf(target: Path) -> Path:
    """The PDF under `target`/pdf."""
    from defacto.press.pdf import write_pdf

    os.environ["SOURCE_DATE_EPOCH"] = commit_time()
    pages = run_builder("singlehtml", target / ".single")
    (target / "pdf").mkdir(parents=True, exist_ok=True)
    pdf = target / "pdf" / "de-jure-de-facto.pdf"
    part = pdf.with_suffix(".part")
    # The first page in the table of contents carries the whole book.
    page = next(p for p in (pages / "book" / "index.html", pages / "index.html") if p.is_file())
    write_pdf(page, part, root() / "book" / "_static" / "print.css")
    part.replace(pdf)
    shutil.rmtree(target / ".single")
    return pdf


def main(argv: list[str] | None = None) -> int:
    """Build the formats named, into ``_build`` or another folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("formats", nargs="*", help="html, pdf; both by default")
    parser.add_argument("--target", type=Path, default=root() / "_build")
    options = parser.parse_args(argv)
    target = options.target.resolve()
    for name in options.formats or ["html", "pdf"]:
        start = time.monotonic()
        try:
            made = {"html": build_html, "pdf": build_pdf}[name](target)
        except (BuildFailed, DataError, ValueError) as err:
            print(f"error: {err}", file=sys.stderr)
            return 1
        size = sum(f.stat().st_size for f in made.rglob("*")) if made.is_dir() else made.stat().st_size
        shown = made.relative_to(root()) if made.is_relative_to(root()) else made
        print(f"  {name}: {shown} ({size / 1e6:.1f} MB, {time.monotonic() - start:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
