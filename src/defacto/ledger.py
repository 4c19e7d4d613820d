"""What the book knows of its sources: how they are cited, graded and counted."""

from __future__ import annotations

import hashlib
from functools import cache

import pandas as pd

from defacto.data import DataError, load, root

#: The article as received; quotations are slices of its text, never stored.
ARTICLE = "seeds/000_e313fbd1611dadec.txt"
ARTICLE_SHA256 = "93c3f3a9d8a5cedb60d2150dab82fb5776585c51c3547ad66ff4512e4cd6c4cd"

#: The rule for quantities, fixed before anything was computed: distance from the printed figure,
#: in percentage points, up to which a verdict holds. Beyond the last it is `BEYOND`.
QUANTITY_RULE = {2.0: "supported", 5.0: "mostly supported", 10.0: "mixed"}
BEYOND = "wrong as written"

#: Grades and what they mean, best first. A grade follows what a text is and how it was
#: seen, never whose it is: ownership stands in a column of its own.
GRADES = {
    "A": "first-hand: an official, legal or data text, from the body itself",
    "B": "direct: an outlet, agency or analyst reporting in its own name, or the text of a body or agency "
    "as another outlet carries it",
    "C": "second-hand: a report that retells another outlet, a reference work, or opinion",
    "D": "weak: a machine-made tracker, or a text known only because another one cites it",
}
FIRST_HAND_KINDS = {"official", "legal", "data"}


def grades(sources: pd.DataFrame) -> pd.Series:
    """Grade of each source (index of `sources` kept), from kind, seen and relay_of alone."""
    own = sources["relay_of"].isna()
    first_hand = sources["kind"].isin(FIRST_HAND_KINDS)
    grade = pd.Series("B", index=sources.index, name="grade")
    grade[first_hand & own] = "A"
    grade[~own & ~first_hand & (sources["kind"] != "wire")] = "C"
    grade[sources["kind"].isin({"reference", "opinion"})] = "C"
    grade[(sources["kind"] == "tracker") | (sources["seen"] == "cited")] = "D"
    return grade


def origins(sources: pd.DataFrame) -> pd.Series:
    """Origins of each source, ``;``-separated: the reports it repeats, or else its publisher.

    ``relay_of`` may name other sources by id; the chain is followed to its end.

    Raises
    ------
    DataError
        If relays form a circle.
    """
    publisher = dict(zip(sources["id"], sources["publisher"], strict=True))
    relay = {i: r.split(";") for i, r in zip(sources["id"], sources["relay_of"], strict=True) if not pd.isna(r)}

    def ends(here: str, path: tuple[str, ...]) -> set[str]:
        if here in path:
            raise DataError(f"sources.csv: relay_of goes in a circle: {' → '.join([*path, here])}")
        if here not in relay:
            return {publisher.get(here, here)}
        return set().union(*(ends(to, (*path, here)) for to in relay[here]))

    found = [";".join(sorted(ends(source, ()))) for source in sources["id"]]
    return pd.Series(found, index=sources.index, name="origin")


@cache
def registry() -> pd.DataFrame:
    """The sources, indexed by id, with the computed columns ``grade`` and ``origin``."""
    sources = load("sources")
    return sources.assign(grade=grades(sources), origin=origins(sources)).set_index("id")


def dated(published: str) -> str:
    """When a source was published (EDTF, or missing) as readers see it: ``2025-04``, ``about 2025-04-24``, ``undated``."""
    if pd.isna(published):
        return "undated"
    plain = published.rstrip("~?").replace("/", " to ")
    return {
        "~": f"about {plain}",
        "?": f"{plain}, day unsure" if plain.count("-") == 2 else f"{plain}, date unsure",
    }.get(published[-1], plain)


def citation(source_id: str) -> str:
    """Short citation of a source: publisher and date as known, for instance ``TASS, 2025-04-21``.

    Raises
    ------
    DataError
        If no source has that id.
    """
    try:
        source = registry().loc[source_id]
    except KeyError:
        raise DataError(f"sources.csv: no source {source_id!r}") from None
    return f"{source['publisher']}, {dated(source['published'])}".replace("[", "(").replace("]", ")")


def best_grade(source_ids: pd.Series) -> pd.Series:
    """Best grade among the sources of each row (cells are ``;``-separated ids), index kept."""
    # Rows repeat their sources: each distinct cell is judged once.
    grade = registry()["grade"].to_dict()
    place, cells = pd.factorize(source_ids)
    best = [min(grade[i] for i in cell.split(";")) for cell in cells]
    # A missing cell has the place -1, and so the last of them: none.
    found = pd.Series([*best, None], dtype="str").iloc[place]
    return found.set_axis(source_ids.index).rename("grade")


def quantity_verdict(gap: float, factor: float = 1.0) -> str:
    """Verdict on a figure that is off by `gap` percentage points, thresholds multiplied by `factor`."""
    return next((word for limit, word in QUANTITY_RULE.items() if abs(gap) <= limit * factor), BEYOND)


@cache
def article() -> str:
    """Text of the article as received (UTF-8, line ends kept); offsets count its characters.

    Raises
    ------
    DataError
        If the file is not the one that the offsets were taken from.
    """
    content = (root() / ARTICLE).read_bytes()
    if hashlib.sha256(content).hexdigest() != ARTICLE_SHA256:
        raise DataError(f"{ARTICLE}: not the article as received: every offset would point elsewhere")
    return content.decode("utf-8")


def quote(claim_id: str) -> str:
    """The article's words behind a claim: ``text[start:end]`` by the offsets of `claims.claims`.

    Raises
    ------
    DataError
        If no claim has that id.
    """
    claims = load("claims.claims").set_index("id")
    if claim_id not in claims.index:
        raise DataError(f"claims/claims.csv: no claim {claim_id!r}")
    return article()[claims.at[claim_id, "start"] : claims.at[claim_id, "end"]]
