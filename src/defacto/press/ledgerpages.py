"""Pages of the claims chapter: the annotated article, the cards, the table of all claims, and files for machines.

The words of the article are cut from the file in ``seeds/`` here, when a page is rendered; one
setting (``defacto_article_text``) leaves them out of the built book.
"""

from __future__ import annotations

import json
import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from defacto import claims
from defacto.claims import CLOCKS, quoted
from defacto.ledger import article, registry
from defacto.press.render import KINDS, _foot, _target, control, data_table, source_link

STANCES = {"supports": "For", "refutes": "Against", "context": "Context"}
#: Pages on which claims have their anchor: those with a card, and the others.
PAGES = {"yes": "notebooks/06_claims.html", "no": "notebooks/06b_ledger.html"}


def _page(claim_id: str) -> str:
    return PAGES[claims.claims().at[claim_id, "card"]]


def _signs() -> dict[str, str]:
    return claims.scale()["symbol"].to_dict()


def _css(word: str | None) -> str:
    return "v-" + (word or "open").replace(" ", "-")


def _whole(renderer) -> bool:
    return bool(renderer.renderer.sphinx_env.config.defacto_article_text)


def _block(renderer, meta: dict, *parts: nodes.Node) -> list[nodes.Node]:
    """A titled block with an anchor; its parts, source line and notes."""
    title = nodes.paragraph("", "", nodes.strong("", meta["title"]), classes=["ledger-title"])
    subtitle = nodes.paragraph(meta["subtitle"], meta["subtitle"], classes=["subtitle"])
    block = nodes.container("", title, subtitle, *parts, classes=["defacto-block", "ledger"])
    for node in _foot(renderer, {**meta, "kind": "ledger"}, None, None):
        block += node
    _named(renderer, block, f"ledger-{meta['id']}", meta["title"])
    return [block]


def _named(renderer, node: nodes.Element, name: str, title: str) -> None:
    """Give `node` a permanent anchor that other pages can link to."""
    env = renderer.renderer.sphinx_env
    node["ids"].append(name)
    env.get_domain("std").note_hyperlink_target(name, env.docname, name, title)


# --- the annotated article ----------------------------------------------------------------


def article_nodes(renderer, meta: dict, bundle: dict) -> list[nodes.Node]:
    """The text cut at the bounds of its claims; each marked, numbered and linked to its card or row."""
    import io

    import pandas as pd

    frame = pd.read_csv(io.StringIO(bundle["text/csv"]), dtype="str", keep_default_na=False)
    frame[["n", "start", "end"]] = frame[["n", "start", "end"]].astype(int)
    signs, whole = dict(meta["words"]), _whole(renderer)
    key = "".join(
        f'<li data-w="{escape(w)}"><span class="sign {_css(w)}" aria-hidden="true">{escape(s)}</span> {escape(w)}</li>'
        for w, s in meta["words"]
    )
    chips = {row.claim: _chip(renderer, row, signs) for row in frame.itertuples()}
    paragraphs = [
        f'<div class="para"><span class="para-n" aria-hidden="true">¶{n}</span><p>'
        + (
            marked(frame, start, end, chips, meta["altered"])
            if whole
            else told(frame, start, end, chips, meta["statements"])
        )
        + "</p></div>"
        for n, (start, end) in enumerate(meta["blocks"], start=1)
    ]
    facts = ("type", "reason", "confidence", "evidence")
    notes = {
        r.claim: [
            meta["statements"][r.claim],
            *(getattr(r, c) for c in CLOCKS),
            *(meta["briefs"][r.claim][f] for f in facts),
        ]
        for r in frame.itertuples()
    }
    settings = {
        "kind": "clocks",
        "known": meta["known"],
        "since": meta["since"],
        "words": meta["words"],
        "claims": notes,
    }
    html = f'<ul class="ledger-key" aria-label="Verdicts and their signs">{key}</ul><div class="annotated">{"".join(paragraphs)}</div>'
    return _block(renderer, meta, control(meta["id"], settings), nodes.raw("", html, format="html"))


def marked(frame, start: int, end: int, chips: dict[str, str], altered: list[list]) -> str:
    """HTML of the text from `start` to `end`: spans in the colour of the innermost claim, a numbered link after each claim.

    Behind the words that the copy altered stand, hidden, those of the original or the restored ones.
    """
    here = frame[(frame["start"] < end) & (frame["end"] > start)]
    changed = [row for row in altered if start <= row[0] and row[1] <= end]
    cuts = sorted({start, end, *here["start"], *here["end"], *(at for row in changed for at in row[:2])})
    out = []
    for a, b in zip(cuts, cuts[1:], strict=False):
        words = article()[a:b]
        text, over = escape(words), here[(here["start"] <= a) & (here["end"] >= b)]
        inside = next((row for row in changed if row[0] <= a and b <= row[1]), None)
        if inside:
            text = f'<span class="alt">{text}</span>'
            if inside[1] == b:
                text += f'<span class="restored {inside[3]}" hidden> [{escape(inside[2])}]</span>'
        if len(over) and words.strip():
            inner = over.assign(long=over["end"] - over["start"]).sort_values("long", kind="stable").iloc[0]
            text = f'<span class="cl {_css(inner["verdict_printed"])}" data-c="{inner["claim"]}">{text}</span>'
        out.append(text)
        ending = here.loc[here["end"] == b].sort_values("n")["claim"]
        # A number keeps to the word before it and to the stop behind it: U+2060 joins.
        glue = "\u2060" if article()[b : b + 1] in set(".,;:?!)") else ""
        out += [f"\u2060{chips[claim]}" for claim in ending] + [glue] * bool(len(ending))
    return "".join(out)


def told(frame, start: int, end: int, chips: dict[str, str], statements: dict[str, str]) -> str:
    """The claims of a passage in our own words, where the text itself is left out."""
    here = frame[(frame["start"] < end) & (frame["end"] > start)].sort_values("n")
    return " ".join(f"{escape(statements[row.claim])}{chips[row.claim]}" for row in here.itertuples())


def _chip(renderer, row, signs: dict[str, str]) -> str:
    """The number and sign behind a claim, linked to its card or its row, wherever that stands."""
    env = renderer.renderer.sphinx_env
    whole_book = env.app.builder.name == "singlehtml"
    page = "" if whole_book or _page(row.claim).startswith(env.docname + ".") else _page(row.claim).rsplit("/", 1)[1]
    word = row.verdict_printed
    return (
        f'<a class="reference internal chip {_css(word)}" href="{page}#claim-{row.claim.lower()}" data-c="{row.claim}" '
        f'title="Claim {row.n}: {escape(word)}">{row.n}<span class="sign">{escape(signs[word])}</span></a>'
    )


# --- cards --------------------------------------------------------------------------------


def _paragraph(label: str, *parts: nodes.Node | str, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    out = nodes.paragraph("", "", classes=list(classes))
    if label:
        out += [nodes.strong("", label), nodes.Text(" ")]
    for part in parts:
        out += nodes.Text(part) if isinstance(part, str) else part
    return out


def _sign(word: str, signs: dict[str, str]) -> nodes.inline:
    return nodes.inline(
        "", "", nodes.inline("", signs[word], classes=["sign", _css(word)]), nodes.Text(f" {word}"), classes=["verdict"]
    )


def _clock_labels(entry: dict, known: str) -> list[str]:
    return ["As printed", "As meant", f"As meant, known by {known}", f"As meant, documented to {entry['since']}"]


def _verdict_list(entry: dict, known: str, signs: dict[str, str]) -> nodes.bullet_list:
    out = nodes.bullet_list(classes=["verdicts"])
    labels = _clock_labels(entry, known)
    pairs = list(zip(labels, entry["verdicts"], strict=True))
    for label, word in [pairs[0], *pairs[2:]]:  # as meant stands on its two clocks
        line = nodes.paragraph("", "", nodes.Text(f"{label}: "))
        line += _sign(word, signs) if word else nodes.Text("left open")
        if (
            label == labels[2]
            and entry["known_basis"]
            and not entry["known_basis"].startswith(("as meant", "the same"))
        ):
            line += nodes.Text(f" ({entry['known_basis']})")
        out += nodes.list_item("", line)
    return out


def _altered(entry: dict, whole: bool) -> list[nodes.Node]:
    out = []
    for start, end, restored, kind, harm, basis in entry["altered"]:
        words = f"“{quoted(start, end)}” stands for “{restored}”" if whole else f"the original has “{restored}”"
        how = {"seen": "original wording seen", "partial": "seen in part", "inferred": "restored by sense"}[basis]
        out.append(_paragraph("Altered in this copy:", f"{words} ({kind}, harm {harm}, {how}).", classes=("altered",)))
    return out


def _confidence(entry: dict) -> str:
    names = entry["origins"]
    told = f"{len(names)} independent {'origin' if len(names) == 1 else 'origins'}"
    listed = f" ({'; '.join(names)})" if names else ""
    word = claims.scale("confidence").at[entry["confidence"], "symbol"]
    capped = ", which caps it" if len(names) < 2 else ""
    return f"{word} {entry['confidence']}: {told}{listed}{capped}."


def _evidence(entry: dict, stance: str, docname: str) -> nodes.bullet_list | None:
    rows = [row for row in entry["evidence"] if row[0] == stance]
    if not rows:
        return None
    kinds, out = registry()["kind"], nodes.bullet_list(classes=["evidence"])
    for _, source, strength, reading, note in rows:
        line = nodes.paragraph("", "", source_link(source, docname))
        on = "" if reading == "both" else f", on the {reading} reading"
        line += nodes.Text(f" ({KINDS[kinds[source]]}, {strength}{on}): {note}")
        out += nodes.list_item("", line)
    return out


def card(renderer, entry: dict, known: str) -> nodes.section:
    """One claim in fixed order, with a permanent anchor."""
    docname, signs, whole = renderer.renderer.sphinx_env.docname, _signs(), _whole(renderer)
    heading = f"Claim {entry['n']} ({entry['type']}, {entry['chapter']})"
    section = nodes.section("", nodes.title(heading, heading), classes=["claim-card", _css(entry["verdicts"][3])])
    _named(renderer, section, f"claim-{entry['claim'].lower()}", f"Claim {entry['n']}")
    if whole:
        section += nodes.block_quote("", nodes.paragraph("", f"“{quoted(entry['start'], entry['end'])}”"))
    section += _paragraph("Plainly:", entry["statement"])
    section += _altered(entry, whole)
    section += _verdict_list(entry, known, signs)
    if entry["overtaken"]:
        section += _paragraph("Overtaken:", f"by a later event, on {entry['overtaken']}.")
    section += _paragraph("Why:", entry["reason"])
    section += _paragraph(
        "Confidence:", _confidence(entry) if entry["confidence"] else "none: no evidence could settle this claim."
    )
    for stance, label in STANCES.items():
        rows = _evidence(entry, stance, docname)
        if rows is not None:
            section += [_paragraph(f"{label}:", classes=("stance",)), rows]
    if entry["needed"]:
        section += _paragraph("Evidence that could change this verdict:", f"{entry['needed'].rstrip('.')}.")
    last = nodes.paragraph("", "", classes=["downloads"])
    if entry["metric"]:
        target, name = entry["metric"]
        last += [nodes.Text("Computed in "), _xref(target, name, docname), nodes.Text(" · ")]
    last += nodes.reference("", "Link to this card", refuri=f"#claim-{entry['claim'].lower()}", internal=True)
    section += last
    return section


def _xref(target: str, text: str, docname: str) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="ref",
        reftarget=target,
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )


def cards_nodes(renderer, meta: dict, bundle: dict) -> list[nodes.Node]:
    """Sections, one a claim."""
    intro = nodes.paragraph(meta["subtitle"], meta["subtitle"], classes=["subtitle"])
    return [intro, *(card(renderer, entry, meta["known"]) for entry in meta["entries"])]


# --- the table of all claims --------------------------------------------------------------


def claims_nodes(renderer, meta: dict, bundle: dict) -> list[nodes.Node]:
    """All claims in one table; claims without a card have their anchor and their sources here."""
    docname, signs, whole = renderer.renderer.sphinx_env.docname, _signs(), _whole(renderer)
    carded = set(claims.claims().query("card == 'yes'").index)
    rows = []
    for entry in meta["entries"]:
        name, short = f"claim-{entry['claim'].lower()}", entry["claim"] not in carded
        number = nodes.inline("", str(entry["n"])) if short else _xref(name, str(entry["n"]), docname)
        if short:
            _named(renderer, number, name, f"Claim {entry['n']}")
        words: list[nodes.Node] = (
            [nodes.emphasis("", f"“{quoted(entry['start'], entry['end'])}”"), nodes.Text(" ")] if whole else []
        )
        words.append(nodes.Text(f"{entry['statement']} "))
        words += _brief(entry, docname) if short else []
        rows.append([[number], words, entry["chapter"], entry["type"], _verdict_words(entry, signs)])
    header = ["No.", "Words, in plain terms, why, and sources", "Chapter", "Type", "Verdicts and confidence"]
    table = data_table(header, rows, ["left"] * len(header), title=meta["title"])
    table["classes"] += ["defacto-table", "ledger-table"]
    _target(renderer, table, f"table-{meta['id']}")
    settings = {"kind": "rows", "noun": "claims", "filter": [2, 3, 4], "fixed": [1, 4], "order": list(signs)}
    subtitle = nodes.paragraph(meta["subtitle"], meta["subtitle"], classes=["subtitle"])
    foot = _foot(renderer, {**meta, "kind": "table"}, None, None)
    return [
        nodes.container(
            "", control(meta["id"], settings), table, subtitle, *foot, classes=["defacto-block", "ledger-all"]
        )
    ]


def _brief(entry: dict, docname: str) -> list[nodes.Node]:
    """Reason and sources in a line, for a claim without a card."""
    out: list[nodes.Node] = [nodes.strong("", "Why:"), nodes.Text(f" {entry['reason']}")]
    for stance, label in STANCES.items():
        cited = dict.fromkeys(row[1] for row in entry["evidence"] if row[0] == stance)
        for n, source in enumerate(cited):
            out += [nodes.Text(", ")] if n else [nodes.Text(" "), nodes.strong("", f"{label}:"), nodes.Text(" ")]
            out.append(source_link(source, docname))
        out += [nodes.Text(".")] if cited else []
    return out


def _verdict_words(entry: dict, signs: dict[str, str]) -> list[nodes.Node]:
    """The verdicts in few words: equal ones are told once."""
    printed, _, then, since = entry["verdicts"]
    groups: dict[str | None, list[str]] = {}
    for label, word in (("Printed", printed), ("then", then), ("since", since)):
        groups.setdefault(word, []).append(label)
    out: list[nodes.Node] = []
    for word, labels in groups.items():
        label = "All" if len(labels) == 3 else " and ".join(labels)
        out += [
            nodes.Text(f"{label[0].upper()}{label[1:]}: "),
            _sign(word, signs) if word else nodes.Text("left open"),
            nodes.Text(". "),
        ]
    sign = claims.scale("confidence")["symbol"]
    word = entry["confidence"]
    return [*out, nodes.Text(f"Confidence: {sign[word]} {word}." if word else "No confidence.")]


BUILDERS = {"article": article_nodes, "cards": cards_nodes, "claims": claims_nodes}


# --- files for machines -------------------------------------------------------------------


def write_machines(app: Sphinx, error: Exception | None) -> None:
    """``downloads/claims.json``, ``claims.csv`` and a ClaimReview a claim (JSON-LD), beside the pages."""
    if error or app.builder.name != "html" or not all((Path(app.outdir) / page).is_file() for page in PAGES.values()):
        return
    base = (app.config.html_baseurl or "").rstrip("/")
    target = Path(app.outdir) / "downloads"
    shutil.rmtree(target / "claimreview", ignore_errors=True)
    (target / "claimreview").mkdir(parents=True)
    listed, reviews, origins = [], [], claims.origins_of()
    for claim in claims.claims().index:
        place = f"{_page(claim)}#claim-{claim.lower()}"
        listed.append(claims.claim_json(claim, place, origins[claim]))
        review = claims.review_json(claim, f"{base}/{place}" if base else place, app.config.author)
        reviews.append(review)
        (target / "claimreview" / f"{claim}.jsonld").write_text(_json(review), "utf-8")
    (target / "claims.json").write_text(_json(listed), "utf-8")
    (target / "claimreview.jsonld").write_text(_json(reviews), "utf-8")
    (target / "claims.csv").write_text(claims.machine_csv(), "utf-8")


def _json(what) -> str:
    return json.dumps(what, indent=1, ensure_ascii=False) + "\n"
