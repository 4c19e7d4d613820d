"""A sample of mutations, hashes recomputed: structural errors never survive, numbers of derived tables neither."""

import pytest

import mutation

#: Classes that break the contract itself: nothing but a check of data may catch them.
STRUCTURAL = {"type", "source", "row repeated"}
DATA_CHECKS = {"schema", "rule", "sanity", "cross-check"}


@pytest.fixture(scope="module")
def book():
    return mutation.Book()


def test_structural_errors_never_survive(book):
    drawn = [m for m in mutation.sample(book, 200) if m.kind in STRUCTURAL]
    drawn = drawn[:: max(1, len(drawn) // 90)]
    lost = [
        (m.table, m.kind, m.column)
        for m in drawn
        if mutation.caught_by(book, m, notebooks_too=False) not in DATA_CHECKS
    ]
    assert not lost


@pytest.mark.parametrize("table", ["space.launches", "space.launches_by_year"])
def test_the_launch_tables_hold_against_every_class(book, table):
    import random

    made = [
        m for m in mutation.mutations(book, table, random.Random(mutation.SEED)) if m.kind not in ("text", "free text")
    ]
    lost = [(m.kind, m.column) for m in made if mutation.caught_by(book, m, notebooks_too=False) == "survived"]
    assert not lost


def test_a_wrong_number_turns_a_notebook_red(book):
    """What no check of data can know is caught by the computed outputs."""
    res = book.resources["space.launches_by_year"]
    path = next(p for p in mutation.notebooks() if "space" in p.name)
    assert mutation.run_notebook(path, None)[0], "the notebook as it stands computes its stored outputs"
    content = (
        (book.folder / res["path"])
        .read_bytes()
        .replace(b"2024,United States,Canaveral,SPX,62,", b"2024,United States,Canaveral,SPX,63,", 1)
    )
    assert content != (book.folder / res["path"]).read_bytes()
    assert not mutation.run_notebook(path, (res["path"], content))[0]


@pytest.mark.thorough
def test_a_larger_sample(book):
    drawn = mutation.sample(book, 12)
    verdicts = [mutation.caught_by(book, m, notebooks_too=False) for m in drawn]
    kept = [(m, v) for m, v in zip(drawn, verdicts, strict=True) if m.kind in STRUCTURAL]
    assert kept and all(v in DATA_CHECKS for _, v in kept)
    mutation.report(drawn, verdicts)
