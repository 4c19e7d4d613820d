"""Execution and building: offline, all or none, by name when it stops, the same bytes every time."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from conftest import reseal
from defacto.data import root
from defacto.derive.replace import lock
from defacto.press import execute, look
from defacto.press.build import BuildFailed, commit_time, run_builder
from defacto.press.build import main as build_main
from defacto.press.lighten import purged
from defacto.press.serve import server, serving


def notebook(folder: Path, name: str, *sources: str) -> Path:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"
    path = folder / name
    nbformat.write(book, path)
    return path


def test_a_failed_cell_leaves_every_notebook_as_it_was(tmp_path):
    good = notebook(tmp_path, "1_good.ipynb", "1 + 1")
    bad = notebook(tmp_path, "2_bad.ipynb", "raise ValueError('the reason')")
    before = good.read_bytes(), bad.read_bytes()
    with pytest.raises(execute.NotebookFailed, match="2_bad.ipynb, cell cell-0: ValueError: the reason"):
        execute.execute_all([good, bad])
    assert (good.read_bytes(), bad.read_bytes()) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1_good.ipynb", "2_bad.ipynb"]


def test_notebooks_of_two_folders_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    pair = [notebook(tmp_path, "1.ipynb", "1 + 1"), notebook(tmp_path / "a", "2.ipynb", "2 + 2")]
    before = [p.read_bytes() for p in pair]
    with pytest.raises(ValueError, match="several folders"):
        execute.execute_all(pair)
    assert [p.read_bytes() for p in pair] == before and not (tmp_path / "2.ipynb").exists()


def test_a_cell_without_end_and_a_kernel_that_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "PATIENCE", 2)
    with pytest.raises(execute.NotebookFailed, match=r"1\.ipynb: a cell took longer than 2 s"):
        execute.execute(notebook(tmp_path, "1.ipynb", "import time; time.sleep(60)"))
    with pytest.raises(execute.NotebookFailed, match=r"2\.ipynb: its kernel ended"):
        execute.execute(notebook(tmp_path, "2.ipynb", "import os; os._exit(1)"))


def test_what_stops_execution_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DEFACTO_ISOLATED", "test")
    path = notebook(tmp_path, "1.ipynb", "1 + 1")
    with lock(tmp_path):
        assert execute.main([str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and "another run is writing" in said and "Traceback" not in said


def test_the_arguments_given_are_those_of_the_guarded_run(monkeypatch):
    """Those of another command, in which it is called, are not taken for its own."""
    run = []
    monkeypatch.delenv("DEFACTO_ISOLATED", raising=False)
    monkeypatch.setattr(execute, "isolated", lambda command: (command, "nothing"))
    monkeypatch.setattr(
        execute.subprocess, "run", lambda command, **_: run.append(command) or SimpleNamespace(returncode=0)
    )
    monkeypatch.setattr(sys, "argv", ["pytest", "--of-pytest"])
    assert execute.main([]) == 0 and run[0][1:] == ["-m", "defacto.press.execute"]


def test_the_time_of_the_build_without_git(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("PATH", "")
    assert commit_time() == "0"


def test_looking_names_the_formats_and_the_place(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit) as left:
        look.main(["epub"])
    assert left.value.code == 2 and "no format 'epub': choose from html, pdf" in capsys.readouterr().err
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf/de-jure-de-facto.pdf").touch()
    monkeypatch.setattr(look, "pdf", lambda *a: [])
    assert look.main(["pdf", "--target", str(tmp_path)]) == 0
    assert f"sheets in {tmp_path / 'look'} (" in capsys.readouterr().out


def test_execution_is_byte_stable_and_says_what_changed(tmp_path):
    path = notebook(tmp_path, "1.ipynb", "import math", "round(math.pi, 3)")
    assert execute.execute_all([path]) == ["1.ipynb"]
    first = path.read_bytes()
    assert execute.execute_all([path]) == [] and path.read_bytes() == first


@pytest.mark.parametrize(
    "cell",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), 2)",
        "import socket; socket.getaddrinfo('example.org', 80)",
    ],
)
def test_a_notebook_has_no_network(tmp_path, cell):
    with pytest.raises(execute.NotebookFailed, match="network refused"):
        execute.execute(notebook(tmp_path, "1.ipynb", cell))


def test_a_broken_claim_stops_the_build_and_names_the_sentence(tables, tmp_path):
    """Make Russia's launches outnumber all others in a recent year: the title that says otherwise stops."""
    path = tables / "space/launches_by_year.csv"
    text = path.read_text("utf-8")
    old = next(line for line in text.split("\n") if line.startswith("2024,Soviet Union and Russia,Baykonur"))
    cells = old.split(",")
    cells[4] = cells[5] = "190"
    path.write_text(text.replace(old, ",".join(cells)), "utf-8")
    reseal(tables)
    chapter = next(p for p in execute.notebooks() if "space" in p.name)
    copy = tmp_path / chapter.name
    copy.write_bytes(chapter.read_bytes())
    with pytest.raises(execute.NotebookFailed, match="BrokenClaim: the data no longer support this sentence: .*2024"):
        execute.execute_all([copy])
    assert copy.read_bytes() == chapter.read_bytes()


def test_the_offline_guard_lets_loopback_pass():
    code = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); socket.create_connection(s.getsockname(), 2)"
    subprocess.run([sys.executable, "-c", code], env=execute.environment(), check=True)


@pytest.mark.thorough
def test_a_warning_stops_the_build(tmp_path, monkeypatch):
    """A page with a dead link, in a copy of the pages, is an error of the build."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("_config.yml", "book"):
        subprocess.run(["cp", "-r", str(root() / name), str(copy)], check=True)
    (copy / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
    (copy / "book/index.md").write_text("# Title\n\n[nowhere](#no-such-label)\n", "utf-8")
    monkeypatch.setattr("defacto.press.build.root", lambda: copy)
    with pytest.raises(BuildFailed, match="no-such-label"):
        run_builder("html", tmp_path / "out")


@pytest.mark.thorough
def test_a_notebook_runs_from_any_folder(tmp_path):
    """As from JupyterLab opened elsewhere: no cell depends on where it runs."""
    path = execute.notebooks()[-1]
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    assert execute.execute(copy) == path.read_bytes()


def test_an_unknown_format_is_refused(capsys):
    with pytest.raises(SystemExit):
        build_main(["docx"])
    assert "no format 'docx': choose from html, pdf, epub" in capsys.readouterr().err


def test_the_preview_serves_the_site_on_this_machine_only(tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html><title>here</title>", "utf-8")
    running = server(tmp_path)
    running.server_close()
    assert running.server_address[0] == "127.0.0.1"
    with serving(tmp_path) as address, urllib.request.urlopen(f"{address}/index.html") as answer:
        assert b"here" in answer.read()


def test_lighten_keeps_what_pages_use_and_drops_the_rest():
    css = """/* c */ .used a:hover, .gone b { color: red } .gone { top: 0 } #kept:not(.gone) { left: 0 }
    @media print { .gone { top: 0 } .used { top: 1px } } @media (min-width: 1px) { .gone { top: 0 } } a[href^=".gone"] { x: y }"""
    slim = purged(css, {"used", "kept"})
    assert (
        ".used a:hover{color: red}" in slim
        and "#kept:not(.gone){left: 0}" in slim
        and "@media print{.used{top: 1px}}" in slim
    )
    assert "min-width" not in slim and "b {" not in slim and ".gone{" not in slim and 'a[href^=".gone"]' in slim


def test_the_guide_and_the_files_for_binder():
    """The guide names every chapter by its heading; Binder gets the packages that the PDF needs, and a sound script."""
    guide = (root() / "notebooks/GUIDE.md").read_text("utf-8")
    for path in execute.notebooks():
        heading = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].removeprefix("# ")
        row = next((line for line in guide.splitlines() if f"]({path.name})" in line), "")
        named = row.split("|")[2].strip() if row else ""
        assert named and heading.startswith(named), f"{path.name}: {heading!r} is {named!r} in the guide"
    workspace = json.loads((root() / "notebooks/guide.jupyterlab-workspace").read_text("utf-8"))
    assert workspace["data"]["markdownviewer-widget:GUIDE.md"]["data"]["path"] == "GUIDE.md"
    makefile = (root() / "Makefile").read_text("utf-8")
    packages = re.search(r"^PDF_PACKAGES := (.*)$", makefile, re.MULTILINE)[1].split()
    assert (root() / "apt.txt").read_text("utf-8").split() == packages
    script = root() / "postBuild"
    assert os.access(script, os.X_OK) and script.read_text("utf-8").startswith("#!")
    assert not subprocess.run(["bash", "-n", str(script)], capture_output=True).returncode
    assert "--no-deps -e ." in script.read_text("utf-8")
