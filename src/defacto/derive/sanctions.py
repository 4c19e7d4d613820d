"""EU listings, vessels and banks from a transcription of the Official Journal, and OFAC entries by month.

Counts only: names of persons and firms are read to be counted and never leave this module;
the names of ports, airports and refineries do. The transcription holds what was in force when
it was made, so entries delisted before then are missing from every earlier date (survivors).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from defacto.derive.archive import Archive, DerivationError
from defacto.derive.recipe import write_tables
from defacto.derive.registry import pins
from defacto.derive.rows import text_rows

#: The two upstreams in the registry.
JOURNAL, OFAC = "eu-journal", "ofac-panel"

#: The two regulations in the text consolidated on this day, and the later acts transcribed with them.
CONSOLIDATED = "2026-07-17"
FREEZES, SECTORS = "32014R0269", "32014R0833"
LATER_FREEZES, LATER_SECTORS = ("32026R1843", "32026R1940"), ("32026R1848",)

_JOURNAL_SOURCE, _OFAC_SOURCE = "opensanctions-20260822", "jeff-allen-20260331"
_REGIMES = {FREEZES: "Territorial integrity (asset freezes)", SECTORS: "Sectoral measures"}
_KINDS = {"I.PERSONS": "persons", "I.ENTITIES": "entities"}
_MEASURES = {
    "Asset freeze": "asset_freeze", "Financial restrictions": "financial", "Export control": "export_control",
    "Investment ban": "investment_ban", "Transportation restrictions": "transport", "Services ban": "services_ban",
}  # fmt: skip
_ENTRY_TYPES = {"Person": "person", "Company": "company", "LegalEntity": "legal_entity", "Asset": "asset",
                "Vessel": "vessel"}  # fmt: skip

#: Annexes of Regulation 833/2014 counted by date: what their entries are, and what the annex does to them.
DATED = {
    "XIV": ("bank", "no specialised financial messaging (SWIFT), Art. 5h; since the 18th package also a "
                    "transaction ban"),
    "XLIV": ("bank", "transaction ban, banks outside Russia that use SPFS or similar"),
    "XLV.A": ("bank_crypto_payment", "transaction ban, part A: financial, crypto and payment providers outside the EU"),
    "XLV.B": ("bank_crypto_payment", "transaction ban, part B: financial, crypto and payment providers that support "
                                     "the war by trade finance"),
    "XLV.C": ("trader", "transaction ban, part C: others that frustrate the oil measures"),
    "XLV.D": ("payment_agent", "transaction ban, part D"),
    "XLIX": ("software_firm", "transaction ban, firms listed in Annex XLIX"),
    "LIII": ("crypto_asset", "transaction ban on a crypto-asset or digital currency"),
    "XLVII.A": ("port", "transaction ban on ports and locks in Russia, Art. 5ae"),
    "XLVII.B": ("airport", "transaction ban on airports in Russia, Art. 5ae"),
    "XLVII.C": ("terminal_abroad", "transaction ban on ports and terminals outside Russia"),
    "XLVII.D": ("refinery_abroad", "transaction ban on a refinery outside Russia"),
}  # fmt: skip
VESSELS = "XLII"
#: Annexes counted in the snapshot only: their entries carry no date, or are firms under export control.
_UNDATED = {"III", "IV", "V", "VI", "XII", "XIII", "XV", "XIX.A", "XIX.B", "XIX.C", "LII.A", "LII.B"}

_JOURNAL_COLUMNS = ["recordId", "annex", "measure", "startDate", "schema", "name", "imoNumber"]
_OFAC_COLUMNS = ["Country", "Date", "levels", "additions", "removals", "change"]
_COUNTRIES = {"Belarus": "belarus", "Russia": "russia", "Ukraine": "ukraine"}


def read(file: str, content: bytes, columns: list[str]) -> pd.DataFrame:
    """The needed `columns` of an upstream CSV as strings; raises `DerivationError` if one is missing."""
    frame = text_rows(file, content)
    missing = [c for c in columns if c not in frame]
    if missing:
        raise DerivationError(f"{file}: column {missing[0]!r} is missing: the upstream changed its schema")
    return frame[columns].assign(file=file)


def _dates(rows: pd.DataFrame) -> pd.Series:
    """Day of listing (ISO), missing where the annex gives none; both ways of writing a date are read."""
    text = rows["startDate"].str.strip()
    day = pd.to_datetime(text, format="%d.%m.%Y", errors="coerce")
    day = day.fillna(pd.to_datetime(text, format="%d %B %Y", errors="coerce"))
    _refuse(rows, (text != "") & day.isna(), "startDate")
    return day.dt.strftime("%Y-%m-%d")


def _refuse(rows: pd.DataFrame, bad: pd.Series, column: str) -> None:
    if bad.any():
        row = rows[bad].iloc[0]
        raise DerivationError(
            f"{row['file']}: record {row['recordId']!r}: column {column!r}: {row[column]!r} is not understood"
        )


def listings_by_date(annex: pd.DataFrame) -> pd.DataFrame:
    """Persons and entities under Regulation 269/2014 by listing date.

    Parameters
    ----------
    annex
        Rows of the consolidated text, then of later acts, in annex order (`_JOURNAL_COLUMNS` and
        ``file``, the CELEX number with its extension). An entry without a date takes the date
        of the entry before it: the annex is written in order of listing.

    Raises
    ------
    DerivationError
        On an unknown part of the annex, a date that cannot be read, or a first entry without one.
    """
    _refuse(annex, ~annex["annex"].isin(_KINDS), "annex")
    given = _dates(annex)
    day = given.ffill()
    _refuse(annex, day.isna(), "startDate")
    rows = annex.assign(day=day, kind=annex["annex"].map(_KINDS), undated=given.isna(), act=annex["file"].str[:-4])
    table = rows.groupby(["day", "kind"]).size().unstack(fill_value=0)
    table = table.reindex(columns=["persons", "entities"], fill_value=0)
    table["total"] = table.sum(axis=1)
    for column in ("persons", "entities", "total"):
        table[f"cum_{column}"] = table[column].cumsum()
    by_day = rows.groupby("day")
    table["undated_assigned"] = by_day["undated"].sum()
    table["act_celex"] = by_day["act"].first()
    table = table.rename_axis(index="listing_date", columns=None).reset_index()
    return table.assign(
        source_ids=_JOURNAL_SOURCE, status="derived", locator="file " + table["act_celex"] + ", column startDate"
    )


def vessels_by_date(annex: pd.DataFrame) -> pd.DataFrame:
    """Entries and distinct ships (IMO numbers) of Annex XLII by the day the ban covers them.

    A ship entered twice on one day under two names is one entry here.

    Raises
    ------
    DerivationError
        On an entry without a date or without an IMO number of seven digits.
    """
    rows = annex[annex["annex"] == VESSELS]
    rows = rows.assign(day=_dates(rows), imo=rows["imoNumber"].str.strip())
    _refuse(rows, rows["day"].isna(), "startDate")
    _refuse(rows, ~rows["imo"].str.fullmatch(r"\d{7}"), "imoNumber")
    entries = rows[["day", "imo"]].drop_duplicates().sort_values(["day", "imo"], kind="stable")
    entries["first"] = ~entries["imo"].duplicated()
    table = entries.groupby("day")["first"].agg(annex_rows="size", vessels="sum").astype("int64")
    table["cum_annex_rows"], table["cum_vessels"] = table["annex_rows"].cumsum(), table["vessels"].cumsum()
    again = table["annex_rows"] - table["vessels"]
    return table.rename_axis("applies_from").reset_index().assign(
        source_ids=_JOURNAL_SOURCE,
        status="derived",
        locator="Annex XLII, columns startDate and imoNumber",
        note=[f"{n} IMO number(s) had been listed before" if n else "" for n in again],
    )  # fmt: skip


def banks_by_date(annex: pd.DataFrame) -> pd.DataFrame:
    """Entries of the annexes in `DATED` by the day the measure covers them (one row an annex and day).

    Raises
    ------
    DerivationError
        On an annex that this module does not know, or an entry of a dated annex without a date.
    """
    _refuse(annex, ~annex["annex"].isin([*DATED, VESSELS, *_UNDATED]), "annex")
    rows = annex[annex["annex"].isin(DATED)]
    rows = rows.assign(day=_dates(rows))
    _refuse(rows, rows["day"].isna(), "startDate")
    found = []
    for (part, day), entries in rows.groupby(["annex", "day"]):
        places = ";".join(sorted(entries["name"])) if part.startswith("XLVII") else ""
        found.append({"annex": part, "applies_from": day, "n": len(entries), "place_names": places})
    table = pd.DataFrame(found).sort_values(["annex", "applies_from"], kind="stable", ignore_index=True)
    table["cum_n"] = table.groupby("annex")["n"].cumsum()
    return table.assign(
        subject=table["annex"].map({k: v[0] for k, v in DATED.items()}),
        measure=table["annex"].map({k: v[1] for k, v in DATED.items()}),
        source_ids=_JOURNAL_SOURCE,
        status="derived",
        locator="Annex " + table["annex"] + ", column startDate",
    )


def regime_snapshot(annexes: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Entries in force on the day of consolidation, by regulation (CELEX number), annex and type.

    Raises
    ------
    DerivationError
        On a measure or type of entry that is not in the vocabulary.
    """
    parts = []
    for celex, rows in annexes.items():
        _refuse(rows, ~rows["measure"].isin(_MEASURES), "measure")
        _refuse(rows, ~rows["schema"].isin(_ENTRY_TYPES), "schema")
        counted = rows.assign(measure=rows["measure"].map(_MEASURES), entry_type=rows["schema"].map(_ENTRY_TYPES))
        parts.append(
            counted.groupby(["annex", "measure", "entry_type"]).size().rename("n").reset_index()
            .assign(celex=celex, regime=_REGIMES[celex])
        )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    return table.assign(
        as_of=CONSOLIDATED,
        source_ids=_JOURNAL_SOURCE,
        status="derived",
        locator="file " + table["celex"] + ", annex " + table["annex"],
    )


def ofac_monthly(panel: pd.DataFrame) -> pd.DataFrame:
    """OFAC entries with an address in Russia, Belarus or Ukraine at each month's end, and what came and left.

    Raises
    ------
    DerivationError
        If a month is missing or stands twice, a value is not a whole number, or the level does
        not follow from the level before it, additions and removals.
    """
    rows = panel[panel["Country"].isin(_COUNTRIES)].sort_values(["Country", "Date"], kind="stable")
    rows = rows.assign(recordId=rows["Country"] + " " + rows["Date"])
    day = pd.to_datetime(rows["Date"], format="%Y-%m-%d", errors="coerce")
    _refuse(rows, day.isna() | ~day.dt.is_month_end, "Date")
    step = day.dt.to_period("M").astype("int64").groupby(rows["Country"]).diff()
    _refuse(rows, step.notna() & (step != 1), "Date")
    table = pd.DataFrame({"country": rows["Country"].map(_COUNTRIES), "month": rows["Date"].str[:7],
                          "month_end": rows["Date"]})  # fmt: skip
    for column, name in {
        "levels": "level",
        "additions": "additions",
        "removals": "removals",
        "change": "change",
    }.items():
        value = pd.to_numeric(rows[column], errors="coerce")
        _refuse(rows, value.isna() | (value % 1 != 0), column)
        table[name] = value.astype("int64")
    _refuse(rows, table["change"] != table["additions"] - table["removals"], "change")
    moved = table.groupby("country")["level"].diff()
    _refuse(rows, moved.notna() & (moved != table["change"]), "levels")
    return table.assign(
        source_ids=_OFAC_SOURCE,
        status="derived",
        locator="ofac_panel.csv, Country=" + rows["Country"] + ", Date=" + rows["Date"],
    )


def _journal(archive: Archive, raw: Path) -> dict[str, pd.DataFrame]:
    """The transcribed texts by CELEX number, rows in annex order."""
    texts = {}
    for name, content in archive.members(raw, ".csv"):
        file = name.rsplit("/", 1)[-1]
        texts[file[:-4]] = read(file, content, _JOURNAL_COLUMNS)
    for celex in (FREEZES, *LATER_FREEZES, SECTORS, *LATER_SECTORS):
        if celex not in texts:
            raise DerivationError(f"{archive.file}: holds no {celex}.csv")
    return texts


def derive(raw: Path, archives: Mapping[str, Archive] | None = None) -> list[str]:
    """Write the five derived tables of ``sanctions`` from the files under `raw`; returns the paths that changed.

    `archives` are the pins by id, by default those of the registry.
    """
    archives = archives or pins()
    journal, ofac = archives[JOURNAL], archives[OFAC]
    texts = _journal(journal, raw)
    freezes = pd.concat([texts[c] for c in (FREEZES, *LATER_FREEZES)], ignore_index=True)
    sectors = pd.concat([texts[c] for c in (SECTORS, *LATER_SECTORS)], ignore_index=True)
    for name, content in ofac.members(raw, ".csv"):
        panel = read(name.rsplit("/", 1)[-1], content, _OFAC_COLUMNS)
        break
    else:
        raise DerivationError(f"{ofac.file}: holds no table")
    listings, vessels, months = listings_by_date(freezes), vessels_by_date(sectors), ofac_monthly(panel)
    # How far the annexes of banks and ports reach is set by hand: some measures are dated ahead.
    changed = write_tables(
        "defacto.derive.sanctions",
        [journal],
        {
            "sanctions.listings_by_date": listings,
            "sanctions.vessels_by_date": vessels,
            "sanctions.banks_by_date": banks_by_date(sectors),
            "sanctions.regime_snapshot": regime_snapshot({FREEZES: texts[FREEZES], SECTORS: texts[SECTORS]}),
        },
        {
            "sanctions.listings_by_date": listings["listing_date"].max(),
            "sanctions.vessels_by_date": vessels["applies_from"].max(),
            "sanctions.regime_snapshot": CONSOLIDATED,
        },
    )
    changed += write_tables(
        "defacto.derive.sanctions",
        [ofac],
        {"sanctions.ofac_monthly": months},
        {"sanctions.ofac_monthly": months["month_end"].max()},
    )
    return sorted(set(changed))
