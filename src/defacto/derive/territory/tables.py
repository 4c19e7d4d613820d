"""From snapshots to tables: rows as they stand in ``data/territory``, rounded and formatted.

Frames hold text for measured values, so that the same value always has the same digits.
Areas have one decimal of a km², shares four decimals, distances and lengths one of a km.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from tqdm import tqdm

from defacto.data import DataError, data_dir, digest, read_text_table, resource
from defacto.derive.archive import DerivationError
from defacto.derive.territory import ground
from defacto.derive.territory.ground import Boundaries, Ground
from defacto.derive.territory.survey import Areas, Memory, Snapshot, used
from defacto.derive.territory.upstream import Upstream

# Days on which distances and the line of contact are measured, beside each source's first and last.
MOMENTS = ("2023-01-01", "2024-01-01", "2025-01-01", "2025-04-22", "2025-04-23", "2026-01-01")
GRID_START = "2025-04-22"
WIDTHS_KM = (1, 5, 10)

# A day that is missing is replaced by the last one observed, if that is not older than this.
STALE_DAYS = 3

# The sea belongs to these units' outlines in OpenStreetMap. Project Owl draws a coarse coast out
# at sea, so its area there is no numerator for an official area.
COASTAL = ("UA-14", "UA-23", "UA-40", "UA-43", "UA-48", "UA-51", "UA-65")
OFFSHORE = ("owl",)

GEO, NE = "geoboundaries-ukr", "natural-earth-ukr"


def decimals(value: float | None, places: int = 1) -> str:
    """`value` with fixed decimals; missing is empty, and there is no minus zero."""
    if value is None or np.isnan(value):
        return ""
    return f"{round(value, places) + 0.0:.{places}f}"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def land_areas(boundaries: Boundaries) -> pd.DataFrame:
    """Area of each unit in both boundary files, in km²: Natural Earth's land, OSM with its sea."""
    return pd.DataFrame(
        {
            "unit_iso": boundaries.iso,
            "ne_land_km2": [decimals(a) for a in shapely.area(boundaries.land) / 1e6],
            "osm_km2": [decimals(a) for a in shapely.area(boundaries.osm) / 1e6],
            "source_ids": f"{GEO};{NE}",
            "status": "derived",
        }
    )


def touched(snapshots: Iterable[Snapshot]) -> list[str]:
    """Units with any ground on any used day, in order."""
    return sorted({iso for s in snapshots if s.used for iso in s.areas})


def control_daily(
    snapshots: list[Snapshot], mapper: Upstream, official: dict[str, float], land: dict[str, float]
) -> pd.DataFrame:
    """Occupied area and share of each touched unit on each used day of one mapper.

    `official` and `land` are the denominators in km² by unit. Shares are of the rounded
    areas, so that they can be computed again from the table.
    """
    rows = []
    units = touched(snapshots)
    grey = mapper.source == "deepstate-history"
    for s in used(snapshots):
        for iso in units:
            occupied, on_land, unknown = s.areas.get(iso, (0.0, 0.0, 0.0))
            offshore = mapper.source in OFFSHORE and iso in COASTAL
            rows.append(
                (
                    s.date,
                    s.source,
                    iso,
                    decimals(occupied),
                    "" if offshore else decimals(occupied / official[iso], 4),
                    decimals(on_land),
                    decimals(on_land / land[iso], 4),
                    decimals(unknown) if grey else "",
                    s.observed_at,
                    mapper.source_id,
                    "derived",
                )
            )
    names = "date source unit_iso occupied_km2 share_official occupied_land_km2 share_land unknown_km2"
    return pd.DataFrame(rows, columns=[*names.split(), "observed_at", "source_ids", "status"])


def observations(snapshots: list[Snapshot], mapper: Upstream) -> pd.DataFrame:
    """Every snapshot of one mapper, used or not, with the reason and what was done to it."""
    rows, before = [], None
    for s in snapshots:
        repeats = ""
        if s.used:
            repeats = _yes(s.geometry_id == before)
            before = s.geometry_id
        rows.append(
            (
                s.source,
                s.file.rsplit("/", 1)[-1],
                s.date,
                s.observed_at,
                _yes(s.used),
                s.reason,
                repeats,
                *("" if n is None else str(n) for n in (s.parts, s.repaired, s.by_colour, s.conflicts, s.strays)),
                decimals(s.geometry_km2),
                decimals(s.units_km2) if s.used else "",
                s.file_id,
                s.geometry_id,
                mapper.source_id,
                "derived",
            )
        )
    names = "source file date observed_at used reason repeats_previous parts parts_repaired settled_by_colour"
    more = "name_colour_conflicts strays drawn_km2 units_km2 file_id geometry_id source_ids status"
    return pd.DataFrame(rows, columns=[*names.split(), *more.split()])


def remembered(folder: Path | None = None) -> Memory:
    """What the tables in `folder` hold already, if they are whole and as validated.

    Days are taken over only if their areas add up to the total noted with the observation.
    An absent, changed or unreadable table means that all is computed again.
    """
    folder = folder or data_dir()
    try:
        daily = _validated(folder, "territory.control_daily")
        seen = _validated(folder, "territory.observations")
    except (DataError, OSError):
        return Memory()
    areas: dict[tuple[str, str], Areas] = defaultdict(dict)
    columns = daily[["source", "date", "unit_iso", "occupied_km2", "occupied_land_km2", "unknown_km2"]]
    for source, date, iso, *km2 in columns.itertuples(index=False):
        row = tuple(float(x or 0) for x in km2)
        if any(row):
            areas[source, date][iso] = row
    memory = Memory()
    for row in seen[seen["used"] == "yes"].itertuples():
        snapshot = Snapshot(
            row.source,
            row.file,
            row.date,
            row.observed_at,
            row.file_id,
            "",
            row.geometry_id,
            *(int(n) for n in row[8:13]),
            float(row.drawn_km2),
            areas[row.source, row.date],
        )
        if snapshot.units_km2 == float(row.units_km2):
            memory.files[row.file_id] = snapshot
            memory.geometries[row.geometry_id] = snapshot
    return memory


def _validated(folder: Path, name: str) -> pd.DataFrame:
    res = resource(name, folder)
    content = (folder / res["path"]).read_bytes()
    if digest(content) != res.get("hash"):
        raise DataError(f"{res['path']}: not as validated")
    return read_text_table(content, res["path"])


def at(snapshots: list[Snapshot], date: str) -> Snapshot | None:
    """The snapshot used for `date`: of that day, or the last at most `STALE_DAYS` before it."""
    earlier = [s for s in snapshots if s.used and s.date <= date]
    if not earlier or pd.Timestamp(date) - pd.Timestamp(earlier[-1].date) > pd.Timedelta(days=STALE_DAYS):
        return None
    return earlier[-1]


def control_monthly(snapshots: list[Snapshot], mapper: Upstream) -> pd.DataFrame:
    """Net change of each touched unit in each whole month of one mapper, in km².

    The turn of a month is the last observation before 06:00 UTC of its first day (a map dated
    by its day alone counts as of that day's end); months whose turns are not observed within
    `STALE_DAYS` are left out.
    """
    days = used(snapshots)
    ends = [s.observed_at if "T" in s.observed_at else s.date + "T24" for s in days]
    units = touched(snapshots)
    months = pd.period_range(days[0].date, days[-1].date, freq="M")

    def turn(month: pd.Period) -> Snapshot | None:
        count = int(np.searchsorted(ends, f"{month}-01T06", side="right"))
        if not count or month.start_time - pd.Timestamp(days[count - 1].date) > pd.Timedelta(days=STALE_DAYS):
            return None
        # After the last observation there is no turn to speak of: the month may not be over.
        return days[count - 1] if count < len(days) else None

    rows = []
    for month in months:
        start, end = turn(month), turn(month + 1)
        if not start or not end:
            continue
        observed = sum(s.date.startswith(str(month)) for s in days)
        for iso in units:
            before, after = (s.areas.get(iso, (0.0, 0.0, 0.0)) for s in (start, end))
            net, on_land = after[0] - before[0], after[1] - before[1]
            rows.append(
                (str(month), mapper.source, iso, decimals(net), decimals(on_land), observed, start.date, end.date)
                + (mapper.source_id, "derived")
            )
    names = "month source unit_iso net_km2 net_land_km2 days_observed boundary_start boundary_end source_ids status"
    return pd.DataFrame(rows, columns=names.split())


def moments(snapshots: list[Snapshot]) -> dict[str, Snapshot]:
    """Days to measure -> snapshot: first, last and `MOMENTS` as far as they are observed."""
    days = used(snapshots)
    wanted = sorted({days[0].date, *MOMENTS, days[-1].date})
    found = {date: at(snapshots, date) for date in wanted if date <= days[-1].date}
    return {date: snapshot for date, snapshot in found.items() if snapshot}


def grounds(raw: Path, mapper: Upstream, files: Iterable[str]) -> dict[str, Ground]:
    """Ground of the named files, read from the archive again."""
    wanted = set(files)
    return {
        name: ground.ground_of(mapper.drawing(name, content))
        for name, content in mapper.archive.members(raw)
        if name in wanted
    }


def distances(
    when: dict[str, Snapshot], shapes: dict[str, Ground], mapper: Upstream, places: pd.DataFrame, land: Boundaries
) -> pd.DataFrame:
    """Geodesic distance in km of each place from the nearest occupied ground, on each day."""
    rows = []
    for date, s in when.items():
        for place in places.itertuples():
            km, near = ground.distance_km(shapes[s.file].occupied, place.lon, place.lat)
            # The nearest point lies on an edge, sometimes one drawn out at sea: the nearest unit counts.
            unit = land.iso[int(np.argmin(shapely.distance(land.osm, near)))]
            rows.append((place.place_id, date, mapper.source, decimals(km), unit, s.date, mapper.source_id, "derived"))
    names = "place_id date source km nearest_unit_iso observed_on source_ids status"
    return pd.DataFrame(rows, columns=names.split())


def frontline(
    when: dict[str, Snapshot], shapes: dict[str, Ground], mapper: Upstream, land: shapely.Geometry, bar: tqdm
) -> pd.DataFrame:
    """Length in km of the line of contact inside Ukraine, on each day and at each generalisation."""
    rows = []
    for date, s in when.items():
        for width in WIDTHS_KM:
            line = ground.contact_line(shapes[s.file].occupied, land, width)
            rows.append(
                (date, mapper.source, width, decimals(line.length / 1000), s.date)
                + (f"{mapper.source_id};{GEO};{NE}", "derived")
            )
            bar.update()
    return pd.DataFrame(
        rows, columns=["date", "source", "width_km", "length_km", "observed_on", "source_ids", "status"]
    )


def grid_change(
    boundaries: Boundaries, units: list[str], start: tuple[str, Ground], end: tuple[str, Ground], mapper: Upstream
) -> pd.DataFrame:
    """Share of each H3 cell's land that was occupied on two days; cells of `units`, resolution 6."""
    ids, land, unit = ground.cells_of(boundaries, units)
    frame = pd.DataFrame({"h3": ids, "unit_iso": unit})
    frame["land_km2"] = [decimals(a, 2) for a in shapely.area(land) / 1e6]
    for name, (date, shape) in (("start", start), ("end", end)):
        frame[f"date_{name}"] = date
        frame[f"share_{name}"] = [decimals(x, 4) for x in ground.shares_of(shape.occupied, land)]
    return frame.assign(source_ids=f"{mapper.source_id};{NE}", status="derived")


def outlines(boundaries: Boundaries) -> pd.DataFrame:
    """Simplified outline of each unit as WKT in degrees."""
    return pd.DataFrame(
        {
            "unit_iso": boundaries.iso,
            "wkt": ground.outlines_of(boundaries),
            "source_ids": NE,
            "status": "derived",
        }
    )


def denominators(units: pd.DataFrame, boundaries: Boundaries) -> tuple[dict[str, float], dict[str, float]]:
    """Official and Natural Earth areas in km² by unit.

    Raises
    ------
    DerivationError
        If a unit of the boundary files has no official area.
    """
    official = dict(zip(units["unit_iso"], units["official_km2"].astype(float), strict=True))
    absent = [iso for iso in boundaries.iso if not official.get(iso, 0) > 0]
    if absent:
        raise DerivationError(f"territory.units: no official area for {', '.join(absent)}")
    land = {iso: round(a, 1) for iso, a in zip(boundaries.iso, shapely.area(boundaries.land) / 1e6, strict=True)}
    return official, land
