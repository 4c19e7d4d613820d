"""A sample of mutations: structural errors never survive, and what survives has its reason.

The whole run is `make mutation`; it also holds that every reason listed is still needed.
"""

import random

import pandas as pd
import pytest

import library
import mutation
from defacto import check, data

#: Classes that break the contract itself: nothing but a check of data may catch them.
STRUCTURAL = {"type", "source", "row repeated"}
#: A notebook that runs in a second or two, and stands for the others here.
QUICK = "05b_starlink"


@pytest.fixture(scope="module")
def book():
    return mutation.Book()


@pytest.fixture(scope="module")
def quick(book):
    """The book as if it had one notebook and no pages, and the tables that only this one reads."""
    path = next(p for p in mutation.notebooks() if p.stem == QUICK)
    small = mutation.Book.__new__(mutation.Book)
    small.__dict__ = dict(book.__dict__) | {"traces": [mutation.trace(path, book.typed)], "pages": {}}
    read = set().union(*(c.reads for c in small.traces[0].cells))
    return small, sorted(n for n in read if n.startswith("space.") and n not in OTHERS)


#: Tables of that topic which another notebook reads too.
OTHERS = {"space.timeline", "space.launches", "space.agreements", "space.constellations", "space.cross_flights",
          "space.engine_counts", "space.launch_counts", "space.oneweb_launches", "space.seat_prices"}  # fmt: skip


def judged(book, made, **options):
    """Mutations with their verdicts, the schema asked once a table."""
    found = []
    for table in dict.fromkeys(m.table for m in made):
        mine = [m for m in made if m.table == table]
        red = mutation.schema_red(book, table, mine)
        found += [(m, mutation.caught_by(book, m, red=r, **options)) for m, r in zip(mine, red, strict=True)]
    return found


def test_every_column_of_every_table_is_mutated(book):
    for table, res in book.resources.items():
        touched = {c for m in mutation.mutations(book, table) for c in m.column.split(", ")}
        filled = {h for n, h in enumerate(book.text[table][0]) if any(r[n] for r in book.text[table][1:])}
        fields = {f["name"] for f in res["schema"]["fields"]}
        assert touched - {"*"} <= fields and filled <= touched, (table, filled - touched)


def test_a_draw_stands_when_a_row_or_column_is_added(book):
    made = {(m.kind, m.column): m for m in mutation.mutations(book, "space.terminals")}
    longer = mutation.Book.__new__(mutation.Book)
    rows = book.text["space.terminals"]
    longer.__dict__ = dict(book.__dict__) | {
        "text": book.text | {"space.terminals": [*rows, ["zz", *rows[-1][1:]]]}
    }  # fmt: skip
    again = {(m.kind, m.column): m for m in mutation.mutations(longer, "space.terminals")}
    same = [k for k in made if k in again and (made[k].row, made[k].now) == (again[k].row, again[k].now)]
    assert len(same) > 0.8 * len(made)


def test_a_change_is_one_change(book):
    for m in mutation.mutations(book, "space.terminals"):
        now, was = m.rows(book.text["space.terminals"]), book.text["space.terminals"]
        cells = sum(a != b for one, other in zip(now, was, strict=False) for a, b in zip(one, other, strict=True))
        assert (len(now) - len(was), min(cells, 2)) in {
            "row dropped": {(-1, 1), (-1, 2)}, "row repeated": {(1, 0), (1, 1), (1, 2)}, "columns swapped": {(0, 2)},
        }.get(m.kind, {(0, 1)}), m  # fmt: skip


def test_structural_errors_never_survive(book):
    some = random.Random(mutation.SEED).sample(sorted(book.resources), 12)
    drawn = [m for t in some for m in mutation.mutations(book, t) if m.kind in STRUCTURAL]
    assert len(drawn) > 30
    assert not [(m.table, m.kind, m.column) for m, v in judged(book, drawn, notebooks_too=False) if v.layer not in mutation.DATA_LAYERS]  # fmt: skip


def test_numbers_of_derived_launch_tables_never_survive(book):
    made = [m for m in mutation.mutations(book, "space.launches_by_year") if m.kind not in ("text", "other source")]
    assert not [(m.kind, m.column) for m, v in judged(book, made, notebooks_too=False) if v.layer == "survived"]


def test_the_schema_asked_in_one_go_says_the_same(book):
    made = mutation.mutations(book, "space.seat_prices")[::3]
    one_by_one = [mutation.schema_red(book, "space.seat_prices", [m])[0] for m in made]
    assert mutation.schema_red(book, "space.seat_prices", made) == one_by_one and any(one_by_one)


def test_a_wrong_number_turns_the_notebook_red(quick):
    """What no check of data can know is caught where it is shown, by the cell that shows it."""
    small, _ = quick
    rows = [list(r) for r in small.text["space.terminals"]]
    place = rows[0].index("value")
    rows[1][place] = str(int(rows[1][place]) + 1)
    frame = data.typed_table(mutation.data_bytes(rows), small.resources["space.terminals"])
    verdict = mutation.in_the_book(small, "space.terminals", small.typed | {"space.terminals": frame})
    assert verdict.layer in ("condition", "nbval only") and QUICK in verdict.by
    assert mutation.in_the_book(small, "space.terminals", dict(small.typed)).layer == "survived"


def test_replaying_cells_finds_what_running_all_finds(quick):
    """A change of a table behind many cells: the cells replayed say what a whole run of the notebook says."""
    small, _ = quick
    frame = small.typed["space.statements"]
    changed = frame.assign(tone=frame["tone"].mask(frame.index == 0, "positive" if frame["tone"][0] != "positive" else "hostile"))  # fmt: skip
    tables = small.typed | {"space.statements": changed}
    found = mutation.in_the_book(small, "space.statements", tables)
    path = next(p for p in mutation.notebooks() if p.stem == QUICK)
    try:
        mutation.trace(path, tables)
        whole = "survived"
    except AssertionError:
        whole = "red"
    assert (found.layer == "survived") == (whole == "survived")


def test_what_survives_a_sample_has_its_reason(quick):
    small, tables = quick
    assert len(tables) >= 5
    drawn = [m for m in mutation.sample(small, 2) if m.table in tables]
    found = judged(small, drawn)
    frame = mutation.result([m for m, _ in found], [v for _, v in found])
    assert not mutation.faults(frame, whole=False)
    recorded = mutation.recorded(data.data_dir())
    for one in frame.itertuples():
        at = recorded[recorded["table"] == one.table]
        if len(at) and (at["table_hash"] == small.resources[one.table]["hash"][7:23]).all():
            assert len(at[(at["class"] == one._2) & (at["caught_by"] == one.caught_by)]), one


def test_a_picture_that_differs_is_noticed(quick):
    small, _ = quick
    cell = next(c for c in small.traces[0].cells if any(k.startswith("image/") for k in c.stored))
    with mutation._tables_in_memory(small.typed):
        drawn = []
        assert not mutation._play(cell, mutation._copies(cell.before), drawn) and len(drawn) == 1
        assert mutation.first_redrawn(drawn) == ""
        drawn[0][1].text(0.5, 0.5, "another mark")
        assert cell.id in mutation.first_redrawn(drawn)


def test_a_survivor_without_a_reason_fails_the_run():
    lost = mutation.Mutation("space.terminals", "number", "value", 3, "1", "2")
    frame = mutation.result([lost], [mutation.Verdict("survived")])
    assert "space.terminals, row 5, column 'value'" in mutation.faults(frame, whole=False)[0]
    assert len(mutation.faults(frame, whole=True)) == 1 + len(mutation.listed())


def test_the_counts_are_a_table_of_the_book(tables, book):
    frame = pd.DataFrame({"table": ["space.terminals"], "class": ["number"], "caught_by": ["survived"], "row": [2]})
    mutation.record(frame, book)
    res, frame = data.resource("mutation"), data.load("mutation")
    assert not check.schema_violations(res, tables) and not check.rule_violations(res, frame, {})
    assert frame.loc[frame["table"] == "space.terminals", "count"].tolist() == [1]


def test_a_run_on_some_tables_keeps_the_counts_of_the_rest(tables, book):
    rows = [("space.terminals", "number", "survived", 2), ("claims.links", "key", "rule", 3)]
    for table, kind, layer, row in rows:
        frame = pd.DataFrame({"table": [table], "class": [kind], "caught_by": [layer], "row": [row]})
        mutation.record(frame, book)
    frame = mutation.recorded(tables).set_index("table")
    assert frame.loc[["space.terminals"], "class"].tolist() == ["number"]
    assert frame.loc[["claims.links"], "class"].tolist() == ["key"]
    assert "space.terminals" not in mutation.changed(book) and "claims.claims" in {
        *mutation.changed(book),
        *frame.index,
    }


def test_reasons_are_reasons():
    rows = mutation.listed()
    assert rows and all(len(r["reason"]) > 20 for r in rows)
    assert len({(r["table"], r["column"], r["class"]) for r in rows}) == len(rows)


@pytest.mark.thorough
def test_a_larger_sample(book):
    drawn = mutation.sample(book, 1)
    verdicts, _ = mutation.run(book, drawn)
    frame = mutation.result(drawn, verdicts)
    assert not mutation.faults(frame, whole=False)
    mutation.counts(frame, "class")


@pytest.mark.thorough
def test_the_counts_shown_are_those_of_the_tables_as_they_stand(book):
    """Before a release: `make mutation` has run on these very tables."""
    changed = mutation.changed(book)
    assert not changed, f"run `make mutation`: {', '.join(changed)} changed since"
    assert not check.violations()


@pytest.mark.parametrize("program", [mutation, library], ids=lambda p: p.__name__)
def test_what_a_program_would_describe_is_what_is_described(program):
    """A recorded table keeps its descriptor: that of the program must not become another."""
    mine = program.described()
    stored = data.resource(mine["name"])
    for key in ("path", "title", "description", "licenses", "origin", "limitations", "schema"):
        assert stored[key] == mine[key], key
    assert stored.get("sanity") == mine.get("sanity")


def test_changes_of_the_library_are_counted_by_module():
    tried = pd.DataFrame({"module": ["a", "a", "a", "b"], "change": list("wxyz"), "code": [1, 0, 33, 24]})
    counted = library.counts(tried)
    assert counted.loc["a"].tolist() == [3, 1, 33.3] and counted.loc["b"].tolist() == [1, 1, 100.0]
    assert counted.loc["together"].tolist() == [4, 2, 50.0]
    assert library.sample(tried, 2) == library.sample(tried.iloc[::-1], 2) and len(library.sample(tried, 2)) == 3
