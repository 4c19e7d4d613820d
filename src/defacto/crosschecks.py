"""Assertions across tables: totals that re-add, and figures that other sources publish.

Each check names the tables it reads, a tolerance where it needs one, and the reason. It
returns a message for every disagreement; accepted ones are listed with it, by name.
"""

from __future__ import annotations

import re
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
    both = counted.join(stored, how="outer", suffixes=("_list", "_year")).fillna(-1)
    wrong = both[(both["attempts_list"] != both["attempts_year"]) | (both["successes_list"] != both["successes_year"])]
    return [f"{'|'.join(map(str, k))}: {r.attempts_list:.0f} launches in the list, {r.attempts_year:.0f} in the year"
            for k, r in wrong.iterrows()]  # fmt: skip


# --- sanctions ---------------------------------------------------------------------------

#: The transcription holds survivors: of what the Council counted, this share may have been delisted
#: since (per cent), and a rounded or later count may lie this far below it.
COUNCIL_GAP, COUNCIL_EXCESS = 3.5, 1.0
#: Counts of entities that exceed the Council's by one: an entry split or dated anew since.
ACCEPTED_EXCESS = {"2023-03"}
#: Packages whose reported running total of ships is not the last total and those added: ships delisted.
ACCEPTED_SHIP_TOTALS = {18, 19}


def _until(table: pd.DataFrame, date: str, at, value: str) -> int:
    """Running total `value` of the last row whose `date` is not after `at`."""
    rows = table[table[date] <= pd.Timestamp(at)]
    return int(rows[value].iloc[-1]) if len(rows) else 0


@crosscheck("sanctions.eu_crosscheck", "sanctions.listings_by_date", "sanctions.designation_counts")
def listings_against_the_council(tables: Tables) -> list[str]:
    """Entries still listed, against totals of the Council: equal but for delistings, within COUNCIL_GAP."""
    listed, wrong = tables["sanctions.listings_by_date"], []
    counts = tables["sanctions.designation_counts"]
    council = counts[counts["counter"] == "council"].set_index("as_of")["total"]
    for row in tables["sanctions.eu_crosscheck"].itertuples():
        for kind in ("persons", "entities", "total"):
            now = _until(listed, "listing_date", row.compared_on, f"cum_{kind}")
            if now != getattr(row, f"derived_{kind}"):
                wrong.append(f"{row.as_of}: derived {kind} is {getattr(row, f'derived_{kind}')}, the list gives {now}")
        gap = 100 * (row.council_total - row.derived_total) / row.council_total
        if not -COUNCIL_EXCESS <= gap <= COUNCIL_GAP:
            wrong.append(f"{row.as_of}: {gap:.2f} % of the Council's {row.council_total} are missing")
        if council.get(row.as_of) != row.council_total:
            wrong.append(f"{row.as_of}: the Council's total {row.council_total} is another in designation_counts")
        if pd.notna(row.council_persons):
            more = row.derived_entities - row.council_entities
            if row.derived_persons > row.council_persons or more > (row.as_of in ACCEPTED_EXCESS):
                wrong.append(f"{row.as_of}: more survivors than the Council had listed")
    return wrong


@crosscheck("sanctions.packages", "sanctions.listings_by_date", "sanctions.vessels_by_date")
def packages_against_listings(tables: Tables) -> list[str]:
    """What a package has in force is what the annexes list for its dates; packages are numbered in order."""
    listed = tables["sanctions.listings_by_date"].set_index("listing_date")
    ships = tables["sanctions.vessels_by_date"].set_index("applies_from")["vessels"]
    packages, wrong = tables["sanctions.packages"], []
    for row in packages.itertuples():
        if pd.notna(row.listing_dates):
            days = pd.to_datetime(row.listing_dates.split(";"))
            if not days.isin(listed.index).all():
                wrong.append(f"{row.package_id}: a listing date is not in listings_by_date")
                continue
            here = listed.loc[days, ["persons", "entities"]].sum()
            if (here["persons"], here["entities"]) != (row.persons_in_force, row.entities_in_force):
                wrong.append(f"{row.package_id}: {here['persons']} persons and {here['entities']} entities are listed")
        if pd.notna(row.vessels_apply_from) and ships.get(row.vessels_apply_from) != row.vessels_in_force:
            wrong.append(f"{row.package_id}: ships in force differ from vessels_by_date")
        if pd.notna(row.celex) and {c[1:5] for c in row.celex.split(";")} - set(re.findall(r"\d{4}(?=-)", row.adopted)):
            wrong.append(f"{row.package_id}: an act is of another year than the package")
    numbered = packages[packages["number"].notna()].sort_values("number")
    if numbered["number"].tolist() != list(range(1, len(numbered) + 1)):
        wrong.append("the numbers of the packages have a gap")
    if not numbered["adopted"].str[:10].is_monotonic_increasing:
        wrong.append("the dates of the numbered packages do not rise")
    totals = numbered.set_index("number")[["vessels_total_reported", "vessels_added_reported"]].dropna()
    for number, row in totals.iloc[1:].iterrows():
        before = totals["vessels_total_reported"].get(number - 1)
        step = row["vessels_total_reported"] - (before if before is not None else row["vessels_total_reported"])
        if before is not None and step != row["vessels_added_reported"] and number not in ACCEPTED_SHIP_TOTALS:
            wrong.append(f"package {number}: {step:.0f} ships more in total, {row['vessels_added_reported']:.0f} added")
    return wrong


@crosscheck("sanctions.regime_snapshot", "sanctions.listings_by_date", "sanctions.vessels_by_date",
            "sanctions.banks_by_date")  # fmt: skip
def snapshot_against_dates(tables: Tables) -> list[str]:
    """On the day of consolidation each annex holds what has been listed in it until then."""
    snapshot = tables["sanctions.regime_snapshot"]
    day = snapshot["as_of"].max()
    held = snapshot[snapshot["celex"] == "32014R0833"].groupby("annex")["n"].sum()
    banks = tables["sanctions.banks_by_date"]
    want = banks[banks["applies_from"] <= day].groupby("annex")["n"].sum()
    want["XLII"] = _until(tables["sanctions.vessels_by_date"], "applies_from", day, "cum_annex_rows")
    wrong = [f"annex {a}: {held.get(a, 0)} entries, {n} by date" for a, n in want.items() if held.get(a, 0) != n]
    freezes = snapshot.loc[snapshot["celex"] == "32014R0269", "n"].sum()
    listed = _until(tables["sanctions.listings_by_date"], "listing_date", day, "cum_total")
    return wrong + ([f"asset freezes: {freezes} entries, {listed} by date"] if freezes != listed else [])


@crosscheck("sanctions.swift_banks", "sanctions.banks_by_date")
def annex_xiv_stands_twice(tables: Tables) -> list[str]:
    """Banks without SWIFT are Annex XIV, and no more are named than counted."""
    banks, annex = tables["sanctions.swift_banks"], tables["sanctions.banks_by_date"]
    columns = ["applies_from", "n", "cum_n"]
    annex = annex.loc[annex["annex"] == "XIV", columns].reset_index(drop=True)
    wrong = [] if annex.equals(banks[columns].reset_index(drop=True)) else ["counts differ from Annex XIV by date"]
    for row in banks.itertuples():
        named = len(row.banks_named.split(";")) if pd.notna(row.banks_named) else 0
        if named > row.n or (row.names_complete == "yes") != (named == row.n):
            wrong.append(f"{row.applies_from:%Y-%m-%d}: {named} banks are named, {row.n} counted")
    return wrong


@crosscheck("sanctions.shadow_fleet", "sanctions.vessels_by_date")
def reported_fleet_against_the_annex(tables: Tables) -> list[str]:
    """Ships counted beside each reported total are those of the annex on that day."""
    ships = tables["sanctions.vessels_by_date"].set_index("applies_from")[["cum_vessels", "cum_annex_rows"]]
    wrong = []
    for row in tables["sanctions.shadow_fleet"].dropna(subset="vessels_derived").itertuples():
        day = pd.Timestamp(row.as_of)
        if day not in ships.index or tuple(ships.loc[day]) != (row.vessels_derived, row.annex_rows_derived):
            wrong.append(f"{row.row_id}: ships or annex entries differ from vessels_by_date")
    return wrong


@crosscheck("sanctions.designation_counts", "sanctions.listings_by_date", "sanctions.ofac_monthly")
def totals_taken_from_the_series(tables: Tables) -> list[str]:
    """Totals quoted beside those of others are the ones of the derived series."""
    listed, ofac = tables["sanctions.listings_by_date"], tables["sanctions.ofac_monthly"]
    russia = ofac[ofac["country"] == "russia"].set_index("month_end")["level"]
    wrong = []
    for row in tables["sanctions.designation_counts"].itertuples():
        if row.scope == "ofac_russian_address":
            now = russia.get(pd.Timestamp(row.as_of))
        elif row.scope == "eu_269_2014" and row.counter == "derived_from_oj":
            now = _until(listed, "listing_date", row.as_of, "cum_total")
        else:
            continue
        if now != row.total:
            wrong.append(f"{row.count_id}: the total is {row.total}, the series gives {now}")
    return wrong


@crosscheck("sanctions.ofac_monthly")
def ofac_months_are_complete(tables: Tables) -> list[str]:
    """Every month once for each country; the level moves by additions less removals; the first month has none."""
    wrong = []
    panel = tables["sanctions.ofac_monthly"]
    months = panel["month"].drop_duplicates().sort_values().tolist()
    for country, rows in panel.groupby("country"):
        rows = rows.sort_values("month")
        if (
            rows["month"].tolist() != months
            or pd.PeriodIndex(months, freq="M").to_series().diff().dropna().nunique() != 1
        ):
            wrong.append(f"{country}: months are missing")
        moved = rows["level"].diff().fillna(0)
        if (moved != rows["additions"] - rows["removals"]).any():
            wrong.append(f"{country}: the level does not move by additions less removals")
        if (rows["month_end"].dt.strftime("%Y-%m") != rows["month"]).any() or (
            ~rows["month_end"].dt.is_month_end
        ).any():
            wrong.append(f"{country}: a month's end lies in another month")
    return wrong


#: Where an event comes from: the column of its date and, where there is one, of its direction.
EVENT_DATES = {
    "sanctions.packages": ("package_id", "adopted"), "sanctions.renewals": ("renewal_id", "renewed_on"),
    "sanctions.licences": ("licence", "issued"), "sanctions.price_cap": ("cap_id", "applies_from"),
    "sanctions.assets_events": ("event_id", "date"), "sanctions.gas_phaseout": ("step_id", "date"),
    "sanctions.us_uk_acts": ("act_id", "date"), "sanctions.uk_counts": ("count_id", "as_of"),
}  # fmt: skip


@crosscheck("sanctions.events", *EVENT_DATES)
def events_repeat_their_tables(tables: Tables) -> list[str]:
    """An event stands on the day of the row it comes from; every package and licence since has its event."""
    events, wrong = tables["sanctions.events"], []
    for row in events.dropna(subset="from_resource").itertuples():
        key, date = EVENT_DATES[row.from_resource]
        source = tables[row.from_resource].set_index(key)
        if row.from_key not in source.index:
            wrong.append(f"{row.event_id}: {row.from_resource} has no row {row.from_key!r}")
            continue
        at = source.at[row.from_key, date]
        at = f"{at:%Y-%m-%d}" if isinstance(at, pd.Timestamp) else at
        if at != row.date:
            wrong.append(f"{row.event_id}: dated {row.date}, in {row.from_resource} {at}")
        if row.from_resource == "sanctions.licences" and source.at[row.from_key, "effect"] != row.direction:
            wrong.append(f"{row.event_id}: the licence is not called {row.direction}")
        if (row.status == "unverified") != (source.at[row.from_key, "status"] == "unverified"):
            wrong.append(f"{row.event_id}: its status is not that of its row")
    since = events["date"].min()
    licences, packages = tables["sanctions.licences"], tables["sanctions.packages"]
    due = set(
        licences.loc[(licences["effect"] != "neutral") & (licences["issued"].fillna("") >= "2025-04-23"), "licence"]
    )
    due |= set(packages.loc[(packages["adopted"] >= since[:4]) & (packages["adopted"] >= "2025-04-23")
                            & (packages["adoption"] == "adopted"), "package_id"])  # fmt: skip
    return wrong + [f"{key}: no event" for key in sorted(due - set(events["from_key"].dropna()))]


@crosscheck("sanctions.competence", "sanctions.us_uk_acts", "sanctions.caatsa_s216")
def competence_follows_the_acts(tables: Tables) -> list[str]:
    """An order under congressional review is not the President's alone; the days are those of the statute."""
    rows = tables["sanctions.competence"].set_index("measure_id")
    acts, wrong = tables["sanctions.us_uk_acts"], []
    orders = acts[acts["kind"] == "executive_order"]
    for measure, review, alone in (("us-2014-orders", "yes", "partly"), ("us-14024-family", "no", "yes")):
        named = set(re.findall(r"\b1\d{4}\b", rows.at[measure, "measure"]))
        here = orders["s216_review"] == review
        under, others = set(orders.loc[here, "act"].str[-5:]), set(orders.loc[~here, "act"].str[-5:])
        if under - named or named & others:
            wrong.append(f"{measure}: names {sorted((under - named) | (named & others))} unlike us_uk_acts")
        if rows.at[measure, "us_alone"] != alone:
            wrong.append(f"{measure}: {rows.at[measure, 'us_alone']!r}, though review is {review!r}")
    role = rows.at["us-2014-orders", "legislature_role"]
    steps = tables["sanctions.caatsa_s216"].set_index("point_id")["calendar_days"]
    for point in ("review-period", "summer-rule", "after-passage", "after-veto"):
        if not re.search(rf"\b{steps[point]}\b", role):
            wrong.append(f"us-2014-orders: does not name the {steps[point]} days of {point!r}")
    for name, row in rows.iterrows():
        if pd.notna(row["counted_in"]) and row["counted_in"] not in tables:
            wrong.append(f"{name}: counted in {row['counted_in']!r}, which is no table")
        if (row["us_alone"] == "partly") and not isinstance(row["us_alone_condition"], str):
            wrong.append(f"{name}: partly, without its condition")
    return wrong


@crosscheck("sanctions.assets", "sanctions.euroclear", "sanctions.era_loans")
def assets_agree(tables: Tables) -> list[str]:
    """Euroclear's balance stands in two tables; the lenders' payments add up to the total of the G7."""
    assets = tables["sanctions.assets"].set_index("asset_id")
    depot = tables["sanctions.euroclear"].set_index("as_of")["russian_balance_eur_bn"]
    row = assets.loc["euroclear-sanctioned-2025"]
    wrong = [] if depot.get(pd.Timestamp(row["as_of"]), depot.get(row["as_of"])) == row["low"] else [
        "Euroclear's balance differs from sanctions.euroclear"]  # fmt: skip
    loans = tables["sanctions.era_loans"].set_index("lender_id")["disbursed_bn"]
    if abs(loans["eu"] + loans["other_g7"] - loans["g7_total"]) > 0.05:
        wrong.append("payments of the EU and the other lenders do not add up to the total")
    europe = assets.at["eu-2025-council", "low"]
    if not assets.at["world-2024-veron", "low"] > europe > assets.at["euroclear-cbr-2025-04", "low"]:
        wrong.append("Euroclear, the EU and the world do not stand in this order")
    return wrong


@crosscheck("sanctions.energy_points", "sanctions.energy", "sanctions.price_cap", "sanctions.gas_phaseout")
def energy_agrees(tables: Tables) -> list[str]:
    """Parts of gas add up; one definition and publisher a series; caps fall; the phase-out is in the order of the law."""
    points = tables["sanctions.energy_points"].set_index("point_id")["value"]
    wrong = []
    if points["pipeline-2024-com"] + points["lng-2024-com"] != points["gas-2024-com"]:
        wrong.append("pipeline gas and LNG of 2024 do not add up to gas")
    wordings = tables["sanctions.energy"].groupby("series_id")[["definition", "unit", "fuel"]].nunique()
    wrong += [
        f"series {name}: more than one definition, unit or fuel" for name in wordings.index[(wordings > 1).any(axis=1)]
    ]
    caps = tables["sanctions.price_cap"]
    crude = caps[(caps["product"] == "crude") & (caps["kind"] == "adopted")].sort_values("applies_from")
    if not crude["cap_usd_per_barrel"].is_monotonic_decreasing or crude["cap_usd_per_barrel"].duplicated().any():
        wrong.append("the adopted caps on crude do not fall")
    ends = tables["sanctions.gas_phaseout"].set_index("step_id")["date"]
    if not ends[["lng-short", "pipeline-short", "lng-long", "pipeline-long"]].is_monotonic_increasing:
        wrong.append("the steps of the gas phase-out are not in the order of the law")
    return wrong


@crosscheck("sanctions.blacksea", "sanctions.uk_counts", "sanctions.minerals")
def counters_rise(tables: Tables) -> list[str]:
    """Cumulative tonnes, ships and listed tankers never fall; the agreement's steps follow each other."""
    wrong = []
    cargo = tables["sanctions.blacksea"].assign(day=lambda t: t["as_of"].str.rstrip("?~").str.ljust(10, "-"))
    for series, rows in cargo.sort_values("day").groupby("series"):
        for column in ("cum_tonnes", "cum_ships"):
            known = rows[column].dropna()
            if not known.is_monotonic_increasing:
                wrong.append(f"{series}: {column} falls")
    ships = tables["sanctions.uk_counts"].sort_values("as_of")
    for scope in ("oil_tankers", "ships"):
        if not ships.loc[ships["scope"] == scope, "ships"].is_monotonic_increasing:
            wrong.append(f"UK {scope}: the count falls")
    steps = tables["sanctions.minerals"].set_index("item_id")["date"]
    order = ["signed", "ratified", "law-signed", "dfc-agreements", "launch", "policies"]
    return wrong + (
        [] if steps[order].is_monotonic_increasing else ["steps of the minerals agreement are out of order"]
    )


@crosscheck("sanctions.licences")
def licences_follow_each_other(tables: Tables) -> list[str]:
    """A licence that replaces another one is issued after it and runs longer."""
    licences, wrong = tables["sanctions.licences"].set_index("licence"), []
    for name, row in licences.dropna(subset="replaces").iterrows():
        if row["replaces"] in licences.index:
            before = licences.loc[row["replaces"]]
            for column in ("issued", "expires"):
                if pd.notna(row[column]) and pd.notna(before[column]) and row[column][:7] < before[column][:7]:
                    wrong.append(f"{name}: {column} before that of {row['replaces']}, which it replaces")
    return wrong


# --- space ------------------------------------------------------------------------------


def by_rule(launches: pd.DataFrame, rule: str, subject: str) -> pd.Series:
    """Which rows of `space.launches` a counter with this rule counts (see `space.launch_counts`).

    Raises
    ------
    KeyError
        If the rule, or a subject whose sites are asked for, is unknown.
    """
    states = {"Russia": "Soviet Union and Russia", "United States": "United States", "China": "China"}
    attempt = launches["outcome"] != "no lift-off"
    vehicle, country = launches["vehicle"], launches["country"]
    starship = vehicle.str.startswith("Starship")
    kourou = vehicle.str.startswith("Soyuz") & (country == "French Guiana")
    electron = (vehicle == "Electron") & (country == "New Zealand")
    sites = country == states[subject] if subject in states else attempt
    masks = {
        "all attempts": attempt,
        "without Starship": ~starship,
        "sites": sites,
        "sites and Soyuz from Kourou": sites | kourou,
        "US-headquartered, without Starship": (sites & ~starship) | electron,
        "company": launches["agency"] == "SPX",
        "Falcon": vehicle.str.startswith("Falcon"),
        "Starship": starship,
        "failures": launches["outcome"] == "failure",
    }
    return attempt & masks[rule]


#: A year of which the copy lacks December: the published count may exceed the copy's by this share.
DECEMBER_TOLERANCE = 0.2


@crosscheck("space.launch_counts", "space.launches")
def published_launch_counts_agree(tables: Tables) -> list[str]:
    """Whole years agree with the catalogue, but for the differences accepted by name.

    Where the copy of the catalogue ends before the count, the count may not be below it, and
    not above it by more than `DECEMBER_TOLERANCE`.
    """
    rows, wrong = tables["space.launches"], []
    last, year = rows["date"].max(), rows["date"].dt.year
    counts = tables["space.launch_counts"]
    for row in counts[counts["rule"] != "successes"].itertuples():
        found = int((by_rule(rows, row.rule, row.subject) & year.between(row.since, row.year)).sum())
        if row.year < last.year:
            fits = row.value == found + row.accepted_difference
        elif row.since == row.year and row.year > last.year:
            continue  # a year of which the copy holds nothing
        else:
            fits = found <= row.value <= found * (1 + DECEMBER_TOLERANCE)
        if not fits:
            wrong.append(f"{row.id}: {row.value} published, {found} in the catalogue by the rule {row.rule!r}")
    return wrong


@crosscheck("space.launch_counts")
def published_launch_counts_add_up(tables: Tables) -> list[str]:
    """Counts of one year by different rules differ by what the rules leave out."""
    value = tables["space.launch_counts"].set_index("id")["value"]
    sums = {
        "2025-world-mcdowell": value["2025-world-spacenews"] + value["2025-spacex-starship-mcdowell"],
        "2025-spacex-hotham": value["2025-spacex-falcon-aviation-week"] + value["2025-spacex-starship-mcdowell"],
        "2025-world-hotham": value["2025-world-mcdowell"],
        "2025-china-hotham": value["2025-china-mcdowell"],
        "2025-russia-hotham": value["2025-russia-mcdowell"],
    }
    return [f"{key}: {value[key]}, the parts give {total}" for key, total in sums.items() if value[key] != total]


@crosscheck("space.engines", "space.launches")
def engine_flights_are_launches(tables: Tables) -> list[str]:
    """Flights of each rocket type and year are those of the launch list."""
    rows, engines = tables["space.launches"], tables["space.engines"].set_index("year")
    flown, wrong = rows[rows["outcome"] != "no lift-off"], []
    for column, name in {"atlas3": "Atlas 3", "atlas5": "Atlas V", "antares230": "Antares 230"}.items():
        counted = flown[flown["vehicle"].str.startswith(name)].groupby(flown["date"].dt.year).size()
        stored = engines[f"{column}_flights"]
        differ = counted.reindex(engines.index, fill_value=0) != stored
        wrong += [f"{y}: {stored[y]} {name} flights, the launch list differs" for y in engines.index[differ]]
    return wrong


@crosscheck("space.engine_counts", "space.launches")
def engine_counts_agree(tables: Tables) -> list[str]:
    """Engines that makers and users say were used, and rockets left, follow from delivery and flights.

    Accepted by name: the differences that the rows themselves carry. A year that the copy of
    the catalogue does not reach to its end may have one flight more.
    """
    rows, counts, wrong = tables["space.launches"], tables["space.engine_counts"], []
    value = counts.set_index("id")["value"]
    delivered = value["rd-180-delivered-2021-04-14"]
    if delivered != value["rd-180-delivered-2021-04-08"] + value["rd-180-handed-over-2021-04-14"]:
        wrong.append(f"rd-180-delivered-2021-04-14: {delivered} is not what was delivered before and on that day")
    flights = rows[rows["outcome"] != "no lift-off"]
    for row in counts.itertuples():
        atlas = flights["vehicle"].str.startswith(("Atlas 3", "Atlas V"))
        mine = flights[atlas if row.engine == "RD-180" else flights["vehicle"].str.startswith("Antares 230")]
        each, until = 1 if row.engine == "RD-180" else 2, mine["date"] <= pd.Timestamp(row.as_of[:10])
        if row.measure == "flown":
            expected = {each * int(until.sum())}
        elif row.measure == "rockets left to fly":
            expected = {int(delivered - until.sum())}
        elif row.measure == "flown in the year":
            year = int((mine["date"].dt.year == int(row.as_of[:4])).sum())
            expected = {year, year + 1}
        else:
            continue
        if row.value - row.accepted_difference not in expected:
            wrong.append(f"{row.id}: {row.value} stated, the flights give {sorted(expected)}")
    return wrong


#: Published counts of Starlink satellites launched may differ from the series by this share;
#: accepted: 10,006 and 10,044 on 19 October 2025, when the series has 9,956.
STARLINK_TOLERANCE = 0.01


@crosscheck("space.starlink_satellites", "space.constellations")
def starlink_counts_agree(tables: Tables) -> list[str]:
    """Published counts of a day agree with the series: within 1 per cent, to the satellite in 2021."""
    series = tables["space.constellations"]
    series = series[series["constellation"] == "Starlink"].set_index("as_of")["cumulative_launched"]
    counts = tables["space.starlink_satellites"].set_index("id")
    launched, wrong = counts[counts["measure"] == "launched"], []
    for key, row in launched[launched["as_of"].isin(series.index)].iterrows():
        own = series[row["as_of"]]
        allowed = 0 if row["as_of"].year == 2021 else STARLINK_TOLERANCE * own
        if abs(row["value"] - own) > allowed:
            wrong.append(f"{key}: {row['value']:.0f} published, {own} in the series")
    if not launched["as_of"].isin(series.index).any():
        wrong.append("no published count falls on a day of the series")
    day = counts[counts["as_of"] == pd.Timestamp("2025-10-20")].set_index("measure")["value"]
    if not day["in operational orbit"] <= day["working"] <= day["in orbit"] <= launched["value"].max():
        wrong.append("2025-10-20: in operational orbit, working, in orbit and launched are not nested")
    end = counts[counts["as_of"] == pd.Timestamp("2025-12-25")].set_index("measure")["value"]
    if not day["in orbit"] <= end["launched"] - end["re-entered"] <= day["in orbit"] * 1.1:
        wrong.append("2025-12-25: launched less re-entered is not about the number in orbit two months before")
    return wrong


@crosscheck("space.oneweb_launches", "space.launches", "space.constellations")
def oneweb_launches_are_launches(tables: Tables) -> list[str]:
    """Tag, day and rocket are those of the launch list; the series grows in these months alone."""
    rows, oneweb = tables["space.launches"].set_index("launch_tag"), tables["space.oneweb_launches"]
    known = rows.reindex(oneweb["launch_tag"])
    same = (known["date"].to_numpy() == oneweb["launch_date"].to_numpy()) & (
        known["vehicle"].to_numpy() == oneweb["rocket"].to_numpy()
    )
    wrong = [f"{tag}: not in the launch list with this day and rocket" for tag in oneweb.loc[~same, "launch_tag"]]
    series = tables["space.constellations"]
    series = series[(series["constellation"] == "OneWeb") & (series["launched_since_previous"] > 0)]
    months = set(series["as_of"].dt.strftime("%Y-%m")) ^ set(oneweb["launch_date"].dt.strftime("%Y-%m"))
    return wrong + [f"{month}: growth of the series and launches disagree" for month in sorted(months)]


@crosscheck("space.cross_flights", "space.launches")
def cross_flights_are_launches(tables: Tables) -> list[str]:
    """Each flown flight with a designator is in the launch list with day and rocket; none is left out."""
    flights, rows = tables["space.cross_flights"], tables["space.launches"].set_index("launch_tag")
    flown, last = flights[flights["flight_status"] == "flown"], f"{rows['date'].max():%Y-%m-%d}"
    wrong = [f"{r.mission}: flown by {last}, but without designator"
             for r in flown[flown["cospar"].isna() & (flown["launch_date"] <= last)].itertuples()]  # fmt: skip
    for r in flown.dropna(subset="cospar").itertuples():
        found = rows.loc[r.cospar] if r.cospar in rows.index else None
        if found is None or f"{found['date']:%Y-%m-%d}" != r.launch_date:
            wrong.append(f"{r.mission}: {r.cospar} is not a launch of {r.launch_date}")
        elif found["vehicle"].lower() != r.launcher.lower().replace("soyuz-2.1a", "soyuz-2-1a"):
            wrong.append(f"{r.mission}: {r.cospar} flew on {found['vehicle']}")
    for vehicle, prefix, first in (("Crew Dragon", "SpaceX Crew-", 5), ("Soyuz MS", "Soyuz MS-", 24)):
        ordered = flights[(flights["vehicle"] == vehicle) & (flights["mission"] != "Soyuz MS-22")].sort_values(
            "launch_date"
        )
        numbers = ordered["mission"].str.removeprefix(prefix).astype(int).tolist()
        if numbers != list(range(first, first + len(numbers))):
            wrong.append(f"{vehicle}: the flights {numbers} are not consecutive from {first} on")
    return wrong


@crosscheck("space.agreements", "space.cross_flights")
def agreements_in_order(tables: Tables) -> list[str]:
    """Approval, signature and addenda follow each other; what they add is not more than what is known."""
    steps = tables["space.agreements"].set_index("id")
    order = ["government-approval-2022", "agreement-2022", "addendum-1-crew-8", "addendum-2", "addendum-3-reported",
             "addendum-3-nasa", "addendum-4-talks"]  # fmt: skip
    days = steps.loc[order, "date"].tolist()
    wrong = [] if days == sorted(days) else [f"the steps {order} are not in the order of their dates"]
    if pd.Timestamp(steps.at["agreement-2022", "date"]).day_name() != "Thursday":
        wrong.append("agreement-2022: the source says that it was signed on a Thursday")
    added = int(steps["flights_added"].sum())
    if not added == 12 <= len(tables["space.cross_flights"]):
        wrong.append(f"{added} flights added by the parties' counts, 12 expected, and never more than are known")
    return wrong


@crosscheck("space.rassvet", "space.launches")
def rassvet_adds_up(tables: Tables) -> list[str]:
    """Launches stand in the launch list where it reaches; the plan rises; losses stay below launches."""
    rows, rassvet = tables["space.launches"].set_index("launch_tag")["date"], tables["space.rassvet"]
    wrong = [f"{r.id}: {r.cospar} is not a launch of {r.date}" for r in rassvet.dropna(subset="cospar").itertuples()
             if r.cospar not in rows.index or f"{rows[r.cospar]:%Y-%m-%d}" != r.date]  # fmt: skip
    value = rassvet.set_index("id")["value"]
    plan = [value[f"roadmap-{year}"] for year in (2026, 2027, 2028)] + [value["plan-2035"]]
    if plan != sorted(plan) or not plan[0] < value["service-start"] < plan[1]:
        wrong.append(f"the plan does not rise: {plan}")
    launched = rassvet.loc[rassvet["kind"] == "launched", "value"].sum()
    if not value["loss-2026-06"] < value["first-batch"] == value["first-batch-plan"] or launched != 22:
        wrong.append(f"{launched:.0f} launched and {value['loss-2026-06']:.0f} lost do not fit the first batch")
    if not 4 * value["federal-funding"] > value["company-funding"] > 3 * value["federal-funding"]:
        wrong.append("company and federal funding stand in another proportion than reported")
    return wrong


@crosscheck("space.seat_prices")
def seat_prices_rise(tables: Tables) -> list[str]:
    """Prices of one auditor never fall; the ratio of the later audit is its 384 per cent."""
    prices = tables["space.seat_prices"]
    price = prices.set_index("id")["price_usd_million"]
    half = prices["year_from"] + (prices["part"] == "second half") * 0.5
    early = prices[prices["estimator"] == "NASA OIG IG-13-019"].assign(at=half).sort_values("at")["price_usd_million"]
    wrong = [] if early.is_monotonic_increasing else ["prices of IG-13-019 fall from one flight year to the next"]
    if not 3.84 <= price["2018-modification-2015"] / price["2006-ig-16-028"] <= 3.85:
        wrong.append("the prices of 2018 and 2006 do not stand at 3.84 to 1, as IG-16-028 has it")
    if not price["2006-2020-lowest"] <= price["2006-2020-average"] <= price["2006-2020-highest"]:
        wrong.append("lowest, average and highest price of IG-20-005 are out of order")
    return wrong


@crosscheck("space.starlink_funding", "space.terminals")
def terminals_fit_their_donors(tables: Tables) -> list[str]:
    """Terminals received never fall, and Poland's are part of them; amounts in zloty and dollars agree."""
    terminals, funding = tables["space.terminals"], tables["space.starlink_funding"].set_index("id")
    received = terminals[terminals["measure"] == "received"].sort_values("as_of")["value"]
    wrong = [] if received.is_monotonic_increasing else ["terminals received in total fall"]
    polish = funding.loc[["poland-2022-2024-terminals", "poland-2025-02", "poland-2025-04"], "value"].tolist()
    if polish != sorted(polish) or polish[-1] >= received.max():
        wrong.append(f"terminals from Poland {polish} fall, or are more than all received")
    rate = funding.at["poland-2022-2024-pln", "value"] / funding.at["poland-2022-2024-usd", "value"]
    if not 3.6 <= rate <= 4.3:
        wrong.append(f"Polish spending: {rate:.2f} zloty to the dollar; 3.6 to 4.3 in these years")
    return wrong


#: Rows of two tables that tell of the same day: (table, key) pairs.
SAME_DAY = [
    (("space.timeline", "seat-barter"), ("space.agreements", "agreement-2022")),
    (("space.timeline", "addendum-3"), ("space.agreements", "addendum-3-reported")),
    (("space.timeline", "barter-to-2027"), ("space.agreements", "addendum-3-nasa")),
    (("space.timeline", "addendum-4-talks"), ("space.agreements", "addendum-4-talks")),
    (("space.timeline", "crew-12"), ("space.cross_flights", "SpaceX Crew-12")),
    (("space.timeline", "site-31-damage"), ("space.cross_flights", "Soyuz MS-28")),
    (("space.timeline", "rassvet-first-batch"), ("space.rassvet", "first-batch")),
    (("space.timeline", "roscosmos-law"), ("space.roscosmos", "legal-form")),
    (("space.timeline", "bakanov-appointed"), ("space.roscosmos", "head-2025")),
    (("space.timeline", "bis-list"), ("space.roscosmos", "us-bis-2020")),
    (("space.timeline", "treasury-entities"), ("space.roscosmos", "us-treasury-2022")),
    (("space.timeline", "mars-2029-proposal"), ("space.statements", "dmitriev-mars-2029")),
    (("space.timeline", "nuclear-plant-proposal"), ("space.statements", "dmitriev-nuclear")),
    (("space.timeline", "putin-korolev"), ("space.statements", "putin-korolev")),
    (("space.timeline", "putin-gazprombank-musk"), ("space.statements", "putin-gazprombank")),
    (("space.timeline", "rd-180-last"), ("space.engine_counts", "rd-180-delivered-2021-04-14")),
    (("space.statements", "rogozin-threat"), ("space.starlink_events", "rogozin-threat")),
    (("space.statements", "pasechnik-ban"), ("space.starlink_events", "luhansk-ban")),
    (("space.starlink_funding", "us-fms-2025-08"), ("space.starlink_events", "fms-150m")),
    (("space.starlink_funding", "germany-eutelsat-2025-04"), ("space.starlink_events", "eutelsat-germany")),
]
_SPACE_DATED = {"space.timeline": "date", "space.agreements": "date", "space.cross_flights": "launch_date",
                "space.rassvet": "date", "space.roscosmos": "as_of", "space.statements": "date",
                "space.starlink_events": "date", "space.starlink_funding": "as_of", "space.engine_counts": "as_of"}  # fmt: skip


@crosscheck(*_SPACE_DATED)
def one_event_one_day(tables: Tables) -> list[str]:
    """What stands in two tables has one date in both; the Starlink block and its denial keep their order."""
    days = {name: tables[name].set_index(tables[name].columns[0])[column] for name, column in _SPACE_DATED.items()}
    wrong = []
    for (here, key), (there, other) in SAME_DAY:
        if key not in days[here] or other not in days[there]:
            wrong.append(f"{key} or {other}: row missing from {here} or {there}")
        elif days[here][key] != days[there][other]:
            wrong.append(f"{here} {key} has {days[here][key]}, {there} {other} has {days[there][other]}")
    events = days["space.starlink_events"]
    block = events[["block-first-measures", "whitelist-start", "russian-terminals-blocked"]].tolist()
    denial = pd.Timestamp(events["leverage-denied"]) - pd.Timestamp(events["leverage-minerals"])
    if block != sorted(block) or denial != pd.Timedelta(days=1):
        wrong.append(
            "space.starlink_events: the steps of the block, or report and denial of February 2025, out of order"
        )
    return wrong


#: Launches whose designation does not follow the order of days in the catalogue.
DESIGNATED_LATE = {"1966-088", "1966-101"}


@crosscheck("space.launches")
def designations_follow_the_days(tables: Tables) -> list[str]:
    """COSPAR designations are given in order of launch; each site code belongs to one site and country."""
    rows = tables["space.launches"]
    tagged = rows[rows["launch_tag"].str.fullmatch(r"\d{4}-\d{3}") & ~rows["launch_tag"].isin(DESIGNATED_LATE)]
    tagged = tagged.sort_values("launch_tag")
    early = tagged[tagged["date"].diff().dt.days < 0]
    found = [f"{r.launch_tag} is dated {r.date:%Y-%m-%d}, before the launch designated earlier" for r in early.itertuples()]
    for code, column in (("site_code", "site"), ("site", "country")):
        several = rows.groupby(code)[column].nunique()
        found += [f"{code} {name!r} has more than one {column}" for name in several.index[several > 1]]
    return found


#: Sources whose id carries another day than their text, each looked at: the id keeps the day of
#: the event, of the first report, or a month that was read too closely.
ID_DAY_DIFFERS = {
    "anewz-20250222", "baird-maritime-20240911", "brf-20232024", "daily8-reuters-20250816", "eprs-20230222", "liga-20251215", "senate-floor-20260807", "tass-20250815",
    "thebadely-github-20251206", "thompsonhine-20230519",
}  # fmt: skip


@crosscheck("sources", "publishers")
def sources_agree_with_themselves(tables: Tables) -> list[str]:
    """A source's id carries its day; publisher, ownership and country stand once in the publishers."""
    sources = tables["sources"]
    day = sources["id"].str.extract(r"-((?:19|20)\d{2})(\d{2})(\d{2})?(?:-\d+)?$")
    stated = day[0] + "-" + day[1] + ("-" + day[2]).fillna("")
    published = sources["published"].str.rstrip("~?")
    differs = day[1].notna() & published.notna() & ~sources["id"].isin(ID_DAY_DIFFERS)
    same = [str(p).startswith(str(s)) for p, s in zip(published, stated, strict=True)]
    differs &= ~pd.Series(same, index=sources.index)
    found = [f"{r.id}: published {r.published}" for r in sources[differs].itertuples()]
    publishers = tables["publishers"].set_index("name")
    for column in ("ownership", "country"):
        wrong = sources["publisher"].map(publishers[column]) != sources[column]
        found += [f"{i}: {column} differs from its publisher's" for i in sources.loc[wrong, "id"]]
    return found


@crosscheck("claims.claims", "claims.sentences", "claims.alterations", "claims.forecasts")
def claims_lie_in_their_sentences(tables: Tables) -> list[str]:
    """Each claim lies inside its sentence, each sentence has a claim, and verdict words imply their rows."""
    claims, sentences = tables["claims.claims"], tables["claims.sentences"]
    both = claims.merge(sentences, on=["paragraph", "sentence"], how="outer", suffixes=("", "_of"), indicator=True)
    found = [f"paragraph {r.paragraph}, sentence {r.sentence}: {r._merge}" for r in both[both["_merge"] != "both"].itertuples()]
    inside = (both["start"] >= both["start_of"]) & (both["end"] <= both["end_of"])
    found += [f"{r.id}: offsets outside its sentence" for r in both[(both["_merge"] == "both") & ~inside].itertuples()]
    altered = tables["claims.alterations"]
    for claim in claims[claims["verdict_printed"] == "altered in this copy"].itertuples():
        if not ((altered["start"] < claim.end) & (altered["end"] > claim.start)).any():
            found.append(f"{claim.id}: altered in this copy, but no alteration overlaps it")
    forecasts = set(claims.loc[claims["verdict_meant"].str.startswith("forecast"), "id"])
    found += [f"{i}: a forecast without its row, or a row without its verdict" for i in forecasts ^ set(tables["claims.forecasts"]["claim_id"])]
    silent = claims["confidence"].isna() != (claims["verdict_meant"] == "not checkable")
    return found + [f"{i}: confidence is given if and only if the claim can be checked" for i in claims.loc[silent, "id"]]


@crosscheck("actors.votes", "actors.votes_by_country")
def country_votes_re_add(tables: Tables) -> list[str]:
    """Country votes add up to the totals where the list is complete, and never exceed them."""
    votes = tables["actors.votes"].set_index("resolution")
    counted = tables["actors.votes_by_country"].groupby(["resolution", "vote"]).size().unstack(fill_value=0)
    found = []
    for resolution, row in votes.iterrows():
        for vote in ("yes", "no", "abstain", "not_voting"):
            have = int(counted.at[resolution, vote]) if resolution in counted.index and vote in counted else 0
            want = row[vote]
            if (row["complete"] == "yes" and have != want) or (not pd.isna(want) and have > want):
                found.append(f"{resolution}: {have} countries {vote}, the total says {want}")
    return found
