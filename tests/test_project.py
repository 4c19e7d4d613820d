"""The project as a whole: lists that must agree, layers that must not mix, words that must not stand."""

import ast
import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import defacto
from defacto import __version__
from defacto.data import root

ROOT = root()


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\n") if name and (ROOT / name).is_file()]


def test_the_article_is_unchanged():
    readme = (ROOT / "seeds/README.md").read_text("utf-8")
    article = next((ROOT / "seeds").glob("*.txt"))
    assert hashlib.sha256(article.read_bytes()).hexdigest() in readme and article.name in readme


def pins() -> dict[str, str]:
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    return {re.split(r"[=<>]", line)[0]: line for line in lines}


def locked() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def test_the_lock_holds_every_pin():
    versions = locked()
    for name, line in pins().items():
        assert name in versions, f"{name} is not in requirements.lock: run `make lock`"
        if "==" in line:
            assert versions[name] == {line.split("==")[1]}, f"{line} differs from requirements.lock: run `make lock`"


def test_every_locked_package_has_hashes():
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text("utf-8"))
    assert all("--hash=sha256:" in b for b in blocks if re.match(r"[a-z0-9._-]+==", b))


def test_environment_yml_agrees():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert pip == ["-r requirements.lock"] or pip == ["--require-hashes -r requirements.lock"]
    python = next(d for d in environment["dependencies"] if isinstance(d, str) and d.startswith("python"))
    assert python == "python=3.11"


def test_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    package = json.loads((ROOT / "data/datapackage.json").read_text("utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert project["version"] == __version__ == package["version"] == citation["version"]
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_table_of_contents_lists_every_chapter_once():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]
    assert len(files) == len(set(files))
    on_disk = {
        p.relative_to(ROOT).with_suffix("").as_posix()
        for f, g in (("book", "*.md"), ("notebooks", "*.ipynb"))
        for p in (ROOT / f).glob(g)
    }
    assert set(files) == on_disk


#: Modules from left to right; each may import itself and what stands before it.
LAYERS = [
    "data",
    "derive",
    "ledger",
    "crosschecks",
    "check",
    "audit",
    "prose",
    "evidence",
    "figures",
    "topics",
    "charts",
    "maps",
    "tables",
    "press",
]


def layer(module: str) -> str:
    part = module.split(".")[1] if "." in module else "data"
    return part if part in LAYERS else "topics"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src/defacto").rglob("*.py")), ids=lambda p: p.relative_to(ROOT / "src").as_posix()
)
def test_modules_import_only_from_their_left(path):
    module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    here = LAYERS.index(layer(module))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("defacto"):
            names = [node.module] if node.module != "defacto" else [f"defacto.{a.name}" for a in node.names]
        for name in names:
            if name.startswith("defacto.__"):
                continue
            there = layer(name)
            allowed = LAYERS.index(there) <= here
            assert allowed, f"{module} imports {name}, which stands to its right"


def test_nothing_names_a_machine_or_a_registry():
    """Homes of users on any system, the place of this copy, registries. The words are put together here, so that this
    file passes its own test."""
    here = [re.escape(f"{place}/") for place in (ROOT, ROOT.parent, Path.home()) if len(place.parts) > 1]
    homes = ["/" + "home/[a-z]", "/" + "Users/[A-Za-z]", "/" + "root/[a-z.]", r"[A-Z]:\\" + "Users"]
    registries = "|".join(["py" + "pi", "pythonh" + "osted", "np" + "mjs", "deb\\.deb" + "ian"])
    bad = re.compile(rf"(?<![\w.])(?:{'|'.join(here + homes)})|{registries}")
    for name in tracked():
        if name.endswith((".lock", ".png", ".svg")):
            continue
        text = (ROOT / name).read_text("utf-8", errors="replace")
        found = bad.search(text)
        assert not found or name == "tests/test_notebooks.py", (
            f"{name}: {text[max(0, found.start() - 60) : found.end() + 20]!r}"
        )


def test_no_check_is_loosened():
    words = "|".join(["nbval-" + "lax", "NBVAL_" + "IGNORE", "nbval-" + "ignore", "x" + "fail", r"mark\.sk" + "ip"])
    for name in tracked():
        if name.endswith((".py", ".ipynb", ".toml", "Makefile", "run")):
            found = re.search(words, (ROOT / name).read_text("utf-8"))
            assert not found, f"{name}: {found and found[0]}"


def test_no_raw_archive_or_large_file_is_tracked():
    for name in tracked():
        assert not name.endswith((".xz", ".geojson", ".zip", ".gz")), name
        assert (ROOT / name).stat().st_size <= 8_000_000, name


def test_makefile_targets_in_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"`make ([a-z-]+)", (ROOT / page).read_text("utf-8"))) <= targets


def test_the_order_told_is_the_order_held():
    """Of the modules, in the guide for contributors and in the library's own words."""
    own = {n for n in LAYERS if n != "topics"}
    row = next(r for r in (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("\n") if r.startswith("| `src/defacto/`"))
    told = [n for n in re.findall(r"`([a-z]+)/?`", row.replace("src/defacto/", "")) if n in own]
    words = [n for n in re.findall(r"``([a-z]+)``", defacto.__doc__.partition("left to right")[2]) if n in own]
    assert told == words == [n for n in LAYERS if n in own]


def wanted(tmp_path, **programs: str):
    """What `make system-book` does where only these programs are found: name -> what each prints."""
    for name in ("grep", "id"):
        (tmp_path / name).symlink_to(shutil.which(name))
    for name, prints in programs.items():
        (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\nprintf '{prints}\\n'\n")
        (tmp_path / name).chmod(0o755)
    command = [shutil.which("make"), "-s", "system-book"]
    return subprocess.run(command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("state", "code"), [("installed", 0), ("installed\\ninstalled", 0), ("config-files", 2), ("not-installed", 2)]
)
def test_a_package_that_was_removed_is_missing(state, code, tmp_path):
    done = wanted(tmp_path, **{"dpkg-query": state, "id": "1000"})
    assert done.returncode == code and ("libpango" in done.stderr) == bool(code)


def test_elsewhere_than_on_debian_packages_are_named_and_the_book_goes_on(tmp_path):
    done = wanted(tmp_path)
    assert done.returncode == 0 and "libpango-1.0-0" in done.stdout and "not looked for" in done.stdout


def test_the_licence_list_is_the_descriptor_s():
    from defacto.check import licence_list

    package = json.loads((ROOT / "data/datapackage.json").read_text("utf-8"))
    assert (ROOT / "data/LICENSES.md").read_text("utf-8") == licence_list(package), "run `make check`"


def test_the_readme_shows_a_figure_of_the_book():
    from defacto.press.execute import README_PICTURE, readme_picture

    assert (ROOT / README_PICTURE).read_bytes() == readme_picture()
    assert f"]({README_PICTURE})" in (ROOT / "README.md").read_text("utf-8")
