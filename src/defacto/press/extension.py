"""The Sphinx extension of the book: generated pages, downloads, and a clean, offline HTML."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from defacto import __version__, audit, evidence
from defacto.data import data_dir, load, package, root
from defacto.figures import MIME
from defacto.ledger import GRADES, registry
from defacto.press import finish, ledgerpages
from defacto.press.execute import notebooks
from defacto.press.render import KINDS, data_table, picture_of, source_link
from defacto.prose import num, percent


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


class SourcesList(SphinxDirective):
    """``{sources-list}``: every source with what is known of it and where it is used.

    The printed book lists the sources that its chapters cite.
    """

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(data_dir() / "sources.csv"))
        sources, used = registry(), usage()
        if for_print(self.env.app):
            sources = sources[sources.index.isin(cited())]
        std = self.env.get_domain("std")
        out: list[nodes.Node] = []
        initial, listing = None, None
        ordered = sources.assign(sort=sources["publisher"].str.casefold()).sort_values(
            ["sort", "published"], kind="stable"
        )
        for source_id, row in ordered.iterrows():
            letter = row["publisher"].lstrip("\"'([«").strip()[0].upper()
            letter = letter if letter.isalpha() else "0–9"
            if letter != initial:
                initial, listing = letter, nodes.definition_list(classes=["sources"])
                section = nodes.section("", nodes.title(letter, letter), listing, ids=[f"sources-{ord(letter[0])}"])
                out.append(section)
            name = f"source-{source_id}"
            date = "undated" if _empty(row["published"]) else row["published"]
            term = nodes.term("", f"{row['publisher']}, {date}", ids=[name])
            std.note_hyperlink_target(name, self.env.docname, name, f"{row['publisher']}, {date}")
            listing += nodes.definition_list_item(
                "", term, nodes.definition("", *self.entry(row, used.get(source_id, [])))
            )
        return out

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
        facts = [KINDS[row["kind"]], row["ownership"], f"grade {row['grade']}", f"seen: {row['seen']}"]
        facts += [f"repeats {row['origin']}"] if not _empty(row["relay_of"]) else []
        facts += [f"language: {row['language']}", f"country: {row['country']}"]
        facts += [f"licence: {row['licence']}"] if not _empty(row["licence"]) else []
        where = "; ".join(f"{table} ({rows})" for table, rows in sorted(used)) or "not cited by a table"
        return [title, nodes.paragraph("", ". ".join([", ".join(facts), f"Used in: {where}"]) + ".", classes=["facts"])]


class DataDictionary(SphinxDirective):
    """``{data-dictionary}``: every table with its fields, coverage, licence and limits."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(data_dir() / "datapackage.json"))
        up = "../" * self.env.docname.count("/")
        link = nodes.reference("", "data/datapackage.json", refuri=f"{up}data/datapackage.json", internal=True)
        first = nodes.paragraph("", "The descriptor: ", link, nodes.Text("."))
        return [first, *(self.section(res) for res in package()["resources"])]

    def section(self, res: dict) -> nodes.section:
        name = res["name"].replace(".", "-").replace("_", "-")
        section = nodes.section("", nodes.title("", res["title"]), ids=[f"data-{name}"])
        self.env.get_domain("std").note_hyperlink_target(f"data-{name}", self.env.docname, f"data-{name}", res["title"])
        section += nodes.paragraph("", res["description"])
        rows = f"{res.get('rows', 0):,} rows"
        facts = nodes.paragraph("", "", classes=["facts"])
        up = "../" * self.env.docname.count("/")
        facts += nodes.reference("", f"data/{res['path']}", refuri=f"{up}data/{res['path']}", internal=True)
        key = res["schema"]["primaryKey"]
        facts += nodes.Text(
            f" ({rows}, {res.get('bytes', 0):,} bytes). {res['origin'].capitalize()}; documented to {res['documented_to']}. "
            f"Key: {', '.join(key)}. Licence: {'; '.join(_licence(licence) for licence in res['licenses'])}."
        )
        section += facts
        if res.get("recipe"):
            inputs = "; ".join(f"{i['name']} ({i['upstream']}, version {i['version']}, {i['sha256'][:16]}…)"
                               for i in res["recipe"]["inputs"])  # fmt: skip
            section += nodes.paragraph("", f"Recipe: {res['recipe']['function']} on {inputs}.", classes=["facts"])
        if res.get("limitations"):
            section += nodes.paragraph("", "Limits: " + " ".join(res["limitations"]), classes=["facts"])
        fields = [[f["name"], f["type"], f.get("description", "")] for f in res["schema"]["fields"]]
        if not for_print(self.env.app):  # the printed book describes tables, not fields
            section += data_table(["Field", "Type", "Meaning and unit"], fields, ["left"] * 3)
        return section


def _licence(licence: dict) -> str:
    return licence.get("title") or licence["name"]


class GradeList(SphinxDirective):
    """``{grade-list}``: the grades of sources in words, from the code that applies them."""

    def run(self) -> list[nodes.Node]:
        return [data_table(["Grade", "Meaning"], [[g, text] for g, text in GRADES.items()], ["left", "left"])]


class EvidenceTables(SphinxDirective):
    """``{evidence-tables}``: what the book rests on, counted: headline, grades, audit, corrections."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(data_dir() / "datapackage.json"))
        share, rows = evidence.researched_share()
        kinds = evidence.by_kind()
        audited = audit.results()
        reasons = evidence.corrections_by_reason()
        text = (
            f"Of {num(rows)} rows gathered by reading, {percent(share)} rest on a first-hand or direct source (grade A or B). "
            "The other counts:"
        )
        out: list[nodes.Node] = [nodes.paragraph("", text)]
        counted = [[what.capitalize(), num(part), num(whole)] for what, (part, whole) in evidence.headline().items()]
        out.append(data_table(["What", "Number", "Of"], counted, ["left", "right", "right"]))
        out.append(nodes.paragraph("", "Sources by kind and grade:"))
        cells = [[KINDS[kind], *(num(n) for n in row)] for kind, row in zip(kinds.index, kinds.to_numpy(), strict=True)]
        out.append(data_table(["Kind", *kinds.columns], cells, ["left"] + ["right"] * len(kinds.columns)))
        out.append(nodes.paragraph("", "Spot audit, rows drawn at random by table and result:"))
        cells = [[name, *(num(n) for n in row)] for name, row in zip(audited.index, audited.to_numpy(), strict=True)]
        out.append(data_table(["Table", *audited.columns], cells, ["left"] + ["right"] * len(audited.columns)))
        out.append(nodes.paragraph("", "Corrections by reason:"))
        cells = [[reason, num(n)] for reason, n in reasons.items()]
        out.append(data_table(["Reason", "Rows"], cells, ["left", "right"]))
        return out


def _empty(value) -> bool:
    return value is None or value != value or value == ""


def for_print(app: Sphinx) -> bool:
    """Whether the single page is being built that the PDF is made from."""
    return app.builder.name == "singlehtml"


def cited() -> set[str]:
    """Ids of the sources that stored outputs cite."""
    found: set[str] = set()
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                meta = data.get(MIME, {})
                found |= {*meta.get("sources", []), *meta.get("cites", [])}
                found |= set(re.findall(r"\(#source-([a-z0-9-]+)\)", data.get("text/markdown", "")))
    return found


def bundles() -> dict[str, dict]:
    """Every published bundle of the stored outputs: id -> output data.

    Raises
    ------
    ValueError
        If two figures or tables share an id.
    """
    found: dict[str, dict] = {}
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if MIME in data:
                    name = data[MIME]["id"]
                    if name in found:
                        raise ValueError(f"{path.name}: the id {name!r} is used twice")
                    found[name] = data
    return found


def copy_downloads(app: Sphinx, error: Exception | None) -> None:
    """Put numbers, pictures and tables beside the pages, and a list of all figures."""
    if error or app.builder.name != "html":
        return
    target = Path(app.outdir) / "downloads"
    target.mkdir(exist_ok=True)
    listing = []
    for name, data in bundles().items():
        (target / f"{name}.csv").write_text(data["text/csv"], "utf-8")
        meta = data[MIME]
        if "image/svg+xml" in data or "image/png" in data:
            picture, extension = picture_of(data)
            (target / f"{name}.{extension}").write_bytes(picture)
        listing.append({k: meta.get(k) for k in ("id", "title", "subtitle", "alt", "notes", "sources")})
    (target / "figures.json").write_text(json.dumps(listing, indent=1, ensure_ascii=False) + "\n", "utf-8")
    tables = Path(app.outdir) / "data"
    for path in [data_dir() / "datapackage.json", *(data_dir() / r["path"] for r in package()["resources"])]:
        copy = tables / path.relative_to(data_dir())
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def setup(app: Sphinx) -> dict:
    """Register the directives and the finishing steps."""
    app.add_directive("sources-list", SourcesList)
    app.add_directive("data-dictionary", DataDictionary)
    app.add_directive("grade-list", GradeList)
    app.add_directive("evidence-tables", EvidenceTables)
    app.connect("doctree-read", finish.anchor_cells)
    app.connect("html-page-context", finish.finish_page, priority=999)
    app.connect("build-finished", copy_downloads)
    app.connect("build-finished", ledgerpages.write_machines)
    app.connect("build-finished", finish.finish_site)
    app.add_config_value("defacto_article_text", True, "env", [bool])
    app.add_css_file("book.css")
    app.add_js_file("book.js", loading_method="defer")
    app.add_js_file("whatif.js", loading_method="defer")
    app.add_css_file("tables.css")
    app.add_js_file("tables.js", loading_method="defer")
    app.add_css_file("claims.css")
    app.add_js_file("claims.js", loading_method="defer")
    app.config.html_static_path.append(str(root() / "book" / "_static"))
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


__all__ = ["bundles", "setup", "source_link", "usage"]
