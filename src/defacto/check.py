"""Validation: what must hold before a table may be loaded, and the sealing of its hash.

Three layers, each naming file, row, column and rule: *schema* (frictionless, by
``datapackage.json``), *project rules* (sorted keys, references, lists, dates, sources,
corrections) and *sanity* (assertions listed with each table, and cross-checks between tables).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from defacto import crosschecks
from defacto.data import DESCRIPTOR, DataError, data_dir, digest, package, split_list, typed_table
from defacto.derive.recipe import descriptor_bytes
from defacto.derive.replace import Busy, finish, lock, recover, replace_locked

#: Readers open the tables in spreadsheets, which run a cell that begins like this, full-width signs
#: included. Only a whole negative number may begin with a sign; text is written another way.
FORMULA = r"[=+@＝＋－＠]|-(?!\d+(\.\d+)?$)"

SCHEMA, RULE, SANITY, CROSS = "schema", "rule", "sanity", "cross-check"


@dataclass(frozen=True)
class Violation:
    """One broken rule: which layer found it, where, and what it says."""

    layer: str
    file: str
    message: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        where = [self.file]
        where += [f"row {self.row}"] if self.row is not None else []
        where += [f"column {self.column!r}"] if self.column else []
        return f"{': '.join(where)}: {self.message} [{self.layer}]"


class Broken(DataError):
    """Tables that break a rule and are not sealed; `violations` says which rules."""

    def __init__(self, violations: list[Violation]):
        super().__init__(f"{len(violations)} violations; the hashes stay as they were. The first: {violations[0]}")
        self.violations = violations


def schema_violations(res: dict, folder: Path) -> list[Violation]:
    """What frictionless finds in one table: types, enumerations, ranges, patterns, keys."""
    from frictionless import Checklist, Resource, system

    descriptor = {k: res[k] for k in ("name", "path", "format", "mediatype", "encoding") if k in res}
    descriptor["type"] = "table"
    # References between tables are checked below, once for all rows and with the row's number.
    descriptor["schema"] = {k: v for k, v in res["schema"].items() if k != "foreignKeys"}
    found = []
    with system.use_context(trusted=True):
        report = Resource.from_descriptor(descriptor, basepath=str(folder)).validate(Checklist(pick_errors=None))
    for task in report.tasks:
        for error in task.errors:
            found.append(
                Violation(SCHEMA, res["path"], error.message, getattr(error, "row_number", None),
                          getattr(error, "field_name", None) or None)
            )  # fmt: skip
    return found


def typed_or_violation(res: dict, content: bytes | None) -> tuple[pd.DataFrame | None, list[Violation]]:
    """The table in `content` (None: there is no file) as the loader would type it, or what stops it."""
    if content is None:
        return None, [Violation(RULE, res["path"], "no such file, though the descriptor lists it")]
    try:
        return typed_table(content, res), []
    except DataError as err:
        return None, [Violation(RULE, res["path"], str(err).removeprefix(res["path"] + ": "))]


def rule_violations(res: dict, frame: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> list[Violation]:
    """Rules of the project on one typed table; `tables` are all tables by name."""
    found: list[Violation] = []
    path, fields = res["path"], {f["name"]: f for f in res["schema"]["fields"]}

    def report(bad: pd.Series, column: str, message: str) -> None:
        for row in bad.index[bad.fillna(False).astype(bool)]:
            found.append(Violation(RULE, path, message.format(value=frame.loc[row, column]), int(row) + 2, column))

    key = res["schema"].get("primaryKey", [])
    if not key:
        found.append(Violation(RULE, path, "the descriptor gives the table no primary key"))
    elif not _is_sorted(frame, key):
        found.append(Violation(RULE, path, f"rows are not sorted by {', '.join(key)}"))
    for foreign in res["schema"].get("foreignKeys", []):
        target, here = foreign["reference"]["resource"], foreign["fields"]
        other = tables.get(target)
        if other is None:
            found.append(Violation(RULE, path, f"refers to table {target!r}, which is missing or broken"))
            continue
        known = set(other[foreign["reference"]["fields"]].itertuples(index=False, name=None))
        cells = frame[here]
        filled = cells.notna().all(axis=1)
        lost = filled & ~pd.Series(
            list(cells.itertuples(index=False, name=None)), index=frame.index, dtype=object
        ).isin(known)
        report(lost, here[0], "{value!r} is not a key of " + target)
    for name, field in fields.items():
        if field["type"] == "string":
            cells = frame[name]
            text = cells.dropna()
            outer = text != text.str.strip()
            report(outer.reindex(frame.index, fill_value=False), name, "{value!r} begins or ends with a blank")
            formula = text.str.match(FORMULA)
            report(
                formula.reindex(frame.index, fill_value=False),
                name,
                "{value!r} would run as a formula in a spreadsheet",
            )
            if field.get("dataType") == "edtf":
                report(
                    ~cells.map(is_edtf, na_action="ignore").fillna(True).astype(bool),
                    name,
                    "{value!r} is not an EDTF date",
                )
            if field.get("listOf"):
                known_ids = _single_key(tables, field["listOf"])
                if known_ids is None:
                    found.append(
                        Violation(RULE, path, f"lists keys of {field['listOf']!r}, which is missing or broken")
                    )
                    continue
                parts = split_list(cells)
                for row, value in parts[~parts.isin(known_ids)].items():
                    found.append(
                        Violation(RULE, path, f"{value!r} is not a key of {field['listOf']}", int(row) + 2, name)
                    )
    # A table of the project's own definitions (a scale, a vocabulary) has no source but itself.
    if path not in _REGISTRIES and res["origin"] != "own":
        for needed in ("source_ids", "status"):
            if needed not in fields:
                found.append(Violation(RULE, path, "every table carries this column", column=needed))
    if {"source_ids", "status"} <= set(frame.columns) and res["origin"] != "own":
        report(
            frame["source_ids"].isna() & (frame["status"] != "unverified"),
            "status",
            "{value!r}, but the row names no source",
        )
        if path not in _REGISTRIES and tables.get("sources") is not None:
            kinds = tables["sources"].set_index("id")["kind"]
            kind = split_list(frame["source_ids"]).map(kinds)
            only_trackers = (kind == "tracker").groupby(level=0).all().reindex(frame.index, fill_value=False)
            report(
                only_trackers & (frame["status"] != "unverified"),
                "source_ids",
                "{value!r}: trackers alone support nothing",
            )
            if res["origin"] == "derived":
                supported = frame["source_ids"].notna() & ~only_trackers
                report(supported & (frame["status"] != "derived"), "status", "{value!r}, but the table is derived")
    return found


_REGISTRIES = {"sources.csv", "corrections.csv"}


def _is_sorted(frame: pd.DataFrame, key: list[str]) -> bool:
    ordered = frame.sort_values(key, kind="stable")
    return ordered.index.equals(frame.index)


def _single_key(tables: dict[str, pd.DataFrame], name: str) -> set | None:
    if tables.get(name) is None:
        return None
    key = next(r for r in package()["resources"] if r["name"] == name)["schema"]["primaryKey"]
    return set(_text(tables[name], key[0]))


_EDTF_DAY = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?[~?]?"


def is_edtf(text: str) -> bool:
    """Whether `text` is an EDTF level 1 date, or an interval of two, that exists in the calendar.

    Year, month or day, with ``~`` or ``?``; intervals ``a/b``, ``a/..``, ``../b``. The standard's ``%``, for
    both at once, is refused: no reader of the tables knows it.
    """
    parts = text.split("/")
    if len(parts) > 2 or (len(parts) == 2 and parts == ["..", ".."]):
        return False
    starts = []
    for part in parts:
        if part == ".." and len(parts) == 2:
            continue
        match = re.fullmatch(_EDTF_DAY, part)
        if not match:
            return False
        year, month, day_ = (int(g) if g else 1 for g in match.groups())
        try:
            starts.append((date(year, month, day_), match.groups()))
        except ValueError:
            return False
    return len(starts) < 2 or starts[0][0] <= starts[1][0] or starts[1][1][1] is None


def sanity_violations(res: dict, frame: pd.DataFrame) -> list[Violation]:
    """Assertions that stand with the table: row-wise expressions that must hold for every row."""
    found = []
    for item in res.get("sanity", []):
        if "expr" not in item:
            continue
        try:
            result = frame.eval(item["expr"], engine="python")
        except Exception as err:  # any error in an expression is a fault of the descriptor
            found.append(Violation(SANITY, res["path"], f"{item['id']}: {item['expr']!r} cannot be evaluated: {err}"))
            continue
        if not isinstance(result, pd.Series):
            result = pd.Series([bool(result)] * max(len(frame), 1))
        bad = ~result.fillna(False).astype(bool)
        for row in bad.index[bad][:20]:
            found.append(Violation(SANITY, res["path"], f"{item['id']}: {item['why']} ({item['expr']})", int(row) + 2))
    return found


def correction_violations(tables: dict[str, pd.DataFrame], touching: str | None = None) -> list[Violation]:
    """Each correction must be in force: the cell it names holds the new value.

    Where a cell was corrected more than once, each correction starts from what the one before it left.
    `touching` limits the check to the corrections of one table.
    """
    found = []
    descriptors = {r["name"]: r for r in package()["resources"]}
    fixes = tables["corrections"]
    if touching not in (None, "corrections"):
        fixes = fixes[fixes["table"] == touching]
    cell = ["table", "key", "field"]
    again = fixes.duplicated(cell, keep="last")
    following = fixes.groupby(cell, dropna=False)["old"].shift(-1)
    keyed: dict[str, dict[str, int]] = {}
    for row, fix in zip(fixes.index, fixes.to_dict("records"), strict=True):
        at = {"layer": RULE, "file": "corrections.csv", "row": int(row) + 2}
        name, key, field = fix["table"], fix["key"], fix["field"]
        if not isinstance(name, str) or name not in descriptors:
            found.append(Violation(message=f"unknown table {name!r}", column="table", **at))
            continue
        table = tables.get(name)
        if table is None or key == "*":
            continue
        if name not in keyed:
            keyed[name] = _rows_by_key(table, descriptors[name]["schema"]["primaryKey"])
        # '*' stands for any value of that part of the key.
        if "*" in key:
            like = re.compile(re.escape(key).replace(r"\*", r"[^|]*"))
            match = next((n for k, n in keyed[name].items() if like.fullmatch(k)), None)
        else:
            match = keyed[name].get(key)
        if fix["new"] == "row removed":
            if match is not None:
                found.append(Violation(message=f"{name}: {key!r} was removed but stands", column="key", **at))
            continue
        if match is None:
            found.append(Violation(message=f"{name} has no row {key!r}", column="key", **at))
            continue
        if field == "*" or "*" in key:
            continue
        if field not in table:
            found.append(Violation(message=f"{name} has no column {field!r}", column="field", **at))
            continue
        now = following[row] if again[row] else _text(table.iloc[match : match + 1], field).iloc[0]
        now = "" if pd.isna(now) else now
        new = "" if pd.isna(fix["new"]) else fix["new"]
        if now != new:
            message = f"{name} {key}: {field} is {now!r}, corrected to {new!r}"
            found.append(Violation(message=message, column="new", **at))
    return found


def _rows_by_key(table: pd.DataFrame, key: list[str]) -> dict[str, int]:
    """Position of each row by the parts of its key, joined by ``|``."""
    joined = _text(table, key[0])
    for part in key[1:]:
        joined = joined + "|" + _text(table, part)
    return dict(zip(joined, range(len(table)), strict=True))


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    """A typed column back as the text of its cells."""
    cells = frame[column]
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells.dt.strftime("%Y-%m-%d").fillna("")
    if pd.api.types.is_float_dtype(cells):
        return cells.map(lambda v: "" if pd.isna(v) else f"{v:.15g}")
    return cells.astype("object").map(lambda v: "" if pd.isna(v) else str(v))


def references(res: dict) -> set[str]:
    """Names of the tables that `res` refers to, by foreign key or by lists of keys."""
    named = {f["reference"]["resource"] for f in res["schema"].get("foreignKeys", [])}
    return named | {f["listOf"] for f in res["schema"]["fields"] if f.get("listOf")}


def violations() -> list[Violation]:
    """Everything that is wrong with the tables, in all layers."""
    return examined()[0]


def examined(only: Collection[str] = ()) -> tuple[list[Violation], dict[str, dict]]:
    """What is wrong with the tables, and hash, bytes and rows of each as it was read for that.

    `only` limits what is looked for to those tables; all are read, since tables refer to each other.

    Raises
    ------
    DataError
        If the descriptor cannot be read, or a file was changed meanwhile: then nothing is known of it.
    """
    folder = data_dir()
    resources = package(folder)["resources"]
    if unknown := set(only) - {r["name"] for r in resources}:
        raise DataError(f"unknown table {min(unknown)!r}")
    files = {path: _content(folder / path) for path in (DESCRIPTOR, *(r["path"] for r in resources))}
    tables: dict[str, pd.DataFrame] = {}
    found: list[Violation] = []
    for res in resources:
        frame, broken = typed_or_violation(res, files[res["path"]])
        found += broken if not only or res["name"] in only else []
        if frame is not None:
            tables[res["name"]] = frame
    for path in sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.csv")):
        if path not in files and not only:
            found.append(Violation(RULE, path, "the file is not in the descriptor"))
    for res in resources:
        if only and res["name"] not in only:
            continue
        if files[res["path"]] is not None:
            found += schema_violations(res, folder)
        if res["name"] in tables:
            found += rule_violations(res, tables[res["name"]], tables)
            found += sanity_violations(res, tables[res["name"]])
    for name in only or [None]:
        if "corrections" in tables:
            found += correction_violations(tables, name)
        found += cross_violations(tables, name)
    # The schema is validated on the files themselves: were they all the time what was read at first?
    for path, content in files.items():
        if _content(folder / path) != content:
            raise DataError(f"{path}: was changed while the tables were validated; run again")
    states = {
        r["name"]: {"hash": digest(files[r["path"]]), "bytes": len(files[r["path"]]), "rows": len(tables[r["name"]])}
        for r in resources
        if r["name"] in tables
    }
    return found, states


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def cross_violations(tables: dict[str, pd.DataFrame], touching: str | None = None) -> list[Violation]:
    """What the cross-checks find; `touching` limits them to those that read one table."""
    found = []
    for check in crosschecks.CHECKS:
        if set(check.tables) <= set(tables) and (touching is None or touching in check.reads(tables)):
            try:
                texts = check.run(tables)
            except Exception as err:  # a row that the check relies on is gone: that is a finding too
                texts = [f"cannot run: {type(err).__name__}: {err}"]
            found += [Violation(CROSS, check.tables[0], f"{check.id}: {text}") for text in texts]
    return found


def seal(*only: str) -> list[str]:
    """Validate the tables, then record hash, bytes and rows of each in the descriptor; returns what changed.

    All in one step under the folder's lock: what is recorded is what was validated. Where tables are
    named, those alone are validated and recorded.

    Raises
    ------
    Broken
        If a table breaks a rule: nothing is recorded.
    DataError
        If the descriptor cannot be read, or a file was changed meanwhile.
    Busy
        If another run is writing tables.
    """
    folder = data_dir()
    with lock(folder):
        recover(folder)
        before = package(folder)
        found, states = examined(only)
        if found:
            raise Broken(found)
        if package(folder) is not before:  # it is read anew when its file was written anew
            raise DataError(f"{DESCRIPTOR}: was changed while the tables were validated; run again")
        descriptor, changed = json.loads(json.dumps(before)), []
        for res in descriptor["resources"]:
            new = states[res["name"]] if not only or res["name"] in only else {}
            if any(res.get(k) != v for k, v in new.items()):
                changed.append(res["name"])
                res.update(new)
        licences = licence_list(descriptor).encode("utf-8")
        replace_locked(folder, {DESCRIPTOR: descriptor_bytes(descriptor), "LICENSES.md": licences})
    return changed


def licence_list(descriptor: dict) -> str:
    """``data/LICENSES.md``: every licence once, with the tables under it and what each owes to whom, from the descriptor."""
    licences: dict[str, dict[str, list[str]]] = {}
    for res in descriptor["resources"]:
        for licence in res["licenses"]:
            owed = licences.setdefault(licence["name"], {})
            owed.setdefault(licence.get("title", ""), []).append(f"`{res['path']}`")
    lines = ["# Licences of the tables", "", "Written by `make check` from `datapackage.json`.", ""]
    for name, owed in sorted(licences.items()):
        lines += [f"**{name}**", ""]
        for title, paths in sorted(owed.items()):
            lines += [f"- {title + ': ' if title else ''}{', '.join(paths)}"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main(argv: list[str] | None = None) -> int:
    """Validate all tables; with ``--seal`` record their hashes when nothing is wrong."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seal", action="store_true", help="record the hashes of valid tables in the descriptor")
    options = parser.parse_args(argv)
    start = time.monotonic()
    try:
        finish(data_dir())  # what a refresh that was killed left half done
        if options.seal:
            for name in seal():
                print(f"sealed {name}")
        else:
            found, states = examined()
            if found:
                raise Broken(found)
            stale = [r["path"] for r in package()["resources"] if states[r["name"]]["hash"] != r.get("hash")]
            if stale:
                print(
                    f"valid, but changed since they were sealed: {', '.join(stale)}; run `make check`", file=sys.stderr
                )
                return 1
        resources = package()["resources"]
    except Broken as err:
        print(*err.violations, sep="\n")
        print(f"{len(err.violations)} violations; the hashes stay as they were", file=sys.stderr)
        return 1
    except (DataError, Busy, OSError) as err:
        print(f"error: {err}", file=sys.stderr)
        return 1
    rows = sum(r.get("rows", 0) for r in resources)
    print(f"{len(resources)} tables, {rows:,} rows: valid ({time.monotonic() - start:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
