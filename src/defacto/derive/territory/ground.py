"""Geometry: units, occupied ground, and what can be measured between them.

All areas and lengths are taken in one equal-area projection (`CRS`): Lambert azimuthal
equal-area about 48.5° N, 31.5° E on WGS 84. For Ukraine's units it differs from geodesic
area by at most 0.02 km². Edges are straight in the projection. Coordinates are not snapped
to a grid: the inputs have six or seven decimals of a degree, results one decimal of a km².
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import h3
import numpy as np
import pyproj
import shapely

from defacto.derive.archive import Archive, DerivationError
from defacto.derive.territory.upstream import OCCUPIED, UNKNOWN, Drawing

CRS = "+proj=laea +lat_0=48.5 +lon_0=31.5 +datum=WGS84 +units=m +no_defs"
_GEOD = pyproj.Geod(ellps="WGS84")
_KM2 = 1e6

# Natural Earth's adm1_code to ISO 3166-2. Its own code_hasc is wrong for Odesa and Kyiv city.
_NATURAL_EARTH = {
    "UKR-283": "UA-43", "UKR-284": "UA-48", "UKR-285": "UA-74", "UKR-286": "UA-56", "UKR-288": "UA-77",
    "UKR-289": "UA-26", "UKR-290": "UA-68", "UKR-291": "UA-46", "UKR-292": "UA-61", "UKR-293": "UA-21",
    "UKR-318": "UA-07", "UKR-319": "UA-71", "UKR-320": "UA-35", "UKR-321": "UA-32", "UKR-322": "UA-51",
    "UKR-323": "UA-05", "UKR-324": "UA-18", "UKR-325": "UA-59", "UKR-326": "UA-12", "UKR-327": "UA-14",
    "UKR-328": "UA-63", "UKR-329": "UA-09", "UKR-330": "UA-53", "UKR-331": "UA-23", "UKR-4826": "UA-30",
    "UKR-4827": "UA-65", "UKR-5482": "UA-40",
}  # fmt: skip
CRIMEA = ("UA-40", "UA-43")


@cache
def _transformer(back: bool = False) -> pyproj.Transformer:
    ends = (CRS, "EPSG:4326") if back else ("EPSG:4326", CRS)
    return pyproj.Transformer.from_crs(*ends, always_xy=True)


def project(points: np.ndarray, back: bool = False) -> np.ndarray:
    """Degrees (longitude, latitude) to metres, or `back`; arrays of shape (points, 2)."""
    return np.column_stack(_transformer(back).transform(points[:, 0], points[:, 1]))


@dataclass(frozen=True)
class Boundaries:
    """The units of Ukraine twice, in metres, in the order of `iso` (ISO 3166-2).

    `osm` (geoBoundaries, from OpenStreetMap) has the better inland borders and includes
    the territorial sea; `land` (Natural Earth) ends at a coarser coast.
    """

    iso: tuple[str, ...]
    osm: np.ndarray
    land: np.ndarray

    @cached_property
    def _trees(self) -> dict[str, shapely.STRtree]:
        return {"osm": shapely.STRtree(self.osm), "land": shapely.STRtree(self.land)}

    def areas(self, ground: shapely.Geometry, which: str) -> dict[str, float]:
        """Area in km² of `ground` in each unit it touches (`which`: ``"osm"`` or ``"land"``)."""
        units = getattr(self, which)
        # The tree compares bounding boxes, then shapes against the prepared ground: most units end here.
        touched = np.sort(self._trees[which].query(ground, predicate="intersects"))
        km2 = shapely.area(shapely.intersection(ground, units[touched])) / _KM2
        return {self.iso[i]: float(a) for i, a in zip(touched, km2, strict=True)}


def read_boundaries(raw: Path, geoboundaries: Archive, natural_earth: Archive) -> Boundaries:
    """The 27 units from both boundary files.

    Raises
    ------
    DerivationError
        If a file is missing, damaged or of another version, or if the two do not hold the
        same units.
    """
    osm = _units(geoboundaries, _only(geoboundaries, raw), lambda p: p["shapeISO"])
    land = _units(natural_earth, _only(natural_earth, raw), lambda p: _NATURAL_EARTH[p["adm1_code"]])
    if osm.keys() != land.keys():
        raise DerivationError(f"units in one boundary file only: {', '.join(sorted(osm.keys() ^ land.keys()))}")
    iso = tuple(sorted(osm))
    return Boundaries(iso, np.array([osm[i] for i in iso]), np.array([land[i] for i in iso]))


def _only(archive: Archive, raw: Path) -> bytes:
    found = [content for _, content in archive.members(raw)]
    if len(found) != 1:
        raise DerivationError(f"{archive.file}: {len(found)} files, expected one")
    return found[0]


def _units(archive: Archive, content: bytes, iso) -> dict[str, shapely.Geometry]:
    try:
        features = json.loads(content)["features"]
        shapes = {iso(f["properties"]): shapely.from_geojson(json.dumps(f["geometry"])) for f in features}
    except (ValueError, KeyError, TypeError, shapely.GEOSException) as err:
        raise DerivationError(f"{archive.file}: malformed ({type(err).__name__}: {err})") from None
    for code, shape in shapes.items():
        west, south, east, north = shape.bounds
        if not (22 <= west <= east <= 40.5 and 43 <= south <= north <= 52.5):
            raise DerivationError(f"{archive.file}: {code} lies outside Ukraine: wrong axis order or projection")
    shapes = {code: shapely.transform(shape, project) for code, shape in shapes.items()}
    for code, shape in shapes.items():
        if not shape.is_valid:
            raise DerivationError(f"{archive.file}: {code}: {shapely.is_valid_reason(shape)}")
    return shapes


@dataclass(frozen=True)
class Ground:
    """Occupied ground and ground of unknown status, disjoint, in metres; parts and repairs counted."""

    occupied: shapely.Geometry
    unknown: shapely.Geometry
    parts: int
    repaired: int


def ground_of(drawing: Drawing) -> Ground:
    """`drawing` in the projection, its parts repaired where invalid and joined by class.

    Repair is `shapely.make_valid` (the area enclosed by a self-crossing ring an odd number of
    times), its polygons only. Where the mapper drew both classes, occupied stands.

    Raises
    ------
    DerivationError
        If the shapes cannot be joined.
    """
    rings = [ring for _, part in drawing.parts for ring in part]
    owner = np.repeat(np.arange(len(drawing.parts)), [len(part) for _, part in drawing.parts])
    lengths = [len(ring) for ring in rings]
    try:
        points = project(np.concatenate(rings))
        loops = shapely.linearrings(points, indices=np.repeat(np.arange(len(rings)), lengths))
        polygons = shapely.polygons(loops, indices=owner)
        broken = ~shapely.is_valid(polygons)
        polygons[broken] = [_repaired(p) for p in polygons[broken]]
        status = np.array([s for s, _ in drawing.parts])
        occupied = shapely.union_all(polygons[status == OCCUPIED])
        unknown = shapely.union_all(polygons[status == UNKNOWN])
        if not unknown.is_empty:
            unknown = shapely.difference(unknown, occupied)
    except shapely.GEOSException as err:
        raise DerivationError(f"the shapes cannot be joined ({err})") from None
    return Ground(occupied, unknown, len(polygons), int(broken.sum()))


def _repaired(polygon: shapely.Geometry) -> shapely.Geometry:
    pieces = shapely.get_parts(shapely.get_parts(shapely.make_valid(polygon)))
    return shapely.multipolygons(pieces[shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON])


def distance_km(ground: shapely.Geometry, lon: float, lat: float) -> tuple[float, shapely.Geometry]:
    """Geodesic distance in km from a place to the nearest point of `ground`, and that point.

    0 inside. The nearest point is sought in the projection, which at these distances moves it
    by less than the distance is rounded to.
    """
    place = shapely.Point(project(np.array([[lon, lat]]))[0])
    near = shapely.Point(shapely.shortest_line(place, ground).coords[1])
    x, y = project(shapely.get_coordinates(near), back=True)[0]
    return _GEOD.inv(lon, lat, x, y)[2] / 1000, near


def front_land(boundaries: Boundaries) -> shapely.Geometry:
    """Land of Ukraine for the line of contact: exact borders, no sea, Crimea left out.

    OSM units, less the territorial sea: what Natural Earth does not count as land, where it is
    more than 4 km wide (narrower strips are the difference between two drawings of a border).
    Simplified to 100 m, which moves the length of the line by less than 0.1 % and saves most of the time.
    """
    mainland = [i for i, iso in enumerate(boundaries.iso) if iso not in CRIMEA]
    country = shapely.union_all(boundaries.osm[mainland])
    sea = shapely.difference(country, shapely.union_all(boundaries.land[mainland]))
    wide = shapely.buffer(shapely.buffer(sea, -2000, quad_segs=4), 2000, quad_segs=4)
    return shapely.simplify(shapely.difference(country, wide), 100)


def contact_line(occupied: shapely.Geometry, land: shapely.Geometry, width_km: float) -> shapely.Geometry:
    """Line of contact: the edge of occupied ground towards unoccupied `land`, in metres.

    Bends and pockets narrower than `width_km` are smoothed first (closing, then opening by half
    of it). Edges along coast, border and Crimea are left out: there the land beyond, if any,
    is a strip less than 3 km wide between two drawings of the same line, or a speck below 100 km².
    """
    half = width_km * 500
    plain = shapely.simplify(occupied, 20)
    closed = shapely.buffer(plain, half, quad_segs=4)
    smooth = shapely.buffer(shapely.buffer(closed, -2 * half, quad_segs=4), half, quad_segs=4)
    free = shapely.difference(land, smooth)
    free = shapely.get_parts(shapely.buffer(shapely.buffer(free, -1500, quad_segs=4), 1500, quad_segs=4))
    free = free[shapely.area(free) >= 100 * _KM2]
    # Smoothing also wipes out necks and spits of occupied ground: what it frees thereby is not free.
    kept = shapely.area(shapely.difference(free, plain)) >= shapely.area(free) / 2
    near = shapely.buffer(shapely.union_all(free[kept]), 500, quad_segs=4)
    return shapely.intersection(shapely.boundary(smooth), near)


def cells_of(boundaries: Boundaries, units: list[str], resolution: int = 6) -> tuple[list[str], np.ndarray, list[str]]:
    """H3 cells that hold land of `units`: ids in order, their land in metres, their unit.

    A cell on a border counts wholly for the unit with most of its land, so shares of units are
    not to be computed from cells.
    """
    which = [boundaries.iso.index(u) for u in units]
    found: set[str] = set()
    for shape in boundaries.land[which]:
        degrees = shapely.transform(shape, lambda c: project(c, back=True))
        for part in shapely.get_parts(degrees):
            found |= set(h3.h3shape_to_cells_experimental(h3.geo_to_h3shape(part), resolution, "overlap"))
    ids = sorted(found)
    shapes = shapely.polygons([project(np.array(h3.cell_to_boundary(c))[:, ::-1]) for c in ids])
    country = shapely.union_all(boundaries.land)
    shapely.prepare(country)
    land = shapes.copy()
    edge = ~shapely.contains_properly(country, shapes)
    land[edge] = shapely.intersection(shapes[edge], country)
    # Unit with most land: only cells on a border meet more than one.
    most = np.zeros(len(ids))
    unit = np.full(len(ids), "", dtype=object)
    for iso, shape in zip(boundaries.iso, boundaries.land, strict=True):
        shapely.prepare(shape)
        met = np.flatnonzero(shapely.intersects(shape, land))
        inside = shapely.contains_properly(shape, land[met])
        share = np.where(inside, shapely.area(land[met]), 0.0)
        share[~inside] = shapely.area(shapely.intersection(land[met][~inside], shape))
        better = met[share > most[met]]
        most[better], unit[better] = share[share > most[met]], iso
    # Slivers of land under a hundredth of a km² have no share worth the name.
    keep = np.isin(unit, units) & (shapely.area(land) >= 0.01 * _KM2)
    return [c for c, k in zip(ids, keep, strict=True) if k], land[keep], list(unit[keep])


def shares_of(ground: shapely.Geometry, land: np.ndarray) -> np.ndarray:
    """Share of each shape of `land` that `ground` covers, 0 to 1."""
    shapely.prepare(ground)
    covered = np.where(shapely.contains_properly(ground, land), 1.0, 0.0)
    edge = (covered == 0) & shapely.intersects(ground, land)
    covered[edge] = shapely.area(shapely.intersection(land[edge], ground)) / shapely.area(land[edge])
    return covered


def outlines_of(boundaries: Boundaries, tolerance_m: float = 1000) -> list[str]:
    """Natural Earth's units as WKT in degrees (three decimals), simplified together.

    `shapely.coverage_simplify` keeps shared borders shared; specks under 5 km² are dropped.
    """
    simple = shapely.coverage_simplify(shapely.coverage_clean(boundaries.land), tolerance_m)
    shapes = []
    for shape in simple:
        parts = shapely.get_parts(shape)
        parts = parts[shapely.area(parts) >= 5 * _KM2]
        whole = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
        shapes.append(shapely.transform(shapely.normalize(whole), lambda c: project(c, back=True).round(3)))
    return [shapely.to_wkt(s, rounding_precision=3) for s in shapes]
