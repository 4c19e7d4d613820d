"""What every derivation shares: checked archives in, tables with their recipe out."""

from __future__ import annotations

import hashlib
import json
import lzma
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from defacto.data import DESCRIPTOR, data_dir, package, resource
from defacto.derive.replace import lock, recover, replace_locked


class DerivationError(ValueError):
    """An upstream file that cannot be used; the message names it and what is wrong."""


@dataclass(frozen=True)
class Archive:
    """An upstream archive: where it comes from and which bytes are meant.

    `version` is the upstream commit or release; `sha256` that of the packed file.
    """

    file: str
    upstream: str
    version: str
    sha256: str
    licence: str

    def locate(self, raw: Path) -> Path:
        """Path of the archive under `raw` (a folder, or the file itself), checked.

        Raises
        ------
        DerivationError
            If the file is missing or its sha256 is another.
        """
        path = raw / self.file if raw.is_dir() else raw
        if not path.is_file():
            raise DerivationError(f"{self.file}: not found in {raw.name}/; it holds {self.upstream} at {self.version}")
        with open(path, "rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
        if found != self.sha256:
            raise DerivationError(
                f"{path.name}: sha256 is {found[:12]}…, expected {self.sha256[:12]}…: truncated, or another version"
            )
        return path

    def members(self, raw: Path, suffix: str = "") -> Iterator[tuple[str, bytes]]:
        """(name, content) of the files in the archive, in archive order.

        Raises
        ------
        DerivationError
            If the archive is damaged.
        """
        path = self.locate(raw)
        try:
            with tarfile.open(path, "r:xz") as tar:
                for info in tar:
                    if info.isfile() and info.name.endswith(suffix):
                        yield info.name, tar.extractfile(info).read()
        except (tarfile.TarError, lzma.LZMAError, EOFError) as err:
            raise DerivationError(f"{path.name}: the archive is damaged ({err})") from err

    def as_input(self) -> dict:
        """The input as it is recorded with the tables derived from it."""
        return {
            "name": self.file,
            "upstream": self.upstream,
            "version": self.version,
            "sha256": self.sha256,
            "licence": self.licence,
        }


def csv_bytes(frame: pd.DataFrame, key: list[str]) -> bytes:
    """`frame` as tidy CSV, sorted by `key`: the same frame always gives the same bytes."""
    ordered = frame.sort_values(key, kind="stable")
    return ordered.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode("utf-8")


def write_tables(function: str, inputs: list[Archive], tables: dict[str, pd.DataFrame]) -> list[str]:
    """Replace derived `tables` (name -> frame) and their recipe in the descriptor.

    The tables must be described already: a derivation fills a contract, it does not
    invent one. Rounding is the caller's. The hashes stay those of the tables validated
    last, so that the loader refuses the new ones until `make check` has passed them.
    Returns the paths that changed.

    Raises
    ------
    DataError
        If a table is not in the descriptor.
    DerivationError
        If a frame lacks a column of its table or has one too many.
    """
    folder = data_dir()
    with lock(folder):
        recover(folder)
        return _replace(folder, function, inputs, tables)


def _replace(folder: Path, function: str, inputs: list[Archive], tables: dict[str, pd.DataFrame]) -> list[str]:
    descriptor = json.loads(json.dumps(package(folder)))
    contents = {}
    for name, frame in tables.items():
        wanted = [f["name"] for f in resource(name, folder)["schema"]["fields"]]
        if sorted(frame.columns) != sorted(wanted):
            raise DerivationError(
                f"{name}: columns {sorted(set(frame.columns) ^ set(wanted))} differ from the descriptor"
            )
        res = next(r for r in descriptor["resources"] if r["name"] == name)
        content = csv_bytes(frame[wanted], res["schema"]["primaryKey"])
        res["recipe"] = {"function": function, "inputs": [a.as_input() for a in inputs]}
        contents[res["path"]] = content
    contents[DESCRIPTOR] = descriptor_bytes(descriptor)
    return replace_locked(folder, contents)


def descriptor_bytes(descriptor: dict) -> bytes:
    """The descriptor as it stands in the repository: two spaces, UTF-8, one final newline."""
    return (json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
