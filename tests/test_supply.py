"""Workflows that a linter passes and that call what exists; an inventory of the software with licences; a bill of materials."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from defacto.data import root
from defacto.press import inventory

WORKFLOWS = sorted((root() / ".github/workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def commands(path: Path) -> str:
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
    return "\n".join(step["run"] for job in jobs for step in job["steps"] if "run" in step)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (root() / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_there_are_workflows_for_pushes_refresh_and_links():
    assert [p.stem for p in WORKFLOWS] == ["book", "links", "refresh"]


def test_workflows_are_valid():
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflows_are_safe():
    """No action by a movable name, no more rights than needed, no text of others in a command."""
    done = subprocess.run([BIN / "zizmor", "--offline", "--no-progress", *WORKFLOWS], capture_output=True, text=True)
    assert done.returncode == 0 and "No findings" in done.stdout + done.stderr, done.stdout + done.stderr


def test_the_linter_would_find_a_fault(tmp_path):
    text = WORKFLOWS[0].read_text("utf-8")
    faulty = tmp_path / "faulty.yml"
    faulty.write_text(re.sub(r"@[0-9a-f]{40}", "@v4", text).replace("runs-on", "runs_on"), "utf-8")
    assert subprocess.run([BIN / "zizmor", "--offline", "--no-progress", faulty], capture_output=True).returncode
    schema = [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", faulty]
    assert subprocess.run(schema, capture_output=True).returncode


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_workflows_call_targets_that_exist(path):
    called = re.findall(r"\bmake (?:-s )?([a-z-]+)", commands(path))
    assert called and set(called) <= targets()


def test_the_push_runs_what_ci_runs():
    ci = re.findall(r"^make ([a-z]+)", (root() / ".ci/run").read_text("utf-8"), re.MULTILINE)
    assert re.findall(r"^make ([a-z]+)", commands(root() / ".github/workflows/book.yml"), re.MULTILINE) == ci


def test_the_inventory_names_every_direct_package_with_a_licence():
    table = inventory.packages().set_index("package")
    project = (root() / "pyproject.toml").read_text("utf-8")
    named = {n.lower() for n in re.findall(r'^    "([A-Za-z0-9._-]+)[=>]=', project, re.MULTILINE)}
    assert named == set(table.index[table["direct"]])
    # One package keeps its licence in a file only.
    assert set(table.index[table["licence"] == "not stated"]) <= {"axe-playwright-python"}


@pytest.mark.thorough
def test_the_bill_of_materials_lists_what_is_locked(tmp_path):
    """CycloneDX, validated against its schema as it is written; the same bytes twice."""
    texts = []
    for name in ("one", "two"):
        out = tmp_path / f"{name}.json"
        command = [BIN / "cyclonedx-py", "environment", sys.executable, "--pyproject", root() / "pyproject.toml",
                   "--output-reproducible", "--output-file", out]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        texts.append(out.read_text("utf-8"))
    assert texts[0] == texts[1]
    listed = {c["name"].lower().replace("_", "-"): c["version"] for c in json.loads(texts[0])["components"]}
    locked = {n.replace("_", "-").replace(".", "-"): v for n, v in inventory.locked().items()}
    listed = {n.replace(".", "-"): v for n, v in listed.items()}
    assert not {n: v for n, v in locked.items() if listed.get(n) != v}
