"""Makes a copy of the book whose every free text is hostile; run inside such a copy (see `test_bad_input`).

Each text cell of each table that no rule binds to a set of words becomes a piece of script, markup
or Markdown. The notebooks named run on these tables, and their outputs are stored as they come;
a cell that stops (its condition is about the words) keeps its stored output.
"""

from __future__ import annotations

import csv
import io
import json
import sys

import nbformat

from defacto import check, data
from defacto.press.execute import notebooks

HIT = "document.documentElement.dataset.hit=1"
PAYLOADS = [
    f"<script>{HIT}</script>", f"<img src=x onerror={HIT}>", f"</script><script>{HIT}</script>",
    f'x" onmouseover="{HIT}', f"x' autofocus onfocus='{HIT}", f"<svg/onload={HIT}>", f"[x](javascript:{HIT})",
    f"]]><script>{HIT}</script>", f"--><script>{HIT}</script>", f"`x` {{raw}}`<b onclick={HIT}>` <iframe srcdoc='<script>{HIT}</script>'>",
    "&lt;script&gt;&#60;script&#62;", "{{ x }} ${x}$ </table></div></section><h1>hostile</h1>",
]  # fmt: skip


#: Bound by a rule of the code: a form stands for one term alone, and is looked for, never shown.
BOUND = {("glossary", "forms")}


def free(res: dict) -> list[str]:
    """Columns of text that no rule binds: what a careless or hostile editor could put anything into."""
    bound = {c for key in res["schema"].get("foreignKeys", []) for c in key["fields"]} | set(
        res["schema"]["primaryKey"]
    )
    return [
        f["name"]
        for f in res["schema"]["fields"]
        if f["type"] == "string" and f["name"] not in bound and not f.get("listOf") and f.get("dataType") != "edtf"
        and not {"enum", "pattern", "unique"} & f.get("constraints", {}).keys() and (res["name"], f["name"]) not in BOUND
    ]  # fmt: skip


def spoil() -> None:
    """Replace the free texts of all tables, then seal the tables as valid."""
    folder, package = data.data_dir(), json.loads((data.data_dir() / data.DESCRIPTOR).read_text("utf-8"))
    names: dict[str, str] = {}
    for res in package["resources"]:
        path = folder / res["path"]
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
        for row in rows:
            for n, name in enumerate(free(res)):
                if row[name]:
                    # The same text stays the same everywhere, so that tables still agree with each other.
                    row[name] = names.setdefault(
                        row[name], f"{len(names)} {PAYLOADS[(len(names) + n) % len(PAYLOADS)]}"
                    )
        out = io.StringIO()
        if rows:
            writer = csv.DictWriter(out, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            path.write_bytes(out.getvalue().encode("utf-8"))
        res["hash"] = data.digest(path.read_bytes())
        res["description"] = res["title"] = f"{res['title']} {PAYLOADS[len(names) % len(PAYLOADS)]}"
        for field in res["schema"]["fields"]:
            field["description"] = PAYLOADS[len(field["name"]) % len(PAYLOADS)]
    (folder / data.DESCRIPTOR).write_text(json.dumps(package), "utf-8")
    data.forget()


def spoil_notebooks() -> None:
    """Run every notebook on the hostile tables and store what its cells show."""
    import mutation

    shown = kept = 0
    for path in notebooks():
        book, scope = nbformat.read(path, as_version=4), {}
        for cell in book.cells:
            if cell.cell_type != "code":
                continue
            parsed = mutation.parsed(cell)
            try:
                exec(parsed.run, scope)
                bundle = eval(parsed.show, scope)._repr_mimebundle_() if parsed.show and cell.outputs else {}
            except Exception as err:
                kept += 1
                print(f"{path.name}, cell {cell.id}: {type(err).__name__}: {str(err)[:120]}")
                continue
            if cell.outputs:
                cell.outputs[0].data = nbformat.from_dict(json.loads(json.dumps(bundle)))
                shown += 1
        nbformat.write(book, path)
    print(f"{shown} outputs made hostile, {kept} cells kept theirs")
    broken = [v for res in data.package()["resources"] for v in check.rule_violations(res, data.typed_table(
        (data.data_dir() / res["path"]).read_bytes(), res), {}) if "formula" in v.message]  # fmt: skip
    assert not broken, broken[:3]


if __name__ == "__main__":
    spoil()
    spoil_notebooks()
    sys.exit()
