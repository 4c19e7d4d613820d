"""Actors and diplomacy: tracks of the talks, who met whom, what was said, and who moved.

Meetings are not stored: a tie between two persons follows from a visit, call or meeting in
which the record names both. In an event of n named persons each pair gets 1/(n-1), so that an
event gives every person in it one unit in all and a group photograph does not swamp the rest
(Newman 2001 for joint papers). The record is incomplete, so that each figure of the network is
shown with the spread it has when events are dropped at random.
"""

from __future__ import annotations

from itertools import combinations, product

import networkx as nx
import numpy as np
import pandas as pd

from defacto.crosschecks import POSITIONS_OF_TEXTS, grid_party
from defacto.data import DataError, load
from defacto.deals import Agreement, agreement, orientation, path_rows, terms
from defacto.ledger import dated, quote, registry
from defacto.prose import num

#: Types of event that bring persons together; a letter, a statement or a vote does not.
TOGETHER = ["visit", "call", "meeting"]
SEED = 20250423
DRAWS = 500
#: Share of events left out in each draw of `spread`.
DROPPED = 0.2

#: Sides of the actors table and the party whose colour they take.
PARTY = {"US": "United States", "UA": "Ukraine", "RU": "Russia", "EU": "Europe", "UK": "Europe"}
#: Names of the actors of the grid, in its order.
GRID = {
    "US": "United States",
    "RU": "Russia",
    "UA": "Ukraine",
    "EU": "EU institutions",
    "E3": "Britain, France, Germany",
}
PERIODS = {"before": "before", "week": "week", "last": "last"}
ISSUES = {
    "T01": "Crimea",
    "T02": "Four oblasts",
    "S01": "NATO membership",
    "S03": "Guarantees",
    "E02": "Sanctions",
    "E03": "Immobilised assets",
}
#: Tracks in the order of the lanes.
TRACKS = [
    "US–Russia",
    "US–Ukraine",
    "Russia–Ukraine, three-party",
    "Europe",
    "United Nations",
    "Battlefield, sanctions",
    "One side, others",
]


def party(side: str) -> str:
    """Party whose colour the actors of a side take (``Other`` for NATO, private and other)."""
    return PARTY.get(side, "Other")


def first_day(date: str) -> pd.Timestamp:
    """First day of an EDTF date or span; a month stands for its first day.

    Raises
    ------
    ValueError
        If the date has no start.
    """
    return pd.Timestamp(date.split("/")[0].rstrip("~?"))


def events() -> pd.DataFrame:
    """The events in order of time, indexed by id, with ``start``, ``parties`` (sorted, joined by ``;``) and ``track``."""
    people = load("actors.participants").merge(load("actors.actors")[["actor_id", "side"]], on="actor_id")
    people = people[people["basis"] != "announced"]
    sides = (
        people.assign(party=people["side"].map(party))
        .groupby("event_id")["party"]
        .agg(lambda p: ";".join(sorted(set(p))))
    )
    table = load("actors.events").set_index("event_id")
    table = table.assign(start=table["date"].map(first_day), parties=sides.reindex(table.index))
    if table["parties"].isna().any():
        raise DataError(f"actors/participants.csv: {table.index[table['parties'].isna()][0]} has no participant")
    table["track"] = [track(r.type, set(r.parties.split(";"))) for r in table.itertuples()]
    return table.sort_values(["start"], kind="stable")


def track(type_: str, parties: set[str]) -> str:
    """Lane of an event, by its type and the parties that took part (hosts without a part of their own do not count).

    >>> track("meeting", {"United States", "Russia", "Other"})
    'US–Russia'
    """
    if type_ == "vote":
        return "United Nations"
    if type_ in ("strike", "sanction"):
        return "Battlefield, sanctions"
    if "Europe" in parties:
        return "Europe"
    core = parties & {"United States", "Russia", "Ukraine"}
    if core >= {"Russia", "Ukraine"}:
        return "Russia–Ukraine, three-party"
    if core == {"United States", "Russia"}:
        return "US–Russia"
    if core == {"United States", "Ukraine"}:
        return "US–Ukraine"
    return "One side, others"


def contacts(table: pd.DataFrame, *sides: str) -> pd.DataFrame:
    """Visits, calls and meetings of `table` in which all `sides` (parties) took part, whatever their lane."""
    both = table["parties"].str.split(";").map(lambda p: set(sides) <= set(p))
    return table[both & table["type"].isin(TOGETHER)]


def event_rows(table: pd.DataFrame, grades: pd.Series) -> pd.DataFrame:
    """Rows of the table of events: ``told`` says kind, place and what is documented; ``grade`` is `grades`, by event."""
    where = table["place"].where(table["type"] != "call")
    kind = table["type"].str.capitalize() + (", " + where).fillna("")
    days = table["date"].map(_span)
    return table.assign(date=days, told=kind + ". " + table["summary"], grade=grades.to_numpy()).reset_index()


def _span(date: str) -> str:
    """An EDTF span in words, so that it can break in a narrow column; within a month the last day alone."""
    first, _, last = date.partition("/")
    if not last:
        return dated(first)
    return f"{first} to {last[8:] if first[:7] == last[:7] and len(first) > 7 else last}"


def label_lanes(table: pd.DataFrame, together: bool = True) -> pd.DataFrame:
    """Rows of `charts.lanes` for events of `table`: the place stands at meetings and visits, once a place and lane a month.

    ``hollow`` marks what brought nobody together (statements, proposals, votes and the like); ``kind`` is the type.
    """
    rows = table.assign(hollow=~table["type"].isin(TOGETHER), lane=pd.Categorical(table["track"], TRACKS, ordered=True))
    rows = rows.sort_values(["lane", "start"], kind="stable")
    named = rows["type"].isin(["meeting", "visit"]) & together
    again = rows.assign(month=rows["start"].dt.to_period("M"))[named].duplicated(["lane", "place", "month"])
    named &= ~again.reindex(rows.index, fill_value=False)
    return pd.DataFrame(
        {
            "lane": rows["lane"].astype("str"),
            "start": rows["start"],
            "label": rows["place"].where(named, ""),
            "kind": rows["type"],
            "hollow": rows["hollow"],
        }
    )


# --- who met whom ------------------------------------------------------------------------


def meetings() -> pd.DataFrame:
    """One row an event and person brought together: event_id, actor_id, type, start, persons (named in the event)."""
    table = load("actors.events")
    table = table[table["type"].isin(TOGETHER)]
    named = (
        load("actors.participants")
        .query("basis == 'named'")
        .merge(load("actors.actors")[["actor_id", "type"]], on="actor_id")
    )
    rows = named[named["type"] == "person"][["event_id", "actor_id"]].merge(
        table[["event_id", "type", "date"]], on="event_id"
    )
    rows["start"] = rows.pop("date").map(first_day)
    rows["persons"] = rows.groupby("event_id")["actor_id"].transform("size")
    return rows.sort_values(["start", "event_id", "actor_id"], kind="stable").reset_index(drop=True)


def ties(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs that the record brings together: one, other (sorted ids), event_id, start, type, weight = 1/(n-1)."""
    found = []
    for event, group in rows.groupby("event_id", sort=True):
        for one, other in combinations(sorted(group["actor_id"]), 2):
            found.append([one, other, event, group["start"].iloc[0], group["type"].iloc[0], 1 / (len(group) - 1)])
    return pd.DataFrame(found, columns=["one", "other", "event_id", "start", "type", "weight"])


def network(pairs: pd.DataFrame) -> nx.Graph:
    """Graph of the ties: edges with ``weight`` (sum) and ``events`` (number)."""
    ties = pairs.groupby(["one", "other"], sort=True)["weight"].agg(["sum", "size"]).round(12)
    graph = nx.Graph()
    graph.add_edges_from((*pair, {"weight": weight, "events": n}) for pair, weight, n in ties.itertuples())
    return graph


def centrality(graph: nx.Graph) -> pd.DataFrame:
    """Two measures a person, indexed by id.

    ``strength``: sum of the weights of the person's ties, which is the number of events shared with
    anyone. ``between``: share of shortest paths between two others that run through the person, a
    tie being the shorter the heavier it is (Freeman 1977, Brandes 2001).
    """
    far = nx.Graph()
    far.add_weighted_edges_from(
        (a, b, 1 / d["weight"]) for a, b, d in sorted(graph.edges(data=True), key=lambda e: e[:2])
    )
    between = nx.betweenness_centrality(far, weight="weight")
    table = pd.DataFrame({"strength": dict(graph.degree(weight="weight")), "between": between})
    return table.rename_axis("actor_id").sort_values(["strength", "between"], ascending=False, kind="stable")


def spread(pairs: pd.DataFrame, share: float = DROPPED, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
    """Centrality with the interval it has when a share of the events is dropped at random.

    Returns
    -------
    DataFrame indexed by person, strongest first: ``strength`` and ``between`` of the whole record, and
    ``strength_low``, ``strength_high``, ``between_low``, ``between_high``: fifth and ninety-fifth per cent of
    the draws. A person whose events are all dropped counts as zero in that draw. This is the spread from
    which events the record happens to hold, not a confidence interval: the record is no random sample.

    Raises
    ------
    ValueError
        If `share` is not between zero and one.
    """
    if not 0 < share < 1:
        raise ValueError("the share of events to drop lies between zero and one")
    whole = centrality(network(pairs))
    names = pairs["event_id"].unique()
    keep = round(len(names) * (1 - share))
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        kept = pairs[pairs["event_id"].isin(rng.choice(names, keep, replace=False))]
        drawn.append(centrality(network(kept)).reindex(whole.index).fillna(0.0).to_numpy())
    low, high = np.quantile(np.stack(drawn), [0.05, 0.95], axis=0)
    for n, name in enumerate(["strength", "between"]):
        whole[f"{name}_low"], whole[f"{name}_high"] = low[:, n], high[:, n]
    return whole


def leading(ranked: pd.DataFrame, measure: str) -> pd.Index:
    """Persons of `spread` whose interval of `measure` meets that of the highest, highest first: none of them is told apart from it."""
    top = ranked.sort_values(measure, ascending=False, kind="stable")
    return top.index[top[f"{measure}_high"] >= top[f"{measure}_low"].iloc[0]]


def drawn(pairs: pd.DataFrame, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Names and ties for `charts.network`: the `most` persons who share most events, by side and then by strength.

    Returns
    -------
    Nodes (index: name in full; ``side``: party) and edges (``one``, ``other``: names; ``weight``).
    """
    graph = network(pairs)
    people = load("actors.actors").set_index("actor_id")
    rank = centrality(graph).head(most)
    order = ["United States", "Ukraine", "Europe", "Other", "Russia"]
    nodes = rank.assign(side=people.loc[rank.index, "side"].map(party), name=people.loc[rank.index, "name"])
    nodes = nodes.assign(place=nodes["side"].map(order.index)).sort_values(
        ["place", "strength"], ascending=[True, False], kind="stable"
    )
    edges = [
        [people.at[a, "name"], people.at[b, "name"], weight]
        # A graph gives its pairs in an order of its own, which changes with the seed of hashes.
        for a, b, weight in sorted((*sorted(e[:2]), e[2]) for e in graph.subgraph(rank.index).edges(data="weight"))
    ]
    return nodes.set_index("name")[["side"]], pd.DataFrame(edges, columns=["one", "other", "weight"])


def together(pairs: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Events in which the record names both persons, in order of time."""
    pair = sorted([one, other])
    return pairs[(pairs["one"] == pair[0]) & (pairs["other"] == pair[1])].sort_values("start", kind="stable")


def never(pairs: pd.DataFrame, persons: list[str]) -> list[tuple[str, str]]:
    """Pairs of `persons` that no event of the record brings together, in the order given."""
    met = set(pairs[["one", "other"]].itertuples(index=False, name=None))
    return [pair for pair in combinations(persons, 2) if tuple(sorted(pair)) not in met]


def contact_counts(pairs: pd.DataFrame, persons: list[str]) -> pd.DataFrame:
    """Events shared by each pair of `persons`: a square frame, missing on the diagonal and above it."""
    table = pd.DataFrame(0.0, index=persons, columns=persons)
    for one, other in combinations(persons, 2):
        table.loc[other, one] = len(together(pairs, one, other))
    return table.where(np.tril(np.ones(table.shape, dtype=bool), -1))


# --- positions ---------------------------------------------------------------------------


def grid() -> pd.DataFrame:
    """The grid of positions with what each cell holds.

    Returns
    -------
    DataFrame of shape (parties x issues x periods, ...): party, issue_id, period, searched, ``found`` (bool)
    and of the statement id, speaker, date, ``code`` (oriented: higher is nearer to what Ukraine has asked
    for; missing where uncoded, and where speakers of the day took different steps), ``state`` (in words: coded,
    said and not coded, none found, or who took which step on the day), summary, source_ids, note.
    """
    said = (
        load("actors.positions")
        .rename(columns={"actor_id": "speaker", "id": "position_id"})
        .drop(columns=["issue_id", "status"])
    )
    table = load("actors.position_grid").merge(said, on="position_id", how="left", validate="many_to_one")
    table["code"] = table["code"].astype("float64") * orientation() + 0.0
    table["found"] = table["position_id"].notna()
    table["state"] = np.select([table["code"].notna(), table["found"]], ["coded", "said, not coded"], "none found")
    for cell, rows in of_one_day().groupby(["party", "issue_id", "date"]):
        here = (table[["party", "issue_id", "date"]] == list(cell)).all(axis=1) & table["code"].notna()
        table.loc[here, "state"] = _split(rows)
        table.loc[here, "code"] = np.nan
    for column, order in (("party", list(GRID)), ("issue_id", list(ISSUES)), ("period", list(PERIODS))):
        table[column] = pd.Categorical(table[column], order, ordered=True)
    return (
        table.sort_values(["issue_id", "party", "period"])
        .astype({"party": "str", "issue_id": "str", "period": "str"})
        .reset_index(drop=True)
    )


def spoken() -> pd.DataFrame:
    """Coded statements of the actors of the grid, by id: ``party``, issue_id, date, ``speaker``, ``code`` (oriented)."""
    people = load("actors.actors")
    said = load("actors.positions")
    said = said[said["code"].notna() & (said["status"] != "unverified") & ~said["id"].isin(POSITIONS_OF_TEXTS)]
    rows = said.sort_values("id").assign(
        party=said["actor_id"].map(grid_party(people).set_axis(people["actor_id"])),
        code=said["code"].astype("float64") * orientation() + 0.0,
    )
    rows = rows[rows["party"].notna()].rename(columns={"actor_id": "speaker"})
    return rows[["party", "issue_id", "date", "speaker", "code"]].reset_index(drop=True)


def of_one_day() -> pd.DataFrame:
    """Rows of `spoken` of an actor and issue that fall on one day and take different steps."""
    rows = spoken()
    steps = rows.groupby(["party", "issue_id", "date"])["code"].transform("nunique")
    return rows[steps > 1].reset_index(drop=True)


def _split(rows: pd.DataFrame) -> str:
    """Who took which step on one day: ``Macron 0, Starmer +1, on one day``."""
    name = load("actors.actors").set_index("actor_id")["name"].str.split(" ").str[-1]
    steps = [f"{name[r.speaker]} {num(r.code, signed=r.code != 0)}" for r in rows.sort_values("code").itertuples()]
    return ", ".join(steps) + ", on one day"


def split_signs(table: pd.DataFrame) -> dict[str, str]:
    """Sign for each state of `grid` that names more than one step: the steps, from the lowest (``0/+1``)."""
    states = table.loc[table["state"].str.endswith(", on one day"), "state"]
    return {s: "/".join(part.split(" ")[-1] for part in s.split(", ")[:-1]) for s in dict.fromkeys(states)}


def voice(speaker: str, party: str) -> str:
    """Whose words a speaker's are: the actor of the grid, and of the three Europeans the government or all three."""
    if party != "E3":
        return party
    country = load("actors.actors").set_index("actor_id").at[speaker, "country"]
    return party if pd.isna(country) else country


def coded_twice() -> pd.DataFrame:
    """Statements that both codings coded, for `deals.agreement`: id, ``party`` (speaker's side), issue_id, ``one``, ``other``."""
    rows = load("actors.positions_second").merge(
        load("actors.positions")[["id", "actor_id", "issue_id"]], on="id", validate="one_to_one"
    )
    both = rows[rows["first"].notna() & rows["second"].notna()]
    return both.rename(columns={"first": "one", "second": "other"})[["id", "actor_id", "issue_id", "one", "other"]]


def coding_agreement() -> Agreement:
    """Agreement of the two codings of the statements, bootstrapped over speakers: what one person says hangs together."""
    pairs = coded_twice()
    return agreement(pairs.astype({"one": "float64", "other": "float64"}), cluster="actor_id")


def disagreements() -> pd.DataFrame:
    """Statements that the codings read differently, largest gap first.

    Columns ``told`` (speaker, day, issue and paraphrase), ``first``, ``second``, ``kept`` (steps as text, ``no code``
    where none was given), ``why``, ``kind`` (code or whether it can be coded), source_ids.
    """
    rows = load("actors.positions_second").merge(
        load("actors.positions")[["id", "actor_id", "issue_id", "date", "summary"]], on="id", validate="one_to_one"
    )
    same = (rows["first"] == rows["second"]) | (rows["first"].isna() & rows["second"].isna())
    rows = rows[~same.fillna(False)]
    people = load("actors.actors").set_index("actor_id")["name"]
    label = load("deals.issues").set_index("issue_id")["label"]
    turn = orientation()
    shown = {c: [_step(v, turn) for v in rows[c]] for c in ("first", "second", "code")}
    gap = (rows["first"].astype("float64") - rows["second"].astype("float64")).abs()
    rows = rows.assign(
        told=[
            f"{people[r.actor_id]}, {dated(r.date)}, {ISSUES.get(r.issue_id, label[r.issue_id])}: {r.summary}"
            for r in rows.itertuples()
        ],
        first=shown["first"],
        second=shown["second"],
        kept=shown["code"],
        kind=np.where(gap.notna(), "step", "whether it takes a step"),
        gap=gap,
    )
    return rows.sort_values(["gap", "id"], ascending=[False, True], kind="stable", na_position="last").reset_index(
        drop=True
    )


def _step(code, turn: int) -> str:
    return "no code" if pd.isna(code) else num(int(code) * turn, 0, signed=int(code) != 0)


#: Short names of the actors of the grid, for rows of a figure.
SHORT = {"US": "US", "RU": "Russia", "UA": "Ukraine", "EU": "EU", "E3": "E3"}
#: Heads of the periods in a figure.
HEADS = {"before": "before", "week": "in the week", "last": "last"}


def grid_frames(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """The grid for `charts.heat`: codes, reasons of the empty cells (both rows x periods), and the group of each row."""
    rows = table.assign(
        row=[f"{SHORT[r.party]}: {ISSUES[r.issue_id]}" for r in table.itertuples()], head=table["period"].map(HEADS)
    )
    order, heads = list(dict.fromkeys(rows["row"])), list(HEADS.values())
    codes = rows.pivot(index="row", columns="head", values="code").loc[order, heads]
    state = rows.pivot(index="row", columns="head", values="state").loc[order, heads]
    return codes, state, dict(zip(rows["row"], rows["issue_id"].map(ISSUES), strict=True))


def moves(table: pd.DataFrame) -> pd.DataFrame:
    """Change of each actor on each issue from its first to its last coded cell of the grid.

    Where speakers took different steps on the day of a cell, each of them has a row.

    Returns
    -------
    DataFrame with party, issue_id, ``first``, ``last`` (oriented codes), ``step`` (last less first; missing where
    another government speaks at the end, see `voice`), ``since`` and ``until`` (dates of the two statements),
    ``by`` and ``then`` (ids of the speakers); only where two periods are coded.
    """
    split, rows = of_one_day(), []
    columns = ["code", "date", "speaker"]
    for (who, issue), group in table[~table["state"].isin(["said, not coded", "none found"])].groupby(
        ["party", "issue_id"], sort=False
    ):
        if len(group) < 2:
            continue
        ends = []
        for cell in (group.iloc[0], group.iloc[-1]):
            day = (split[["party", "issue_id", "date"]] == [who, issue, cell["date"]]).all(axis=1)
            ends.append(split[day] if pd.isna(cell["code"]) else cell.to_frame().T)
        for a, b in product(*(end[columns].itertuples(index=False) for end in ends)):
            step = b.code - a.code if voice(a.speaker, who) == voice(b.speaker, who) else np.nan
            rows.append([who, issue, a.code, b.code, step, a.date, b.date, a.speaker, b.speaker])
    names = ["party", "issue_id", "first", "last", "step", "since", "until", "by", "then"]
    return pd.DataFrame(rows, columns=names).astype({c: "float64" for c in ("first", "last", "step")})


def statement_rows(issues: dict[str, str] | None = None) -> pd.DataFrame:
    """Coded statements for `charts.paths`: ``panel``, ``series``, ``date``, ``step``, ``text``.

    Of a side the last one of a day counts; of Europe, where governments and bodies speak for themselves, all do.
    Rows that stand for a text are left out, as in the grid: `text_rows` draws the texts.
    """
    said = load("actors.positions").merge(
        load("actors.actors")[["actor_id", "side", "organisation", "country", "name"]], on="actor_id"
    )
    said = said[said["code"].notna() & said["issue_id"].isin(issues or ISSUES) & ~said["id"].isin(POSITIONS_OF_TEXTS)]
    who = said["side"].map(party)
    rows = pd.DataFrame({
        "panel": said["issue_id"].map(issues or ISSUES), "series": who, "date": said["date"].map(first_day),
        "step": (said["code"].astype("int64") * orientation()), "text": said["name"], "source_ids": said["source_ids"],
    })  # fmt: skip
    order = pd.Categorical(rows["panel"], list((issues or ISSUES).values()), ordered=True)
    rows = rows.assign(order=order).sort_values(["order", "series", "date"], kind="stable").drop(columns="order")
    again = rows.duplicated(["panel", "series", "date"], keep="last") & (rows["series"] != "Europe")
    return rows[~again].reset_index(drop=True)


def text_rows(since: str) -> pd.DataFrame:
    """Codes of the texts on the issues of the grid from the day `since` on, as one series ``Texts`` for `charts.paths`."""
    frame = terms()
    rows = path_rows(frame, list(ISSUES))
    label = {frame.issues.loc[issue, "label"]: name for issue, name in ISSUES.items()}
    return rows.assign(panel=rows["panel"].map(label), series="Texts")[rows["date"] >= since]


# --- United Nations ----------------------------------------------------------------------


def votes_of(country: str) -> pd.DataFrame:
    """How one member (ISO 3166-1 alpha-3) voted, by date: resolution, date, title, vote; only votes with its name."""
    votes = load("actors.votes_by_country").query("country == @country")[["resolution", "vote"]]
    return (
        load("actors.votes")[["resolution", "date", "title"]]
        .merge(votes, on="resolution")
        .sort_values("date")
        .reset_index(drop=True)
    )


def changed_sides(one: str, other: str) -> pd.DataFrame:
    """Members whose vote on `one` is known and differs on `other`: country, the two votes."""
    votes = (
        load("actors.votes_by_country")
        .pivot(index="country", columns="resolution", values="vote")[[one, other]]
        .dropna()
    )
    return votes[votes[one] != votes[other]]


# --- the article -------------------------------------------------------------------------


def cast() -> pd.DataFrame:
    """Actors that the article names or that the network shows, with their roles in words, indexed by id."""
    people = load("actors.actors").set_index("actor_id")
    roles = load("actors.roles")
    roles = roles.assign(text=[_role(r) for r in roles.itertuples()])
    return people.assign(roles=roles.groupby("actor_id")["text"].agg("; ".join).reindex(people.index))


def cast_rows(strength: pd.Series) -> pd.DataFrame:
    """Rows of the cast: actors that the article names, and persons who share at least one event with another.

    Columns name, side, roles, mentions, events (`strength`, zero where the record brings the actor together
    with nobody; missing for states and bodies), source_ids; by side, then mentions, then events.
    """
    table = cast().join(strength.rename("events"))
    table = table[(table["mentions"] > 0) | table["events"].notna()]
    table["events"] = table["events"].where(table["events"].notna() | (table["type"] != "person"), 0.0)
    order = ["US", "UA", "RU", "EU", "UK", "NATO", "other", "private"]
    table = table.assign(place=table["side"].map(order.index), side=table["side"].map(SIDES))
    table = table.sort_values(["place", "mentions", "events"], ascending=[True, False, False], kind="stable")
    table["roles"] = table["roles"].fillna(
        table["type"].map({"state": "State", "organisation": "Body", "group": "Group"})
    )
    return table.reset_index()[["name", "side", "roles", "mentions", "events", "source_ids"]]


#: Sides in words.
SIDES = {
    "US": "United States", "UA": "Ukraine", "RU": "Russia", "EU": "EU and members", "UK": "United Kingdom",
    "NATO": "NATO", "other": "Others", "private": "Private",
}  # fmt: skip


def _role(row) -> str:
    ends = [None if pd.isna(d) else d for d in (row.from_date, row.to_date)]
    dates = {(True, True): f"{ends[0]} to {ends[1]}", (True, False): f"from {ends[0]}", (False, True): f"to {ends[1]}"}
    told = dates.get((ends[0] is not None, ends[1] is not None))
    return f"{row.role} ({told})" if told else row.role


def lead_sources(cells: pd.Series, most: int = 12) -> list[str]:
    """The sources that most of the `cells` lead with, most used first, then by id; at most `most`."""
    first = cells.dropna().str.split(";").str[0]
    count = first.value_counts()
    unknown = set(count.index) - set(registry().index)
    if unknown:
        raise DataError(f"no source {sorted(unknown)[0]!r}")
    return sorted(count.index, key=lambda s: (-count[s], s))[:most]


#: Columns of the chapter's tables: name -> (header, format).
COLUMNS = {
    "cast": {"name": ("Actor", "text"), "side": ("Acts for", "text"), "roles": ("Office or part", "text"),
             "mentions": ("Mentions", "num0"), "events": ("Events shared", "num0")},
    "naming": {"words": ("Words of the article", "text"), "verdict_printed": ("As printed", "text"),
               "verdict_meant": ("As meant", "text"), "reason": ("Why", "text")},
    "events": {"title": ("Event", "text"), "date": ("Date", "text"), "told": ("Kind, place and what is documented", "text"),
               "track": ("Track", "text"), "grade": ("Grade", "text")},
    "week": {"what": ("Step", "text"), "when": ("Day and hour", "text"), "kind": ("Kind of hour", "text"), "lane": ("Lane", "text")},
    "centrality": {"name": ("Person", "text"), "side": ("Acts for", "text"), "strength": ("Events shared", "num0"),
                   "strength_spread": ("Spread", "text"), "between": ("Share of paths", "num2"), "between_spread": ("Spread of paths", "text")},
    "moves": {"issue": ("Issue", "text"), "actor": ("Actor", "text"), "first": ("Before or in the week", "signed0"), "said_first": ("Said by and when", "text"),
              "last": ("Last", "signed0"), "said_last": ("Said by and when, last", "text"), "step": ("Change", "signed0")},
    "statements": {"told": ("Speaker and statement, paraphrased", "text"), "actor": ("Actor", "text"), "issue": ("Issue", "text"),
                   "day": ("Date", "text"), "code": ("Step", "signed0"), "coded": ("Coded", "text")},
    "disagreements": {"told": ("Statement, paraphrased", "text"), "first": ("First coding", "text"),
                      "second": ("Second coding", "text"), "kept": ("Kept", "text"), "adjudication": ("Why", "text")},
    "un": {"title": ("Subject", "text"), "date": ("Day", "day"), "resolution": ("Text", "text"), "yes": ("For", "num0"), "no": ("Against", "num0"),
           "abstain": ("Abstained", "num0"), "us": ("United States", "text"), "ru": ("Russia", "text"), "ua": ("Ukraine", "text")},
    "changed": {"then": ("March 2022", "text"), "now": ("February 2025", "text"), "members": ("Members", "num0"), "who": ("Which", "text")},
    "recognition": {"state_or_body": ("State or body", "text"), "stance": ("Stance", "text"), "answer": ("Recognises", "text"),
                    "as_of": ("As of", "text"), "note": ("Note", "text")},
    "legal": {"concept": ("Concept", "text"), "definition": ("What it is", "text"), "context": ("Context", "text")},
    "motives": {"words": ("Words of the article", "text"), "verdict_printed": ("As printed", "text"), "verdict_known": ("As known then", "text"),
                "verdict_since": ("As documented since", "text"), "reason": ("Record", "text")},
}  # fmt: skip
#: Kinds of hour in the week, in words.
CLOCKS = {
    "event": "the event",
    "part": "part of the day",
    "report": "stamp of a report, so the latest hour",
    "day": "day only",
}
#: Votes in words.
VOTES = {"yes": "for", "no": "against", "abstain": "abstained", "not_voting": "did not vote"}
#: Documented stances on Crimea in words.
RECOGNISED = {"yes": "claims it", "no": "no", "reported": "support reported, legal form not shown",
              "unknown": "said by its president, no act seen"}  # fmt: skip


def quoted(ids: list[str]) -> pd.DataFrame:
    """Claims with the article's ``words`` (cut from the text as received), in the order given."""
    claims = load("claims.claims").set_index("id").loc[ids].reset_index()
    return claims.assign(words=[quote(i) for i in claims["id"]])


def week_rows() -> pd.DataFrame:
    """Steps of the week for `charts.lanes`: ``lane``, ``start`` (hour UTC, noon where only the day is known), ``label``, ``hour`` and ``kind`` of hour, ``hollow``."""
    week = load("actors.week")
    hour = pd.to_datetime(week["date"].dt.strftime("%Y-%m-%d ") + week["utc"].fillna("12:00"))
    rows = pd.DataFrame({"lane": week["lane"], "start": hour, "label": week["label"], "hour": week["utc"],
                         "kind": week["clock"].map(CLOCKS), "hollow": week["clock"] == "day"})  # fmt: skip
    order = ["Russia", "Ukraine", "United States", "Europe", "All sides"]
    return rows.sort_values("lane", key=pd.Index(order).get_indexer, kind="stable")


def votes_side_by_side() -> pd.DataFrame:
    """Counts and the votes of the United States, Russia and Ukraine in words, by date, where the first is known; ``same``: US as Russia."""
    us = votes_of("USA").merge(load("actors.votes")[["resolution", "yes", "no", "abstain"]], on="resolution")
    other = {c: votes_of(c).set_index("resolution")["vote"] for c in ("RUS", "UKR")}
    same = us["vote"] == us["resolution"].map(other["RUS"])
    return us.assign(us=us["vote"].map(VOTES), ru=us["resolution"].map(other["RUS"]).map(VOTES),
                     ua=us["resolution"].map(other["UKR"]).map(VOTES), same=same)  # fmt: skip


def changed_groups(one: str, other: str) -> pd.DataFrame:
    """Members whose votes differ, by the two votes in words: ``then``, ``now``, ``members``, ``who`` (names, the longest seen); largest group first."""
    names = load("actors.votes_by_country").groupby("country")["name_in_source"].agg(lambda n: max(sorted(n), key=len))
    rows = (
        changed_sides(one, other)
        .replace(VOTES)
        .rename_axis("country")
        .reset_index()
        .set_axis(["country", "then", "now"], axis=1)
    )
    rows["country"] = rows["country"].map(names)
    groups = (
        rows.sort_values("country").groupby(["then", "now"])["country"].agg(members="size", who=", ".join).reset_index()
    )
    return groups.sort_values(["members", "then"], ascending=[False, True], kind="stable")


#: Rows of actors.positions that are no statement: a position that reports ascribe to a government.
REPORTED = {"us-p01-20260213"}


def told() -> pd.DataFrame:
    """All statements as they are told (rows that stand for a text left out), by issue, actor and day.

    Columns ``told`` (speaker and paraphrase, with the remark in brackets), ``actor``, ``issue`` (in words), ``day``,
    ``code`` (oriented; missing where uncoded), ``coded`` (twice, once or not coded), ``reported`` (a position that
    reports ascribe, no statement), source_ids.
    """
    people = load("actors.actors").set_index("actor_id")
    said = load("actors.positions").query("id not in @POSITIONS_OF_TEXTS")
    label = load("deals.issues").set_index("issue_id")["label"]
    party_of = grid_party(people.reset_index()).set_axis(people.index)
    twice = set(load("actors.positions_second")["id"])
    reported = said["id"].isin(REPORTED)
    seen = said["id"].isin(twice).map({True: "twice", False: "once"})
    rows = said.assign(
        told=said["actor_id"].map(people["name"])
        + reported.map({True: " (no statement of its own): ", False: ": "})
        + said["summary"]
        + (" (" + said["note"] + ")").fillna(""),
        actor=said["actor_id"].map(party_of).map(GRID).fillna("Others"),
        issue=said["issue_id"].map(ISSUES).fillna(said["issue_id"].map(label)),
        code=said["code"].astype("float64") * orientation() + 0.0,
        coded=seen.where(said["code"].notna(), "not coded"),
        reported=reported,
        day=said["date"].map(dated),
        start=said["date"].map(first_day),
    )
    order = [*ISSUES.values(), *sorted(set(rows["issue"]) - set(ISSUES.values()))]
    rows["place"] = rows["issue"].map(order.index)
    return rows.sort_values(["place", "actor", "start"], kind="stable").reset_index(drop=True)


def centrality_rows(ranked: pd.DataFrame, most: int) -> pd.DataFrame:
    """The `most` strongest persons of `spread` with name, side in words and both spreads as text."""
    rows = ranked.head(most).join(load("actors.actors").set_index("actor_id")[["name", "side"]])
    rows["side"] = rows["side"].map(SIDES)
    for measure, digits in (("strength", 0), ("between", 2)):
        ends = zip(rows[f"{measure}_low"], rows[f"{measure}_high"], strict=True)
        rows[f"{measure}_spread"] = [f"{num(a, digits)} to {num(b, digits)}" for a, b in ends]
    return rows


def contact_frames(pairs: pd.DataFrame, persons: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`contact_counts` by surname for `charts.heat`, without its empty row and column, and why cells are empty."""
    name = load("actors.actors").set_index("actor_id")["name"].str.split(" ").str[-1]
    counts = contact_counts(pairs, persons).rename(index=name, columns=name).iloc[1:, :-1]
    return counts, counts.isna().replace({True: "same pair", False: None})


def move_rows(table: pd.DataFrame) -> pd.DataFrame:
    """`moves` with actor, issue and the speakers of both ends (``said_first``, ``said_last``) in words, by issue."""
    rows = moves(table)
    name = load("actors.actors").set_index("actor_id")["name"]
    rows = rows.assign(
        actor=rows["party"].map(GRID),
        issue=rows["issue_id"].map(ISSUES),
        said_first=rows["by"].map(name) + ", " + rows["since"].map(dated),
        said_last=rows["then"].map(name) + ", " + rows["until"].map(dated),
    )
    return rows.sort_values("issue_id", key=pd.Index(list(ISSUES)).get_indexer, kind="stable")
