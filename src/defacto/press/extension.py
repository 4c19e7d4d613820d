"""The Sphinx extension of the book: generated pages, downloads, and a clean, offline HTML."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
from sphinx.application import Sphinx

from defacto import __version__
from defacto.data import data_dir, package, root
from defacto.figures import MIME
from defacto.press import finish, glossary, ledgerpages, pages
from defacto.press import package as archive
from defacto.press.execute import notebooks
from defacto.press.render import picture_of


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
    pages.register(app)
    glossary.register(app)
    app.connect("doctree-read", finish.anchor_cells)
    app.connect("html-page-context", finish.finish_page, priority=999)
    app.connect("build-finished", copy_downloads)
    app.connect("build-finished", archive.write)
    app.connect("build-finished", ledgerpages.write_machines)
    app.connect("build-finished", finish.finish_site)
    app.add_config_value("defacto_article_text", True, "env", [bool])
    app.add_css_file("book.css")
    app.add_js_file("book.js", loading_method="defer")
    app.add_js_file("whatif.js", loading_method="defer")
    app.add_css_file("tables.css")
    app.add_js_file("tables.js", loading_method="defer")
    app.add_css_file("claims.css")
    app.add_css_file("pages.css")
    app.add_js_file("sources.js", loading_method="defer")
    app.add_js_file("claims.js", loading_method="defer")
    app.config.html_static_path.append(str(root() / "book" / "_static"))
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
