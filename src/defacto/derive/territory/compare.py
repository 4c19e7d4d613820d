"""Published figures of other estimators beside our value for the same dates and ground.

The same definition can be expected only where the estimator is DeepState itself; elsewhere
the difference shows how far definitions reach.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from defacto.derive.archive import DerivationError
from defacto.derive.territory.survey import Areas, Snapshot
from defacto.derive.territory.tables import COASTAL, OFFSHORE, at, decimals

_SQUARE_MILE = 2.589988110336

# Differences up to here count as agreement: two roundings and a day's lag.
TOLERANCE = {"percent": 0.3, "km2": 20.0}

# Units whose official area counts wide waters: the published shares of these are of land.
WATERY = ("UA-65",)


@dataclass(frozen=True)
class Period:
    """Days between which a figure is to be read; `start` is None for a state."""

    start: str | None
    end: str


def period(as_of: str, metric: str) -> Period:
    """What an EDTF date means for a metric.

    A state given by month counts at the end of it, a change from the first day of its month or
    year to the first of the next.

    Raises
    ------
    DerivationError
        If the date has another form.
    """
    text = as_of.rstrip("~?")
    change = metric.endswith("_gain")
    day = r"\d{4}-\d{2}-\d{2}"
    if re.fullmatch(day, text) and not change:
        return Period(None, text)
    if change and re.fullmatch(f"{day}/{day}", text):
        return Period(*text.split("/"))
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        span = pd.Period(text, freq="M" if "-" in text else "Y")
        after = (span + 1).start_time.date().isoformat()
        return Period(span.start_time.date().isoformat(), after) if change else Period(None, after)
    raise DerivationError(f"territory.published_figures: no reading for {metric} as of {as_of!r}")


def _sum(areas: Areas, units: list[str], basis: str) -> float:
    return sum(row[basis == "land"] for iso, row in areas.items() if iso in units)


def published_comparison(
    figures: pd.DataFrame,
    snapshots: dict[str, list[Snapshot]],
    official: dict[str, float],
    land: dict[str, float],
) -> pd.DataFrame:
    """Our value for each figure in `figures` (table ``territory.published_figures``).

    A row for each mapper that covers the dates and for each basis it allows; ``main`` marks the
    one row to show beside the figure: DeepState (the archive of it whose maps are nearest to the
    dates, the mirror before the history), official areas, and land where official areas count
    wide waters. Values in km² or percent.
    """
    rows = []
    for figure in figures.itertuples():
        if figure.unit not in ("km2", "percent", "square miles") or figure.metric == "official_area":
            continue
        when = period(figure.as_of, figure.metric)
        named = [] if pd.isna(figure.unit_isos) else [u for u in figure.unit_isos.split(";") if u]
        units = named or sorted(official)
        value = figure.value * (_SQUARE_MILE if figure.unit == "square miles" else 1.0)
        unit = "percent" if figure.unit == "percent" else "km2"
        found = {source: _ends(when, source, snapshots) for source in ("deepstate", "deepstate-history", "owl")}
        found = {source: ends for source, ends in found.items() if ends}
        shown = min((s for s in found if s not in OFFSHORE), key=lambda s: _days_off(when, found[s]), default=None)
        for source, (start, end) in found.items():
            for basis, denominators in (("official", official), ("land", land)):
                if basis == "official" and source in OFFSHORE and set(units) & set(COASTAL):
                    continue
                ours = _sum(end.areas, units, basis) - (_sum(start.areas, units, basis) if start else 0.0)
                if unit == "percent":
                    ours *= 100 / sum(denominators[u] for u in units)
                wanted = "land" if unit == "percent" and set(named) & set(WATERY) else "official"
                main = source == shown and basis == wanted
                same = figure.estimator == "DeepState" and source not in OFFSHORE
                gap = round(ours, 2) - round(value, 2)
                rows.append(
                    {
                        "id": figure.id,
                        "source": source,
                        "basis": basis,
                        "main": "yes" if main else "no",
                        "same_definition": "yes" if same else "no",
                        "date_start": start.date if start else "",
                        "date_end": end.date,
                        "unit": unit,
                        "published_value": decimals(value, 2),
                        "our_value": decimals(ours, 2),
                        "difference": decimals(gap, 2),
                        "tolerance": decimals(TOLERANCE[unit], 1),
                        "within": _within(gap, figure.bound, TOLERANCE[unit]),
                        "source_ids": figure.source_ids,
                        "status": "derived",
                    }
                )
    return pd.DataFrame(rows)


def _ends(when: Period, source: str, snapshots: dict[str, list[Snapshot]]) -> tuple[Snapshot | None, Snapshot] | None:
    """First and last snapshot for `when`; the mirror takes a start before its own from the history."""
    end = at(snapshots[source], when.end)
    if not end:
        return None
    if when.start is None:
        return None, end
    start = at(snapshots[source], when.start)
    if not start and source == "deepstate":
        start = at(snapshots["deepstate-history"], when.start)
    return (start, end) if start else None


def _days_off(when: Period, ends: tuple[Snapshot | None, Snapshot]) -> int:
    """Days by which the maps of `ends` lie before the dates that are asked for."""
    asked = [(when.end, ends[1]), *([(when.start, ends[0])] if ends[0] else [])]
    return sum((pd.Timestamp(date) - pd.Timestamp(snapshot.date)).days for date, snapshot in asked)


def _within(gap: float, bound: str, tolerance: float) -> str:
    """Whether a difference (ours less published) agrees, given what the published value bounds."""
    low = -tolerance if bound != "at most" else float("-inf")
    high = tolerance if bound != "at least" else float("inf")
    return "yes" if low <= round(gap, 2) <= high else "no"
