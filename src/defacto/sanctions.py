"""Arithmetic of the sanctions chapter: lists on one scale, days of review, what hangs on whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from defacto.prose import count, num

#: The names of the two curves; both take the colour of their party.
EU, US = "European Union", "United States"


def leading(source_ids: pd.Series) -> list[str]:
    """The first source of each row (cells are ``;``-separated ids), each once: for tables whose rows have many."""
    return list(dict.fromkeys(source_ids.dropna().str.split(";").str[0]))


def levels(listings: pd.DataFrame, ofac: pd.DataFrame, country: str = "russia") -> pd.DataFrame:
    """EU listings still in force and OFAC entries with a Russian address, at each month's end.

    Parameters
    ----------
    listings
        `sanctions.listings_by_date`: ``listing_date``, ``cum_total``.
    ofac
        `sanctions.ofac_monthly`: ``country``, ``month_end``, ``level``.

    Returns
    -------
    Frame indexed by month end from the first month of `ofac`, columns `EU` and `US` in entries;
    the EU series runs to the month of its last listing, a series that ends earlier is missing there.
    """
    us = ofac[ofac["country"] == country].set_index("month_end")["level"].sort_index()
    last = max(us.index[-1], listings["listing_date"].max() + pd.offsets.MonthEnd(0))
    months = pd.date_range(us.index[0], last, freq="ME", name="month_end")
    eu = listings.set_index("listing_date")["cum_total"].sort_index()
    eu = eu.reindex(eu.index.union(months)).ffill().reindex(months)
    eu[months > listings["listing_date"].max() + pd.offsets.MonthEnd(0)] = None
    return pd.DataFrame({EU: eu.astype(float), US: us.reindex(months).astype(float)}, index=months)


def indexed(frame: pd.DataFrame, at, base: float = 100.0) -> pd.DataFrame:
    """Each column divided by its value in row `at`, times `base`.

    Raises
    ------
    KeyError
        If no row has that index.
    ValueError
        If a value in that row is missing or zero.
    """
    row = frame.loc[at]
    if row.isna().any() or (row == 0).any():
        raise ValueError(f"a series has no value to index it by at {at}")
    return frame / row * base


def gains(frame: pd.DataFrame, edges: Iterable) -> pd.DataFrame:
    """What each column gained between consecutive `edges` (index values of `frame`).

    Returns a frame with one row a period, indexed by (start, end); missing if an edge is.
    """
    edges = list(edges)
    rows = {(a, b): frame.loc[b] - frame.loc[a] for a, b in zip(edges, edges[1:], strict=False)}
    return pd.DataFrame(rows).T.rename_axis(["start", "end"])


# --- who can lift what -------------------------------------------------------------------


def answer(competence: pd.DataFrame, measures: Iterable[str]) -> str:
    """Whether the US executive alone can lift all of `measures`: their common word, or ``not computable``.

    A count that mixes measures with different answers cannot be divided among them.

    Raises
    ------
    KeyError
        If a measure is not in the table.
    """
    words = competence.set_index("measure_id")["us_alone"].loc[list(measures)].unique()
    return words[0] if len(words) == 1 else "not computable"


def hanging(competence: pd.DataFrame, counts: Iterable[Mapping]) -> pd.DataFrame:
    """What hangs on the US executive: `counts`, each with the answer to its measures.

    Parameters
    ----------
    competence
        `sanctions.competence`: ``measure_id``, ``us_alone``.
    counts
        ``what`` (what is counted, with its unit), ``low`` and ``high`` (equal for a single
        figure), ``as_of``, ``measures`` (ids), ``basis`` (what the count assumes).

    Returns
    -------
    Frame with ``what``, ``low``, ``high``, ``as_of``, ``hangs`` and ``basis``, in the order yes,
    partly, no, not computable, and within it as given.

    Raises
    ------
    ValueError
        If a range is the wrong way round or missing.
    """
    order = ["yes", "partly", "no", "not computable"]
    rows = []
    for entry in counts:
        if not entry["low"] <= entry["high"]:
            raise ValueError(f"{entry['what']}: from {entry['low']} to {entry['high']}")
        rows.append({k: entry[k] for k in ("what", "low", "high", "as_of", "basis")}
                    | {"hangs": answer(competence, entry["measures"])})  # fmt: skip
    table = pd.DataFrame(rows)
    table = table.iloc[table["hangs"].map(order.index).argsort(kind="stable")].reset_index(drop=True)
    return table[["what", "low", "high", "as_of", "hangs", "basis"]]


#: What lifting a US measure takes, from the fastest to the slowest, by the threshold in `sanctions.competence`.
WAYS = {
    "executive_act": "in a day", "administrative_act": "in a day",
    "executive_act_after_report": "after a report to Congress", "statutory_condition": "only as a statute says",
}  # fmt: skip


def ways(competence: pd.DataFrame) -> pd.DataFrame:
    """US measures of `sanctions.competence` with ``way`` (out of `WAYS`), in the order of the ways.

    Raises
    ------
    ValueError
        If a US measure has a threshold that is none of `WAYS`.
    """
    rows = competence[competence["jurisdiction"] == "US"].copy()
    rows["way"] = rows["threshold"].map(WAYS)
    if rows["way"].isna().any():
        raise ValueError(f"{rows.loc[rows['way'].isna(), 'measure_id'].iloc[0]}: no way for its threshold")
    order = {way: n for n, way in enumerate(dict.fromkeys(WAYS.values()))}
    return rows.iloc[rows["way"].map(order).argsort(kind="stable")]


def review_end(sent, steps: pd.DataFrame) -> pd.Timestamp:
    """Last day of congressional review (22 USC 9511) of a report sent on the day `sent`.

    Parameters
    ----------
    steps
        `sanctions.caatsa_s216`: ``point_id`` and ``calendar_days``; the summer rule holds for
        reports sent from 10 July to 7 September.
    """
    sent = pd.Timestamp(sent)
    days = steps.set_index("point_id")["calendar_days"]
    summer = (7, 10) <= (sent.month, sent.day) <= (9, 7)
    return sent + pd.Timedelta(days=int(days["summer-rule" if summer else "review-period"]))


# --- licences, events, cargo -------------------------------------------------------------


def days_covered(spans: pd.DataFrame) -> tuple[int, int]:
    """Days on which at least one of `spans` (``issued``, ``expires``, exact days) runs, and the days from first to last.

    The day of expiry does not count: a licence ends at its first minute.

    Raises
    ------
    ValueError
        If a day is missing.
    """
    start = pd.to_datetime(spans["issued"], format="%Y-%m-%d", errors="coerce")
    end = pd.to_datetime(spans["expires"], format="%Y-%m-%d", errors="coerce")
    if spans.empty or start.isna().any() or end.isna().any():
        raise ValueError("each span needs the day it starts and the day it ends")
    days = {day for a, b in zip(start, end, strict=True) for day in pd.date_range(a, b, inclusive="left")}
    return len(days), (end.max() - start.min()).days


def first_day(edtf: pd.Series) -> pd.Series:
    """First day of EDTF dates (``2026-10``, ``2025-08~``, ``2025-12-15/2025-12-18``), index kept."""
    text = edtf.str.split("/").str[0].str.rstrip("~?")
    return pd.to_datetime(text.where(text.str.len() == 10, text.where(text.str.len() == 7, text + "-01") + "-01"))


def tally(events: pd.DataFrame) -> pd.DataFrame:
    """Number of `sanctions.events` by jurisdiction (rows) and direction (columns), zero where none."""
    counts = pd.crosstab(events["jurisdiction"], events["direction"])
    return counts.reindex(columns=["tightened", "eased", "maintained"], fill_value=0).rename_axis(columns=None)


def farm_cargo(cargo: pd.DataFrame) -> pd.DataFrame:
    """`sanctions.blacksea` with farm goods in ``cum_tonnes`` of every series: like for like.

    The UN initiative moved nothing else; rows of the corridor that give no farm goods are left out.
    """
    farm = cargo["cum_agri_tonnes"].where(cargo["series"] != "bsgi", cargo["cum_tonnes"])
    return cargo.assign(cum_tonnes=farm).dropna(subset="cum_tonnes")


def rate(cargo: pd.DataFrame, series: str, start: str) -> float:
    """Tonnes a month of one series of `sanctions.blacksea`, from the day `start` to its last exact day.

    A month is 30.44 days; rows whose day is not given do not end the period.
    """
    rows = cargo[(cargo["series"] == series) & cargo["as_of"].str.fullmatch(r"\d{4}-\d{2}(-\d{2})?")]
    day = first_day(rows["as_of"])
    # A month alone is taken as its end: the count was made in it.
    day = day.where(rows["as_of"].str.len() == 10, day + pd.offsets.MonthEnd(0))
    last = day.idxmax()
    return float(rows.at[last, "cum_tonnes"]) / ((day[last] - pd.Timestamp(start)).days / 30.44)


def asset_rows(assets: pd.DataFrame) -> pd.DataFrame:
    """Rows for a range chart of immobilised state assets, from `sanctions.assets`.

    Assets of listed persons are left out. A holder with several figures, or a region,
    is a group of its own whose rows are named after who estimates; the others stand together, and those who gave no
    figure on the same occasion are one row. Nothing is converted: ``low`` and ``high`` are billions of the currency in ``label``.

    Returns
    -------
    Frame indexed by name, with ``low``, ``high``, ``label``, ``group`` and ``source_ids``; groups by
    their largest figure, holders without a figure last.
    """
    rows = assets[assets["scope"].isin(["cbr_reserves", "sovereign_assets", "sanctioned_balances"])].copy()
    several = rows.groupby("holder")["holder"].transform("size") > 1
    rows["group"] = rows["holder"].where(several | (rows["holder_kind"] == "region"), "Others")
    several = rows["group"] != "Others"
    short = rows["estimator"].str.replace(
        r" (?:through|reported by|as cited by) .*| \(finding.*|, range.*", "", regex=True
    )
    rows["name"] = rows["holder"].where(~several, short)
    rows["name"] = rows["name"].where(
        ~rows.duplicated(["group", "name"], keep=False), rows["name"] + ", " + rows["as_of"].str[:4]
    )
    # Holders who gave no figure on the same occasion are one row.
    silent = rows[rows["low"].isna()].sort_values("name").groupby("as_of")
    silent = silent.agg(
        {c: "first" for c in rows.columns if c not in ("name", "as_of")} | {"name": ", ".join}
    ).reset_index()
    rows = pd.concat([rows[rows["low"].notna()], silent], ignore_index=True)
    rows["label"] = [_asset_label(row) for row in rows.itertuples()]
    size = rows.groupby("group")["high"].transform("max").where(rows["group"] != "Others", -1)
    rows = rows.assign(size=size, own=rows["high"].fillna(-1))
    rows = rows.sort_values(["size", "group", "own", "name"], ascending=[False, True, False, True], kind="stable")
    return rows.set_index("name")[["low", "high", "label", "group", "source_ids"]]


def _asset_label(row) -> str:
    if pd.isna(row.low):
        return f"asked {row.as_of}"
    if row.qualifier == "below":
        return f"under {row.currency} {num(row.high * 1e9)} ({row.as_of})"
    high = num(row.high, 0 if row.high >= 10 or row.high == int(row.high) else 2)
    amount = high if row.low == row.high else f"{num(row.low)} to {high}"
    return f"{row.currency} {amount} bn ({row.as_of})"


#: Units that are nouns, as `defacto.prose.count` takes them; the others stand before or after the number.
_NOUNS = {
    "agreements": ("agreement", "agreements"), "mineral_types": ("type of mineral", "types of minerals"), "projects": ("project", "projects"),
    "reactors": ("reactor", "reactors"), "votes_for": ("vote in favour", "votes in favour"),
}  # fmt: skip
_UNITS = {"usd_million": "USD {} million", "percent": "{}\u00a0%", "gw": "{} GW"}


def told(rows: pd.DataFrame) -> list[str]:
    """``value_text`` of each row with its figure (``amount`` and ``unit``) in brackets, whichever there is.

    Raises
    ------
    KeyError
        If a unit has no words.
    """
    said = []
    for row in rows.itertuples():
        text = "" if pd.isna(row.value_text) else row.value_text
        figure = ""
        if pd.notna(row.amount):
            number = num(row.amount, 0 if row.amount == int(row.amount) else 1)
            figure = count(row.amount, *_NOUNS[row.unit]) if row.unit in _NOUNS else _UNITS[row.unit].format(number)
        said.append(f"{text} ({figure})" if text and figure else text or figure)
    return said


def measured(points: pd.DataFrame) -> list[str]:
    """Each row of `sanctions.energy_points` as words: ``about 155 bcm``, ``46 %``, ``below 3 %``."""
    units = {"percent": "%", "bcm": "bcm", "mt": "million t", "twh": "TWh", "eur_bn_per_month": "EUR bn a month",
             "eur_bn_per_year": "EUR bn a year"}  # fmt: skip
    said = []
    for row in points.itertuples():
        value = num(row.value, 0 if row.value == int(row.value) else 1)
        bound = f"{row.qualifier} " if row.qualifier in ("about", "over", "below") else ""
        upper = f" to {num(row.value_high, 0)}" if pd.notna(row.value_high) else ""
        said.append(f"{bound}{value}{upper}\u00a0{units[row.unit]}")
    return said


def coverage(energy: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Which years each series of `sanctions.energy` gives: a row a series, its values by year as words, and the gaps.

    Columns: ``fuel``, ``measure`` (its unit in words), ``source_ids``, one a year (``45``, ``13 (estimate)``, missing where
    there is none) and ``gaps``, the missing years in words.
    """
    years = list(years)
    text = energy["value"].map(num) + energy["estimate"].map({"yes": " (estimate)", "no": ""})
    table = energy.assign(text=text).pivot(index="series_id", columns="year", values="text").reindex(columns=years)
    first = energy.groupby("series_id")[["fuel", "unit", "source_ids"]].first().rename(columns={"unit": "measure"})
    first["measure"] = first["measure"].map(
        {"percent_of_eu_imports": "share of imports, Commission", "percent_of_import_value": "share of value, Eurostat"}
    )
    gaps = table.isna().apply(lambda row: ", ".join(map(str, row.index[row])) or "none", axis=1)
    table.columns = [str(year) for year in years]
    return first.join(table).assign(gaps=gaps).reset_index(drop=True)


#: Lanes of the steps around the immobilised assets, in the order drawn.
ASSET_LANES = {"EU": "European Union", "lenders": "Loans to Ukraine", "US": "United States", "Russia": "Russia",
               "courts": "Courts", "reparation": "Claims for reparation"}  # fmt: skip


def assets_in_lanes(events: pd.DataFrame) -> pd.DataFrame:
    """`sanctions.assets_events` (days known to the month at least) as rows for swim lanes."""
    rows = events[events["date"].str.len() >= 7]
    lane = pd.Categorical(rows["lane"].map(ASSET_LANES), list(ASSET_LANES.values()))
    rows = pd.DataFrame({"lane": lane, "start": first_day(rows["date"]), "label": rows["short"].fillna("").to_numpy()})
    return rows.sort_values(["lane", "start"], kind="stable").astype({"lane": "str"})


def steps_in_lanes(events: pd.DataFrame) -> pd.DataFrame:
    """`sanctions.events` as rows for swim lanes: EU listings, other EU steps, the UK, the US; hollow where eased."""
    names = {"EU": "European Union, other steps", "UK": "United Kingdom", "US": "United States"}
    lane = events["jurisdiction"].map(names)
    listing = (events["from_resource"] == "sanctions.packages") & (events["direction"] == "tightened")
    lane = lane.mask(listing, "European Union, listings")
    rows = pd.DataFrame({"lane": lane, "start": first_day(events["date"]), "label": events["short"].fillna(""),
                         "hollow": events["direction"] == "eased"})  # fmt: skip
    return rows.sort_values(["lane", "start"], kind="stable")


def since_start(cargo: pd.DataFrame, starts: Mapping[str, str]) -> pd.DataFrame:
    """Cargo of each series of `sanctions.blacksea` by months since its start, in million tonnes.

    Parameters
    ----------
    starts
        Series -> day of its start, where the count is nought; series not named are left out.

    Returns
    -------
    Frame indexed by months of 30.44 days since the start (to a tenth), one column a series; rows
    whose day is doubtful (EDTF ``?``) are left out, a month alone is taken as its end.
    """
    columns = []
    for series, start in starts.items():
        rows = cargo[(cargo["series"] == series) & ~cargo["as_of"].str.contains("?", regex=False)]
        day = first_day(rows["as_of"])
        day = day.where(rows["as_of"].str.rstrip("~").str.len() == 10, day + pd.offsets.MonthEnd(0))
        age = ((day - pd.Timestamp(start)).dt.days / 30.44).round(1)
        values = pd.Series([0.0, *rows["cum_tonnes"] / 1e6], index=[0.0, *age], name=series)
        columns.append(values[~values.index.duplicated(keep="last")].sort_index())
    return pd.concat(columns, axis=1).sort_index().rename_axis("months")


def share_range(part: pd.DataFrame, whole: pd.DataFrame) -> tuple[float, float]:
    """Lowest and highest share of `part` in `whole` over all pairs of figures (``low``, ``high``) of one currency.

    Raises
    ------
    ValueError
        If no two figures are in the same currency: nothing is converted here.
    """
    shares = [
        (p.low / w.high, p.high / w.low)
        for p in part.dropna(subset="low").itertuples()
        for w in whole.dropna(subset="low").itertuples()
        if p.currency == w.currency
    ]
    if not shares:
        raise ValueError("no two figures are in the same currency")
    return min(s[0] for s in shares), max(s[1] for s in shares)
