"""Pinned upstream files: which files of which commit, and the hash that their content must have.

Hosts pack the same commit into other bytes from time to time, and the same files may lie in an
archive packed by hand. So the pin is not the hash of a package but that of what is in it:
sha256 over the lines ``<sha256 of the file>  <name>``, sorted by name, which is what
``sha256sum * | LC_ALL=C sort -k2 | sha256sum`` prints for files unpacked into one folder.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

#: How a host's package of a whole commit is called in the cache.
TARBALL = "archive.tar.gz"


class DerivationError(ValueError):
    """An upstream file that cannot be used; the message names it and what is wrong."""


@dataclass(frozen=True)
class File:
    """A file of the upstream, or with ``*`` or ``?`` in `path` all that match.

    `path` is that inside the repository, `name` what the file is called here (by default the last
    part of its path), `packed` its pattern in an archive packed by hand, if not the same name.
    """

    path: str
    name: str = ""
    packed: str = ""
    sha256: str = ""

    def called(self, member: str, packed: bool) -> str | None:
        """Name of the member of a package if it is this file, else None."""
        base = member.rsplit("/", 1)[-1]
        if packed:
            fits = fnmatchcase(base, self.packed or self.path.rsplit("/", 1)[-1])
        else:  # a host puts everything into one folder
            fits = fnmatchcase(member.partition("/")[2], self.path)
        return (self.name or base) if fits else None


@dataclass(frozen=True)
class Archive:
    """Upstream files as they are pinned.

    Attributes
    ----------
    id
        Name in the registry, and of the folder in the cache.
    upstream
        Address of the repository or site.
    version
        Commit or release.
    sha256
        Hash of the content (see above); empty while it is not known.
    licence
        Terms as seen.
    address
        What to download, with ``{commit}``, and with ``{path}`` if each file is fetched alone.
    files
        The files used; if empty, all files of the package under their full names.
    packed
        Name of an archive packed by hand that holds the same files.
    """

    id: str
    upstream: str
    version: str
    sha256: str
    licence: str
    address: str = ""
    files: tuple[File, ...] = ()
    packed: str = ""

    @property
    def file(self) -> str:
        """How messages call it."""
        return self.packed or self.id

    @property
    def alone(self) -> bool:
        """Whether each file is fetched by itself, not in a package of the whole commit."""
        return "{path}" in self.address

    def home(self, cache: Path) -> Path:
        """Folder in which a cache keeps what was downloaded."""
        return cache / self.id / self.version

    def locate(self, raw: Path) -> list[Path]:
        """Where the files are under `raw`: a folder of archives, a cache, or an archive itself.

        Raises
        ------
        DerivationError
            If they are not there.
        """
        if raw.is_file():
            return [raw]
        if self.packed and (raw / self.packed).is_file():
            return [raw / self.packed]
        home = self.home(raw)
        wanted = [home / f.name for f in self.files] if self.alone else [home / TARBALL]
        if wanted and all(path.is_file() for path in wanted):
            return wanted
        raise DerivationError(f"{self.file}: not found in {raw.name}/; it holds {self.upstream} at {self.version}")

    def names(self, raw: Path) -> tuple[str, ...]:
        """Names of the files, in the order of the package, after checking their content.

        Raises
        ------
        DerivationError
            If the package is missing, damaged or of another version, or lacks a file.
        """
        paths = self.locate(raw)
        stamp = (self, *((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))
        if stamp not in _CHECKED:
            hashes = self.hashes(raw)
            found = content_hash(hashes)
            if self.sha256 and found != self.sha256:
                called = self.id if raw.is_dir() and paths[0].name != self.packed else self.file
                raise DerivationError(
                    f"{called}: the content of {len(hashes)} files has sha256 {found[:12]}…, expected "
                    f"{self.sha256[:12]}…: truncated, or another version"
                )
            _CHECKED[stamp] = tuple(hashes)
        return _CHECKED[stamp]

    def hashes(self, raw: Path) -> dict[str, str]:
        """sha256 of each file by name, in the order of the package; raises as `names` does."""
        hashes: dict[str, str] = {}
        for name, content in self._read(self.locate(raw)):
            if name in hashes:
                raise DerivationError(f"{self.file}: {name} is there twice")
            hashes[name] = hashlib.sha256(content).hexdigest()
        lost = [f.name for f in self.files if f.name and f.name not in hashes]
        if lost or not hashes:
            raise DerivationError(f"{self.file}: holds no {lost[0] if lost else 'file that is used'}")
        return hashes

    def members(self, raw: Path, suffix: str = "") -> Iterator[tuple[str, bytes]]:
        """(name, content) of the files whose names end in `suffix`; raises as `names` does."""
        self.names(raw)
        for name, content in self._read(self.locate(raw)):
            if name.endswith(suffix):
                yield name, content

    def _read(self, paths: list[Path]) -> Iterator[tuple[str, bytes]]:
        path = paths[0]
        packed = path.name != TARBALL
        try:
            if path.name.endswith((".tar.xz", ".tar.gz")):
                with tarfile.open(path, "r:*") as tar:
                    for info in tar:
                        name = self._called(info.name, packed) if info.isfile() else None
                        if name:
                            yield name, tar.extractfile(info).read()
            elif path.name.endswith(".xz"):
                yield self.files[0].name if self.files else path.name[:-3], lzma.decompress(path.read_bytes())
            else:
                for one in paths:
                    yield one.name, one.read_bytes()
        except (tarfile.TarError, lzma.LZMAError, gzip.BadGzipFile, zlib.error, EOFError) as err:
            raise DerivationError(f"{path.name}: the archive is damaged ({err})") from err

    def _called(self, member: str, packed: bool) -> str | None:
        if not self.files:
            return member
        return next((name for f in self.files if (name := f.called(member, packed))), None)

    def as_input(self) -> dict:
        """The input as it is recorded with the tables derived from it."""
        return {
            "name": self.id,
            "upstream": self.upstream,
            "version": self.version,
            "sha256": self.sha256,
            "licence": self.licence,
        }


#: What was checked in this process: archive and its files as they stood -> names.
_CHECKED: dict[tuple, tuple[str, ...]] = {}


def content_hash(hashes: dict[str, str] | Iterable[tuple[str, str]]) -> str:
    """sha256 of a set of files from their names and sha256, whatever they were packed in."""
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(dict(hashes).items()))
    return hashlib.sha256(lines.encode()).hexdigest()
