"""What the tables rest on: the figures of `make evidence` and of the method page."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import pandas as pd

from defacto.crosschecks import origin_names, telling_evidence
from defacto.data import distinct, load, package, split_list
from defacto.ledger import best_grade, registry


def described() -> list[dict]:
    """Descriptors of the tables whose rows name sources."""
    return [r for r in package()["resources"] if r["origin"] != "own" and r["name"].count(".")]


@cache
def by_table() -> pd.DataFrame:
    """One row a table: rows, unverified rows, share of rows by best grade, and reach.

    Columns: table, origin, rows, unverified, share_a, share_b, share_c, share_d (shares of the
    verified rows whose best source has that grade), documented_to (EDTF).
    """
    rows = []
    for res in described():
        frame = load(res["name"], unverified=True)
        kept = frame[frame["status"] != "unverified"]
        shares = best_grade(kept["source_ids"]).value_counts(normalize=True)
        rows.append(
            {"table": res["name"], "origin": res["origin"], "rows": len(frame), "unverified": len(frame) - len(kept)}
            | {f"share_{g.lower()}": float(shares.get(g, 0.0)) for g in "ABCD"}
            | {"documented_to": res["documented_to"]}
        )
    return pd.DataFrame(rows)


def by_kind() -> pd.DataFrame:
    """Sources by kind and grade (index kind, columns grades), counting each source once."""
    sources = registry()
    return sources.groupby(["kind", "grade"]).size().unstack(fill_value=0)


#: Researched tables that hold many rows of few texts: votes copied from lists, and codings kept beside the one that counts.
REPEATED = ("actors.positions_second", "actors.votes_by_country", "deals.adjudications", "deals.issues_first", "deals.provisions_first",
            "deals.provisions_heldout", "deals.provisions_second")  # fmt: skip


def researched_share(without: Collection[str] = ()) -> tuple[float, int]:
    """Share of researched, verified rows whose best source is first-hand or direct (A or B), and their number.

    The tables in `without` are left out (see `REPEATED`).
    """
    tables = by_table().query("origin == 'researched'")
    tables = tables[~tables["table"].isin(without)]
    kept = tables["rows"] - tables["unverified"]
    return float(((tables["share_a"] + tables["share_b"]) * kept).sum() / kept.sum()), int(kept.sum())


def claim_origins() -> pd.Series:
    """Number of independent origins of evidence for or against the meant reading, by claim id (see `claims.origins_of`)."""
    found = origin_names(telling_evidence(load("claims.evidence"), load("sources")))
    return found.map(len).reindex(load("claims.claims")["id"], fill_value=0)


def above_relay(table: str, where: str | None = None) -> tuple[int, int]:
    """Rows of `table` (those that meet the query `where`) on a source of grade A or B, and all of them."""
    frame = load(table, unverified=True)
    frame = frame.query(where) if where else frame
    kept = frame["source_ids"].notna() & (frame["status"] != "unverified")
    good = best_grade(frame.loc[kept, "source_ids"]).isin(["A", "B"]).sum()
    return int(good), len(frame)


def headline() -> dict[str, tuple[int, int]]:
    """Counts that tell how firmly the book stands: part and whole."""
    origins = claim_origins()
    sources = registry()
    unverified = by_table()["unverified"].sum()
    return {
        "claims on two or more independent origins": (int((origins >= 2).sum()), len(origins)),
        "claims on a single origin": (int((origins == 1).sum()), len(origins)),
        "claims without supporting or refuting evidence": (int((origins == 0).sum()), len(origins)),
        "events on a first-hand or direct source": above_relay("actors.events"),
        "coded provisions on a first-hand or direct source": above_relay(
            "deals.provisions", "coding_status == 'coded'"
        ),
        "sources seen as text or data, not only cited": (int((sources["seen"] != "cited").sum()), len(sources)),
        "unverified rows (never shown)": (int(unverified), int(by_table()["rows"].sum())),
    }


def corrections_by_reason() -> pd.Series:
    """Number of rows of corrections.csv by reason code, most frequent first."""
    return load("corrections")["why"].str.extract(r"^([a-z-]+)")[0].value_counts().rename("corrections")


def languages() -> pd.Series:
    """Number of sources by language."""
    return split_list(registry()["language"]).value_counts()


#: Topics of tables, as chapters name them.
CHAPTERS = {"territory": "Territory", "deals": "Deal terms", "sanctions": "Sanctions", "actors": "Actors", "space": "Space, Starlink",
            "claims": "Claims"}  # fmt: skip
#: Kinds of text in four classes, from the body itself to what is made from others.
KIND_CLASSES = {
    "official": "bodies themselves", "legal": "bodies themselves", "data": "bodies themselves", "wire": "agencies, outlets",
    "news": "agencies, outlets", "analysis": "analysis, advocacy", "advocacy": "analysis, advocacy", "opinion": "reference, opinion, trackers",
    "reference": "reference, opinion, trackers", "tracker": "reference, opinion, trackers",
}  # fmt: skip
LANGUAGES = {"en": "English", "uk": "Ukrainian", "ru": "Russian"}


@cache
def by_chapter() -> pd.DataFrame:
    """Sources of each chapter, a row a chapter and source: ``chapter`` (in order), ``id`` and the fields of the registry.

    A source belongs to a chapter if a row of its tables that is not unverified names it; adds ``kind_class``,
    ``speaks`` (language, the first named), ``hand`` (``first-hand``, ``direct``, ``retold``) and ``grade``.
    """
    found = []
    for topic, chapter in CHAPTERS.items():
        named = [load(r["name"])["source_ids"] for r in described() if r["name"].startswith(f"{topic}.")]
        found += [(chapter, source) for source in sorted(distinct(pd.concat(named)))]
    frame = pd.DataFrame(found, columns=["chapter", "id"]).join(registry(), on="id")
    hand = frame["grade"].map({"A": "first-hand", "B": "direct", "C": "retold", "D": "weak or only cited"})
    speaks = frame["language"].str.split(";").str[0].map(LANGUAGES).fillna("other")
    return frame.assign(kind_class=frame["kind"].map(KIND_CLASSES), speaks=speaks, hand=hand)


def mix(column: str, order: list[str], together: str = "All, each once") -> pd.DataFrame:
    """Number of sources by chapter (rows; the last counts each source once) and class (`column`, in `order`).

    Raises
    ------
    ValueError
        If a source has a class that is not in `order`.
    """
    frame = by_chapter()
    strange = set(frame[column].dropna()) - set(order)
    if strange or frame[column].isna().any():
        raise ValueError(
            f"sources.csv: {column} {sorted(strange)[0] if strange else 'missing'!r} has no place in the mix"
        )
    counts = pd.crosstab(frame["chapter"], frame[column]).reindex(
        index=list(CHAPTERS.values()), columns=order, fill_value=0
    )
    counts.loc[together] = frame.drop_duplicates("id")[column].value_counts().reindex(order, fill_value=0)
    return counts.rename_axis(index=None, columns=None)


def countries(most: int = 10) -> pd.DataFrame:
    """Number of sources by country of the publisher (rows, the most frequent first) and chapter; ``together`` counts each once."""
    frame = by_chapter()
    once = frame.drop_duplicates("id")["country"].value_counts()
    order = list(once.drop("XX", errors="ignore").index[:most])
    counts = pd.crosstab(frame["country"], frame["chapter"]).reindex(
        index=order, columns=list(CHAPTERS.values()), fill_value=0
    )
    counts["together"] = once.reindex(order)
    rest = frame[~frame["country"].isin(order)]
    last = pd.crosstab(rest["country"].where(rest["country"] == "XX", "other"), rest["chapter"])
    last = last.reindex(index=["other", "XX"], columns=list(CHAPTERS.values()), fill_value=0)
    split = rest.drop_duplicates("id")["country"].eq("XX")
    last["together"] = [int((~split).sum()), int(split.sum())]
    return pd.concat([counts, last]).rename_axis(index=None, columns=None)


def main() -> None:
    """Print the dashboard."""
    table = by_table()
    shown = table.assign(**{c: (100 * table[c]).round().astype(int) for c in table if c.startswith("share_")})
    print("Tables: rows, unverified rows, per cent of verified rows by grade of their best source, reach\n")
    print(shown.rename(columns=lambda c: c.replace("share_", "% ")).to_string(index=False))
    print("\nSources by kind and grade\n")
    print(by_kind().to_string())
    share, rows = researched_share()
    print(f"\nResearched rows on first-hand or direct sources: {100 * share:.0f} % of {rows:,}")
    share, rows = researched_share(without=REPEATED)
    print(f"without lists of votes and further codings: {100 * share:.0f} % of {rows:,}")
    for what, (part, whole) in headline().items():
        print(f"{what}: {part:,} of {whole:,}")
    print("\nCorrections by reason\n")
    print(corrections_by_reason().to_string())


if __name__ == "__main__":
    main()
