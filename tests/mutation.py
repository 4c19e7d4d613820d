"""The mutation harness: change one thing at a time in a table and say which check goes red.

Hashes are recomputed, as an honest editor would: no mutation is caught by a hash. Checks are
tried from the earliest to the latest, and the first to go red has the kill: *schema*, *rule*
(references, lists, sorting, dates, sources, corrections), *sanity*, *cross-check*, *notebook*
(a computed output changes or a guarded sentence breaks: what nbval alone would catch).

Run as a program it mutates every column of every table (fixed seed), prints kills by table,
class and check, and writes all survivors to ``_build/mutation.csv``.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import nbformat
import pandas as pd

from defacto import check, data, figures, ledger
from defacto.press.execute import notebooks

LAYERS = ["schema", "rule", "sanity", "cross-check", "notebook", "survived"]
SEED = 20250423
#: Free text that no rule can know to be wrong; its mutation is a rewording, not an error.
FREE_TEXT = re.compile(
    r"note|title|summary|paraphrase|description|definition|reason|finding|why|old|expect|statement|basis|remark"
)


@dataclass(frozen=True)
class Mutation:
    """One change: the class of change, where it was made, and the rows of the changed table."""

    table: str
    kind: str
    column: str
    row: int
    was: str
    now: str
    rows: tuple[tuple[str, ...], ...]


class Book:
    """The tables as they stand, in memory, and the notebooks that read them."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or data.data_dir()
        self.resources = {r["name"]: r for r in data.package(self.folder)["resources"]}
        self.text = {
            n: list(csv.reader(io.StringIO((self.folder / r["path"]).read_text("utf-8"))))
            for n, r in self.resources.items()
        }
        self.typed = {n: data.typed_table(data_bytes(rows), self.resources[n]) for n, rows in self.text.items()}
        self.children = {n: [c for c, r in self.resources.items() if n in check.references(r)] for n in self.resources}
        self._readers: dict[str, list[Path]] | None = None

    def readers(self, table: str) -> list[Path]:
        """Notebooks whose computed outputs read `table`, found by running each once."""
        if self._readers is None:
            self._readers = {n: [] for n in self.resources}
            for path in notebooks():
                for name in run_notebook(path, None)[1]:
                    self._readers[name].append(path)
        return self._readers[table]


def data_bytes(rows) -> bytes:
    """Rows of text as the CSV the project writes."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")


def mutations(book: Book, table: str, rng: random.Random) -> list[Mutation]:
    """One mutation of each class that fits, for each column of `table`, and for the table itself."""
    res, rows = book.resources[table], book.text[table]
    header, body = rows[0], rows[1:]
    key = res["schema"]["primaryKey"]
    found: list[Mutation] = []
    if not body:
        return found

    def changed(kind: str, column: str, at: int, now: str) -> None:
        place = header.index(column)
        if body[at][place] != now:
            copy = [list(r) for r in body]
            copy[at][place] = now
            found.append(
                Mutation(table, kind, column, at + 2, body[at][place], now, tuple(map(tuple, [header, *copy])))
            )

    for field in res["schema"]["fields"]:
        name = field["name"]
        place = header.index(name)
        filled = [i for i, r in enumerate(body) if r[place] != ""]
        if not filled:
            continue
        at = rng.choice(filled)
        value = body[at][place]
        if field["type"] in ("integer", "number"):
            number = float(value)
            whole = field["type"] == "integer"
            near = number + max(1, round(abs(number) * 0.1)) if whole else number * 1.1 + (0.1 if number == 0 else 0)
            changed("value", name, at, f"{near:.0f}" if whole else f"{near:.6g}")
            if number:
                changed("sign", name, at, f"{-number:.0f}" if whole else f"{-number:.6g}")
                changed("unit", name, at, f"{number * 1000:.0f}" if whole else f"{number * 1000:.6g}")
        elif field["type"] == "date" or re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            changed("date", name, at, (date.fromisoformat(value) + timedelta(days=40)).isoformat())
        elif field.get("listOf") == "sources" or name == "source_ids":
            changed("source", name, at, value.split(";")[0] + "-gone")
        elif field.get("constraints", {}).get("enum"):
            others = [e for e in field["constraints"]["enum"] if e != value]
            if others:
                changed("enumeration", name, at, rng.choice(others))
        elif name in key and len(key) == 1:
            changed("key", name, at, value + "x")
        else:
            others = sorted({r[place] for r in body} - {value, ""})
            changed(
                "free text" if FREE_TEXT.search(name) else "text",
                name,
                at,
                rng.choice(others) if others else value + " x",
            )
        if field["type"] != "string":
            changed("type", name, at, "n/a")
    at = rng.randrange(len(body))
    found.append(
        Mutation(table, "row dropped", "*", at + 2, "", "", tuple(map(tuple, [header, *body[:at], *body[at + 1 :]])))
    )
    found.append(
        Mutation(table, "row repeated", "*", at + 2, "", "", tuple(map(tuple, [header, *body[: at + 1], *body[at:]])))
    )
    same = [
        (a, b)
        for a in range(len(header))
        for b in range(a)
        if res["schema"]["fields"][a]["type"] == res["schema"]["fields"][b]["type"] != "string"
    ]
    if same:
        a, b = rng.choice(same)
        copy = [[*r] for r in body]
        for r in copy:
            r[a], r[b] = r[b], r[a]
        found.append(
            Mutation(
                table, "columns swapped", f"{header[b]}, {header[a]}", 0, "", "", tuple(map(tuple, [header, *copy]))
            )
        )
    return found


def caught_by(book: Book, mutation: Mutation, *, notebooks_too: bool = True) -> str:
    """The first layer that goes red, or ``survived``."""
    res = book.resources[mutation.table]
    content = data_bytes(mutation.rows)
    if content == data_bytes(book.text[mutation.table]):
        return "survived"
    if _schema_red(res, mutation):
        return "schema"
    try:
        frame = data.typed_table(content, res)
    except data.DataError:
        return "rule"
    tables = book.typed | {mutation.table: frame}
    if check.rule_violations(res, frame, tables):
        return "rule"
    if mutation.column in (*res["schema"]["primaryKey"], "*") or (mutation.table, mutation.column) == (
        "sources",
        "kind",
    ):
        for child in book.children[mutation.table]:
            if child != mutation.table and check.rule_violations(book.resources[child], tables[child], tables):
                return "rule"
    if check.correction_violations(tables, mutation.table):
        return "rule"
    if check.sanity_violations(res, frame):
        return "sanity"
    if check.cross_violations(tables, mutation.table):
        return "cross-check"
    if notebooks_too:
        for path in book.readers(mutation.table):
            if not run_notebook(path, (res["path"], content))[0]:
                return "notebook"
    return "survived"


def _schema_red(res: dict, mutation: Mutation) -> bool:
    """Whether frictionless objects. Its rules concern single rows and keys: the changed row and,
    for repeated keys, its neighbours are enough."""
    rows = mutation.rows
    if len(rows) > 400:
        middle = min(max(mutation.row - 1, 1), len(rows) - 1)
        rows = (rows[0], *rows[max(1, middle - 20) : middle + 20])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / res["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data_bytes(rows))
        return bool(check.schema_violations(res, Path(folder)))


def run_notebook(path: Path, change: tuple[str, bytes] | None) -> tuple[bool, set[str]]:
    """Run the cells of a notebook in a forked process against the (changed) tables.

    Returns whether every stored number, text and title is computed again, and which tables
    were read. Pictures are not drawn: their numbers stand beside them.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_run, args=(path, change, sender))
    process.start()
    try:
        result = receiver.recv() if receiver.poll(120) else (False, set())
    except EOFError:
        result = (False, set())
    process.join(5)
    if process.is_alive():
        process.kill()
    return result


def _run(path: Path, change, sender) -> None:
    read: set[str] = set()
    try:
        if change:
            _changed_folder(*change)
        original = data.load

        def recording(name, **options):
            read.add(name)
            return original(name, **options)

        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("defacto") and getattr(module, "load", None) is original:
                module.load = recording
        figures._saved = lambda canvas, raster: (b"", "image/png" if raster else "image/svg+xml")
        scope: dict = {}
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            tree = ast.parse(cell.source)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, path.name, "exec"), scope)
            if last is None:
                continue
            shown = eval(compile(ast.Expression(last.value), path.name, "eval"), scope)
            bundle = shown._repr_mimebundle_() if hasattr(shown, "_repr_mimebundle_") else {}
            stored = cell.outputs[0].data if cell.outputs else {}
            if any(
                json.loads(json.dumps(bundle.get(k))) != stored.get(k)
                for k in ("text/csv", "text/markdown", figures.MIME)
            ):
                sender.send((False, read))
                return
        sender.send((True, read))
    except BaseException:  # a broken claim or any other error is what a build would stop at
        sender.send((False, read))


def _changed_folder(name: str, content: bytes) -> None:
    """Point the library at a copy of ``data/`` in which one table is changed and resealed."""
    here = data.data_dir()
    folder = Path(tempfile.mkdtemp())
    for path in here.rglob("*"):
        target = folder / path.relative_to(here)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.suffix == ".csv" and path.relative_to(here).as_posix() != name:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
    package = json.loads((here / data.DESCRIPTOR).read_text("utf-8"))
    for res in package["resources"]:
        if res["path"] == name:
            res["hash"] = data.digest(content)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / data.DESCRIPTOR).write_text(json.dumps(package), "utf-8")
    os.environ["DEFACTO_DATA"] = str(folder)
    data._parsed.cache_clear()
    data._source_ids.cache_clear()
    ledger.registry.cache_clear()


def sample(book: Book, each: int, seed: int = SEED) -> list[Mutation]:
    """At most `each` mutations of every table, drawn with a fixed seed."""
    drawn = []
    for table in book.resources:
        rng = random.Random(f"{seed}-{table}")
        made = mutations(book, table, rng)
        drawn += rng.sample(made, min(each, len(made)))
    return drawn


_BOOK: Book | None = None


def _judge(mutation: Mutation) -> str:
    return caught_by(_BOOK, mutation)


def main(argv: list[str] | None = None) -> int:
    """Mutate every column of every table and report which check caught it."""
    global _BOOK
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--each", type=int, default=10_000, help="at most this many mutations a table")
    options = parser.parse_args(argv)
    start = time.monotonic()
    _BOOK = Book()
    _BOOK.readers(next(iter(_BOOK.resources)))
    todo = [m for m in sample(_BOOK, options.each) if not options.tables or m.table in options.tables]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        verdicts = list(pool.map(_judge, todo, chunksize=8))
    report(todo, verdicts)
    print(f"{len(todo)} mutations in {time.monotonic() - start:.0f} s")
    return 0


def report(todo: list[Mutation], verdicts: list[str]) -> None:
    """Print kills by class and by table; write every mutation with its verdict."""
    frame = pd.DataFrame([(m.table, m.kind, m.column, m.row, m.was, m.now, v) for m, v in zip(todo, verdicts, strict=True)],
                         columns=["table", "class", "column", "row", "was", "now", "caught by"])  # fmt: skip
    for by in ("class", "table"):
        counts = frame.pivot_table(index=by, columns="caught by", values="row", aggfunc="size", fill_value=0)
        counts = counts.reindex(columns=LAYERS, fill_value=0)
        counts["killed %"] = (100 * (1 - counts["survived"] / counts.sum(axis=1))).round().astype(int)
        print(counts.to_string(), "\n")
    target = data.root() / "_build" / "mutation.csv"
    target.parent.mkdir(exist_ok=True)
    frame.to_csv(target, index=False, lineterminator="\n")
    total = Counter(verdicts)
    print(", ".join(f"{layer}: {total[layer]}" for layer in LAYERS))


if __name__ == "__main__":
    sys.exit(main())
