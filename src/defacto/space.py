"""Arithmetic and selections of the space chapter, apart from its charts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from defacto.crosschecks import by_rule
from defacto.data import load, package, split_list
from defacto.ledger import best_grade


def placed(dates: pd.Series) -> pd.Series:
    """Where EDTF dates stand on an axis: a day itself, a month at its 15th, a year at 1 July (index kept)."""
    text = dates.str.split("/").str[0].str.rstrip("~?")
    whole = text.where(text.str.len() != 7, text + "-15").where(text.str.len() != 4, text + "-07-01")
    return pd.to_datetime(whole, format="%Y-%m-%d")


def cited(*columns: pd.Series) -> list[str]:
    """Every source id in these columns, once: the most used first, then in alphabetical order."""
    used = pd.concat([split_list(column) for column in columns]).value_counts()
    return sorted(used.index, key=lambda source: (-used[source], source))


def launch_counts() -> pd.DataFrame:
    """Published launch counts beside what the catalogue gives by the same rule.

    Rows of `space.launch_counts` that a rule can compare, newest first, with ``counted`` (launches
    in the copy of the catalogue), ``difference`` (published less counted) and ``whole`` (whether
    the copy covers the whole time counted).
    """
    rows, counts = load("space.launches"), load("space.launch_counts")
    counts = counts[
        (counts["rule"] != "successes")
        & ((counts["year"] <= rows["date"].max().year) | (counts["since"] < counts["year"]))
    ]
    year = rows["date"].dt.year
    counted = [
        int((by_rule(rows, row.rule, row.subject) & year.between(row.since, row.year)).sum())
        for row in counts.itertuples()
    ]
    counts = counts.assign(counted=counted, whole=counts["year"] < rows["date"].max().year)
    counts["difference"] = counts["value"] - counts["counted"]
    return counts.sort_values(["year", "subject", "rule", "stated_by"], ascending=[False, True, True, True])


def later_launches() -> tuple[int, pd.Timestamp]:
    """World launch attempts of the year after the copy's last one, by subtraction, and the day counted to.

    The total since Sputnik in a later version of the catalogue, less its total for the last year,
    less what this copy holds to the end of the year before.
    """
    rows, counts = load("space.launches"), load("space.launch_counts").set_index("id")
    last = rows["date"].max().year
    before = int((by_rule(rows, "all attempts", "World") & (rows["date"].dt.year < last)).sum())
    total = counts.loc["2026-world-hotham"]
    return int(total["value"] - counts.at["2025-world-hotham", "value"] - before), pd.Timestamp(total["coverage_to"])


def seat_lanes() -> pd.DataFrame:
    """Lanes of the seat barter: what each step covers as spans, crossed flights as marks, assigned ones hollow."""
    steps = load("space.agreements").dropna(subset="covers_from")
    names = {"agreement-2022": "agreement", "addendum-1-crew-8": "first addendum: Crew-8", "addendum-2": "second addendum",
             "addendum-3-reported": "third addendum (TASS)", "addendum-3-nasa": "as NASA confirms"}  # fmt: skip
    spans = pd.DataFrame(
        {
            "lane": "What the agreement and its addenda cover",
            "start": placed(steps["date"]),
            "end": pd.to_datetime(steps["covers_to"].astype(int).astype(str) + "-12-31"),
            "label": steps["id"].map(names),
            "hollow": False,
        }
    ).sort_values("start")
    flights = load("space.cross_flights")
    short = flights["mission"].str.replace(r"^(Soyuz|SpaceX) ", "", regex=True)
    lane = {
        "NASA on Soyuz": "NASA astronauts on Soyuz",
        "Roscosmos on Dragon": "Roscosmos cosmonauts on Crew Dragon of SpaceX",
    }
    marks = pd.DataFrame(
        {
            "lane": flights["direction"].map(lane),
            "start": placed(flights["launch_date"]),
            "label": short + "\n" + flights["crew_member"].str.split().str[-1],
            "hollow": flights["flight_status"] != "flown",
        }
    )
    return pd.concat([spans, marks.sort_values(["lane", "start"])], ignore_index=True)


def seat_prices() -> pd.DataFrame:
    """Prices of a seat by flight year: ``at`` and ``end`` in years, ``value`` in million dollars, ``group``, ``bound``.

    Averages and extremes of many years are left out, as are prices that an earlier report rounds
    to the million where a later one has the same more exactly; half-years stand beside their year.
    """
    prices = load("space.seat_prices")
    rounded = prices["note"].str.startswith("rounded", na=False)
    prices = prices[~prices["kind"].isin(["average", "lowest", "highest"]) & ~rounded]
    at = prices["year_from"] + prices["part"].map({"first half": -0.15, "second half": 0.3}).fillna(0.0)
    auditor = prices["estimator"].str.startswith("NASA OIG")
    return pd.DataFrame(
        {
            "at": at.astype(float),
            "end": at.where(prices["part"] != "span", prices["year_to"]).astype(float),
            "value": prices["price_usd_million"],
            "group": auditor.map({True: "NASA inspector general", False: "NASA otherwise"}),
            "bound": prices["bound"],
        }
    ).reset_index(drop=True)


def event_lanes(events: pd.DataFrame, groups: Mapping[str, list[str]]) -> pd.DataFrame:
    """Rows of a table of events (``date``, ``category``, ``label``) as lanes: group name -> categories, in order.

    Raises
    ------
    ValueError
        If a category belongs to no group: nothing is left out unseen.
    """
    lane = {category: name for name, categories in groups.items() for category in categories}
    left = set(events["category"]) - set(lane)
    if left:
        raise ValueError(f"category {sorted(left)[0]!r} belongs to no lane")
    found = events.assign(lane=events["category"].map(lane), start=placed(events["date"]))
    order = {name: n for n, name in enumerate(groups)}
    return found.sort_values(["lane", "start"], key=lambda c: c.map(order) if c.name == "lane" else c).reset_index(
        drop=True
    )


def rd180_account() -> pd.DataFrame:
    """RD-180 for the United States: delivered, flown in the copy of the catalogue, flown later, left (``engines``)."""
    counts, engines = load("space.engine_counts").set_index("id")["value"], load("space.engines")
    delivered, last = counts["rd-180-delivered-2021-04-14"], engines.iloc[-1]
    later = counts["rd-180-flown-in-2025"] - last["atlas5_flights"]
    flown = last["rd180_cumulative"]
    values = {"delivered": delivered, "flown": flown, "later": later, "left": delivered - flown - later}
    return pd.DataFrame({"engines": values}, dtype="int64")


def grades(topic: str = "space") -> pd.DataFrame:
    """Rows of each researched table of a topic by the best grade of their sources.

    Columns: table, rows (sourced ones), a, b, c, d (rows), first_hand and direct (shares of A, and of A or B).
    """
    found = []
    for res in package()["resources"]:
        if res["name"].startswith(f"{topic}.") and res["origin"] == "researched":
            frame = load(res["name"])
            number = best_grade(frame["source_ids"]).value_counts()
            found.append(
                {"table": res["title"], "rows": len(frame)} | {g.lower(): int(number.get(g, 0)) for g in "ABCD"}
            )
    table = pd.DataFrame(found)
    return table.assign(first_hand=table["a"] / table["rows"], direct=(table["a"] + table["b"]) / table["rows"])
