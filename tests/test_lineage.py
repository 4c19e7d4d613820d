"""The way from a figure to its tables: read from the code, and compared with what the code loads."""

import ast

import nbformat
import pytest

from defacto import data, evidence
from defacto.data import names
from defacto.figures import MIME
from defacto.press.execute import notebooks
from defacto.press.lineage import EVERYWHERE, Notebook, behind, recipe, tables_of


def code(*sources: str) -> Notebook:
    return Notebook([{"cell_type": "code", "source": s} for s in sources])


def test_a_cell_rests_on_what_it_loads_and_on_the_names_it_uses():
    book = code(
        'a = load("space.launches")', 'b = load("actors.week")', "c = a.groupby('x').sum()", "show(c)", "show(b)"
    )
    assert book.tables(3) == ["space.launches"] and book.tables(4) == ["actors.week"]


def test_a_name_given_anew_forgets_its_past_and_one_changed_in_part_does_not():
    book = code(
        'a = load("space.launches")', 'a = load("actors.week")', 'a["x"] = load("space.engines")["x"]', "show(a)"
    )
    assert book.tables(3) == ["actors.week", "space.engines"]
    book = code('a = load("space.launches")', "if x:\n    a = load('actors.week')", "show(a)")
    assert book.tables(2) == ["actors.week", "space.launches"]
    book = code('a = load("space.launches")', 'b = [a for a in load("actors.week")]', "show(b)")
    assert book.tables(2) == ["actors.week"]


def test_functions_of_the_library_are_followed():
    assert "claims.claims" in behind("defacto.ledger.quote")
    book = code("from defacto.ledger import quote", "x = quote('C001')", "show(x)")
    assert book.tables(2) == ["claims.claims"]


def test_names_put_together_in_code_lean_to_too_many():
    assert {"deals.provisions", "deals.provisions_first"} <= tables_of(ast.parse('load(f"deals.provisions{part}")'))
    assert tables_of(ast.parse('def f(t="space"): load(f"{t}.{x}")')) == {n for n in names() if n.startswith("space.")}


def test_every_figure_and_table_names_its_tables():
    without = []
    for path in notebooks():
        cells = nbformat.read(path, as_version=4).cells
        book = Notebook(cells)
        for number, cell in enumerate(cells):
            without += [
                o.data[MIME]["id"]
                for o in cell.get("outputs", [])
                if MIME in o.get("data", {}) and not book.tables(number)
            ]
    assert set(without) <= {"map-licences"}, without  # of the descriptor itself


def test_every_recipe_is_in_a_file():
    for name in names():
        found = recipe(name)
        assert found is None or (data.root() / found[1]).is_file()


#: Functions of `defacto.evidence` that read all gathered tables.
WHOLE = ("by_chapter", "mix", "countries", "researched_share", "headline")


@pytest.mark.thorough
@pytest.mark.parametrize("path", notebooks(), ids=lambda p: p.stem)
def test_nothing_is_loaded_that_the_code_does_not_show(path, monkeypatch):
    """Run the cells and record what they load: each cell's tables are among those read from its code."""
    loaded: set[str] = set()
    typed = data.typed_table
    monkeypatch.setattr(data, "typed_table", lambda content, res: loaded.add(res["name"]) or typed(content, res))
    cells = nbformat.read(path, as_version=4).cells
    book, space = Notebook(cells), {"__name__": "__main__"}
    seen = 0
    for number, cell in enumerate(cells):
        if cell.cell_type == "code":
            loaded.clear()
            data._FRAMES.clear()  # what is kept between calls is not typed again
            exec(compile(cell.source, f"{path.name}:{cell.id}", "exec"), space)
            # These count every gathered table by way of the descriptor, so no table's name stands in their code.
            whole = any(f"evidence.{name}(" in cell.source for name in WHOLE)
            counted = {r["name"] for r in evidence.described()} if whole else set()
            missing = loaded - set(book.tables(number)) - set(EVERYWHERE) - counted
            assert not missing, f"{path.name}, cell {cell.id}: loads {sorted(missing)}, unseen in its code"
            seen += len(loaded)
    assert seen
