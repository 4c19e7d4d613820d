"""Territory: who held what, by day, unit and mapper (``data/territory``).

`upstream` reads the mappers' files, `ground` measures, `survey` runs through the days,
`tables` and `compare` shape what is written. Definitions are in the tables' descriptors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from defacto.data import load
from defacto.derive.archive import Archive, DerivationError
from defacto.derive.recipe import write_tables
from defacto.derive.registry import pins
from defacto.derive.territory import ground, survey, tables, upstream
from defacto.derive.territory.compare import published_comparison
from defacto.derive.territory.survey import METHOD, Memory, Snapshot

FUNCTION = "defacto.derive.territory.derive"


@dataclass(frozen=True)
class Sources:
    """What a derivation starts from: mappers with their archives, and the two boundary files."""

    mappers: Sequence[upstream.Upstream]
    geoboundaries: Archive
    natural_earth: Archive

    @classmethod
    def pinned(cls, archives: Mapping[str, Archive] | None = None) -> Sources:
        """As `archives` (by default the registry) pins them."""
        archives = archives or pins()
        mappers = tuple(replace(m, archive=archives[m.source]) for m in upstream.MAPPERS)
        return cls(mappers, archives["geoboundaries"], archives["natural-earth"])

    @property
    def archives(self) -> list[Archive]:
        """All archives, in a fixed order."""
        return [*(m.archive for m in self.mappers), self.geoboundaries, self.natural_earth]

    @property
    def stamp(self) -> str:
        """What results depend on beside the mapper's file: boundaries and method."""
        return f"{METHOD}|{self.geoboundaries.sha256}|{self.natural_earth.sha256}"


@dataclass(frozen=True)
class Given:
    """Tables written by hand that the derivation reads: units, places, published figures."""

    units: pd.DataFrame
    places: pd.DataFrame
    figures: pd.DataFrame

    @classmethod
    def loaded(cls) -> Given:
        """From ``data/``; raises `DataError` if a table is not as validated."""
        return cls(*(load(f"territory.{name}") for name in ("units", "places", "published_figures")))


def compute(
    raw: Path,
    given: Given,
    sources: Sources | None = None,
    *,
    memory: Memory | None = None,
    processes: int = 2,
    progress: bool = True,
) -> dict[str, pd.DataFrame]:
    """All derived tables of the topic (name -> frame) from the archives under `raw`.

    Raises
    ------
    DerivationError
        If an archive, a file in it or a hand-written table cannot be used.
    """
    sources = sources or Sources.pinned()
    land = ground.read_boundaries(raw, sources.geoboundaries, sources.natural_earth)
    official, on_land = tables.denominators(given.units, land)
    snapshots = {
        m.source: survey.survey(raw, m, land, sources.stamp, memory=memory, processes=processes, progress=progress)
        for m in sources.mappers
    }
    for source, found in snapshots.items():
        if not any(s.used for s in found):
            raise DerivationError(f"{source}: no file in the archive can be used")
    pieces: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("control_daily", "observations", "control_monthly", "distances", "frontline")
    }
    for m in sources.mappers:
        found = snapshots[m.source]
        pieces["control_daily"].append(tables.control_daily(found, m, official, on_land))
        pieces["observations"].append(tables.observations(found, m))
        pieces["control_monthly"].append(tables.control_monthly(found, m))
    whens = {m.source: tables.moments(snapshots[m.source]) for m in sources.mappers}
    front = ground.front_land(land)
    steps = sum(len(when) for when in whens.values()) * len(tables.WIDTHS_KM)
    grid = None
    with tqdm(total=steps, desc="line of contact", unit=" lines", disable=None if progress else True) as bar:
        for m in sources.mappers:
            when = whens[m.source]
            shapes = tables.grounds(raw, m, {s.file for s in when.values()})
            pieces["distances"].append(tables.distances(when, shapes, m, given.places, land))
            pieces["frontline"].append(tables.frontline(when, shapes, m, front, bar))
            if grid is None:
                grid = _grid(land, snapshots[m.source], shapes, m)
    return {f"territory.{name}": pd.concat(frames, ignore_index=True) for name, frames in pieces.items()} | {
        "territory.grid_change": grid,
        "territory.outlines": tables.outlines(land),
        "territory.land_areas": tables.land_areas(land),
        "territory.published_comparison": published_comparison(given.figures, snapshots, official, on_land),
    }


def _grid(
    land: ground.Boundaries, found: list[Snapshot], shapes: dict[str, ground.Ground], mapper: upstream.Upstream
) -> pd.DataFrame:
    """Change of the grid for the first mapper, between the fixed day and its last."""
    last = [s for s in found if s.used][-1]
    start = tables.at(found, tables.GRID_START)
    if not start:
        raise DerivationError(f"{mapper.source}: no map for {tables.GRID_START}, where the grid's change begins")
    units = sorted({*start.areas, *last.areas})
    ends = ((s.date, shapes[s.file]) for s in (start, last))
    return tables.grid_change(land, units, *ends, mapper)


def derive(raw: Path, sources: Sources | None = None, *, fresh: bool = False, **options) -> list[str]:
    """Compute all tables and replace those in ``data/``, whole or not at all; returns what changed.

    What validated tables hold already is reused, unless `fresh`; `options` are those of
    `compute`. Raises as `compute` and `write_tables` do.
    """
    sources = sources or Sources.pinned()
    memory = Memory() if fresh else tables.remembered()
    result = compute(raw, Given.loaded(), sources, memory=memory, **options)
    return write_tables(FUNCTION, sources.archives, result, reach(result))


def reach(result: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """How far each table goes: the last day of any mapper, of the first one for the grid, the last whole month."""
    last = dict.fromkeys(result, result["territory.control_daily"]["date"].max())
    months = result["territory.control_monthly"]["month"]
    last["territory.grid_change"] = result["territory.grid_change"]["date_end"].max()
    return last | ({"territory.control_monthly": months.max()} if len(months) else {})
