"""The data door: each kind of bad table gives its own clear error."""

import pandas as pd
import pytest

from conftest import edit_descriptor, forget, reseal
from defacto import check, evidence
from defacto.data import DataError, load, names, read_text_table

TABLE = "space/launches_by_year.csv"


def broken(tables, edit, match):
    """Edit the text of a table, reseal, and expect `load` to fail with `match`."""
    path = tables / TABLE
    path.write_bytes(edit(path.read_bytes()))
    reseal(tables)
    with pytest.raises(DataError, match=match):
        load("space.launches_by_year")


def test_every_table_loads_typed(project):
    for name in names():
        frame = load(name, unverified=True)
        assert not frame.empty or name == "corrections", name
        assert all(
            str(t) in ("str", "int64", "Int64", "float64") or str(t).startswith("datetime64") for t in frame.dtypes
        ), name


def test_types_of_a_table():
    frame = load("space.launches")
    assert pd.api.types.is_datetime64_any_dtype(frame["date"])
    assert frame["variant"].isna().any()
    assert load("space.launches_by_year")["attempts"].dtype == "int64"


def test_unknown_table_names_the_nearest():
    with pytest.raises(DataError, match=r"unknown table 'space\.launch'.*space\.launches"):
        load("space.launch")


def test_missing_file(tables):
    (tables / TABLE).unlink()
    with pytest.raises(DataError, match="launches_by_year.csv: no such file"):
        load("space.launches_by_year")


def test_missing_and_damaged_descriptor(tables):
    (tables / "datapackage.json").write_text("{", "utf-8")
    forget()
    with pytest.raises(DataError, match="datapackage.json: line 1: not JSON"):
        load("space.launches")
    (tables / "datapackage.json").unlink()
    with pytest.raises(DataError, match="datapackage.json: no such file"):
        load("space.launches")


def test_table_changed_since_it_was_validated(tables):
    with open(tables / TABLE, "ab") as out:
        out.write(b"\n")
    with pytest.raises(DataError, match="changed since it was validated"):
        load("space.launches_by_year")


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda b: b.replace(b"year,country", b"year,land,country", 1).replace(b"\n", b"\n,", 1), "cells, the header|not in the descriptor"),
        (lambda b: b.replace(b"attempts", b"tries", 1), "column 'tries' is not in the descriptor"),
        (lambda b: b"\n".join(line.rsplit(b",", 1)[0] for line in b.split(b"\n")), "column 'status' of the descriptor is missing"),
        (lambda b: b.replace(b"1957,", b"nineteen,", 1), r"row 2: column 'year': 'nineteen' is not of type integer"),
        (lambda b: b.replace(b"1957,", b"1957.5,", 1), r"row 2: column 'year': '1957.5' is not of type integer"),
        (lambda b: b + b.split(b"\n")[-2] + b"\n", "stands twice"),
        (lambda b: b.replace(b"j-mcdowell-20251130", b"nobody", 1), r"row 2: column 'source_ids': 'nobody' is not in sources.csv"),
        (lambda b: b"\xef\xbb\xbf" + b, "byte-order mark"),
        (lambda b: b.replace(b"\n", b"\r\n"), r"row 1 \(the header\): holds a carriage return"),
        (lambda b: b.replace(b"derived", b"deri\x00ved", 1), "row 2: column 'status': holds a NUL"),
        (lambda b: b.replace(b"derived", "deri\u202eved".encode(), 1), "bidirectional control"),
        (lambda b: b.replace(b"derived", b"deriv\xe9d", 1), "row 2: column 'status': not UTF-8"),
        (lambda b: b"", "the file is empty"),
        (lambda b: b"\n\x00", "row 2: holds a NUL"),
        (lambda b: b.replace(b"country", b"year", 1), "column 'year' stands twice in the header"),
        (lambda b: b.replace(b",derived\n", b"\n", 1), "row 2: 9 cells, the header has 10"),
        (lambda b: b.replace(b"1957,", b'1957",', 1), "year': '1957\"' is not of type integer"),
        (lambda b: b.replace(b"1957,", b'"1957"x,', 1), "not CSV"),
    ],
)  # fmt: skip
def test_bad_tables(tables, edit, match):
    broken(tables, edit, match)


def test_columns_in_another_order(tables):
    frame = read_text_table((tables / TABLE).read_bytes(), TABLE)
    (tables / TABLE).write_text(frame[frame.columns[::-1]].to_csv(index=False, lineterminator="\n"), "utf-8")
    reseal(tables)
    with pytest.raises(DataError, match="another order"):
        load("space.launches_by_year")


@pytest.mark.parametrize("text", ["NaN", "inf", "1e999", "0x10", "1_000", " "])
def test_not_a_number(tables, text):
    edit_descriptor(tables, lambda r: r["space.launches_by_year"]["schema"]["fields"][4].update(type="number"))
    path = tables / TABLE
    lines = path.read_text("utf-8").split("\n")
    cells = lines[1].split(",")
    cells[4] = text
    lines[1] = ",".join(cells)
    path.write_text("\n".join(lines), "utf-8")
    reseal(tables)
    with pytest.raises(DataError, match="row 2: column 'attempts'"):
        load("space.launches_by_year")


def test_unverified_rows_are_dropped_unless_asked_for(tables):
    path = tables / TABLE
    path.write_bytes(path.read_bytes().replace(b",derived\n", b",unverified\n", 1))
    reseal(tables)
    kept, whole = load("space.launches_by_year"), load("space.launches_by_year", unverified=True)
    assert len(whole) == len(kept) + 1
    assert (kept["status"] != "unverified").all()


def test_a_cell_corrected_twice_is_a_chain():
    """Only the last correction of a cell must be in force; each one starts from what the one before it left."""
    claims = load("claims.claims", unverified=True)
    now = claims.set_index("id").at["C076", "reason"]

    def fixes(*pairs):
        rows = [
            {"table": "claims.claims", "key": "C076", "field": "reason", "old": old, "new": new} for old, new in pairs
        ]
        return {"claims.claims": claims, "corrections": pd.DataFrame(rows)}

    assert not check.correction_violations(fixes(("a", "b"), ("b", now)))
    assert [v.row for v in check.correction_violations(fixes(("a", "x"), ("b", now)))] == [2]
    assert [v.row for v in check.correction_violations(fixes(("a", "b"), ("b", "no longer so")))] == [3]


def test_what_is_computed_from_tables_is_dropped_when_they_change(tables):
    before = evidence.by_table().set_index("table").at["space.launches_by_year", "rows"]
    text = (tables / TABLE).read_text("utf-8")
    (tables / TABLE).write_text(text[: text.rindex("\n", 0, -1) + 1], "utf-8")
    reseal(tables)
    assert evidence.by_table().set_index("table").at["space.launches_by_year", "rows"] == before - 1


def test_what_is_kept_between_calls_stays_as_it_is():
    frame = load("space.launches_by_year")
    frame.loc[0, "attempts"] = 999
    assert load("space.launches_by_year").at[0, "attempts"] != 999


def test_a_source_that_went_is_missed_though_the_table_was_read_before(tables):
    gone = load("space.launches_by_year")["source_ids"].iloc[0].split(";")[0]
    path = tables / "sources.csv"
    lines = path.read_text("utf-8").split("\n")
    path.write_text("\n".join(line for line in lines if not line.startswith(f"{gone},")), "utf-8")
    reseal(tables)
    with pytest.raises(DataError, match=f"'{gone}' is not in sources.csv"):
        load("space.launches_by_year")
