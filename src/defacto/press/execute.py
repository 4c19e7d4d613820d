"""Executes the notebooks: offline, in parallel, all or none, the same bytes every time."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from defacto.data import root
from defacto.derive.replace import Busy, replace_files
from defacto.figures import MIME

OFFLINE = Path(__file__).parent / "offline"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class NotebookFailed(RuntimeError):
    """A cell raised an error, or did not end; the message names the notebook, and the cell where it is known."""


#: Seconds that a cell may take.
PATIENCE = 300


def notebooks(folder: Path | None = None) -> list[Path]:
    """The chapters, in reading order."""
    return sorted((folder or root() / "notebooks").glob("[0-9]*.ipynb"))


def normalised(book: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what changes from run to run: timings, editor state, versions."""
    book.metadata = nbformat.from_dict(KERNEL)
    for cell in book.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
    return book


def environment() -> dict[str, str]:
    """Environment of a kernel: no network, fixed time zone, hashes and locale."""
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join([str(OFFLINE), *filter(None, [env.get("PYTHONPATH")])])
    env.update(PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C.UTF-8", PYTHONWARNINGS="error::FutureWarning",
               JUPYTER_PLATFORM_DIRS="1", PYDEVD_DISABLE_FILE_VALIDATION="1", IPYTHONDIR=str(_empty_profile()))  # fmt: skip
    return env


def _empty_profile() -> Path:
    """A profile of our own, so that a reader's start-up files change nothing."""
    profile = root() / "_build" / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    # The kernel warns that loopback traffic is not encrypted; it never leaves the machine.
    (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 40\n", "utf-8")
    return profile.parent


def execute(path: Path) -> bytes:
    """Run one notebook in a fresh kernel and return its new bytes.

    Raises
    ------
    NotebookFailed
        If a cell raises, takes longer than `PATIENCE`, or ends its kernel.
    """
    book = nbformat.read(path, as_version=4)
    client = NotebookClient(
        book,
        timeout=PATIENCE,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=environment())
    except CellExecutionError as err:
        cell = next((c for c in book.cells if any(o.output_type == "error" for o in c.get("outputs", []))), None)
        last = re.sub(r"\x1b\[[0-9;]*m", "", str(err)).strip().splitlines()[-1]
        raise NotebookFailed(f"{path.name}, cell {cell.id if cell else '?'}: {last}") from None
    except CellTimeoutError:
        raise NotebookFailed(f"{path.name}: a cell took longer than {PATIENCE} s") from None
    except DeadKernelError:
        raise NotebookFailed(f"{path.name}: its kernel ended before the last cell") from None
    return (nbformat.writes(normalised(book)).rstrip("\n") + "\n").encode("utf-8")


def execute_all(paths: list[Path], workers: int = 2) -> list[str]:
    """Run `paths` beside the old notebooks and put all in place at once; returns the changed ones.

    Raises
    ------
    NotebookFailed
        If any cell of any notebook raises: every notebook stays as it was.
    ValueError
        If the notebooks lie in several folders, which cannot be replaced in one step.
    Busy
        If another run is replacing files in their folder.
    """
    if len({p.parent for p in paths}) > 1:
        raise ValueError("the notebooks lie in several folders: execute those of one folder at a time")
    with ThreadPoolExecutor(workers) as pool:
        contents = dict(zip(paths, pool.map(execute, paths), strict=True))
    if not paths:
        return []
    return replace_files(paths[0].parent, {p.name: c for p, c in contents.items()})


#: The figure that the README shows, and where it stands.
README_FIGURE, README_PICTURE = "launches-by-country", "book/_static/readme.svg"


def readme_picture() -> bytes:
    """The README's figure as it is stored in its notebook.

    Raises
    ------
    KeyError
        If no notebook publishes it.
    """
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if data.get(MIME, {}).get("id") == README_FIGURE:
                    return data["image/svg+xml"].encode("utf-8")
    raise KeyError(f"no notebook publishes the figure {README_FIGURE!r} that the README shows")


def isolated(command: list[str]) -> tuple[list[str], str]:
    """`command` in a network namespace of its own where the system allows it, and which guard is used."""
    if shutil.which("unshare") and shutil.which("ip"):
        inner = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        probe = subprocess.run([*inner, "true"], capture_output=True)
        if probe.returncode == 0:
            return [*inner, *command], "network namespace and audit hook"
    return command, "audit hook"


def compare(paths: list[Path], workers: int) -> int:
    """Run the guard and strict nbval on the outputs as stored; changes no file."""
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "defacto.press.pictures", "-n", str(workers),
               "--dist", "loadfile", "tests/test_notebooks.py", *map(str, paths)]  # fmt: skip
    return subprocess.run(command, cwd=root(), env=environment()).returncode


def main(argv: list[str] | None = None) -> int:
    """Execute all notebooks in place, or the ones named; with ``--compare`` only prove their stored outputs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--compare", action="store_true", help="guard and strict nbval, in place of execution")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(argv)
    paths = [p.resolve() for p in options.notebooks] or notebooks()
    if "DEFACTO_ISOLATED" not in os.environ:
        command, guard = isolated(
            [sys.executable, "-m", "defacto.press.execute", *(sys.argv[1:] if argv is None else argv)]
        )
        print(f"  network refused by {guard}")
        return subprocess.run(command, env=os.environ | {"DEFACTO_ISOLATED": guard}).returncode
    if options.compare:
        return compare(paths, options.workers)
    start = time.monotonic()
    try:
        changed = execute_all(paths, options.workers)
    except (NotebookFailed, ValueError, Busy, OSError) as err:
        print(f"error: {err}\nall notebooks stay as they were", file=sys.stderr)
        return 1
    replace_files((root() / README_PICTURE).parent, {Path(README_PICTURE).name: readme_picture()})
    for name in changed:
        print(f"  changed: {name}")
    print(f"  {len(paths)} notebooks executed, {len(changed)} changed ({time.monotonic() - start:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
