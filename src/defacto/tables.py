"""Tables: one exit, with caption, units, headers and right-aligned numbers.

The bundle carries the raw values as CSV and the formats as JSON; JupyterLab shows the HTML,
the press builds real tables for the book and the PDF with the same `cell`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from defacto.figures import MAX_ROWS, MIME, frame_csv
from defacto.prose import num

#: How a column is shown. Everything but text is right-aligned.
FORMATS = {"text", "num0", "num1", "num2", "signed0", "signed1", "percent0", "percent1", "year", "day"}
MISSING = "–"


def cell(value, how: str) -> str:
    """One value as it is shown: ``cell(1234.5, "num1")`` is ``1,234.5``; a missing value is a dash.

    Raises
    ------
    ValueError
        If `how` is not one of `FORMATS`.
    """
    if how not in FORMATS:
        raise ValueError(f"unknown format {how!r}: one of {', '.join(sorted(FORMATS))}")
    if pd.isna(value) or value == "":
        return MISSING
    if how == "day":
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    if how == "year":
        return str(int(value))
    if how == "text":
        return str(value)
    digits = int(how[-1])
    if how.startswith("percent"):
        return f"{num(100 * float(value), digits)}\u00a0%"
    return num(float(value), digits, signed=how.startswith("signed") and round(float(value), digits) != 0)


class Table:
    """A published table."""

    def __init__(self, frame: pd.DataFrame, meta: dict):
        self.frame, self.meta = frame, meta

    def rows(self) -> list[list[str]]:
        """The cells as shown, row by row."""
        return [
            [cell(value, column["format"]) for value, column in zip(row, self.meta["columns"], strict=True)]
            for row in self.frame.itertuples(index=False, name=None)
        ]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {
            "text/html": self._html(),
            "text/csv": frame_csv(self.frame),
            MIME: self.meta,
            "text/plain": f"{self.meta['title']} ({len(self.frame)} rows)",
        }

    def _html(self) -> str:
        columns = self.meta["columns"]
        head = "".join(f'<th scope="col" style="text-align:{c["align"]}">{escape(c["header"])}</th>' for c in columns)
        body = []
        for row in self.rows():
            cells = [f'<th scope="row" style="text-align:{columns[0]["align"]}">{escape(row[0])}</th>']
            cells += [f'<td style="text-align:{c["align"]}">{escape(t)}</td>'
                      for t, c in zip(row[1:], columns[1:], strict=True)]  # fmt: skip
            body.append(f"<tr>{''.join(cells)}</tr>")
        caption = f"<caption><b>{escape(self.meta['title'])}</b><br>{escape(self.meta['subtitle'])}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(body) + "\n</tbody></table>"


def table(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    subtitle: str,
    columns: Mapping[str, tuple[str, str]],
    sources: Sequence[str],
    notes: str = "",
    control: Mapping | None = None,
) -> Table:
    """Publish `frame` as a table.

    Parameters
    ----------
    frame
        Rows in the order shown; at most 2,000.
    title, subtitle
        The finding; and measure, unit, period.
    columns
        Column of `frame` -> (header with unit, format out of `FORMATS`), in the order shown;
        the first column names the rows.
    control
        What a control on the page computes with, as JSON with a ``kind``; the press puts the
        control with the table, and the table itself is what stands without it. The kind ``rows``
        narrows and sorts: ``noun`` says what a row is, ``filter`` names the columns with a list
        of their values.

    Raises
    ------
    ValueError
        On a bad id, an empty text, no source, an unknown format or too many rows.
    KeyError
        If a column is not in the frame, or a filter names none that is shown.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        raise ValueError(f"table {id!r}: an id is lower-case words joined by hyphens")
    if not (title.strip() and subtitle.strip() and sources):
        raise ValueError(f"table {id!r}: title, subtitle and a source are needed")
    if not 0 < len(frame) <= MAX_ROWS:
        raise ValueError(f"table {id!r}: {len(frame)} rows, between 1 and {MAX_ROWS} can be shown")
    shown = frame[list(columns)].reset_index(drop=True)
    described = []
    for name, (header, how) in columns.items():
        cell(None, how)
        described.append({"name": name, "header": header, "format": how, "align": "left" if how == "text" else "right"})
    meta = {"id": id, "kind": "table", "title": title, "subtitle": subtitle, "notes": notes,
            "sources": list(sources), "columns": described}  # fmt: skip
    if control is not None:
        meta["control"] = dict(control)
        if control["kind"] == "rows":
            place = {name: n for n, name in enumerate(columns)}
            meta["control"]["filter"] = [place[name] for name in control["filter"]]
    return Table(shown, meta)
