"""Orbital launches since 1957, from the General Catalog of Artificial Space Objects (GCAT).

Definitions are the catalogue's own (planet4589.org, launch columns and success fractions):
a row is an attempt to reach orbit or deep space; an outcome code ending in E is an explosion
or abort before lift-off, kept but not counted as an attempt; the site decides the country.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pandas as pd

from defacto.derive.recipe import Archive, DerivationError, write_tables

GCAT = Archive(
    file="gcat-launches-6e33b90.tar.xz",
    upstream="J. McDowell, General Catalog of Artificial Space Objects, planet4589.org "
    "(rows as kept in github.com/CKalitin/mcdowell-dataset-analysis)",
    version="6e33b90",
    sha256="82012113ebc70a6e020980b05038ffde0d7cc3566b968e2df02cd4dfeed1ab1b",
    licence="CC-BY-4.0",
)
_MEMBER = "launches-gcat-6e33b90.csv"
_SOURCE = "j-mcdowell-20251130"

#: GCAT state codes of launch sites, and the names used in the book. Baikonur counts with
#: the state that runs it, as in the catalogue, whose codes SU and RU follow the site's
#: organisation and not the day: the two are one series here.
COUNTRIES = {
    "SU": "Soviet Union and Russia", "RU": "Soviet Union and Russia", "US": "United States", "CN": "China", "GUF": "French Guiana",
    "J": "Japan", "IN": "India", "NZ": "New Zealand", "KI": "Kiribati", "IR": "Iran", "IL": "Israel",
    "KE": "Kenya", "KP": "North Korea", "TTPI": "Marshall Islands", "KR": "South Korea", "AU": "Australia",
    "DZ": "Algeria", "BR": "Brazil", "ESCN": "Spain", "UK": "United Kingdom", "N": "Norway",
}  # fmt: skip

#: Site code without a state in the copy used, read as the site it questions.
_SITE_STATE = {"TYSC?": "CN"}
_OUTCOMES = {"S": "success", "F": "failure", "E": "no lift-off"}
_NEEDED = ["Launch_Tag", "Launch_Date", "LV_Type", "Variant", "Mission", "Launch_Site", "Launch_Site_Parent",
           "State", "Agency", "LaunchCode", "Category"]  # fmt: skip


def launches(upstream: pd.DataFrame) -> pd.DataFrame:
    """One row a launch, from GCAT rows as strings (shape: rows, at least `_NEEDED`).

    Raises
    ------
    DerivationError
        On a missing column, a repeated tag, an unknown state or outcome code, or a bad date;
        the message names the first such launch.
    """
    missing = [c for c in _NEEDED if c not in upstream]
    if missing:
        raise DerivationError(f"{_MEMBER}: column {missing[0]!r} is missing: the upstream changed its schema")
    rows = upstream[_NEEDED].copy()
    rows["State"] = rows["State"].mask(rows["State"] == "", rows["Launch_Site"].map(_SITE_STATE))
    date = pd.to_datetime(rows["Launch_Date"], format="%Y-%m-%d", errors="coerce")
    outcome = rows["LaunchCode"].str[1].map(_OUTCOMES)
    country = rows["State"].map(COUNTRIES)
    for column, bad in {
        "Launch_Tag": rows["Launch_Tag"].duplicated() | (rows["Launch_Tag"] == ""),
        "Launch_Date": date.isna(),
        "LaunchCode": outcome.isna() | ~rows["LaunchCode"].str[0].isin(["O", "D"]),
        "State": country.isna(),
    }.items():
        if bad.any():
            row = rows[bad].iloc[0]
            raise DerivationError(
                f"{_MEMBER}: launch {row['Launch_Tag']!r}: column {column!r}: {row[column]!r} is not understood"
            )
    parent = rows["Launch_Site_Parent"].mask(rows["Launch_Site_Parent"] == "", rows["Launch_Site"].str.rstrip("?"))
    return pd.DataFrame(
        {
            "launch_tag": rows["Launch_Tag"],
            "date": date.dt.strftime("%Y-%m-%d"),
            "vehicle": rows["LV_Type"],
            "variant": rows["Variant"].replace("-", ""),
            "mission": rows["Mission"].replace("-", ""),
            "site": parent,
            "site_code": rows["Launch_Site"],
            "country": country,
            "agency": rows["Agency"],
            "launch_code": rows["LaunchCode"],
            "outcome": outcome,
            "source_ids": _SOURCE,
            "status": "derived",
        }
    )


def launches_by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Attempts, successes and failures by year, country, site and agency (one row each)."""
    counted = rows[rows["outcome"] != "no lift-off"].assign(
        year=lambda r: r["date"].str[:4].astype(int),
        success=lambda r: (r["outcome"] == "success").astype(int),
    )
    grouped = counted.groupby(["year", "country", "site", "agency"])["success"]
    table = grouped.agg(attempts="size", successes="sum").reset_index()
    table["failures"] = table["attempts"] - table["successes"]
    table["coverage_to"] = "full year"
    last = rows["date"].max()
    if not last.endswith("12-31"):
        table.loc[table["year"] == int(last[:4]), "coverage_to"] = last
    return table.assign(source_ids=_SOURCE, status="derived")


def derive(raw: Path) -> list[str]:
    """Write `space.launches` and `space.launches_by_year` from the archive under `raw`."""
    for name, content in GCAT.members(raw):
        if name.endswith(_MEMBER):
            break
    else:
        raise DerivationError(f"{GCAT.file}: holds no {_MEMBER}")
    upstream = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    rows = launches(upstream)
    return write_tables(
        "defacto.derive.space", [GCAT], {"space.launches": rows, "space.launches_by_year": launches_by_year(rows)}
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Derive data/space/launches*.csv from the GCAT archive.")
    parser.add_argument("raw", type=Path, help="folder that holds the archive, or the archive itself")
    print("\n".join(derive(parser.parse_args().raw)) or "nothing changed")
