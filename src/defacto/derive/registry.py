"""The registry of upstream files, ``data/upstream.json``: address, commit, content hash, licence, rhythm.

It stands beside the tables, so that a refresh replaces pins and tables in one step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from defacto.data import DataError, data_dir
from defacto.derive.archive import Archive, File

REGISTRY = "upstream.json"


@dataclass(frozen=True)
class Entry:
    """An upstream: what is pinned, the topic it feeds, and how often it publishes.

    `rhythm_days` is None where no more is to come; `rhythm` says it in words. `follow`: whether
    a newer commit can be taken over without a person reading it first, else `why_not`.
    """

    archive: Archive
    topic: str
    title: str
    rhythm: str
    rhythm_days: int | None
    follow: bool
    why_not: str
    source_ids: tuple[str, ...]


def entries(folder: Path | None = None) -> dict[str, Entry]:
    """All upstreams by id, in the order of the registry.

    Raises
    ------
    DataError
        If the registry is missing, is not JSON or lacks a field.
    """
    found = {}
    for raw in _document(folder or data_dir())["upstreams"]:
        try:
            archive = Archive(
                raw["id"],
                raw["repository"],
                raw["commit"],
                raw["sha256"],
                raw["licence"],
                raw["address"],
                tuple(File(**f) for f in raw["files"]),
                raw["packed"],
            )
            found[raw["id"]] = Entry(
                archive,
                raw["topic"],
                raw["title"],
                raw["rhythm"],
                raw["rhythm_days"],
                raw["follow"],
                raw.get("why_not", ""),
                tuple(raw["source_ids"]),
            )
        except (KeyError, TypeError) as err:
            raise DataError(f"{REGISTRY}: {raw.get('id', 'an entry')}: {err} is missing or not known") from None
    return found


def _document(folder: Path) -> dict:
    try:
        return json.loads((folder / REGISTRY).read_text("utf-8"))
    except FileNotFoundError:
        raise DataError(f"{REGISTRY}: no such file in {folder.name}/") from None
    except json.JSONDecodeError as err:
        raise DataError(f"{REGISTRY}: line {err.lineno}: not JSON ({err.msg})") from None


def pins(folder: Path | None = None) -> dict[str, Archive]:
    """The archives by id; raises as `entries` does."""
    return {name: entry.archive for name, entry in entries(folder).items()}


def repinned(folder: Path, archives: Iterable[Archive]) -> bytes:
    """The registry as bytes, with commit and hashes of `archives`, and the commit in the names of packed ones, in place of those it holds."""
    document, new = _document(folder), {a.id: a for a in archives}
    for raw in document["upstreams"]:
        if raw["id"] in new:
            archive = new[raw["id"]]
            raw["packed"] = _renamed(raw["packed"], raw["commit"], archive.version)
            raw["commit"], raw["sha256"] = archive.version, archive.sha256
            for line, file in zip(raw["files"], archive.files, strict=True):
                if "sha256" in line:
                    line["sha256"] = file.sha256
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _renamed(packed: str, old: str, new: str) -> str:
    """The name of an archive packed by hand, with as many digits of the new commit as it has of the old one."""
    if not re.fullmatch("[0-9a-f]{7,40}", old):  # a release
        return packed.replace(old, new)
    for digits in range(len(old), 6, -1):
        if old[:digits] in packed:
            return packed.replace(old[:digits], new[:digits])
    return packed
