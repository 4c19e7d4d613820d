"""From archives to areas: every snapshot of a mapper, used or not, and what it covers.

Files are hashed before they are read and drawings before they are measured, both together
with the boundaries and `METHOD`: what an earlier run (or the day before) has measured is
taken over, so that a refresh costs the new days only.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from defacto.derive.archive import DerivationError
from defacto.derive.territory.ground import Boundaries, ground_of
from defacto.derive.territory.upstream import Drawing, Entry, Upstream

# Raise it when the way areas are computed changes: results of earlier runs are then not reused.
METHOD = "1"

# A day whose ground is more than a tenth larger or smaller than that of the day used before is
# a slip of the pen: a polygon lost or drawn too wide. The largest true step in the three archives,
# 10 September 2022 in Kharkiv oblast, is 2.9 %.
MAX_STEP = 0.10
_MAX_OUTLIERS = 7  # more in a row are no slip: a person has to look

_CHUNK = 12  # files a task: about 6 MB of the largest archive

Areas = dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Snapshot:
    """A file of an archive: used for its day or not, with the reason, and what it shows.

    `areas`: unit -> (occupied, occupied on land, unknown) in km², rounded to 0.1; units
    without ground are left out. `geometry_km2`: all occupied ground drawn, also outside
    the units. Files not read have no counts.
    """

    source: str
    file: str
    date: str
    observed_at: str
    file_id: str
    reason: str = ""
    geometry_id: str = ""
    parts: int | None = None
    repaired: int | None = None
    by_colour: int | None = None
    conflicts: int | None = None
    strays: int | None = None
    geometry_km2: float | None = None
    areas: Areas = field(default_factory=dict)

    @property
    def used(self) -> bool:
        """Whether the tables of control rest on this file."""
        return not self.reason

    @property
    def units_km2(self) -> float:
        """Sum of the occupied areas of the units, as rounded, in km²."""
        return round(sum(a[0] for a in self.areas.values()), 1)


@dataclass(frozen=True)
class Memory:
    """What earlier runs measured: snapshots by file id, and measured ones by geometry id."""

    files: dict[str, Snapshot] = field(default_factory=dict)
    geometries: dict[str, Snapshot] = field(default_factory=dict)


def survey(
    raw: Path,
    mapper: Upstream,
    boundaries: Boundaries,
    stamp: str,
    *,
    memory: Memory | None = None,
    processes: int = 2,
    progress: bool = True,
    limit: int | None = None,
) -> list[Snapshot]:
    """Every snapshot of `mapper`'s archive under `raw`, in order of time.

    Of several files a day the last counts. `stamp` names boundaries and method: only results
    with the same stamp are reused from `memory`. With one process all is done in this one;
    `limit` keeps the first files only (benchmark).

    Raises
    ------
    DerivationError
        If the archive is damaged or of another version, if a file that counts is malformed,
        or if so many days in a row are outliers that the map itself must have changed.
    """
    memory = memory or Memory()
    times = _times(mapper, raw, limit)
    counts = {entry.date: name for name, entry in sorted(times.items(), key=lambda t: (t[1].observed_at, t[0]))}
    done: list[Snapshot] = []
    with (
        _measuring(boundaries, memory, processes) as measure,
        tqdm(total=len(times), desc=mapper.source, unit=" files", disable=None if progress else True) as bar,
    ):
        tasks: list[tuple[Snapshot, bytes]] = []
        for name, content in mapper.archive.members(raw):
            if name not in times:
                continue
            entry = times[name]
            snapshot = Snapshot(
                mapper.source, name, entry.date, entry.observed_at, _id(stamp, mapper.source.encode(), content)
            )
            if counts[entry.date] != name:
                done.append(replace(snapshot, reason="superseded"))
            elif entry.date < mapper.start:
                done.append(replace(snapshot, reason="before-start"))
            elif snapshot.file_id in memory.files:
                # Equal files may stand for several days: only what they show is taken over.
                same = {"file": name, "date": entry.date, "observed_at": entry.observed_at}
                done.append(replace(memory.files[snapshot.file_id], **same))
            else:
                tasks.append((snapshot, content))
                if len(tasks) == _CHUNK:
                    done += measure(mapper, stamp, tasks)
                    tasks = []
            bar.update(len(done) - bar.n)
        done += measure(mapper, stamp, tasks)
        done += measure(mapper, stamp, None)
        bar.update(len(done) - bar.n)
    return _without_outliers(sorted(done, key=lambda s: (s.observed_at, s.file)))


def _times(mapper: Upstream, raw: Path, limit: int | None) -> dict[str, Entry]:
    """Time of each snapshot in the archive, by file name."""
    entries = ((name, mapper.entry("/" + name)) for name in mapper.archive.names(raw))
    times = {name: entry for name, entry in entries if entry}
    if not times:
        raise DerivationError(f"{mapper.archive.file}: no snapshot in the archive")
    if limit:
        times = dict(sorted(times.items(), key=lambda t: t[1].observed_at)[:limit])
    return times


def _id(stamp: str, *content: bytes) -> str:
    digest = hashlib.sha256(stamp.encode())
    for piece in content:
        digest.update(b"|")
        digest.update(piece)
    return digest.hexdigest()[:16]


def _without_outliers(snapshots: list[Snapshot]) -> list[Snapshot]:
    """The snapshots, days without ground or with a slip of the pen marked."""
    out, before, row = [], None, 0
    for snapshot in snapshots:
        reason = snapshot.reason if snapshot.reason in ("superseded", "before-start") else ""
        if not reason and not snapshot.parts:
            reason = "empty"
        elif not reason and before:
            step = snapshot.geometry_km2 / before - 1
            reason = "incomplete" if step < -MAX_STEP else "overdrawn" if step > MAX_STEP else ""
            row = row + 1 if reason else 0
            if row > _MAX_OUTLIERS:
                raise DerivationError(
                    f"{snapshot.source}: {row} days up to {snapshot.date} differ by more than a tenth "
                    "from the day used before: the map has changed, or its reading is wrong"
                )
        if not reason:
            before = snapshot.geometry_km2
        out.append(replace(snapshot, reason=reason))
    return out


# --- measuring, in this process or in others ------------------------------------------

_BOUNDARIES: Boundaries | None = None
_KNOWN: dict[str, Snapshot] = {}


def _begin(boundaries: Boundaries, known: dict[str, Snapshot]) -> None:
    global _BOUNDARIES, _KNOWN
    _BOUNDARIES, _KNOWN = boundaries, dict(known)


def _work(mapper: Upstream, stamp: str, tasks: list[tuple[Snapshot, bytes]]) -> list[Snapshot]:
    return [_measured(mapper, stamp, snapshot, content) for snapshot, content in tasks]


def _measured(mapper: Upstream, stamp: str, snapshot: Snapshot, content: bytes) -> Snapshot:
    drawing = mapper.drawing(snapshot.file, content)
    snapshot = replace(
        snapshot,
        geometry_id=geometry_id(stamp, drawing),
        parts=len(drawing.parts),
        repaired=0,
        by_colour=drawing.by_colour,
        conflicts=drawing.conflicts,
        strays=drawing.strays,
        geometry_km2=0.0,
    )
    if not drawing.parts:
        return snapshot
    known = _KNOWN.get(snapshot.geometry_id)
    if known is None:
        try:
            ground = ground_of(drawing)
            osm = _BOUNDARIES.areas(ground.occupied, "osm")
            land = _BOUNDARIES.areas(ground.occupied, "land")
            unknown = _BOUNDARIES.areas(ground.unknown, "osm")
        except DerivationError as err:
            raise DerivationError(f"{mapper.archive.file}: {snapshot.file}: {err}") from None
        areas = {
            iso: tuple(round(part.get(iso, 0.0), 1) for part in (osm, land, unknown))
            for iso in sorted({*osm, *land, *unknown})
        }
        known = replace(
            snapshot,
            repaired=ground.repaired,
            geometry_km2=round(ground.occupied.area / 1e6, 1),
            areas={iso: row for iso, row in areas.items() if any(row)},
        )
        _KNOWN[snapshot.geometry_id] = known
    return replace(snapshot, repaired=known.repaired, geometry_km2=known.geometry_km2, areas=known.areas)


def geometry_id(stamp: str, drawing: Drawing) -> str:
    """Fingerprint of what is drawn: equal for equal rings and classes in equal order."""
    pieces = [piece for status, rings in drawing.parts for piece in (status.encode(), *(r.tobytes() for r in rings))]
    return _id(stamp, *pieces)


@contextmanager
def _measuring(boundaries: Boundaries, memory: Memory, processes: int) -> Iterator:
    """A function that takes chunks of files and gives back the snapshots ready so far.

    At most four chunks are under way, which bounds the memory; None waits for all.
    """
    if processes <= 1:
        _begin(boundaries, memory.geometries)
        yield lambda mapper, stamp, tasks: _work(mapper, stamp, tasks or [])
        return
    pool = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(boundaries, memory.geometries)
    )
    waiting: deque[Future] = deque()

    def measure(mapper: Upstream, stamp: str, tasks: list | None) -> list[Snapshot]:
        if tasks:
            waiting.append(pool.submit(_work, mapper, stamp, tasks))
        ready: list[Snapshot] = []
        while waiting and (tasks is None or len(waiting) > 2 * processes):
            ready += waiting.popleft().result()
        return ready

    try:
        yield measure
    finally:
        pool.shutdown(cancel_futures=True)


def used(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """The snapshots that count, one a day."""
    return [s for s in snapshots if s.used]
