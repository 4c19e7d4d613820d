"""Assertions across tables: totals that re-add, and figures that other sources publish.

Each check names the tables it reads, a tolerance where it needs one, and the reason. It
returns a message for every disagreement; accepted ones are listed with it, by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from defacto.data import resource
from defacto.ledger import article, origins, quantity_verdict

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class CrossCheck:
    """One assertion: `run` takes the tables by name and returns what is wrong.

    It needs `tables`; it may also read those that a column of one of them names (`named_in`: table and column).
    """

    id: str
    tables: tuple[str, ...]
    run: Callable[[Tables], list[str]]
    named_in: tuple[str, str] | None = None

    def reads(self, tables: Tables) -> set[str]:
        """Names of the tables whose content it looks at."""
        named = set(tables[self.named_in[0]][self.named_in[1]].dropna()) if self.named_in else set()
        return {*self.tables, *named}


CHECKS: list[CrossCheck] = []


def crosscheck(*tables: str, named_in: tuple[str, str] | None = None):
    """Register the function as a check that reads `tables` (see `CrossCheck`); the first one is named in messages."""

    def register(function):
        CHECKS.append(CrossCheck(function.__name__.replace("_", "-"), tables, function, named_in))
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
ACCEPTED_EXCESS = {"2023-02-25"}
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

#: Events whose direction is their own: a narrow derogation beside what was tightened, the end of a duty, and the
#: day from which a cap applies that the 18th package had set and with which it is counted.
ACCEPTED_DIRECTION = {"eu-derogation-2026-06", "us-india-duty-end", "eu-cap-476"}


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
        way = source.at[row.from_key, "effect"] if row.from_resource == "sanctions.licences" else (
            "maintained" if row.from_resource == "sanctions.renewals" else "tightened")  # fmt: skip
        if way != row.direction and row.event_id not in ACCEPTED_DIRECTION:
            wrong.append(f"{row.event_id}: called {row.direction}, though {row.from_resource} says {way}")
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
    twice = {("coal", 2021): "coal-2021-repowereu", ("coal", 2024): "coal-2024-share", ("oil", 2021): "oil-2021-repowereu",
             ("oil", 2024): "oil-2024-share"}  # fmt: skip
    yearly = tables["sanctions.energy"].set_index(["series_id", "year"])["value"]
    wrong += [f"{fuel} {year}: {point} differs from the yearly series" for (fuel, year), point in twice.items()
              if yearly[(f"{fuel}_share_commission", year)] != points[point]]  # fmt: skip
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


def _first(edtf: str) -> pd.Timestamp:
    """First day of an EDTF date or interval."""
    text = edtf.split("/")[0].rstrip("~?")
    return pd.Timestamp(text + "-01"[: 3 * (len(text) < 10)] + "-01"[: 3 * (len(text) < 7)])


#: Tables of sanctions whose rows have sources of their own.
SANCTIONS = [
    "assets", "assets_events", "blacksea", "blacksea_positions", "caatsa_s216", "competence", "designation_counts", "energy",
    "energy_points", "era_loans", "euroclear", "events", "gas_phaseout", "licences", "minerals", "nuclear_plant", "open_items",
    "packages", "price_cap", "renewals", "routes", "shadow_fleet", "spfs", "uk_counts", "us_uk_acts",
]  # fmt: skip


@crosscheck("sources", *(f"sanctions.{name}" for name in SANCTIONS))
def trackers_alone_support_nothing(tables: Tables) -> list[str]:
    """A row on sanctions is unverified where it has no source but trackers, and nowhere else."""
    kinds, wrong = tables["sources"].set_index("id")["kind"], []
    for name in SANCTIONS:
        table = tables[f"sanctions.{name}"]
        weak = (
            table["source_ids"].fillna("").map(lambda ids: all(kinds.get(i) == "tracker" for i in ids.split(";") if i))
        )
        for row in table[weak != (table["status"] == "unverified")].itertuples():
            wrong.append(f"sanctions.{name}: row {row.Index + 2}: {row.status}, though its sources say otherwise")
    return wrong


#: Days from adoption of a package to the listings it made and to the day its ships are barred.
LISTED_WITHIN, BARRED_WITHIN = 1, 4


@crosscheck("sanctions.packages", "sanctions.shadow_fleet")
def packages_keep_their_days(tables: Tables) -> list[str]:
    """Listings follow adoption within a day, ships within four; reported totals of ships stand in two tables."""
    wrong, packages = [], tables["sanctions.packages"]
    reported = tables["sanctions.shadow_fleet"].set_index("as_of")["vessels_reported"]
    for row in packages.itertuples():
        day = _first(row.adopted)
        if pd.notna(row.listing_dates):
            gap = (pd.Timestamp(row.listing_dates.split(";")[0]) - day).days
            if not 0 <= gap <= LISTED_WITHIN:
                wrong.append(f"{row.package_id}: listed {gap} days after adoption")
        if pd.notna(row.vessels_apply_from):
            gap = (row.vessels_apply_from - day).days
            if not 0 <= gap <= BARRED_WITHIN:
                wrong.append(f"{row.package_id}: ships barred {gap} days after adoption")
            if (
                pd.notna(row.vessels_total_reported)
                and reported.get(row.vessels_apply_from) != row.vessels_total_reported
            ):
                wrong.append(f"{row.package_id}: the reported total of ships is another in shadow_fleet")
        for kind in ("persons", "entities"):
            said, left = getattr(row, f"new_{kind}_reported"), getattr(row, f"{kind}_in_force")
            if pd.notna(said) and pd.notna(left) and not 0.9 * said - 1 <= left <= said + 1:
                wrong.append(f"{row.package_id}: {left:.0f} {kind} are left of {said:.0f} reported")
    return wrong


@crosscheck("sanctions.us_uk_acts", "sanctions.assets_events", "sanctions.renewals")
def acts_stand_in_their_order(tables: Tables) -> list[str]:
    """Orders and laws are dated in the order of their numbers; an act named in two tables has one day."""
    acts, wrong = tables["sanctions.us_uk_acts"].set_index("act_id"), []
    for pattern in (r"EO (\d+)", r"Public Law (\d+-\d+)"):
        text = acts["act"].where(acts["act"].str.startswith("EO "), acts["citation"].fillna(""))
        number = text.str.extract(pattern)[0].dropna()
        key = number.map(lambda n: tuple(map(int, n.split("-"))))
        dates = acts.loc[key.sort_values(kind="stable").index, "date"]
        if not dates.is_monotonic_increasing:
            wrong.append(
                f"dates do not follow the numbers of {pattern[:6]}: {', '.join(dates[dates < dates.shift()].index)}"
            )
    events = tables["sanctions.assets_events"].set_index("event_id")["date"]
    for event, act in (("repo-act", "repo-103"), ("repo-act", "repo-104"), ("us-directive-4", "directive-4")):
        if events[event] != acts.at[act, "date"]:
            wrong.append(f"{event}: another day than {act} in us_uk_acts")
    if acts.at["caatsa-216", "date"] != acts.at["caatsa-222", "date"]:
        wrong.append("two sections of one law have two days")
    order = [
        "eu-ban-2022",
        "csd-ringfence",
        "g7-era",
        "g7-era-delivery",
        "era-eu-complete",
        "euco-loan",
        "uk-joins-loan",
        "loan-tranche",
    ]
    if not events[order].is_monotonic_increasing:
        wrong.append("steps of the loans are out of order")
    renewals = tables["sanctions.renewals"].set_index("renewal_id")
    if f"{_first(str(renewals.at['cbr-assets', 'renewed_on'])[:10]):%Y-%m-%d}" != events["reg-2025-2600"]:
        wrong.append("reg-2025-2600: another day than cbr-assets in renewals")
    return wrong


#: Months by which a renewal may be decided before the term it continues ends.
DECIDED_EARLY = 2.5


@crosscheck("sanctions.renewals")
def renewals_run_their_cycle(tables: Tables) -> list[str]:
    """From the day of decision to the new term lie the cycle and at most the months it was decided early."""
    wrong = []
    for row in tables["sanctions.renewals"].dropna(subset=["renewed_on", "valid_until", "cycle_months"]).itertuples():
        months = (_first(str(row.valid_until)[:10]) - _first(str(row.renewed_on)[:10])).days / 30.44
        if not row.cycle_months - 0.1 <= months <= row.cycle_months + DECIDED_EARLY:
            wrong.append(f"{row.renewal_id}: {months:.1f} months for a cycle of {row.cycle_months:.0f}")
    return wrong


@crosscheck("sanctions.routes", "sanctions.competence", "sanctions.caatsa_s216")
def routes_follow_the_measures(tables: Tables) -> list[str]:
    """A route belongs to a measure; its waits are those of the law; unanimity is voted by all 27."""
    measures, wrong = tables["sanctions.competence"].set_index("measure_id"), []
    days = tables["sanctions.caatsa_s216"].set_index("point_id")["calendar_days"]
    if measures["as_of"].nunique() != 1:
        wrong.append("the measures are not all as of one day")
    for name, steps in tables["sanctions.routes"].groupby("measure_id"):
        if name not in measures.index:
            wrong.append(f"{name}: no such measure")
            continue
        waits = steps["days"].dropna()
        role = measures.at[name, "legislature_role"]
        for wait in waits:
            if not re.search(rf"\b{wait:.0f} (calendar )?days\b", role):
                wrong.append(f"{name}: {wait:.0f} days are not in the legislature's role")
        if name == "us-2014-orders" and waits.tolist() != [days["review-period"]]:
            wrong.append(f"{name}: the wait is not the review period of section 216")
        votes = steps[steps["kind"] == "vote"]
        threshold = measures.at[name, "threshold"]
        if (threshold == "unanimity") != (len(votes) > 0 and votes["action"].str.contains("27").all()):
            wrong.append(f"{name}: threshold {threshold!r} does not go with its votes")
        if (threshold == "qualified_majority") != votes["action"].str.contains("qualified majority").any():
            wrong.append(f"{name}: threshold {threshold!r} does not go with its votes")
    return wrong


@crosscheck("sanctions.price_cap", "sanctions.events", "sanctions.euroclear", "sanctions.spfs", "sanctions.energy",
            "sanctions.energy_points", "sanctions.designation_counts")  # fmt: skip
def repeated_figures_agree(tables: Tables) -> list[str]:
    """Caps named by events are those of the table; counts that only grow grow; gas agrees with its other source."""
    caps, wrong = tables["sanctions.price_cap"].set_index("cap_id"), []
    for row in tables["sanctions.events"].query("from_resource == 'sanctions.price_cap'").itertuples():
        if not re.search(rf"USD {caps.at[row.from_key, 'cap_usd_per_barrel']:g}\b", row.event):
            wrong.append(f"{row.event_id}: names another cap than {row.from_key}")
    if caps.at["crude-2026-proposal", "cap_usd_per_barrel"] != caps.at["crude-2026", "cap_usd_per_barrel"]:
        wrong.append("a freeze keeps the cap that stands")
    if (
        not caps.at["discount-2023", "cap_usd_per_barrel"]
        < caps.at["crude-2022", "cap_usd_per_barrel"]
        < caps.at["premium-2023", "cap_usd_per_barrel"]
    ):
        wrong.append("the first caps are not in the order discounted products, crude, premium products")
    depot = tables["sanctions.euroclear"].sort_values("as_of")
    share = depot["russian_balance_eur_bn"] / depot["total_balance_eur_bn"]
    if not share.dropna().between(0.79, 0.89).all():
        wrong.append("the Russian part of Euroclear's balance leaves its range")
    for year, rows in depot.groupby(depot["as_of"].astype("str").str[:4]):
        if not rows["interest_income_eur_bn"].dropna().is_monotonic_increasing:
            wrong.append(f"Euroclear {year}: income falls within the year")
    tax = (depot["belgian_tax_eur_bn"] / depot["interest_income_eur_bn"]).dropna()
    if not tax.between(0.21, 0.26).all():
        wrong.append("the tax is not about a quarter of the income")
    spfs = tables["sanctions.spfs"].sort_values("as_of")
    if not (spfs["foreign_participants"].is_monotonic_increasing and spfs["countries"].is_monotonic_increasing):
        wrong.append("participants of SPFS fall")
    gas = tables["sanctions.energy"].query("series_id == 'gas_share_commission'").set_index("year")["value"]
    points = tables["sanctions.energy_points"].set_index("point_id")["value"]
    for year, point in ((2021, "gas-2021-repowereu"), (2022, "gas-2022-council")):
        if abs(gas[year] - points[point]) > 2:
            wrong.append(f"gas {year}: more than two points from {point}")
    listed = tables["sanctions.designation_counts"].query("scope == 'eu_269_2014'").sort_values("as_of")
    for column in ("persons", "entities", "total"):
        if not listed[column].dropna().is_monotonic_increasing:
            wrong.append(f"listings of the EU: {column} fall")
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


#: Kinds of steps of the exchange of flights, and what their ids carry; those of what was only said carry nothing.
STEP_KINDS = {"approval": "approval|talks", "signature": "agreement", "addendum": "addendum-\\d",
              "confirmation": "", "statement": ""}  # fmt: skip


@crosscheck("space.agreements", "space.cross_flights")
def agreements_in_order(tables: Tables) -> list[str]:
    """Approval, signature and addenda follow each other; what they add is not more than what is known."""
    steps = tables["space.agreements"].set_index("id")
    order = ["government-approval-2022", "agreement-2022", "addendum-1-crew-8", "addendum-2", "addendum-3-reported",
             "addendum-3-nasa", "addendum-4-talks"]  # fmt: skip
    days = steps.loc[order, "date"].tolist()
    wrong = [] if days == sorted(days) else [f"the steps {order} are not in the order of their dates"]
    wrong += [
        f"{i}: a step of kind {kind!r}"
        for i, kind in steps["step_kind"].items()
        if kind not in STEP_KINDS or not re.search(STEP_KINDS[kind], i)
    ]
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
    """Terminals received never fall, Poland's are part of them, the first make the number announced; zloty and dollars agree."""
    terminals, funding = tables["space.terminals"], tables["space.starlink_funding"].set_index("id")
    received = terminals[terminals["measure"] == "received"].sort_values("as_of")["value"]
    wrong = [] if received.is_monotonic_increasing else ["terminals received in total fall"]
    polish = funding.loc[["poland-2022-2024-terminals", "poland-2025-02", "poland-2025-04"], "value"].tolist()
    if polish != sorted(polish) or polish[-1] >= received.max():
        wrong.append(f"terminals from Poland {polish} fall, or are more than all received")
    first = funding.loc[["us-usaid-2022-04", "spacex-2022-04"], "value"].sum()
    if first != 5000:
        wrong.append(f"bought and given in April 2022: {first:,.0f} terminals; the US aid agency announced 5,000")
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
    block = events[
        ["block-first-measures", "whitelist-start", "russian-terminals-blocked", "ministry-confirms"]
    ].tolist()
    denial = pd.Timestamp(events["leverage-denied"]) - pd.Timestamp(events["leverage-minerals"])
    if block != sorted(block) or denial != pd.Timedelta(days=1):
        wrong.append(
            "space.starlink_events: the steps of the block, or report and denial of February 2025, out of order"
        )
    if days["space.timeline"]["oneweb-demands"] >= days["space.timeline"]["oneweb-suspends"]:
        wrong.append("space.timeline: launches of OneWeb suspended before the demands that were the reason")
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
    found = [
        f"{r.launch_tag} is dated {r.date:%Y-%m-%d}, before the launch designated earlier" for r in early.itertuples()
    ]
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


@crosscheck("releases")
def releases_are_whole(tables: Tables) -> list[str]:
    """Each version has each of its quantities on both clocks, in one unit, with one day of release and one data cut."""
    rows, found = tables["releases"], []
    for (version, quantity), pair in rows.groupby(["version", "quantity"]):
        if sorted(pair["clock"]) != ["now", "then"] or pair["unit"].nunique() != 1:
            found.append(f"{version}, {quantity}: not one value on either clock in one unit")
            continue
        days = pair.set_index("clock")["as_of"].str.rstrip("~?")
        if (
            days["then"] > "2025-04-23"
            or days["now"] < days["then"]
            or days["now"] > f"{pair['data_cut'].iloc[0]:%Y-%m-%d}"
        ):
            found.append(f"{version}, {quantity}: days {days['then']} and {days['now']} do not fit the clocks")
    for version, part in rows.groupby("version"):
        if part["released"].nunique() != 1 or part["data_cut"].nunique() != 1:
            found.append(f"{version}: more than one day of release or data cut")
    return found


@crosscheck("glossary")
def terms_are_found_by_their_forms(tables: Tables) -> list[str]:
    """No two terms share a form; a short form that stands in the text is one of the forms, or a part of one."""
    terms, found = tables["glossary"], []
    forms = terms["forms"].str.split(";").explode()
    found += [f"the form {form!r} belongs to two terms" for form in sorted(forms[forms.duplicated()])]
    for row in terms.dropna(subset="abbreviation").itertuples():
        words = {w for form in row.forms.split(";") for w in [form, *form.split()]}
        if row.abbreviation not in words and row.term_id not in SPELT_OUT:
            found.append(f"{row.term_id}: {row.abbreviation!r} is none of its forms")
    return found


#: Terms whose short form stands in titles of documents only, where nothing is marked.
SPELT_OUT = {"emergency-session", "csd"}


@crosscheck("claims.claims", "claims.sentences", "claims.alterations", "claims.forecasts")
def claims_lie_in_their_sentences(tables: Tables) -> list[str]:
    """Each claim lies inside its sentence, each sentence has a claim, and verdict words imply their rows."""
    claims, sentences = tables["claims.claims"], tables["claims.sentences"]
    both = claims.merge(sentences, on=["paragraph", "sentence"], how="outer", suffixes=("", "_of"), indicator="side")
    found = [
        f"paragraph {r.paragraph}, sentence {r.sentence}: {r.side}" for r in both[both["side"] != "both"].itertuples()
    ]
    inside = (both["start"] >= both["start_of"]) & (both["end"] <= both["end_of"])
    found += [f"{r.id}: offsets outside its sentence" for r in both[(both["side"] == "both") & ~inside].itertuples()]
    altered = tables["claims.alterations"]
    for claim in claims[claims["verdict_printed"] == "altered in this copy"].itertuples():
        if not ((altered["start"] < claim.end) & (altered["end"] > claim.start)).any():
            found.append(f"{claim.id}: altered in this copy, but no alteration overlaps it")
    forecasts = set(claims.loc[claims["verdict_meant"].str.startswith("forecast"), "id"])
    found += [
        f"{i}: a forecast without its row, or a row without its verdict"
        for i in forecasts ^ set(tables["claims.forecasts"]["claim_id"])
    ]
    silent = claims["confidence"].isna() != (claims["verdict_meant"] == "not checkable")
    return found + [
        f"{i}: confidence is given if and only if the claim can be checked" for i in claims.loc[silent, "id"]
    ]


#: Verdicts that say evidence was weighed; the other words wait for events or cannot be settled.
CHECKED = ["supported", "mostly supported", "mixed", "unsupported", "wrong as written"]
#: Stances without which a verdict hangs in the air.
TENDENCY = {
    "supported": {"supports"}, "mostly supported": {"supports"}, "mixed": {"supports", "refutes"},
    "unsupported": {"refutes"}, "wrong as written": {"refutes"},
}  # fmt: skip
#: The earlier clock stops at the end of this day, UTC.
CLOCK = "2025-04-23"


def _last_day(published: pd.Series) -> pd.Series:
    """The last day that an EDTF date allows, as ISO text (missing stays missing): a month ends on its 31st."""
    text = published.str.rstrip("~?")
    return text.where(text.str.len() != 7, text + "-31").where(text.str.len() != 4, text + "-12-31")


def telling_evidence(evidence: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Rows that support or refute, with ``kind``, ``origin`` and ``last_day`` of their source; context tells nothing."""
    at = sources.assign(origin=origins(sources), last_day=_last_day(sources["published"])).set_index("id")
    rows = evidence[evidence["stance"] != "context"]
    return rows.join(at[["kind", "origin", "last_day"]], on="source_ids")


def origin_names(told: pd.DataFrame) -> pd.Series:
    """Independent origins of each claim's `told` evidence on the meant reading, sorted; an outlet without a name is none."""
    rows = told[told["on_reading"] != "printed"]
    names = rows.assign(origin=rows["origin"].str.split(";")).explode("origin")
    names = names[~names["origin"].str.startswith(("unnamed", "Unidentified"), na=False)]
    return names.groupby("claim_id")["origin"].agg(lambda found: sorted(set(found)))


@crosscheck("claims.claims", "claims.evidence", "sources")
def verdicts_rest_on_evidence(tables: Tables) -> list[str]:
    """A checked verdict has evidence of its own tendency on its own reading; high confidence two origins or an official primary.

    Reference works bear a verdict, but do not count towards high confidence.
    """
    told, found = telling_evidence(tables["claims.evidence"], tables["sources"]), []
    names = origin_names(told[told["kind"] != "reference"])
    for claim in tables["claims.claims"].itertuples():
        mine = told[told["claim_id"] == claim.id]
        for reading in ("printed", "meant"):
            here = mine[mine["on_reading"].isin([reading, "both"])]
            if getattr(claim, f"verdict_{reading}") in CHECKED and here.empty:
                found.append(f"{claim.id}: judged as {reading}, but no evidence bears on that reading")
            elif pd.isna(claim.metric_id):
                lacks = TENDENCY.get(getattr(claim, f"verdict_{reading}"), set()) - set(here["stance"])
                found += [
                    f"{claim.id}: {getattr(claim, f'verdict_{reading}')} as {reading}, but no row {s}"
                    for s in sorted(lacks)
                ]
        meant = mine[mine["on_reading"] != "printed"]
        several = len(names.get(claim.id, [])) >= 2
        official = ((meant["strength"] == "primary") & meant["kind"].isin(["official", "legal", "data"])).any()
        if claim.confidence == "high" and not (several or official):
            found.append(f"{claim.id}: high confidence on one origin that is no official primary")
        if pd.notna(claim.confidence) and meant.empty:
            found.append(f"{claim.id}: confidence without evidence on the meant reading")
    return found


@crosscheck("claims.claims", "claims.evidence", "sources")
def the_earlier_clock_is_kept(tables: Tables) -> list[str]:
    """What was known on the day rests on evidence dated by then, on both sides if mixed; a computed value, on the map of the day."""
    told = telling_evidence(tables["claims.evidence"], tables["sources"])
    dated = told[(told["on_reading"] != "printed") & (told["last_day"] <= CLOCK)]
    early, stances = set(dated["claim_id"]), dated.groupby("claim_id")["stance"].agg(set)
    claims = tables["claims.claims"]
    judged = claims[claims["verdict_known"].isin([*CHECKED, "forecast-failed"]) & claims["metric_id"].isna()]
    found = [
        f"{i}: judged as known on {CLOCK}, but no evidence is dated by then"
        for i in judged.loc[~judged["id"].isin(early), "id"]
    ]
    for claim in judged[judged["id"].isin(early)].itertuples():
        tendency = TENDENCY.get(claim.verdict_known, {"refutes"})
        if not tendency & stances[claim.id]:
            found.append(
                f"{claim.id}: {claim.verdict_known} as known on {CLOCK}, against the tendency of what is dated by then"
            )
        elif lacks := tendency - stances[claim.id]:
            found.append(f"{claim.id}: {claim.verdict_known} as known on {CLOCK}, but no row {min(lacks)} by then")
    empty = claims["verdict_known"].isna() & claims["id"].isin(early)
    found += [f"{i}: evidence is dated by {CLOCK}, but no verdict as known" for i in claims.loc[empty, "id"]]
    late = claims["overtaken_on"] <= pd.Timestamp(CLOCK)
    return found + [f"{i}: overtaken before the earlier clock stopped" for i in claims.loc[late, "id"]]


@crosscheck("claims.claims", "claims.evidence")
def refutations_are_answered(tables: Tables) -> list[str]:
    """Every refuting row against a supported claim, on a reading so judged, is one that the reason answers; no other."""
    rows = tables["claims.evidence"].query("stance == 'refutes'")
    kind, found = ["supported", "mostly supported"], []
    for claim in tables["claims.claims"].itertuples():
        mine = rows[rows["claim_id"] == claim.id]
        readings = ["both"] + [r for r in ("printed", "meant") if getattr(claim, f"verdict_{r}") in kind]
        due = set(mine.loc[mine["on_reading"].isin(readings), "id"]) if len(readings) > 1 else set()
        have = set(claim.answers.split(";")) if isinstance(claim.answers, str) else set()
        found += [f"{claim.id}: {i} is answered or refutes, not both" for i in sorted(due ^ have)]
    return found


@crosscheck("claims.claims", "claims.alterations")
def reconstruction_is_as_weak_as_the_weakest_restoration(tables: Tables) -> list[str]:
    """How the original words of a claim are known follows from the alterations within it."""
    weak = ["inferred", "partial", "seen"]
    rows = tables["claims.alterations"].assign(claim=lambda r: r["claim_ids"].str.split(";")).explode("claim")
    least = rows.groupby("claim")["basis"].agg(lambda found: min(found, key=weak.index))
    claims = tables["claims.claims"].set_index("id")["reconstruction"]
    both = pd.concat([claims, least], axis=1, join="inner")
    return [f"{claim}: {r.reconstruction}, but an alteration in it is {r.basis}" for claim, r in both[both["reconstruction"] != both["basis"]].iterrows()]  # fmt: skip


@crosscheck("claims.alterations", "claims.claims", "claims.sentences")
def alterations_lie_in_their_claims(tables: Tables) -> list[str]:
    """Alterations overlap the claims they name and not each other; a claim is not judged only where one harms it."""
    altered, claims = tables["claims.alterations"], tables["claims.claims"].set_index("id")
    found = []
    for row in altered.itertuples():
        for i in row.claim_ids.split(";"):
            if i not in claims.index or not (row.start < claims.at[i, "end"] and row.end > claims.at[i, "start"]):
                found.append(f"alteration {row.n} does not overlap {i}")
    whole = tables["claims.sentences"].groupby("paragraph").agg(start=("start", "min"), end=("end", "max"))
    for row in altered.itertuples():
        if (
            row.paragraph not in whole.index
            or not whole.at[row.paragraph, "start"] <= row.start < row.end <= whole.at[row.paragraph, "end"]
        ):
            found.append(f"alteration {row.n} does not lie in paragraph {row.paragraph}")
    spans = altered.sort_values("start")
    found += [f"alteration {n} overlaps another" for n in spans.loc[spans["start"] < spans["end"].shift(), "n"]]
    harming = altered[altered["harm"] != "low"]
    for claim in claims[claims["verdict_printed"] == "altered in this copy"].itertuples():
        if not ((harming["start"] < claim.end) & (harming["end"] > claim.start)).any():
            found.append(
                f"{claim.Index}: altered in this copy, though no alteration of medium or high harm overlaps it"
            )
    text, at = article(), 0
    for name in ("claims.claims", "claims.alterations"):
        for row in tables[name].itertuples():
            words = text[row.start : row.end]
            cut = f"{text[row.start - 1 : row.start]}{words[:1]}", f"{words[-1:]}{text[row.end : row.end + 1]}"
            if words != words.strip() or not words or any(len(c) == 2 and c.isalnum() for c in cut):
                found.append(f"{name} {row[1]}: an offset cuts a word, or takes a blank with it")
    for row in tables["claims.sentences"].itertuples():
        if text[at : row.start].strip() or row.start < at or not text[row.start : row.end].strip():
            found.append(f"paragraph {row.paragraph}, sentence {row.sentence}: words lost, or said twice")
        at = row.end
    return found + (["words after the last sentence"] if text[at:].strip() else [])


_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


#: What verdicts on quantities are computed from.
QUANTITY_TABLES = (
    "claims.claims",
    "territory.control_daily",
    "territory.units",
    "actors.events",
    "actors.participants",
)


def computed_verdicts(tables: Tables) -> dict[str, tuple[float, str]]:
    """Claims on quantities: id -> (value computed from the tables, verdict by the published rule).

    Raises
    ------
    ValueError
        If a metric has no rule here, or the words of a claim hold another number of figures than one.
    """
    claims = tables["claims.claims"].set_index("id")
    metrics = claims["metric_id"].dropna()
    if set(metrics) != {"four-oblasts-held-share-20250423", "witkoff-putin-meetings-20250425"}:
        raise ValueError("metrics: one is missing, or no rule computes it")
    share_of, meeting = (metrics.index[metrics == m][0] for m in sorted(metrics))
    words = {i: article()[claims.at[i, "start"] : claims.at[i, "end"]] for i in (share_of, meeting)}
    daily = tables["territory.control_daily"]
    held = daily[(daily["source"] == "deepstate") & (daily["date"] == "2025-04-22") & daily["unit_iso"].isin(FOUR)]
    whole = tables["territory.units"].set_index("unit_iso").loc[FOUR, "official_km2"].astype(float).sum()
    share = 100 * held["occupied_km2"].sum() / whole
    printed = re.findall(r"(\d+) ?%", words[share_of])
    said = re.findall("|".join(_ORDINAL), words[meeting])
    if len(printed) != 1 or len(said) != 1:
        raise ValueError(f"{share_of}, {meeting}: the words hold another number of figures than one")
    people = tables["actors.participants"]
    met = set.intersection(*(set(people.loc[people["actor_id"] == who, "event_id"]) for who in ("witkoff", "putin")))
    events = tables["actors.events"]
    count = int((events["event_id"].isin(met) & (events["date"] <= "2025-04-25")).sum())
    return {
        share_of: (share, quantity_verdict(share - float(printed[0]))),
        meeting: (count, "supported" if count == _ORDINAL[said[0]] else "wrong as written"),
    }


@crosscheck(*QUANTITY_TABLES)
def quantities_follow_the_rule(tables: Tables) -> list[str]:
    """Verdicts on numbers are those that the published rule gives for the value computed from the tables."""
    claims = tables["claims.claims"].set_index("id")
    try:
        wanted = computed_verdicts(tables)
    except ValueError as err:
        return [str(err)]
    clocks = ("verdict_printed", "verdict_meant", "verdict_known", "verdict_since")
    return [
        f"{i}: {c} is {claims.at[i, c]!r}, the rule gives {w!r}"
        for i, (_, w) in wanted.items()
        for c in clocks
        if claims.at[i, c] != w
    ]


@crosscheck("claims.forecasts", "claims.claims", "claims.links", "claims.scale")
def the_ledger_agrees_with_itself(tables: Tables) -> list[str]:
    """Forecasts repeat word and day of their claims; the argument leads nowhere back; each scale counts from one."""
    claims = tables["claims.claims"].set_index("id")
    found = []
    for row in tables["claims.forecasts"].itertuples():
        claim = claims.loc[row.claim_id]
        if (row.status_word, row.as_of) != (claim["verdict_since"], claim["since_as_of"]):
            found.append(f"{row.claim_id}: word or day of the forecast differs from the claim's")
    rest = tables["claims.links"][["from_claim", "to_claim"]]
    while len(rest):  # take away what nothing leads to, until nothing or a circle is left
        free = ~rest["from_claim"].isin(rest["to_claim"])
        if not free.any():
            return [*found, f"the argument goes in a circle through {rest['from_claim'].iloc[0]}"]
        rest = rest[~free]
    for name, scale in tables["claims.scale"].groupby("scale"):
        if sorted(scale["order"]) != list(range(1, len(scale) + 1)) or scale["symbol"].dropna().duplicated().any():
            found.append(f"scale {name}: order has a gap, or two words share a sign")
    words = tables["claims.scale"].groupby("scale")["word"].agg(set)
    for column in ("verdict_printed", "verdict_meant", "verdict_known", "verdict_since"):
        found += [f"{column}: {w!r} is not on the scale" for w in set(claims[column].dropna()) - words["verdict"]]
    return found


#: How good a row of evidence can be by the kind of its source; copies of the article witness its words.
STRENGTHS = {
    "official": {"primary"}, "legal": {"primary"}, "data": {"primary"}, "tracker": {"relay"},
    "wire": {"primary", "direct report", "relay"}, "news": {"primary", "direct report", "relay"},
    "reference": {"direct report", "relay", "comment"}, "advocacy": {"relay", "comment"},
    "analysis": {"relay", "comment"}, "opinion": {"relay", "comment"},
}  # fmt: skip
WITNESSES = {"menafn-asia-times-202504", "oriental-review-nd"}


@crosscheck("claims.evidence", "sources", "claims.claims")
def evidence_fits_its_source(tables: Tables) -> list[str]:
    """Rows of a claim are numbered without a gap; strength follows the kind of the source, one source one strength.

    The day on which a claim was overtaken is one that a source of its evidence bears.
    """
    rows = tables["claims.evidence"]
    place = rows.groupby("claim_id").cumcount() + 1
    gaps = rows[rows["id"].str[-2:].astype(int) != place]
    found = [f"{i}: a row of evidence before it is missing" for i in gaps["id"]]
    at = tables["sources"].set_index("id")
    for row in rows.itertuples():
        kind = at["kind"].get(row.source_ids)
        witness = row.source_ids in WITNESSES and row.strength == "primary"
        if kind is not None and row.strength not in STRENGTHS[kind] and not witness:
            found.append(f"{row.id}: {row.strength!r} from a source of the kind {kind!r}")
    several = (
        rows.groupby("source_ids")["strength"].agg(lambda s: s.mode().iloc[0] if s.nunique() > 1 else None).dropna()
    )
    for source, usual in several.items():
        odd = rows[(rows["source_ids"] == source) & (rows["strength"] != usual)]
        found += [f"{i}: {source} is {usual!r} elsewhere" for i in odd["id"]]
    for claim in tables["claims.claims"].dropna(subset="overtaken_on").itertuples():
        cited = rows.loc[rows["claim_id"] == claim.id, "source_ids"]
        if f"{claim.overtaken_on:%Y-%m-%d}" not in set(at["published"].reindex(cited)):
            found.append(f"{claim.id}: no source of its evidence bears the day on which it was overtaken")
    return found


#: Words of a scale that no row needs: the article has no such claim or outcome.
UNUSED_WORDS = {"normative", "forecast-came-true", "not yet knowable"}


@crosscheck("claims.claims", "claims.scale", "claims.evidence", "claims.alterations", "claims.links")
def words_are_those_of_their_scales(tables: Tables) -> list[str]:
    """Every word of a scale is used and no other; kinds of claim are told apart alike; one day stands for the record."""
    claims, used = tables["claims.claims"], {}
    used |= {"alteration_class": tables["claims.alterations"]["class"], "harm": tables["claims.alterations"]["harm"]}
    used |= {"link_relation": tables["claims.links"]["relation"], "claim_type": claims["type"]}
    used |= {k: tables["claims.evidence"][k] for k in ("stance", "strength", "on_reading")}
    used |= {k: claims[k].dropna() for k in ("checkability", "reconstruction", "confidence")}
    used["verdict"] = pd.concat([claims[f"verdict_{k}"].dropna() for k in ("printed", "meant", "known", "since")])
    words = tables["claims.scale"].groupby("scale")["word"].agg(set)
    found = []
    for scale, column in used.items():
        odd = (words.get(scale, set()) ^ set(column)) - UNUSED_WORDS
        found += [f"scale {scale}: {word!r} is used or defined, not both" for word in sorted(odd)]
    found += [f"scale {scale}: no table uses it" for scale in sorted(set(words.index) - set(used) - {"likelihood"})]
    kinds = claims[~claims["subtype"].isin(["causal", "reaction", "statement"])].groupby("subtype")["type"]
    usual = kinds.transform(lambda t: t.mode().iloc[0])
    odd = claims.loc[usual.index][claims.loc[usual.index, "type"] != usual]
    found += [f"{i}: its subtype belongs to another type elsewhere" for i in odd["id"]]
    foretold = claims["verdict_meant"].str.startswith("forecast")
    off = claims[
        (foretold & ~claims["type"].isin(["forecast", "unknown"])) | (~foretold & (claims["type"] == "forecast"))
    ]
    found += [f"{i}: type and verdict do not fit" for i in off["id"]]
    days = claims.loc[~foretold, "since_as_of"]
    found += [
        f"{claims.at[n, 'id']}: the record was read to another day" for n in days.index[days != days.mode().iloc[0]]
    ]
    return found


#: Readings of all claims, one for each capital.
CAPITALS = ("kyiv", "moscow", "washington")


@crosscheck("claims.reviews", "claims.claims")
def reviews_cover_the_ledger(tables: Tables) -> list[str]:
    """Every claim that can be checked was judged blind, every claim read for each capital, and decisions show in the ledger.

    The readings for the capitals hold the ledger between the blind pass and now: what the blind pass changed
    differs there, and what they or later events changed differs from there.
    """
    reviews, claims = tables["claims.reviews"], tables["claims.claims"].set_index("id")
    found, judged = [], set(reviews.loc[reviews["pass"] == "blind", "claim_id"])
    found += [
        f"{i}: not judged in the blind pass" for i in claims.index[claims["checkability"] != "none"] if i not in judged
    ]
    for capital in CAPITALS:
        read = set(reviews.loc[reviews["pass"] == capital, "claim_id"])
        found += [f"{i}: not read for {capital}" for i in claims.index if i not in read]
    before = ["before_printed", "before_meant", "before_known"]
    by_capital = reviews[reviews["pass"].isin(CAPITALS)]
    differ = by_capital.groupby("claim_id")[before].nunique(dropna=False).gt(1).any(axis=1)
    found += [f"{i}: the readings for the capitals are of different states of the ledger" for i in differ.index[differ]]
    seen = by_capital.drop_duplicates("claim_id").set_index("claim_id")[before]
    first = reviews[reviews["pass"].isin(["blind", "rule"])]
    then = seen.reindex(first["claim_id"])[before[:2]].to_numpy()
    moved = (first[before[:2]].to_numpy() != then).any(axis=1)
    off = first[moved != (first["decision"] == "changed").to_numpy()]
    found += [f"{r.claim_id}, {r._2}: the ledger does not show the decision {r.decision!r}" for r in off.itertuples()]
    second = reviews[~reviews["pass"].isin(["blind", "rule"])]
    decided = set(second.loc[second["decision"] == "changed", "claim_id"])
    now = claims.reindex(seen.index)[["verdict_printed", "verdict_meant", "verdict_known"]].fillna("").to_numpy()
    turned = set(seen.index[(seen.fillna("").to_numpy() != now).any(axis=1)])
    found += [
        f"{i}: a verdict differs from the one that was read, but no row decides so" for i in sorted(turned - decided)
    ]
    found += [f"{i}: decided as changed, but every verdict is the one that was read" for i in sorted(decided - turned)]
    for row in by_capital[by_capital["decision"].isin(["kept", "reworded"])].itertuples():
        asked = [
            ("verdict_printed", row.before_printed, row.asked_printed),
            ("verdict_meant", row.before_meant, row.asked_meant),
        ]
        if any(pd.notna(word) and word != read and claims.at[row.claim_id, c] == word for c, read, word in asked):
            found.append(f"{row.claim_id}: what was asked for {row._2} stands, but the decision is {row.decision!r}")
    return found


#: Answers in a vote, as columns of the totals.
VOTES = ["yes", "no", "abstain", "not_voting"]


@crosscheck("actors.votes", "actors.votes_by_country")
def country_votes_re_add(tables: Tables) -> list[str]:
    """Country votes add up to the totals exactly where the list is complete, and never exceed them."""
    votes = tables["actors.votes"].set_index("resolution")
    counted = tables["actors.votes_by_country"].groupby(["resolution", "vote"]).size().unstack(fill_value=0)
    found = []
    for resolution, row in votes.iterrows():
        for vote in VOTES:
            have = int(counted.at[resolution, vote]) if resolution in counted.index and vote in counted else 0
            want = row[vote]
            if (row["complete"] == "yes" and have != want) or (not pd.isna(want) and have > want):
                found.append(f"{resolution}: {have} countries {vote}, the total says {want}")
        if (
            row["complete"] == "no"
            and resolution in counted.index
            and counted.loc[resolution].sum() == row[VOTES].sum()
        ):
            found.append(f"{resolution}: the list is complete, the table of votes says it is not")
    return found


# --- territory --------------------------------------------------------------------------

#: Oblasts declared annexed in 2022.
FOUR = ["UA-09", "UA-14", "UA-23", "UA-65"]
#: Months that DeepState cut at another hour than the mirror; together they agree within 20 km2.
ACCEPTED_MONTHS = {"deepstate-2025-06-ukraine-monthly-gain", "deepstate-2025-07-ukraine-monthly-gain"}
#: Maps of one day that differ by more than the distances of other places do: a pocket in Sumy oblast
#: stands on one map and not yet on the other.
ACCEPTED_FAR = {"sumy", "kyiv"}


@crosscheck("territory.control_daily", "territory.observations")
def units_add_up_to_the_whole(tables: Tables) -> list[str]:
    """Areas of the units sum to what the observation noted; the mirror draws at most 60 km2 outside them."""
    seen = tables["territory.observations"]
    used = seen[seen["used"] == "yes"]
    if used.duplicated(["source", "date"]).any():
        return ["two files of one mapper count for the same day"]
    noted = used.set_index(["source", "date"])["units_km2"]
    sums = tables["territory.control_daily"].groupby(["source", "date"])["occupied_km2"].sum()
    both = pd.concat([sums, noted], axis=1, keys=["sum", "noted"]).fillna(-1)
    wrong = both[(both["sum"] - both["noted"]).abs() > 0.051]
    found = [
        f"{s} {d:%Y-%m-%d}: units add up to {r['sum']:.1f} km2, noted are {r['noted']:.1f}"
        for (s, d), r in wrong.iterrows()
    ]
    mirror = used[used["source"] == "deepstate"]
    outside = mirror[(mirror["drawn_km2"] - mirror["units_km2"]).abs() > 60]
    return found[:20] + [f"{d:%Y-%m-%d}: more than 60 km2 drawn outside the units" for d in outside["date"]]


@crosscheck("territory.control_daily", "territory.units", "territory.land_areas")
def shares_follow_from_areas(tables: Tables) -> list[str]:
    """A share is the occupied area over the unit's area, on both bases, to the last digit given."""
    daily = tables["territory.control_daily"]
    official = daily["unit_iso"].map(tables["territory.units"].set_index("unit_iso")["official_km2"].astype(float))
    land = daily["unit_iso"].map(tables["territory.land_areas"].set_index("unit_iso")["ne_land_km2"])
    off = (daily["occupied_km2"] / official - daily["share_official"]).abs() > 6e-5
    off |= ~((daily["occupied_land_km2"] / land - daily["share_land"]).abs() <= 6e-5)
    rows = daily[off].head(20).itertuples()
    return [f"{r.source} {r.date:%Y-%m-%d} {r.unit_iso}: a share is not area over area" for r in rows]


@crosscheck("territory.control_daily", "territory.land_areas")
def mappers_agree_on_the_four_oblasts(tables: Tables) -> list[str]:
    """DeepState and Project Owl within one point of the four oblasts' land, every day both have a map."""
    daily, areas = tables["territory.control_daily"], tables["territory.land_areas"].set_index("unit_iso")
    four = daily[daily["unit_iso"].isin(FOUR)]
    held = four.pivot_table(index="date", columns="source", values="occupied_land_km2", aggfunc="sum")
    gap = 100 * (held["deepstate"] - held["owl"]).dropna() / areas.loc[FOUR, "ne_land_km2"].sum()
    if len(gap) < 700:
        return [f"only {len(gap)} days with both maps"]
    return [f"{d:%Y-%m-%d}: the maps differ by {g:.2f} points" for d, g in gap[gap.abs() > 1].head(20).items()]


@crosscheck("territory.control_daily")
def crimea_is_constant(tables: Tables) -> list[str]:
    """Within 1 km2 in the mirror; within 2 in the others once their outlines were redrawn."""
    daily, wrong = tables["territory.control_daily"], []
    crimea = daily[daily["unit_iso"] == "UA-43"]
    for source, since, column, most in (("deepstate", "2022-01-01", "occupied_km2", 1.0),
                                        ("deepstate-history", "2022-09-18", "occupied_km2", 2.0),
                                        ("owl", "2023-04-29", "occupied_land_km2", 2.0)):  # fmt: skip
        values = crimea.loc[(crimea["source"] == source) & (crimea["date"] >= since), column]
        if values.max() - values.min() > most:
            wrong.append(f"{source}: {column} of Crimea runs from {values.min()} to {values.max()}")
    return wrong


@crosscheck("territory.published_comparison", "territory.published_figures", "territory.control_daily")
def deepstate_agrees_with_its_own_figures(tables: Tables) -> list[str]:
    """Total on 2026-01-01 within 20 km2 and oblast shares within 0.3 points of what DeepState published; months too.

    States are computed again from the daily table, so that no wrong comparison hides a wrong area.
    """
    rows, figures = tables["territory.published_comparison"], tables["territory.published_figures"].set_index("id")
    daily = tables["territory.control_daily"].set_index("unit_iso")
    named = daily["date"].isin(rows["date_start"]) | daily["date"].isin(rows["date_end"])
    maps = dict(iter(daily[named].groupby(["source", "date"])))
    main = rows[rows["main"] == "yes"]
    wrong = [f"{i}: not exactly one row to show" for i in sorted(set(rows["id"]) ^ set(main["id"]))]
    wrong += [f"{i}: not exactly one row to show" for i in main["id"][main["id"].duplicated()]]
    same = main[main["same_definition"] == "yes"]
    outside = set(same.loc[same["within"] == "no", "id"])
    if outside != ACCEPTED_MONTHS or abs(same.loc[same["id"].isin(outside), "difference"].sum()) > 20:
        wrong.append(
            f"outside the tolerance: {sorted(outside)}, accepted are {sorted(ACCEPTED_MONTHS)} if they offset each other"
        )
    if "deepstate-2026-01-01-ukraine-occupied-area" not in set(same["id"]):
        wrong.append("the published total of 2026-01-01 is missing")
    for row in rows.itertuples():
        factor = 2.589988 if figures.at[row.id, "unit"] == "square miles" else 1
        if abs(figures.at[row.id, "value"] * factor - row.published_value) > 0.006:
            wrong.append(f"{row.id}: published {figures.at[row.id, 'value']}, compared {row.published_value}")
        isos = figures.at[row.id, "unit_isos"]
        column = "occupied_km2" if row.basis == "official" else "occupied_land_km2"
        # Before the mirror begins, a map of the history stands in.
        ends = [
            maps.get((row.source, d), maps.get(("deepstate-history", d)))
            for d in (row.date_start, row.date_end)
            if pd.notna(d)
        ]
        if not ends or any(end is None for end in ends):
            wrong.append(f"{row.id} ({row.source}): no map of a day it names")
            continue
        held = ends[-1]
        if row.unit == "km2":
            now = held[column].sum() - (ends[0][column].sum() if pd.notna(row.date_start) else 0)
        elif pd.notna(isos) and ";" not in isos:
            now = 100 * held.at[isos, f"share_{row.basis}"]
        else:
            continue
        if abs(now - row.our_value) > (0.11 if row.unit == "km2" else 0.011):
            wrong.append(
                f"{row.id} ({row.source}, {row.basis}): our value is {row.our_value}, the daily table gives {now:.2f}"
            )
    return wrong


@crosscheck("territory.control_monthly", "territory.control_daily", "territory.observations")
def months_are_differences_of_days(tables: Tables) -> list[str]:
    """Net change is one map less another, taken at the turns of the month; days are counted."""
    monthly, wrong = tables["territory.control_monthly"], []
    days = tables["territory.control_daily"].set_index(["date", "source", "unit_iso"])
    for column, area in (("net_km2", "occupied_km2"), ("net_land_km2", "occupied_land_km2")):
        first, last = (
            days[area].reindex(pd.MultiIndex.from_frame(monthly[[end, "source", "unit_iso"]])).to_numpy()
            for end in ("boundary_start", "boundary_end")
        )
        off = ~(pd.Series(last - first, index=monthly.index) - monthly[column]).abs().le(0.051)
        wrong += [
            f"{r.month} {r.source} {r.unit_iso}: {column} is no difference of days"
            for r in monthly[off].head(10).itertuples()
        ]
    turn = pd.to_datetime(monthly["month"] + "-01")
    late = ~(turn - monthly["boundary_start"]).dt.days.between(0, 3)
    late |= ~(turn + pd.offsets.MonthBegin(1) - monthly["boundary_end"]).dt.days.between(0, 3)
    wrong += [
        f"{r.month} {r.source} {r.unit_iso}: a turn of the month lies elsewhere"
        for r in monthly[late].head(10).itertuples()
    ]
    seen = tables["territory.observations"]
    used = seen[seen["used"] == "yes"]
    counted = used.groupby([used["date"].dt.strftime("%Y-%m"), "source"]).size()
    noted = monthly.set_index(["month", "source"])["days_observed"]
    off = noted[noted != counted.reindex(noted.index)]
    return wrong + [f"{m} {s}: {n} days noted, {counted.get((m, s), 0)} used" for (m, s), n in off.head(10).items()]


@crosscheck("territory.grid_change", "territory.control_daily", "territory.land_areas")
def the_grid_conserves_area(tables: Tables) -> list[str]:
    """Cells add up to the daily table within 5 km2 on both days, and to the land of each unit within 3 % (Sevastopol 20)."""
    grid, daily, wrong = tables["territory.grid_change"], tables["territory.control_daily"], []
    mirror = daily[daily["source"] == "deepstate"].groupby("date")["occupied_land_km2"].sum()
    for end in ("start", "end"):
        days = grid[f"date_{end}"].unique()
        held = (grid["land_km2"] * grid[f"share_{end}"]).sum()
        if len(days) != 1 or abs(held - mirror.get(days[0], -1e9)) > 5:
            wrong.append(f"date_{end}: the cells hold {held:.1f} km2, the daily table another area")
    cells = grid.groupby("unit_iso")["land_km2"].sum()
    land = tables["territory.land_areas"].set_index("unit_iso")["ne_land_km2"]
    for unit, km2 in cells.items():
        if abs(km2 / land[unit] - 1) > (0.2 if unit == "UA-40" else 0.03):
            wrong.append(f"{unit}: its cells hold {km2:.0f} km2 of land, the unit has {land[unit]:.0f}")
    return wrong


def _km(one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Great-circle distances in km between points (columns lat, lon), row by row; radius 6371.0088 km."""
    a, b = np.radians(one[["lat", "lon"]].to_numpy(float)), np.radians(other[["lat", "lon"]].to_numpy(float))
    half = np.sin((a - b) / 2) ** 2
    return 2 * 6371.0088 * np.arcsin(np.sqrt(half[:, 0] + np.cos(a[:, 0]) * np.cos(b[:, 0]) * half[:, 1]))


@crosscheck("territory.places", "territory.place_checks")
def places_have_their_second_points(tables: Tables) -> list[str]:
    """The distance to each second point is recomputed; the place repeats the largest."""
    places = tables["territory.places"].set_index("place_id")
    checks = tables["territory.place_checks"]
    km = pd.Series(_km(places.loc[checks["place_id"]], checks), index=checks.index)
    off = (km - checks["km_from_primary"]).abs() > 0.011
    wrong = [f"{i}: {k:.2f} km from the place" for i, k in zip(checks["id"][off], km[off], strict=True)]
    most = checks.groupby("place_id")["km_from_primary"].max()
    noted = places["km_from_primary"].dropna()
    both = pd.concat([most, noted], axis=1).fillna(-1)
    return wrong + [f"{p}: the farthest point is not noted" for p in both.index[both.iloc[:, 0] != both.iloc[:, 1]]]


@crosscheck("territory.distances", "territory.places")
def distances_are_distances(tables: Tables) -> list[str]:
    """No two places differ by more than lies between them; both mappers within 6 km; 0 is at home."""
    rows, places = tables["territory.distances"], tables["territory.places"].set_index("place_id")
    wrong = []
    for (date, source), day in rows.groupby(["date", "source"]):
        points = places.loc[day["place_id"]]
        n = len(day)
        i, j = np.triu_indices(n, 1)
        km = day["km"].to_numpy()
        apart = _km(points.iloc[i], points.iloc[j])
        for k in np.flatnonzero(np.abs(km[i] - km[j]) > apart * 1.01 + 0.2)[:5]:
            pair = f"{day['place_id'].iloc[i[k]]} and {day['place_id'].iloc[j[k]]}"
            wrong.append(f"{date:%Y-%m-%d} {source}: {pair} differ by more than lies between them")
    inside = rows[rows["km"] == 0]
    strange = inside[inside["nearest_unit_iso"] != inside["place_id"].map(places["unit_iso"])]
    wrong += [f"{r.place_id} {r.date:%Y-%m-%d} {r.source}: 0 km, but in another unit" for r in strange.itertuples()]
    pairs = rows.pivot_table(index=["place_id", "date"], columns="source", values="km")
    gap = (pairs["deepstate"] - pairs["owl"]).dropna().abs()
    far = gap[(gap > 6) & ~gap.index.get_level_values("place_id").isin(ACCEPTED_FAR)]
    return wrong + [f"{p} {d:%Y-%m-%d}: the mappers differ by {k:.1f} km" for (p, d), k in far.items()]


@crosscheck("territory.frontline")
def smoothing_shortens_the_line(tables: Tables) -> list[str]:
    """Length falls as the width of smoothing grows; the mappers agree within 12 %, the history with the mirror within 1 %."""
    wide = tables["territory.frontline"].pivot_table(index=["date", "source"], columns="width_km", values="length_km")
    wrong = [
        f"{d:%Y-%m-%d} {s}: the line does not get shorter"
        for d, s in wide.index[~(wide.diff(axis=1).iloc[:, 1:] < 0).all(axis=1)]
    ]
    by = wide.stack().unstack("source")
    for other, most in (("owl", 0.12), ("deepstate-history", 0.01)):
        off = (by["deepstate"] / by[other] - 1).dropna().abs()
        wrong += [
            f"{d:%Y-%m-%d}, {w} km: deepstate and {other} differ by {100 * g:.1f} %"
            for (d, w), g in off[off > most].items()
        ]
    return wrong


@crosscheck("territory.land_areas", "territory.units")
def areas_of_units_agree(tables: Tables) -> list[str]:
    """Natural Earth adds up to 599,094.5 km2 and OpenStreetMap to 640,065.1; inland, the latter is official within 1.7 %."""
    areas, units = tables["territory.land_areas"].set_index("unit_iso"), tables["territory.units"].set_index("unit_iso")
    wrong = [] if set(areas.index) == set(units.index) else ["not the same units"]
    for column, total in (("ne_land_km2", 599094.5), ("osm_km2", 640065.1)):
        if abs(areas[column].sum() - total) > 1:
            wrong.append(f"{column} adds up to {areas[column].sum():.1f}, not {total}")
    coast = {"UA-14", "UA-23", "UA-40", "UA-43", "UA-48", "UA-51", "UA-65"}
    ratio = (areas["osm_km2"] / units["official_km2"].astype(float) - 1).drop(list(coast)).abs()
    return wrong + [
        f"{u}: OpenStreetMap and the official area differ by {100 * r:.1f} %" for u, r in ratio[ratio > 0.017].items()
    ]


# --- deal terms ----------------------------------------------------------------------------

#: Status words of an oblast that fit each code of the issue that holds it (T01 and T02 to T05; T06 below).
_STATUS_OF_CODE = {
    "T01": {-3: {"de jure Russian"}, -2: {"de jure Russian (US or some states)"},
            -1: {"de facto Russian (whole unit)"}, 0: {"set aside", "reserved for leaders"},
            1: {"to be negotiated"}, 3: {"returned to Ukraine"}},
    "T02": {-3: {"de jure Russian"}, -2: {"de facto Russian (whole unit)"}, -1: {"de facto Russian (occupied part)"},
            0: {"freeze at line", "set aside", "reserved for leaders"}, 1: {"to be negotiated"},
            3: {"returned to Ukraine"}},
    "T06": {-1: {"returned in exchange", "unseen"}, 0: {"to be negotiated", "reserved for leaders", "freeze at line"},
            1: {"returned to Ukraine", "not mentioned", "unseen"}, 2: {"returned to Ukraine"},
            3: {"returned to Ukraine"}},
}  # fmt: skip
_CELL = ["proposal_id", "issue_id"]


@crosscheck("deals.provisions", "deals.proposals", "deals.issues")
def every_cell_is_coded_by_the_rules(tables: Tables) -> list[str]:
    """One row for each proposal and issue; codes only on worded steps; silence only where a near-full text was seen."""
    cells, proposals, issues = (tables[n] for n in ("deals.provisions", "deals.proposals", "deals.issues"))
    wrong = []
    if len(cells) != len(proposals) * len(issues):
        wrong.append(f"{len(cells)} rows for {len(proposals)} proposals and {len(issues)} issues")
    anchor = issues.set_index("issue_id")
    for row in cells[cells["code"].notna()].itertuples():
        step = f"anchor_{'m' if row.code < 0 else 'p' if row.code else ''}{abs(int(row.code))}"
        if row.issue_id in anchor.index and pd.isna(anchor.at[row.issue_id, step]):
            wrong.append(f"{row.proposal_id}|{row.issue_id}: the step {row.code} has no wording")
    partly = set(proposals.loc[proposals["coverage_class"] != "near-full", "proposal_id"]) - {"US_UA_MINERALS25"}
    silent = cells[(cells["coding_status"] == "silent") & cells["proposal_id"].isin(partly)]
    return wrong + [f"{p}: silent, though the text was seen in part only" for p in sorted(set(silent["proposal_id"]))]


@crosscheck(
    "deals.provisions", "deals.adjudications", "deals.provisions_first", "deals.provisions_second", "deals.issues"
)
def codes_follow_the_codings(tables: Tables) -> list[str]:
    """A decided cell holds its decision; a cell on which both codings agreed, and which was not decided, holds their code."""
    now = tables["deals.provisions"].set_index(_CELL)
    wrong = []
    decided = tables["deals.adjudications"].set_index(_CELL)
    for key, row in decided.iterrows():
        if key in now.index:
            here = now.loc[key]
            same = here["coding_status"] == row["decision_status"] and (
                pd.isna(row["decision_code"]) or here["code"] == row["decision_code"]
            )
            wrong += [] if same else [f"{'|'.join(key)}: stands at {here['code']}, decided as {row['decision_code']}"]
    raw = [tables[f"deals.provisions_{n}"].set_index(_CELL)["code"].dropna() for n in ("first", "second")]
    both = pd.concat(raw, axis=1, keys=["one", "other"], join="inner")
    agreed = both.loc[both["one"] == both["other"], "one"]
    kept = set(tables["deals.issues"].query("issue_id == first_issue_id")["issue_id"])
    for key, code in agreed.items():
        if key[1] in kept and key not in decided.index and now.loc[key, "code"] != code:
            wrong.append(f"{'|'.join(key)}: stands at {now.loc[key, 'code']}, both codings have {code}")
    return wrong


#: Cells on which the held-out coding differs by one step: the anchors of a ceasefire lie close together there.
_HELD_OUT_DIFFERS = {("EU_24PT25", "C01")}


@crosscheck("deals.provisions_heldout", "deals.provisions")
def held_out_coding_agrees(tables: Tables) -> list[str]:
    """The held-out coding equals the stored one on every cell that both coded, but for the differences listed (one step)."""
    both = tables["deals.provisions_heldout"].merge(tables["deals.provisions"], on=_CELL, suffixes=("", "_now"))
    wrong = []
    for row in both.dropna(subset=["code", "code_now"]).itertuples():
        allowed = 1 if (row.proposal_id, row.issue_id) in _HELD_OUT_DIFFERS else 0
        if abs(row.code - row.code_now) != allowed:
            wrong.append(f"{row.proposal_id}|{row.issue_id}: held-out {row.code}, stored {row.code_now}")
    return wrong


@crosscheck("deals.oblast_terms", "deals.provisions")
def oblast_status_follows_the_codes(tables: Tables) -> list[str]:
    """The status of a unit in a text is one that the code of its issue allows; silent and unseen go together."""
    rows = tables["deals.oblast_terms"].merge(tables["deals.provisions"], on=_CELL, suffixes=("", "_cell"))
    wrong = []
    for row in rows.itertuples():
        if row.status == "unverified" or row.issue_id not in ("T01", "T02", "T03", "T04", "T05", "T06"):
            continue
        table = _STATUS_OF_CODE[{"T01": "T01", "T06": "T06"}.get(row.issue_id, "T02")]
        if row.coding_status == "coded":
            fits = row.term in table.get(int(row.code), set())
        else:
            fits = row.term == {"silent": "not mentioned", "unseen": "unseen"}[row.coding_status]
        if not fits:
            wrong.append(f"{row.proposal_id}|{row.unit_iso}: {row.term!r}, but {row.issue_id} is {row.code}")
    return wrong


@crosscheck("deals.numbers", "deals.provisions")
def force_caps_fit_the_codes(tables: Tables) -> list[str]:
    """A cap that a text names is the one its code on the size of forces stands for."""
    step = {250_000: -2, 600_000: -1, 800_000: 1}
    caps = tables["deals.numbers"].query("quantity == 'force cap' and stated_in == 'text'")
    code = tables["deals.provisions"].query("issue_id == 'S05'").set_index("proposal_id")["code"]
    return [f"{r.proposal_id}: cap {r.value:,.0f}, code {code[r.proposal_id]}" for r in caps.itertuples()
            if step.get(int(r.value)) != code[r.proposal_id]]  # fmt: skip


# --- actors ------------------------------------------------------------------------------

#: Rows of actors.positions that stand for a text of the talks; the grid holds what was said.
POSITIONS_OF_TEXTS = {"russia-t01-20250602", "us-t01-20250417", "us-t01-20251120"}
#: The week of the article, first and last day.
WEEK = ("2025-04-17", "2025-04-26")
#: Steps of the week that stand among the events too, on the same day.
WEEK_EVENTS = {"w01": "EV091", "w03": "EV014", "w04": "EV141", "w06": "EV094", "w08": "EV015", "w10": "EV095", "w11": "EV016",
               "w15": "EV017", "w17": "EV142", "w20": "EV144", "w21": "EV020", "w22": "EV019", "w24": "EV021"}  # fmt: skip
#: Meetings of Witkoff and Putin in 2025 up to the day, as RFE/RL and Reuters counted them.
WITKOFF_PUTIN = ("2025-04-25", 4)


def grid_party(actors: pd.DataFrame) -> pd.Series:
    """Actor of the position grid for each row of `actors.actors` (index kept); missing for all others."""
    party = actors["side"].where(actors["side"].isin(["US", "UA", "RU"]))
    bodies = (actors["actor_id"] == "eu") | (actors["organisation"] == "European Union")
    party = party.mask(bodies & (actors["side"] == "EU"), "EU")
    own = (actors["actor_id"] == "e3") | (
        actors["country"].isin(["GB", "FR", "DE"]) & actors["side"].isin(["EU", "UK"])
    )
    return party.mask(own, "E3")


def grid_period(date: str) -> str:
    """Period of the grid in which an EDTF date lies; a month stands for its middle."""
    day = date.split("/")[0].rstrip("~?")
    day = day if len(day) == 10 else f"{day}-15"
    return "before" if day < WEEK[0] else "week" if day <= WEEK[1] else "last"


def last_statement(said: pd.DataFrame) -> str | None:
    """Id of the statement a cell of the grid holds: the last coded one, else the last one; None if there is none."""
    if said.empty:
        return None
    coded = said[said["code"].notna()]
    said = coded if len(coded) else said
    return (
        said.assign(day=said["date"].str.split("/").str[0].str.rstrip("~?"))
        .sort_values("day", kind="stable")["id"]
        .iloc[-1]
    )


@crosscheck("actors.position_grid", "actors.positions", "actors.actors")
def the_grid_of_positions_is_full(tables: Tables) -> list[str]:
    """Every actor, issue and period has its cell, and the cell holds the last coded statement the table has."""
    grid, said = tables["actors.position_grid"], tables["actors.positions"]
    said = said[(said["status"] != "unverified") & ~said["id"].isin(POSITIONS_OF_TEXTS)]
    party = grid_party(tables["actors.actors"]).set_axis(tables["actors.actors"]["actor_id"])
    said = said.assign(party=said["actor_id"].map(party), period=said["date"].map(grid_period))
    key = ["party", "issue_id", "period"]
    full = {
        (p, i, t)
        for p in ("US", "UA", "RU", "EU", "E3")
        for i in ("T01", "T02", "S01", "S03", "E02", "E03")
        for t in ("before", "week", "last")
    }
    wrong = [
        f"{'|'.join(cell)}: cell missing" for cell in sorted(full - set(grid[key].itertuples(index=False, name=None)))
    ]
    cells = dict(tuple(said.groupby(key)))
    for row in grid.itertuples():
        want = last_statement(cells.get((row.party, row.issue_id, row.period), said.iloc[:0]))
        have = None if pd.isna(row.position_id) else row.position_id
        if have != want:
            wrong.append(f"{row.party}|{row.issue_id}|{row.period}: holds {have}, the last coded statement is {want}")
    return wrong


@crosscheck("actors.positions")
def positions_are_named_by_their_parts(tables: Tables) -> list[str]:
    """The id of a statement is its actor, issue and date."""
    said = tables["actors.positions"]
    want = (
        said["actor_id"]
        + "-"
        + said["issue_id"].str.lower()
        + "-"
        + said["date"].str.replace(r"[^0-9]", "", regex=True)
    )
    return [f"{have}: parts say {name}" for have, name in zip(said["id"], want, strict=True) if have != name]


@crosscheck("actors.positions_second", "actors.positions")
def the_second_coding_is_in_force(tables: Tables) -> list[str]:
    """The code kept after both codings is the code of the statement; a change since then needs its own coding."""
    now = tables["actors.positions"].set_index("id")["code"].astype("Float64")
    kept = tables["actors.positions_second"].set_index("id")["code"].astype("Float64")
    here = now.reindex(kept.index)
    differ = ~((here == kept).fillna(False) | (here.isna() & kept.isna()))
    return [f"{i}: code {here[i]}, the adjudicated one is {kept[i]}" for i in kept.index[differ]]


@crosscheck("actors.participants", "actors.events", "actors.actors")
def participants_fit_their_events(tables: Tables) -> list[str]:
    """Each event has a participant, each call two persons; delegations are no persons; a published count holds."""
    kind = tables["actors.actors"].set_index("actor_id")["type"]
    rows = tables["actors.participants"].merge(
        tables["actors.events"][["event_id", "type", "date"]], on="event_id", how="outer", indicator=True
    )
    wrong = [f"{e}: no participant" for e in rows.loc[rows["_merge"] == "right_only", "event_id"]]
    rows = rows[rows["_merge"] == "both"]
    person = rows["actor_id"].map(kind) == "person"
    bad = rows[((rows["basis"] == "named") & ~person) | ((rows["basis"] == "delegation") & person)]
    wrong += [f"{r.event_id}|{r.actor_id}: basis {r.basis} of a {kind[r.actor_id]}" for r in bad.itertuples()]
    persons = rows[person].groupby("event_id").size()
    calls = tables["actors.events"].query("type == 'call'")["event_id"]
    wrong += [f"{e}: a call with fewer than two persons" for e in calls if persons.get(e, 0) < 2]
    day, count = WITKOFF_PUTIN
    named = rows[(rows["basis"] == "named") & rows["type"].isin(["visit", "meeting"]) & (rows["date"].str[:10] <= day)]
    both = named[named["actor_id"].isin(["witkoff", "putin"])].groupby("event_id").size()
    if (both == 2).sum() != count:
        wrong.append(f"Witkoff and Putin meet {(both == 2).sum()} times up to {day}, published: {count}")
    return wrong


@crosscheck("actors.week", "actors.events")
def the_week_runs_in_order(tables: Tables) -> list[str]:
    """Steps of the week stand in order of time, and those among the events have their day there too."""
    week = tables["actors.week"].sort_values("id")
    wrong = [
        f"{a.id}, {b.id}: out of order"
        for a, b in zip(week.iloc[:-1].itertuples(), week.iloc[1:].itertuples(), strict=True)
        if b.date < a.date
    ]
    if list(week["id"]) != [f"w{n:02d}" for n in range(1, len(week) + 1)]:
        wrong.append("ids of the steps have a gap")
    timed = week[week["utc"].notna()]
    at = timed["date"].dt.strftime("%Y-%m-%d ") + timed["utc"]
    wrong += [f"{i}: hours out of order" for i in timed["id"][at < at.cummax()]]
    days = tables["actors.events"].set_index("event_id")["date"].str[:10]
    for step, event in WEEK_EVENTS.items():
        here = week.loc[week["id"] == step, "date"].dt.strftime("%Y-%m-%d")
        if here.empty or event not in days or here.iloc[0] != days[event]:
            wrong.append(f"{step}: not on the day of {event}")
    return wrong


@crosscheck("actors.roles", "actors.actors", "actors.participants")
def roles_belong_to_persons(tables: Tables) -> list[str]:
    """Only persons hold roles, and each person who took part in an event has one."""
    kind = tables["actors.actors"].set_index("actor_id")["type"]
    persons = [a for a in tables["actors.participants"]["actor_id"].unique() if kind.get(a) == "person"]
    without = sorted(set(persons) - set(tables["actors.roles"]["actor_id"]))
    return [f"{a}: took part and has no role" for a in without] + [
        f"{a}: a {kind.get(a)} holds a role"
        for a in tables["actors.roles"]["actor_id"].unique()
        if kind.get(a) != "person"
    ]


@crosscheck("actors.votes_by_country", "actors.votes")
def complete_votes_have_the_same_members(tables: Tables) -> list[str]:
    """Complete lists of the Assembly hold the same members, each named by one code; what reports say of the powers holds."""
    rows = tables["actors.votes_by_country"]
    complete = tables["actors.votes"].query("complete == 'yes' and organ != 'UNSC'")["resolution"]
    members = {r: frozenset(rows.loc[rows["resolution"] == r, "country"]) for r in complete}
    wrong = [f"{r}: other members than {complete.iloc[0]}" for r in complete if members[r] != members[complete.iloc[0]]]
    codes = rows.groupby(rows["name_in_source"].str.casefold())["country"].nunique()
    wrong += [f"{name}: stands for {n} countries" for name, n in codes[codes > 1].items()]
    vote = rows.set_index(["resolution", "country"])["vote"]
    for key, want in KNOWN_VOTES.items():
        if vote.get(key) != want:
            wrong.append(f"{key[0]}|{key[1]}: {vote.get(key)}, reported: {want}")
    return wrong


#: Votes of the two powers, which reports name one by one.
KNOWN_VOTES = {
    ("A/RES/68/262", "USA"): "yes", ("A/RES/68/262", "RUS"): "no",
    ("A/RES/ES-11/1", "USA"): "yes", ("A/RES/ES-11/1", "RUS"): "no",
    ("A/RES/ES-11/7", "USA"): "no", ("A/RES/ES-11/7", "RUS"): "no",
    ("A/RES/ES-11/8", "USA"): "abstain", ("A/RES/ES-11/8", "RUS"): "no",
    ("S/RES/2774", "USA"): "yes", ("S/RES/2774", "RUS"): "yes",
}  # fmt: skip


@crosscheck("actors.legal", "actors.votes", "actors.recognitions")
def legal_rows_fit_the_votes(tables: Tables) -> list[str]:
    """Legal rows on texts of the United Nations name a vote of the record with its totals; the US row has the day of its declaration."""
    votes = tables["actors.votes"].set_index("resolution")
    wrong = []
    for r in tables["actors.legal"].itertuples():
        if not (name := re.fullmatch(r"(UNGA|UNSC) (\S+)", r.concept)):
            continue
        key = f"{'A' if name[1] == 'UNGA' else 'S'}/RES/{name[2]}"
        if r.concept_id != f"{name[1]}-{name[2]}".lower().replace("/", "-") or key not in votes.index:
            wrong.append(f"{r.concept_id}: {r.concept} is not among the votes")
            continue
        told = re.search(r"adopted (\d+)-(\d+)-(\d+)", str(r.context))
        if told and [int(n) for n in told.groups()] != list(votes.loc[key, ["yes", "no", "abstain"]]):
            wrong.append(f"{r.concept_id}: {told[0]}, votes: {list(votes.loc[key, ['yes', 'no', 'abstain']])}")
    own = tables["actors.recognitions"].set_index("country")["as_of"].get("USA", "")
    said = tables["actors.legal"].set_index("concept_id")["definition"].get("crimea-declaration", "")
    if not (day := re.search(r"\d+ \w+ \d{4}", said)) or pd.Timestamp(day[0]) != pd.Timestamp(own):
        wrong.append(f"crimea-declaration: {day and day[0]}, recognitions have {own}")
    return wrong


@crosscheck("actors.recognitions", "actors.votes_by_country")
def votes_in_notes_are_votes_of_the_record(tables: Tables) -> list[str]:
    """A note that a state voted no on a text says what the lists say."""
    votes = tables["actors.votes_by_country"].set_index(["resolution", "country"])["vote"]
    return [
        f"{r.state_or_body}: no on {text}, the list has {votes.get((f'A/RES/{text}', r.country))}"
        for r in tables["actors.recognitions"].itertuples()
        if (told := re.search(r"voted no on (\S+?)(?: and (\S+))?$", str(r.note)))
        for text in told.groups()
        if text and votes.get((f"A/RES/{text}", r.country)) != "no"
    ]


@crosscheck("actors.events", "actors.votes")
def votes_among_the_events_fit_the_votes(tables: Tables) -> list[str]:
    """An event that is a vote has the day of a vote, and totals in its title are those of that day; each vote since 2025 is an event."""
    votes = tables["actors.votes"].assign(day=tables["actors.votes"]["date"].dt.strftime("%Y-%m-%d"))
    rows = tables["actors.events"].query("type == 'vote'")
    wrong = []
    for r in rows.itertuples():
        of_day = votes[votes["day"] == r.date]
        told = re.search(r"(\d+)-(\d+)-(\d+)$", r.title)
        totals = set(of_day[["yes", "no", "abstain"]].itertuples(index=False, name=None))
        if of_day.empty or (told and tuple(int(n) for n in told.groups()) not in totals):
            wrong.append(f"{r.event_id}: {r.date}, {told and told[0]}; votes of the day: {sorted(totals)}")
    late = votes[(votes["day"] >= "2025") & ~votes["day"].isin(rows["date"])]
    return wrong + [f"{r.resolution}: no event on {r.day}" for r in late.itertuples()]


@crosscheck("actors.recognitions")
def recognitions_fit_their_stance(tables: Tables) -> list[str]:
    """Whether a state recognises follows from the kind of stance documented."""
    rows = tables["actors.recognitions"]
    fits = {
        "claims sovereignty": {"yes"},
        "support reported": {"reported"},
        "support claimed": {"unknown"},
        "non-recognition policy": {"no"},
    }
    return [
        f"{r.state_or_body}: {r.stance}, recognised {r.recognised}"
        for r in rows.itertuples()
        if r.recognised not in fits[r.stance]
    ]


# --- sources -----------------------------------------------------------------------------

#: Addresses that carry another day than the text, each looked at: a page kept up to date since,
#: or the first of several versions.
URL_DAY_DIFFERS = {"congressional-research-s-20190111", "crs-r45618-20190801", "make-uk-20250801"}
#: Titles that share less than two words with a worded address, each looked at, by the reason.
TITLE_UNLIKE_URL = {
    # the address is in another language, or its Latin letters, and says what the title says
    "112-ua-202512", "fakti-bg-202504", "hromadske-20250425", "informare-20231207", "inkorr-202606",
    "komersant-ua-20251023", "komersant-ukrainian-20250423", "mission-of-ukraine-to-th-2021", "mts-kg-202512",
    "novyny-20250325", "novyny-cnn-20250212", "open-kg-20251224", "open-kg-20260107", "president-of-ukraine-20260106",
    "president-of-ukraine-20260106-2", "president-of-ukraine-202609", "president-of-ukraine-20260906",
    "president-of-ukraine-20260907", "state-dept-jeddah-20250311", "vna-20251103",
    # the address is made of numbers, of keywords, or of the name of the volume or section
    "congressional-research-s-20190111", "mfa-fr-20230225", "politico-europe-20250428", "pravda-ru-20250710",
    "upi-20250809", "us-statutes-at-large-19331226",
    # seen so: this is the title, and its address says the same in other words
    "cbs-news-202608", "parabolic-arc-20160901",
    # not settled: address and title tell of the same day in other words, and the page was not found again
    "kyiv-independent-202512", "newstalk-zb-20251120", "upday-20250224",
}  # fmt: skip


def url_words(url: str) -> set[str]:
    """Words (four Latin letters or more) of the part of an address that is worded most, if it has four of them."""
    parts = [p for p in url.split("?")[0].split("/")[3:] if sum(map(p.count, "-_+")) >= 3]
    words = max((set(re.findall(r"[a-z]{4,}", p.lower())) for p in parts), key=len, default=set())
    return words if len(words) >= 4 else set()


@crosscheck("sources", "publishers")
def addresses_agree_with_their_rows(tables: Tables) -> list[str]:
    """An address lies with its publisher, carries the day of the text and words of its title; no publisher is idle."""
    sources, publishers = tables["sources"], tables["publishers"]
    wrong = [f"publisher {n!r} has no source" for n in sorted(set(publishers["name"]) - set(sources["publisher"]))]
    domains = publishers.set_index("name")["domains"].dropna().str.split(";")
    for row in sources.dropna(subset="url").itertuples():
        host = row.url.split("/")[2].lower().split(":")[0].rstrip(".")
        known = domains.get(row.publisher, [])
        if known and not any(host == d or host.endswith("." + d) for d in known):
            wrong.append(f"{row.id}: {host} is no domain of {row.publisher!r}")
        found = re.search(r"(20\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d)", row.url)
        if found and isinstance(row.published, str) and len(row.published) == 10 and row.id not in URL_DAY_DIFFERS:
            day = pd.to_datetime("-".join(found.groups()), errors="coerce")
            if abs((pd.Timestamp(row.published) - day).days) > 1:
                wrong.append(f"{row.id}: published {row.published}, its address says {day:%Y-%m-%d}")
        words = url_words(row.url) if row.language == "en" and row.id not in TITLE_UNLIKE_URL else set()
        if words and len(words & set(re.findall(r"[a-z]{4,}", row.title.lower()))) < 2:
            wrong.append(f"{row.id}: title and address share less than two words")
    return wrong


# --- what the codings and measures leave no room for --------------------------------------

#: Rows of the first coding that carry no code.
FIRST_UNCODED = 36
#: A map that was drawn as the one before, though the archive holds one in between that was set aside.
REPEATS_UNSEEN = {"20260617.json"}
#: Launches whose tags do not follow the days in the catalogue.
TAGGED_LATE = {"1958 ETA", "1959 MU", "1959-F06", "2005-F04", "2023-F10"}


@crosscheck("deals.adjudications", "deals.provisions_first", "deals.provisions_second", "deals.issues_first")
def adjudications_repeat_both_codings(tables: Tables) -> list[str]:
    """What was decided between stands in the codings; where both codings differ by code, somebody decided."""
    raw = {n: tables[f"deals.provisions_{n}"].set_index(_CELL) for n in ("first", "second")}
    wrong, decided = [], set()
    for row in tables["deals.adjudications"].itertuples():
        was = (row.proposal_id, row.first_issue_id)
        decided.add(was)
        for n, cells in raw.items():
            have = (getattr(row, f"{n}_status"), getattr(row, f"{n}_code"))
            here = [
                (cells.at[k, "coding_status"], cells.at[k, "code"]) if k in cells.index else ("no row", pd.NA)
                for k in (was, (row.proposal_id, row.issue_id))
            ]
            if not any(status == have[0] and (code == have[1] if pd.notna(code) and pd.notna(have[1]) else pd.isna(code) and pd.isna(have[1]))
                       for status, code in here):  # fmt: skip
                wrong.append(f"{row.proposal_id}|{row.issue_id}: the {n} coding has {here[0]}, noted is {have}")
    both = raw["first"].join(raw["second"], how="inner", suffixes=("_one", "_other"))
    differ = both.dropna(subset=["code_one", "code_other"]).query("code_one != code_other").index
    known = set(tables["deals.issues_first"]["issue_id"])
    return wrong + [f"{p}|{i}: the codings differ, and nobody decided" for p, i in differ if (p, i) not in decided and i in known]  # fmt: skip


@crosscheck("deals.provisions_first", "deals.provisions_second", "deals.provisions_heldout", "deals.oblast_terms",
            "deals.issues", "deals.issues_first", "deals.proposals")  # fmt: skip
def codings_leave_nothing_out(tables: Tables) -> list[str]:
    """Each coding has one row for every text and issue it covers; the terms, one for every text and unit."""
    wrong = []
    for name, other, among in (
        ("provisions_second", "issue_id", tables["deals.issues_first"]["issue_id"]),
        ("provisions_heldout", "issue_id", tables["deals.issues"]["issue_id"]),
        ("oblast_terms", "unit_iso", tables["deals.oblast_terms"]["unit_iso"]),
    ):
        rows, want = tables[f"deals.{name}"], set(among)
        wrong += [f"deals.{name}: {text} lacks {sorted(want ^ set(have))[0]}" for text, have in
                  rows.groupby("proposal_id")[other] if set(have) != want]  # fmt: skip
    first = tables["deals.provisions_first"]
    if len(first) != 259 or first["coding_status"].ne("coded").sum() != FIRST_UNCODED:
        wrong.append(f"deals.provisions_first: {len(first)} rows, the frozen first coding has 259")
    lost = set(tables["deals.oblast_terms"]["proposal_id"]) ^ set(tables["deals.proposals"]["proposal_id"])
    return wrong + [f"deals.oblast_terms: {text}" for text in sorted(lost)]


#: What each quantity of a text is counted in.
QUANTITY_UNITS = {
    "answer date": set(), "reference date": set(), "approval period": {"days"}, "area asked": {"km2"}, "area offered": {"km2"},
    "bodies returned": {"persons"}, "ceasefire delay": {"hours"}, "ceasefire length": {"days"}, "consultation period": {"days"},
    "election deadline": {"days"}, "force cap": {"persons"}, "frozen reserves": {"USD billion"},
    "list length": {"articles", "minerals"}, "profit share": {"percent"}, "reconstruction sum": {"USD billion"},
    "revenue share": {"percent"}, "share of power": {"percent"}, "talks period": {"years"},
}  # fmt: skip


@crosscheck("deals.numbers")
def quantities_have_their_units(tables: Tables) -> list[str]:
    """A quantity is counted in its own unit; shares stay below 100, periods of days below a year."""
    wrong = []
    for row in tables["deals.numbers"].itertuples():
        units = QUANTITY_UNITS.get(row.quantity, {row.unit})
        if (pd.notna(row.unit) or units) and row.unit not in units:
            wrong.append(f"{row.id}: {row.quantity} in {row.unit}")
        most = {"percent": 100, "days": 366, "years": 100, "hours": 100}.get(row.unit)
        if most and row.value > most:
            wrong.append(f"{row.id}: {row.value:g} {row.unit}")
    return wrong


@crosscheck("territory.distances", "territory.frontline", "territory.control_monthly", "territory.observations",
            "territory.places")  # fmt: skip
def measures_are_complete_and_rest_on_maps(tables: Tables) -> list[str]:
    """Every place and width on every day measured, every unit in every month, each from a map in use."""
    seen = tables["territory.observations"]
    used = set(seen.loc[seen["used"] == "yes", ["source", "date"]].itertuples(index=False, name=None))
    wrong = []
    for name, part, days, columns in (
        ("distances", "place_id", ["date", "source"], ["observed_on"]),
        ("frontline", "width_km", ["date", "source"], ["observed_on"]),
        ("control_monthly", "unit_iso", ["source", "month"], ["boundary_start", "boundary_end"]),
    ):
        rows = tables[f"territory.{name}"]
        by = rows.groupby(days)[part].agg(frozenset)
        kinds = by.groupby(level="source") if name == "control_monthly" else [("", by)]
        for _, sets in kinds:
            usual = sets.mode().iloc[0]
            wrong += [f"{name}, {' '.join(str(v)[:10] for v in key)}: {sorted(usual ^ have)[0]}" for key, have in sets[sets != usual].items()]  # fmt: skip
        for column in columns:
            lost = [pair for pair in rows[["source", column]].drop_duplicates().itertuples(index=False, name=None) if pair not in used]  # fmt: skip
            wrong += [f"{name}: no map of {s} in use on {d:%Y-%m-%d}" for s, d in lost]
    if set(tables["territory.distances"]["place_id"]) != set(tables["territory.places"]["place_id"]):
        wrong.append("distances: other places than in territory.places")
    months = tables["territory.control_monthly"].groupby("source")["month"].unique()
    for source, have in months.items():
        periods = pd.PeriodIndex(sorted(have), freq="M")
        if len(periods) != (periods[-1] - periods[0]).n + 1:
            wrong.append(f"control_monthly: {source} lacks a month")
    return wrong


@crosscheck("territory.observations")
def observations_follow_their_files(tables: Tables) -> list[str]:
    """Day and hour are those in the file's name; the same drawing has the same numbers, and repeats if it comes next."""
    rows = tables["territory.observations"]
    named = rows["file"].str.extract(r"(\d{4})(\d{2})(\d{2})\.")
    day = pd.to_datetime(named[0] + "-" + named[1] + "-" + named[2], errors="coerce")
    moment = pd.to_datetime(pd.to_numeric(rows["file"].str.extract(r"(\d{9,10})\.geojson$")[0]), unit="s")
    history = rows["source"] == "deepstate-history"
    off = (day.where(~history, moment.dt.normalize()) != rows["date"]) | (rows["observed_at"].str[:10] != rows["date"].dt.strftime("%Y-%m-%d"))  # fmt: skip
    off |= history & (moment.dt.strftime("%Y-%m-%dT%H:%M:%SZ") != rows["observed_at"])
    wrong = [f"{r.file}: dated {r.date:%Y-%m-%d}" for r in rows[off].itertuples()]
    for key, columns in (("geometry_id", ["parts", "parts_repaired", "drawn_km2", "units_km2"]),
                         ("file_id", ["parts", "strays", "settled_by_colour", "name_colour_conflicts"])):  # fmt: skip
        several = rows.groupby(key)[columns].nunique() > 1
        wrong += [f"{key} {name}: one drawing, two counts" for name in several.index[several.any(axis=1)]]
    ordered = rows.sort_values(["source", "date", "file"])
    ordered = ordered[ordered["geometry_id"].notna()]
    again = ordered["geometry_id"] == ordered.groupby("source")["geometry_id"].shift()
    wrong += [f"{f}: repeats_previous is wrong" for f in ordered.loc[again != (ordered["repeats_previous"] == "yes"), "file"] if f not in REPEATS_UNSEEN]  # fmt: skip
    owl = rows["source"] == "owl"
    no = rows.loc[(rows["source"] != "deepstate-history"), ["settled_by_colour", "name_colour_conflicts", "strays"]].fillna(0)  # fmt: skip
    if no.to_numpy().any():
        wrong.append("only the history has names and colours")
    held = rows["parts"].fillna(0) >= rows["parts_repaired"].fillna(0)
    return wrong + [f"{f}: more parts repaired than drawn" for f in rows.loc[~held & ~owl, "file"]]


@crosscheck(
    "territory.outlines", "territory.land_areas", "territory.places", "territory.units", "territory.grid_change"
)
def shapes_hold_what_lies_in_them(tables: Tables) -> list[str]:
    """Outlines have their unit's land area within half a per cent; places lie in their unit, within a kilometre; a
    cell holds no more land than its H3 hexagon on the sphere, and inland as much (within 0.5 per cent)."""
    import h3
    import pyproj
    import shapely

    geod, outlines = pyproj.Geod(ellps="WGS84"), tables["territory.outlines"].set_index("unit_iso")["wkt"]
    shapes = {iso: shapely.from_wkt(wkt) for iso, wkt in outlines.items()}
    land = tables["territory.land_areas"].set_index("unit_iso")["ne_land_km2"]
    wrong = [f"outlines: {i}" for i in sorted(set(shapes) ^ set(tables["territory.units"]["unit_iso"]))]
    for iso, shape in shapes.items():
        if not shape.is_valid or abs(abs(geod.geometry_area_perimeter(shape)[0]) / 1e6 / land[iso] - 1) > 0.005:
            wrong.append(f"outlines: {iso} is not valid, or has another area than its land")
    for place in tables["territory.places"].itertuples():
        if place.unit_iso in shapes and shapes[place.unit_iso].distance(shapely.Point(place.lon, place.lat)) > 0.01:
            wrong.append(f"places: {place.place_id} lies outside {place.unit_iso}")
    grid = tables["territory.grid_change"]
    ratio = grid["land_km2"] / grid["h3"].map(lambda cell: h3.cell_area(cell, "km^2"))
    wrong += [f"grid_change: {c} holds more land than its hexagon" for c in grid.loc[ratio > 1.005, "h3"]]
    whole = shapely.union_all([shape.buffer(-0.1) for shape in shapes.values()])
    points = shapely.points([h3.cell_to_latlng(c)[::-1] for c in grid["h3"]])
    shapely.prepare(whole)
    inland = shapely.contains(whole, points)
    return wrong + [f"grid_change: {c} lies inland and holds less than its hexagon" for c in grid.loc[inland & (ratio.to_numpy() < 0.995), "h3"]]  # fmt: skip


@crosscheck("territory.published_figures")
def figures_are_named_by_their_parts(tables: Tables) -> list[str]:
    """The id of a figure carries day and measure; an estimator is of one kind."""
    rows, wrong = tables["territory.published_figures"], []
    for row in rows.itertuples():
        if row.as_of.split("/")[0].rstrip("~?") not in row.id or row.metric.replace("_", "-") not in row.id:
            wrong.append(f"{row.id}: day {row.as_of} or measure {row.metric} is another")
    kinds = rows.groupby("estimator")["estimator_kind"].nunique()
    return wrong + [f"{name}: more than one kind" for name in kinds.index[kinds > 1]]


@crosscheck("territory.units")
def official_areas_agree(tables: Tables) -> list[str]:
    """The area of 2003 in thousands is the official one, rounded; all units add up to 603,540 km2."""
    rows = tables["territory.units"]
    off = (rows["official_km2"] / 1000 - rows["official_2003_thousand_km2"]).abs() > 0.07
    wrong = [f"{u}: the two areas differ" for u in rows.loc[off, "unit_iso"]]
    return wrong + ([] if rows["official_km2"].sum() == 603540 else ["the units add up to another area"])


@crosscheck("space.launches")
def failures_follow_the_days(tables: Tables) -> list[str]:
    """Tags of failed and of early launches are given in order of launch too, and begin with the year."""
    rows = tables["space.launches"]
    parts = rows["launch_tag"].str.extract(r"^(\d{4})(?:-([FU])(\d+)| (.*?)(\d*))$")
    rows = rows.assign(year=parts[0], series=parts[1], n=pd.to_numeric(parts[2]))
    wrong = rows[rows["year"].notna() & (rows["year"] != rows["date"].dt.strftime("%Y"))]
    found = [f"{t}: the tag begins with another year" for t in wrong["launch_tag"]]
    greek = ["ALP", "BET", "GAM", "DEL", "EPS", "ZET", "ETA", "THE", "IOT", "KAP", "LAM", "MU", "NU", "XI", "OMI", "PI", "RHO",
             "SIG", "TAU", "UPS", "PHI", "CHI", "PSI", "OME"]  # fmt: skip
    place = {letters: n for n, letters in enumerate([*greek, *(f"A {g}" for g in greek), *(f"B {g}" for g in greek)])}
    early = parts[3].map(place)
    rows.loc[early.notna(), ["series", "n"]] = pd.DataFrame({"series": "greek", "n": early[early.notna()]})
    rows = rows.dropna(subset="n").sort_values(["series", "year", "n"])
    back = rows.groupby(["series", "year"])["date"].diff().dt.days < 0
    return found + [f"{t}: dated before the launch tagged earlier" for t in rows.loc[back, "launch_tag"] if t not in TAGGED_LATE]  # fmt: skip


@crosscheck("corrections")
def corrections_are_counted(tables: Tables) -> list[str]:
    """Corrections count from one without a gap, and their days do not fall."""
    rows = tables["corrections"]
    wrong = [] if rows["n"].tolist() == list(range(1, len(rows) + 1)) else ["the numbers have a gap"]
    return wrong + ([] if rows["date"].is_monotonic_increasing else ["the days fall"])


@crosscheck("audit", "corrections", named_in=("audit", "table"))
def audited_rows_stand(tables: Tables) -> list[str]:
    """Each audited row is in its table, or a correction says that it was removed; every number of the draw is there."""
    rows, wrong = tables["audit"], []
    gone = tables["corrections"].query("new == 'row removed'")
    gone = set(zip(gone["table"], gone["key"], strict=True))
    for row in rows.itertuples():
        if row.table not in tables:
            wrong.append(f"{row.id}: no table {row.table!r}")
            continue
        key = tables[row.table][resource(row.table)["schema"]["primaryKey"]]
        parts = key.apply(
            lambda c: c.dt.strftime("%Y-%m-%d") if pd.api.types.is_datetime64_any_dtype(c) else c.astype("str")
        )
        if row.key not in set(parts.agg("|".join, axis=1)) and (row.table, row.key) not in gone:
            wrong.append(f"{row.id}: {row.table} has no row {row.key!r}")
    numbers = rows["id"].str[1:].astype(int).tolist()
    return wrong + ([] if numbers == list(range(1, len(rows) + 1)) else ["the numbers of the draw have a gap"])


@crosscheck("deals.proposals", "sources")
def texts_have_a_source_of_their_month(tables: Tables) -> list[str]:
    """A text was published in a month in which one of its sources appeared, and not before its own day."""
    published, wrong = tables["sources"].set_index("id")["published"], []
    for row in tables["deals.proposals"].dropna(subset="published").itertuples():
        if not any(str(published.get(i)).startswith(row.published[:7]) for i in row.source_ids.split(";")):
            wrong.append(f"{row.proposal_id}: published {row.published}, but no source of that month")
        if row.published[:7] < row.date[:7]:
            wrong.append(f"{row.proposal_id}: published before it was dated")
    return wrong


@crosscheck("bench")
def measures_add_up(tables: Tables) -> list[str]:
    """The parts of the book make the whole, and those of the floor the floor; the ratio is that of the two."""
    rows = tables["bench"]
    value = rows.set_index(["part", "what"])["value"]
    if not value.index.is_unique:
        return ["a thing is measured twice"]
    book, floor = value["book"], value["floor"]
    parts = book.drop(["together", "ratio to the floor"])
    wrong = [] if abs(parts.sum() - book["together"]) < 0.01 * len(parts) else ["the parts are not the whole"]
    if abs(book["together"] / floor["together"] - book["ratio to the floor"]) > 0.01:
        wrong.append("the ratio is not that of the whole to its floor")
    # Two workers run the notebooks; all else of the floor follows one after the other.
    notebooks = sum(int(n) for what in parts.index for n in re.findall(r"execution of (\d+) notebooks", what))
    kernel = floor["a kernel and its imports"]
    rest = floor.drop(["together", "a kernel and its imports"])
    if abs(notebooks / 2 * kernel + rest.sum() - floor["together"]) > 0.01 * (notebooks + len(rest)):
        wrong.append("the parts of the floor are not the floor")
    if floor["together"] >= book["together"]:
        wrong.append("the floor lies above the whole")
    return wrong
