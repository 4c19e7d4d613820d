"""Assertions across tables: totals that re-add, and figures that other sources publish.

Each check names the tables it reads, a tolerance where it needs one, and the reason. It
returns a message for every disagreement; accepted ones are listed with it, by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class CrossCheck:
    """One assertion: `run` takes the tables by name and returns what is wrong."""

    id: str
    tables: tuple[str, ...]
    run: Callable[[Tables], list[str]]


CHECKS: list[CrossCheck] = []


def crosscheck(*tables: str):
    """Register the function as a check that reads `tables`; the first one is named in messages."""

    def register(function):
        CHECKS.append(CrossCheck(function.__name__.replace("_", "-"), tables, function))
        return function

    return register


@crosscheck("space.launches", "space.launches_by_year")
def launches_by_year_re_add(tables: Tables) -> list[str]:
    """The yearly table is the launch list, counted: attempts and successes by every key."""
    rows = tables["space.launches"]
    rows = rows[rows["outcome"] != "no lift-off"].assign(
        year=lambda r: r["date"].dt.year, success=lambda r: r["outcome"] == "success"
    )
    key = ["year", "country", "site", "agency"]
    counted = rows.groupby(key)["success"].agg(attempts="size", successes="sum")
    stored = tables["space.launches_by_year"].set_index(key)[["attempts", "successes"]]
    both = counted.join(stored, how="outer", lsuffix="_list", rsuffix="_year").fillna(-1)
    wrong = both[(both["attempts_list"] != both["attempts_year"]) | (both["successes_list"] != both["successes_year"])]
    return [f"{'|'.join(map(str, k))}: {r.attempts_list:.0f} launches in the list, {r.attempts_year:.0f} in the year"
            for k, r in wrong.iterrows()]  # fmt: skip
