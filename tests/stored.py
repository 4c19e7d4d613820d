"""What is stored, as tests of the library: tables pass every check, cells show number for number and picture for picture
what is stored.

pytest collects this file only by name: `make test` has `defacto.check` and strict nbval in fresh kernels do
the same. Here it runs in one process, so that a change of the library's code is tried in seconds.
"""

import pytest

import mutation
from defacto import check


@pytest.fixture(scope="module")
def tables():
    return mutation.Book().typed


def test_the_tables_pass_every_check():
    assert check.violations() == []


@pytest.mark.parametrize("path", mutation.notebooks(), ids=lambda p: p.stem)
def test_every_cell_shows_what_is_stored(path, tables):
    drawn: list = []
    mutation.trace(path, tables, drawn)
    for cell, _, _ in drawn:
        cell.picture = ""  # it is that of this run; the stored one counts
    assert mutation.first_redrawn(drawn) == ""
