"""Turns figure and table bundles of stored outputs into pages.

myst-nb finds `Bundle` by its entry point. It gets the small JSON of a bundle; the picture and
the plotted numbers are siblings in the same output.
"""

from __future__ import annotations

import base64
import io
import json
import re

import pandas as pd
from docutils import nodes
from myst_nb.core.render import MimeRenderPlugin
from sphinx import addnodes

from defacto.data import resource
from defacto.figures import MIME
from defacto.ledger import citation, dated
from defacto.press.edition import cite_text
from defacto.press.lineage import Notebook, recipe
from defacto.tables import cell, linked

#: Kinds of source as a reader reads them.
KINDS = {
    "official": "official text", "legal": "legal text", "data": "data set", "wire": "news agency", "news": "news outlet",
    "advocacy": "advocacy", "analysis": "analysis", "opinion": "opinion", "reference": "reference work",
    "tracker": "machine-made tracker",
}  # fmt: skip
INLINE_ROWS = 150  # longer data tables are linked, not printed


class Bundle(MimeRenderPlugin):
    """Renders `MIME` as a numbered figure or table with source line and downloads."""

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type == "text/csv":
            return []  # shown with its figure
        if inline or data.mime_type != MIME:
            return None
        cells = renderer.renderer.nb_client.notebook["cells"]
        output = cells[data.cell_index]["outputs"][data.output_index]
        from defacto.press import ledgerpages  # builds on this module

        builders = {"table": table_nodes, **ledgerpages.BUILDERS}
        build = builders.get(data.content.get("kind"), figure_nodes)
        behind = {"cell": cells[data.cell_index]["id"], "tables": Notebook(cells).tables(data.cell_index)}
        return build(renderer, data.content | {"behind": behind}, output["data"])


def picture_of(bundle: dict) -> tuple[bytes, str]:
    """The picture of a stored figure bundle and its file extension."""
    if "image/svg+xml" in bundle:
        return bundle["image/svg+xml"].encode("utf-8"), "svg"
    return base64.b64decode(bundle["image/png"]), "png"


def cropped(picture: bytes, extension: str, meta: dict) -> bytes:
    """The chart without the header and footer that the page sets as text."""
    top, bottom, width, height = (meta[k] for k in ("crop_top", "crop_bottom", "width", "height"))
    if extension == "svg":
        kept = f"{height - top - bottom:.2f}"
        head = re.compile(rb'width="[\d.]+pt" height="[\d.]+pt" viewBox="[\d. ]+"')
        box = f'width="{width:.2f}pt" height="{kept}pt" viewBox="0 {top:.2f} {width:.2f} {kept}"'
        return head.sub(box.encode(), picture, count=1)
    from PIL import Image

    image = Image.open(io.BytesIO(picture))
    scale = image.height / height
    out = io.BytesIO()
    image.crop((0, round(top * scale), image.width, round(image.height - bottom * scale))).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def figure_nodes(renderer, meta: dict, bundle: dict) -> list[nodes.Node]:
    """A numbered figure: title, measure, picture, source line, notes, downloads, numbers."""
    picture, extension = picture_of(bundle)
    name = f"fig-{meta['id']}"
    uri = renderer.write_file([f"{name}.{extension}"], cropped(picture, extension, meta), overwrite=True)
    figure = nodes.figure("", nodes.image(uri=uri, alt=meta["alt"]), classes=["defacto-figure"])
    figure += nodes.caption(meta["title"], meta["title"])
    figure += nodes.legend("", nodes.paragraph(meta["subtitle"], meta["subtitle"], classes=["subtitle"]))
    _target(renderer, figure, name)
    frame = pd.read_csv(io.StringIO(bundle["text/csv"]), dtype="str", keep_default_na=False)
    return [nodes.container("", figure, *_foot(renderer, meta, frame, extension), classes=["defacto-block"])]


def table_nodes(renderer, meta: dict, bundle: dict) -> list[nodes.Node]:
    """A numbered table from its raw values and formats."""
    frame = pd.read_csv(io.StringIO(bundle["text/csv"]), dtype="str", keep_default_na=False)
    columns = meta["columns"]
    docname = renderer.renderer.sphinx_env.docname
    rows = [
        [
            link_nodes(v, docname) if c["format"] == "links" and v else cell(v, c["format"])
            for v, c in zip(row, columns, strict=True)
        ]
        for row in frame.itertuples(index=False)
    ]
    built = data_table([c["header"] for c in columns], rows, [c["align"] for c in columns], title=meta["title"])
    built["classes"].append("defacto-table")
    _target(renderer, built, f"table-{meta['id']}")
    subtitle = nodes.paragraph(meta["subtitle"], meta["subtitle"], classes=["subtitle"])
    parts = [built, subtitle, *_foot(renderer, meta, None, None)]
    if meta.get("control"):
        # What narrows the rows stands before them, what computes with them after.
        parts.insert(0 if meta["control"]["kind"] == "rows" else len(parts), control(meta["id"], meta["control"]))
    return [nodes.container("", *parts, classes=["defacto-block"])]


def control(name: str, what: dict) -> nodes.raw:
    """Room for a control of the page, and the published data it computes with; hidden until its script runs."""
    data = json.dumps(what, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    html = (
        f'<div class="defacto-screen defacto-{what["kind"]}" id="control-{name}" hidden>'
        f'<script type="application/json">{data}</script></div>'
    )
    return nodes.raw("", html, format="html")


def data_table(header: list[str], rows: list[list], aligns: list[str], title: str = "") -> nodes.table:
    """A docutils table whose first column heads the rows; cells are text or lists of nodes."""
    group = nodes.tgroup(cols=len(header))
    for n, _ in enumerate(header):
        group += nodes.colspec(colwidth=1, stub=1 if n == 0 else None)
    head, body = nodes.thead(), nodes.tbody()
    head += _row(header, aligns)
    for row in rows:
        body += _row(row, aligns)
    group += head
    group += body
    table = nodes.table("", classes=["defacto-rows"])
    if title:
        table += nodes.title(title, title)
    table += group
    return table


def _row(cells: list, aligns: list[str]) -> nodes.row:
    row = nodes.row()
    for content, align in zip(cells, aligns, strict=True):
        is_day = isinstance(content, str) and re.fullmatch(r"\d{4}(-\d\d){1,2}[~?]?", content)
        entry = nodes.entry(classes=[*(["num"] if align == "right" else []), *(["day"] if is_day else [])])
        inside = content if isinstance(content, list) else [nodes.Text(dated(content) if is_day else content)]
        entry += nodes.paragraph("", "", *inside)
        row += entry
    return row


def _target(renderer, node: nodes.Element, name: str) -> None:
    node["names"].append(name)
    node["ids"].append(name)
    renderer.renderer.document.note_explicit_target(node, node)


def source_link(source_id: str, docname: str) -> addnodes.pending_xref:
    """A link to the entry of a source on the sources page."""
    return addnodes.pending_xref(
        "", nodes.inline("", citation(source_id)), refdomain="std", reftype="ref", reftarget=f"source-{source_id}",
        refexplicit=True, refwarn=True, refdoc=docname,
    )  # fmt: skip


def link_nodes(text: str, docname: str) -> list[nodes.Node]:
    """The nodes of a text with links (see `defacto.tables.linked`)."""
    out: list[nodes.Node] = []
    for words, name in linked(text):
        if not name:
            out.append(nodes.Text(words))
            continue
        link = addnodes.pending_xref(
            "", nodes.inline("", words), refdomain="std", reftype="ref", reftarget=name, refexplicit=True, refwarn=True,
            refdoc=docname,
        )  # fmt: skip
        out.append(link)
    return out


def _foot(renderer, meta: dict, frame: pd.DataFrame | None, extension: str | None) -> list[nodes.Node]:
    docname = renderer.renderer.sphinx_env.docname
    up = "../" * docname.count("/")
    source = nodes.paragraph("", "Source: ", classes=["source"])
    for n, source_id in enumerate(dict.fromkeys(meta["sources"])):
        source += [nodes.Text("; ")] if n else []
        source += source_link(source_id, docname)
    source += nodes.Text(".")
    out: list[nodes.Node] = [source]
    if meta.get("notes"):
        out.append(nodes.paragraph(meta["notes"], meta["notes"], classes=["notes"]))
    kind = meta.get("kind") if meta.get("kind") in ("table", "ledger") else "fig"
    links = nodes.paragraph("", "", classes=["downloads"])
    for label, target in [
        ("Numbers (CSV)", f"{up}downloads/{meta['id']}.csv"),
        *([(f"Picture ({extension.upper()})", f"{up}downloads/{meta['id']}.{extension}")] if extension else []),
        (
            f"Link to this {'figure' if kind == 'fig' else 'table' if kind == 'table' else 'part'}",
            f"#{kind}-{meta['id']}",
        ),
    ]:
        links += [nodes.Text(" · ")] if len(links) else []
        links += nodes.reference("", label, refuri=target, internal=True)
    out.append(links)
    if frame is not None:
        out += _numbers(frame)
    if "behind" in meta:
        out += _behind(meta, f"{docname}.html#{kind}-{meta['id']}", docname)
    return out


def _behind(meta: dict, address: str, docname: str) -> list[nodes.Node]:
    """Folded: how to cite, and the way back to the rows, the recipe that derived them and the code."""
    up, tables = "../" * docname.count("/"), meta["behind"]["tables"]
    what = "table" if meta.get("kind") == "table" else "text" if meta.get("kind") else "figure"
    before, _, after = cite_text(meta["title"], what, address).rpartition(address)
    cite = nodes.paragraph(
        "", f"Cite: {before}", nodes.inline("", address, classes=["address"]), nodes.Text(f"{after} ")
    )
    cite += nodes.reference("", "BibTeX", refuri=f"{up}downloads/{meta['id']}.bib", internal=True)
    way = nodes.paragraph("", "Rows: " if tables else "Rows: those of the descriptor of the data. ")
    for n, name in enumerate(tables):
        way += nodes.Text(", " if n else "")
        way += addnodes.pending_xref(
            "", nodes.inline("", resource(name)["title"]), refdomain="std", reftype="ref", refexplicit=True,
            reftarget=f"data-{name.replace('.', '-').replace('_', '-')}", refwarn=True, refdoc=docname,
        )  # fmt: skip
    recipes = dict.fromkeys(r for r in map(recipe, tables) if r)
    way += nodes.Text(". Recipe: " if recipes else ". " if tables else "")
    for n, (function, path) in enumerate(recipes):
        way += nodes.Text(", " if n else "")
        place = f"{up}code/{path.removeprefix('src/defacto/')}"
        way += nodes.reference("", function, refuri=place, internal=True)
    way += nodes.Text(". Code: " if recipes else "Code: ")
    way += nodes.reference("", "this cell", refuri=f"#cell-{meta['behind']['cell']}", internal=True)
    way += nodes.Text(", ")
    way += nodes.reference("", "the notebook", refuri=f"{up}_sources/{docname}.ipynb", internal=True)
    way += nodes.Text(".")
    fold = '<details class="defacto-behind"><summary>Cite it; see its rows, recipe and code</summary>'
    return [nodes.raw("", fold, format="html"), cite, way, nodes.raw("", "</details>", format="html")]


def _numbers(frame: pd.DataFrame) -> list[nodes.Node]:
    """The plotted numbers as a folded table: the long description of the picture."""
    if len(frame) > INLINE_ROWS:
        return []
    numeric = [pd.to_numeric(frame[c].mask(frame[c] == ""), errors="coerce").notna().any() for c in frame]
    aligns = ["left"] + ["right" if n else "left" for n in numeric[1:]]
    table = data_table(list(frame.columns), frame.mask(frame == "", "–").to_numpy().tolist(), aligns)
    return [
        nodes.raw(
            "", '<details class="defacto-data"><summary>The numbers in this figure as a table</summary>', format="html"
        ),
        table,
        nodes.raw("", "</details>", format="html"),
    ]
