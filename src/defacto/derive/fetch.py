"""Downloads: pinned upstream files into a cache outside the project, whole and checked.

A file is downloaded beside its place and moved there when it is complete; what an interrupted run
left is removed by the next one, which starts that file anew (hosts that pack a commit on demand
cannot resume). What is in the cache and has the right content is not fetched again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import platformdirs
import pooch
import requests

from defacto.derive.archive import TARBALL, Archive, DerivationError, content_hash
from defacto.derive.replace import lock

pooch.get_logger().setLevel("WARNING")  # it would print paths of the cache


class FetchError(DerivationError):
    """Something that could not be downloaded; the message names it, its address and why."""


class _Passing(FetchError):
    """A failure that may be over at the next attempt."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for a connection and for the next bytes (seconds), and how often to try again."""

    connect: float = 15
    read: float = 60
    retries: int = 2
    pause: float = 2


def cache_dir() -> Path:
    """Folder for downloads, that of the user's system; ``DEFACTO_CACHE`` names another one."""
    return Path(os.environ.get("DEFACTO_CACHE") or platformdirs.user_cache_dir("defacto"))


def fetch(archive: Archive, cache: Path, patience: Patience | None = None) -> tuple[Archive, int]:
    """Bring the files of `archive` into `cache`; returns it as pinned and the number of downloads.

    If `archive` has no hash yet, the one returned has that of what was downloaded.

    Raises
    ------
    FetchError
        If an address cannot be reached, answers with an error or a web page, breaks off, or
        serves other content than is pinned. Nothing of that stays in the cache.
    Busy
        If another run is downloading into the same cache.
    """
    patience, home = patience or Patience(), archive.home(cache)
    home.mkdir(parents=True, exist_ok=True)
    with lock(cache, "downloading into"):
        wanted = _wanted(archive)
        for left in home.iterdir():
            if left.name not in wanted:
                left.unlink()
        while True:
            done = [n for n, (url, known) in wanted.items() if _download(archive, url, known, home / n, patience)]
            try:
                return _pinned(archive, cache), len(done)
            except DerivationError as err:
                for name in wanted:
                    (home / name).unlink(missing_ok=True)
                # If the cache held something, that was not what it should be: all anew, once.
                if len(done) == len(wanted):
                    raise FetchError(f"{archive.id}: {next(iter(wanted.values()))[0]}: {err}") from None


def _wanted(archive: Archive) -> dict[str, tuple[str, str]]:
    """What is to be in the cache: name of the file -> (address, sha256 if it is known)."""
    if not archive.address:
        raise FetchError(f"{archive.id}: the registry names no address")
    commit = quote(archive.version)
    if archive.alone:
        return {f.name: (archive.address.format(commit=commit, path=quote(f.path)), f.sha256) for f in archive.files}
    return {TARBALL: (archive.address.format(commit=commit), "")}


def _pinned(archive: Archive, cache: Path) -> Archive:
    """`archive` after its content was checked, with its hashes if it had none."""
    if archive.sha256:
        archive.names(cache)
        return archive
    hashes = archive.hashes(cache)
    files = tuple(replace(f, sha256=hashes[f.name]) if archive.alone else f for f in archive.files)
    return replace(archive, sha256=content_hash(hashes), files=files)


def _download(archive: Archive, url: str, known: str, path: Path, patience: Patience) -> bool:
    """One file; True if it was downloaded, False if it was there."""
    if path.is_file() and (not known or pooch.file_hash(path) == known):
        return False
    path.unlink(missing_ok=True)
    loader = _Loader(chunk_size=1 << 18, timeout=(patience.connect, patience.read), hooks={"response": _length_known})
    try:
        _again(
            lambda: pooch.retrieve(
                url, f"sha256:{known}" if known else None, fname=path.name, path=path.parent, downloader=loader
            ),
            f"{archive.id}: {url}",
            patience,
        )
    except FetchError:
        raise
    except ValueError:  # how pooch says that the hash is another
        raise FetchError(
            f"{archive.id}: {url}: the content is not what is pinned (sha256 {known[:12]}…): "
            "another version, or the registry is wrong"
        ) from None
    return True


def _again(call: Callable, what: str, patience: Patience):
    """The result of `call`, tried again after failures that may pass; names `what` failed."""
    for left in range(patience.retries, -1, -1):
        try:
            try:
                return call()
            except requests.HTTPError as err:
                status = err.response.status_code
                kind = _Passing if status >= 500 or status == 429 else FetchError
                raise kind(f"{what}: the host answers {status} {err.response.reason}") from None
            except requests.Timeout:
                raise _Passing(f"{what}: no answer within {patience.read:g} s") from None
            except requests.exceptions.ChunkedEncodingError:
                raise _Passing(f"{what}: the host broke off before the end") from None
            except requests.ConnectionError as err:
                slow = "timed out" in str(err)
                why = f"no answer within {patience.read:g} s" if slow else "the host cannot be reached, or broke off"
                raise _Passing(f"{what}: {why}") from None
            except requests.RequestException as err:
                raise FetchError(f"{what}: {type(err).__name__}") from None
        except _Passing:
            if not left:
                raise
            time.sleep(patience.pause)


def _length_known(response: requests.Response, *_, **__) -> None:
    """Refuses a body whose end only the closing of the connection marks: cut off, it would look complete."""
    if response.ok and not {"content-length", "transfer-encoding"} & {h.lower() for h in response.headers}:
        raise FetchError(f"{response.url}: the host does not say how long the file is")


class _Loader(pooch.HTTPDownloader):
    """As pooch downloads, but refuses a web page where data should be."""

    def __call__(self, url, output_file, pooch, check_only=False):
        super().__call__(url, output_file, pooch, check_only)
        with open(output_file, "rb") as handle:
            head = handle.read(512).lstrip().lower()
        if head.startswith((b"<!doctype html", b"<html")):
            raise FetchError(f"{url}: the host sent a web page instead of data")


def newest(repository: str, patience: Patience | None = None) -> str:
    """The newest commit (40 hex digits) of a git repository served over HTTP.

    Asks as ``git ls-remote`` does (git's smart protocol, first line of the advertisement), which
    every git host answers without an account.

    Raises
    ------
    FetchError
        If the host cannot be reached or does not answer as a git host.
    """
    patience = patience or Patience()
    url = repository.removesuffix(".git") + ".git/info/refs?service=git-upload-pack"

    def ask() -> bytes:
        answer = requests.get(url, timeout=(patience.connect, patience.read))
        answer.raise_for_status()
        return answer.content

    lines = _again(ask, url, patience).split(b"\n")
    # "001e# service=git-upload-pack", then "0000" and a length before the first reference, HEAD.
    head = lines[1][8:] if len(lines) > 1 and b"git-upload-pack" in lines[0] else b""
    commit, _, rest = head.partition(b" ")
    if len(commit) != 40 or not rest.startswith(b"HEAD"):
        raise FetchError(f"{url}: does not answer as a git host")
    return commit.decode("ascii")
