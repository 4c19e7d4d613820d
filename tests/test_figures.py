"""Figures and tables: what a reader needs is never missing, and the style holds its promises."""

import itertools
import re

import pandas as pd
import pytest

from defacto import charts, figures, tables

SOURCE = ["j-mcdowell-20251130"]
TEXTS = {"title": "A finding", "subtitle": "Measure, unit, period", "sources": SOURCE}


def frame(**series):
    return pd.DataFrame(
        series or {"United States": [1, 5, 3], "China": [2, 2, 4]}, index=pd.Index([2001, 2002, 2003], name="year")
    )


def line(data=None, **changes):
    return charts.lines(frame() if data is None else data, **({"id": "a-b", "unit": "launches"} | TEXTS | changes))


@pytest.mark.parametrize("name", figures.PARTIES)
def test_contrast_on_white(name):
    assert figures.contrast(figures.PARTIES[name][0]) >= 3


@pytest.mark.parametrize("pair", list(itertools.combinations(figures.PARTIES, 2)), ids="-".join)
@pytest.mark.parametrize("vision", [None, "protanopia", "deuteranopia"])
def test_parties_stay_apart(pair, vision):
    one, other = (figures.PARTIES[p][0] for p in pair)
    assert figures.distance(one, other, vision) >= 0.09


def test_parties_differ_in_more_than_colour():
    assert len({str(p[1:]) for p in figures.PARTIES.values()}) == len(figures.PARTIES)


def test_parts_stay_apart_in_grey():
    light = [figures._luminance(c) for c in figures.PARTS]
    assert all((a + 0.05) / (b + 0.05) >= 1.5 for a, b in itertools.pairwise(sorted(light, reverse=True)))


def test_text_colours():
    assert figures.contrast(figures.INK) >= 7 and figures.contrast(figures.SOFT) >= 4.5


def test_known_contrasts():
    assert figures.contrast("#000000") == pytest.approx(21)
    assert figures.contrast("#767676") == pytest.approx(4.54, abs=0.01)
    assert figures.distance("#000000", "#ffffff") == pytest.approx(1, abs=1e-3)


def test_the_bundle():
    bundle = line(partial=[2003])._repr_mimebundle_()
    assert list(bundle) == ["image/svg+xml", "text/csv", figures.MIME, "text/plain"]
    assert bundle["text/csv"] == "year,United States,China\n2001,1,2\n2002,5,2\n2003,3,4\n"
    assert bundle["text/plain"] == (
        "Line chart. In launches. United States: 1 in 2001, 3 in 2003; highest 5 (2002), lowest 1 (2001). "
        "China: 2 in 2001, 4 in 2003; highest 4 (2003), lowest 2 (2001). Incomplete: 2003."
    )
    assert bundle[figures.MIME]["title"] == "A finding"


def test_the_same_figure_twice_gives_the_same_bytes():
    assert line().picture == line().picture


def test_another_number_gives_another_picture():
    assert line().picture != line(frame(**{"United States": [1, 5, 4], "China": [2, 2, 4]})).picture


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"id": "A b"}, ValueError, "lower-case words"), ({"title": " "}, ValueError, "title is empty"),
        ({"subtitle": ""}, ValueError, "subtitle is empty"), ({"sources": []}, ValueError, "names no source"),
        ({"data": frame(Mars=[1, 2, 3])}, KeyError, "has no colour of its own"),
        ({"data": frame()[::-1]}, ValueError, "must rise"), ({"data": frame().astype(str)}, ValueError, "not numeric"),
        ({"data": frame().iloc[:0]}, ValueError, "nothing to plot"),
        ({"data": pd.DataFrame({"China": range(3000)})}, ValueError, "at most 2000"),
    ],
)  # fmt: skip
def test_what_a_figure_refuses(changes, error, match):
    with pytest.raises(error, match=match):
        line(**changes)


def test_stacked_refuses_negative_and_too_many_parts():
    for data in (frame(a=[1, -1, 1]), frame(a=[1] * 3, b=[1] * 3, c=[1] * 3, d=[1] * 3, e=[1] * 3)):
        with pytest.raises(ValueError, match="at most 4 parts, none negative"):
            charts.stacked(data, id="a", unit="x", **TEXTS)


@pytest.mark.parametrize("wanted", [[10, 10, 10], [0, 100], [5, 6, 50, 51], [99, 98, 97], [3]])
def test_labels_never_overlap(wanted):
    placed = figures.spread(wanted, 12, 0, 100)
    ordered = sorted(placed)
    assert all(b - a >= 12 - 1e-9 for a, b in itertools.pairwise(ordered))
    assert ordered[0] >= 0 and ordered[-1] <= 100
    assert sorted(range(len(wanted)), key=wanted.__getitem__) == sorted(
        range(len(wanted)), key=placed.__getitem__
    ) or len(set(wanted)) < len(wanted)


def test_labels_that_cannot_fit():
    with pytest.raises(ValueError, match="do not fit"):
        figures.spread([1, 2, 3], 60, 0, 100)


def test_titles_are_wrapped_to_the_width():
    rows = figures.wrapped("word " * 40, 12.5, "bold")
    assert len(rows) > 2 and all(figures.text_width(r, 12.5, "bold") <= figures.WIDTH for r in rows)


def test_no_machine_or_date_in_the_picture():
    assert not re.search(rb"<dc:date>|Matplotlib v|/home|/usr", line().picture)


def test_table_bundle_and_cells():
    data = pd.DataFrame({"name": ["<b>", "y"], "n": [1234.5, None], "s": [0.5, 0.25]})
    made = tables.table(
        data, id="t", columns={"name": ("Name", "text"), "n": ("N", "num1"), "s": ("Share", "percent0")}, **TEXTS
    )
    assert made.rows() == [["<b>", "1,234.5", "50\u00a0%"], ["y", "–", "25\u00a0%"]]
    html = made._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;" in html and "<b>" in html.split("</caption>")[0] and "<td" in html and 'scope="row"' in html
    assert made._repr_mimebundle_()["text/csv"].splitlines()[1] == "<b>,1234.5,0.5"


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"id": "T"}, ValueError), ({"title": ""}, ValueError), ({"sources": []}, ValueError),
     ({"columns": {"a": ("A", "roman")}}, ValueError), ({"columns": {"zz": ("A", "text")}}, KeyError),
     ({"control": {"kind": "rows", "noun": "rows", "filter": ["b"]}}, KeyError)],
)  # fmt: skip
def test_what_a_table_refuses(changes, error):
    with pytest.raises(error):
        tables.table(pd.DataFrame({"a": [1]}), **({"id": "t", "columns": {"a": ("A", "num0")}} | TEXTS | changes))


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (None, "num0", "–"),
        ("", "text", "–"),
        (-2.5, "signed1", "−2.5"),
        (2025.0, "year", "2025"),
        ("2025-04-23", "day", "2025-04-23"),
    ],
)
def test_cell(value, how, text):
    assert tables.cell(value, how) == text
