"""The guard: stored outputs exist, are whole and machine-independent, and nbval would notice a change.

Runs on the notebooks as committed, before anything executes them. To repair a notebook saved
from JupyterLab: `make notebooks`.
"""

import ast
import json
import re
import subprocess
import sys

import nbformat
import pytest

from defacto.data import root
from defacto.figures import MIME
from defacto.press.execute import KERNEL, environment, normalised, notebooks
from defacto.press.finish import anchor

REPAIR = "run `make notebooks` to repair it"
PATHS = notebooks()


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=PATHS, ids=lambda p: p.stem)
def path(request):
    return request.param


def code_cells(path):
    return [c for c in read(path).cells if c.cell_type == "code"]


def test_there_are_chapters():
    assert PATHS


def test_outputs_are_stored_in_order(path):
    cells = code_cells(path)
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1)), f"{path.name}: {REPAIR}"
    assert sum(bool(c.outputs) for c in cells) >= 3, f"{path.name}: outputs are missing; {REPAIR}"


def test_every_published_call_has_its_output(path):
    """A cell that ends in an expression shows something: stripped outputs do not pass."""
    for cell in code_cells(path):
        last = ast.parse(cell.source).body[-1]
        if isinstance(last, ast.Expr):
            assert cell.outputs, f"{path.name}, cell {cell.id}: its output is missing; {REPAIR}"


def test_outputs_are_bundles_or_sentences(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            where = f"{path.name}, cell {cell.id}"
            assert output.output_type in ("execute_result", "display_data"), f"{where}: {output.output_type}"
            assert MIME in output.data or "text/markdown" in output.data, f"{where}: neither figure, table nor sentence"
            if MIME in output.data:
                assert "text/markdown" not in output.data and "text/csv" in output.data, where
                assert len(output.data["text/csv"].splitlines()) <= 2001, where


def test_nothing_depends_on_the_machine(path):
    text = path.read_text("utf-8")
    found = re.search(r"/(home|root|tmp|work|Users)/|0x[0-9a-f]{6,}|[A-Z]:\\\\", text)
    assert not found, f"{path.name}: {text[max(0, found.start() - 40) : found.end() + 40]!r}"
    assert text.endswith("}\n") and len(text) <= 2_500_000


def test_metadata_is_normal(path):
    book = read(path)
    assert json.loads(json.dumps(book.metadata)) == KERNEL, f"{path.name}: {REPAIR}"
    assert (nbformat.writes(normalised(book)).rstrip("\n") + "\n") == path.read_text("utf-8"), f"{path.name}: {REPAIR}"
    ids = [c.id for c in book.cells]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in ids), (
        f"{path.name}: {ids}"
    )


def test_cells_are_short_and_plain(path):
    for cell in code_cells(path):
        where = f"{path.name}, cell {cell.id}"
        tree = ast.parse(cell.source)
        tags = cell.metadata.get("tags", [])
        imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
        assert tags == (["remove-cell"] if imports else ["hide-input"]), f"{where}: tags {tags}"
        assert len(cell.source.splitlines()) <= 45, f"{where}: too long; move arithmetic to the library"
        for node in ast.walk(tree):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.While | ast.Try), (
                f"{where}: {type(node).__name__}"
            )
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                assert all(n.split(".")[0] in ("defacto", "pandas", "numpy") for n in names), (
                    f"{where}: imports {names}"
                )
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("open", "exec", "eval", "print"), f"{where}: {node.func.id}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"https?://|\.(csv|json|ipynb)\b|\.\./", node.value), f"{where}: {node.value!r}"


def test_markdown_reads_well_in_jupyterlab(path):
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            raw = re.search(r"^```\{|^:::|\{[a-z]+\}`|^\([a-z-]+\)=", cell.source, re.MULTILINE)
            assert not raw, f"{path.name}, cell {cell.id}: {raw[0]!r} shows as it stands in JupyterLab"


def test_first_cell_names_the_chapter(path):
    first = read(path).cells[0]
    assert re.match(r"# \S", first.source), f"{path.name}: the heading comes first"
    assert (
        sum(c.source.count("\n# ") + c.source.startswith("# ") for c in read(path).cells if c.cell_type == "markdown")
        == 1
    )


def prose(path):
    """What a notebook says in sentences: its text, and what its cells say."""
    said = [o.data.get("text/markdown", "") for c in code_cells(path) for o in c.outputs]
    return "\n".join([c.source for c in read(path).cells if c.cell_type == "markdown"] + said)


def exits(path):
    """The anchors of the figures and tables of a notebook; cards have one each, by claim, and none as a whole."""
    shown = [o.data for c in code_cells(path) for o in c.outputs if MIME in o.data]
    return [name for data in shown if (name := anchor(data[MIME], data))]


LABEL = r"\]\((#(?:fig|table|ledger)-[a-z0-9-]+)\)"


def test_a_sentence_leads_to_every_figure():
    """A figure that no sentence of the book links to was published and not used."""
    pages = [p.read_text("utf-8") for p in sorted((root() / "book").glob("*.md"))]
    linked = set(re.findall(LABEL, "\n".join([*map(prose, PATHS), *pages])))
    for path in PATHS:
        missing = [i for i in exits(path) if i not in linked]
        assert not missing, f"{path.name}: no sentence links to {missing}; give each its link"
    unknown = linked - {i for path in PATHS for i in exits(path)}
    assert not unknown, f"links to figures that no notebook publishes: {sorted(unknown)}"


def test_chapters_lead_to_each_other_both_ways():
    """Where a chapter sends its reader to another, that one leads back. The first page leads everywhere."""
    home = {i: path.stem for path in PATHS for i in exits(path)}
    claims = next(p.stem for p in PATHS if p.stem.endswith("_claims"))
    leads = set()
    for path in PATHS[1:]:
        text = prose(path)
        there = {home[i] for i in re.findall(LABEL, text) if i in home} | set(re.findall(r"\]\((\w+)\.ipynb\)", text))
        there |= {claims} if "](#claim-" in text else set()
        leads |= {(path.stem, other) for other in there - {path.stem, PATHS[0].stem}}
    assert len(leads) > 20
    assert not [f"{b} does not lead back to {a}" for a, b in sorted(leads) if (b, a) not in leads]


def test_nbval_notices_a_change_in_every_kind_of_output(tmp_path):
    """Alter one output of each kind in a copy: strict nbval must fail on exactly those cells."""
    book, altered = read(PATHS[-1]), {}
    for cell in book.cells:
        for output in cell.get("outputs", []):
            for kind in output.data:
                if kind not in altered and cell.id not in altered.values():
                    altered[kind] = cell.id
                    value = output.data[kind]
                    output.data[kind] = (
                        value | {"title": "Another"}
                        if isinstance(value, dict)
                        else re.sub(r"\d", lambda m: str(9 - int(m[0])), value, count=1)
                    )
    assert {"text/csv", "text/markdown", MIME} <= set(altered)
    copy = tmp_path / PATHS[-1].name
    nbformat.write(book, copy)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-p",
        "defacto.press.pictures",
        "-p",
        "no:cacheprovider",
        "-q",
        str(copy),
    ]
    done = subprocess.run(command, cwd=root(), env=environment(), capture_output=True, text=True)
    assert f"{len(altered)} failed" in done.stdout, done.stdout[-2000:]
