"""Pages generated from data: sources, tables, grades and scales, glossary, corrections, licences, evidence.

Every number on a page without cells comes from a directive of this module.
"""

from __future__ import annotations

import json
import re
from functools import cache

import nbformat
import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from defacto import __version__, audit, claims, deals, evidence, summary
from defacto.data import data_cut, data_dir, load, package, split_list
from defacto.figures import MIME
from defacto.ledger import BEYOND, GRADES, QUANTITY_RULE, dated, registry
from defacto.press import inventory
from defacto.press import package as archive
from defacto.press.execute import notebooks
from defacto.press.render import KINDS, control, data_table, source_link
from defacto.prose import count, day, num, percent

#: Topics of the tables as readers know them, in the order of the chapters.
TOPICS = {**evidence.CHAPTERS, "glossary": "Glossary"}
#: What the reasons of corrections mean.
REASONS = {
    "adjudicated": "two codings or readings differed, and one was chosen with a written reason",
    "audit": "found by the spot audit of rows drawn at random",
    "better-source": "the value stands; a better source was found for it",
    "conflict-settled": "sources conflicted: both values became rows, or one was shown to be right",
    "error-found": "a value, name or date was wrong",
    "normalised-vocabulary": "the same thing was called by different names",
    "reworded": "a definition or paraphrase was made clearer",
    "reworded-neutral": "a wording took a side, or could be read so",
    "second-pass": "a second reading of the sources added or changed a row",
}
#: Reasons whose rows a reader should be able to read one by one.
TOLD = ("error-found", "audit", "conflict-settled")


def usage() -> dict[str, list[tuple[str, int]]]:
    """Source id -> tables whose rows name it, with the number of rows."""
    found: dict[str, list[tuple[str, int]]] = {}
    for res in package()["resources"]:
        if res["name"] == "sources" or not any(f["name"] == "source_ids" for f in res["schema"]["fields"]):
            continue
        counts: dict[str, int] = {}
        for cell, rows in load(res["name"], unverified=True)["source_ids"].value_counts().items():
            for source_id in cell.split(";"):
                counts[source_id] = counts.get(source_id, 0) + int(rows)
        for source_id, rows in counts.items():
            found.setdefault(source_id, []).append((res["name"], rows))
    return found


class Page(SphinxDirective):
    """A directive whose nodes depend on the descriptor, and so on every table."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(data_dir() / "datapackage.json"))
        return self.content_nodes()

    def content_nodes(self) -> list[nodes.Node]:
        raise NotImplementedError

    def up(self, target: str) -> str:
        """Address of a file beside the pages, from this page."""
        return "../" * self.env.docname.count("/") + target

    def file(self, target: str, words: str = "") -> nodes.reference:
        """A link to a file beside the pages."""
        return nodes.reference("", words or target, refuri=self.up(target), internal=True)

    def page(self, document: str, anchor: str, words: str) -> nodes.reference:
        """A link to a section of a page that a directive makes."""
        uri = self.env.app.builder.get_relative_uri(self.env.docname, document)
        return nodes.reference("", words, refuri=f"{uri}#{anchor}", internal=True)


def _paragraph(*parts: str | nodes.Node, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    return nodes.paragraph("", "", *(nodes.Text(p) if isinstance(p, str) else p for p in parts), classes=list(classes))


def _found(name: str, table: nodes.table, noun: str, filter: list[int], fixed: list[int] = ()) -> nodes.container:
    """A table with the control that narrows and sorts its rows."""
    settings = {"kind": "rows", "noun": noun, "filter": filter, "fixed": list(fixed)}
    return nodes.container("", control(name, settings), table, classes=["register"])


# --- sources ------------------------------------------------------------------------------


class SourcesList(Page):
    """``{sources-list}``: every source with what is known of it and where it is used.

    The printed book lists the sources that its chapters cite. On the page a control narrows the list
    by kind, grade and chapter; it works with the classes of the terms.
    """

    def content_nodes(self) -> list[nodes.Node]:
        sources, used = registry(), usage()
        if for_print(self.env.app):
            sources = sources[sources.index.isin(cited())]
        std = self.env.get_domain("std")
        out: list[nodes.Node] = [self.finder(sources, used)]
        initial, listing_ = None, None
        ordered = sources.assign(sort=sources["publisher"].str.casefold()).sort_values(
            ["sort", "published"], kind="stable"
        )
        for source_id, row in ordered.iterrows():
            letter = row["publisher"].lstrip("\"'([«").strip()[0].upper()
            letter = letter if letter.isalpha() else "0–9"
            if letter != initial:
                initial, listing_ = letter, nodes.definition_list(classes=["sources"])
                section = nodes.section("", nodes.title(letter, letter), listing_, ids=[f"sources-{ord(letter[0])}"])
                out.append(section)
            name = f"source-{source_id}"
            date = dated(row["published"])
            marks = [f"k-{row['kind']}", f"g-{row['grade']}", *(f"c-{t}" for t in topics(used.get(source_id, [])))]
            term = nodes.term("", f"{row['publisher']}, {date}", ids=[name], classes=marks)
            std.note_hyperlink_target(name, self.env.docname, name, f"{row['publisher']}, {date}")
            listing_ += nodes.definition_list_item(
                "", term, nodes.definition("", *self.entry(row, used.get(source_id, [])))
            )
        return out

    def finder(self, sources: pd.DataFrame, used: dict) -> nodes.raw:
        """Room for the control, with the values that it offers."""
        kinds = [[f"k-{k}", words] for k, words in KINDS.items() if (sources["kind"] == k).any()]
        grades = [[f"g-{g}", g] for g in GRADES if (sources["grade"] == g).any()]
        seen = {t for s in sources.index for t in topics(used.get(s, []))}
        chapters = [[f"c-{t}", words] for t, words in TOPICS.items() if t in seen]
        lists = [["Kind", kinds], ["Grade", grades], ["Chapter", chapters]]
        return control("sources", {"kind": "sources", "lists": lists})

    def entry(self, row, used: list[tuple[str, int]]) -> list[nodes.Node]:
        title = nodes.paragraph("", "")
        if _empty(row["url"]):
            title += nodes.Text(row["title"])
        else:
            title += nodes.reference("", row["title"], refuri=row["url"], internal=False)
        if not _empty(row["archived_url"]):
            title += [
                nodes.Text(" ("),
                nodes.reference("", "archived copy", refuri=row["archived_url"]),
                nodes.Text(")"),
            ]
        owner = "ownership unknown" if row["ownership"] == "unknown" else row["ownership"]
        country = "not known, or international" if row["country"] == "XX" else row["country"]
        facts = [KINDS[row["kind"]], owner, f"grade {row['grade']}", f"seen: {row['seen']}"]
        facts += [f"repeats {row['origin']}"] if not _empty(row["relay_of"]) else []
        facts += [f"language: {row['language']}", f"country: {country}"]
        facts += [f"licence: {row['licence']}"] if not _empty(row["licence"]) else []
        where = "; ".join(f"{table} ({rows})" for table, rows in sorted(used)) or "not cited by a table"
        return [title, nodes.paragraph("", ". ".join([", ".join(facts), f"Used in: {where}"]) + ".", classes=["facts"])]


def topics(used: list[tuple[str, int]]) -> list[str]:
    """Topics of the tables in `used` that readers know by a chapter, in the order of `TOPICS`."""
    names = {table.split(".")[0] for table, _ in used}
    return [t for t in TOPICS if t in names]


def cited() -> set[str]:
    """Ids of the sources that stored outputs and the glossary cite."""
    found = set(split_list(load("glossary")["source_ids"]))
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                meta = data.get(MIME, {})
                found |= {*meta.get("sources", []), *meta.get("cites", [])}
                texts = data.get("text/markdown", "") + (data.get("text/csv", "") if meta else "")
                found |= set(re.findall(r"\(#source-([a-z0-9-]+)\)", texts))
    return found


class GradeList(Page):
    """``{grade-list}``: the grades of sources in words, from the code that applies them."""

    def content_nodes(self) -> list[nodes.Node]:
        return [data_table(["Grade", "Meaning"], [[g, text] for g, text in GRADES.items()], ["left", "left"])]


# --- data ---------------------------------------------------------------------------------


class DataDictionary(Page):
    """``{data-dictionary}``: every table with its fields, coverage, licence and limits."""

    def content_nodes(self) -> list[nodes.Node]:
        resources = package()["resources"]
        table = data_table(
            ["Table", "Chapter", "Rows", "Covers", "Documented to", "Strictest licence"],
            [self.line(res) for res in resources],
            ["left", "left", "right", "left", "left", "left"],
        )
        return [_found("tables", table, "tables", [1, 5]), *(self.section(res) for res in resources)]

    def line(self, res: dict) -> list:
        topic = res["name"].split(".")[0]
        return [
            [self.page(self.env.docname, _anchor(res), res["title"])],
            TOPICS.get(topic, "All"),
            num(res["rows"]),
            coverage(res),
            res["documented_to"],
            archive.strictest([res])["name"],
        ]

    def section(self, res: dict) -> nodes.section:
        name = _anchor(res)
        section = nodes.section("", nodes.title("", res["title"]), ids=[name])
        self.env.get_domain("std").note_hyperlink_target(name, self.env.docname, name, res["title"])
        section += nodes.paragraph("", res["description"])
        rows = f"{res.get('rows', 0):,} rows"
        facts = nodes.paragraph("", "", classes=["facts"])
        facts += self.file(f"data/{res['path']}")
        key = res["schema"]["primaryKey"]
        covers = coverage(res)
        facts += nodes.Text(
            f" ({rows}, {res.get('bytes', 0):,} bytes). {res['origin'].capitalize()}; "
            + (f"covers {covers}; " if covers else "")
            + f"documented to {res['documented_to']}. "
            f"Key: {', '.join(key)}. Licence: {'; '.join(_licence(licence) for licence in res['licenses'])}."
        )
        section += facts
        if res.get("recipe"):
            inputs = "; ".join(f"{i['name']} ({i['upstream']}, version {i['version']}, {i['sha256'][:16]}…)"
                               for i in res["recipe"]["inputs"])  # fmt: skip
            section += nodes.paragraph("", f"Recipe: {res['recipe']['function']} on {inputs}.", classes=["facts"])
        if res.get("limitations"):
            section += nodes.paragraph("", "Limits: " + " ".join(res["limitations"]), classes=["facts"])
        fields = [[f["name"], f["type"], meaning(f)] for f in res["schema"]["fields"]]
        if not for_print(self.env.app):  # the printed book describes tables, not fields
            section += data_table(["Field", "Type", "Meaning and unit"], fields, ["left"] * 3)
        return section


def _anchor(res: dict) -> str:
    return "data-" + res["name"].replace(".", "-").replace("_", "-")


def _licence(licence: dict) -> str:
    return licence.get("title") or licence["name"]


def meaning(field: dict, most: int = 10) -> str:
    """What a field means, with the values that it may take where they are few."""
    text = field.get("description", "").strip()
    values = field.get("constraints", {}).get("enum", [])
    if not values or len(values) > most or all(str(v) in text for v in values):
        return text
    return f"{text.rstrip('.')}. One of: {', '.join(map(str, values))}."


#: Fields that say which time a row is of, the first that a table has.
_TIMES = ("date", "as_of", "month_end", "month", "listing_date", "applies_from", "year", "period", "published")


def coverage(res: dict) -> str:
    """First and last time that the rows of a table are of (``2022-04-03 to 2026-08-22``); empty where they have none."""
    names = [f["name"] for f in res["schema"]["fields"]]
    field = next((t for t in _TIMES if t in names), None)
    if field is None:
        return ""
    times = pd.Series(load(res["name"], unverified=True)[field].dropna().unique())
    if pd.api.types.is_datetime64_any_dtype(times):
        times = times.dt.strftime("%Y-%m-%d")
    times = times.astype("str").str.split("/").explode().str.strip("~?.")
    times = sorted(t for t in times if re.fullmatch(r"\d{4}(-\d\d){0,2}", t))
    if not times:
        return ""
    return times[0] if times[0] == times[-1] else f"{times[0]} to {times[-1]}"


class DataArchive(Page):
    """``{data-archive}``: the one file with every table, what is in it, and the strictest licence of it."""

    def content_nodes(self) -> list[nodes.Node]:
        resources = package()["resources"]
        rows = sum(r["rows"] for r in resources)
        most = archive.strictest(resources)
        links = [
            [self.file(f"downloads/{archive.NAME}"), ": ", f"{count(len(resources), 'table')} with {num(rows)} rows, the descriptor ",
             self.file("data/datapackage.json", "datapackage.json"), " (Data Package), ",
             self.file("downloads/ro-crate-metadata.json", "ro-crate-metadata.json"), " (RO-Crate), ",
             self.file("downloads/CITATION.cff", "CITATION.cff"), " and the list of licences. The same tables always give the same bytes (",
                self.file(f"downloads/{archive.NAME}.sha256", "checksum"),
                ")."],
            ["Version ", __version__, ", documented to ", data_cut(), "."],
            [nodes.strong("", "Strictest licence of everything: "), f"{most['name']}. {archive.STRICTNESS[most['name']]} "
             f"{archive.TOGETHER} Taken alone, most tables are freer: the licence stands with each."],
        ]  # fmt: skip
        out = nodes.bullet_list()
        for parts in links:
            out += nodes.list_item("", _paragraph(*parts))
        return [out]


class LicenceList(Page):
    """``{licence-list}``: every licence, what it allows, and the tables under it."""

    def content_nodes(self) -> list[nodes.Node]:
        tables: dict[str, list[dict]] = {}
        for res in package()["resources"]:
            for licence in {x["name"] for x in res["licenses"]}:
                tables.setdefault(licence, []).append(res)
        rows = [
            [name, words, num(len(tables.get(name, []))), "; ".join(r["path"] for r in tables.get(name, []))]
            for name, words in archive.STRICTNESS.items()
            if name in tables
        ]
        return [data_table(["Licence", "What it asks", "Tables", "Which"], rows, ["left", "left", "right", "left"])]


# --- how it was made ----------------------------------------------------------------------


class EvidenceTables(Page):
    """``{evidence-tables}``: what the book rests on, counted: headline, grades, audit."""

    def content_nodes(self) -> list[nodes.Node]:
        share, rows = evidence.researched_share()
        other_share, others = evidence.researched_share(without=evidence.REPEATED)
        kinds = evidence.by_kind()
        audited = audit.results()
        drawn = {result: num(n) for result, n in audited.sum().items()}
        text = (
            f"Of {num(rows)} rows gathered by reading, {percent(share)} rest on a first-hand or direct source (grade A or B). "
            "Votes of single countries, copied from lists, and codings kept beside the one that counts are many rows of few texts: "
            f"of the other {num(others)} rows it is {percent(other_share)}. Further counts:"
        )
        out: list[nodes.Node] = [nodes.paragraph("", text)]
        counted = [[what.capitalize(), num(part), num(whole)] for what, (part, whole) in evidence.headline().items()]
        out.append(data_table(["What", "Number", "Of"], counted, ["left", "right", "right"]))
        out.append(nodes.paragraph("", "Sources by kind and grade:"))
        cells = [[KINDS[kind], *(num(n) for n in row)] for kind, row in zip(kinds.index, kinds.to_numpy(), strict=True)]
        out.append(data_table(["Kind", *kinds.columns], cells, ["left"] + ["right"] * len(kinds.columns)))
        found = (
            f"Spot audit: of {drawn['drawn']} rows drawn at random, {drawn['right']} were right, {drawn['imprecise']} imprecise and "
            f"{drawn['wrong']} wrong; for {drawn['source not found']} no copy of the source was found. By table:"
        )
        out.append(nodes.paragraph("", found))
        cells = [[name, *(num(n) for n in row)] for name, row in zip(audited.index, audited.to_numpy(), strict=True)]
        out.append(data_table(["Table", *audited.columns], cells, ["left"] + ["right"] * len(audited.columns)))
        return out


class ScaleList(Page):
    """``{scale-list} name``: the words of a scale with their signs and definitions."""

    required_arguments = 1

    def content_nodes(self) -> list[nodes.Node]:
        words = claims.scale(self.arguments[0])
        if words.empty:
            raise self.error(f"claims/scale.csv: no scale {self.arguments[0]!r}")
        signed = words["symbol"].notna().any()
        rows = [
            [([r.symbol] if signed else []), word, r.definition]
            for word, r in zip(words.index, words.itertuples(), strict=True)
        ]
        header = (["Sign"] if signed else []) + ["Word", "Meaning"]
        cells = [[*(s if pd.notna(s) else "–" for s in sign), word, text] for sign, word, text in rows]
        if signed:  # the word heads the row
            header, cells = ["Word", "Sign", "Meaning"], [[c[1], c[0], c[2]] for c in cells]
        return [data_table(header, cells, ["left"] * len(header))]


class QuantityRule(Page):
    """``{quantity-rule}``: the rule by which figures of the article are judged."""

    def content_nodes(self) -> list[nodes.Node]:
        limits = "; ".join(f"up to {num(limit)} points off: {word}" for limit, word in QUANTITY_RULE.items())
        text = (
            "A share that the article states is judged by its distance from the computed one, in percentage points, "
            f"by thresholds fixed before anything was computed: {limits}; beyond that: {BEYOND}. A count must be exact."
        )
        return [nodes.paragraph("", text)]


class Agreement(Page):
    """``{coding-agreement}``: how far second readings agree with the stored ones."""

    def content_nodes(self) -> list[nodes.Node]:
        terms = deals.agreements()
        rows = []
        for name in ("Without the repeated oblast cells", "Held-out texts, all cells"):
            row = terms.loc[name]
            rows.append([f"Deal terms: {name[0].lower()}{name[1:]}", num(row["cells"]), percent(row["exact"]), num(row["alpha"], 2), row["interval"]])  # fmt: skip
        for reading, words in (("meant", "as meant"), ("printed", "as printed")):
            same, compared, alpha = claims.agreement(reading)
            rows.append([f"Verdicts {words}, blind against the ledger", num(compared), percent(same / compared), num(alpha, 2), "–"])  # fmt: skip
        header = ["What was read again", "Cells", "Equal", "Krippendorff's alpha", "95 % interval"]
        return [data_table(header, rows, ["left", "right", "right", "right", "left"])]


class ReachList(Page):
    """``{reach-list}``: to which day the evidence of each topic reaches."""

    def content_nodes(self) -> list[nodes.Node]:
        ends = summary.reach()
        rows = [[r.topic, num(r.tables), num(r.rows), num(r.sources), r.last] for r in ends.itertuples()]
        return [data_table(["Topic", "Tables", "Rows", "Sources", "Documented to"], rows, ["left", "right", "right", "right", "left"])]  # fmt: skip


class Gaps(Page):
    """``{what-we-could-not-do}``: what is known to be missing, counted."""

    def content_nodes(self) -> list[nodes.Node]:
        sources, lists = registry(), nodes.bullet_list()
        seen = sources["seen"].value_counts()
        languages = split_list(sources["language"]).value_counts()
        open_items = load("sanctions.open_items")
        rows = int(evidence.by_table()["unverified"].sum())
        english = languages["en"] / len(sources)
        texts = [
            f"Of {count(len(sources), 'source')}, {num(seen.get('excerpt', 0))} were seen as excerpts of stored copies, "
            f"{num(seen.get('full text', 0))} in full, {num(seen.get('data file', 0))} as data files, and {num(seen.get('cited', 0))} only as cited by others.",
            f"{percent(english)} of the sources are in English; {num(languages.get('uk', 0))} are in Ukrainian and {num(languages.get('ru', 0))} in Russian.",
            f"{count(rows, 'row')} name no source that supports them. They are marked as unverified and feed no figure and no sentence.",
            f"On sanctions alone {count(len(open_items), 'question')} were searched for and not, or not wholly, answered; they are listed in the chapter.",
        ]
        for text in texts:
            lists += nodes.list_item("", nodes.paragraph("", text))
        return [lists]


class Corrections(Page):
    """``{corrections-log}``: the record of corrections, by reason and chapter, and what was wrong, row by row."""

    def content_nodes(self) -> list[nodes.Node]:
        fixes = corrections()
        chapters = {t: words for t, words in {**TOPICS, "sources": "Sources"}.items() if t in set(fixes["topic"])}
        crossed = pd.crosstab(fixes["reason"], fixes["topic"]).reindex(columns=list(chapters), fill_value=0)
        order = fixes["reason"].value_counts().index
        rows = [[r.replace("-", " "), *(num(n) for n in crossed.loc[r]), num(crossed.loc[r].sum())] for r in order]
        header = ["Reason", *chapters.values(), "Together"]
        days = [day(d) for d in (fixes["date"].min(), fixes["date"].max())]
        when = f"on {days[0]}" if days[0] == days[1] else f"from {days[0]} to {days[1]}"
        first = _paragraph(
            f"The record holds {count(len(fixes), 'change')}, entered {when}. "
            "Each names table, row and field, what stood there, what stands there, and why: ",
            self.file("data/corrections.csv"), ".",
        )  # fmt: skip
        meanings = nodes.bullet_list()
        for reason in order:
            meanings += nodes.list_item(
                "", _paragraph(nodes.strong("", reason.replace("-", " ")), f": {REASONS[reason]}")
            )
        counted = data_table(header, rows, ["left"] + ["right"] * (len(header) - 1))
        counted["classes"].append("compact")
        out = [first, counted, meanings]
        told = fixes[fixes["reason"].isin(TOLD)]
        out.append(
            _paragraph(
                f"The {num(len(told))} of them that put right an error, followed the audit or settled a conflict:"
            )
        )
        if for_print(self.env.app):  # the list is for the screen
            return [
                *out[:-1],
                _paragraph("The site lists those that put right an error, followed the audit or settled a conflict."),
            ]
        cells = [
            [f"{r.table}, {r.key}: {r.field}", r.reason.replace("-", " "), TOPICS.get(r.topic, "Sources"), _short(r.old), _short(r.new), r.said]
            for r in told.itertuples()
        ]  # fmt: skip
        table = data_table(["Row and field", "Reason", "Chapter", "Was", "Is", "Why"], cells, ["left"] * 6)
        return [*out, _found("corrections", table, "corrections", [1, 2], [3, 4, 5])]


def corrections() -> pd.DataFrame:
    """The corrections with ``reason`` (its code), ``said`` (the rest) and ``topic``.

    Raises
    ------
    ValueError
        If a reason is not one of `REASONS`.
    """
    fixes = load("corrections")
    parts = fixes["why"].str.extract(r"^([a-z-]+)(?::\s*(.*))?$")
    strange = set(parts[0].dropna()) - set(REASONS) or ({"no reason"} if parts[0].isna().any() else set())
    if strange:
        raise ValueError(f"corrections.csv: {sorted(strange)[0]!r} is not a reason with a meaning")
    topic = fixes["table"].str.split(".").str[0].replace({"publishers": "sources"})
    return fixes.assign(reason=parts[0], said=parts[1].fillna(""), topic=topic)


def _short(value, most: int = 90) -> str:
    if pd.isna(value):
        return "–"
    text = str(value)
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + " …"


class Counts(Page):
    """``{book-counts}``: how large the book is, and to which day it reaches."""

    def content_nodes(self) -> list[nodes.Node]:
        pictures, tables = shown()
        resources = package()["resources"]
        text = (
            f"Version {__version__}, documented to {data_cut()}: {num(len(claims.claims()))} claims of the article; {count(pictures, 'figure')} and {count(tables, 'table')}; "
            f"{count(len(resources), 'data table')} with {num(sum(r['rows'] for r in resources))} rows; {num(len(registry()))} sources in "
            f"{num(split_list(registry()['language']).nunique())} languages."
        )
        return [nodes.paragraph("", text)]


@cache
def shown() -> tuple[int, int]:
    """Figures and tables in the stored outputs of the chapters."""
    kinds = [
        o["data"] for p in notebooks() for c in json.loads(p.read_text("utf-8"))["cells"] for o in c.get("outputs", [])
    ]
    kinds = [d for d in kinds if MIME in d]
    pictures = sum("image/svg+xml" in d or "image/png" in d for d in kinds)
    return pictures, sum(d[MIME].get("kind") == "table" for d in kinds)


# --- glossary -----------------------------------------------------------------------------

FIELDS = {"legal": "Law", "military": "War and its end", "financial": "Money, trade, energy", "space": "Space", "diplomatic": "Diplomacy",
          "method": "Method"}  # fmt: skip


class Glossary(Page):
    """``{glossary-list}``: the terms by field, each with a permanent anchor, definition and sources."""

    def content_nodes(self) -> list[nodes.Node]:
        terms, std = load("glossary"), self.env.get_domain("std")
        out: list[nodes.Node] = []
        for field, words in FIELDS.items():
            listing_ = nodes.definition_list(classes=["glossary"])
            mine = terms[terms["field"] == field]
            for row in mine.iloc[mine["term"].str.casefold().argsort(kind="stable")].itertuples():
                name = f"term-{row.term_id}"
                short = "" if _empty(row.abbreviation) or row.abbreviation == row.term else f" ({row.abbreviation})"
                term = nodes.term("", f"{row.term}{short}", ids=[name])
                std.note_hyperlink_target(name, self.env.docname, name, row.term)
                sources = _paragraph("Source: ", classes=("facts",))
                for n, source in enumerate(row.source_ids.split(";")):
                    sources += [nodes.Text("; ")] if n else []
                    sources += source_link(source, self.env.docname)
                sources += nodes.Text(".")
                listing_ += nodes.definition_list_item(
                    "", term, nodes.definition("", _paragraph(row.definition), sources)
                )
            out.append(nodes.section("", nodes.title(words, words), listing_, ids=[f"glossary-{field}"]))
        return out


class Abbreviations(Page):
    """``{abbreviation-list}``: every abbreviation with what it stands for, linked to its entry."""

    def content_nodes(self) -> list[nodes.Node]:
        terms = load("glossary").dropna(subset="abbreviation").sort_values("abbreviation")
        rows = [
            [[self.page(self.env.docname, f"term-{r.term_id}", r.abbreviation)], r.term] for r in terms.itertuples()
        ]
        rows = [r for r in rows if r[0][0].astext() != r[1]]
        return [data_table(["Abbreviation", "Stands for"], rows, ["left", "left"])]


def _empty(value) -> bool:
    return value is None or value != value or value == ""


def for_print(app: Sphinx) -> bool:
    """Whether the single page is being built that the PDF is made from."""
    return app.builder.name == "singlehtml"


class DependencyList(SphinxDirective):
    """``{dependency-list}``: the packages named by the project with their licences, and how many more come with them."""

    def run(self) -> list[nodes.Node]:
        found = inventory.packages()
        named = found[found["direct"]]
        text = (
            f"{num(len(named))} packages are named by the project; {num(len(found) - len(named))} more come with them. "
            "Versions and checksums of all are locked; make sbom writes them as a bill of materials (CycloneDX)."
        )
        rows = named[["package", "version", "licence"]].to_numpy().tolist()
        return [
            nodes.paragraph("", text),
            data_table(["Package", "Version", "Licence"], rows, ["left"] * 3),
        ]


#: Parts of the bench in words.
BENCH = {"floor": "Floor", "book": "Book", "part": "Builder", "test": "Tests", "derivation": "Derivation"}


class BenchTable(SphinxDirective):
    """``{bench-table}``: how long the book took in the recorded run, against the least it could take."""

    def run(self) -> list[nodes.Node]:
        run = load("bench")
        # The last measure of a part is that of the whole.
        floor, whole = (
            run[(run["part"] == part) & (run["unit"] == "s")]["value"].iloc[-1] for part in ("floor", "book")
        )
        ratio = run[run["unit"] == "ratio"]["value"].iloc[0]
        text = (
            f"Measured in one run on {day(run['measured'].iloc[0])}, with two processors: the whole book took "
            f"{num(whole)} seconds, {num(ratio, 1)} times the floor of "
            f"{num(floor)} seconds, which is what as many notebooks, builders and pages would take with nothing in them. "
            "Seconds differ from machine to machine; the ratio hardly does."
        )
        rows = [
            [
                f"{BENCH[r.part]}: {r.what}",
                num(r.value, 2) if r.unit == "ratio" else f"{num(r.value, 1)} {r.unit}",
                "–" if pd.isna(r.peak_mb) else num(r.peak_mb),
            ]
            for r in run.itertuples()
        ]
        return [
            nodes.paragraph("", text),
            data_table(["Part", "Value", "Peak memory, MB"], rows, ["left", "right", "right"]),
        ]


#: Checks that catch a change, from the earliest to the latest, in words.
CAUGHT = {
    "Type or range": ["schema"],
    "Rule of the table": ["rule", "sanity"],
    "Other tables": ["cross-check", "ledger rule"],
    "Sentence or title": ["condition", "built page"],
    "Stored output alone": ["nbval only"],
    "Nothing": ["survived"],
}


class MutationTable(Page):
    """``{mutation-table}``: single changes made in every column of every table, and what was first to catch them.

    Changes of the code follow in a sentence.
    """

    def content_nodes(self) -> list[nodes.Node]:
        run = load("mutation")
        topic = run["table"].str.partition(".")[0].map(TOPICS).fillna("Registers")
        caught = run["caught_by"].map({layer: words for words, layers in CAUGHT.items() for layer in layers})
        counts = (
            run.groupby([topic, caught])["count"]
            .sum()
            .unstack(fill_value=0)
            .reindex(columns=list(CAUGHT), fill_value=0)
        )
        whole, lost = counts.to_numpy().sum(), counts["Nothing"].sum()
        alone = counts["Stored output alone"].sum()
        survived = run[run["caught_by"] == "survived"]
        words = survived["class"].isin(["text", "wording", "number in text", "other source"])
        text = (
            f"{num(whole)} single changes were tried, of every class that fits in every column of {count(run['table'].nunique(), 'table')}: "
            f"{percent(1 - lost / whole)} turned something red, and for {percent(alone / whole)} that was only the comparison of stored outputs. "
            f"Of {count(int(lost), 'change')} that nothing caught, {num(survived.loc[words, 'count'].sum())} are in wording or in which source is named. "
            "Each has its reason in the list kept with the tests."
        )
        order = [t for t in [*TOPICS.values(), "Registers"] if t in counts.index]
        rows = [
            [t, *(num(n) for n in counts.loc[t]), percent(1 - counts.at[t, "Nothing"] / counts.loc[t].sum())]
            for t in order
        ]
        header = ["Tables of", *CAUGHT, "Caught"]
        code = load("mutation_library")
        made, tried, noticed = code[["made", "tried", "noticed"]].sum()
        also = (
            f"The program is tried in the same way. Of {num(made)} single changes that can be made in the code of "
            f"{count(len(code), 'module')}, {num(tried)} were tried, at most {num(code['tried'].max())} in each: "
            f"a test noticed {percent(noticed / tried)} of them (run of {day(code['measured'].iloc[0])})."
        )
        return [
            nodes.paragraph("", text),
            data_table(header, rows, ["left"] + ["right"] * (len(CAUGHT) + 1)),
            nodes.paragraph("", also),
        ]


DIRECTIVES = {
    "mutation-table": MutationTable,
    "dependency-list": DependencyList,
    "bench-table": BenchTable,
    "sources-list": SourcesList, "data-dictionary": DataDictionary, "grade-list": GradeList, "evidence-tables": EvidenceTables,
    "scale-list": ScaleList, "quantity-rule": QuantityRule, "coding-agreement": Agreement, "reach-list": ReachList,
    "what-we-could-not-do": Gaps, "corrections-log": Corrections, "book-counts": Counts, "glossary-list": Glossary,
    "abbreviation-list": Abbreviations, "data-archive": DataArchive, "licence-list": LicenceList,
}  # fmt: skip


def register(app: Sphinx) -> None:
    """Register the directives of this module."""
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
