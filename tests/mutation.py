"""The mutation harness: change one thing at a time in a table and say which check goes red.

Hashes count for nothing here: each change is one that an honest editor would have sealed. Checks
are tried from the earliest to the latest, and the first to go red has the kill:

*schema* (frictionless), *rule* (references, lists, sorting, dates, sources, corrections),
*sanity* (assertions that stand with a table), *cross-check* (between tables), *ledger rule* (those
that read the claims), *condition* (a guarded sentence or a cell breaks, so that the build stops),
*nbval only* (a stored number, text or picture is another one: nothing else would know), *built page*
(what the press writes from the tables cannot be built).

To be quick, every notebook runs once; of each cell it is kept what stood before it and which tables
it read. A change then runs, in a forked process, only the cells that depend on the changed table.

Run as a program it changes every column of every table and compares what survives with
``tests/survivors.csv``, where each survivor has its reason. ``--record`` writes the counts to
``data/mutation.csv``, which the method page shows.
"""

from __future__ import annotations

import argparse
import ast
import csv
import fnmatch
import hashlib
import io
import json
import multiprocessing
import os
import pickle
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from types import FunctionType, SimpleNamespace

import matplotlib as mpl
import nbformat
import pandas as pd
from matplotlib.cbook import CallbackRegistry
from matplotlib.transforms import TransformNode

from defacto import check, data, figures
from defacto.press.execute import notebooks

LAYERS = ["schema", "rule", "sanity", "cross-check", "ledger rule", "condition", "nbval only", "built page", "survived"]
DATA_LAYERS = LAYERS[:5]
SEED = 20250423
#: Where the result of a whole run stands; it is no input of its own.
RESULT = "mutation"
SURVIVORS = Path(__file__).parent / "survivors.csv"


@dataclass(frozen=True)
class Mutation:
    """One change: its class, and the cells (row from 0, column, text) or whole rows it alters."""

    table: str
    kind: str
    column: str
    row: int
    was: str = ""
    now: str = ""
    place: int = -1

    def rows(self, rows: list[list[str]]) -> list[list[str]]:
        """The rows (header first) with the change made."""
        header, body = rows[0], rows[1:]
        if self.kind == "row dropped":
            return [header, *body[: self.row], *body[self.row + 1 :]]
        if self.kind == "row repeated":
            return [header, *body[: self.row + 1], *body[self.row :]]
        if self.kind == "columns swapped":
            a, b = (header.index(c) for c in self.column.split(", "))
            return [header, *([*r[:a], r[b], *r[a + 1 : b], r[a], *r[b + 1 :]] for r in body)]
        row = list(body[self.row])
        row[self.place] = self.now
        return [header, *body[: self.row], row, *body[self.row + 1 :]]


def data_bytes(rows) -> bytes:
    """Rows of text as the CSV the project writes."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")


class Book:
    """The tables as they stand, in memory; notebooks and pages that read them, run when first asked for."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or data.data_dir()
        self.resources = {r["name"]: r for r in data.package(self.folder)["resources"] if r["name"] != RESULT}
        self.text = {
            n: list(csv.reader(io.StringIO((self.folder / r["path"]).read_text("utf-8"))))
            for n, r in self.resources.items()
        }
        self.typed = {n: data.typed_table(data_bytes(rows), self.resources[n]) for n, rows in self.text.items()}
        self.children = {n: [c for c, r in self.resources.items() if n in check.references(r)] for n in self.resources}

    @cached_property
    def traces(self) -> list[Trace]:
        """Every notebook, run once."""
        return [trace(path, self.typed) for path in notebooks()]

    @cached_property
    def pages(self) -> dict[str, tuple[str, set[str], Callable[[], str]]]:
        """What the press writes from the tables: name -> (text, tables read, what writes it)."""
        found = {}
        for name, make in _page_parts().items():
            with _tables_in_memory(self.typed) as read:
                found[name] = (make(), set(read), make)
        return found


# --- what is changed ------------------------------------------------------------------------


def _draw(choices, *salt: str):
    """One of `choices` by the smallest digest of its text: one more row or column moves no other draw."""

    def rank(item):
        return hashlib.blake2b("|".join((str(SEED), *salt, str(item))).encode(), digest_size=8).digest()

    return min(choices, key=rank, default=None)


def mutations(book: Book, table: str) -> list[Mutation]:
    """One mutation of each class that fits, for each column of `table`, and for the table itself."""
    res, rows = book.resources[table], book.text[table]
    header, body = rows[0], rows[1:]
    key = res["schema"]["primaryKey"]
    keys = [[r[header.index(k)] for k in key] for r in body]
    found: list[Mutation] = []
    if not body:
        return found
    for spec in res["schema"]["fields"]:
        name, kind = spec["name"], spec["type"]
        place = header.index(name)
        filled = [n for n, r in enumerate(body) if r[place] != ""]

        def at(what: str, fits=lambda value: True, name=name, place=place, filled=filled) -> int | None:
            known = {"|".join(keys[n]): n for n in filled if fits(body[n][place])}
            drawn = _draw(known, table, name, what)
            return None if drawn is None else known[drawn]

        def changed(what: str, row: int | None, new, name=name, place=place) -> None:
            if row is None:
                return
            was = body[row][place]
            now = new(was)
            if now is not None and now != was:
                found.append(Mutation(table, what, name, row, was, now, place))

        def other(value: str, name=name, place=place) -> str | None:
            return _draw({r[place] for r in body} - {value, ""}, table, name, value)

        allowed = spec.get("constraints", {}).get("enum")
        if kind in ("integer", "number"):
            changed("number", at("number"), lambda v, kind=kind: _near(v, kind))
            changed("sign", at("sign", lambda v: float(v) != 0), lambda v, kind=kind: _written(-float(v), kind))
            changed("unit", at("unit", lambda v: float(v) != 0), lambda v, kind=kind: _written(float(v) * 1000, kind))
        elif kind == "date" or spec.get("dataType") == "edtf":
            changed("date", at("date"), _later)
        elif spec.get("listOf") == "sources":
            changed("source", at("source"), lambda v: v.split(";")[0] + "-gone")
            changed("other source", at("other source"), lambda v, o=other: o(v))
        elif allowed:
            changed(
                "enumeration",
                at("enumeration"),
                lambda v, a=allowed, n=name: _draw(set(a) - {v}, table, n, v) or v + "x",
            )
        elif name in key and len(key) == 1:
            changed("key", at("key"), lambda v: v + "x")
        else:
            changed("text", at("text"), lambda v, o=other: o(v) or v + " x")
            changed("wording", at("wording", lambda v: v.count(" ") > 3), _reworded)
            changed("number in text", at("number in text", lambda v: re.search(r"\b\d+\b", v)), _other_digits)
        if kind != "string":
            changed("type", at("type"), lambda v: "n/a")
    whole = range(len(body))
    for what in ("row dropped", "row repeated"):
        found.append(Mutation(table, what, "*", _draw(whole, table, what)))
    types = {f["name"]: f["type"] for f in res["schema"]["fields"]}
    same = [f"{a}, {b}" for n, a in enumerate(header) for b in header[n + 1 :] if types[a] == types[b] != "string"]
    if same:
        found.append(Mutation(table, "columns swapped", _draw(same, table), 0))
    return found


def _written(number: float, kind: str) -> str:
    return f"{number:.0f}" if kind == "integer" else f"{number:.15g}"


def _near(value: str, kind: str) -> str:
    """A tenth more, at least one for a whole number: a slip, not nonsense."""
    number = float(value)
    if kind == "integer":
        return _written(number + max(1, round(abs(number) * 0.1)), kind)
    return f"{number * 1.1 + (0.1 if number == 0 else 0):.6g}"


def _later(value: str) -> str | None:
    """The first date of an EDTF text moved by 40 days, a month by two, a year by one."""
    if found := re.search(r"\d{4}-\d{2}-\d{2}", value):
        return value.replace(found[0], (date.fromisoformat(found[0]) + timedelta(days=40)).isoformat(), 1)
    if found := re.search(r"(\d{4})-(\d{2})", value):
        months = int(found[1]) * 12 + int(found[2]) + 1
        return value.replace(found[0], f"{months // 12:04d}-{months % 12 + 1:02d}", 1)
    found = re.search(r"\d{4}", value)
    return found and value.replace(found[0], f"{int(found[0]) + 1:04d}", 1)


def _reworded(value: str) -> str:
    """One inner word left out."""
    words = value.split(" ")
    gone = _draw(range(1, len(words) - 1), value)
    return " ".join(words[:gone] + words[gone + 1 :])


def _other_digits(value: str) -> str:
    return re.sub(r"\b\d+\b", lambda m: str(int(m[0]) + 1).zfill(len(m[0])), value, count=1)


# --- what goes red --------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """The layer that caught a change, the check or cell, and whether a page shows the difference."""

    layer: str
    by: str = ""
    shown: bool = False


def caught_by(book: Book, mutation: Mutation, *, notebooks_too: bool = True, red: bool | None = None) -> Verdict:
    """The first layer that goes red; the last one is ``survived``. `red`: what `schema_red` said, if it is known."""
    name, res = mutation.table, book.resources[mutation.table]
    if red is None:
        red = schema_red(book, name, [mutation])[0]
    if red:
        return Verdict("schema")
    rows = mutation.rows(book.text[name])
    try:
        frame = data.typed_table(data_bytes(rows), res)
    except data.DataError as err:
        return Verdict("rule", str(err))
    tables = book.typed | {name: frame}
    broken = check.rule_violations(res, frame, tables)
    if not broken and (mutation.column in (*res["schema"]["primaryKey"], "*") or (name, mutation.column) == ("sources", "kind")):  # fmt: skip
        for child in book.children[name]:
            broken = broken or (child != name and check.rule_violations(book.resources[child], tables[child], tables))
    broken = broken or check.correction_violations(tables, name)
    if broken:
        return Verdict("rule", broken[0].message)
    if broken := check.sanity_violations(res, frame):
        return Verdict("sanity", broken[0].message)
    if broken := check.cross_violations(tables, name):
        named = broken[0].message.split(":")[0]
        read = next(c.tables for c in check.crosschecks.CHECKS if c.id == named)
        return Verdict("ledger rule" if any(t.startswith("claims.") for t in read) else "cross-check", named)
    wording = mutation.kind in ("text", "wording", "number in text", "other source")
    return in_the_book(book, name, tables, not wording) if notebooks_too else Verdict("survived")


def schema_red(book: Book, table: str, made: list[Mutation]) -> list[bool]:
    """To which mutations of `table` frictionless objects.

    Its rules but two concern single rows, so that the changed rows of all mutations are validated
    in one go. The two, unique values and keys, are asked of the whole changed table.
    """
    res, rows = book.resources[table], book.text[table]
    fields = [f | {"constraints": {k: v for k, v in f.get("constraints", {}).items() if k != "unique"}} for f in res["schema"]["fields"]]  # fmt: skip
    single = res | {"schema": {"fields": fields, "missingValues": res["schema"].get("missingValues", [""])}}
    unique = [[rows[0].index(c) for c in key] for key in
              [res["schema"]["primaryKey"]] + [[f["name"]] for f in res["schema"]["fields"] if f.get("constraints", {}).get("unique")]]  # fmt: skip
    changed = [m.rows(rows) for m in made]
    lines = [now[m.row + 1] if m.place >= 0 or m.kind == "columns swapped" else rows[1] for m, now in zip(made, changed, strict=True)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / res["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data_bytes([rows[0], *lines]))
        red = {v.row - 2 for v in check.schema_violations(single, Path(folder))}

    def twice(now: list[list[str]], places: list[int]) -> bool:
        keys = [tuple(r[p] for p in places) for r in now[1:] if any(r[p] for p in places)]
        return len(set(keys)) < len(keys)

    return [n in red or any(twice(now, places) for places in unique) for n, now in enumerate(changed)]


def in_the_book(book: Book, name: str, tables: dict[str, pd.DataFrame], patient: bool = True) -> Verdict:
    """What the stored outputs and the pages of the press say to a changed table, in a forked process.

    A `patient` run goes on after a cell that shows something else, for a condition that breaks later.
    """
    traces, pages = book.traces, book.pages  # made before the fork, once
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        try:
            sender.send(_in_the_book(traces, pages, name, tables, patient))
        except BaseException as err:
            sender.send(Verdict("condition", f"{type(err).__name__}: {err}"))

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    try:
        found = receiver.recv() if receiver.poll(300) else Verdict("condition", "no end in 300 s")
    except EOFError:
        found = Verdict("condition", "the process died")
    process.join(5)
    if process.is_alive():
        process.kill()
    return found


def _in_the_book(traces: list[Trace], pages: dict, name: str, tables: dict, patient: bool) -> Verdict:
    # Where a table stands behind most cells (the sources), the first red cell is enough.
    patient &= sum(name in c.reads for t in traces for c in t.cells) < 60
    with _tables_in_memory(tables):
        differs, drawn = "", []
        for one in traces:
            try:
                found = replay(one, name, patient, drawn)
            except BrokenCell as err:
                return Verdict("condition", str(err))
            differs = differs or found
            if differs and not patient:
                break
        # To write pictures down takes long, and their numbers stand beside them: last.
        if differs := differs or first_redrawn(drawn):
            return Verdict("nbval only", differs)
        shown = False
        for part, (text, read, make) in pages.items():
            try:
                shown |= name in read and make() != text
            except Exception as err:
                return Verdict("built page", f"{part}: {type(err).__name__}: {err}")
    return Verdict("survived", shown=shown)


# --- notebooks, cell by cell ----------------------------------------------------------------


class BrokenCell(Exception):
    """A cell raises: the build stops there, stored outputs or not."""


@dataclass
class Cell:
    """One code cell: its code, the names it uses and may change, and what was seen when it ran."""

    id: str
    run: object
    show: object | None
    stored: dict
    uses: set[str]
    changes: set[str]
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    picture: str = ""


@dataclass
class Trace:
    """A notebook that ran on the tables as they stand."""

    name: str
    cells: list[Cell]


def parsed(cell) -> Cell:
    """A code cell of a notebook, ready to run."""
    tree = ast.parse(cell.source)
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    stored |= {
        a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    }
    # What is written into (table[x] = …) or may change itself (table.pop()) counts as changed too.
    inside = {n.value for n in ast.walk(tree) if isinstance(n, ast.Subscript | ast.Attribute)}
    changes = stored | {n.id for n in inside if isinstance(n, ast.Name)}
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    show = last and compile(ast.Expression(last.value), cell.id, "eval")
    run = compile(tree, cell.id, "exec")
    outputs = cell.outputs[0].data if cell.outputs else {}
    return Cell(cell.id, run, show, outputs, {n.id for n in names}, changes)


def _cells(path: Path) -> list[Cell]:
    return [parsed(cell) for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def trace(path: Path, tables: dict[str, pd.DataFrame], pictures: list | None = None) -> Trace:
    """Run the notebook in this process and keep, for each cell, its surroundings and the tables it read.

    What was laid out is appended to `pictures` (cell, canvas, whether dense).

    Raises
    ------
    AssertionError
        If a cell shows another thing than is stored: the notebook itself is out of date.
    """
    cells, scope = _cells(path), {}
    for cell in cells:
        drawn: list = []
        with _tables_in_memory(tables) as read:
            cell.before = _copies(scope)
            differs = _play(cell, scope, drawn)
        cell.picture = "".join(_state(canvas.figure) for _, canvas, _ in drawn)
        if pictures is not None:
            pictures += drawn
        assert not differs, f"{path.name}, cell {cell.id}: not what is stored; run `make notebooks`"
        cell.reads = set(read)
        cell.after = _copies({n: scope[n] for n in cell.changes if n in scope})
    return Trace(path.name, cells)


def _copies(scope: dict) -> dict:
    """The scope with its tables copied (on write): later cells that change one in place change their own."""
    kept = (pd.DataFrame, pd.Series, dict, list, set)
    return {k: v.copy() if isinstance(v, kept) else v for k, v in scope.items() if k != "__builtins__"}


def _play(cell: Cell, scope: dict, drawn: list | None = None) -> bool:
    """Run the cell; whether it shows another thing than is stored.

    Pictures are laid out but not written down; for `first_redrawn`, they are appended to `drawn`.
    """
    saved = figures._saved

    def laid_out(canvas, raster: bool) -> tuple[bytes, str]:
        if drawn is not None:
            drawn.append((cell, canvas, raster))
        return b"", "image/png" if raster else "image/svg+xml"

    figures._saved = laid_out
    try:
        exec(cell.run, scope)
        if cell.show is None:
            return False
        shown = eval(cell.show, scope)
        bundle = shown._repr_mimebundle_() if hasattr(shown, "_repr_mimebundle_") else {}
    finally:
        figures._saved = saved
    return any(json.loads(json.dumps(bundle.get(k))) != cell.stored.get(k) for k in ("text/csv", "text/markdown", figures.MIME))  # fmt: skip


def first_redrawn(drawn: list) -> str:
    """The first cell of `drawn` (cell, canvas, whether dense) whose picture is not the one that is stored, or ``""``."""
    for cell, canvas, raster in drawn:
        if cell.picture and cell.picture == _state(canvas.figure):
            continue  # the same figure draws the same picture: writing it down takes ten times as long
        with mpl.rc_context(figures.STYLE):
            made = figures.Figure(*figures._saved(canvas, raster), pd.DataFrame(), {"alt": ""})
        if made._repr_mimebundle_()[made.kind] != cell.stored.get(made.kind):
            return f"picture of cell {cell.id}"
    return ""


class _State(pickle.Pickler):
    """Writes a figure without what differs from run to run: addresses, callbacks, functions by name."""

    def reducer_override(self, thing):
        if isinstance(thing, CallbackRegistry):
            return str, ("callbacks",)
        if isinstance(thing, TransformNode):
            made, arguments, state = thing.__reduce_ex__(4)[:3]
            return made, arguments, {k: v for k, v in state.items() if k != "_parents"}
        if isinstance(thing, FunctionType) and "<locals>" in thing.__qualname__:
            code, inside = thing.__code__, [c.cell_contents for c in thing.__closure__ or ()]
            return tuple, ([code.co_filename, code.co_firstlineno, code.co_code, inside, thing.__defaults__],)
        return NotImplemented


def _state(figure) -> str:
    """Digest of a figure before it is drawn. Equal digests mean equal pictures; different ones need not differ."""
    written = io.BytesIO()
    try:
        _State(written, protocol=4).dump(figure)
    except (pickle.PicklingError, AttributeError, TypeError):
        return ""
    return hashlib.blake2b(written.getvalue(), digest_size=16).hexdigest()


def replay(one: Trace, table: str, patient: bool = True, drawn: list | None = None) -> str:
    """Run the cells that depend on `table`; the first that shows another thing than is stored, or ``""``.

    A `patient` run goes on to the last cell. Pictures are left to `first_redrawn`, in `drawn`.

    Raises
    ------
    BrokenCell
        If a cell raises.
    """
    dirty: dict = {}
    differs = ""
    for cell in one.cells:
        if table not in cell.reads and not cell.uses & dirty.keys():
            for name in cell.changes:
                dirty.pop(name, None)
            continue
        scope = _copies(cell.before | dirty)
        try:
            if _play(cell, scope, drawn) and not differs:
                differs = f"{one.name}, cell {cell.id}"
                if not patient:
                    return differs
        except Exception as err:
            raise BrokenCell(f"{one.name}, cell {cell.id}: {type(err).__name__}: {str(err)[:200]}") from None
        for name in cell.changes & scope.keys():
            if _same(scope[name], cell.after.get(name)):
                dirty.pop(name, None)
            else:
                dirty[name] = scope[name]
    return differs


def _same(one, other) -> bool:
    if one is other:
        return True
    if isinstance(one, pd.DataFrame | pd.Series):
        return type(one) is type(other) and one.equals(other)
    if isinstance(one, str | int | float | tuple | frozenset | pd.Timestamp):
        return type(one) is type(other) and one == other
    return False


class _tables_in_memory:
    """While it stands, the library reads `tables`; gives the set of names that are read."""

    def __init__(self, tables: dict[str, pd.DataFrame]):
        self.tables, self.read = tables, set()

    def __enter__(self) -> set[str]:
        self.kept = data._validated
        data.forget(descriptor=False)

        def validated(name: str) -> pd.DataFrame:
            self.read.add(name)
            return self.tables[name].copy(deep=False) if name in self.tables else self.kept(name)

        data._validated = validated
        return self.read

    def __exit__(self, *error) -> None:
        data._validated = self.kept
        data.forget(descriptor=False)


# --- pages that the press writes from tables ------------------------------------------------


def _page_parts() -> dict[str, Callable[[], str]]:
    """Name -> function that returns, as text, what a directive or a bundle of the ledger puts on a page."""
    from defacto.press import extension, ledgerpages, pages

    silent = SimpleNamespace(note_hyperlink_target=lambda *a: None)
    config = SimpleNamespace(defacto_article_text=True)
    builder = SimpleNamespace(name="html", get_relative_uri=lambda here, there: f"{there}.html")
    env = SimpleNamespace(note_dependency=lambda *a: None, get_domain=lambda *a: silent, docname="book/page",
                          app=SimpleNamespace(builder=builder), config=config)  # fmt: skip
    inner = SimpleNamespace(sphinx_env=env, document=SimpleNamespace(note_explicit_target=lambda *a: None))
    renderer = SimpleNamespace(renderer=inner)
    state = SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env)))

    def directive(name, arguments):
        made = object.__new__(pages.DIRECTIVES[name])
        made.state, made.options, made.arguments, made.content = state, {}, arguments, []
        return "".join(node.pformat() for node in made.run())

    def ledger(bundle):
        build = ledgerpages.BUILDERS[bundle[figures.MIME]["kind"]]
        return "".join(node.pformat() for node in build(renderer, bundle[figures.MIME], bundle))

    parts = {}
    for path in sorted((data.root() / "book").glob("*.md")):
        for name, words in re.findall(r"^```\{([a-z-]+)\} *(.*)$", path.read_text("utf-8"), re.MULTILINE):
            if name in pages.DIRECTIVES:
                parts[f"{name} {words}".strip()] = lambda name=name, words=words: directive(name, words.split())
    for name, bundle in extension.bundles().items():
        if bundle[figures.MIME].get("kind") in ledgerpages.BUILDERS:
            parts[name] = lambda bundle=bundle: ledger(bundle)
    return parts


# --- survivors, and the run -----------------------------------------------------------------


def listed() -> list[dict[str, str]]:
    """The survivors that have a reason: table, column (patterns as in file names), class, reason."""
    with open(SURVIVORS, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def reason_for(mutation: Mutation, shown: bool, rows: list[dict[str, str]]) -> int | None:
    """Place in the list of the row that gives the reason why `mutation` may survive, or None.

    What a page shows needs a row that names table and column; a pattern answers for the rest, and
    for which source stands with a row, since the list of sources counts its rows.
    """
    for n, row in enumerate(rows):
        named = {"table": mutation.table, "column": mutation.column, "class": mutation.kind}
        exact = all(row[k] == named[k] for k in ("table", "column"))
        if (exact or not shown or row["class"] == "other source") and all(
            fnmatch.fnmatchcase(named[k], row[k]) or row[k] == named[k] for k in named
        ):
            return n
    return None


def sample(book: Book, each: int) -> list[Mutation]:
    """At most `each` mutations of every table, always the same ones."""
    drawn = []
    for table in book.resources:
        made = mutations(book, table)
        order = sorted(made, key=lambda m: hashlib.blake2b(f"{m.table}|{m.kind}|{m.column}".encode()).digest())
        drawn += order[:each]
    return drawn


_BOOK: Book | None = None


def _judge(task: tuple[Mutation, bool, bool]) -> tuple[Verdict, float]:
    start = time.process_time() + sum(os.times()[2:4])
    mutation, red, whole = task
    verdict = caught_by(_BOOK, mutation, notebooks_too=whole, red=red)
    return verdict, time.process_time() + sum(os.times()[2:4]) - start


def run(book: Book, todo: list[Mutation], workers: int = 2, whole: bool = True, partial: Path | None = None):
    """Judge `todo` in forked workers; verdicts and processor seconds, in order. What is known by then stands in `partial`."""
    global _BOOK
    red: dict[Mutation, bool] = {}
    for table in dict.fromkeys(m.table for m in todo):
        made = [m for m in todo if m.table == table]
        red |= dict(zip(made, schema_red(book, table, made), strict=True))
    if whole:
        assert book.traces and book.pages
    _BOOK, done = book, []
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        for n, one in enumerate(pool.map(_judge, [(m, red[m], whole) for m in todo], chunksize=2), start=1):
            done.append(one)
            if n % 100 == 0:
                print(f"  {n} of {len(todo)}", flush=True)
                if partial:
                    result(todo[:n], [v for v, _ in done]).to_csv(partial, index=False, lineterminator="\n")
    return [v for v, _ in done], [s for _, s in done]


def result(todo: list[Mutation], verdicts: list[Verdict], seconds: list[float] | None = None) -> pd.DataFrame:
    """Every mutation with what caught it, one a row."""
    rows = [(m.table, m.kind, m.column, m.row + 2, m.was, m.now, v.layer, v.by, v.shown)
            for m, v in zip(todo, verdicts, strict=True)]  # fmt: skip
    names = ["table", "class", "column", "row", "was", "now", "caught_by", "by", "shown"]
    return pd.DataFrame(rows, columns=names).assign(seconds=seconds or 0.0)


def counts(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """Mutations by `by` (``class`` or ``table``) and layer; the last column is the share killed, in per cent."""
    table = frame.pivot_table(index=by, columns="caught_by", values="row", aggfunc="size", fill_value=0)
    table = table.reindex(columns=LAYERS, fill_value=0)
    killed = 100 * (1 - table["survived"] / table.sum(axis=1))
    return table.assign(**{"killed %": killed.round().astype(int)})


def faults(frame: pd.DataFrame, whole: bool) -> list[str]:
    """Survivors without a reason, and, after a `whole` run, reasons for what does not survive."""
    rows, used, wrong = listed(), set(), []
    for one in frame[frame["caught_by"] == "survived"].itertuples():
        at = reason_for(Mutation(one.table, one._2, one.column, 0), one.shown, rows)
        used.add(at)
        if at is None:
            wrong.append(f"survives without a reason: {one.table}, row {one.row}, column {one.column!r} ({one._2}): {one.was!r} became {one.now!r}")  # fmt: skip
    if whole:
        wrong += [f"survivors.csv, row {n + 2}: {r['table']}, {r['column']}, {r['class']}: nothing of it survives"
                  for n, r in enumerate(rows) if n not in used]  # fmt: skip
    return wrong


def summary(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The counts as the table that the method page shows, each with the hash of the table it was taken on."""
    counted = frame.groupby(["table", "class", "caught_by"]).size().rename("count").reset_index()
    counted["table_hash"] = counted["table"].map({n: r["hash"][7:23] for n, r in book.resources.items()})
    return counted


def text_field(name: str, title: str, description: str, **constraints) -> dict:
    """A required column of text, as the descriptor has it."""
    constraints = {"required": True} | constraints
    return {"name": name, "type": "string", "title": title, "description": description, "constraints": constraints}


def own_table(name: str, title: str, description: str, limitations: list[str], fields: list[dict], key: list[str]) -> dict:  # fmt: skip
    """The descriptor of a table of counts that a run of today writes."""
    return {
        "name": name, "type": "table", "path": f"{name}.csv", "title": title, "description": description,
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/",
                      "title": "Creative Commons Attribution 4.0 International"}],
        "origin": "own", "documented_to": f"{date.today():%Y-%m}", "limitations": limitations,
        "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
    }  # fmt: skip


def described() -> dict:
    """The descriptor of the table that `record` writes."""
    count = {"name": "count", "type": "integer", "title": "Mutations", "description": "Number of mutations.",
             "constraints": {"required": True, "minimum": 1}}  # fmt: skip
    fields = [
        text_field("table", "Table", "Name of the table that was changed."),
        text_field("class", "Class", "What was changed: a number, date, sign, unit, enumeration, key, row, source, text …"),
        text_field("caught_by", "Caught by", "The first check that went red, from the earliest to the latest; or survived.", enum=LAYERS),
        count,
        text_field("table_hash", "Hash", "First 16 digits of the sha256 of the table the run was made on.", pattern="[0-9a-f]{16}"),
    ]  # fmt: skip
    return own_table(
        RESULT,
        "Mutations of the tables, and what caught them",
        "One change at a time in every column of every table, hashes recomputed: how many changes of each "
        "class each check was the first to catch. nbval only: nothing but the comparison of stored outputs would know.",
        ["One row is drawn for each column and class: a sample, not a proof.",
         "Survivors have their reasons in tests/survivors.csv."],
        fields,
        ["table", "class", "caught_by"],
    )  # fmt: skip


def recorded(folder: Path) -> pd.DataFrame:
    """The counts of the last recorded run; no rows if there is none."""
    path = folder / f"{RESULT}.csv"
    names = [f["name"] for f in described()["schema"]["fields"]]
    return pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=names)


def changed(book: Book) -> list[str]:
    """Tables that are not those of the recorded run."""
    then = recorded(book.folder).drop_duplicates("table").set_index("table")["table_hash"].to_dict()
    return [n for n, r in book.resources.items() if then.get(n) != r["hash"][7:23]]


def record(frame: pd.DataFrame, book: Book) -> None:
    """Write the counts to ``data/mutation.csv``, describe the table if it is new, and seal it.

    Of tables that stand but were not run again, the recorded counts are kept.
    """
    folder = data.data_dir()
    before = recorded(folder)
    kept = before[before["table"].isin(book.resources) & ~before["table"].isin(frame["table"])]
    counted = pd.concat([kept, summary(frame, book)]).sort_values(["table", "class", "caught_by"], kind="stable")
    store(counted, described(), after="audit")


def store(counted: pd.DataFrame, descriptor: dict, after: str) -> None:
    """Write a table of counts, describe it behind the table `after` if it is new, and seal it."""
    from defacto.derive.recipe import write_own

    name, content = descriptor["name"], counted.to_csv(index=False, lineterminator="\n").encode("utf-8")
    write_own(name, content, descriptor["documented_to"], descriptor, after)
    data._parsed.cache_clear()
    check.seal(name)  # that table alone: no other is vouched for here


def main(argv: list[str] | None = None) -> int:
    """Change one thing at a time in every column of every table, and say which check caught it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("tables", nargs="*", help="names or patterns (deals.*); all if none is given")
    parser.add_argument("--changed", action="store_true", help="only the tables that changed since the recorded run")
    parser.add_argument("--record", action="store_true", help="write the counts to data/mutation.csv and seal it")
    parser.add_argument("--data-only", action="store_true", help="leave out notebooks and pages")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(argv)
    start = time.monotonic()
    book = Book()
    named = [n for n in book.resources if not options.tables or any(fnmatch.fnmatch(n, p) for p in options.tables)]
    if options.changed:
        named = [n for n in changed(book) if n in named]
        print(f"changed since the recorded run: {', '.join(named) or 'nothing'}", flush=True)
        if not named:
            return 0
    named.sort(key=lambda n: n == "sources")  # behind most cells: it takes longest, and comes last
    todo = [m for n in named for m in mutations(book, n)]
    if not options.data_only:
        print(f"{len(book.traces)} notebooks and {len(book.pages)} parts of pages run once: {time.monotonic() - start:.0f} s", flush=True)  # fmt: skip
    target = data.root() / "_build" / "mutation.csv"
    target.parent.mkdir(exist_ok=True)
    verdicts, seconds = run(book, todo, options.workers, not options.data_only, target)
    frame = result(todo, verdicts, seconds)
    frame.to_csv(target, index=False, lineterminator="\n")
    for by in ("class", "table"):
        print(counts(frame, by).to_string(), "\n")
    total = Counter(frame["caught_by"])
    print(", ".join(f"{layer}: {total[layer]}" for layer in LAYERS))
    print(f"{len(todo)} mutations, {100 * (1 - total['survived'] / len(todo)):.1f} % killed; {time.monotonic() - start:.0f} s, "
          f"{sum(seconds):.0f} s of processor in {options.workers} workers")  # fmt: skip
    wrong = [] if options.data_only else faults(frame, whole=len(named) == len(book.resources))
    print("\n".join(wrong))
    if options.record and not options.data_only:
        record(frame, book)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
