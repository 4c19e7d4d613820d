"""What the book knows of its sources: how they are cited, graded and counted."""

from __future__ import annotations

from functools import cache

import pandas as pd

from defacto.data import DataError, load, split_list

#: Grades and what they mean, best first. A grade follows what a text is and how it was
#: seen, never whose it is: ownership stands in a column of its own.
GRADES = {
    "A": "first-hand: an official, legal or data text of the body itself",
    "B": "direct: an outlet or author reporting in its own name",
    "C": "relay, copy, reference work or opinion",
    "D": "machine-made tracker, or seen only as cited by another text",
}
FIRST_HAND_KINDS = {"official", "legal", "data"}
DIRECT_KINDS = {"wire", "news", "advocacy", "analysis"}


def grades(sources: pd.DataFrame) -> pd.Series:
    """Grade of each source (index of `sources` kept), from kind, seen and relay_of alone."""
    grade = pd.Series("C", index=sources.index, name="grade")
    own = sources["relay_of"].isna()
    grade[own & sources["kind"].isin(DIRECT_KINDS)] = "B"
    grade[own & sources["kind"].isin(FIRST_HAND_KINDS)] = "A"
    grade[(sources["kind"] == "tracker") | (sources["seen"] == "cited")] = "D"
    return grade


def origins(sources: pd.DataFrame) -> pd.Series:
    """Origin of each source: the report it repeats, or else its publisher.

    ``relay_of`` may name another source by id; the chain is followed to its end.

    Raises
    ------
    DataError
        If relays form a circle.
    """
    publisher = dict(zip(sources["id"], sources["publisher"], strict=True))
    relay = dict(zip(sources["id"], sources["relay_of"], strict=True))
    found = []
    for start in sources["id"]:
        seen, here = [start], start
        while here in relay and not pd.isna(relay[here]):
            here = relay[here]
            if here in seen:
                raise DataError(f"sources.csv: relay_of goes in a circle: {' → '.join([*seen, here])}")
            seen.append(here)
        found.append(publisher.get(here, here))
    return pd.Series(found, index=sources.index, name="origin")


@cache
def registry() -> pd.DataFrame:
    """The sources, indexed by id, with the computed columns ``grade`` and ``origin``."""
    sources = load("sources")
    return sources.assign(grade=grades(sources), origin=origins(sources)).set_index("id")


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
    published = source["published"] if not pd.isna(source["published"]) else "undated"
    return f"{source['publisher']}, {published}".replace("[", "(").replace("]", ")")


def best_grade(source_ids: pd.Series) -> pd.Series:
    """Best grade among the sources of each row (cells are ``;``-separated ids), index kept."""
    grade = split_list(source_ids).map(registry()["grade"])
    return grade.groupby(level=0).min().reindex(source_ids.index).rename("grade")
