"""No number is typed into prose: pages, notebooks, templates of computed sentences."""

import nbformat
import pytest

from defacto.data import root
from defacto.press.execute import notebooks
from prose_scanner import NAMES, code_texts, markdown_text, scan


@pytest.mark.parametrize("page", sorted((root() / "book").glob("*.md")), ids=lambda p: p.stem)
def test_pages(page):
    assert not [str(f) for f in scan(markdown_text(page.read_text("utf-8")), page.name)]


@pytest.mark.parametrize("path", notebooks(), ids=lambda p: p.stem)
def test_notebooks(path):
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        where = f"{path.name}, cell {cell.id}"
        texts = [markdown_text(cell.source)] if cell.cell_type == "markdown" else code_texts(cell.source)
        found += [str(f) for text in texts for f in scan(text, where)]
    assert not found


@pytest.mark.parametrize(
    "text",
    ["70 per cent", "about 3.5 times", "½ of it", "seventy of them", "half of the area", "twice as often", "came third", "in 2024",
     "Two thirds", "a dozen", "the second meeting", "Soviet sites saw 100 launches on 4 May 1970"],
)  # fmt: skip
def test_the_scanner_finds(text):
    assert scan(text, "here")


@pytest.mark.parametrize(
    "text",
    ["on 23 April 2025", "22–24 April 2025", "Regulation 269/2014", "E.O. 14024", "resolution ES-11/4", "the RD-180", "Falcon 9",
     "third countries", "one standard for every side", "CC BY 4.0", "Two clocks"],
)  # fmt: skip
def test_the_scanner_knows_names(text):
    assert not scan(text, "here")


def test_every_name_pattern_has_a_reason():
    assert all(reason.strip() for reason in NAMES.values())


def test_templates_are_found():
    cell = 'say("{n} of 5 launches", n=num(3))\nlines(f, title=holds("In 2020 {x}", x="four"), notes=f"since {y}, 6 of them", unit="x")'
    assert len([f for t in code_texts(cell) for f in scan(t, "here")]) == 4


def test_code_and_links_are_not_prose():
    assert not scan(markdown_text("(a-1)=\n# Title\n`x1` [text](#fig-2)\n```{code} 3\n4\n```\n"), "here")
