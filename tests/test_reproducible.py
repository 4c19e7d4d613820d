"""Byte for byte: a second copy of the project in another folder, time zone, locale and umask, by another user, makes the same book."""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from defacto.data import root
from defacto.press.build import commit_time


def differences(one: Path, other: Path) -> list[str]:
    """Relative paths of files that differ or are missing, each with what is wrong."""
    found = []
    names = {p.relative_to(f) for f in (one, other) for p in f.rglob("*") if p.is_file()}
    for name in sorted(names):
        a, b = one / name, other / name
        if not (a.is_file() and b.is_file()):
            found.append(f"{name}: only in the {'first' if a.is_file() else 'second'}")
        elif not filecmp.cmp(a, b, shallow=False):
            x, y = a.read_bytes(), b.read_bytes()
            at = next((i for i, (p, q) in enumerate(zip(x, y, strict=False)) if p != q), min(len(x), len(y)))
            found.append(f"{name}: differs from byte {at} on: {x[at : at + 60]!r} / {y[at : at + 60]!r}")
    return found


def copied(target: Path) -> None:
    """The project as it would be cloned: what is tracked or about to be, and nothing that was built."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=root(), capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        if (root() / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root() / name, target / name)


#: A shell with another umask that runs what follows.
PRIVATE = ["sh", "-c", 'umask 077 && exec "$@"', "sh"]


def other_user(folder: Path) -> list[str]:
    """What runs a command as another user who owns `folder`; nothing, with the reason printed, where that cannot be."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        print("built by the same user under another name: another user needs root and setpriv")
        return []
    # By way of the shell: setpriv itself still has the rights of root when it opens the interpreter.
    if subprocess.run([*command, *PRIVATE, sys.executable, "-c", "import pandas"], capture_output=True).returncode:
        print("built by the same user under another name: the interpreter stands where other users may not go")
        return []
    for parent, names, files in os.walk(folder):
        for name in (".", *names, *files):
            os.chown(Path(parent) / name, 65534, 65534)
    for above in (folder, *folder.parents):  # the way to the copy must be open to its new owner
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    return command


@pytest.mark.thorough
def test_another_place_another_user_the_same_bytes(built, tmp_path):
    """Notebooks, tables and every format; the data stand in the site and are compared with it."""
    project = tmp_path / "a folder" / "book"
    copied(project)
    before = {p.relative_to(project): p.read_bytes() for p in project.rglob("*") if p.is_file()}
    home = tmp_path / "home"
    home.mkdir()
    env = {
        "PATH": os.environ["PATH"], "HOME": str(home), "USER": "someone", "LOGNAME": "someone",
        "TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": commit_time(), "PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    as_other = other_user(tmp_path)
    for module in (["defacto.press.execute"], ["defacto.press.build", "--target", str(tmp_path / "out")]):
        command = [*as_other, *PRIVATE, sys.executable, "-m", *module]
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    changed = [str(n) for n, content in before.items() if (project / n).read_bytes() != content]
    assert not changed, f"execution changed {changed}"
    made = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert made == sorted(p.name for p in built.iterdir() if p.is_dir())
    for name in made:
        found = differences(built / name, tmp_path / "out" / name)
        assert not found, "\n".join(found[:40])
