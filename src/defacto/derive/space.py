"""Orbital launches since 1957, from the General Catalog of Artificial Space Objects (GCAT).

Definitions are the catalogue's own (planet4589.org, launch columns and success fractions):
a row is an attempt to reach orbit or deep space; an outcome code ending in E is an explosion
or abort before lift-off, kept but not counted as an attempt; the site decides the country.

From the same rows: Russian engines on rockets of the United States (one RD-180 on each Atlas III
and Atlas V, two RD-181 on each Antares 230), and, from the daily counts in the same archive, the
satellites launched for Starlink, OneWeb and Kuiper, gross of re-entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from defacto.derive.archive import Archive, DerivationError
from defacto.derive.recipe import write_tables
from defacto.derive.registry import pins
from defacto.derive.rows import numbers, text_rows

#: The upstream in the registry, and the two files of it.
GCAT = "gcat"
_MEMBER = "launches.csv"
_PAYLOADS = "constellation-payloads.csv"
_SOURCE, _PAYLOADS_SOURCE = "j-mcdowell-20251130", "c-kalitin-20251209"

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


#: RIA Novosti, July 2021: two RD-181 on each Antares.
_RD181_SOURCE = "vpk-name-20210721"

#: Engine -> (engines on one rocket, rocket types by the start of their name in the catalogue).
ENGINES = {"rd180": (1, {"atlas3": "Atlas 3", "atlas5": "Atlas V"}), "rd181": (2, {"antares230": "Antares 230"})}


def engines(rows: pd.DataFrame) -> pd.DataFrame:
    """Russian engines flown on rockets of the United States, one row a year since the first.

    Takes launch rows (see `launches`); a failed attempt uses its engines too. Columns: flights
    by rocket type, engines flown in the year and since the first, and how far the year is covered.
    """
    flown = rows[rows["outcome"] != "no lift-off"]
    year = flown["date"].str[:4].astype(int)
    flights = {
        rocket: flown["vehicle"].str.startswith(name).groupby(year).sum()
        for _, rockets in ENGINES.values()
        for rocket, name in rockets.items()
    }
    counts = pd.DataFrame(flights)
    first = counts.index[counts.sum(axis=1) > 0].min()
    counts = counts.reindex(range(first, int(rows["date"].max()[:4]) + 1), fill_value=0)
    table = pd.DataFrame({"year": counts.index})
    for engine, (each, rockets) in ENGINES.items():
        for rocket in rockets:
            table[f"{rocket}_flights"] = counts[rocket].to_numpy()
        table[f"{engine}_engines_flown"] = each * counts[list(rockets)].sum(axis=1).to_numpy()
        table[f"{engine}_cumulative"] = table[f"{engine}_engines_flown"].cumsum()
    last = rows["date"].max()
    table["as_of"] = [min(f"{y}-12-31", last) for y in table["year"]]
    table["coverage"] = ["full year" if day.endswith("12-31") else "part year" for day in table["as_of"]]
    sources = [_SOURCE if flights == 0 else f"{_SOURCE};{_RD181_SOURCE}" for flights in table["antares230_flights"]]
    return table.assign(source_ids=sources, status="derived", note="")


#: System -> how the name of its first mission begins; the counts run from the day of that launch.
FIRST_MISSIONS = {"Starlink": "Tintin", "OneWeb": "OneWeb", "Kuiper": "KuiperSat"}

#: Days for which others publish a count of Starlink satellites launched: kept beside the month ends.
PUBLISHED_DAYS = ("2021-05-16", "2025-10-19")


def constellations(payloads: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Satellites launched by month end for each system of `FIRST_MISSIONS`.

    Parameters
    ----------
    payloads
        ``Time_Since_First_Payload`` in days and one column a system: satellites launched so far;
        missing after the last launch of a system.
    rows
        Launch rows (see `launches`), which date the first launch of each system.

    Raises
    ------
    DerivationError
        If a system or its first launch is missing, or a count falls.
    """
    parts = []
    for system, mission in FIRST_MISSIONS.items():
        if system not in payloads or "Time_Since_First_Payload" not in payloads:
            raise DerivationError(f"{_PAYLOADS}: column {system!r} or 'Time_Since_First_Payload' is missing")
        firsts = rows.loc[rows["mission"].str.startswith(mission), "date"]
        if firsts.empty:
            raise DerivationError(f"{_MEMBER}: no mission begins with {mission!r}, the first one of {system}")
        known = payloads[system].notna()
        days = pd.to_datetime(firsts.min()) + pd.to_timedelta(payloads.loc[known, "Time_Since_First_Payload"], unit="D")
        daily = pd.Series(payloads.loc[known, system].astype(int).to_numpy(), index=pd.DatetimeIndex(days))
        if not daily.is_monotonic_increasing:
            raise DerivationError(f"{_PAYLOADS}: {system}: the count of satellites launched falls")
        wanted = {day: "day of a published count" for day in pd.to_datetime(PUBLISHED_DAYS) if system == "Starlink"}
        wanted |= dict.fromkeys(daily.index[daily.index.is_month_end], "month end")
        wanted.setdefault(daily.index[-1], "last launch in the series")
        kept = daily[daily.index.isin(list(wanted))]
        parts.append(
            pd.DataFrame(
                {
                    "constellation": system,
                    "as_of": kept.index.strftime("%Y-%m-%d"),
                    "period": [wanted[day] for day in kept.index],
                    "cumulative_launched": kept.to_numpy(),
                    "launched_since_previous": kept.diff().fillna(kept).astype(int).to_numpy(),
                }
            )
        )
    return pd.concat(parts).assign(source_ids=_PAYLOADS_SOURCE, status="derived", note="")


def derive(raw: Path, archives: Mapping[str, Archive] | None = None) -> list[str]:
    """Write the derived tables of `space` from the files under `raw`; returns the paths that changed.

    `archives` are the pins by id, by default those of the registry.
    """
    archive = (archives or pins())[GCAT]
    found = dict(archive.members(raw, ".csv"))
    for member in (_MEMBER, _PAYLOADS):
        if member not in found:
            raise DerivationError(f"{archive.file}: holds no {member}")
    rows = launches(text_rows(_MEMBER, found[_MEMBER]))
    payloads = numbers(_PAYLOADS, text_rows(_PAYLOADS, found[_PAYLOADS]))
    systems, last = constellations(payloads, rows), rows["date"].max()
    return write_tables(
        "defacto.derive.space",
        [archive],
        {
            "space.launches": rows,
            "space.launches_by_year": launches_by_year(rows),
            "space.engines": engines(rows),
            "space.constellations": systems,
        },
        dict.fromkeys(("space.launches", "space.launches_by_year", "space.engines"), last)
        | {"space.constellations": systems["as_of"].max()},
    )
