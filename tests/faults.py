"""Every way in which a refresh can go wrong, tried on a small project: what is expected, and what is seen.

``python tests/faults.py`` prints the table; the tests demand that both agree. Each run is a process
of its own, split off this one so that it need not import everything again. Two things are
checked after each: the files of the project and of the cache as the run left them, and that the
next run, without the fault, succeeds and leaves nothing behind.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import frictionless  # noqa: F401  the check imports it late: here once, and not in every run
import requests  # noqa: F401  the same for downloads

import upstreams as host
from defacto import refresh
from defacto.data import DataError, load
from upstreams import NEW, Hosts

COMMAND = ["space", "sanctions", "--latest", "--timeout", "20", "--retries", "0"]
PINNED = ["space", "sanctions", "--timeout", "20", "--retries", "0"]
OLD_TABLES, NEW_TABLES, MIXED = "old", "new", "old and new, each whole"


@dataclass
class Project:
    """A small project on this machine: its tables derived from the old commits, the new ones not yet."""

    root: Path
    hosts: Hosts
    old: dict[str, bytes] = field(default_factory=dict)
    new: dict[str, bytes] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @classmethod
    def made(cls, root: Path, hosts: Hosts) -> Project:
        """Derives both states once; the project is left with the old one and a cold cache."""
        made = cls(root, hosts)
        made.data.mkdir(parents=True)
        host.project(made.data, hosts.url)
        host.seal(made.data)
        for state, command in (("old", PINNED), ("new", COMMAND)):
            code, said = made.run(command)
            assert code == 0, said
            setattr(made, state, host.standing(made.data))
        made.reset()
        return made

    def reset(self, cache: bool = True) -> None:
        """The old tables again, and an empty cache."""
        for folder, wanted in ((self.data, self.old), (self.cache, {} if cache else host.standing(self.cache))):
            for path in host.standing(folder):
                if path not in wanted:
                    (folder / path).unlink()
            for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else []:
                if path.is_dir() and not any(path.iterdir()):
                    path.rmdir()
        for path, content in self.old.items():
            (self.data / path).parent.mkdir(parents=True, exist_ok=True)
            (self.data / path).write_bytes(content)

    def start(self, command: list[str], before: Callable[[], None] | None = None) -> tuple[int, int]:
        """Starts a refresh in a process of its own; returns its id and where its words go."""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            sys.stdout, sys.stderr = (os.fdopen(n, "w", buffering=1, closefd=False) for n in (1, 2))
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = 99
            try:
                os.environ |= {"DEFACTO_DATA": str(self.data), "DEFACTO_CACHE": str(self.cache)}
                refresh.HEADLINES[:] = [_rows]
                refresh.verdicts = _rows
                if before:
                    before()
                with host.few_checks():
                    code = refresh.main(command)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        os.close(writer)
        return child, reader

    def wait(self, child: int, reader: int) -> tuple[int, str]:
        """Exit code (minus the signal if one ended it) and words of a refresh."""
        with open(reader, encoding="utf-8", errors="replace") as words:
            said = words.read()
        status = os.waitpid(child, 0)[1]
        return (-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)), said

    def run(self, command: list[str], before: Callable[[], None] | None = None) -> tuple[int, str]:
        """One refresh from start to end."""
        return self.wait(*self.start(command, before))

    def state(self) -> str:
        """What the tables are; raises `AssertionError` if one is neither old nor new."""
        seen = {p: c for p, c in host.standing(self.data).items() if not p.startswith(".")}
        assert set(seen) == set(self.old), set(seen) ^ set(self.old)
        if seen == self.old:
            return OLD_TABLES
        if seen == self.new:
            return NEW_TABLES
        broken = [p for p, c in seen.items() if c not in (self.old[p], self.new[p])]
        assert not broken, f"neither old nor new: {broken}"
        return MIXED

    def leftovers(self) -> list[str]:
        """Files that are neither tables nor whole downloads."""
        left = [p for p in host.standing(self.data) if p not in self.old]
        for path in host.standing(self.cache):
            name = path.split("/")
            whole = len(name) == 3 and name[0] in host.REPOSITORIES and not name[2].startswith("tmp")
            left += [] if whole else [f"cache/{path}"]
        return left

    def loader_refuses_what_is_mixed(self) -> bool:
        """Whether every table either loads as its descriptor says or is refused."""
        with refresh.reading(self.data):
            for name in (*host.SPACE, *host.SANCTIONS):
                try:
                    load(name)
                except DataError as err:
                    if "changed since it was validated" not in str(err):
                        return False
        return True


def _rows():
    import pandas as pd

    sizes = {n: len(load(n)) for n in (*host.SPACE, *host.SANCTIONS)}
    return pd.DataFrame({"what": list(sizes), "value": [str(v) for v in sizes.values()]}, index=list(sizes))


# --- faults of this machine ------------------------------------------------------------------


def failing(
    number: int, at: int, under: Callable[[], Path], kinds=("open", "os.mkdir", "os.rename")
) -> Callable[[], None]:
    """From the `at`-th step on that writes under a folder, the system answers with the error `number`.

    Steps are seen by an audit hook: opening a file to write, making a folder, renaming. In a process
    of its own only, because such a hook cannot be taken away. `at` beyond the last step changes nothing.
    """

    def begin() -> None:
        place, steps = str(under()), 0

        def hook(event, arguments):
            nonlocal steps
            if event not in kinds or not str(arguments[0]).startswith(place):
                return
            if event == "open" and not (arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
                return
            steps += 1
            if steps >= at:
                raise OSError(number, os.strerror(number), str(arguments[0]))

        sys.addaudithook(hook)

    return begin


def dying(at: int, under: Callable[[], Path]) -> Callable[[], None]:
    """Kills the process (SIGKILL) at its `at`-th step that touches a file under a folder."""

    def begin() -> None:
        place, steps = str(under()), 0

        def hook(event, arguments):
            nonlocal steps
            if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree") and str(
                arguments[0]
            ).startswith(place):
                steps += 1
                if steps == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)

    return begin


@contextmanager
def mounted(folder: Path, options: str):
    """A file system in memory on `folder`; None is given if this machine does not allow it."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
    try:
        yield folder if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)


# --- the table -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A fault, how it is brought about, and what is expected: exit code, tables and words."""

    name: str
    words: str
    answer: Callable | None = None
    only: str = ""
    command: tuple[str, ...] = tuple(COMMAND)
    newest: str = NEW
    code: int = 1
    tables: str = OLD_TABLES
    before: Callable[[Project], Callable[[], None]] | None = None

    def seen(self, project: Project) -> tuple[int, str, str, list[str], int, str, list[str]]:
        """Runs it: code, words, tables, leftovers; then code, tables and leftovers of the run after it."""
        project.reset()
        hosts = project.hosts
        hosts.fault, hosts.only, hosts.newest = self.answer, self.only, self.newest
        try:
            code, said = project.run(list(self.command), self.before(project) if self.before else None)
        finally:
            hosts.fault, hosts.only, hosts.newest = None, "", NEW
        told = [line for line in said.splitlines() if line.startswith(("error:", "stopped"))]
        first = (code, told[-1] if told else "", project.state(), project.leftovers())
        again, _ = project.run(COMMAND)
        return (*first, again, project.state(), project.leftovers())


def once(answer: Callable) -> Callable:
    """`answer` for the first request, the right one after it."""
    count = []

    def fault(handler, body):
        count.append(1)
        answer(handler, body) if len(count) == 1 else handler.answer(200, body)

    return fault


_TRY_AGAIN = ("space", "sanctions", "--latest", "--timeout", "20", "--retries", "1")
_HASTY = ("space", "sanctions", "--latest", "--timeout", "0.5", "--retries", "0")
_PACKAGE, _FILE, _REFS = "/archive/", "ofac_panel", "info/refs"


def faults() -> list[Fault]:
    """All of them; `once` counts, so each call makes new ones."""
    return [
        Fault("no fault", "", None, code=0, tables=NEW_TABLES),
        Fault("404, package of a commit", "answers 404", host.status(404), _PACKAGE),
        Fault("404, single file", "answers 404", host.status(404), _FILE),
        Fault("500, package of a commit", "answers 500", host.status(500), _PACKAGE),
        Fault("500, newest commit", "answers 500", host.status(500), _REFS),
        Fault("500 once, then right", "", once(host.status(500)), _PACKAGE, _TRY_AGAIN, code=0, tables=NEW_TABLES),
        Fault("breaks off once, then right", "", once(host.breaks_off), _FILE, _TRY_AGAIN, code=0, tables=NEW_TABLES),
        Fault("time-out before the answer", "no answer within", host.silent, _PACKAGE, _HASTY),
        Fault("time-out in the middle", "no answer within", host.stalls, _FILE, _HASTY),
        Fault("hangs up", "cannot be reached, or broke off", host.refuses, _PACKAGE),
        Fault("truncated body, package", "broke off", host.breaks_off, _PACKAGE),
        Fault("truncated body, single file", "broke off", host.breaks_off, _FILE),
        Fault("truncated, with a length to match", "damaged", host.cut_with_length, _PACKAGE),
        Fault("truncated, without a length", "does not say how long", host.without_length, _FILE),
        Fault("wrong hash, package", "expected", host.other_bytes, _PACKAGE, tuple(PINNED)),
        Fault("wrong hash, single file", "not what is pinned", host.other_bytes, _FILE, tuple(PINNED)),
        Fault("web page instead of data, package", "web page instead of data", host.web_page, _PACKAGE),
        Fault("web page instead of data, single file", "web page instead of data", host.web_page, _FILE),
        Fault("web page instead of the newest commit", "does not answer as a git host", host.web_page, _REFS),
        Fault("changed schema upstream", "'State' is missing: the upstream changed its schema", newest=host.CHANGED),
        Fault("new rows break a rule", "rules; nothing was replaced", newest=host.BROKEN),
        Fault("full disk, cache", "No space left on device", before=lambda p: failing(errno.ENOSPC, 5, lambda: p.cache)),
        Fault("full disk, tables", "No space left on device", before=lambda p: failing(errno.ENOSPC, 4, lambda: p.data)),
        Fault("read-only folder, cache", "Read-only file system", before=lambda p: failing(errno.EROFS, 1, lambda: p.cache)),
        Fault("read-only folder, tables", "Read-only file system", before=lambda p: failing(errno.EROFS, 1, lambda: p.data)),
        Fault("killed before the tables are moved", "", code=-signal.SIGKILL, before=lambda p: dying(8, lambda: p.data / ".staging")),
        Fault("killed while the tables are moved", "", code=-signal.SIGKILL, tables=MIXED, before=lambda p: dying(3, lambda: p.data / ".committed")),
    ]  # fmt: skip


def two_at_once(project: Project) -> tuple[tuple[int, str], tuple[int, str]]:
    """Exit code and words of a refresh that waits for its host, and of one started meanwhile."""
    project.reset()
    project.hosts.fault, project.hosts.only = host.slow, _PACKAGE
    try:
        first = project.start(COMMAND)
        for _ in range(200):
            if (project.data / ".lock").exists():
                break
            time.sleep(0.05)
        second = project.run(COMMAND)
        return project.wait(*first), second
    finally:
        project.hosts.fault, project.hosts.only = None, ""


def _kinds(left: list[str]) -> str:
    """Leftovers by kind, for the table."""
    kinds = {
        "cache/work": "working copy",
        ".lock": "lock file",
        ".staging": "staged tables",
        ".committed": "tables to move",
    }
    return (
        ", ".join(sorted({next((k for start, k in kinds.items() if p.startswith(start)), p) for p in left}))
        or "nothing"
    )


def main() -> int:
    """Print the fault table; the exit code says whether all was seen as expected."""
    wrong = 0
    print(
        "| Fault | Expected: exit, tables, words | Seen: exit, tables, words | Left behind | Next run: exit, tables, left |"
    )
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        project = Project.made(Path(place), Hosts())
        for fault in faults():
            code, said, tables, left, again, then, rest = fault.seen(project)
            said = said.replace(str(project.root), "…").replace(project.hosts.url, "host")
            fits = (code, tables) == (fault.code, fault.tables) and fault.words in said
            wrong += not fits or (again, then, rest) != (0, NEW_TABLES, [])
            print(
                f"| {fault.name} | {fault.code}, {fault.tables}{', ' + fault.words if fault.words else ''} | {code}, {tables}"
                f"{', ' + said.removeprefix('error: ') if said else ''} | {_kinds(left)} | {again}, {then}, {_kinds(rest)} |",
                flush=True,
            )
        (code, _), (other, said) = two_at_once(project)
        told = next(line for line in said.splitlines() if line.startswith("error:")).removeprefix("error: ")
        fits = (code, other, project.state(), project.leftovers()) == (0, 1, NEW_TABLES, [])
        wrong += not fits or "another run" not in told
        print(
            f"| two refreshes at once | first 0, new; second 1, another run | first {code}, {project.state()}; second {other}, {told} "
            f"| {_kinds(project.leftovers())} | – |"
        )
    return int(wrong > 0)


if __name__ == "__main__":
    start = time.monotonic()
    code = main()
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    sys.exit(code)
