"""What the mappers published: three archives, three formats, one kind of drawing.

Two of them hold the same map. ``deepstate`` is the daily mirror of DeepStateMap (occupied
ground only), ``deepstate-history`` an older archive of it with all status classes, ``owl``
the independent map of Project Owl.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from defacto.derive.archive import Archive, DerivationError

OCCUPIED, UNKNOWN, LIBERATED, ABROAD = "occupied", "unknown", "liberated", "abroad"

# Ukraine and the ground around it, in degrees. Latitude and longitude ranges do not
# overlap, so a file with its axes swapped falls out of the window.
WINDOW = {"lon": (20.0, 42.5), "lat": (43.0, 54.0)}


@dataclass(frozen=True)
class Entry:
    """A snapshot's place in time: the UTC day it counts for, and when it was taken.

    `observed_at` is ISO 8601 in UTC; where only the day is known it is the day.
    """

    date: str
    observed_at: str


@dataclass
class Drawing:
    """Ground of one snapshot: per part its class and its rings, the shell first.

    A ring is an array of shape (points, 2): longitude and latitude in degrees.
    `by_colour` counts polygons whose name told no class, `conflicts` those whose name and
    colour told two, `strays` those of unknown status drawn far from Ukraine and left out.
    """

    parts: list[tuple[str, list[np.ndarray]]]
    by_colour: int = 0
    conflicts: int = 0
    strays: int = 0

    def add(self, status: str, rings: list) -> None:
        """Add a part, its rings given as lists of points.

        Raises
        ------
        DerivationError
            On an empty part, a ring that is short, not closed or not of numbers, and on
            points outside Ukraine's window (swapped axes are named as such).
        """
        if not rings:
            raise DerivationError("a part has no rings")
        self.parts.append((status, [_ring(r) for r in rings]))


def _ring(points: list) -> np.ndarray:
    try:
        ring = np.asarray([(p[0], p[1]) for p in points], dtype="float64")
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise DerivationError("a ring is not a list of points") from None
    if len(ring) < 4:
        raise DerivationError(f"a ring has {len(ring)} points; a closed one has at least 4")
    if not np.isfinite(ring).all():
        raise DerivationError("a ring holds a value that is not a number")
    if (ring[0] != ring[-1]).any():
        raise DerivationError("a ring is not closed")
    if not _inside(ring):
        swapped = "; the axes are swapped" if _inside(ring[:, ::-1]) else ""
        raise DerivationError(f"a point near {ring[0][0]:.3f}, {ring[0][1]:.3f} lies outside Ukraine's window{swapped}")
    return ring


def _inside(ring: np.ndarray) -> bool:
    low = (WINDOW["lon"][0], WINDOW["lat"][0])
    high = (WINDOW["lon"][1], WINDOW["lat"][1])
    return bool((ring >= low).all() and (ring <= high).all())


def _far(points: list) -> bool:
    """Whether a ring lies hundreds of kilometres off the window, as drawn and with its axes swapped."""
    if not points:
        return False
    lon, lat = (sum(p[i] for p in points) / len(points) for i in (0, 1))
    return not any(abs(x - 31) < 16 and abs(y - 48.5) < 10 for x, y in ((lon, lat), (lat, lon)))


def _polygons(geometry: dict) -> Iterator[list]:
    """Ring lists of the polygons in a GeoJSON `geometry`, collections included."""
    kind = geometry["type"]
    if kind == "Polygon":
        yield geometry["coordinates"]
    elif kind == "MultiPolygon":
        yield from geometry["coordinates"]
    elif kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _polygons(part)
    elif kind not in ("Point", "LineString", "MultiPoint", "MultiLineString"):
        raise DerivationError(f"geometry of unknown type {kind!r}")


def _features(content: bytes) -> list[dict]:
    document = json.loads(content)
    if document["type"] != "FeatureCollection" or not document["features"]:
        raise DerivationError("not a collection of features, or an empty one")
    return document["features"]


def read_mirror(content: bytes) -> Drawing:
    """A day of the mirror: every polygon is occupied ground."""
    drawing = Drawing([])
    for feature in _features(content):
        for rings in _polygons(feature["geometry"]):
            drawing.add(OCCUPIED, rings)
    if not drawing.parts:
        raise DerivationError("no polygon in the file")
    return drawing


def read_history(content: bytes) -> Drawing:
    """A snapshot of the history archive: occupied ground and ground of unknown status.

    Polygons of the two other classes, liberated and abroad, are left out; points are units
    and camps.
    """
    drawing = Drawing([])
    for feature in _features(content):
        geometry = feature["geometry"]
        if geometry["type"] == "Point":
            continue
        properties = feature["properties"]
        status, settled = status_of(properties.get("name") or "", properties.get("fill") or "")
        drawing.by_colour += settled == "colour"
        drawing.conflicts += settled == "conflict"
        if status in (OCCUPIED, UNKNOWN):
            for rings in _polygons(geometry):
                # One grey polygon lies in the Arabian Sea, 2 February to 12 November 2023.
                if status == UNKNOWN and rings and _far(rings[0]):
                    drawing.strays += 1
                else:
                    drawing.add(status, rings)
    if not any(status == OCCUPIED for status, _ in drawing.parts):
        raise DerivationError("no occupied ground in the file")
    return drawing


def read_owl(content: bytes) -> Drawing:
    """A day of Project Owl: a list of rings, latitude first. Some days have none.

    ``areas_ua`` (Ukrainian-held ground outside Ukraine) is not read: it touches no unit.
    """
    drawing = Drawing([])
    for ring in json.loads(content)["areas"]:
        drawing.add(OCCUPIED, [[(p[1], p[0]) for p in ring]])
    return drawing


# The fills of the map's legend. Names were typed by hand, in up to three languages, and some
# lost letters on the way; colours hardly ever differ from them and settle names that tell nothing.
_BY_COLOUR = {
    "#a52714": OCCUPIED,
    "#880e4f": OCCUPIED,  # occupied before 2022
    "#000000": OCCUPIED,  # the same, until May 2022
    "#bcaaa4": UNKNOWN,
    "#bdbdbd": UNKNOWN,
    "#757575": UNKNOWN,
    "#0f9d58": LIBERATED,
    "#0288d1": LIBERATED,
    "#01579b": LIBERATED,
    "#0097a7": LIBERATED,
    "#ff5252": ABROAD,  # Abkhazia, Karelia, Kuril Islands ...
    "#ce93d8": ABROAD,  # the mutiny of 24 June 2023, in Russia
    "#fbc02d": ABROAD,  # one stray polygon in the Indian Ocean, 7 February 2023
}
_ABROAD = re.compile(r"transnistria|придністров")
_BY_NAME = {
    OCCUPIED: re.compile(r"occupied|occupation|окупован|захоплен|зайнят|cadr and calr|ордло|крим\b|тузла"),
    UNKNOWN: re.compile(
        r"unknown|conte|in doubt|under question|gr[ae]y area|невідом|під питанням|сіра зона|немає інфо"
    ),
    LIBERATED: re.compile(
        r"liberated|taken back|recaptured|pushed back|dismissed|звільн|відкинут|відбит|контролем зсу"
    ),
}


@lru_cache(maxsize=4096)
def status_of(name: str, fill: str) -> tuple[str, str]:
    """Class of a polygon of the history archive, and what settled it.

    The name decides where it tells exactly one class, as in the mirror's own script; the fill
    colour where it tells none or several. Returns (class, ``"name"``, ``"colour"`` or
    ``"conflict"``: both tell, and differ; the name stands).

    Raises
    ------
    DerivationError
        If neither tells a known class.
    """
    text = name.replace("\ufffd", "").lower()
    colour = _BY_COLOUR.get(fill.lower())
    if colour == ABROAD or _ABROAD.search(text):
        return ABROAD, "name"
    told = [status for status, words in _BY_NAME.items() if words.search(text)]
    if len(told) == 1:
        return told[0], "name" if colour in (None, told[0]) else "conflict"
    if colour is None:
        raise DerivationError(f"unknown class: name {name[:60]!r}, colour {fill!r}")
    return colour, "colour"


@dataclass(frozen=True)
class DayInName:
    """Time of a file whose name holds a day as YYYYMMDD; `hour` follows it in `observed_at`."""

    pattern: str
    hour: str = ""

    def __call__(self, name: str) -> Entry | None:
        found = re.search(self.pattern, name)
        if not found:
            return None
        try:
            day = datetime.strptime(found[1], "%Y%m%d").date().isoformat()
        except ValueError:
            raise DerivationError(f"{name}: its name holds no date") from None
        return Entry(day, day + self.hour)


def time_in_name(name: str) -> Entry | None:
    """Time of a file whose name is a unix time."""
    found = re.search(r"/(\d{9,10})\.geojson$", name)
    if not found:
        return None
    moment = datetime.fromtimestamp(int(found[1]), UTC)
    return Entry(moment.date().isoformat(), moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


@dataclass(frozen=True)
class Upstream:
    """A mapper: `entry` tells the time of a file from its name (None: no snapshot), `read` its
    drawing; `start` is the first day used, `archive` the files as pinned (see `Sources.pinned`).
    `source` names it in the tables and in the registry of upstream files."""

    source: str
    source_id: str
    entry: Callable[[str], Entry | None]
    read: Callable[[bytes], Drawing]
    start: str = "2022-01-01"
    archive: Archive = Archive("", "", "", "", "")

    def drawing(self, name: str, content: bytes) -> Drawing:
        """Drawing of the file `name`.

        Raises
        ------
        DerivationError
            Naming archive and file, if its content is not what the format says.
        """
        try:
            return self.read(content)
        except DerivationError as err:
            raise DerivationError(f"{self.archive.file or self.source}: {name}: {err}") from None
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError) as err:
            raise DerivationError(
                f"{self.archive.file or self.source}: {name}: malformed ({type(err).__name__}: {err})"
            ) from None


DEEPSTATE = Upstream(
    source="deepstate",
    source_id="deepstate-cyterat",
    entry=DayInName(r"deepstatemap_data_(\d{8})\.geojson$", "T03:00:00Z"),
    read=read_mirror,
)
HISTORY = Upstream(
    source="deepstate-history",
    source_id="deepstate-history",
    entry=time_in_name,
    read=read_history,
    start="2022-04-12",
)
OWL = Upstream(
    source="owl",
    source_id="owlmaps",
    entry=DayInName(r"/(\d{8})\.json$"),
    read=read_owl,
)
MAPPERS = (DEEPSTATE, HISTORY, OWL)
