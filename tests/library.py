"""Mutation of the library: small changes of its code, and whether a test notices (mutmut does the changing).

A fixed sample of the changes of each module is tried. Besides the tests of the library, the stored
outputs of the notebooks stand as one (``tests/stored.py``), as strict nbval has them in `make test`:
what a chart draws is proved there. What is proved only on the built site (the press) is not tried.

Run as a program it works on a copy of the project under ``_build/library`` and prints, for each
module, how many changes were tried and noticed, and those that were not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd

from defacto.data import root
from mutation import own_table, store, text_field

SEED = 20250423
RESULT = "mutation_library"
#: What is left out: the press, which is proved on the built site, and programs that time or look.
LEFT_OUT = ["src/defacto/press/*"]
#: Lines left as they are: words of help and of progress, which a person reads and no test quotes.
WORDS_ALONE = [r"\bArgumentParser\(", r"\.add_argument\(", r"\blap\(", r"\btqdm\("]
#: Tests of the press or of the project as it is committed, and those that run the library in other processes.
NOT_OF_THE_LIBRARY = {
    "build", "epub", "faults", "links", "mutation", "notebooks", "package", "pages", "pdf", "policy", "project",
    "prose_scan", "reproducible", "site", "supply", "wording",
}  # fmt: skip
#: How mutmut tells what became of a change, by exit code: the rest counts as noticed.
UNNOTICED, UNTRIED = {0, 33}, {None}


def settings() -> str:
    """mutmut's configuration, as ``setup.cfg``."""
    tests = sorted(p for p in (root() / "tests").glob("test_*.py") if p.stem[5:] not in NOT_OF_THE_LIBRARY)
    lists = {
        "source_paths": ["src"],
        "do_not_mutate": LEFT_OUT,
        "do_not_mutate_patterns": WORDS_ALONE,
        "also_copy": ["data", "seeds", "notebooks", "book", "_config.yml", "_toc.yml"],
        "pytest_add_cli_args_test_selection": [f"tests/{p.name}" for p in tests] + ["tests/stored.py"],
        "pytest_add_cli_args": ["-m", "not thorough and not site"],
    }
    lines = ["[mutmut]"]
    for key, values in lists.items():
        lines += [f"{key} =", *(f"    {v}" for v in values)]
    return "\n".join([*lines, "timeout_constant = 20", ""])


def prepared(target: Path) -> Path:
    """A fresh copy of what is committed or changed, with the configuration; the folder of the copy."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root(), capture_output=True, text=True, check=True)  # fmt: skip
    for name in listed.stdout.splitlines():
        if (root() / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root() / name, target / name)
    (target / "setup.cfg").write_text(settings(), "utf-8")
    return target


def mutmut(folder: Path, *names: str) -> subprocess.CompletedProcess:
    """``mutmut run`` in `folder`, for the changes named."""
    return subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names], cwd=folder, capture_output=True, text=True)  # fmt: skip


def whole_files(folder: Path) -> None:
    """Let a change be tried on every test of the files that reach its function.

    mutmut notes a function with the tests during which it runs. Where tests share a result that is computed
    once, that is the first of them alone, whatever the others say of the result.
    """
    path = folder / "mutants" / "mutmut-stats.json"
    stats = json.loads(path.read_text("utf-8"))
    of_file: dict[str, list[str]] = {}
    for test in stats["duration_by_test"]:
        of_file.setdefault(test.split("::")[0], []).append(test)
    for function, tests in stats["tests_by_mangled_function_name"].items():
        files = sorted({t.split("::")[0] for t in tests})
        stats["tests_by_mangled_function_name"][function] = [t for f in files for t in of_file[f]]
    path.write_text(json.dumps(stats), "utf-8")


def outcomes(folder: Path) -> pd.DataFrame:
    """Every change that mutmut made: ``module``, ``change`` (its name), ``code`` (exit code; missing if not tried)."""
    rows = []
    for path in sorted((folder / "mutants" / "src" / "defacto").rglob("*.meta")):
        module = path.relative_to(folder / "mutants" / "src" / "defacto").as_posix().removesuffix(".py.meta")
        found = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        rows += [(module, change, code) for change, code in found.items()]
    return pd.DataFrame(rows, columns=["module", "change", "code"], dtype="object")


def sample(made: pd.DataFrame, each: int) -> list[str]:
    """At most `each` changes of every module, always the same ones."""

    def rank(name: str) -> bytes:
        return hashlib.blake2b(f"{SEED}|{name}".encode(), digest_size=8).digest()

    return [c for _, group in made.groupby("module") for c in sorted(group["change"], key=rank)[:each]]


def counts(tried: pd.DataFrame) -> pd.DataFrame:
    """Changes tried and noticed by module, and the share noticed in per cent; the last row is all of them."""
    noticed = ~tried["code"].isin(UNNOTICED)
    table = tried.assign(noticed=noticed).groupby("module")["noticed"].agg(tried="size", noticed="sum").astype(int)
    table.loc["together"] = table.sum()
    return table.assign(share=(100 * table["noticed"] / table["tried"]).round(1))


def described() -> dict:
    """The descriptor of the table that ``--record`` writes."""

    def number(name: str, title: str, description: str, least: int) -> dict:
        constraints = {"required": True, "minimum": least}
        return {"name": name, "type": "integer", "title": title, "description": description, "constraints": constraints}

    fields = [
        text_field("module", "Module", "Module of the library that was changed.", pattern="[a-z_/]+"),
        number("made", "Made", "Changes that can be made in the module.", 1),
        number("tried", "Tried", "Changes that were tried, in a fixed order.", 1),
        number("noticed", "Noticed", "Changes that made a test fail, or go on without end.", 0),
        {"name": "measured", "type": "date", "title": "Measured", "description": "Day of the run.",
         "constraints": {"required": True}},
    ]  # fmt: skip
    return own_table(
        RESULT,
        "Mutations of the library, and how many were noticed",
        "One change at a time in the code of each module, and whether a test notices (`make mutation-library`).",
        ["A fixed sample of the changes of each module.",
         "Words of help and of progress are left as they are; the press is proved on the built site and not tried."],
        fields,
        ["module"],
    ) | {"sanity": [
        {"id": "noticed-of-tried", "expr": "noticed <= tried", "why": "what is noticed was tried"},
        {"id": "tried-of-made", "expr": "tried <= made", "why": "what is tried was made"},
        {"id": "one-day", "expr": "measured.nunique() == 1", "why": "all was measured in one run"},
    ]}  # fmt: skip


def record(made: pd.DataFrame, tried: pd.DataFrame) -> None:
    """Write the counts of a run on all modules to ``data/mutation_library.csv``."""
    found = counts(tried).drop(index="together")
    found.insert(0, "made", made.groupby("module").size())
    store(found.drop(columns="share").assign(measured=f"{date.today()}").reset_index(), described(), after="mutation")


def main(argv: list[str] | None = None) -> int:
    """Change the code of the library one thing at a time, and say which changes no test notices."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("modules", nargs="*", help="modules (deals, derive/space); all but the press if none is given")
    parser.add_argument("--each", type=int, default=25, help="changes tried in each module (25)")
    parser.add_argument(
        "--again", action="store_true", help="only what was not noticed in the last run, on the tests as they now stand"
    )
    parser.add_argument(
        "--record", action="store_true", help="write the counts to data/mutation_library.csv and seal it"
    )
    options = parser.parse_args(argv)
    if options.record and (options.modules or options.again):
        parser.error("only a run on all modules is recorded")
    start, folder = time.monotonic(), root() / "_build" / "library"
    before = outcomes(folder) if options.again else None
    prepared(folder)
    made = mutmut(folder, "none-of-this-name")  # makes all changes, learns which test runs which function, and stops
    known = outcomes(folder)
    if known.empty or not (folder / "mutants" / "mutmut-stats.json").is_file():  # a test fails on the code as it is
        print(made.stdout[-3000:], made.stderr[-3000:], file=sys.stderr)
        return 1
    whole_files(folder)
    if options.modules:
        known = known[known["module"].isin(options.modules)]
    names = sample(known, options.each)
    if before is not None:
        names = [n for n in before.loc[before["code"].isin(UNNOTICED), "change"] if n in set(known["change"])]
    print(f"{len(known)} changes made, {len(names)} drawn ({time.monotonic() - start:.0f} s)", flush=True)
    done = mutmut(folder, *names)
    found = outcomes(folder)
    tried = found[found["change"].isin(names) & ~found["code"].isin(UNTRIED)]
    if len(tried) < len(names):
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
    print(counts(tried).to_string())
    print("\nnot noticed:", *tried.loc[tried["code"].isin(UNNOTICED), "change"], sep="\n  ")
    print(f"{time.monotonic() - start:.0f} s")
    if len(tried) < len(names):
        return 1
    if options.record:
        record(known, tried)
    return 0


if __name__ == "__main__":
    sys.exit(main())
