"""The stored outputs as a test of the library: every cell shows, number for number and picture for picture, what is stored.

pytest collects it only by name: `make test` has strict nbval do the same in fresh kernels. Here it runs
in one process, so that a change of the library's code is tried in seconds.
"""

import pytest

import mutation


@pytest.fixture(scope="module")
def tables():
    book = mutation.Book()
    return book.typed


@pytest.mark.parametrize("path", mutation.notebooks(), ids=lambda p: p.stem)
def test_every_cell_shows_what_is_stored(path, tables):
    drawn: list = []
    mutation.trace(path, tables, drawn)
    for cell, _, _ in drawn:
        cell.picture = ""  # it is that of this run; the stored one counts
    assert mutation.first_redrawn(drawn) == ""
