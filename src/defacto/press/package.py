"""Everything in one file: the tables, their descriptor, RO-Crate metadata and the citation, in a zip.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1): a flat JSON-LD graph with the metadata file, the root
data set, an entity for each file, each licence and each derivation.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

from sphinx.application import Sphinx

from defacto import __version__
from defacto.data import data_dir, load, package, root

NAME = f"de-jure-de-facto-data-{__version__}.zip"
CRATE = "ro-crate-metadata.json"
#: Licences of the tables and what they ask, from the freest to the strictest. What joins tables under
#: several of them may be used as the strictest allows.
STRICTNESS = {
    "PDDL-1.0": "Public domain: no condition.",
    "MIT": "Any use; the copyright notice stays.",
    "CC-BY-4.0": "Any use; name the source.",
    "ODbL-1.0": "Any use; name the source, and share a database made from it under the same terms.",
    "CC-BY-NC-4.0": "Non-commercial use; name the source.",
    "other-closed": "Terms of the body it comes from: non-commercial use, with attribution.",
    "LicenseRef-own-aggregation": "No open licence of the upstream maps was seen: numbers of our own aggregation, with "
    "attribution to the mappers; whether more is allowed is not known.",
}  # fmt: skip
#: What someone who uses everything together must keep to.
TOGETHER = (
    "Whoever uses everything together keeps to all of it: non-commercial use, attribution to every source, the terms of the "
    "ODbL for a database made from its tables, and no more than numbers from the maps."
)


def strictest(resources: list[dict]) -> dict:
    """The licence that asks most among those of `resources`.

    Raises
    ------
    ValueError
        If a licence is not in `STRICTNESS`.
    """
    order = list(STRICTNESS)
    licences = [licence for res in resources for licence in res["licenses"]]
    for licence in licences:
        if licence["name"] not in STRICTNESS:
            raise ValueError(f"datapackage.json: licence {licence['name']!r} has no place in the order of strictness")
    return max(licences, key=lambda x: order.index(x["name"]))


def citation() -> bytes:
    """The citation file of the project."""
    return (root() / "CITATION.cff").read_bytes()


def released() -> str:
    """Day of the release of this version, from the record of releases."""
    rows = load("releases").query("version == @__version__")
    if rows.empty:
        raise ValueError(f"releases.csv: no rows of version {__version__}; run `python -m defacto.summary --release`")
    return f"{rows['released'].iloc[0]:%Y-%m-%d}"


def crate() -> dict:
    """RO-Crate metadata of the archive as a dictionary."""
    descriptor = package()
    resources = descriptor["resources"]
    most = strictest(resources)
    address = {x["name"]: x["path"] for res in resources for x in res["licenses"] if x.get("path")}
    licences: dict[str, dict] = {}
    files, actions = [], []
    for res in resources:
        named = []
        for licence in res["licenses"]:
            key = address.get(licence["name"], f"#licence-{licence['name']}")
            licences.setdefault(key, {"@id": key, "@type": "CreativeWork", "name": licence["name"],
                                      "description": STRICTNESS[licence["name"]]})  # fmt: skip
            named.append({"@id": key})
        named = list({n["@id"]: n for n in named}.values())
        files.append(
            {"@id": res["path"], "@type": "File", "name": res["title"], "description": res["description"],
             "encodingFormat": "text/csv", "contentSize": str(res["bytes"]), "sha256": res["hash"].removeprefix("sha256:"),
             "license": named[0] if len(named) == 1 else named, "temporalCoverage": f"../{res['documented_to'].rstrip('~?')}"}
        )  # fmt: skip
        if res.get("recipe"):
            inputs = []
            for source in res["recipe"]["inputs"]:
                key = f"#input-{source['sha256'][:16]}"
                inputs.append({"@id": key})
                licences.setdefault(key, {"@id": key, "@type": "CreativeWork", "name": source["name"],
                                          "isBasedOn": source["upstream"], "version": source["version"], "sha256": source["sha256"]})  # fmt: skip
            tool = f"#{res['recipe']['function']}"
            licences.setdefault(tool, {"@id": tool, "@type": "SoftwareSourceCode", "name": res["recipe"]["function"],
                                       "programmingLanguage": "Python"})  # fmt: skip
            actions.append({"@id": f"#derivation-{res['name']}", "@type": "CreateAction", "name": f"Derivation of {res['path']}",
                            "instrument": {"@id": tool}, "object": list({i['@id']: i for i in inputs}.values()), "result": {"@id": res["path"]}})  # fmt: skip
    others = [
        {"@id": "datapackage.json", "@type": "File", "name": "Data Package descriptor", "encodingFormat": "application/json"},
        {"@id": "LICENSES.md", "@type": "File", "name": "Licences of the tables", "encodingFormat": "text/markdown"},
        {"@id": "CITATION.cff", "@type": "File", "name": "How to cite", "encodingFormat": "text/yaml"},
    ]  # fmt: skip
    data_set = {
        "@id": "./", "@type": "Dataset", "name": descriptor["title"], "description": descriptor["description"],
        "version": __version__, "datePublished": released(), "inLanguage": "en",
        "license": {"@id": address.get(most["name"], f"#licence-{most['name']}")},
        "usageInfo": f"Strictest licence of all tables: {most['name']}. {STRICTNESS[most['name']]} {TOGETHER}",
        "author": {"@id": "#project"}, "publisher": {"@id": "#project"},
        "hasPart": [{"@id": f["@id"]} for f in files + others], "mentions": [{"@id": a["@id"]} for a in actions],
    }  # fmt: skip
    about = {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}, "about": {"@id": "./"}}  # fmt: skip
    project = {"@id": "#project", "@type": "Organization", "name": "The De Jure, De Facto project"}
    graph = [about, data_set, project, *files, *others, *licences.values(), *actions]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}


def contents() -> dict[str, bytes]:
    """Files of the archive by name, in the order written."""
    metadata = (json.dumps(crate(), indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    names = ["datapackage.json", "LICENSES.md", *sorted(r["path"] for r in package()["resources"])]
    return {CRATE: metadata, "CITATION.cff": citation(), **{n: (data_dir() / n).read_bytes() for n in names}}


def archive() -> bytes:
    """The zip: the same tables give the same bytes, whatever the day, the machine or the file system."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name, content in contents().items():
            info = zipfile.ZipInfo(f"{NAME.removesuffix('.zip')}/{name}", (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            target.writestr(info, content)
    return out.getvalue()


def write(app: Sphinx, error: Exception | None) -> None:
    """Put the archive, its metadata and the citation among the downloads."""
    if error or app.builder.name != "html":
        return
    target = Path(app.outdir) / "downloads"
    target.mkdir(exist_ok=True)
    whole = archive()
    (target / NAME).write_bytes(whole)
    (target / f"{NAME}.sha256").write_text(f"{hashlib.sha256(whole).hexdigest()}  {NAME}\n", "utf-8")
    for name in (CRATE, "CITATION.cff"):
        (target / name).write_bytes(contents()[name])
