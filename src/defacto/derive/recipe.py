"""What every derivation shares: checked archives in, tables with their recipe out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from defacto.data import DESCRIPTOR, DataError, data_dir, package, resource
from defacto.derive.archive import Archive, DerivationError
from defacto.derive.replace import lock, recover, replace_locked


def csv_bytes(frame: pd.DataFrame, key: list[str]) -> bytes:
    """`frame` as tidy CSV, sorted by `key`: the same frame always gives the same bytes."""
    ordered = frame.sort_values(key, kind="stable")
    return ordered.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode("utf-8")


def write_tables(
    function: str,
    inputs: Sequence[Archive],
    tables: Mapping[str, pd.DataFrame],
    documented_to: Mapping[str, str] | None = None,
) -> list[str]:
    """Replace derived `tables` (name -> frame) and their recipe in the descriptor.

    `documented_to` gives the last day (or month) a table now reaches, by name; others keep theirs.
    Where a bound of its days or years was the old reach (no row beyond it), it moves to the new one.

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
        return _replace(folder, function, inputs, tables, documented_to or {})


def _replace(folder: Path, function: str, inputs, tables, documented_to) -> list[str]:
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
        if name in documented_to:
            _reaching(res, documented_to[name])
        contents[res["path"]] = content
    contents[DESCRIPTOR] = descriptor_bytes(descriptor)
    return replace_locked(folder, contents)


def write_own(name: str, content: bytes, documented_to: str, described: Mapping | None = None, after: str = "") -> None:
    """Replace a table that a program of the project counts or measures, and how far it reaches in the descriptor.

    A table that is not in the descriptor yet is entered as `described`, behind the table `after`. As with
    `write_tables`, the loader refuses the new table until it is sealed.

    Raises
    ------
    DataError
        If the table is not in the descriptor and not `described`.
    """
    folder = data_dir()
    with lock(folder):
        recover(folder)
        descriptor = json.loads(json.dumps(package(folder)))
        listed = [r["name"] for r in descriptor["resources"]]
        if name not in listed and described is not None:
            descriptor["resources"].insert(listed.index(after) + 1, dict(described))
        elif name not in listed:
            raise DataError(f"unknown table {name!r}")
        res = next(r for r in descriptor["resources"] if r["name"] == name)
        _reaching(res, documented_to)
        replace_locked(folder, {res["path"]: content, DESCRIPTOR: descriptor_bytes(descriptor)})


def _reaching(res: dict, day: str) -> None:
    """Set how far a table reaches; bounds of its days and years that were just that move along."""
    was, res["documented_to"] = res.get("documented_to", ""), day
    for field in res["schema"]["fields"]:
        bounds = field.get("constraints", {})
        for bound in ("minimum", "maximum"):
            if field["type"] == "date" and bounds.get(bound) == was:
                bounds[bound] = day
            elif field["name"] == "year" and str(bounds.get(bound)) == was[:4]:
                bounds[bound] = int(day[:4])


def descriptor_bytes(descriptor: dict) -> bytes:
    """The descriptor as it stands in the repository: two spaces, UTF-8, one final newline."""
    return (json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
