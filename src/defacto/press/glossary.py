"""Terms of the glossary in the text of chapters: a link to the entry, and its definition for those who point at it.

The first occurrence of a term in the paragraphs of a page becomes a link. Definitions come with the
site in one script (`TERMS`), so that a page carries only the links; without scripts the link remains.
The printed book has no such links: its text stays as it is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from defacto.data import load

#: The page of the entries, and pages whose text is itself a register of terms or names.
PAGE = "book/glossary"
APART = {PAGE, "book/sources", "book/data"}
TERMS = "glossary-terms.js"
#: Paragraphs that are no running text.
_SMALL = {"source", "notes", "downloads", "facts", "subtitle", "ledger-title", "caption"}


def forms() -> dict[str, str]:
    """Form in the text -> id of its term.

    Raises
    ------
    ValueError
        If two terms share a form.
    """
    found: dict[str, str] = {}
    for row in load("glossary").itertuples():
        for form in row.forms.split(";"):
            if form in found:
                raise ValueError(f"glossary.csv: the form {form!r} belongs to {found[form]!r} and to {row.term_id!r}")
            found[form] = row.term_id
    return found


def pattern(known: dict[str, str]) -> re.Pattern:
    """Finds the forms as whole words, the longest first."""
    words = "|".join(re.escape(form) for form in sorted(known, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")


def definitions() -> dict[str, list[str]]:
    """What the script shows: id -> term with its abbreviation, and definition."""
    rows = load("glossary").itertuples()
    return {
        r.term_id: [r.term + ("" if r.abbreviation != r.abbreviation or r.abbreviation == r.term else f" ({r.abbreviation})"), r.definition]
        for r in rows
    }  # fmt: skip


def running(document: nodes.document):
    """Text in the paragraphs of a page and in the cells of its tables: not in headings, captions, links or code."""
    for paragraph in document.findall(nodes.paragraph):
        if _SMALL & set(paragraph.get("classes", [])):
            continue
        above = paragraph.parent
        while above is not None and not _closed(above):
            above = above.parent
        if above is None:
            yield from (child for child in list(paragraph.children) if type(child) is nodes.Text)


def _closed(node: nodes.Node) -> bool:
    """Whether text inside `node` heads something, names it, or only repeats the numbers of a figure."""
    if isinstance(node, nodes.table):
        return "defacto-table" not in node.get("classes", [])
    return isinstance(node, nodes.thead | nodes.figure | nodes.footnote | nodes.term)


def mark(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Turn the first occurrence of each term on a page into a link to its entry."""
    if app.builder.name not in ("html", "dirhtml") or docname in APART or PAGE not in app.env.found_docs:
        return
    known = forms()
    finder, done = pattern(known), set()
    page = app.builder.get_relative_uri(docname, PAGE)
    for text in running(document):
        words, at, parts = text.astext(), 0, []
        for found in finder.finditer(words):
            term = known[found[0]]
            if term in done:
                continue
            done.add(term)
            if found.start() > at:
                parts.append(nodes.Text(words[at : found.start()]))
            parts.append(nodes.reference("", found[0], refuri=f"{page}#term-{term}", internal=True, classes=["term"]))
            at = found.end()
        if parts:
            if at < len(words):
                parts.append(nodes.Text(words[at:]))
            text.parent.replace(text, parts)


def write_terms(app: Sphinx, error: Exception | None) -> None:
    """Put the definitions beside the scripts of the site."""
    if error or app.builder.name not in ("html", "dirhtml"):
        return
    data = json.dumps(definitions(), ensure_ascii=False, separators=(",", ":"))
    (Path(app.outdir) / "_static" / TERMS).write_text(f"window.defactoTerms={data};\n", "utf-8")


def register(app: Sphinx) -> None:
    """Mark terms when a page is written, and write what their script needs."""
    app.connect("doctree-resolved", mark)
    app.connect("build-finished", write_terms)
    app.add_js_file(TERMS, loading_method="defer")
    app.add_js_file("glossary.js", loading_method="defer")
