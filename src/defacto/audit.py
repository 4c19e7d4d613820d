"""The spot audit: which rows were drawn, and what checking them against their sources found.

The draw is stratified. Each researched table with at least `LARGE` sourced rows is a stratum,
and all smaller ones together are one more. Every stratum gets one row; the others are
shared out in proportion to sourced rows by largest remainder. Within a stratum the rows with the
smallest sha256 of ``seed|table|key`` are taken, so that a draw needs no generator of random
numbers, and a row added or removed later moves the others little.
"""

from __future__ import annotations

import hashlib

import pandas as pd

from defacto.data import DataError, load, package

#: Sourced rows from which on a table is a stratum of its own.
LARGE = 20
#: Stratum of all smaller tables.
SMALL = "(smaller tables)"
#: Registers that describe the record; nothing in them is a finding of its own.
REGISTERS = frozenset({"sources", "publishers", "corrections", "audit"})
#: Seed and size of the draw that was audited.
SEED, SIZE = 20250423, 60
#: Results of a check, best first, and what they mean.
RESULTS = {
    "right": "date, numbers, names and coding are what the source, or a better one, says",
    "imprecise": "true in substance; a wording, a date or a rounding says more or less than the source",
    "wrong": "a value, a coding, a name or a source that the evidence contradicts",
    "source not found": "no stored copy of the source or of a better one could be found, so that the row stays unchecked",
}


def rows() -> pd.DataFrame:
    """All rows that can be drawn: columns ``table``, ``key`` (parts joined by ``|``) and ``stratum``."""
    found = []
    for res in package()["resources"]:
        name = res["name"]
        if res["origin"] != "researched" or name in REGISTERS:
            continue
        frame = load(name)
        if "status" not in frame:
            continue
        frame = frame[frame["status"] == "sourced"]
        parts = frame[res["schema"]["primaryKey"]].astype("str")
        key = parts.agg("|".join, axis=1) if len(parts) else pd.Series(dtype="str")
        found.append(pd.DataFrame({"table": name, "key": key, "stratum": name if len(frame) >= LARGE else SMALL}))
    return pd.concat(found, ignore_index=True)


def shares(sizes: pd.Series, n: int) -> pd.Series:
    """Rows to draw from each stratum: one each, the rest by largest remainder of its size.

    Parameters
    ----------
    sizes
        Rows of each stratum, by its name.
    n
        Rows to draw in all.

    Raises
    ------
    DataError
        If `n` is smaller than the number of strata or larger than the number of rows.
    """
    rest = n - len(sizes)
    if rest < 0 or n > sizes.sum():
        raise DataError(f"cannot draw {n} rows from {len(sizes)} strata of {sizes.sum()} rows")
    sizes = sizes.sort_index()
    left = sizes - 1
    exact = rest * left / max(left.sum(), 1)
    share = exact.astype("int64")
    order = (exact - share).sort_values(ascending=False, kind="stable").index
    share[order[: rest - share.sum()]] += 1
    return (share + 1).rename("drawn")


def draw(seed: int = SEED, n: int = SIZE) -> pd.DataFrame:
    """`n` rows of the researched tables, the same ones for the same tables and `seed`.

    Returns
    -------
    DataFrame of shape (n, 2): ``table`` and ``key``, sorted.

    Raises
    ------
    DataError
        If so many rows cannot be drawn.
    """
    pool = rows()
    name = str(seed) + "|" + pool["table"] + "|" + pool["key"]
    rank = name.map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    pool = pool.assign(rank=rank).sort_values("rank")
    share = shares(pool["stratum"].value_counts(), n)
    taken = pool[pool.groupby("stratum").cumcount() < pool["stratum"].map(share)]
    return taken.sort_values(["table", "key"])[["table", "key"]].reset_index(drop=True)


def results() -> pd.DataFrame:
    """Counts of the audit: a row a table, a column a result.

    Returns
    -------
    DataFrame of shape (tables with a drawn row, 5): index ``table``, the results in the order
    of `RESULTS`, and ``drawn``, the rows drawn from the table, which is their sum.
    """
    audit = load("audit")
    count = pd.crosstab(audit["table"], audit["result"]).reindex(columns=list(RESULTS), fill_value=0)
    count.columns.name = None
    return count.assign(drawn=count.sum(axis=1))
