"""Territory: shares by reading, basis and mapper, and what a printed "per cent" can mean.

Two bases stand side by side. ``official``: occupied area within the exact unit over the official
area, which counts inland water and bays. ``land``: both from one coarser drawing that ends at the
coast. Project Owl draws its coast out at sea, so it is compared on land only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from defacto.data import DataError, load
from defacto.ledger import QUANTITY_RULE, quantity_verdict, quote

#: The day of the article, and the unit that its other reading leaves out.
ARTICLE_DAY = pd.Timestamp("2025-04-22")
LUHANSK = "UA-09"
CRIMEA = ("UA-43", "UA-40")
#: The claim whose words hold the share.
CLAIM = "C020"
#: Mappers as they are named, newest archive of DeepState first.
MAPPERS = {"deepstate": "DeepState", "deepstate-history": "DeepState, history", "owl": "Project Owl"}
#: What can be compared: (mapper, basis).
VARIANTS = [("deepstate", "official"), ("deepstate", "land"), ("owl", "land")]
#: The rule for quantities.
RULE = QUANTITY_RULE
#: A map counts for a day if it was taken at most so many days before.
NEAR = 3


def units() -> pd.DataFrame:
    """Units of Ukraine (index ISO 3166-2): name, official_km2, land_km2, annexation_declared."""
    table = load("territory.units").set_index("unit_iso")
    land = load("territory.land_areas").set_index("unit_iso")["ne_land_km2"]
    columns = ["name", "official_km2", "annexation_declared"]
    return table[columns].assign(official_km2=table["official_km2"].astype("float64"), land_km2=land)


def annexed() -> list[str]:
    """The four oblasts declared annexed in 2022, by code."""
    declared = units()["annexation_declared"].fillna("")
    return sorted(declared.index[declared.str.startswith("2022")])


def readings() -> dict[str, list[str]]:
    """What the share can be of: name -> units."""
    four, names = annexed(), units()["name"]
    return {
        "All four oblasts": four,
        "Three, without Luhansk": [u for u in four if u != LUHANSK],
        "All four and Crimea": [*four, *CRIMEA],
        **{f"{names[u]} alone": [u] for u in sorted(four, key=lambda u: names[u])},
    }


def held(date, source: str) -> pd.DataFrame:
    """What `source` marks as occupied on `date` (index unit_iso), or on its last map at most `NEAR` days before.

    Columns occupied_km2, share_official, occupied_land_km2, share_land, unknown_km2; the day of
    the map is in ``attrs["day"]``.

    Raises
    ------
    DataError
        If the mapper has no map so near.
    """
    date = pd.Timestamp(date)
    daily = load("territory.control_daily")
    mine = daily[
        (daily["source"] == source) & (daily["date"] <= date) & (daily["date"] >= date - pd.Timedelta(days=NEAR))
    ]
    if mine.empty:
        raise DataError(f"territory/control_daily.csv: {source} has no map for {date:%Y-%m-%d}")
    day = mine["date"].max()
    rows = mine[mine["date"] == day].set_index("unit_iso").drop(columns=["date", "source", "source_ids", "status"])
    rows.attrs["day"] = day
    return rows


def share(rows: pd.DataFrame, isos: Iterable[str], basis: str) -> float:
    """Occupied part of the units `isos` together (0 to 1): summed areas over summed areas, `basis` official or land."""
    areas, isos = units(), list(isos)
    column, whole = {"official": ("occupied_km2", "official_km2"), "land": ("occupied_land_km2", "land_km2")}[basis]
    return float(rows[column].reindex(isos, fill_value=0.0).sum() / areas.loc[isos, whole].sum())


def shares(date, sets: Mapping[str, Iterable[str]] | None = None) -> pd.DataFrame:
    """Shares on `date`: a row a set of units (by default the `readings`), a column a variant of `VARIANTS`."""
    sets = readings() if sets is None else sets
    rows = {source: held(date, source) for source, _ in VARIANTS}
    return pd.DataFrame(
        {(s, b): {name: share(rows[s], isos, b) for name, isos in sets.items()} for s, b in VARIANTS}
    ).rename_axis("reading")


def variant(source: str, basis: str) -> str:
    """How a variant is named: ``DeepState, official areas``."""
    return f"{MAPPERS[source]}, {'official areas' if basis == 'official' else 'land'}"


def by_unit(date, isos: Iterable[str]) -> pd.DataFrame:
    """Units one by one on `date`, index unit_iso.

    Columns name; km2 and official (DeepState: area and share); land and owl_land (shares on land);
    land_km2 and owl_km2 (occupied land); land_free_km2 and owl_free_km2 (the rest of the land).
    """
    isos, areas = list(isos), units()
    ours, owl = held(date, "deepstate").reindex(isos).fillna(0.0), held(date, "owl").reindex(isos).fillna(0.0)
    land = areas.loc[isos, "land_km2"]
    return pd.DataFrame(
        {"name": areas.loc[isos, "name"], "km2": ours["occupied_km2"], "official": ours["share_official"],
         "land": ours["share_land"], "owl_land": owl["share_land"], "land_km2": ours["occupied_land_km2"],
         "owl_km2": owl["occupied_land_km2"], "land_free_km2": land - ours["occupied_land_km2"],
         "owl_free_km2": land - owl["occupied_land_km2"]}
    )  # fmt: skip


# --- the printed share --------------------------------------------------------------------


def printed() -> float:
    """The share that the article prints (0 to 1), read from its words.

    Raises
    ------
    DataError
        If the words hold no single percentage.
    """
    found = re.findall(r"(\d+(?:\.\d+)?)\s*%", quote(CLAIM))
    if len(found) != 1:
        raise DataError(f"claim {CLAIM}: its words hold {len(found)} percentages, one is expected")
    return float(found[0]) / 100


def verdict(gap: float, factor: float = 1.0) -> str:
    """Verdict on a figure that is off by `gap` percentage points, thresholds multiplied by `factor`."""
    return quantity_verdict(gap, factor)


def judged(date, factor: float = 1.0) -> pd.DataFrame:
    """Every reading by every variant on `date`: share, gap (points, computed less printed), verdict.

    Columns reading, variant, share, gap, verdict; readings in order, variants in order.
    """
    table, claim = shares(date), printed()
    rows = [
        {"reading": name, "variant": variant(s, b), "share": value, "gap": 100 * (value - claim)}
        for name, row in table.iterrows()
        for (s, b), value in row.items()
    ]
    return pd.DataFrame(rows).assign(verdict=lambda f: [verdict(g, factor) for g in f["gap"]])


def sensitivity(factors: Iterable[float], dates: Iterable, reading: str) -> pd.DataFrame:
    """Verdicts on one `reading` with other thresholds and days: columns date, factor, then one a variant."""
    rows = []
    for date in dates:
        for factor in factors:
            found = judged(date, factor)
            found = found[found["reading"] == reading].set_index("variant")["verdict"]
            rows.append({"date": pd.Timestamp(date), "factor": factor, **found})
    return pd.DataFrame(rows)


def by_date(dates: Iterable, names: Iterable[str], basis: str = "official") -> pd.DataFrame:
    """DeepState's share and the verdict on it for some `readings` on other days; the history before the mirror begins.

    Columns date, then for each name ``<name>`` (0 to 1) and ``<name>: verdict``.
    """
    sets, claim, rows = readings(), printed(), []
    begin = load("territory.control_daily").query("source == 'deepstate'")["date"].min()
    for date in map(pd.Timestamp, dates):
        state, row = held(date, "deepstate" if date >= begin else "deepstate-history"), {"date": date}
        for name in names:
            row[name] = share(state, sets[name], basis)
            row[f"{name}: verdict"] = verdict(100 * (row[name] - claim))
        rows.append(row)
    return pd.DataFrame(rows)


# --- how it went on -----------------------------------------------------------------------


def total_over_time(isos: Iterable[str] | None = None) -> pd.DataFrame:
    """Occupied land in km2 by day (rows) and mapper (columns), of `isos` or of all units.

    DeepState is one series: the mirror where it exists, the history before.
    """
    daily = load("territory.control_daily")
    if isos is not None:
        daily = daily[daily["unit_iso"].isin(list(isos))]
    table = daily.pivot_table(index="date", columns="source", values="occupied_land_km2", aggfunc="sum")
    return pd.DataFrame(
        {"DeepState": table["deepstate"].fillna(table["deepstate-history"]), "Project Owl": table["owl"]}
    )


def monthly(column: str = "net_land_km2") -> pd.DataFrame:
    """Net change of all units together by month (first day as index) and mapper; DeepState in one series.

    The mirror counts where it exists; before, the history.
    """
    table = load("territory.control_monthly")
    wide = table.pivot_table(index="month", columns="source", values=column, aggfunc="sum")
    wide.index = pd.to_datetime(wide.index + "-01")
    return pd.DataFrame({"DeepState": wide["deepstate"].fillna(wide["deepstate-history"]), "Project Owl": wide["owl"]})


def mapper_gap(isos: Iterable[str]) -> pd.Series:
    """DeepState less Project Owl on the land of `isos` together, in points of that land, by day."""
    land = units().loc[list(isos), "land_km2"].sum()
    both = total_over_time(isos).dropna()
    return 100 * (both["DeepState"] - both["Project Owl"]) / land


def steps(source: str = "deepstate") -> pd.DataFrame:
    """Change of the occupied area from each map of `source` to the next: columns date, net_km2, unit and unit_km2.

    `unit` is the unit that changed most and `unit_km2` its change.
    """
    daily = load("territory.control_daily")
    wide = daily[daily["source"] == source].pivot_table(index="date", columns="unit_iso", values="occupied_km2")
    moved = wide.diff().iloc[1:]
    most = moved.abs().idxmax(axis=1)
    return pd.DataFrame(
        {"net_km2": moved.sum(axis=1), "unit": most.map(units()["name"]),
         "unit_km2": [moved.at[d, u] for d, u in most.items()]}
    ).reset_index()  # fmt: skip


def grid(kind: str) -> pd.DataFrame:
    """Cells of `territory.grid_change` with what a map shows of them: columns h3, unit_iso, land_km2, class.

    `kind` ``control``: occupied, partly occupied on the first day (a share from `PART` to `WHOLE`).
    `kind` ``change``: occupied on both days (at least half of it), newly occupied (more than half of it), newly
    occupied in part, or regained (a change of more than `PART`).
    Cells without occupied ground on the days in question are left out.
    """
    cells = load("territory.grid_change")
    start, change = cells["share_start"], cells["share_end"] - cells["share_start"]
    label = pd.Series(None, index=cells.index, dtype="object")
    if kind == "control":
        label[start >= PART] = "partly occupied"
        label[start >= WHOLE] = "occupied"
    elif kind == "change":
        label[start >= 0.5] = "occupied on both days"
        label[change > PART] = "in part"
        label[change > 0.5] = "newly occupied"
        label[change < -PART] = "regained"
    else:
        raise ValueError(f"unknown kind of map {kind!r}: control or change")
    return cells.assign(**{"class": label, "change": change}).dropna(subset="class")


#: Shares of a cell from which on it counts as partly and as wholly occupied on a map. Along the coast
#: two drawings of the shore differ, so that a cell may fall short of one.
PART, WHOLE = 0.05, 0.9
