"""Archives in, tables out: whole or not at all, the same bytes every time."""

import hashlib
import io
import lzma
import multiprocessing
import os
import signal
import tarfile
import time

import pandas as pd
import pytest

from defacto.data import DataError
from defacto.derive import recipe, replace, space
from defacto.derive.archive import Archive, DerivationError, content_hash


def make_archive(path, files, id="upstream"):
    """A small .tar.xz of `files` (name -> bytes); returns its description."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path.write_bytes(lzma.compress(buffer.getvalue()))
    pin = content_hash({name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    return Archive(id, "a synthetic upstream", "1", pin, "CC0-1.0", packed=path.name)


def test_replacement_is_whole(tmp_path):
    assert replace.replace_files(tmp_path, {"a.csv": b"1", "topic/b.csv": b"2"}) == ["a.csv", "topic/b.csv"]
    assert replace.replace_files(tmp_path, {"a.csv": b"1", "topic/b.csv": b"3"}) == ["topic/b.csv"]
    assert replace.replace_files(tmp_path, {"a.csv": b"1"}) == []
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.csv", "b.csv"]


def test_a_full_disk_leaves_the_old_files(tmp_path, monkeypatch):
    replace.replace_files(tmp_path, {"a.csv": b"old", "b.csv": b"old"})
    calls = []

    def fsync(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        replace.replace_files(tmp_path, {"a.csv": b"new", "b.csv": b"new"})
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def _killed_at(folder, step):
    """Replace two files in a process of its own that dies at its `step`-th system step."""
    count = 0

    def dying(function):
        def inner(*args, **kwargs):
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return inner

    os.fsync, os.rename, os.replace = dying(os.fsync), dying(os.rename), dying(os.replace)
    replace.replace_files(folder, {"a.csv": b"new", "b.csv": b"new"})


@pytest.mark.parametrize("step", range(1, 7))
def test_killed_at_any_step_both_files_are_old_or_new(tmp_path, step):
    replace.replace_files(tmp_path, {"a.csv": b"old", "b.csv": b"old"})
    process = multiprocessing.get_context("fork").Process(target=_killed_at, args=(tmp_path, step))
    process.start()
    process.join(20)
    replace.recover(tmp_path)
    found = {(tmp_path / n).read_bytes() for n in ("a.csv", "b.csv")}
    assert found in ({b"old"}, {b"new"})
    assert found == ({b"old"} if step <= 3 else {b"new"})
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".lock") == ["a.csv", "b.csv"]


def _hold(folder, held):
    with replace.lock(folder):
        held.set()
        time.sleep(20)


def test_two_runs_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    held = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, held))
    process.start()
    assert held.wait(10)
    with pytest.raises(replace.Busy, match="another run"):
        replace.replace_files(tmp_path, {"a.csv": b"1"})
    process.kill()
    process.join()
    assert replace.replace_files(tmp_path, {"a.csv": b"1"}) == ["a.csv"]


def test_archive_is_checked(tmp_path):
    archive = make_archive(tmp_path / "x.tar.xz", {"d/a.csv": b"1", "d/b.txt": b"2"})
    assert dict(archive.members(tmp_path, ".csv")) == {"d/a.csv": b"1"}
    assert dict(archive.members(tmp_path / "x.tar.xz", ".csv")) == {"d/a.csv": b"1"}
    whole = (tmp_path / "x.tar.xz").read_bytes()
    (tmp_path / "x.tar.xz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DerivationError, match=r"x\.tar\.xz: the archive is damaged"):
        list(archive.members(tmp_path))
    make_archive(tmp_path / "x.tar.xz", {"d/a.csv": b"1", "d/b.txt": b"3"})
    with pytest.raises(DerivationError, match=r"2 files has sha256 .* truncated, or another version"):
        list(archive.members(tmp_path))
    make_archive(tmp_path / "x.tar.xz", {"d/a.csv": b"1"})
    with pytest.raises(DerivationError, match="1 files has sha256"):
        list(archive.members(tmp_path))
    (tmp_path / "x.tar.xz").unlink()
    with pytest.raises(DerivationError, match="not found"):
        list(archive.members(tmp_path))


GCAT_ROW = {
    "Launch_Tag": "2024-001", "Launch_Date": "2024-01-02", "LV_Type": "Falcon 9", "Variant": "FT5", "Mission": "-",
    "Launch_Site": "CC", "Launch_Site_Parent": "Canaveral", "State": "US", "Agency": "SPX", "LaunchCode": "OS",
    "Category": "Sat LEO",
}  # fmt: skip


def upstream(*changes):
    return pd.DataFrame([GCAT_ROW | {"Launch_Tag": f"2024-{n:03}"} | change for n, change in enumerate(changes, 1)])


def test_launch_rows():
    rows = space.launches(upstream({}, {"LaunchCode": "OF40"}, {"LaunchCode": "OE", "State": "SU"},
                                   {"State": "", "Launch_Site": "TYSC?", "Launch_Site_Parent": ""}))  # fmt: skip
    assert rows["outcome"].tolist() == ["success", "failure", "no lift-off", "success"]
    assert rows["country"].tolist() == ["United States", "United States", "Soviet Union and Russia", "China"]
    assert rows["mission"].tolist() == [""] * 4 and rows["site"].iloc[3] == "TYSC"
    years = space.launches_by_year(rows)
    assert years["attempts"].sum() == 3 and years["successes"].sum() == 2 and years["failures"].sum() == 1
    assert set(years["coverage_to"]) == {"2024-01-02"}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"Launch_Tag": "2024-001"}, "2024-001.*'Launch_Tag'"),
        ({"Launch_Date": "2024-13-01"}, "'Launch_Date': '2024-13-01' is not understood"),
        ({"State": "XX"}, "'State': 'XX' is not understood"),
        ({"LaunchCode": "SX"}, "'LaunchCode': 'SX' is not understood"),
    ],
)
def test_launch_rows_that_are_not_understood(change, match):
    with pytest.raises(DerivationError, match=match):
        space.launches(upstream({}, change))


def test_a_changed_upstream_schema():
    with pytest.raises(DerivationError, match="column 'State' is missing"):
        space.launches(upstream({}).drop(columns="State"))


def test_derivation_writes_tables_with_their_recipe(tables, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    firsts = [{"Mission": m} for m in ("Tintin Prototypes", "OneWeb F6", "KuiperSat-1/2")]
    engines = [{"LV_Type": v} for v in ("Atlas 3A", "Antares 230")]
    content = upstream({}, {"LaunchCode": "OF"}, *firsts, *engines).to_csv(index=False).encode()
    payloads = b"Time_Since_First_Payload,Starlink,OneWeb,Kuiper\n0,2,6,2\n29,62,6,2\n"
    archive = make_archive(
        raw / "gcat.tar.xz",
        {"launches.csv": content, "constellation-payloads.csv": payloads},
    )
    changed = space.derive(raw, {"gcat": archive})
    assert changed == [
        "datapackage.json",
        *(f"space/{n}.csv" for n in ("constellations", "engines", "launches", "launches_by_year")),
    ]
    first = (tables / "space/launches.csv").read_bytes()
    assert space.derive(raw, {"gcat": archive}) == [] and (tables / "space/launches.csv").read_bytes() == first
    res = recipe.resource("space.launches", tables)
    assert res["recipe"]["function"] == "defacto.derive.space"
    assert res["recipe"]["inputs"][0]["sha256"] == archive.sha256
    assert res["documented_to"] == "2024-01-02", "the last launch of the rows"
    bounds = {f["name"]: f["constraints"] for f in res["schema"]["fields"]}
    assert bounds["date"]["maximum"] == "2024-01-02", "no launch beyond the reach of the table"
    years = {f["name"]: f["constraints"] for f in recipe.resource("space.launches_by_year", tables)["schema"]["fields"]}
    assert (years["year"]["minimum"], years["year"]["maximum"]) == (1957, 2024)
    from defacto.data import load

    with pytest.raises(DataError, match="changed since it was validated"):
        load("space.launches")


def test_a_derivation_fills_the_contract_exactly(tables, tmp_path):
    archive = make_archive(tmp_path / "x.tar.xz", {"a": b"1"})
    with pytest.raises(DataError, match="unknown table"):
        recipe.write_tables("f", [archive], {"space.nothing": pd.DataFrame({"a": [1]})})
    with pytest.raises(DerivationError, match="differ from the descriptor"):
        recipe.write_tables("f", [archive], {"space.launches": pd.DataFrame({"a": [1]})})


def test_the_hash_of_content_is_that_of_sorted_names_and_digests():
    """Fixed by hand: pins of upstream archives rest on it."""
    one, other = hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"other").hexdigest()
    expected = hashlib.sha256(f"{one}  a.csv\n{other}  b.csv\n".encode()).hexdigest()
    assert content_hash([("b.csv", other), ("a.csv", one)]) == expected
