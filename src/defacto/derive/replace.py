"""Replacing files whole or not at all, several at once, under a lock.

All new files are written to a staging folder first. Renaming that folder is the one
moment of commitment: a process killed before it leaves the old files; one killed after
it leaves a folder from which the next run finishes the move.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

_STAGING, _COMMITTED, _LOCK = ".staging", ".committed", ".lock"


class Busy(RuntimeError):
    """Another process is replacing files in the same folder."""


@contextmanager
def lock(folder: Path, doing: str = "writing tables in"):
    """Hold the folder's lock; raises `Busy` at once if another process holds it."""
    handle = _hold(folder, doing)
    try:
        yield
    finally:
        # The file goes while the lock is still held, so that no other run holds a deleted one.
        (folder / _LOCK).unlink(missing_ok=True)
        os.close(handle)


def _hold(folder: Path, doing: str) -> int:
    while True:
        handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking, the run before may have ended and taken the file along.
            if os.fstat(handle).st_ino == os.stat(folder / _LOCK).st_ino:
                return handle
        except BlockingIOError:
            os.close(handle)
            raise Busy(f"{folder.name}/: another run is {doing} it; wait for it to end") from None
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def recover(folder: Path) -> bool:
    """Finish a committed replacement that was cut off; drop one that was not committed.

    Returns True if files were moved.
    """
    shutil.rmtree(folder / _STAGING, ignore_errors=True)
    committed = folder / _COMMITTED
    if not committed.is_dir():
        return False
    _move(committed, folder)
    return True


def _move(committed: Path, folder: Path) -> None:
    for path in sorted(p for p in committed.rglob("*") if p.is_file()):
        target = folder / path.relative_to(committed)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    shutil.rmtree(committed)


def replace_files(folder: Path, contents: dict[str, bytes]) -> list[str]:
    """Write `contents` (path relative to `folder` -> bytes): all files or none.

    Returns the paths whose bytes changed; when none did, nothing is touched.

    Raises
    ------
    Busy
        If another process is writing in the same folder.
    OSError
        If the disk is full or the folder cannot be written: the old files stand.
    """
    with lock(folder):
        recover(folder)
        return replace_locked(folder, contents)


def replace_locked(folder: Path, contents: dict[str, bytes]) -> list[str]:
    """As `replace_files`, for a caller that holds the folder's `lock` and has recovered it."""
    changed = {p: c for p, c in contents.items() if not _same(folder / p, c)}
    if not changed:
        return []
    staging = folder / _STAGING
    try:
        for path, content in changed.items():
            target = staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
        os.rename(staging, folder / _COMMITTED)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _move(folder / _COMMITTED, folder)
    return sorted(changed)


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def finish(folder: Path) -> bool:
    """Clear up after a run that was killed while writing (see `recover`); takes the lock only if there is something.

    Returns True if files were moved into place.
    """
    if not ((folder / _STAGING).exists() or (folder / _COMMITTED).exists()):
        return False
    with lock(folder):
        return recover(folder)


def unfinished(folder: Path) -> bool:
    """Whether new files are complete but not all in their places."""
    return (folder / _COMMITTED).exists()
