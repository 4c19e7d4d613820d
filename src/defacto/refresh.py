"""Refresh: upstream files in, derived tables out, and what that changes; how old each table is.

A refresh works on a copy of the tables outside the project. Only when every file has been fetched
and checked, everything is derived, and all tables pass all checks, the changed files (tables,
descriptor, pins) replace the old ones in one step: tables are all the old ones or all the new
ones. A run killed in the middle of that one step leaves the new files beside the old; until the
next run (or ``make check``) moves them, the loader refuses each table that is not of one piece
with its descriptor.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from defacto import territory
from defacto.check import Broken, Violation, seal
from defacto.crosschecks import QUANTITY_TABLES, computed_verdicts
from defacto.data import DESCRIPTOR, DataError, data_dir, digest, forget, load, package, read_text_table
from defacto.derive import sanctions, space
from defacto.derive import territory as territory_tables
from defacto.derive.archive import Archive, DerivationError
from defacto.derive.fetch import FetchError, Patience, cache_dir, fetch, newest
from defacto.derive.recipe import descriptor_bytes
from defacto.derive.registry import REGISTRY, Entry, entries, repinned
from defacto.derive.replace import Busy, lock, recover, replace_locked, unfinished
from defacto.summary import quantities

#: Topics whose tables are derived, and what derives them from (folder, pins by id, options).
TOPICS: dict[str, Callable] = {
    "space": lambda raw, archives, **_: space.derive(raw, archives),
    "sanctions": lambda raw, archives, **_: sanctions.derive(raw, archives),
    "territory": lambda raw, archives, **options: territory_tables.derive(
        raw, territory_tables.Sources.pinned(archives), **options
    ),
}


class Refused(RuntimeError):
    """The new tables break a rule, or the old ones changed meanwhile: nothing was replaced."""


# --- what changes -------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """How a table differs: numbers of rows, and of changed cells by column."""

    name: str
    before: int
    after: int
    added: int
    removed: int
    changed: int
    columns: dict[str, int]
    reach: tuple[str, str]


@dataclass
class Summary:
    """What a refresh changes: pins (id -> versions), tables, headline figures, verdicts, and what to read."""

    pins: dict[str, tuple[str, str]] = field(default_factory=dict)
    downloads: dict[str, int] = field(default_factory=dict)
    tables: list[Change] = field(default_factory=list)
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    verdicts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["what", "before", "after"]))
    by_hand: list[str] = field(default_factory=list)
    broken: list[Violation] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def flips(self) -> pd.DataFrame:
        """The verdicts whose word (not only the number behind it) comes out differently."""
        words = [self.verdicts[side].astype("str").str.rsplit(" (", n=1).str[0] for side in ("before", "after")]
        return self.verdicts[words[0] != words[1]]

    def __str__(self) -> str:
        lines = ["Upstream"]
        lines += [f"  {name}: {was[:12]} → {now[:12]}" for name, (was, now) in self.pins.items()] or [
            "  pins as before"
        ]
        fetched = {name: n for name, n in self.downloads.items() if n}
        lines += [f"  downloaded: {', '.join(f'{name} ({n})' for name, n in fetched.items())}"] if fetched else []
        lines += ["", "Tables"]
        for c in self.tables:
            reach = f"; documented to {c.reach[0]} → {c.reach[1]}" if c.reach[0] != c.reach[1] else ""
            lines.append(
                f"  {c.name}: {c.before:,} → {c.after:,} rows, {c.added:,} added, {c.removed:,} removed, {c.changed:,} changed{reach}"
            )
            lines += [f"    {column}: {n:,} cells" for column, n in c.columns.items()]
        lines += [] if self.tables else ["  nothing changed"]
        lines += ["", "Headline figures"] + _listed(self.figures)
        lines += ["", "Verdicts on quantities, by the published rule"] + _listed(self.verdicts)
        if len(self.flips):
            lines.append(f"  {len(self.flips)} would come out differently: {', '.join(self.flips['what'])}")
        if self.by_hand:
            lines += ["", "To read and change by hand"] + [f"  {text}" for text in self.by_hand]
        if self.broken:
            alike: dict[tuple, list[Violation]] = {}
            for violation in self.broken:
                alike.setdefault((violation.layer, violation.file, violation.column), []).append(violation)
            lines += ["", f"Rules that the new tables break ({len(self.broken)})"]
            lines += [
                f"  {found[0]}" + f" (and {len(found) - 1} like it)" * (len(found) > 1) for found in alike.values()
            ]
        lines += ["", "Time: " + ", ".join(f"{what} {s:.1f} s" for what, s in self.seconds.items())]
        return "\n".join(lines)


def _listed(frame: pd.DataFrame) -> list[str]:
    return [
        f"  {row.what}: {row.before} → {row.after}"
        if row.before != row.after
        else f"  {row.what}: {row.after} (as before)"
        for row in frame.itertuples()
    ] or ["  none"]


def table_changes(old: Path, new: Path) -> list[Change]:
    """Tables that differ between two data folders, in the order of the descriptor, compared row by row on their key."""
    found = []
    before = {r["name"]: r for r in package(old)["resources"]}
    for res in package(new)["resources"]:
        was = before[res["name"]]
        reach = was["documented_to"], res["documented_to"]
        contents = [
            (folder / res["path"]).read_bytes() if (folder / res["path"]).is_file() else b"" for folder in (old, new)
        ]
        if contents[0] == contents[1] and reach[0] == reach[1]:
            continue
        key = res["schema"]["primaryKey"]
        fields = [f["name"] for f in res["schema"]["fields"]]
        frames = [
            read_text_table(c, res["path"]).set_index(key)
            if c
            else pd.DataFrame(columns=fields, dtype="str").set_index(key)
            for c in contents
        ]
        both = frames[0].index.intersection(frames[1].index)
        columns = [c for c in frames[0].columns if c in frames[1].columns]
        differs = frames[0].loc[both, columns].ne(frames[1].loc[both, columns])
        counts = differs.sum()
        found.append(
            Change(
                res["name"],
                len(frames[0]),
                len(frames[1]),
                len(frames[1]) - len(both),
                len(frames[0]) - len(both),
                int(differs.any(axis=1).sum()),
                {c: int(n) for c, n in counts.items() if n},
                reach,
            )
        )
    return found


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """The library reads the tables of `folder` meanwhile."""
    held = os.environ.get("DEFACTO_DATA")
    os.environ["DEFACTO_DATA"] = str(folder)
    forget()
    try:
        yield
    finally:
        if held is None:
            del os.environ["DEFACTO_DATA"]
        else:
            os.environ["DEFACTO_DATA"] = held
        forget()


def headline() -> pd.DataFrame:
    """The book's main quantities as of their last day (index id; columns what and value, as shown)."""
    rows = {q.id: (q.what, f"{q.shown('now')} ({q.now_day})") for q in quantities()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["what", "value"])


def verdicts() -> pd.DataFrame:
    """Verdicts on quantities by the published rule (index id; columns what and value, the verdict with its number)."""
    tables = {name: load(name, unverified=True) for name in QUANTITY_TABLES}
    rows = {claim: (claim, f"{verdict} ({value:.4g})") for claim, (value, verdict) in computed_verdicts(tables).items()}
    daily = tables["territory.control_daily"]
    last = daily.loc[daily["source"] == "deepstate", "date"].max()
    share = 100 * territory.shares(last, {"four": territory.annexed()}).loc["four", ("deepstate", "official")]
    rows[f"{territory.CLAIM}-last"] = (
        f"{territory.CLAIM}, by the last map",
        f"{territory.verdict(share - territory.printed())} ({share:.4g})",
    )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["what", "value"])


#: What gives the headline figures: functions without arguments that return frames as `headline` does.
HEADLINES: list[Callable[[], pd.DataFrame]] = [headline]


def _values(functions: Sequence[Callable[[], pd.DataFrame]], folder: Path) -> pd.DataFrame:
    with reading(folder):
        frames = []
        for function in functions:
            try:
                frames.append(function())
            except Exception as err:  # what new data make impossible is news, and no reason to stop
                said = f"cannot be computed: {err}"
                frames.append(pd.DataFrame({"what": [function.__name__], "value": [said]}, index=[function.__name__]))
        return pd.concat(frames) if frames else pd.DataFrame(columns=["what", "value"])


def before_and_after(functions: Sequence[Callable[[], pd.DataFrame]], old: Path, new: Path) -> pd.DataFrame:
    """What `functions` give from two data folders (index id; columns what, before, after)."""
    was, now = _values(functions, old), _values(functions, new)
    ids = [*now.index, *(i for i in was.index if i not in now.index)]
    return pd.DataFrame(
        {
            "what": [(now if i in now.index else was).at[i, "what"] for i in ids],
            "before": was["value"].reindex(ids).fillna("–"),
            "after": now["value"].reindex(ids).fillna("–"),
        },
        index=ids,
    )


def by_hand(
    known: dict[str, Entry], pins: dict[str, tuple[str, str]], changes: Sequence[Change], folder: Path, latest: bool
) -> list[str]:
    """What a newer upstream leaves to a person: source rows that name the old state, limitations, what is not followed.

    `known` are the upstreams of the topics refreshed.
    """
    texts = [
        f"{name}: not followed ({entry.why_not})"
        for name, entry in known.items()
        if latest and not entry.follow and entry.rhythm_days
    ]
    for name in pins:
        texts += [
            f"sources.csv, {s}: title, published and accessed, for {known[name].title}" for s in known[name].source_ids
        ]
    moved = {c.name for c in changes if c.reach[0] != c.reach[1]}
    for res in package(folder)["resources"]:
        dated = [text for text in res.get("limitations", []) if re.search(r"\b20\d\d\b", text)]
        if res["name"] in moved and dated:
            texts.append(f"limitations of {res['name']}: still true? {' '.join(dated)}")
    return texts


# --- refreshing ---------------------------------------------------------------------------


def refresh(
    topics: Sequence[str] = tuple(TOPICS),
    *,
    raw: Path | None = None,
    latest: bool = False,
    cache: Path | None = None,
    patience: Patience | None = None,
    unsealed: bool = False,
    **options,
) -> Summary:
    """Derive the tables of `topics` again and replace what changed; returns what that is.

    Parameters
    ----------
    raw
        Folder of archives to use instead of downloads (no network).
    latest
        Follow the newest commit of every upstream that can be followed, and pin it.
    unsealed
        Replace the tables also if they break a rule; their hashes stay the old ones, so that
        nothing loads them before ``make check`` has passed.
    options
        Of the derivation of territory (`processes`, `progress`, `fresh`).

    Raises
    ------
    FetchError, DerivationError, DataError
        If a file cannot be had or used, or a table by hand is not as validated.
    Refused
        If the new tables break a rule (its summary is in ``args``), or a file of the project was
        changed meanwhile.
    Busy
        If another run is at work.
    OSError
        If a disk is full or a folder cannot be written.

    After each of them the tables are the old ones; only an `OSError` in the middle of the last step
    leaves new ones to be moved by the next run (`replace.unfinished` tells).
    """
    data, cache = data_dir(), cache or cache_dir()
    work = cache / "work" / hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
    with lock(data):
        recover(data)
        shutil.rmtree(work, ignore_errors=True)
        try:
            return _refresh(data, work, topics, raw, latest, cache, patience, unsealed, options)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _refresh(data, work, topics, raw, latest, cache, patience, unsealed, options) -> Summary:
    clock, summary = time.perf_counter(), Summary()

    def lap(what: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        summary.seconds[what], clock = now - clock, now

    copy = work / "data"
    try:
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns(".*"))
    except shutil.Error as err:  # a list, one entry for each file that could not be copied
        raise OSError(err.args[0][0][2]) from None
    base = _digests(data)
    known = entries(copy)
    archives = {name: e.archive for name, e in known.items() if e.topic in topics}
    if latest:
        archives = {n: _followed(known[n], patience) for n in archives}
    if raw is None:
        for name, archive in archives.items():
            _say(f"{name}: {archive.version[:12]}")
            archives[name], summary.downloads[name] = fetch(archive, cache, patience)
    pinned = [a for name, a in archives.items() if a != known[name].archive]
    summary.pins = {a.id: (known[a.id].archive.version, a.version) for a in pinned}
    if pinned:
        (copy / REGISTRY).write_bytes(repinned(copy, pinned))
    lap("fetching")
    with reading(copy):
        for topic in topics:
            _say(f"deriving {topic}")
            TOPICS[topic](raw or cache, archives, **options)
            lap(topic)
        _say("checking all tables")
        try:
            seal()
        except Broken as err:
            summary.broken = err.violations
    lap("checks")
    _unchanged(data, base, summary)
    summary.tables = table_changes(data, copy)
    if summary.broken:
        _seal_for_comparison(copy)
    summary.figures = before_and_after(HEADLINES, data, copy)
    summary.verdicts = before_and_after([verdicts], data, copy)
    concerned = {name: known[name] for name in archives}
    summary.by_hand = by_hand(concerned, summary.pins, summary.tables, data, latest)
    lap("comparing")
    if summary.broken and not unsealed:
        raise Refused(f"the new tables break {len(summary.broken)} rules; nothing was replaced", summary)
    _unchanged(data, base, summary)
    fresh = {path: (copy / path).read_bytes() for path in _digests(copy)}
    if summary.broken:  # hashes as they were: nothing loads what has not passed
        fresh = _with_old_hashes(data, fresh)
    replace_locked(data, fresh)
    return summary


def _followed(entry: Entry, patience: Patience | None) -> Archive:
    """The upstream at its newest commit, its hash open; as pinned where it is not to be followed."""
    archive = entry.archive
    if not entry.follow:
        return archive
    commit = newest(archive.upstream, patience)
    if commit.startswith(archive.version):
        return archive
    return replace(archive, version=commit, sha256="", files=tuple(replace(f, sha256="") for f in archive.files))


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def _unchanged(data: Path, base: dict[str, str], summary: Summary) -> None:
    now = _digests(data)
    if now != base:
        touched = sorted(p for p in {*now, *base} if now.get(p) != base.get(p))
        raise Refused(f"{touched[0]} was changed while the tables were derived; run again", summary)


def _seal_for_comparison(copy: Path) -> None:
    """Record the hashes of tables that broke a rule, in the copy alone, so that their figures can be compared."""
    descriptor = json.loads((copy / DESCRIPTOR).read_bytes())
    for res in descriptor["resources"]:
        if (copy / res["path"]).is_file():
            res["hash"] = digest((copy / res["path"]).read_bytes())
    (copy / DESCRIPTOR).write_bytes(descriptor_bytes(descriptor))


def _with_old_hashes(data: Path, fresh: dict[str, bytes]) -> dict[str, bytes]:
    was = {r["name"]: r for r in package(data)["resources"]}
    descriptor = json.loads(fresh[DESCRIPTOR])
    for res in descriptor["resources"]:
        res.update({k: was[res["name"]][k] for k in ("hash", "bytes", "rows") if k in was[res["name"]]})
    return fresh | {DESCRIPTOR: descriptor_bytes(descriptor)}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- age ----------------------------------------------------------------------------------


def _last_day(edtf: str) -> date:
    """Last day of an EDTF date: a month or a year ends with its last."""
    text = edtf.rstrip("~?").split("/")[-1]
    freq = {10: "D", 7: "M", 4: "Y"}[len(text)]
    return pd.Period(text, freq=freq).end_time.date()


def stale(on: date) -> pd.DataFrame:
    """How old each table is on a day (index table).

    Columns documented_to (as in the descriptor), days (since then), rhythm (of its fastest
    source), state: ``current`` within one rhythm, ``due`` beyond it, ``ended`` if its sources
    publish no more, ``by hand`` if no upstream feeds it.
    """
    known, rows = entries(), {}
    for res in package()["resources"]:
        days = (on - _last_day(res["documented_to"])).days
        inputs = [known[i["name"]] for i in res.get("recipe", {}).get("inputs", []) if i["name"] in known]
        paced = sorted((e for e in inputs if e.rhythm_days), key=lambda e: e.rhythm_days)
        if paced:
            rhythm, state = (
                f"{paced[0].archive.id}: {paced[0].rhythm}",
                "due" if days > paced[0].rhythm_days else "current",
            )
        elif inputs:
            rhythm, state = f"{inputs[0].archive.id}: {inputs[0].rhythm}", "ended"
        else:
            rhythm, state = "", "by hand"
        rows[res["name"]] = (res["documented_to"], days, rhythm, state)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["documented_to", "days", "rhythm", "state"])


def _print_stale(on: date) -> None:
    frame = stale(on)
    print(f"Age of the tables on {on.isoformat()}, in days since the last documented day")
    for name, row in frame.iterrows():
        print(f"  {name:34} {row['documented_to']:12} {row['days']:6}  {row['state']:8} {row['rhythm']}".rstrip())
    due = frame[frame["state"] == "due"]
    print(f"{len(due)} of {len(frame)} tables are due: make refresh (with LATEST=1 for the newest upstream)")


# --- command line -------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Refresh the derived tables, or say how old they are; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m defacto.refresh", description=main.__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(TOPICS)} (default: all)")
    parser.add_argument("--raw", type=Path, metavar="FOLDER", help="archives to use instead of downloads")
    parser.add_argument("--latest", action="store_true", help="follow the newest upstream commits and pin them")
    parser.add_argument("--unsealed", action="store_true", help="replace tables also if they break a rule")
    parser.add_argument("--fresh", action="store_true", help="measure every day of the maps again")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="worker processes (default 2)")
    parser.add_argument("--timeout", type=float, default=Patience.read, metavar="S", help="seconds to wait for a host")
    parser.add_argument("--retries", type=int, default=Patience.retries, metavar="N", help="attempts after the first")
    parser.add_argument("--stale", action="store_true", help="print how old each table is; change nothing")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="day for --stale (default: this day)")
    options = parser.parse_args(arguments)
    unknown = [t for t in options.topics if t not in TOPICS]
    if unknown:
        parser.error(f"unknown topic {unknown[0]!r}: one of {', '.join(TOPICS)}")
    if options.raw and options.latest:
        parser.error("--raw works without network, --latest asks the network: choose one")
    try:
        if options.stale:
            _print_stale(options.on or datetime.now(UTC).date())
            return 0
        if options.raw and not options.raw.is_dir():
            raise DerivationError(f"{options.raw}: no such folder")
        patience = Patience(
            connect=min(options.timeout, Patience.connect), read=options.timeout, retries=options.retries
        )
        summary = refresh(
            tuple(options.topics) or tuple(TOPICS),
            raw=options.raw,
            latest=options.latest,
            patience=patience,
            unsealed=options.unsealed,
            processes=options.processes,
            fresh=options.fresh,
        )
    except Refused as err:
        print(err.args[1])
        print(f"error: {err.args[0]}", file=sys.stderr)
        return 1
    except (FetchError, DerivationError, DataError, Busy, OSError, KeyboardInterrupt) as err:
        stopped = isinstance(err, KeyboardInterrupt)
        print("stopped" if stopped else f"error: {err}", file=sys.stderr)
        if unfinished(data_dir()):
            print("the new tables are complete but not all in place; the next run moves the rest", file=sys.stderr)
        else:
            print("the tables are as they were", file=sys.stderr)
        return 130 if stopped else 1
    print(summary)
    if summary.broken:
        print(
            "the tables were replaced, but are not sealed: nothing loads them before `make check` has passed",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
