"""Maps: drawn from cells and outlines, clipped to land, with their borders note and numbers."""

import io

import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image

from defacto import charts, figures, maps, territory
from defacto.data import load
from defacto.derive.territory import ground

TEXTS = {
    "id": "a-map", "title": "A finding", "subtitle": "Measure, day", "place": "the south", "unit": "km²",
    "sources": ["deepstate-cyterat", "natural-earth-ukr"], "window": (33.0, 46.0, 36.0, 48.0),
}  # fmt: skip
NUMBERS = pd.DataFrame({"DeepState": [19328.0], "Project Owl": [None]}, index=["Kherson"])


def cells(lon=34.5, lat=46.8, rings=3, name="occupied"):
    return pd.DataFrame({"h3": sorted(h3.grid_disk(h3.latlng_to_cell(lat, lon, 6), rings)), "class": name})


def draw(data=None, frame=NUMBERS, **changes):
    return maps.draw(cells() if data is None else data, frame, **(TEXTS | changes))


def pixels(figure):
    return np.asarray(Image.open(io.BytesIO(figure.picture)).convert("RGB")).reshape(-1, 3)


def near(figure, colour):
    want = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(pixels(figure).astype(int) - want).max(axis=1) <= 6).sum())


def test_the_projection_is_the_derivation_s():
    assert maps.project is ground.project and "+proj=laea +lat_0=48.5 +lon_0=31.5" in ground.CRS


def test_crimea_and_sevastopol_lie_within_ukraine():
    assert len(maps._outlines()) == 27 and {"UA-43", "UA-40"} <= set(maps._outlines())
    assert maps._land().area / 1e6 == pytest.approx(load("territory.land_areas")["ne_land_km2"].sum(), rel=0.01)


def test_cells_are_clipped_to_land():
    inland = h3.latlng_to_cell(49.0, 33.0, 6)
    coast = h3.latlng_to_cell(46.49, 30.75, 6)
    sea = h3.latlng_to_cell(45.0, 31.0, 6)
    whole, cut, gone = maps.clipped([inland, coast, sea])
    assert whole.area / 1e6 == pytest.approx(h3.cell_area(inland, "km^2"), rel=0.01)
    assert 0 < cut.area < 0.95 * whole.area and gone.is_empty
    with pytest.raises(ValueError, match="is no H3 cell"):
        maps.clipped(["xyz"])


def test_the_grid_keeps_its_land():
    sample = load("territory.grid_change").iloc[::40]
    area = shapely.area(maps.clipped(sample["h3"].tolist())) / 1e6
    assert area.sum() == pytest.approx(sample["land_km2"].sum(), rel=0.01)


def test_the_bundle_has_numbers_alt_text_and_a_borders_note():
    made = draw(rings={"Melitopol": 25.0}, places=pd.DataFrame({"name": ["Melitopol"], "lat": [46.85], "lon": [35.38]}))
    bundle = made._repr_mimebundle_()
    assert list(bundle) == ["image/png", "text/csv", figures.MIME, "text/plain"]
    assert bundle["text/plain"] == (
        "Map of the south. Shaded: occupied. In km²: Kherson: DeepState 19,328. Named: Melitopol. "
        "A circle about Melitopol has a radius of 25.0 km."
    )
    assert bundle[figures.MIME]["notes"].endswith(maps.BORDERS) and "Crimea and Sevastopol" in maps.BORDERS
    assert len(made.picture) <= figures.MAX_MAP


def test_what_is_shaded_is_in_the_picture():
    assert near(draw(), maps.FILLS["occupied"]) > 1000
    fewer = near(draw(cells(rings=1)), maps.FILLS["occupied"])
    assert 0 < fewer < near(draw(), maps.FILLS["occupied"]) / 2
    assert near(draw(cells(name="regained")), maps.FILLS["regained"]) > 1000


def test_another_day_gives_another_picture():
    assert draw().picture == draw().picture != draw(cells(rings=2)).picture


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"data": cells(name="claimed")}, "class 'claimed' has no fill"), ({"frame": NUMBERS.iloc[:0]}, "needs its numbers"),
        ({"places": pd.DataFrame({"name": ["Kyiv"], "lat": [50.45], "lon": [30.52]})}, "'Kyiv' lies outside the map"),
        ({"rings": {"Odesa": 5.0}}, "'Odesa' is not among the places"), ({"window": (36.0, 46.0, 33.0, 48.0)}, "west before east"),
        ({"sources": []}, "names no source"), ({"title": ""}, "title is empty"),
    ],
)  # fmt: skip
def test_what_a_map_refuses(changes, match):
    with pytest.raises(ValueError, match=match):
        draw(**changes)


@pytest.mark.parametrize("lon, lat", [(30.5, 47.0), (36.5, 47.0), (33.5, 45.0), (33.5, 49.0)])
def test_a_place_beyond_any_edge_is_refused(lon, lat):
    place = pd.DataFrame({"name": ["there"], "lat": [lat], "lon": [lon]})
    with pytest.raises(ValueError, match="'there' lies outside the map"):
        draw(window=(32.0, 46.0, 35.0, 48.0), places=place)


def test_fills_stay_apart_in_grey_and_from_free_land():
    shown = [maps.FILLS[n] for n in ("newly occupied", "in part", "occupied on both days")]
    light = [figures._luminance(c) for c in (*shown, maps.FREE)]
    assert all((b + 0.05) / (a + 0.05) >= 1.5 for a, b in zip(light, light[1:], strict=False))
    assert figures.contrast(maps.FILLS["occupied"], maps.FREE) >= 3


def test_a_circle_is_as_wide_as_it_says():
    """In an equal-area projection about the middle of Ukraine a radius is off by less than one per cent."""
    import pyproj

    lon, lat, km = 30.74383, 46.48572, 59.7
    east = pyproj.Geod(ellps="WGS84").fwd(lon, lat, 90, km * 1000)[:2]
    one, other = maps.project(np.array([[lon, lat], east]))
    assert np.hypot(*(one - other)) / 1000 == pytest.approx(km, rel=0.01)


# --- the kinds of chart this chapter adds ---------------------------------------------------

FRAME = pd.DataFrame({"DeepState": [70.1, 77.3], "Project Owl": [71.9, None]}, index=["Three", "Four"])
MONTHS = pd.DataFrame(
    {"DeepState": [100.0, -20.0, 5.0], "Project Owl": [90.0, None, -7.0]},
    index=pd.date_range("2025-01-01", periods=3, freq="MS"),
)
WORDS = {"id": "a-b", "title": "A finding", "subtitle": "Measure", "unit": "%", "sources": ["deepstate-cyterat"]}


def test_strip_bundle():
    made = charts.strip(FRAME, line=(70.0, "printed: 70 %"), bands=territory.RULE, **WORDS)
    assert made.meta["alt"] == (
        "Marks on a common scale, in %. Three: DeepState 70.1, Project Owl 71.9; Four: DeepState 77.3. Reference: printed: 70 % (70.0)."
    )
    assert made._repr_mimebundle_()["text/csv"] == "row,DeepState,Project Owl\nThree,70.1,71.9\nFour,77.3,\n"
    assert made.picture == charts.strip(FRAME, line=(70.0, "printed: 70 %"), bands=territory.RULE, **WORDS).picture
    assert made.picture != charts.strip(FRAME + 1, line=(70.0, "printed: 70 %"), bands=territory.RULE, **WORDS).picture


@pytest.mark.parametrize(
    ("frame", "options", "error"),
    [
        (FRAME.iloc[:0], {}, ValueError), (FRAME[["DeepState"]], {}, ValueError), (pd.concat([FRAME, FRAME]), {}, ValueError),
        (FRAME.astype(str), {}, ValueError), (FRAME * float("nan"), {}, ValueError), (FRAME, {"bands": {2: "a"}}, ValueError),
        (FRAME, {"line": (1.0, "x"), "bands": {5: "a", 2: "b"}}, ValueError), (FRAME.rename(columns={"DeepState": "Mars"}), {}, KeyError),
    ],
)  # fmt: skip
def test_what_a_strip_refuses(frame, options, error):
    with pytest.raises(error):
        charts.strip(frame, **WORDS, **options)


def test_columns_bundle():
    made = charts.columns(MONTHS, **WORDS)
    assert "DeepState: 2025-01 +100, 2025-02 −20, 2025-03 +5; Project Owl: 2025-01 +90, 2025-03 −7." in made.meta["alt"]
    assert made._repr_mimebundle_()["text/csv"].splitlines()[2] == "2025-02-01,-20,"
    assert made.picture != charts.columns(-MONTHS, **WORDS).picture


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (MONTHS.iloc[:0], ValueError), (MONTHS.iloc[[0, 2]], ValueError), (MONTHS.iloc[::-1], ValueError),
        (MONTHS.reset_index(drop=True), ValueError), (MONTHS.assign(a=1.0, b=2.0), ValueError),
        (MONTHS.rename(columns={"DeepState": "Mars"}), KeyError),
    ],
)  # fmt: skip
def test_what_columns_refuse(frame, error):
    with pytest.raises(error):
        charts.columns(frame, **WORDS)


@pytest.mark.parametrize("vision", [None, "protanopia", "deuteranopia"])
def test_mappers_stay_apart(vision):
    names = list(figures.MAPPERS)
    for i, one in enumerate(names):
        assert figures.contrast(figures.MAPPERS[one][0]) >= 3
        for other in names[i + 1 :]:
            assert figures.distance(figures.MAPPERS[one][0], figures.MAPPERS[other][0], vision) >= 0.09
    assert len({str(m[1:]) for m in figures.MAPPERS.values()}) == len(names)
