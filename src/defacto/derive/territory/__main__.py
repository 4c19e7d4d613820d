"""Command line: ``python -m defacto.derive.territory RAW_FOLDER``."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

from defacto.data import DataError
from defacto.derive.archive import DerivationError
from defacto.derive.replace import Busy
from defacto.derive.territory import Sources, derive, ground, survey

BENCH_DAYS = (100, 300, 769)


def bench(raw: Path, processes: int, sources: Sources | None = None) -> str:
    """Days of the first mapper measured per second, for several numbers of days, as a text table."""
    sources = sources or Sources.pinned()
    land = ground.read_boundaries(raw, sources.geoboundaries, sources.natural_earth)
    lines = ["days  seconds  days/s"]
    for days in BENCH_DAYS:
        start = time.perf_counter()
        survey.survey(raw, sources.mappers[0], land, sources.stamp, processes=processes, progress=False, limit=days)
        seconds = time.perf_counter() - start
        lines.append(f"{days:4}  {seconds:7.1f}  {days / seconds:6.1f}")
    # ru_maxrss is in kilobytes on Linux; of the children it is that of the largest.
    peak = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    lines.append(f"peak memory: {peak[0]} MB, and {peak[1]} MB in each of {processes} workers")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Derive the tables of ``data/territory``; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m defacto.derive.territory", description=__doc__)
    parser.add_argument("raw", type=Path, help="folder of the upstream archives")
    parser.add_argument("--fresh", action="store_true", help="compute every day again")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="worker processes (default 2)")
    parser.add_argument("--bench", action="store_true", help="measure speed; write nothing")
    options = parser.parse_args(arguments)
    try:
        if options.bench:
            print(bench(options.raw, options.processes))
        else:
            changed = derive(options.raw, fresh=options.fresh, processes=options.processes)
            print("\n".join(changed) or "nothing changed")
    except (DerivationError, DataError, Busy, OSError) as err:
        print(f"error: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
