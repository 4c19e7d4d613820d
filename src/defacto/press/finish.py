"""Finishes the pages of the site: facts of the page, how to cite it, metadata, clean markup."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from html import escape, unescape
from pathlib import Path

import nbformat
import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from defacto import __version__
from defacto.data import data_cut, package, resource, root
from defacto.figures import MIME
from defacto.press import cover
from defacto.press.edition import AUTHOR, KEYWORDS, LICENCE, SUBTITLE, TITLE, cite_bibtex, cite_text
from defacto.press.execute import notebooks
from defacto.press.lighten import lighten
from defacto.press.lineage import Notebook
from defacto.prose import count, day

WORDS_A_MINUTE = 230
#: Shown inside the site, made when the editions are built with it.
EDITIONS = {"pdf": "PDF", "epub": "EPUB"}


@cache
def reach(docname: str) -> str:
    """The last day that the tables of a chapter reach, registers apart; for other pages that of the book."""
    path = root() / f"{docname}.ipynb"
    if not path.is_file():
        return data_cut()
    cells = nbformat.read(path, as_version=4).cells
    book = Notebook(cells)
    tables = {t for n, c in enumerate(cells) if c.get("outputs") for t in book.tables(n)}
    days = [r["documented_to"] for r in map(resource, sorted(tables)) if r["name"].count(".") and r["origin"] != "own"]
    return max((d.rstrip("~?") for d in days), default=data_cut())


def spoken(date: str) -> str:
    """An EDTF date as readers write it: to the day, the month or the year."""
    if len(date) == 10:
        return day(pd.Timestamp(date))
    return pd.Timestamp(f"{date}-01").strftime("%B %Y") if len(date) == 7 else date


def minutes(body: str) -> int:
    """Reading time of a page without code, tables, folded parts, and the entries of what is looked up rather than read."""
    text = re.sub(r'<section id="data-.*?</section>', " ", body, flags=re.DOTALL)
    text = re.sub(r"<(details|table|script|pre|dl)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return max(1, round(len(re.sub(r"<[^>]+>", " ", text).split()) / WORDS_A_MINUTE))


def anchor_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Give the code of every cell an anchor, so that what it made can lead to it."""
    path = root() / f"{app.env.docname}.ipynb"
    if not path.is_file():
        return
    cells = nbformat.read(path, as_version=4).cells
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            for source in node.findall(nodes.container):
                if source.get("nb_element") == "cell_code_source":
                    source["ids"].append(f"cell-{cells[node['cell_index']].id}")


def finish_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Clean the markup of a page and, on the site, add its facts, its citation and its metadata."""
    for key in ("script_files", "css_files"):
        if key in context:
            context[key][:] = [f for f in context[key] if "thebe" not in _described(f)]
    if "body" not in context:
        return
    body = cleaned(context["body"])
    if app.builder.name == "html" and doctree is not None:
        body = _pictures(body)
        description = described(doctree)
        title = unescape(re.sub(r"<[^>]+>", "", context.get("title", "")))
        base = (app.config.html_baseurl or "").rstrip("/")
        address = f"{base}/{pagename}.html" if base else f"{pagename}.html"
        start = pagename == app.config.root_doc
        body = _with_facts(body, pagename, start, address, title)
        context["metatags"] = context.get("metatags", "") + metatags(pagename, title, description, base, start)
    context["body"] = body


def cleaned(body: str) -> str:
    """Markup without what says nothing; table headers with their scope."""
    body = re.sub(
        r"(<thead>.*?</thead>)",
        lambda m: re.sub(r'<th class="head stub(?: (\w+))?"', _head, m[1]),
        body,
        flags=re.DOTALL,
    )
    body = re.sub(r'<th class="([^"]*\bstub\b[^"]*)"', r'<th scope="row" class="\1"', body)
    body = re.sub(r'<th class="((?:(?!stub)[^"])*)"', r'<th scope="col" class="\1"', body)
    # Of code, words of the language, strings and comments keep a colour: a third of a page less.
    body = re.sub(r'<span class="(?:[npw]|o|ow|mi|mf|nb|nn|bp|fm|nf|sa|si|p)">([^<]*)</span>', r"\1", body)
    body = re.sub(r'<span class="std std-ref">([^<]*)</span>', r"\1", body)
    # Cells hold one line of text: a paragraph in each, and the parity of rows, say nothing.
    body = re.sub(r"<(t[dh])([^>]*)><p>((?:(?!</?p).)*)</p>\s*</\1>", r"<\1\2>\3</\1>", body, flags=re.DOTALL)
    return re.sub(r'<tr class="row-(?:odd|even)">', "<tr>", body)


def _head(match: re.Match) -> str:
    return f'<th class="head{" " + match[1] if match[1] else ""}"'


def _described(asset) -> str:
    return f"{getattr(asset, 'filename', asset)}{getattr(asset, 'attributes', '')}".lower()


def described(doctree: nodes.document) -> str:
    """The first paragraph of a page, cut at a word within 200 characters."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > 40:
            return text if len(text) <= 200 else text[:199].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return SUBTITLE


@cache
def _sizes() -> dict[str, tuple[int, int]]:
    """Width and height of every picture as shown, by its name in a page."""
    found = {}
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                meta = output.get("data", {}).get(MIME, {})
                if "crop_top" in meta:
                    height = meta["height"] - meta["crop_top"] - meta["crop_bottom"]
                    found[f"fig-{meta['id']}"] = round(meta["width"]), round(height)
    return found


def _pictures(body: str) -> str:
    """Pictures come when they come near, and keep their room until then."""

    def image(tag: re.Match) -> str:
        name = re.search(r'src="[^"]*/([^/".]+)\.\w+"', tag[0])
        size = _sizes().get(name[1]) if name else None
        room = f' width="{size[0]}" height="{size[1]}"' if size else ""
        return tag[0].replace("<img ", f'<img loading="lazy" decoding="async"{room} ', 1)

    return re.sub(r"<img [^>]*>", image, body)


def _with_facts(body: str, pagename: str, start: bool, address: str, title: str) -> str:
    up = "../" * pagename.count("/")
    facts = [f"Data to {spoken(reach(pagename))}", f"{count(minutes(body), 'minute', 'minutes')} to read",
             f"Version {__version__}", '<a href="#cite-page">Cite this page</a>']  # fmt: skip
    line = f'<p class="page-facts">{" · ".join(facts)}</p>'
    if start:
        made = [(k, word) for k, word in EDITIONS.items() if k in _editions()]
        links = [f'<a href="{up}downloads/de-jure-de-facto.{k}">{word}</a>' for k, word in made]
        line = cover.hero() + line + (f'<p class="page-editions">Also as {" and ".join(links)}.</p>' if links else "")
    body = re.sub(r"</h1>", lambda m: m[0] + line, body, count=1)
    text = cite_text("" if start else title, "page", address)
    bibtex = cite_bibtex("dejuredefacto" + ("" if start else "-" + re.sub(r"\W+", "-", pagename.split("/")[-1])),
                         "" if start else title, address)  # fmt: skip
    shown = escape(text).replace(escape(address), f'<span class="address">{escape(address)}</span>')
    return body + (
        f'<details class="page-cite" id="cite-page"><summary>Cite this page</summary><p>{shown}</p>'
        f'<div class="highlight"><pre tabindex="0" aria-label="BibTeX">{escape(bibtex)}</pre></div></details>'
    )


def _editions() -> list[str]:
    """Formats that the site is built together with."""
    import os

    return [e for e in os.environ.get("DEFACTO_EDITIONS", "").split(",") if e]


# --- for machines -------------------------------------------------------------------------


def metatags(pagename: str, title: str, description: str, base: str, start: bool) -> str:
    """Description, Open Graph and schema.org of a page; addresses only where the book has one (`html_baseurl`)."""
    address = f"{base}/{pagename}.html" if base else ""
    up = "../" * pagename.count("/")
    graph = {
        "og:title": title, "og:description": description, "og:type": "book" if start else "article",
        "og:site_name": TITLE, "og:locale": "en_GB", "og:url": address,
        "og:image": f"{base}/downloads/cover-wide.png" if base else f"{up}downloads/cover-wide.png",
        "og:image:alt": f"{TITLE}: {SUBTITLE}",
    }  # fmt: skip
    tags = [f'<meta name="description" content="{escape(description)}" />']
    tags += [f'<meta property="{k}" content="{escape(v)}" />' for k, v in graph.items() if v]
    tags.append('<meta name="twitter:card" content="summary_large_image" />')
    data = json.dumps(schema(pagename, title, description, base, start), ensure_ascii=False).replace("<", "\\u003c")
    return "\n".join([*tags, f'<script type="application/ld+json">{data}</script>'])


def schema(pagename: str, title: str, description: str, base: str, start: bool) -> dict:
    """schema.org: the Book on its start page, a Dataset on the data page, a Chapter elsewhere."""
    author = {"@type": "Organization", "name": AUTHOR}
    common = {
        "@context": "https://schema.org", "name": title, "description": description, "inLanguage": "en", "author": author,
        "license": LICENCE, "version": __version__, "isAccessibleForFree": True,
    } | ({"url": f"{base}/{pagename}.html"} if base else {})  # fmt: skip
    book = {
        "@type": "Book",
        "name": f"{TITLE}: {SUBTITLE}",
        "author": author,
        "inLanguage": "en",
        "bookEdition": __version__,
    }
    if start:
        return (
            common | book | {"keywords": KEYWORDS, "bookFormat": "https://schema.org/EBook", "dateModified": data_cut()}
        )
    if pagename == "book/data":
        folder = f"{base}/data/" if base else "../data/"
        files = [{"@type": "DataDownload", "name": r["title"], "encodingFormat": "text/csv", "contentUrl": folder + r["path"]}
                 for r in package()["resources"]]  # fmt: skip
        return common | {"@type": "Dataset", "name": package()["title"], "description": package()["description"],
                         "keywords": KEYWORDS, "dateModified": data_cut(), "distribution": files,
                         "isPartOf": book, "license": [x["path"] for x in package()["licenses"] if "path" in x]}  # fmt: skip
    return common | {"@type": "Chapter", "dateModified": reach(pagename), "isPartOf": book}


def finish_site(app: Sphinx, error: Exception | None) -> None:
    """After the last page: recipes, citations and covers beside the pages; then nothing that no page needs."""
    if error or app.builder.name != "html":
        return
    html = Path(app.outdir)
    downloads = html / "downloads"
    downloads.mkdir(exist_ok=True)
    base = (app.config.html_baseurl or "").rstrip("/")
    for path in sorted((root() / "src/defacto/derive").rglob("*.py")):
        copy = html / "code" / path.relative_to(root() / "src/defacto")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    for path in notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                if meta := output.get("data", {}).get(MIME):
                    place = f"notebooks/{path.stem}.html{anchor(meta, output['data'])}"
                    text = cite_bibtex(
                        f"dejuredefacto-{meta['id']}", meta["title"], f"{base}/{place}" if base else place
                    )
                    (downloads / f"{meta['id']}.bib").write_text(text + "\n", "utf-8")
    (downloads / "cover-wide.png").write_bytes(cover.png(1200, 630))
    lighten(html)


def anchor(meta: dict, bundle: dict) -> str:
    """The permanent anchor of a published bundle on its page, with its mark; cards have one each, and none as a whole."""
    if "image/svg+xml" in bundle or "image/png" in bundle:
        return f"#fig-{meta['id']}"
    kind = meta.get("kind")
    return "" if kind == "cards" else f"#table-{meta['id']}" if kind in ("table", "claims") else f"#ledger-{meta['id']}"
