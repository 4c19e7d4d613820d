"""Which tables stand behind a published figure or table: read from the code, without running it.

A cell rests on the tables that it loads and on those behind every name it uses: names that
earlier cells of its notebook assign, and functions of the library, followed to the tables
*they* load. A table counts when its name stands in the code as a string, or when a name that
the code puts together can begin so. This leans to naming too many, never too few: a test runs
the notebooks and compares.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache

from defacto.data import names, resource, root

#: The registries behind every source line.
EVERYWHERE = ("sources", "publishers", "corrections")


def tables_of(tree: ast.AST) -> set[str]:
    """Tables whose names stand in `tree`, also as the beginning of a name put together there."""
    known = names()
    topics = {n.split(".")[0] for n in known}
    found, named, open_topic = set(), set(), False
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            first, second = [*node.values, None, None][:2]
            if isinstance(first, ast.Constant) and "." in str(first.value):
                found |= {n for n in known if n.startswith(str(first.value))}
            elif isinstance(second, ast.Constant) and str(second.value).startswith("."):
                open_topic = True  # f"{topic}.…": all tables of the topic that is named beside it
        elif isinstance(node, ast.Constant) and node.value in known:
            found.add(node.value)
        elif isinstance(node, ast.Constant) and node.value in topics:
            named.add(node.value)
    return found | {n for n in known if open_topic and n.split(".")[0] in named}


def _names_used(tree: ast.AST) -> set[str]:
    """Names read in `tree`; of ``module.function`` both parts and the whole."""
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.add(f"{node.value.id}.{node.attr}")
    return used


@cache
def _library() -> dict[str, dict[str, tuple[frozenset[str], frozenset[str]]]]:
    """Module -> top-level name -> (tables named in it, full names of the library that it uses)."""
    modules = {}
    for path in sorted((root() / "src" / "defacto").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        module = "defacto" if path.stem == "__init__" else f"defacto.{path.stem}"
        imported = _imports(tree)
        own = {}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                own[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    own |= {n.id: node for n in ast.walk(target) if isinstance(n, ast.Name)}
        found = {}
        for name, node in own.items():
            inside = imported | _imports(node)
            used = set()
            for word in _names_used(node):
                head, _, tail = word.partition(".")
                if word in own:
                    used.add(f"{module}.{word}")
                elif head in inside:
                    used.add(f"{inside[head]}.{tail}" if tail else inside[head])
            found[name] = (frozenset(tables_of(node)), frozenset(used))
        modules[module] = found
    return modules


def _imports(tree: ast.AST) -> dict[str, str]:
    """Local name -> full name, for what comes from the library."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "defacto":
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


@cache
def behind(name: str) -> frozenset[str]:
    """Tables behind a full name of the library (``defacto.space.grades``), followed through all it uses."""
    tables, seen, open_ = set(), set(), [name]
    while open_:
        module, _, attribute = (full := open_.pop()).rpartition(".")
        if full in seen:
            continue
        seen.add(full)
        own = _library().get(module, {}).get(attribute)
        if own is not None:
            tables |= own[0]
            open_ += own[1]
    return frozenset(tables)


@dataclass(frozen=True)
class Code:
    """What the source of one cell says: `flow` (see `_flow`), imports from the library, tables and names in it."""

    flow: tuple[set[str], set[str], set[str]]
    imports: dict[str, str]
    tables: set[str]
    used: set[str]


@cache
def _code(source: str, _known: tuple[str, ...]) -> Code:
    tree = ast.parse(source)
    return Code(_flow(tree), _imports(tree), tables_of(tree), _names_used(tree))


class Notebook:
    """The code of one notebook, ready to answer which tables stand behind a cell."""

    def __init__(self, cells: list[dict]):
        known = tuple(names())
        self.cells = [_code(c["source"] if c["cell_type"] == "code" else "", known) for c in cells]
        self.imported: dict[str, str] = {}
        for cell in self.cells:
            self.imported |= cell.imports

    def tables(self, cell: int) -> list[str]:
        """Names of the tables behind the cell with that number, in the order of the descriptor."""
        taken, wanted = [cell], set(self.cells[cell].flow[0])
        for number in range(cell - 1, -1, -1):
            free, given, changed = self.cells[number].flow
            if wanted & (given | changed):
                taken.append(number)
                wanted = (wanted - given) | free
        found = set()
        for number in taken:
            found |= self.cells[number].tables
            for word in self.cells[number].used:
                head, _, tail = word.partition(".")
                if head in self.imported:
                    found |= behind(f"{self.imported[head]}.{tail}" if tail else self.imported[head])
        # The registries stand behind every source line: they are named where nothing else is.
        return [n for n in names() if n in found and n not in EVERYWHERE] or [n for n in EVERYWHERE if n in found]


def _flow(tree: ast.Module) -> tuple[set[str], set[str], set[str]]:
    """What a cell needs from before, the names it gives a value, and those it changes in part."""
    free, given, changed = set(), set(), set()
    for statement in tree.body:
        inner = set()  # names that live only inside a comprehension or a lambda
        for node in ast.walk(statement):
            if isinstance(node, ast.comprehension):
                inner |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            elif isinstance(node, ast.arg):
                inner.add(node.arg)
        stored = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - inner
        loaded = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - inner
        if isinstance(statement, ast.For | ast.With | ast.If):
            loaded -= stored  # what the block itself gives
        if isinstance(statement, ast.AugAssign):
            loaded |= stored
        free |= loaded - given
        for node in ast.walk(statement):
            if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
                changed |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)} - given
        if isinstance(statement, ast.If | ast.For):
            changed |= stored - given  # perhaps not reached: an earlier value may remain
        else:
            given |= stored
    return free, given, changed


def recipe(table: str) -> tuple[str, str] | None:
    """The function that derives a table, and the path of its source file in the project; None if it is gathered."""
    found = resource(table).get("recipe")
    if not found:
        return None
    parts = found["function"].split(".")
    for depth in range(len(parts), 1, -1):
        stem = root() / "src" / "/".join(parts[:depth])
        for path in (stem.with_suffix(".py"), stem / "__init__.py"):
            if path.is_file():
                return found["function"], path.relative_to(root()).as_posix()
    raise ValueError(f"{table}: the recipe {found['function']!r} is in no file of the library")
