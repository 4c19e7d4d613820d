"""Deal terms: how far two codings agree, how far texts lie apart, and where the sides moved.

Codes run from -3 to +3 on each issue; which sign stands at whose end is data
(`deals.poles`), and `Terms` turns every code so that a higher value lies nearer to what
Ukraine has asked for. Turning all signs round in the data therefore changes nothing here.
Equal steps between anchors are an assumption of every mean and gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import krippendorff
import numpy as np
import pandas as pd

from defacto.data import DataError, load, split_list
from defacto.ledger import best_grade, registry
from defacto.prose import listing, num

#: Issue groups in reading order.
GROUPS = ["territory", "ceasefire", "security", "infrastructure", "economy", "humanitarian", "political", "process"]
#: Status issues of the oblasts and Crimea, which nearly repeat each other; headline figures leave them out.
REPEATED = ["T01", "T02", "T03", "T04", "T05"]
#: Whose texts count for a side: those it put forward alone or with its allies. Texts of a
#: mediator, or of both sides together, count for neither.
OWN = {"Russia": ["Russia"], "Ukraine": ["Ukraine", "Ukraine and Europe"]}
#: The text whose attribution is open: a joint working text that the delegation of Ukraine handed over.
COMMUNIQUE = "UA_RU_IST22_COMM"
#: Issues on which the United States has interests of its own, so that an end is not a side's alone.
US_INTERESTS = ["E01", "E05", "E08"]
#: How the issue of withdrawals elsewhere is told from a swap: the code of T06 "only in exchange".
SWAP = ("T06", "T11", -1.0)
DOMAIN = list(range(-3, 4))
SEED = 20250423
DRAWS = 1000
#: Texts left out of the paths: a second report of terms that are in them already, and a draft
#: that was published with a later reply of the same side.
APART = ["US_AXIOS25", "EU_24PT25"]
#: Series of the paths by the side of a text; texts of a mediator with a side, or of both sides, are joint.
SERIES = {
    "Russia": "Russia", "Ukraine": "Ukraine", "Ukraine and Europe": "Ukraine", "United States": "United States",
    "Europe": "Europe", "joint Russia-Ukraine": "Joint texts", "United States and Ukraine": "Joint texts",
}  # fmt: skip


# --- the codings -------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """The coded texts.

    Attributes
    ----------
    codes
        Issues x proposals, float steps from -3 to +3, oriented: higher is nearer to what
        Ukraine has asked for; missing unless coded.
    status
        Issues x proposals: ``coded``, ``silent`` or ``unseen``.
    strength
        Issues x proposals: 0 absent, 1 general clause, 2 some detail, 3 detail of implementation.
    issues, proposals
        Their tables, indexed by id; issues in group order, proposals by date.
    """

    codes: pd.DataFrame
    status: pd.DataFrame
    strength: pd.DataFrame
    issues: pd.DataFrame
    proposals: pd.DataFrame

    def of(
        self,
        side: str,
        *,
        since: str | None = None,
        until: str | None = None,
        joint: Iterable[str] = (),
        also: Iterable[str] = (),
        without: Iterable[str] = (),
    ) -> list[str]:
        """Proposals that count for `side` (see `OWN`), by date.

        `joint` adds values of ``side``, `also` single texts; texts in `without` do not count.
        """
        table = self.proposals
        keep = table["side"].isin([*OWN[side], *joint]) | table.index.isin(list(also))
        keep &= ~table.index.isin(list(without))
        if since is not None:
            keep &= table["date"] > since
        if until is not None:
            keep &= table["date"] <= until
        return list(table.index[keep])


def orientation(poles: pd.DataFrame | None = None) -> int:
    """Sign that turns codes towards Ukraine's end of the scale (+1 or -1), from `deals.poles`.

    Raises
    ------
    DataError
        If the two ends do not lie opposite.
    """
    poles = load("deals.poles") if poles is None else poles
    sign = poles.set_index("side")["sign"]
    if set(sign.index) != {"Russia", "Ukraine"} or sign["Russia"] != -sign["Ukraine"]:
        raise DataError("deals/poles.csv: the ends of Russia and Ukraine must lie opposite")
    return int(sign["Ukraine"])


def poles() -> tuple[str, str]:
    """The ends of the scale in words: low (Russia's), high (Ukraine's)."""
    words = load("deals.poles").set_index("side")["label"]
    return words["Russia"], words["Ukraine"]


def terms() -> Terms:
    """All proposals on all issues, oriented (see `Terms`)."""
    issues = load("deals.issues").set_index("issue_id")
    issues = issues.assign(order=issues["group"].map(GROUPS.index)).sort_values(["order"], kind="stable")
    proposals = load("deals.proposals").sort_values(["date", "proposal_id"], kind="stable").set_index("proposal_id")
    cells = load("deals.provisions").assign(code=lambda c: c["code"].astype("float64") * orientation() + 0.0)
    place = {"index": "issue_id", "columns": "proposal_id"}
    return Terms(
        cells.pivot(**place, values="code").loc[issues.index, proposals.index],
        cells.pivot(**place, values="coding_status").loc[issues.index, proposals.index],
        cells.pivot(**place, values="strength").loc[issues.index, proposals.index],
        issues.drop(columns="order"),
        proposals,
    )


# --- agreement ---------------------------------------------------------------------------


def both_coded(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Cells that both codings coded: proposal_id, issue_id, ``one``, ``other`` (steps).

    Both frames have the columns proposal_id, issue_id, coding_status and code.
    """
    key = ["proposal_id", "issue_id"]
    kept = [f[f["coding_status"] == "coded"].set_index(key)["code"].astype("float64") for f in (one, other)]
    pairs = pd.concat(kept, axis=1, keys=["one", "other"], join="inner").sort_index()
    return pairs.reset_index()


def alpha(pairs: pd.DataFrame) -> float:
    """Krippendorff's alpha, ordinal, of the columns ``one`` and ``other`` (1 is perfect, 0 is chance).

    Missing where alpha is not defined: fewer than two cells, or one single value throughout.
    """
    return _alpha(_counts(pairs))


def _counts(pairs: pd.DataFrame) -> np.ndarray:
    """How often each step of `DOMAIN` was given to each cell: shape (cells, steps)."""
    values = pairs[["one", "other"]].to_numpy(dtype="float64")
    return (values[:, :, None] == np.asarray(DOMAIN, dtype="float64")).sum(axis=1)


def _alpha(counts: np.ndarray) -> float:
    if len(counts) < 2 or counts.any(axis=0).sum() < 2:
        return float("nan")
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal", value_domain=DOMAIN))


@dataclass(frozen=True)
class Agreement:
    """How far two codings agree: cells coded by both, shares of them, alpha with its 95 % interval."""

    cells: int
    equal: int
    within_one: int
    alpha: float
    low: float
    high: float

    @property
    def exact(self) -> float:
        """Share of cells with equal codes."""
        return self.equal / self.cells if self.cells else float("nan")


def agreement(pairs: pd.DataFrame, cluster: str = "proposal_id", draws: int = DRAWS, seed: int = SEED) -> Agreement:
    """Agreement on `pairs` (of `both_coded`), with a percentile bootstrap over whole clusters.

    Parameters
    ----------
    cluster
        Column whose values are drawn with replacement: proposals, because cells of one text
        stand and fall together; issues where there are too few texts.
    """
    gap = (pairs["one"] - pairs["other"]).abs()
    groups = [_counts(g) for _, g in pairs.groupby(cluster)]
    low = high = float("nan")
    if len(groups) > 1:
        random = np.random.default_rng(seed)
        found = []
        for _ in range(draws):
            drawn = [groups[i] for i in random.integers(len(groups), size=len(groups))]
            found.append(_alpha(np.concatenate(drawn)))
        low, high = np.nanquantile(found, [0.025, 0.975]) if np.isfinite(found).any() else (low, high)
    return Agreement(len(pairs), int((gap == 0).sum()), int((gap <= 1).sum()), alpha(pairs), float(low), float(high))


# --- distances ---------------------------------------------------------------------------


def gaps(codes: pd.DataFrame, one: str, other: str) -> pd.Series:
    """Absolute gap in steps on each issue that both texts code (issues as index)."""
    return (codes[one] - codes[other]).abs().dropna()


def mean_gap(gap: pd.Series, weights: pd.Series | None = None) -> float:
    """Mean of `gap`, weighted by issue; missing where all weights are zero."""
    if weights is None:
        return float(gap.mean())
    weight = weights.reindex(gap.index).astype("float64")
    return float((gap * weight).sum() / weight.sum()) if weight.sum() else float("nan")


def distances(
    codes: pd.DataFrame, least: int = 8, weights: pd.Series | None = None, draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """Distance of every pair of texts that code at least `least` issues in common.

    Returns
    -------
    DataFrame with one row a pair: ``one``, ``other``, ``issues`` (coded by both), ``equal``,
    ``mean`` and ``median`` absolute gap in steps, ``low`` and ``high`` (95 % bootstrap of the
    mean over issues; seed fixed), ``drop_low`` and ``drop_high`` (range of the mean when any
    single issue is left out).
    """
    names, rows = list(codes.columns), []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            gap = gaps(codes, one, other)
            if len(gap) < least:
                continue
            weight = pd.Series(1.0, gap.index) if weights is None else weights.reindex(gap.index).astype("float64")
            v, w = gap.to_numpy(), weight.to_numpy()
            drawn = np.random.default_rng(seed).integers(len(v), size=(draws, len(v)))
            means = (v * w)[drawn].sum(axis=1) / np.maximum(w[drawn].sum(axis=1), 1e-12)
            rest = ((v * w).sum() - v * w) / np.maximum(w.sum() - w, 1e-12)
            rows.append([one, other, len(v), int((v == 0).sum()), mean_gap(gap, weight), float(np.median(v)),
                         *np.quantile(means, [0.025, 0.975]), rest.min(), rest.max()])  # fmt: skip
    columns = ["one", "other", "issues", "equal", "mean", "median", "low", "high", "drop_low", "drop_high"]
    return pd.DataFrame(rows, columns=columns)


def square(pairs: pd.DataFrame, value: str, names: Sequence[str]) -> pd.DataFrame:
    """Pairs among `names` as a symmetric table of `value`, missing where a pair is missing and on the diagonal."""
    table = pd.DataFrame(np.nan, index=list(names), columns=list(names))
    for row in pairs[pairs["one"].isin(table.index) & pairs["other"].isin(table.index)].itertuples(index=False):
        table.loc[row.one, row.other] = table.loc[row.other, row.one] = getattr(row, value)
    return table


def lower(table: pd.DataFrame, few: str = "fewer shared issues") -> tuple[pd.DataFrame, pd.DataFrame]:
    """A symmetric table as its lower triangle, and why a cell of it is empty (`few`, or ``mirrored``)."""
    below = np.tril(np.ones(table.shape, dtype=bool), -1)
    kept = table.where(below).iloc[1:, :-1]
    why = pd.DataFrame(np.where(below, few, "mirrored"), table.index, table.columns).iloc[1:, :-1]
    return kept, why


def equal_groups(issues: pd.DataFrame, codes: pd.DataFrame) -> pd.Series:
    """Weights under which each issue group counts the same, however many issues it holds."""
    held = issues.loc[codes.index, "group"]
    return 1 / held.map(held.value_counts()).astype("float64")


def nearest(codes: pd.DataFrame, text: str, among: Iterable[str], weights: pd.Series | None = None, least: int = 8):
    """Texts of `among` by their distance from `text`, ties in the order given: ``text``, ``distance``, ``issues``.

    Distances are in steps; issues of weight zero do not count, and texts with fewer than `least`
    issues left are dropped. Each distance rests on a set of issues of its own.
    """
    rows = []
    for other in among:
        gap = gaps(codes, text, other)
        if weights is not None:
            gap = gap[weights.reindex(gap.index) > 0]
        if other != text and len(gap) >= least:
            rows.append([other, mean_gap(gap, weights), len(gap)])
    found = pd.DataFrame(rows, columns=["text", "distance", "issues"])
    return found.sort_values("distance", kind="stable", ignore_index=True)


def like_with_like(
    codes: pd.DataFrame, texts: Sequence[str], ends: Mapping[str, str], draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """Mean gaps of `texts` to the text of each side, all on the issues that every one of them codes.

    Returns
    -------
    DataFrame indexed by text: one column a side (mean gap, steps), ``lean`` (gap to Russia's text
    less gap to Ukraine's: positive lies nearer to Ukraine's), ``low`` and ``high`` (95 % bootstrap of
    the lean over issues), ``drop_low`` and ``drop_high`` (its range when any single issue is left
    out), ``issues``, and ``interval`` and ``dropped`` as text.
    """
    shared = codes[[*texts, *ends.values()]].dropna()
    drawn = np.random.default_rng(seed).integers(len(shared), size=(draws, len(shared)))
    rows = {}
    for text in texts:
        gap = {side: (shared[text] - shared[end]).abs() for side, end in ends.items()}
        lean = (gap["Russia"] - gap["Ukraine"]).to_numpy()
        rest = (lean.sum() - lean) / (len(lean) - 1)
        rows[text] = [*(g.mean() for g in gap.values()), lean.mean(),
                      *np.quantile(lean[drawn].mean(axis=1), [0.025, 0.975]), rest.min(), rest.max(), len(lean)]  # fmt: skip
    columns = [*ends, "lean", "low", "high", "drop_low", "drop_high", "issues"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("text")
    found["interval"] = [f"{num(r.low, 1, True)} to {num(r.high, 1, True)}" for r in found.itertuples()]
    found["dropped"] = [f"{num(r.drop_low, 1, True)} to {num(r.drop_high, 1, True)}" for r in found.itertuples()]
    return found


def second_coder(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both raw codings as issues x proposals on the cells that both coded, oriented."""
    pairs, turn = both_coded(first, second), orientation()
    return tuple(turn * pairs.pivot(index="issue_id", columns="proposal_id", values=c) + 0.0 for c in ("one", "other"))


# --- moves and common ground -------------------------------------------------------------


def least_demanding(codes: pd.DataFrame, texts: Sequence[str], side: str) -> pd.Series:
    """For each issue the code furthest from the side's own end among its `texts`; missing if none codes it.

    Codes are oriented: Ukraine's end is the high one, Russia's the low one.
    """
    chosen = codes[list(texts)]
    return chosen.min(axis=1) if side == "Ukraine" else chosen.max(axis=1)


def moved(
    terms_: Terms,
    side: str,
    cut: str,
    joint: Iterable[str] = (),
    strength: int = 1,
    also: Iterable[str] = (),
    without: Iterable[str] = (),
) -> pd.DataFrame:
    """Issues that a side's own texts code both up to and after the day `cut` (ISO).

    The rule: a side moved on an issue if the code of its latest text up to `cut` differs from
    the code of its latest text after it by at least one step. Codes of less than `strength` are
    left out: with 2, general clauses and mere mentions do not count. `joint` (texts after the day),
    `also` and `without` say which other texts count (see `Terms.of`).

    Returns
    -------
    DataFrame indexed by issue: ``before``, ``after`` (oriented steps), ``text_before``,
    ``text_after`` (proposal ids), ``steps`` (towards the other side: positive).
    """
    towards = -1 if side == "Ukraine" else 1
    rows = {}
    first = terms_.of(side, until=cut, also=also, without=without)
    then = terms_.of(side, since=cut, joint=joint, also=also, without=without)
    for issue, codes in terms_.codes.where(terms_.strength >= strength).iterrows():
        old, new = codes[first].dropna(), codes[then].dropna()
        if len(old) and len(new):
            steps = towards * (new.iloc[-1] - old.iloc[-1]) + 0.0
            rows[issue] = [old.iloc[-1], new.iloc[-1], old.index[-1], new.index[-1], steps]
    columns = ["before", "after", "text_before", "text_after", "steps"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("issue_id")


def common_ground(
    terms_: Terms,
    cut: str,
    joint: Iterable[str] = (),
    also: Iterable[str] = (),
    without: Iterable[str] = (),
) -> pd.DataFrame:
    """For each issue the interval between the sides' least demanding codes, up to and after `cut`.

    `joint` and `also` add texts to Ukraine's, `without` takes texts from both sides (see `Terms.of`).

    Returns
    -------
    DataFrame indexed by issue with ``Russia_before``, ``Ukraine_before``, ``gap_before`` and the
    same ``_after``: oriented steps. A gap of zero or less means that the sides' least demanding
    codes meet or cross; it is missing where one side's texts do not code the issue.
    """
    out = pd.DataFrame(index=terms_.codes.index)
    for when, limits in {"before": {"until": cut}, "after": {"since": cut}}.items():
        for side in OWN:
            more = {"joint": joint, "also": also} if side == "Ukraine" else {}
            texts = terms_.of(side, without=without, **limits, **more)
            out[f"{side}_{when}"] = least_demanding(terms_.codes, texts, side)
        out[f"gap_{when}"] = out[f"Ukraine_{when}"] - out[f"Russia_{when}"]
    return out


def unswapped(terms_: Terms) -> Terms:
    """`terms_` without withdrawals that a text offers only in exchange for other land (see `SWAP`)."""
    exchange, withdrawal, step = SWAP
    codes = terms_.codes.copy()
    codes.loc[withdrawal, codes.loc[exchange] == step] = np.nan
    return replace(terms_, codes=codes)


def choices(terms_: Terms, cuts: Sequence[str]) -> pd.DataFrame:
    """What moves and common ground become when the texts are attributed and counted in other ways.

    Parameters
    ----------
    cuts
        Last days (ISO) that count as before; the common ground is taken at the last of them.

    Returns
    -------
    DataFrame indexed by choice: ``Russia_0``, ``Ukraine_0`` … (issues on which the side moved towards
    the other, for each cut), ``Russia_all_0`` … (issues compared), ``away_Ukraine_0`` …; ``met_before``,
    ``met_after`` (issues where the least demanding texts meet), ``known_before``, ``known_after``
    (issues known of both sides), ``on_before`` and ``on_after`` (issue ids that meet).
    """
    words = terms_.proposals["text_status"]
    draft, oral = (
        list(terms_.proposals.index[words.str.contains(w) & terms_.proposals["side"].isin(sum(OWN.values(), []))])
        for w in ("not endorsed", "oral")
    )
    plain: dict = {}
    ways = {
        "As counted in this chapter": (terms_, plain, plain),
        "Istanbul communiqué as Ukraine's": (terms_, {"also": [COMMUNIQUE]}, plain),
        "Texts with the United States as Ukraine's too": (terms_, {"joint": ["United States and Ukraine"]}, plain),
        "Without drafts that nobody endorsed": (terms_, {"without": draft}, {"without": draft}),
        "Without terms reported orally": (terms_, {"without": oral}, {"without": oral}),
        "Without withdrawals offered in exchange only": (unswapped(terms_), plain, plain),
    }
    rows = {}
    for name, (held, ukraine, russia) in ways.items():
        row: dict = {}
        for n, cut in enumerate(cuts):
            for side, how in (("Russia", russia), ("Ukraine", ukraine)):
                steps = moved(held, side, cut, **how)["steps"]
                row |= {f"{side}_{n}": int((steps > 0).sum()), f"{side}_all_{n}": len(steps),
                        f"away_{side}_{n}": int((steps < 0).sum())}  # fmt: skip
        ground = common_ground(held, cuts[-1], **ukraine)
        for when in ("before", "after"):
            gap = ground[f"gap_{when}"].dropna()
            on = list(gap.index[gap <= 0])
            row |= {f"met_{when}": len(on), f"known_{when}": len(gap), f"on_{when}": on}
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("choice")


def unspoken(terms_: Terms) -> dict[str, list[str]]:
    """For each side the issues (ids, in order) that no text it put forward speaks of: there its end is no demand on record."""
    return {side: list(terms_.codes.index[terms_.codes[terms_.of(side)].isna().all(axis=1)]) for side in OWN}


def unspoken_note(terms_: Terms, groups: Sequence[str]) -> str:
    """A note for a grid of the issues in `groups`: on which of them no text of a side is coded; empty if on none."""
    parts = []
    for side, ids in unspoken(terms_).items():
        held = terms_.issues.loc[ids]
        labels = [f"“{name}”" for name in held.loc[held["group"].isin(groups), "label"]]
        if labels:
            parts.append(f"{'none' if parts else 'No text'} of {side} is coded on {listing(labels)}")
    return f"{'; '.join(parts)}: there the end of that side is an anchor, not a demand on record." if parts else ""


# --- rows for tables and figures ---------------------------------------------------------


def clauses(terms_: Terms, text: str) -> pd.DataFrame:
    """What `text` says on each issue that it codes or that the article speaks of, in issue order.

    Returns
    -------
    DataFrame indexed by issue: ``issue`` (label), ``content`` (paraphrase, or that there is no
    clause), ``step`` (oriented), ``article`` (the article's statement in own words, missing where
    it does not speak of the issue), ``verdict`` (as meant), ``status``.
    """
    cells = load("deals.provisions")
    cells = cells[cells["proposal_id"] == text].set_index("issue_id").loc[terms_.issues.index]
    claims = load("claims.claims").set_index("id")
    first = terms_.issues["claim_ids"].str.split(";").str[0]
    rows = pd.DataFrame({
        "issue": terms_.issues["label"],
        "content": cells["paraphrase"].fillna("No clause"),
        "step": terms_.codes[text],
        "article": first.map(claims["statement"]),
        "verdict": first.map(claims["verdict_meant"]),
        "status": cells["coding_status"],
    })  # fmt: skip
    return rows[(rows["status"] == "coded") | rows["article"].notna()]


def grid(terms_: Terms, groups: Sequence[str]) -> dict:
    """What a grid of the issues in `groups` shows of all texts: codes, blanks with signs, labels, groups, years, ends."""
    rows = terms_.issues.index[terms_.issues["group"].isin(groups)]
    named = {"index": terms_.issues["label"], "columns": terms_.proposals["label"]}
    return {
        "frame": terms_.codes.loc[rows].rename(**named).rename_axis(index="Issue"),
        "blanks": terms_.status.loc[rows].rename(**named),
        "symbols": {"silent": "·", "unseen": "?"},
        "groups": terms_.issues.loc[rows].set_index("label")["group"].to_dict(),
        "bands": terms_.proposals.set_index("label")["date"].str[:4].to_dict(),
        "ends": poles(),
    }


def at_most(values: Iterable[float], digits: int = 1) -> str:
    """The largest of `values` rounded up, as text: what stands behind "at most" is not less than any of them."""
    scale = 10**digits
    return num(float(np.ceil(round(max(values) * scale, 6)) / scale), digits)


def robustness(terms_: Terms, chosen: Sequence[tuple[str, str]], pairs: pd.DataFrame) -> pd.DataFrame:
    """What becomes of the distance of each pair in `chosen` under other choices.

    Returns
    -------
    DataFrame with the columns of `distances` and ``pair`` (labels), ``interval`` and ``dropped``
    (as text), ``first`` and ``second`` (mean by each raw coding on the cells that both coded,
    missing for texts added later), ``raw`` (both as text), ``even`` (mean when each issue group counts the same),
    ``without`` (mean without the issues in `US_INTERESTS`).
    """
    key = pairs.set_index(["one", "other"])
    rows = key.loc[[p if p in key.index else p[::-1] for p in chosen]].reset_index()
    label = terms_.proposals["label"]
    rows["pair"] = [f"{label[a]} – {label[b]}" for a, b in chosen]
    rows["interval"] = [f"{num(r.low, 1)} to {num(r.high, 1)}" for r in rows.itertuples()]
    rows["dropped"] = [f"{num(r.drop_low, 1)} to {num(r.drop_high, 1)}" for r in rows.itertuples()]
    even = equal_groups(terms_.issues, terms_.codes)
    rows["even"] = [mean_gap(gaps(terms_.codes, *p), even) for p in chosen]
    rows["without"] = [gaps(terms_.codes.drop(index=US_INTERESTS), *p).mean() for p in chosen]
    raw = second_coder(load("deals.provisions_first"), load("deals.provisions_second"))
    for name, codes in zip(("first", "second"), raw, strict=True):
        rows[name] = [gaps(codes, *p).mean() if set(p) <= set(codes) else np.nan for p in chosen]
    rows["raw"] = ["" if pd.isna(r.first) else f"{num(r.first, 1)}; {num(r.second, 1)}" for r in rows.itertuples()]
    return rows


def agreements() -> pd.DataFrame:
    """Agreement of the first with the second coding, and of the stored with the held-out one.

    Returns
    -------
    DataFrame indexed by what is compared: ``cells``, ``equal``, ``exact`` and ``near`` (shares of
    cells that are equal, or at most a step apart), ``alpha``, ``low``, ``high``, ``interval`` (text).
    """
    one, two, now, held = (load(f"deals.provisions{part}") for part in ("_first", "_second", "", "_heldout"))
    group = load("deals.issues_first").set_index("issue_id")["group"]
    both, fresh = both_coded(one, two), both_coded(now, held)
    blind = both_coded(now, held[held["blind"] == "yes"])
    tests = {"All cells": (both, "proposal_id")}
    tests["Without the repeated oblast cells"] = (both[~both["issue_id"].isin(REPEATED)], "proposal_id")
    tests |= {f"Group: {g}": (both[both["issue_id"].map(group) == g], "proposal_id") for g in GROUPS}
    tests |= {"Held-out texts, all cells": (fresh, "issue_id"), "Held-out texts, blind cells only": (blind, "issue_id")}
    found = {name: agreement(*test) for name, test in tests.items()}
    rows = [
        [
            a.cells,
            a.equal,
            a.exact,
            a.within_one / a.cells,
            a.alpha,
            a.low,
            a.high,
            f"{num(a.low, 2)} to {num(a.high, 2)}",
        ]
        for a in found.values()
    ]
    columns = ["cells", "equal", "exact", "near", "alpha", "low", "high", "interval"]
    return pd.DataFrame(rows, index=pd.Index(found, name="test"), columns=columns)


def both_moved(terms_: Terms, cuts: Sequence[str]) -> pd.DataFrame:
    """`moved` of both sides beside each other, for issues on which either moved.

    Returns
    -------
    DataFrame indexed by issue: ``issue`` (label), ``steps_Russia`` and ``by_Russia`` (text after) at the
    last of `cuts`, ``steps_Ukraine_0``, ``by_Ukraine_0`` … at each of them.
    """
    label = terms_.proposals["label"]
    russia = moved(terms_, "Russia", cuts[-1])
    parts = {"steps_Russia": russia["steps"], "by_Russia": russia["text_after"].map(label)}
    for n, cut in enumerate(cuts):
        part = moved(terms_, "Ukraine", cut)
        parts |= {f"steps_Ukraine_{n}": part["steps"], f"by_Ukraine_{n}": part["text_after"].map(label)}
    rows = pd.DataFrame(parts).reindex(terms_.codes.index)
    rows.insert(0, "issue", terms_.issues["label"])
    return rows[rows.filter(like="steps").fillna(0).ne(0).any(axis=1)]


def grades_by_text(terms_: Terms, coded: pd.DataFrame) -> pd.DataFrame:
    """Coded cells of each text by the best grade of their sources: ``A`` to ``D``, ``coded``, ``share`` (A or B), labels."""
    counted = pd.crosstab(coded["proposal_id"], best_grade(coded["source_ids"]))
    counted = counted.reindex(index=[p for p in terms_.codes if p in counted.index], columns=list("ABCD"), fill_value=0)
    total = counted.sum(axis=1)
    return counted.assign(
        name=terms_.proposals["label"],
        coverage=terms_.proposals["coverage_class"],
        coded=total,
        share=counted[["A", "B"]].sum(axis=1) / total,
    )


def path_rows(terms_: Terms, issues: Sequence[str]) -> pd.DataFrame:
    """Positions over time: ``panel`` (label of the issue), ``series``, ``date``, ``step``, ``text`` (label)."""
    rows = []
    for issue in issues:
        for text, step in terms_.codes.loc[issue].drop(APART).dropna().items():
            proposal = terms_.proposals.loc[text]
            if proposal["side"] in SERIES:
                rows.append([terms_.issues.loc[issue, "label"], SERIES[proposal["side"]],
                             pd.Timestamp(proposal["date"]), int(step), proposal["label"]])  # fmt: skip
    return pd.DataFrame(rows, columns=["panel", "series", "date", "step", "text"])


def status_rows(terms_: Terms) -> pd.DataFrame:
    """Status of each unit in each text that names one: ``proposal_id``, ``panel``, ``unit``, ``state``, by date of the text."""
    states = load("deals.oblast_terms").sort_values(["proposal_id", "unit_iso"])
    names = load("territory.units").set_index("unit_iso")["name"]
    said = states[~states["term"].isin(["unseen", "not mentioned"])]
    order = [p for p in terms_.proposals.index if p in set(said["proposal_id"])]
    full = pd.MultiIndex.from_product([order, LAYOUT], names=["proposal_id", "unit_iso"])
    rows = states.set_index(["proposal_id", "unit_iso"])["term"].reindex(full).fillna("unseen").reset_index()
    rows = rows.assign(panel=rows["proposal_id"].map(terms_.proposals["label"]), unit=rows["unit_iso"].map(names))
    return rows.rename(columns={"term": "state"})[["proposal_id", "panel", "unit", "state"]]


def lead_sources(cells: pd.DataFrame, texts: Iterable[str]) -> list[str]:
    """One source a text: the best graded of those behind its coded cells, the most used among equals."""
    grade, chosen = registry()["grade"], []
    for text in texts:
        used = split_list(cells.loc[(cells["proposal_id"] == text) & (cells["coding_status"] == "coded"), "source_ids"])
        counted = used.value_counts().rename_axis("id").reset_index()
        counted = counted.assign(grade=counted["id"].map(grade)).sort_values(
            ["grade", "count", "id"], ascending=[True, False, True]
        )
        chosen.append(counted["id"].iloc[0])
    return list(dict.fromkeys(chosen))


# --- the page control --------------------------------------------------------------------


#: Letters of the steps -3 to +3 in the data of the page control, and of a cell without a code.
STEPS, UNCODED = "abcdefg", "."


def what_if(terms_: Terms, ends: Mapping[str, str], least: int = 8, shown: int = 5) -> dict:
    """What the page control computes with: groups, texts with their codes in issue order, and the ends.

    Parameters
    ----------
    ends
        Side -> proposal whose distance to every other text is shown.
    least
        Texts with fewer jointly coded issues of non-zero weight are left out.
    shown
        Texts listed for each side.
    """
    groups = [g for g in GROUPS if g in set(terms_.issues["group"])]
    texts = [
        {
            "id": text,
            "label": terms_.proposals.loc[text, "label"],
            "codes": "".join(UNCODED if pd.isna(v) else STEPS[int(v) + 3] for v in terms_.codes[text]),
        }
        for text in terms_.codes
    ]
    return {
        "kind": "whatif",
        "groups": groups,
        "issues": "".join(str(groups.index(g)) for g in terms_.issues["group"]),
        "texts": texts,
        "ends": dict(ends),
        "least": least,
        "shown": shown,
    }


# --- status of the oblasts ---------------------------------------------------------------

#: Status words of `deals.oblast_terms`: letter and step of the colour, from Russia's end to Ukraine's.
STATES = {
    "de jure Russian": ("J", -3),
    "de jure Russian (US or some states)": ("j", -2),
    "de facto Russian (whole unit)": ("F", -2),
    "de facto Russian (occupied part)": ("f", -1),
    "returned in exchange": ("x", -1),
    "freeze at line": ("z", 0),
    "set aside": ("a", 0),
    "reserved for leaders": ("l", 0),
    "to be negotiated": ("n", 1),
    "returned to Ukraine": ("R", 3),
    "not mentioned": ("·", None),
    "unseen": ("?", None),
}
#: The words of the key: what a text would do, not what is so.
STATE_WORDS = {
    "de jure Russian": "to be recognised as Russian in law",
    "de jure Russian (US or some states)": "in law, by the US or some states",
    "de facto Russian (whole unit)": "as Russian in fact, whole unit",
    "de facto Russian (occupied part)": "as Russian in fact, occupied part",
}
#: Row and column of each unit's tile, roughly where it lies on the map.
LAYOUT = {
    "UA-59": (0, 0), "UA-63": (0, 1), "UA-09": (0, 2), "UA-12": (1, 1), "UA-14": (1, 2),
    "UA-48": (2, 0), "UA-65": (2, 1), "UA-23": (2, 2), "UA-40": (3, 0), "UA-43": (3, 1),
}  # fmt: skip
