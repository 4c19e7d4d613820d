"""The data door: the only way from ``data/`` into a notebook.

`load` returns a typed DataFrame of a table described in ``data/datapackage.json``
(Data Package v2). It trusts a table only if its bytes are those that were validated
(`defacto.check`), and checks again, cheaply, what a wrong hash could hide.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sys
from functools import cache
from pathlib import Path

import pandas as pd

DESCRIPTOR = "datapackage.json"


class DataError(ValueError):
    """A table that cannot be trusted: the message names file, row, column and rule."""


def root() -> Path:
    """Folder of the project, found from where the library stands."""
    return Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """Folder of the tables; ``DEFACTO_DATA`` names another one (used by tests)."""
    return Path(os.environ.get("DEFACTO_DATA") or root() / "data")


def digest(content: bytes) -> str:
    """sha256 of `content` as Data Package v2 writes it (``sha256:<hex>``)."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def package(folder: Path | None = None) -> dict:
    """The descriptor ``datapackage.json`` as a dictionary.

    Raises
    ------
    DataError
        If the file is missing or is not JSON.
    """
    path = (folder or data_dir()) / DESCRIPTOR
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise DataError(f"{path.name}: no such file in {path.parent.name}/") from None
    except json.JSONDecodeError as err:
        raise DataError(f"{path.name}: line {err.lineno}: not JSON ({err.msg})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: not UTF-8") from None


@cache
def _parsed(path: Path, _mtime: int) -> dict:
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict) or not isinstance(found.get("resources"), list):
        raise DataError(f"{path.name}: holds no list of resources")
    return found


def resource(name: str, folder: Path | None = None) -> dict:
    """Descriptor of the table `name` (for instance ``"space.launches"``).

    Raises
    ------
    DataError
        If no table has that name; the message lists the nearest ones.
    """
    resources = {r["name"]: r for r in package(folder)["resources"]}
    if name not in resources:
        import difflib

        near = difflib.get_close_matches(name, resources, n=3) or sorted(resources)
        raise DataError(f"unknown table {name!r}: did you mean {', '.join(near)}?")
    return resources[name]


def names() -> list[str]:
    """Names of all tables, in the order of the descriptor."""
    return [r["name"] for r in package()["resources"]]


def data_cut() -> str:
    """The last day that gathered or derived evidence reaches, as an EDTF date; own definitions do not count."""
    reach = [r["documented_to"] for r in package()["resources"] if r["name"].count(".") and r["origin"] != "own"]
    return max(day.rstrip("~?") for day in reach)


def read_text_table(content: bytes, path: str) -> pd.DataFrame:
    """Parse CSV `content` into a frame of strings, refusing what is not tidy CSV.

    Raises
    ------
    DataError
        On a byte-order mark, other encodings than UTF-8, carriage returns, control characters
        (NUL, those that turn the direction of text), line breaks in a cell, an empty file, a
        header that repeats or lacks a name, or a ragged row. The message names row and column.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        raise DataError(f"{path}: starts with a byte-order mark; save as UTF-8 without it")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as err:
        raise DataError(f"{path}: {_place(content[: err.start].decode('utf-8'))}: not UTF-8") from None
    if bad := _FORBIDDEN.search(text):
        what = _CONTROLS.get(bad[0], f"the control character U+{ord(bad[0]):04X}")
        raise DataError(f"{path}: {_place(text[: bad.start()])}: holds {what}")
    if not text.strip():
        raise DataError(f"{path}: the file is empty")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows)
        if "" in header:
            raise DataError(f"{path}: column {header.index('') + 1} of the header has no name")
        twice = {c for c in header if header.count(c) > 1}
        if twice:
            raise DataError(f"{path}: column {sorted(twice)[0]!r} stands twice in the header")
        body = []
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise DataError(f"{path}: row {number}: {len(row)} cells, the header has {len(header)}")
            if rows.line_num != number:
                broken = next(c for c, cell in zip(header, row, strict=True) if "\n" in cell)
                raise DataError(f"{path}: row {number}: column {broken!r}: holds a line break")
            body.append(row)
    except csv.Error as err:
        raise DataError(f"{path}: line {rows.line_num}: not CSV ({err})") from None
    return pd.DataFrame(body, columns=header, dtype="str")


def _place(before: str) -> str:
    """Row and column of the character that follows the text `before` (one line a row, as elsewhere)."""
    lines = before.split("\n")
    if len(lines) == 1:
        return "row 1 (the header)"
    try:
        header, cells = (next(csv.reader([line]), []) for line in (lines[0], lines[-1] or '""'))
        return f"row {len(lines)}: column {header[len(cells) - 1]!r}"
    except (csv.Error, IndexError):
        return f"row {len(lines)}"


_CONTROLS = {"\r": "a carriage return (lines end with LF only)", "\x00": "a NUL character"} | dict.fromkeys(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "a bidirectional control character"
)
#: No table needs them, and readers cannot see them: controls, byte-order marks, line separators.
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")


_DIGITS = {"integer": set("-0123456789"), "number": set("-+.0123456789eE")}


def _typed(frame: pd.DataFrame, res: dict) -> pd.DataFrame:
    """Strings to the types of the descriptor; an empty cell is a missing value."""
    path, fields = res["path"], res["schema"]["fields"]
    wanted = [f["name"] for f in fields]
    for extra in [c for c in frame.columns if c not in wanted]:
        raise DataError(f"{path}: column {extra!r} is not in the descriptor")
    for absent in [c for c in wanted if c not in frame.columns]:
        raise DataError(f"{path}: column {absent!r} of the descriptor is missing")
    if list(frame.columns) != wanted:
        raise DataError(f"{path}: columns stand in another order than in the descriptor")
    out = {}
    for field in fields:
        name, kind = field["name"], field["type"]
        text = frame[name]
        empty = text == ""
        if kind == "string":
            out[name] = text.mask(empty)
            continue
        if kind in ("integer", "number"):
            values = pd.to_numeric(text.mask(empty), errors="coerce")
            # Digits of other scripts, underscores or blanks are numbers to pandas, not to readers.
            bad = ~empty & values.isna()
            if not set("".join(text)) <= _DIGITS[kind]:
                bad |= text.map(lambda cell, known=_DIGITS[kind]: not set(cell) <= known)
            if kind == "integer":
                # From 2**53 on neither JavaScript nor a spreadsheet keeps every digit.
                bad |= values.abs() >= 2**53
                values = values.where(~bad).astype("Int64" if empty.any() or bad.any() else "int64")
            else:
                bad |= values.isin([float("inf"), float("-inf")])
                values = values.astype("float64")
        elif kind == "date":
            shape = text.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}") | empty
            values = pd.to_datetime(text.mask(empty | ~shape), format="%Y-%m-%d", errors="coerce")
            bad = ~empty & values.isna()
        else:
            raise DataError(f"{path}: column {name!r}: type {kind!r} is not one this project uses")
        if bad.any():
            row = int(bad.idxmax())
            raise DataError(f"{path}: row {row + 2}: column {name!r}: {text[row]!r} is not of type {kind}")
        out[name] = values
    return pd.DataFrame(out)


def typed_table(content: bytes, res: dict) -> pd.DataFrame:
    """CSV `content` as a typed frame with unique keys, by the descriptor `res`.

    Raises
    ------
    DataError
        On any cell, column or key that the descriptor does not allow.
    """
    frame = _typed(read_text_table(content, res["path"]), res)
    key = res["schema"].get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    if key:
        again = frame.duplicated(key)
        if again.any():
            row = int(again.idxmax())
            value = "|".join(str(v) for v in frame.loc[row, key])
            raise DataError(f"{res['path']}: row {row + 2}: key {value!r} ({', '.join(key)}) stands twice")
    return frame


def split_list(cells: pd.Series) -> pd.Series:
    """Elements of ``;``-separated cells, one a row, index kept; missing cells vanish."""
    return cells.dropna().str.split(";").explode()


def distinct(cells: pd.Series) -> set[str]:
    """Elements of ``;``-separated cells, each once: rows repeat their cells, so that each cell is split once."""
    return set(split_list(pd.Series(cells.unique())))


@cache
def _source_ids(folder: Path, _hash: str) -> frozenset[str]:
    res = resource("sources", folder)
    return frozenset(read_text_table((folder / res["path"]).read_bytes(), res["path"])["id"])


#: Kept between calls, but not from tables.
_LASTING = {"article", "text_width", "status_of", "_transformer", "_library", "_code"}


def forget(descriptor: bool = True) -> None:
    """Drop what the library has computed from tables and kept, since they changed under it; the `descriptor` too."""
    for module, held in list(sys.modules.items()):
        if module.partition(".")[0] == "defacto":
            for name, thing in list(vars(held).items()):
                if hasattr(thing, "cache_clear") and name not in _LASTING and (descriptor or name != "_parsed"):
                    thing.cache_clear()


def load(name: str, *, unverified: bool = False) -> pd.DataFrame:
    """A table of ``data/`` as a typed DataFrame.

    Parameters
    ----------
    name
        Name in the descriptor, ``"topic.table"`` (``"sources"`` for the registry).
    unverified
        Keep rows whose status is ``unverified``. They are dropped otherwise, because
        what has no source feeds no chart and no sentence.

    Returns
    -------
    DataFrame of shape (rows, fields): ``string`` fields as str, ``integer`` as int64
    (Int64 with missing values), ``number`` as float64, ``date`` as datetime64; empty
    cells are missing values. Units are in the field descriptions.

    Raises
    ------
    DataError
        Unknown table, missing file, bytes that were not validated, extra or missing
        column, bad type, repeated key, or a source id that does not resolve.
    """
    frame = _validated(name)
    if not unverified and "status" in frame:
        frame = frame[frame["status"] != "unverified"].reset_index(drop=True)
    frame.attrs["table"] = name
    return frame


def _validated(name: str) -> pd.DataFrame:
    """The whole table `name`, if its bytes are those that were validated (errors as in `load`)."""
    folder = data_dir()
    res = resource(name, folder)
    path = folder / res["path"]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{res['path']}: no such file, though the descriptor lists it") from None
    if digest(content) != res.get("hash"):
        raise DataError(
            f"{res['path']}: the table changed since it was validated; run `make check`, "
            "which validates all tables and then records their new hashes"
        )
    # The same bytes (the descriptor holds their hash) under the same rules give the same frame.
    registry = next((r.get("hash") for r in package(folder)["resources"] if r["name"] == "sources"), None)
    state = (json.dumps(res), registry)
    if state not in _FRAMES:
        _FRAMES[state] = _resolved(typed_table(content, res), res, folder)
    return _FRAMES[state].copy(deep=False)  # pandas copies on write: the kept frame stays as it is


_FRAMES: dict[tuple, pd.DataFrame] = {}


def _resolved(frame: pd.DataFrame, res: dict, folder: Path) -> pd.DataFrame:
    """`frame`, if every source that it names is in the registry."""
    if "source_ids" in frame:
        known = _source_ids(folder, resource("sources", folder).get("hash", ""))
        cited = split_list(frame["source_ids"])
        dangling = ~cited.isin(known)
        if dangling.any():
            at = cited.index[dangling][0]
            raise DataError(
                f"{res['path']}: row {at + 2}: column 'source_ids': {cited[dangling].iloc[0]!r} is not in sources.csv"
            )
    return frame
