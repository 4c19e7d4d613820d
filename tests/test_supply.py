"""Workflows that a linter passes and that call what exists; an inventory of the software with licences; a bill of materials."""

import http.server
import json
import re
import runpy
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
import yaml

from defacto.data import load, root
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


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_what_fails_before_a_pipe_is_a_failure(path):
    """In a container the shell is one without pipefail, unless bash is named."""
    settings = yaml.safe_load(path.read_text("utf-8"))
    if re.search(r"[^|]\|[^|]", commands(path)):
        assert settings.get("defaults", {}).get("run", {}).get("shell") == "bash"


def test_the_links_are_asked_within_the_time_of_the_job():
    """Even if no address answers: each is asked twice, by HEAD and GET."""
    settings = yaml.safe_load((root() / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    job = yaml.safe_load((root() / ".github/workflows/links.yml").read_text("utf-8"))["jobs"]["links"]
    sources = load("sources")
    addresses = pd.concat([sources[c] for c in sources if "url" in c]).nunique()
    waits = 2 * settings["linkcheck_retries"] * settings["linkcheck_timeout"]
    assert addresses * waits / settings["linkcheck_workers"] < 60 * (job["timeout-minutes"] - 20)


@pytest.fixture
def issues(monkeypatch):
    """The program that keeps the issue, and a host with one open issue of another title and a pull request."""
    told = [
        {"number": 1, "title": "Another", "body": ""},
        {"number": 2, "title": "Title", "body": "", "pull_request": {}},
    ]

    class Host(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.tell(told)

        def do_POST(self):
            told.append(self.sent() | {"number": len(told) + 1})
            self.tell(told[-1])

        def do_PATCH(self):
            one = told[int(self.path.rsplit("/", 1)[1]) - 1]
            one |= self.sent()
            self.tell(one)

        def sent(self):
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def tell(self, answer):
            for one in told:
                one["html_url"] = f"/{one['number']}"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_TOKEN", "none")
    yield runpy.run_path(str(root() / ".github/open_issue.py")), told
    server.shutdown()


def test_one_issue_is_kept_and_rewritten(issues):
    program, told = issues
    assert program["keep"]("Title", "first") == "opened: /3"
    assert program["keep"]("Title", "first") == "as it was: /3"
    assert program["keep"]("Title", "second") == "rewritten: /3"
    assert [one["body"] for one in told] == ["", "", "second"]


def test_a_long_text_is_cut_inside_its_fence(issues):
    body = issues[0]["body"]
    long = "\n".join(f"line {n}" for n in range(20_000))
    text = body("Words.", [long, "short", "a ```` in it", "x" * 90_000])
    assert 40_000 < len(text) <= 60_000 and text.startswith("Words.\n\n```\nline ")
    assert "line 19999\n```\n\n```\nshort\n```\n\n`````\na ```` in it\n`````\n\n```\nxxx" in text and text.endswith(
        "x\n```\n"
    )
    assert body("Words.", []) == "Words.\n"


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
