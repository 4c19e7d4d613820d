"""Shared fixtures: a copy of the tables to break, the built site, a browser."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path

import pytest

from defacto import data
from defacto.data import forget


@pytest.fixture(scope="session")
def project() -> Path:
    return data.root()


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A private copy of ``data/`` that the library reads during the test."""
    copy = tmp_path / "data"
    shutil.copytree(data.data_dir(), copy)
    monkeypatch.setenv("DEFACTO_DATA", str(copy))
    forget()
    yield copy
    forget()


def edit_descriptor(folder: Path, change) -> None:
    """Apply `change` to the descriptor's resources, a dictionary by name."""
    path = folder / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    change({r["name"]: r for r in package["resources"]})
    path.write_text(json.dumps(package), "utf-8")
    forget()


def reseal(folder: Path) -> None:
    """Recompute all hashes, as an honest editor would: what follows is not caught by a hash."""

    def change(resources):
        for res in resources.values():
            res["hash"] = data.digest((folder / res["path"]).read_bytes())

    edit_descriptor(folder, change)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """HTML, PDF and EPUB built once from the outputs as committed, in a temporary folder."""
    from defacto.press.build import FORMATS, build

    # Workers of one run share the build: the first makes it, the others wait at the lock.
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    target = shared / "built"
    with open(shared / "built.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (target / "done").exists():
            assert [name for name, _ in build(target, FORMATS)]
            (target / "done").touch()
    return target


#: The file that builds the site and reads it longest: it starts at once, beside all that needs no site.
BUILDS = "test_site.py"


@pytest.hookimpl(tryfirst=True)  # before marks are asked for
def pytest_collection_modifyitems(items):
    """Files in such an order that no worker waits for the site: first who builds it, last who else needs it."""
    asking = [i for i in items if "built" in getattr(i, "fixturenames", ())]  # cells of notebooks have none
    for item in asking:
        item.add_marker("site")
    needs = {i.path for i in asking}
    items.sort(key=lambda i: 0 if i.path.name == BUILDS else 2 if i.path in needs else 1)


@pytest.fixture(scope="session")
def served(built):
    """Address of the built site on a local server."""
    from defacto.press.serve import serving

    with serving(built / "html") as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium of the system, without background traffic of its own."""
    from playwright.sync_api import sync_playwright

    from defacto.press.look import FLAGS

    flags = [*FLAGS, "--disable-quic", "--disable-sync"]
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield chromium
        chromium.close()
