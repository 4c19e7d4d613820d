"""The claims ledger: counts, agreement of the second pass, the argument, and what the chapter publishes.

The words of the article are never kept here: what is published carries offsets, and the press
cuts the text from ``seeds/`` when it renders a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

import krippendorff
import networkx as nx
import pandas as pd

from defacto import crosschecks
from defacto.crosschecks import CHECKED, origin_names, telling_evidence
from defacto.data import load, resource
from defacto.figures import MIME, frame_csv
from defacto.ledger import QUANTITY_RULE as QUANTITY_RULE
from defacto.ledger import article

READINGS = ("printed", "meant")
#: The four verdicts of a claim: column and what a reader is told.
CLOCKS = {
    "verdict_printed": "As printed", "verdict_meant": "As meant", "verdict_known": "As meant, known by",
    "verdict_since": "As meant, documented to",
}  # fmt: skip
HOLDS = ["supported", "mostly supported"]
#: The day on which the earlier clock stops.
CLOCK = pd.Timestamp(crosschecks.CLOCK)
#: The computed values behind quantitative verdicts: label of what shows them, and how it is called.
METRICS = {
    "four-oblasts-held-share-20250423": ("fig-seventy-readings", "the shares by reading, on the maps of the day"),
    "witkoff-putin-meetings-20250425": ("table-witkoff-putin-meetings", "the meetings, counted"),
}
#: Where the verdict on the share is tried with other thresholds.
SENSITIVITY = "[the chapter on territory](#table-seventy-thresholds)"


def claims() -> pd.DataFrame:
    """The ledger, index id, with ``n``, the number that stands beside the text."""
    frame = load("claims.claims").set_index("id")
    return frame.assign(n=frame.index.str[1:].astype(int))


def scale(name: str = "verdict") -> pd.DataFrame:
    """Words of a scale in order (index word): definition, symbol."""
    words = load("claims.scale").query("scale == @name").sort_values("order")
    return words.set_index("word")[["definition", "symbol"]]


def signed(word: str) -> str:
    """A verdict or confidence word with its sign: ``● supported``."""
    for name in ("verdict", "confidence"):
        if word in scale(name).index:
            return f"{scale(name).at[word, 'symbol']} {word}"
    raise KeyError(f"{word!r} is on no scale that has signs")


def quoted(start: int, end: int) -> str:
    """Words of the article between two offsets, in one line."""
    return " ".join(article()[start:end].split())


# --- counts -------------------------------------------------------------------------------


def crossed(rows: str, columns: str, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """Claims counted by two columns, scales in their order, verdicts with their signs; empty rows are left out."""
    frame = claims() if frame is None else frame
    frame = frame.dropna(subset=[rows, columns])
    counts = pd.crosstab(frame[rows], frame[columns])
    order = {"type": scale("claim_type").index}
    for axis, name in enumerate((rows, columns)):
        known = list(order.get(name, scale().index if name.startswith("verdict") else sorted(set(frame[name]))))
        counts = counts.reindex([k for k in known if k in counts.axes[axis]], axis=axis)
        if name.startswith("verdict"):
            counts = counts.rename(signed, axis=axis)
    return counts.rename_axis(index="Verdict" if rows.startswith("verdict") else None, columns=None)


def holding(kind: str, reading: str = "meant") -> tuple[int, int]:
    """How many claims of a type hold (supported or mostly), and how many there are."""
    mine = claims().query("type == @kind")[f"verdict_{reading}"]
    return int(mine.isin(HOLDS).sum()), len(mine)


def stages(reading: str) -> pd.DataFrame:
    """Verdicts of every claim in three states of the ledger: first, after the blind pass, and now."""
    now = claims()[f"verdict_{reading}"]
    seen = _readings().drop_duplicates("claim_id").set_index("claim_id")[f"before_{reading}"].reindex(now.index)
    early = load("claims.reviews").query("`pass` in ['blind', 'rule']").drop_duplicates("claim_id")
    first = early.set_index("claim_id")[f"before_{reading}"].reindex(now.index).fillna(seen)
    return pd.DataFrame({"first": first, "blind": seen, "now": now})


def before_and_after() -> pd.DataFrame:
    """Claims by verdict word in the three states, both readings (``printed_first`` and so on); words that occur."""
    counts = {
        f"{reading}_{state}": series.value_counts() for reading in READINGS for state, series in stages(reading).items()
    }
    return (
        pd.DataFrame(counts)
        .reindex([w for w in scale().index if any(w in c.index for c in counts.values())])
        .fillna(0)
        .astype(int)
    )


def types_before_and_after() -> pd.DataFrame:
    """Claims by verdict as meant (rows) and type (columns), first and now: ``12 → 11``, one number where they are equal."""
    states, kinds = stages("meant"), claims()["type"]
    first, now = (pd.crosstab(states[state], kinds) for state in ("first", "now"))
    rows = [w for w in scale().index if w in first.index.union(now.index)]
    columns = [k for k in scale("claim_type").index if k in now.columns]
    first, now = (t.reindex(index=rows, columns=columns, fill_value=0) for t in (first, now))
    told = first.astype(str).where(first == now, first.astype(str) + " → " + now.astype(str))
    return told.replace("0", "").rename_axis(index=None, columns=None)


def telling() -> pd.DataFrame:
    """Evidence that supports or refutes, with origin and date of its source."""
    return telling_evidence(load("claims.evidence"), load("sources"))


def origins_of() -> pd.Series:
    """Independent origins of the evidence that tells on the meant reading: claim -> sorted names."""
    found = origin_names(telling())
    return found.reindex(claims().index).map(lambda names: names if isinstance(names, list) else [])


def origin_table() -> pd.DataFrame:
    """Claims by number of independent origins (none, one, two, three or more) and by whether they can be checked."""
    count = origins_of().map(len).clip(upper=3)
    can = claims()["verdict_meant"].ne("not checkable").map({True: "checkable", False: "not checkable"})
    table = pd.crosstab(count, can).reindex(range(4), fill_value=0)
    return table.set_axis(["none", "one", "two", "three or more"]).rename_axis(index="origins", columns=None)


def evidence_base() -> pd.DataFrame:
    """Where the outlets behind the rows of evidence sit: rows, share, rows that tell, rows of state-financed outlets.

    Countries with fewer than eight rows are one line. A row stands for the outlet that was read, not for the origin it repeats.
    """
    rows = load("claims.evidence").join(load("sources").set_index("id")[["country", "ownership"]], on="source_ids")
    many = rows["country"].value_counts()
    place = rows["country"].where(rows["country"].map(many) >= 8, "other")
    told = rows.assign(place=place.replace("XX", "not known")).groupby("place").agg(
        rows=("id", "size"), telling=("stance", lambda s: int(s.ne("context").sum())),
        state=("ownership", lambda s: int(s.eq("state-owned or state-financed").sum())),
    )  # fmt: skip
    last = [name for name in ("other", "not known") if name in told.index]
    told = pd.concat([told.drop(last).sort_values("rows", ascending=False), told.loc[last]])
    return told.assign(share=told["rows"] / told["rows"].sum()).reset_index()


def readable(text: str) -> str:
    """A text of the reviews with claims and rows of evidence as a reader knows them: ``claim 28``, ``row 2``."""
    text = re.sub(r"\b(?:claim )?C0*(\d+)\b", r"claim \1", text)
    return re.sub(r"\b(?:row )?[eE]0*(\d+)\b", r"row \1", text)


# --- the second pass ----------------------------------------------------------------------


def agreement(reading: str = "meant", unprimed: bool = False) -> tuple[int, int, float]:
    """Blind pass against the ledger before it: equal verdicts, claims compared, Krippendorff's alpha (nominal).

    `unprimed` leaves out the claims whose outcome the blind reader had met in notes.
    """
    blind = load("claims.reviews").query("`pass` == 'blind'")
    if unprimed:
        blind = blind[blind["primed"] == "no"]
    pairs = blind[[f"before_{reading}", f"verdict_{reading}"]]
    codes = {word: n for n, word in enumerate(scale().index)}
    values = pairs.apply(lambda column: column.map(codes)).to_numpy(dtype="float64").T
    same = int((values[0] == values[1]).sum())
    return same, values.shape[1], float(krippendorff.alpha(reliability_data=values, level_of_measurement="nominal"))


def disagreements() -> pd.DataFrame:
    """Claims on which the blind pass differed: number, both pairs of verdicts, decision and why."""
    rows = load("claims.reviews").query("`pass` == 'blind' and decision != 'agrees'")
    return pd.DataFrame({
        "claim": rows["claim_id"].map(claims()["n"]), "ledger": rows["before_printed"] + " / " + rows["before_meant"],
        "blind": rows["verdict_printed"] + " / " + rows["verdict_meant"], "decision": rows["decision"], "answer": rows["answer"].map(readable),
    })  # fmt: skip


#: The capitals for which all claims were read, as a reader is told.
CAPITALS = {name: name.capitalize() for name in crosschecks.CAPITALS}


def _readings() -> pd.DataFrame:
    """Rows of the readings for the capitals, one a claim and capital."""
    return load("claims.reviews").query("`pass` in @CAPITALS")


def objections() -> pd.DataFrame:
    """What an advocate of each capital objects, with the verdict asked for and the answer in one text, and the decision."""
    rows = _readings().dropna(subset="objection")
    printed = ("; asked for as printed: " + rows["asked_printed"]).fillna("")
    meant = ("; asked for as meant: " + rows["asked_meant"]).fillna("")
    both = ("; asked for: " + rows["asked_meant"]).where(rows["asked_printed"] == rows["asked_meant"])
    told = rows["objection"].str.rstrip(".") + both.fillna(printed + meant) + ". Answer: " + rows["answer"]
    return pd.DataFrame({
        "claim": rows["claim_id"].map(claims()["n"]), "side": rows["pass"].map(CAPITALS), "strength": rows["strength"],
        "decision": rows["decision"], "told": told.map(readable),
    })  # fmt: skip


def by_capital() -> pd.DataFrame:
    """One row a capital: claims read, objections, decisions, and of the verdicts asked for how many stand now."""
    rows, ledger = _readings(), claims()
    told = {}
    for side, mine in rows.groupby("pass"):
        asked = mine.dropna(subset=["asked_printed", "asked_meant"], how="all")
        stands = [
            any(
                getattr(r, f"asked_{x}") == ledger.at[r.claim_id, f"verdict_{x}"] != getattr(r, f"before_{x}")
                for x in READINGS
            )
            for r in asked.itertuples()
        ]
        objected = mine.dropna(subset="objection")
        told[CAPITALS[side]] = {
            "read": len(mine), "objections": len(objected),
            **{word: int((objected["decision"] == word).sum()) for word in ("changed", "reworded", "kept")},
            "asked": len(asked), "granted": sum(stands), "share": sum(stands) / len(asked),
        }  # fmt: skip
    return pd.DataFrame.from_dict(told, orient="index").rename_axis("side").reset_index()


def turned() -> pd.DataFrame:
    """Claims whose verdict the readings for the capitals, later events or a check changed: as read, as it stands, who asked, why."""
    rows = load("claims.reviews").query("decision == 'changed' and `pass` not in ['blind', 'rule']")
    names = CAPITALS | {"record": "later events", "check": "a check of the ledger"}
    asked = rows.groupby("claim_id")["pass"].agg(lambda sides: ", ".join(names[s] for s in sides))
    why = rows.drop_duplicates("claim_id").set_index("claim_id")["answer"]
    ledger = claims().loc[asked.index]
    seen = _readings().drop_duplicates("claim_id").set_index("claim_id").loc[asked.index]

    def words(frame: pd.DataFrame, prefix: str) -> pd.Series:
        columns = frame[[f"{prefix}_{x}" for x in (*READINGS, "known")]].fillna("left open")
        return columns.apply(lambda three: three.iloc[0] if three.nunique() == 1 else " / ".join(three), axis=1)

    return pd.DataFrame(
        {
            "claim": ledger["n"],
            "was": words(seen, "before"),
            "now": words(ledger, "verdict"),
            "asked": asked,
            "why": why.map(readable),
        }
    )


# --- alterations and forecasts ------------------------------------------------------------


def by_context() -> list[int]:
    """Claims (numbers) whose readings differ in verdict though no listed alteration touches them: the sense was read from the context."""
    ledger, touched = claims(), set(load("claims.alterations")["claim_ids"].str.split(";").explode())
    differ = ledger["verdict_printed"] != ledger["verdict_meant"]
    return ledger.loc[differ & ~ledger.index.isin(touched), "n"].tolist()


def alterations() -> pd.DataFrame:
    """Where the copy departs from the original, in order of the text: printed and restored words, class, harm, claims."""
    rows = load("claims.alterations").sort_values("start")
    numbers = rows["claim_ids"].map(lambda ids: ", ".join(str(int(i[1:])) for i in ids.split(";")))
    return rows.assign(printed=[quoted(s, e) for s, e in zip(rows["start"], rows["end"], strict=True)], claims=numbers)


def harm_by_class() -> pd.DataFrame:
    """Alterations by class (rows) and harm (columns, high first), classes in the order of their scale."""
    counts = pd.crosstab(load("claims.alterations")["class"], load("claims.alterations")["harm"])
    rows = [w for w in scale("alteration_class").index if w in counts.index]
    return counts.reindex(index=rows, columns=["high", "medium", "low"], fill_value=0).rename_axis(
        index="Kind of change", columns=None
    )


def forecasts() -> pd.DataFrame:
    """The forecast ledger: claim number, question, horizon, status with its sign, day, type of the claim."""
    rows = load("claims.forecasts")
    return rows.assign(
        claim=rows["claim_id"].map(claims()["n"]), type=rows["claim_id"].map(claims()["type"]),
        status_shown=rows["status_word"].map(signed), day=rows["as_of"].dt.strftime("%Y-%m-%d"),
        begins=rows["horizon"].str.split("/").str[0], ends=rows["horizon"].str.split("/").str[-1].replace("..", "open"), reason=rows["claim_id"].map(claims()["reason"]),
    )  # fmt: skip


def meetings(first: str = "witkoff", second: str = "putin", until="2025-04-25") -> pd.DataFrame:
    """Meetings at which both were present, to a day: date, what, place, sources."""
    people = load("actors.participants")
    both = set.intersection(*(set(people.loc[people["actor_id"] == who, "event_id"]) for who in (first, second)))
    events = load("actors.events")
    rows = events[events["event_id"].isin(both) & (events["date"] <= until)].sort_values("date").reset_index(drop=True)
    return rows.assign(n=rows.index + 1)


# --- the argument -------------------------------------------------------------------------


def graph() -> nx.DiGraph:
    """The argument as the text draws it: an edge goes from a ground to what rests on it."""
    drawn = nx.DiGraph()
    for row in load("claims.links").itertuples():
        drawn.add_edge(row.from_claim, row.to_claim, relation=row.relation)
    return drawn


def argument() -> pd.DataFrame:
    """One row a link: from and to (numbers), relation, both verdicts as meant, in the order of the text."""
    ledger = claims()
    rows = pd.DataFrame(
        [(a, b, d["relation"]) for a, b, d in graph().edges(data=True)], columns=["from", "to", "relation"]
    )
    rows = rows.assign(
        from_verdict=rows["from"].map(ledger["verdict_meant"]), to_verdict=rows["to"].map(ledger["verdict_meant"])
    )
    rows[["from", "to"]] = rows[["from", "to"]].apply(lambda column: column.map(ledger["n"]))
    return rows.sort_values(["from", "to"]).reset_index(drop=True)


def ends() -> dict[int, str]:
    """Claims that nothing else rests on: number -> statement."""
    ledger, drawn = claims(), graph()
    return {int(ledger.at[c, "n"]): ledger.at[c, "statement"] for c in sorted(drawn) if not drawn.out_degree(c)}


def descendants(claim_id: str) -> list[str]:
    """What rests on a claim, directly or not."""
    return sorted(nx.descendants(graph(), claim_id))


def covered() -> float:
    """Share of the article's characters that belong to a claim."""
    spans = claims()
    inside = set().union(*(range(s, e) for s, e in zip(spans["start"], spans["end"], strict=True)))
    return len(inside) / len(article())


def chain(claim_id: str) -> pd.Series:
    """Verdicts as meant of all that a claim rests on, directly or not, index claim."""
    return claims().loc[sorted(nx.ancestors(graph(), claim_id)), "verdict_meant"]


def outline() -> str:
    """The argument as a nested list in Markdown: conclusions first, under each what it rests on."""
    drawn, ledger, seen, lines = graph(), claims(), set(), []

    def tell(claim: str, depth: int, relation: str) -> None:
        row = ledger.loc[claim]
        again = claim in seen and drawn.in_degree(claim)
        how = f" *{relation}*" if relation else ""
        lines.append(
            f"{'  ' * depth}- [{row['n']} {scale().at[row['verdict_meant'], 'symbol']}](#claim-{claim.lower()}){how}: "
            f"{row['statement'].replace('*', '')} ({row['verdict_meant']}){'; its grounds stand above' if again else ''}"
        )
        if not again:
            seen.add(claim)
            for ground in sorted(drawn.predecessors(claim)):
                tell(ground, depth + 1, drawn.edges[ground, claim]["relation"])

    for claim in sorted(c for c in drawn if not drawn.out_degree(c)):
        tell(claim, 0, "")
    return "\n".join(lines)


# --- what the chapter publishes -----------------------------------------------------------


class Ledger:
    """A part of the ledger as one display: small JSON for the press, its rows as CSV, plain HTML for JupyterLab."""

    def __init__(self, frame: pd.DataFrame, meta: dict):
        self.frame, self.meta = frame, meta

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(str(v))}</td>' for v in row)}</tr>\n"
            for row in self.frame.fillna("").itertuples(index=False)
        )
        head = "".join(f"<th>{escape(c)}</th>" for c in self.frame)
        caption = f"<caption><b>{escape(self.meta['title'])}</b><br>{escape(self.meta['subtitle'])}</caption>"
        return {
            "text/html": f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>",
            "text/csv": frame_csv(self.frame),
            MIME: self.meta,
            "text/plain": f"{self.meta['title']} ({len(self.frame)} rows)",
        }


_SHOWN = ["n", "start", "end", *CLOCKS]


def annotated(*, id: str, title: str, subtitle: str, sources: Sequence[str], notes: str = "") -> Ledger:
    """The article with its claims: offsets and verdicts alone; the press cuts the words from the seed."""
    frame = claims()[_SHOWN].rename_axis("claim").reset_index()
    words, blocks = (
        scale(),
        load("claims.sentences").groupby("paragraph").agg(start=("start", "min"), end=("end", "max")),
    )
    meta = {
        "id": id, "kind": "article", "title": title, "subtitle": subtitle, "notes": notes, "sources": list(sources),
        "known": f"{CLOCK:%Y-%m-%d}", "since": f"{claims()['since_as_of'].max():%Y-%m-%d}",
        "words": [[w, r["symbol"]] for w, r in words.iterrows() if frame[list(CLOCKS)].eq(w).any(axis=None)],
        "blocks": blocks.to_numpy().tolist(),
        "statements": claims()["statement"].to_dict(),
        "briefs": {i: _brief(i) for i in claims().index},
        "altered": load("claims.alterations").sort_values("start")[["start", "end", "restored", "basis"]].to_numpy().tolist(),
    }  # fmt: skip
    return Ledger(frame, meta)


def _brief(claim_id: str) -> dict:
    """What a note beside the text says of a claim besides its verdicts: reason, confidence, rows of evidence by stance."""
    row, told = (
        claims().loc[claim_id],
        load("claims.evidence").query("claim_id == @claim_id")["stance"].value_counts(),
    )
    return {
        "type": row["type"], "reason": row["reason"], "confidence": None if pd.isna(row["confidence"]) else signed(row["confidence"]),
        "evidence": [int(told.get(stance, 0)) for stance in ("supports", "refutes", "context")],
    }  # fmt: skip


def _evidence(claim_id: str) -> list[list[str]]:
    rows = load("claims.evidence").query("claim_id == @claim_id")
    return [[r.stance, r.source_ids, r.strength, r.on_reading, r.note] for r in rows.itertuples()]


def _entry(claim_id: str, names: list[str]) -> dict:
    """All that a card or a row of the ledger shows of one claim, but for the words of the article."""
    row = claims().loc[claim_id]
    altered = load("claims.alterations")
    altered = altered[altered["claim_ids"].str.split(";").map(lambda ids: claim_id in ids)]
    entry = {
        "claim": claim_id, "n": int(row["n"]), "start": int(row["start"]), "end": int(row["end"]),
        "statement": row["statement"], "chapter": row["chapter"], "type": row["type"],
        "altered": [[int(a.start), int(a.end), a.restored, altered.at[a.Index, "class"], a.harm, a.basis]
                    for a in altered.itertuples()],
        "verdicts": [None if pd.isna(row[c]) else row[c] for c in CLOCKS], "since": f"{row['since_as_of']:%Y-%m-%d}",
        "overtaken": None if pd.isna(row["overtaken_on"]) else f"{row['overtaken_on']:%Y-%m-%d}",
        "known_basis": None if pd.isna(row["known_basis"]) else row["known_basis"], "reason": row["reason"],
        "confidence": None if pd.isna(row["confidence"]) else row["confidence"], "origins": names,
        "needed": None if pd.isna(row["evidence_needed"]) else row["evidence_needed"],
        "metric": None if pd.isna(row["metric_id"]) else list(METRICS[row["metric_id"]]),
        "evidence": _evidence(claim_id),
    }  # fmt: skip
    return entry


def _bundle(kind: str, ids: Iterable[str], meta: dict) -> Ledger:
    ids, names = list(ids), origins_of()
    if not ids:
        raise ValueError(f"{kind} {meta['id']!r}: no claim is named")
    frame = (
        claims()
        .loc[ids, ["n", "statement", "chapter", "type", *CLOCKS, "confidence", "reason"]]
        .rename_axis("claim")
        .reset_index()
    )
    told = load("claims.evidence")
    told = set(told.loc[told["claim_id"].isin(ids), "source_ids"])
    entries = [_entry(i, names[i]) for i in ids]
    return Ledger(frame, {**meta, "kind": kind, "sources": ["sureanot-202504"], "entries": entries,
                          "cites": sorted(told), "known": f"{CLOCK:%Y-%m-%d}"})  # fmt: skip


def cards(*, id: str, title: str, subtitle: str, notes: str = "") -> Ledger:
    """Cards of the claims that carry the argument, in the order of the text."""
    chosen = claims().query("card == 'yes'").index
    return _bundle("cards", chosen, {"id": id, "title": title, "subtitle": subtitle, "notes": notes})


def rows(*, id: str, title: str, subtitle: str, notes: str = "") -> Ledger:
    """All claims, one row each, with the sources of those that have no card."""
    return _bundle("claims", claims().index, {"id": id, "title": title, "subtitle": subtitle, "notes": notes})


# --- for machines -------------------------------------------------------------------------

#: The step of a verdict on a numeric rating, from worst to best; other words have a name alone.
RATING = {word: len(CHECKED) - n for n, word in enumerate(CHECKED)}


def review_json(claim_id: str, address: str, publisher: str) -> dict:
    """A schema.org ClaimReview of the meant reading, as documented since.

    `address` is where the claim stands in the book. The words of the altered copy are not ascribed
    to the author: what is reviewed is the statement in our words.
    """
    row, sources = claims().loc[claim_id], load("sources").set_index("id")
    word = row["verdict_since"]
    rating = {"@type": "Rating", "alternateName": word}
    if word in RATING:
        rating |= {"ratingValue": RATING[word], "worstRating": min(RATING.values()), "bestRating": max(RATING.values())}
    copy, first = sources.loc["sureanot-202504"], sources.loc["menafn-asia-times-202504"]
    told = load("claims.evidence").query("claim_id == @claim_id")["source_ids"]
    return {
        "@context": "https://schema.org", "@type": "ClaimReview", "@id": address, "url": address, "inLanguage": "en",
        "claimReviewed": row["statement"], "reviewAspect": "as meant, documented since",
        "datePublished": f"{pd.Timestamp(resource('claims.reviews')['documented_to']):%Y-%m-%d}",
        "author": {"@type": "Organization", "name": publisher},
        "itemReviewed": {
            "@type": "Claim", "name": row["statement"], "author": {"@type": "Person", "name": "Stephen Bryen"},
            "datePublished": first["published"].rstrip("~?"),
            "firstAppearance": {"@type": "Article", "url": first["url"], "headline": first["title"]},
            "appearance": {"@type": "Article", "url": copy["url"], "headline": copy["title"]},
        },
        "reviewRating": rating, "reviewBody": row["reason"],
        "citation": sorted({u for u in sources.loc[told.unique(), "url"].dropna()}),
    }  # fmt: skip


def claim_json(claim_id: str, address: str, origins: list[str]) -> dict:
    """One claim with its `origins` (see `origins_of`) and evidence, for ``claims.json``: offsets instead of the words."""
    entry = _entry(claim_id, origins)
    verdicts = dict(zip(CLOCKS, entry.pop("verdicts"), strict=True))
    evidence = [
        dict(zip(("stance", "source", "strength", "reading", "note"), row, strict=True))
        for row in entry.pop("evidence")
    ]
    altered = [
        dict(zip(("start", "end", "restored", "class", "harm", "basis"), row, strict=True))
        for row in entry.pop("altered")
    ]
    entry.pop("metric")
    return {
        "id": entry.pop("claim"),
        "address": address,
        **entry,
        **verdicts,
        "evidence": evidence,
        "alterations": altered,
    }


def machine_csv() -> str:
    """The ledger as CSV with the number of origins and of evidence rows by stance."""
    stances = load("claims.evidence").groupby(["claim_id", "stance"]).size().unstack(fill_value=0)
    frame = claims().drop(columns=["source_ids", "status"]).join(stances).assign(origins=origins_of().map(len))
    return frame.rename_axis("id").fillna({s: 0 for s in stances}).to_csv(lineterminator="\n", date_format="%Y-%m-%d")
