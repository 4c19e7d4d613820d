"""Rows of upstream CSV files: read as they come, refused by name where they cannot be read."""

from __future__ import annotations

import csv
import io

import pandas as pd

from defacto.derive.archive import DerivationError


def text_rows(file: str, content: bytes) -> pd.DataFrame:
    """`content` of the upstream CSV `file` as a frame of strings.

    A byte-order mark and line ends of other systems are upstream's own business and are read.

    Raises
    ------
    DerivationError
        Naming file and row, if the bytes are not UTF-8, hold a NUL, are no CSV, or have an empty
        or repeated header or a row of another length.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = content[: err.start].count(b"\n") + 1
        raise DerivationError(f"{file}: line {line}: not UTF-8") from None
    if "\x00" in text:
        raise DerivationError(f"{file}: line {text[: text.index(chr(0))].count(chr(10)) + 1}: holds a NUL character")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        if not any(header):
            raise DerivationError(f"{file}: the file is empty")
        twice = sorted({c for c in header if header.count(c) > 1})
        if twice:
            raise DerivationError(f"{file}: column {twice[0]!r} stands twice in the header")
        body = []
        for row in rows:
            if row and len(row) != len(header):
                raise DerivationError(f"{file}: line {rows.line_num}: {len(row)} cells, the header has {len(header)}")
            body += [row] if row else []
    except csv.Error as err:
        raise DerivationError(f"{file}: line {rows.line_num}: not CSV ({err})") from None
    return pd.DataFrame(body, columns=header, dtype="str")


def numbers(file: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` of strings as numbers; empty cells are missing.

    Raises
    ------
    DerivationError
        Naming file, row and column of the first cell that is no finite number.
    """
    out = {}
    for name in frame:
        values = pd.to_numeric(frame[name].mask(frame[name] == ""), errors="coerce").astype("float64")
        bad = ((frame[name] != "") & values.isna()) | values.isin([float("inf"), float("-inf")])
        if bad.any():
            row = int(bad.idxmax())
            raise DerivationError(f"{file}: row {row + 2}: column {name!r}: {frame[name][row]!r} is not a number")
        out[name] = values
    return pd.DataFrame(out)
