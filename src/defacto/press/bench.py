"""How long the book takes, against the least it could take: measured in one run, there and then.

The floor is what no book of as many notebooks can avoid: starting a kernel and importing the
libraries, once a notebook in two workers; a builder on one empty page, once a format made by
Jupyter Book; and setting the PDF. Seconds differ from machine to machine, the ratio hardly.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd

from defacto.check import seal
from defacto.data import root
from defacto.derive.recipe import write_own
from defacto.press.build import run_builder
from defacto.press.execute import environment, notebooks
from defacto.press.pdf import write_pdf

TABLE = "bench"
WORKERS = 2


@dataclass(frozen=True)
class Measure:
    """One measured thing: wall seconds (or another unit) and the peak memory of its largest process in MB."""

    part: str
    what: str
    value: float
    unit: str = "s"
    peak_mb: float | None = None


def timed(command: list[str], env: dict[str, str] | None = None) -> tuple[float, float]:
    """Run `command`; wall seconds, and peak memory in MB of the largest process below it.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails; its output is in the error.
    """
    # A process of its own between: what it reports of its children is this command's alone.
    code = (
        "import resource, subprocess, sys, time; s = time.perf_counter();"
        "d = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True);"
        "print(d.stdout if d.returncode else '');"
        "print(time.perf_counter() - s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024); sys.exit(d.returncode)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], env=env, cwd=root(), capture_output=True, text=True)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    wall, peak = done.stdout.split()[-2:]
    return float(wall), float(peak)


def kernel_floor(runs: int = 3) -> Measure:
    """A kernel that only imports what the first chapter imports: the median of `runs`."""
    imports = next(c for c in nbformat.read(notebooks()[0], as_version=4).cells if c.cell_type == "code")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "0_floor.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(imports.source)]), path)
        code = "import sys; from pathlib import Path; from defacto.press.execute import execute; execute(Path(sys.argv[1]))"
        idle, _ = timed([sys.executable, "-c", "from defacto.press import execute"])
        found = [timed([sys.executable, "-c", code, str(path)]) for _ in range(runs)]
    # The process that drives the kernels starts once for all notebooks.
    return Measure(
        "floor",
        "a kernel and its imports",
        statistics.median(w for w, _ in found) - idle,
        peak_mb=max(p for _, p in found),
    )


def builder_floor(builder: str) -> Measure:
    """Jupyter Book on one empty page with this book's configuration."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(root() / "book" / "_static", project / "book" / "_static")
        shutil.copyfile(root() / "_config.yml", project / "_config.yml")
        (project / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
        (project / "book" / "index.md").write_text("# Empty\n", "utf-8")
        start = time.perf_counter()
        run_builder(builder, Path(folder) / "out", project)
        return Measure("floor", f"one empty page, {builder}", time.perf_counter() - start)


def book() -> list[Measure]:
    """The whole book, part by part, beside its floor, and their ratio."""
    kernel = kernel_floor()
    builders = [builder_floor(name) for name in ("html", "singlehtml")]
    count = len(notebooks())
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for path in notebooks():
            copies.append(str(shutil.copyfile(path, Path(folder) / path.name)))
        code = (
            "import sys; from pathlib import Path; from defacto.press.execute import execute_all;"
            "execute_all([Path(p) for p in sys.argv[1:]])"
        )
        wall, peak = timed([sys.executable, "-c", code, *copies], environment())
        parts = [Measure("book", f"execution of {count} notebooks", wall, peak_mb=peak)]
        wall, peak = timed([sys.executable, "-m", "defacto.press.build", "--target", folder])
        parts.append(Measure("book", "HTML, PDF and EPUB", wall, peak_mb=peak))
        start = time.perf_counter()
        pages = run_builder("singlehtml", Path(folder) / "single")
        middle = time.perf_counter()
        page = next(p for p in (pages / "book" / "index.html", pages / "index.html") if p.is_file())
        write_pdf(page, Path(folder) / "alone.pdf", root() / "book" / "_static" / "print.css")
        setting = time.perf_counter() - middle
        parts.append(Measure("part", "the single page alone", middle - start))
        start = time.perf_counter()
        run_builder("html", Path(folder) / "pages")
        parts.append(Measure("part", "the site alone", time.perf_counter() - start))
    whole = sum(p.value for p in parts if p.part == "book")
    floor = count / WORKERS * kernel.value + sum(b.value for b in builders) + setting
    return [
        kernel,
        *builders,
        Measure("floor", "setting the PDF", setting),
        Measure("floor", "together", floor),
        *(p for p in parts if p.part == "book"),
        Measure("book", "together", whole),
        Measure("book", "ratio to the floor", whole / floor, "ratio"),
        *(p for p in parts if p.part != "book"),
    ]


def tests() -> list[Measure]:
    """`make test` by part: data, notebooks as committed, and the test files, slowest first."""
    python, env = sys.executable, os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    found = []
    for what, command in (
        ("data", [python, "-m", "defacto.check"]),
        ("notebooks as committed", [python, "-m", "defacto.press.execute", "--compare"]),
    ):
        wall, peak = timed(command, env)
        found.append(Measure("test", what, wall, peak_mb=peak))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        wall, peak = timed(
            [
                python,
                "-m",
                "pytest",
                "-n",
                str(WORKERS),
                "--dist",
                "loadfile",
                "--no-loadscope-reorder",
                "-m",
                "not thorough",
                f"--junitxml={report}",
            ],
            env,
        )
        found.append(Measure("test", "all test files, two workers", wall, peak_mb=peak))
        seconds: dict[str, float] = {}
        for case in ET.parse(report).iter("testcase"):
            name = re.sub(r"^tests\.", "", case.get("classname", "")).split(".")[0]
            seconds[name] = seconds.get(name, 0) + float(case.get("time", 0))
    return found + [Measure("test", name, s) for name, s in sorted(seconds.items(), key=lambda item: -item[1])]


def derivation(raw: Path) -> list[Measure]:
    """Days of the first mapper's archive measured in a second, for several numbers of days: linear if they agree."""
    from defacto.derive.territory.__main__ import bench

    found = []
    for line in bench(raw, WORKERS).splitlines()[1:]:
        if line.startswith("peak"):
            found[-1] = Measure(
                *list(vars(found[-1]).values())[:4], peak_mb=max(map(float, re.findall(r"(\d+) MB", line)))
            )
        else:
            days, _, speed = line.split()
            found.append(Measure("derivation", f"{days} days of maps", float(speed), "days/s"))
    return found


def frame(measures: list[Measure], day: str) -> pd.DataFrame:
    """The measures as the rows of ``data/bench.csv``, numbered in their order."""
    rows = [
        [n, m.part, m.what, round(m.value, 2), m.unit, None if m.peak_mb is None else round(m.peak_mb), day]
        for n, m in enumerate(measures, start=1)
    ]
    table = pd.DataFrame(rows, columns=["n", "part", "what", "value", "unit", "peak_mb", "measured"])
    return table.astype({"peak_mb": "Int64"})


def record(measures: list[Measure], day: str) -> None:
    """Keep `measures`, taken on `day`, as ``data/bench.csv``, which then reaches that day.

    Raises as `defacto.check.seal` does: the loader refuses measures that break a rule of their table.
    """
    content = frame(measures, day).to_csv(index=False, lineterminator="\n").encode("utf-8")
    write_own(TABLE, content, day)
    seal(TABLE)


def main(argv: list[str] | None = None) -> int:
    """Measure the book against its floor; with ``--tests`` and ``--raw`` also the tests and the derivation."""
    parser = argparse.ArgumentParser(prog="python -m defacto.press.bench", description=main.__doc__)
    parser.add_argument("--tests", action="store_true", help="measure `make test` by part too")
    parser.add_argument("--raw", type=Path, help="folder of the upstream archives: measure the derivation too")
    parser.add_argument(
        "--record",
        action="store_true",
        help="keep the run as data/bench.csv, which the method page shows (`make bench RECORD=1`)",
    )
    options = parser.parse_args(argv)
    measures = book() + (tests() if options.tests else []) + (derivation(options.raw) if options.raw else [])
    for m in measures:
        peak = "" if m.peak_mb is None else f"{m.peak_mb:8.0f} MB"
        print(f"  {m.part:10}  {m.what:34}  {m.value:8.2f} {m.unit:6}{peak}")
    if options.record:
        record(measures, time.strftime("%Y-%m-%d", time.gmtime()))
        print("  recorded in data/bench.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
