"""Faults of a refresh: each ends in a clear error or in success, with tables that are old or new, and whole.

The table of all faults is in `faults`; here every line of it must be seen as expected. Kill points
are of two kinds: at instants spread over a run, and at every step of the commitment.
"""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

import faults
import upstreams as host
from defacto.derive import replace
from defacto.derive.replace import finish
from faults import COMMAND, MIXED, NEW_TABLES, OLD_TABLES, Project

#: What `make test` runs of the table; `make verify` runs all of it.
FEW = {"killed while the tables are moved"}
INSTANTS = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    hosts = host.Hosts()
    yield Project.made(tmp_path_factory.mktemp("faults"), hosts)
    hosts.shutdown()


def names(few: bool) -> list[str]:
    return [f.name for f in faults.faults() if (f.name in FEW) == few]


def check(fault, project):
    code, said, tables, left, again, then, rest = fault.seen(project)
    assert (code, tables) == (fault.code, fault.tables), said
    assert fault.words in said
    assert left == [] or code < 0, "only a killed run leaves anything"
    assert (again, then, rest) == (0, NEW_TABLES, []), "the next run"


@pytest.mark.parametrize("name", names(True))
def test_fault(name, project):
    check(next(f for f in faults.faults() if f.name == name), project)


@pytest.mark.thorough
@pytest.mark.parametrize("name", names(False))
def test_every_other_fault(name, project):
    check(next(f for f in faults.faults() if f.name == name), project)


def test_two_refreshes_at_once(project):
    (code, _), (other, said) = faults.two_at_once(project)
    assert (code, other) == (0, 1) and "data/: another run is writing tables in it; wait for it to end" in said
    assert project.state() == NEW_TABLES and project.leftovers() == []


@pytest.mark.thorough
def test_two_projects_share_a_cache_one_after_the_other(project, tmp_path):
    project.reset()
    with replace.lock(project.cache, "downloading into"):
        code, said = project.run(COMMAND)
    assert code == 1 and "cache/: another run is downloading into it" in said and project.state() == OLD_TABLES


def test_a_lock_taken_while_the_holder_goes(tmp_path, monkeypatch):
    """The run before takes its lock file along: who holds the deleted file does not hold the lock."""
    opened = os.open
    gone = []

    def late(path, *arguments, **options):
        handle = opened(path, *arguments, **options)
        if not gone:
            gone.append(path)
            os.unlink(path)
        return handle

    monkeypatch.setattr(os, "open", late)
    with replace.lock(tmp_path):
        monkeypatch.undo()
        with pytest.raises(replace.Busy), replace.lock(tmp_path):
            pass


@pytest.mark.thorough
def test_interrupted_by_hand(project):
    project.reset()
    project.hosts.fault, project.hosts.only = host.slow, "/archive/"
    try:
        child, reader = project.start(COMMAND)
        deadline = time.monotonic() + 60
        while not (project.data / ".lock").exists():
            assert time.monotonic() < deadline and not ended(child), "the run takes no lock"
            time.sleep(0.05)
        os.kill(child, signal.SIGINT)
        code, said = project.wait(child, reader)
    finally:
        project.hosts.fault, project.hosts.only = None, ""
    assert code == 130 and "stopped" in said
    assert project.state() == OLD_TABLES and project.leftovers() == []


# --- kill points ----------------------------------------------------------------------------


def killed(project, child, reader) -> tuple[int, str]:
    """Exit code of a run that was to be killed, and the tables as it left them; checks them as the next run finds them."""
    code, _ = project.wait(child, reader)
    left = project.state()
    assert project.loader_refuses_what_is_mixed()
    finish(project.data)
    assert project.state() in (OLD_TABLES, NEW_TABLES), "all old or all new"
    return code, left


def work_of(child: int) -> float:
    """Seconds of processor time that a running process has used: an instant that does not shift when others are busy."""
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ended(child: int) -> bool:
    """Whether a process has ended; it can still be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


@pytest.mark.thorough
def test_killed_at_instants_spread_over_a_run(project):
    """With an empty cache and a full one in turn, which differ in length.

    A run that ends before its instant shows that runs of its kind are shorter than thought: it sets the
    length anew and is tried again, so that the instants lie within the run however busy the machine is.
    """
    length: dict[bool, float] = {}
    for empty in (True, False):
        project.reset(cache=empty)
        child, reader = project.start(COMMAND)
        while not ended(child):
            time.sleep(0.005)
        length[empty] = work_of(child)
        assert project.wait(child, reader)[0] == 0 and length[empty] > 0.1
    dice, struck, early = random.Random(20250423), [], 0
    while len(struck) < INSTANTS:
        empty = len(struck) % 2 == 0
        project.reset(cache=empty)
        child, reader = project.start(COMMAND)
        instant = length[empty] * (len(struck) + dice.random()) / INSTANTS
        while work_of(child) < instant and not ended(child):
            time.sleep(0.001)
        if ended(child):
            length[empty] = min(length[empty], work_of(child))
        os.kill(child, signal.SIGKILL)
        code, state = killed(project, child, reader)
        assert code in (0, -signal.SIGKILL)
        if code:
            struck.append(state)
        else:
            early += 1
            assert early <= 2 * INSTANTS, "no instant is found within a run"
        assert project.run(COMMAND)[0] == 0
        assert (project.state(), project.leftovers()) == (NEW_TABLES, [])
    print(f"{len(struck)} instants over {length} s of work, {early} runs ended before theirs: {told(struck)}")


def told(states: list[str]) -> str:
    return ", ".join(f"{states.count(s)} {s}" for s in (OLD_TABLES, MIXED, NEW_TABLES))


@pytest.mark.thorough
def test_killed_at_every_step_in_the_folder_of_tables(project):
    """The moment of commitment is short: every step of it is tried, one after the other."""
    seen = []
    for step in range(1, 400):
        project.reset(cache=False)
        code, left = killed(project, *project.start(COMMAND, faults.dying(step, lambda: project.data)))
        if code == 0:
            break  # beyond the last step: the run ended by itself
        seen.append(left)
    order = [OLD_TABLES, MIXED, NEW_TABLES]
    assert [order.index(s) for s in seen] == sorted(order.index(s) for s in seen), "there is no way back"
    print(f"{len(seen)} steps: {told(seen)}")
    assert set(seen) == set(order) and len(seen) > 15
    assert project.run(COMMAND)[0] == 0 and project.leftovers() == []


@pytest.mark.thorough
@pytest.mark.parametrize(("number", "words"), [(28, "No space left on device"), (30, "Read-only file system")])
@pytest.mark.parametrize("place", ["data", "cache"])
def test_the_system_refuses_at_any_step(number, words, place, project):
    """A disk that fills up, or turns read-only, at each step of writing in turn."""
    seen = []
    for step in range(1, 400, 1 if place == "data" else 5):
        project.reset()
        code, said = project.run(COMMAND, faults.failing(number, step, lambda: getattr(project, place)))
        seen.append((code, project.state()))
        if code == 0:
            break
        assert code == 1 and words in said
        finish(project.data)
        assert project.state() in (OLD_TABLES, NEW_TABLES)
        for path in project.leftovers():  # a folder that cannot be written cannot be cleared either
            assert path.startswith((".staging", "cache/work", "cache/gcat", "cache/ofac-panel"))
        assert project.run(COMMAND)[0] == 0
        assert (project.state(), project.leftovers()) == (NEW_TABLES, [])
    assert seen[-1] == (0, NEW_TABLES) and len(seen) > 3


@pytest.mark.thorough
@pytest.mark.parametrize("place", ["data", "cache"])
@pytest.mark.parametrize(("options", "words"), [("size={}k", "No space left"), ("ro", "Read-only file system")])
def test_a_real_file_system_that_is_full_or_read_only(place, options, words, project, tmp_path):
    """File systems in memory, where this machine lets one be mounted; elsewhere the steps above must do."""
    project.reset()
    folder = getattr(project, place)
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept) if folder.is_dir() else kept.mkdir()
    # Room for the old files, which take whole pages, and for two pages more; for downloads half of what the copy takes.
    pages = sum(-(-len(content) // 4096) for content in project.old.values())
    wanted = options.format(4 * (pages + 2) if place == "data" else 2 * pages)
    with faults.mounted(folder, wanted.replace("ro", "size=64m")) as mount:
        if mount is None:
            print("mounting is not allowed here: only the injected refusals were tried")
            return
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        if options == "ro":
            assert os.system(f"mount -o remount,ro {folder}") == 0
        code, said = project.run(COMMAND)
        assert code == 1 and words in said, said
        assert project.state() == OLD_TABLES and project.leftovers() == []
    if place == "data":
        project.data.mkdir(exist_ok=True)
    project.reset()
    assert project.run(COMMAND)[0] == 0 and project.state() == NEW_TABLES


@pytest.mark.thorough
def test_the_working_copy_is_outside_the_project(project):
    project.reset()
    child, reader = project.start(COMMAND, faults.dying(8, lambda: project.cache))
    project.wait(child, reader)
    assert project.state() == OLD_TABLES
    assert {Path(p).parts[0] for p in project.leftovers()} <= {".lock", "cache"}
    assert project.run(COMMAND)[0] == 0 and project.leftovers() == []
