"""Bad input of every kind: the loader, the checks, the readers of archives, and the pages.

A refusal names file, row and column. What may stand in a table is shown as the text it is.
"""

import csv
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from defacto import check, data, ledger
from defacto.data import DataError, read_text_table, typed_table
from defacto.derive import rows, sanctions, space
from defacto.derive.archive import DerivationError
from defacto.derive.territory import ground, upstream

quick = settings(max_examples=60, deadline=None)

#: A table of every type, as small as a table can be.
RESOURCE = {
    "name": "topic.things", "path": "topic/things.csv", "format": "csv", "encoding": "utf-8", "mediatype": "text/csv",
    "origin": "researched",
    "schema": {
        "fields": [
            {"name": "id", "type": "string", "constraints": {"required": True, "pattern": "[a-z0-9][a-z0-9-]*"}},
            {"name": "n", "type": "integer", "constraints": {"minimum": 0}},
            {"name": "share", "type": "number", "constraints": {"maximum": 1}},
            {"name": "day", "type": "date"},
            {"name": "when", "type": "string", "dataType": "edtf"},
            {"name": "kind", "type": "string", "constraints": {"enum": ["one", "other"]}},
            {"name": "note", "type": "string"},
            {"name": "source_ids", "type": "string", "listOf": "sources"},
            {"name": "status", "type": "string", "constraints": {"enum": ["sourced", "unverified"]}},
        ],
        "primaryKey": ["id"],
        "missingValues": [""],
    },
}  # fmt: skip
HEADER = [f["name"] for f in RESOURCE["schema"]["fields"]]
ROWS = [["a", "1", "0.5", "2025-04-23", "2025-04~", "one", "a note, with a comma", "tass-20250421", "sourced"],
        ["b", "", "", "", "", "other", 'so "called"', "", "unverified"]]  # fmt: skip
SOURCES = pd.DataFrame({"id": ["tass-20250421"], "kind": ["wire"]})


def written(body, header=HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *body])
    return out.getvalue().encode("utf-8")


def with_cell(column: str, text: str) -> bytes:
    row = list(ROWS[0])
    row[HEADER.index(column)] = text
    return written([row, ROWS[1]])


def refusal(content: bytes) -> str:
    with pytest.raises(DataError) as caught:
        typed_table(content, RESOURCE)
    assert str(caught.value).startswith("topic/things.csv: ")
    return str(caught.value)


def found(monkeypatch, content: bytes) -> list[check.Violation]:
    monkeypatch.setattr(
        check, "package", lambda *a: {"resources": [{"name": "sources", "schema": {"primaryKey": ["id"]}}]}
    )
    frame = typed_table(content, RESOURCE)
    return check.rule_violations(RESOURCE, frame, {"sources": SOURCES, "topic.things": frame})


def schema(tmp_path, content: bytes) -> list[check.Violation]:
    (tmp_path / "topic").mkdir(exist_ok=True)
    (tmp_path / "topic" / "things.csv").write_bytes(content)
    return check.schema_violations(RESOURCE, tmp_path)


# --- the loader ------------------------------------------------------------------------------

#: Text that a cell may hold: no controls, no line breaks, nothing that hides or turns text.
CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=12)


def test_the_small_table_is_right(monkeypatch, tmp_path):
    assert typed_table(written(ROWS), RESOURCE).shape == (2, len(HEADER))
    assert not found(monkeypatch, written(ROWS)) and not schema(tmp_path, written(ROWS))


@quick
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read(cells):
    frame = read_text_table(written(cells, ["a", "b", "c"]), "t.csv")
    assert frame.to_numpy().tolist() == cells


@quick
@given(st.binary(max_size=60) | st.tuples(st.integers(0, 200), st.binary(min_size=1, max_size=6)))
def test_whatever_the_bytes_the_error_is_ours(noise):
    content = noise if isinstance(noise, bytes) else written(ROWS)[: noise[0]] + noise[1] + written(ROWS)[noise[0] :]
    try:
        frame = typed_table(content, RESOURCE)
    except DataError as err:
        assert str(err).startswith("topic/things.csv: ")
    else:
        assert list(frame) == HEADER


@pytest.mark.parametrize(
    "bad",
    ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\t", "\r", "\u2028", "\ufeff", "\u200e", "\u061c", "\u202e", "\u2066", "\u2069"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["id", "note", "status"])
def test_controls_are_named_with_row_and_column(bad, column):
    text = refusal(with_cell(column, f"some{bad}thing").replace(b'"some', b"some").replace(b'thing"', b"thing"))
    assert re.search(rf"row 2: column '{column}': holds ", text)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1251", "koi8-u", "cp1252"])
def test_other_encodings(encoding):
    cell = {"latin-1": "Zürich", "cp1252": "“so called”"}.get(encoding, "Донецьк")
    content = written([[*ROWS[0][:6], cell, *ROWS[0][7:]]]).decode().encode(encoding)
    assert (
        "row 1" in refusal(content) if encoding == "utf-16" else "row 2: column 'note': not UTF-8" in refusal(content)
    )


def test_marks_line_ends_and_empty_files():
    assert "byte-order mark" in refusal(b"\xef\xbb\xbf" + written(ROWS))
    assert "row 1 (the header): holds a carriage return" in refusal(written(ROWS).replace(b"\n", b"\r\n"))
    for empty in (b"", b"\n", b"  \n\n"):
        assert "the file is empty" in refusal(empty)
    assert len(typed_table(written([]), RESOURCE)) == 0


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (written(ROWS).replace(b"id,n", b"id,id", 1), "column 'id' stands twice in the header"),
        (written(ROWS).replace(b"id,n", b"id,", 1), "column 2 of the header has no name"),
        (written(ROWS).replace(b"id,n", b"id,N", 1), "column 'N' is not in the descriptor"),
        (written(ROWS).replace(b"id,n,", b"n,id,", 1), "columns stand in another order"),
        (written([ROWS[0], ROWS[1][:-1]]), "row 3: 8 cells, the header has 9"),
        (written([ROWS[0], [*ROWS[1], ""]]), "row 3: 10 cells, the header has 9"),
        (written([ROWS[0], ROWS[0]]), r"row 3: key 'a' \(id\) stands twice"),
        (with_cell("note", "one\ntwo"), "row 2: column 'note': holds a line break"),
        (written(ROWS).replace(b'"a note', b'"a "note', 1), "line 2: not CSV"),
        (written(ROWS) + b'"', "line 4: not CSV"),
    ],
)  # fmt: skip
def test_broken_tables(content, match):
    assert re.search(match, refusal(content))


def test_a_cut_last_cell_is_found_by_the_schema(tmp_path):
    """It is a shorter word, and the loader takes it; the schema knows that it is none of the words of its column."""
    cut = written(ROWS)[:-2]
    assert len(typed_table(cut, RESOURCE)) == 2
    found = [str(v) for v in schema(tmp_path, cut)]
    assert len(found) == 1 and "row 3: column 'status'" in found[0]


@quick
@given(column=st.sampled_from(["n", "share", "day"]), text=CELL.filter(bool))
def test_a_cell_is_of_its_type_or_refused_by_name(column, text):
    try:
        value = typed_table(with_cell(column, text), RESOURCE)[column][0]
    except DataError as err:
        assert f"row 2: column {column!r}: {text!r} is not of type" in str(err)
        return
    assert text.isascii()
    if column == "day":
        assert f"{value:%Y-%m-%d}" == text
    else:
        assert float(text) == value and math.isfinite(value)
        assert column == "share" or re.fullmatch(r"-?\d+", text)


@pytest.mark.parametrize(
    ("column", "text"),
    [("n", t) for t in ["9" * 30, "9007199254740993", "-9" * 20, "1e3", "1.0", "1 000", "1,000", "1_000", "٣", "１", "0x10", "NaN", "∞"]]
    + [("share", t) for t in ["NaN", "nan", "inf", "-inf", "1e999", "1,5", "½", "50 %", "٠٫٥", "None", "true"]]
    + [("day", t) for t in ["23.04.2025", "04/23/2025", "2025-4-23", "2025-02-30", "20250423", "2025-04-23T00:00", "٢٠٢٥-٠٤-٢٣", "45770"]],
)  # fmt: skip
def test_numbers_and_dates_that_are_none(column, text):
    assert f"row 2: column {column!r}: {text!r} is not of type" in refusal(with_cell(column, text))


@quick
@given(st.permutations(range(len(HEADER))))
def test_swapped_columns(order):
    rows = [[row[n] for n in order] for row in ROWS]
    if list(order) == sorted(order):
        return
    assert "another order" in refusal(written(rows, [HEADER[n] for n in order]))


@pytest.mark.parametrize("descriptor", ["", "[]", "{}", '{"resources": 3}', "null", "\ufeff{}", b"\xff\xfe{}"])
def test_a_descriptor_that_is_none(tmp_path, descriptor):
    (tmp_path / data.DESCRIPTOR).write_bytes(descriptor if isinstance(descriptor, bytes) else descriptor.encode())
    with pytest.raises(DataError, match=r"datapackage\.json: "):
        data.package(tmp_path)


# --- the checks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text"),
    [("id", "two words"), ("id", "A"), ("id", "a;b"), ("n", "-1"), ("share", "1.5"), ("kind", "One"), ("status", "")],
)  # fmt: skip
def test_the_schema_names_row_and_column(tmp_path, column, text):
    wrong = schema(tmp_path, with_cell(column, text)) if text else schema(tmp_path, with_cell("id", ""))
    column = column if text else "id"
    assert any(v.row == 2 and v.column == column and v.file == "topic/things.csv" for v in wrong), wrong


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=HYPERLINK(\"x\")", "+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-1+2", "-cmd", "- a dash", "-", "--", "＝1", "＋1", "－1", "＠a",
     "-2+3|cmd"],
)  # fmt: skip
def test_formulas_are_refused(monkeypatch, text):
    wrong = found(monkeypatch, with_cell("note", text))
    assert [(v.row, v.column, "formula" in v.message) for v in wrong] == [(2, "note", True)]


@pytest.mark.parametrize("text", ["-1", "-2.5", "a = b", "1+1", "−3", "– none", "user@host", "x-1"])
def test_numbers_and_signs_inside_a_text_may_stand(monkeypatch, text):
    assert not found(monkeypatch, with_cell("note", text))


@quick
@given(text=CELL.filter(bool))
def test_no_cell_that_passes_begins_like_a_formula(text):
    """Of what the loader and the checks let through, a spreadsheet runs nothing."""
    with pytest.MonkeyPatch.context() as patch:
        wrong = found(patch, with_cell("note", text))
    harmless = text[0] not in "=+-@＝＋－＠" or re.fullmatch(r"-\d+(\.\d+)?", text)
    assert harmless or any(v.column == "note" and v.row == 2 for v in wrong)


@pytest.mark.parametrize(
    ("column", "text", "match"),
    [
        ("note", " blank", "begins or ends with a blank"),
        ("note", "blank\u00a0", "begins or ends with a blank"),
        ("when", "23.04.2025", "not an EDTF date"),
        ("when", "2025-04-31", "not an EDTF date"),
        ("when", "2025-05/2025-04", "not an EDTF date"),
        ("when", "2025-04%", "not an EDTF date"),
        ("source_ids", "nobody", "'nobody' is not a key of sources"),
        ("source_ids", "tass-20250421; tass-20250421", "is not a key of sources"),
        ("source_ids", "tass-20250421;", "is not a key of sources"),
        ("source_ids", "", "the row names no source"),
    ],
)
def test_rules_name_row_and_column(monkeypatch, column, text, match):
    wrong = [v for v in found(monkeypatch, with_cell(column, text)) if re.search(match, v.message)]
    assert wrong and wrong[0].row == 2 and wrong[0].column == (column if text else "status")


def test_no_published_number_file_begins_a_cell_like_a_formula(project):
    """What readers download of figures and tables: a sign opens a number, with its unit or a range of them."""
    from defacto.press.extension import bundles

    for name, bundle in bundles().items():
        for row in csv.reader(io.StringIO(bundle["text/csv"])):
            for cell in row:
                number = r"[+-](?![\d.,]+(e-?\d+)?( to [+-]?[\d.]+)?([ \xa0](points|km²|km|USD|bn EUR))?$)"
                assert not re.match(rf"[=@\t＝＋－＠]|{number}", cell), (name, cell)


RELAYS = st.dictionaries(st.integers(0, 6), st.sets(st.integers(0, 6), max_size=3), max_size=7)


@quick
@given(RELAYS)
def test_origins_of_any_relays_end_or_are_refused(relays):
    """Any web of relays: the origins are the ends of it (networkx), or the circle is named."""
    relays = {k: v for k, v in relays.items() if v}
    ids = [f"s{n}" for n in range(7)]
    sources = pd.DataFrame({"id": ids, "publisher": [f"P{n}" for n in range(7)],
                            "relay_of": [";".join(f"s{m}" for m in sorted(relays.get(n, ()))) or None for n in range(7)]})  # fmt: skip
    graph = nx.DiGraph([(a, b) for a, ends in relays.items() for b in ends])
    graph.add_nodes_from(range(7))
    if not nx.is_directed_acyclic_graph(graph):
        with pytest.raises(DataError, match=r"sources\.csv: relay_of goes in a circle: s\d"):
            ledger.origins(sources)
        return
    ends = [{m for m in {n, *nx.descendants(graph, n)} if not relays.get(m)} for n in range(7)]
    assert ledger.origins(sources).tolist() == [";".join(sorted(f"P{m}" for m in e)) for e in ends]


# --- readers of archives ---------------------------------------------------------------------

LAUNCH = {"Launch_Tag": "2025-001", "Launch_Date": "2025-01-02", "LV_Type": "Falcon 9", "Variant": "-", "Mission": "-",
          "Launch_Site": "CCSFS", "Launch_Site_Parent": "CC", "State": "US", "Agency": "SPX", "LaunchCode": "OS",
          "Category": "SAT"}  # fmt: skip


@quick
@given(column=st.sampled_from(["Launch_Tag", "Launch_Date", "State", "LaunchCode", "Launch_Site"]), text=CELL)
def test_launches_are_understood_or_refused_by_name(column, text):
    rows = pd.DataFrame([LAUNCH, LAUNCH | {"Launch_Tag": "2025-002", column: text}], dtype="str")
    try:
        table = space.launches(rows)
    except DerivationError as err:
        assert re.search(r"launch .*: column '\w+': ", str(err))
    else:
        assert len(table) == 2 and set(table["outcome"]) <= {"success", "failure", "no lift-off"}
        assert table["date"].str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()


ENTRY = {"annex": "I-A", "recordId": "1", "startDate": "23.02.2024", "file": "32024R0269.csv"}


@quick
@given(column=st.sampled_from(["annex", "startDate"]), text=CELL)
def test_listings_are_understood_or_refused_by_name(column, text):
    kinds = list(sanctions._KINDS)
    first = ENTRY | {"annex": kinds[0]}
    rows = pd.DataFrame([first, first | {"recordId": "2", column: text}], dtype="str")
    try:
        table = sanctions.listings_by_date(rows)
    except DerivationError as err:
        assert f"32024R0269.csv: record '2': column {column!r}: {text!r} is not understood" in str(err)
    else:
        assert table["total"].sum() == 2 and pd.to_datetime(table["listing_date"]).notna().all()


UPSTREAM = b"a,b\n1,2\n3,4\n"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "the file is empty"), (b"\n\n", "the file is empty"), (b"<!DOCTYPE html><p>", None),
        (UPSTREAM.replace(b"3", b"\xff"), "line 3: not UTF-8"), ("a,b\n1,2\n".encode("utf-16"), "line 1: not UTF-8"),
        (UPSTREAM.replace(b"2", b"\x00"), "line 2: holds a NUL"), (UPSTREAM.replace(b"b", b"a"), "column 'a' stands twice"),
        (UPSTREAM + b"5\n", "line 4: 1 cells, the header has 2"), (UPSTREAM + b"5,6,7\n", "line 4: 3 cells"),
        (UPSTREAM.replace(b"2", b'"2'), "not CSV"), (UPSTREAM[:-2] + b'"x', "not CSV|cells"),
    ],
)  # fmt: skip
def test_upstream_files_that_cannot_be_read(content, match):
    if match is None:  # a page instead of a table: no column that a derivation needs is in it
        with pytest.raises(DerivationError, match=r"x\.csv: column 'a' is missing"):
            sanctions.read("x.csv", content, ["a"])
        return
    with pytest.raises(DerivationError, match=rf"^x\.csv: .*({match})"):
        rows.text_rows("x.csv", content)


def test_what_upstream_may_do():
    wanted = [["1", "2"], ["3", "4"]]
    for content in (UPSTREAM, b"\xef\xbb\xbf" + UPSTREAM, UPSTREAM.replace(b"\n", b"\r\n"), UPSTREAM + b"\n"):
        frame = rows.text_rows("x.csv", content)
        assert list(frame) == ["a", "b"] and frame.to_numpy().tolist() == wanted


@quick
@given(st.binary(max_size=40) | st.tuples(st.integers(0, 12), st.binary(min_size=1, max_size=4)))
def test_whatever_upstream_sends_the_error_is_ours(noise):
    content = noise if isinstance(noise, bytes) else UPSTREAM[: noise[0]] + noise[1] + UPSTREAM[noise[0] :]
    try:
        rows.numbers("x.csv", rows.text_rows("x.csv", content))
    except DerivationError as err:
        assert str(err).startswith("x.csv: ")


@pytest.mark.parametrize("text", ["NaN", "inf", "1e999", "x", "1,5"])
def test_a_number_of_upstream_is_refused_by_row_and_column(text):
    frame = pd.DataFrame({"a": ["1", ""], "b": ["2", text]}, dtype="str")
    with pytest.raises(DerivationError, match=f"x.csv: row 3: column 'b': '{text}' is not a number"):
        rows.numbers("x.csv", frame)


# --- shapes ------------------------------------------------------------------------------------


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def mirror(*polygons) -> bytes:
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "MultiPolygon", "coordinates": list(polygons)}}
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def km2(content: bytes) -> float:
    """Area of what the mirror's reader makes of a file, in the projection of the maps."""
    shape = ground.ground_of(upstream.read_mirror(content)).occupied
    assert shape.is_valid
    return shape.area / 1e6


def test_holes_crossings_and_overlaps_are_measured_once():
    whole = km2(mirror([box(33, 47, 34, 48)]))
    hole = box(33.25, 47.25, 33.75, 47.75)
    assert km2(mirror([box(33, 47, 34, 48), hole])) == pytest.approx(whole - km2(mirror([hole])), rel=1e-9)
    # A hole that another part fills again, and a part drawn twice.
    assert km2(mirror([box(33, 47, 34, 48), hole], [hole])) == pytest.approx(whole, rel=1e-9)
    assert km2(mirror([box(33, 47, 34, 48)], [box(33, 47, 34, 48)], [hole])) == pytest.approx(whole, rel=1e-9)
    # A ring that crosses itself holds its two triangles, half of the box (the parallels are not straight lines).
    bow = [[33, 47], [34, 48], [34, 47], [33, 48], [33, 47]]
    assert km2(mirror([bow])) == pytest.approx(whole / 2, rel=0.01)
    # A ring that runs round twice, and the other way round, is the same ground.
    twice = box(33, 47, 34, 48)
    assert km2(mirror([twice[::-1]])) == pytest.approx(whole, rel=1e-9)
    # A ring without area is none, beside one that has it.
    assert km2(mirror([box(33, 47, 34, 48)], [[[33, 47], [34, 48], [33, 47], [33, 47]]])) == pytest.approx(
        whole, rel=1e-9
    )


@pytest.mark.parametrize(
    ("polygons", "match"),
    [
        ([[]], "a part has no rings"),
        ([[[]]], "a ring has 0 points"),
        ([[box(33, 47, 34, 48), []]], "a ring has 0 points"),
        ([[box(33, 47, 34, 48)[:-1] + [[33, 47.5]]]], "not closed"),
        ([[box(179, 47, -179, 48)]], "lies outside Ukraine's window$"),
        ([[box(33, 47, 393, 48)]], "lies outside Ukraine's window$"),
        ([[[[y, x] for x, y in box(33, 47, 34, 48)]]], "the axes are swapped"),
        ([[box(33, 47, 34, 48), [[y, x] for x, y in box(33, 47, 34, 48)]]], "the axes are swapped"),
        ([[[[33, 47], [34, None], [34, 48], [33, 47]]]], "not a list of points|not a number"),
        ([[[[33], [34], [34], [33]]]], "not a list of points"),
    ],
)
def test_shapes_that_are_refused(polygons, match):
    with pytest.raises(DerivationError, match=rf"deepstate.*day\.geojson: .*({match})"):
        upstream.DEEPSTATE.drawing("day.geojson", mirror(*polygons))


POINT = st.tuples(st.floats(30, 38), st.floats(46, 50)).map(list)


@quick
@given(st.lists(st.lists(POINT, min_size=3, max_size=7).map(lambda ring: [[*ring, ring[0]]]), min_size=1, max_size=3))
def test_any_closed_rings_give_valid_ground_within_their_hull(polygons):
    found = ground.ground_of(upstream.read_mirror(mirror(*polygons))).occupied
    points = ground.project(np.array([p for part in polygons for p in part[0]]))
    assert found.is_valid and found.area <= shapely.MultiPoint(points).convex_hull.area * (1 + 1e-9) + 1


# --- pages: what stands in a table is shown as the text it is -----------------------------------

MARKUP = '<img src=x onerror=alert(1)></script><script>alert(1)</script>" onclick="alert(1)` `</table>'


def test_a_sentence_opens_no_tag():
    from markdown_it import MarkdownIt

    from defacto.prose import Sentence, say

    for sentence in (say("It says {what}.", what=MARKUP), Sentence(f"- [{MARKUP}](#x): {MARKUP}")):
        for kind in ("text/markdown", "text/plain"):
            html = MarkdownIt("commonmark").render(sentence._repr_mimebundle_()[kind])
            assert not BeautifulSoup(html, "html.parser").find(["img", "script", "code"]), html
            assert "<img src=x onerror=alert(1)>" in BeautifulSoup(html, "html.parser").text


def test_a_table_and_its_control_open_no_tag():
    from defacto.press.render import control
    from defacto.tables import table

    frame = pd.DataFrame({"a": [MARKUP], "b": [MARKUP]})
    shown = table(frame, id="t", title=MARKUP, subtitle=MARKUP, notes=MARKUP, sources=["x"],
                  columns={"a": (MARKUP, "text"), "b": ("B", "text")},
                  control={"kind": "rows", "noun": MARKUP, "filter": ["b"]})  # fmt: skip
    html = BeautifulSoup(shown._repr_mimebundle_()["text/html"], "html.parser")
    assert not html.find(["img", "script"]) and html.find("td").text == MARKUP
    box = BeautifulSoup(control("t", shown.meta["control"]).astext(), "html.parser")
    assert len(box.find_all("script")) == 1 and not box.find("img")
    assert json.loads(box.find("script").string)["noun"] == MARKUP


def test_the_annotated_article_opens_no_tag(monkeypatch):
    from defacto.press import ledgerpages

    monkeypatch.setattr(ledgerpages, "article", lambda: MARKUP)
    frame = pd.DataFrame(
        [{"claim": "C001", "n": 1, "start": 0, "end": len(MARKUP), "verdict_printed": "wrong as written"}]
    )
    altered = [[0, len(MARKUP), MARKUP, "seen"]]
    for changes, words in (([], MARKUP), (altered, f"{MARKUP} [{MARKUP}]")):
        html = BeautifulSoup(ledgerpages.marked(frame, 0, len(MARKUP), {"C001": ""}, changes), "html.parser")
        assert not html.find(["img", "script"]) and html.text.replace("\u2060", "") == words


#: What the theme itself writes into every page.
OWN_HANDLERS = {"window.print()"}
LOOK = """() => ({
  hit: document.documentElement.dataset.hit || null,
  handlers: [...document.querySelectorAll('*')].flatMap((n) => [...n.attributes])
    .filter((a) => /^on/i.test(a.name) || a.name === 'srcdoc').map((a) => a.value),
  elements: [...document.querySelectorAll('img[src="x"], iframe, svg[onload], [autofocus], h1')]
    .filter((n) => /hostile|dataset/.test(n.outerHTML) || n.tagName !== 'H1').map((n) => n.outerHTML.slice(0, 200)),
  scripts: [...document.scripts].filter((s) => !/json$/.test(s.type) && s.textContent.includes('dataset.hit')).length,
  links: document.querySelectorAll('a[href^="javascript" i], a[href^="data:" i]').length,
  shown: document.body.textContent.includes('dataset.hit') })"""


@pytest.mark.thorough
def test_nothing_executes_whatever_the_tables_say(project, tmp_path, browser):
    """Every free text of every table hostile, every notebook run on it, the book built: Chromium runs none of it.

    The content-security-policy is switched off, so that it is the escaping that is tested.
    """
    copy = tmp_path / "book"
    for name in ("src", "book", "data", "seeds", "notebooks"):
        shutil.copytree(project / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "_toc.yml", "pyproject.toml", "requirements.lock"):
        shutil.copy(project / name, copy / name)
    env = os.environ | {"PYTHONPATH": f"{copy / 'src'}{os.pathsep}{project / 'tests'}", "PYTHONWARNINGS": "ignore"}
    env.pop("DEFACTO_DATA", None)
    spoiled = subprocess.run([sys.executable, project / "tests" / "hostile.py"], cwd=copy, env=env, capture_output=True, text=True)  # fmt: skip
    assert spoiled.returncode == 0, spoiled.stderr[-2000:]
    shown, kept = map(int, re.search(r"(\d+) outputs made hostile, (\d+) cells", spoiled.stdout).groups())
    assert shown > 3 * kept, spoiled.stdout[-3000:]
    command = [Path(sys.executable).parent / "jupyter-book", "build", copy, "--path-output", tmp_path / "out", "-q"]
    built = subprocess.run(command, env=env, capture_output=True, text=True)
    site = tmp_path / "out" / "_build" / "html"
    pages = sorted([*site.glob("notebooks/*.html"), *site.glob("book/*.html")])
    assert len(pages) >= len(list((project / "notebooks").glob("[0-9]*.ipynb"))) + 3, built.stderr[-2000:]
    tab, hostile = browser.new_context(bypass_csp=True).new_page(), 0
    for page in pages:
        tab.goto(page.as_uri(), wait_until="load")
        # Work the controls: their lists and messages are written by scripts, from cells and JSON.
        tab.evaluate("""() => { for (const n of document.querySelectorAll('.defacto-screen select, .defacto-screen input'))
            { if (n.options) n.selectedIndex = n.options.length - 1; else if (n.type === 'search') n.value = '<img src=x>';
              n.dispatchEvent(new Event('change')); n.dispatchEvent(new Event('input')); }
            for (const n of document.querySelectorAll('th button')) n.click(); }""")
        seen = tab.evaluate(LOOK)
        hostile += seen["shown"]
        assert not set(seen["handlers"]) - OWN_HANDLERS, (page.name, seen)
        assert (seen["hit"], seen["elements"], seen["scripts"], seen["links"]) == (None, [], 0, 0), (page.name, seen)
    assert hostile >= len(pages) - 4
    for picture in sorted(site.glob("downloads/*.svg")):
        tab.goto(picture.as_uri())
        assert tab.evaluate("document.documentElement.dataset.hit || null") is None, picture.name
    tab.goto(f"{(site / 'search.html').as_uri()}?q=hit")
    tab.wait_for_timeout(1500)
    seen = tab.evaluate(LOOK)
    assert (seen["hit"], seen["elements"], seen["scripts"], seen["links"]) == (None, [], 0, 0), seen
