"""Refresh: pinned files in, tables out, what changed, how old they are."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import upstreams as host
from defacto import data, refresh
from defacto.check import main as check
from defacto.crosschecks import QUANTITY_TABLES, computed_verdicts
from defacto.derive import fetch, registry
from defacto.derive.archive import DerivationError
from defacto.derive.fetch import FetchError, Patience
from defacto.derive.replace import finish
from upstreams import BROKEN, NEW, OLD, REPOSITORIES, Hosts

#: A host that answers may be slow on a busy machine; only those that never do are left soon.
HASTY = Patience(connect=20, read=20, retries=0)
SILENT = {host.silent, host.stalls}


@pytest.fixture(scope="module")
def hosts():
    server = Hosts()
    yield server
    server.shutdown()


@pytest.fixture
def small(tmp_path, hosts, monkeypatch):
    """A small project, not yet derived; the library and the cache are those of the test."""
    monkeypatch.setenv("DEFACTO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DEFACTO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(refresh, "HEADLINES", [rows])
    monkeypatch.setattr(refresh, "verdicts", lambda: rows().head(0))
    hosts.fault, hosts.newest, hosts.served = None, NEW, []
    (tmp_path / "data").mkdir()
    host.project(tmp_path / "data", hosts.url)
    host.seal(tmp_path / "data")
    with host.few_checks():
        yield tmp_path


def rows():
    """Length of two tables, as headline figures."""
    names = ["space.launches", "sanctions.ofac_monthly"]
    return pd.DataFrame({"what": names, "value": [str(len(data.load(n))) for n in names]}, index=names)


# --- fetching ----------------------------------------------------------------------------


@pytest.fixture
def archives(tmp_path, hosts):
    (tmp_path / "upstream.json").write_text(json.dumps(host.registry(hosts.url)))
    hosts.fault, hosts.only, hosts.newest, hosts.served = None, "", NEW, []
    return registry.pins(tmp_path)


def test_what_is_fetched_is_checked_and_not_fetched_again(archives, tmp_path, hosts):
    for archive in archives.values():
        got, n = fetch.fetch(archive, tmp_path, HASTY)
        assert got == archive and n == (len(archive.files) if archive.alone else 1)
        assert fetch.fetch(archive, tmp_path, HASTY) == (archive, 0)
    assert len(hosts.served) == 7
    assert (
        dict(archives["gcat"].members(tmp_path))["launches.csv"] == REPOSITORIES["gcat"][OLD]["out/x/raw_launches.csv"]
    )
    assert archives["eu-journal"].names(tmp_path)[0] == "32014R0269.csv"


def test_the_same_content_in_other_bytes_is_the_same(archives, tmp_path, hosts):
    """A host may pack a commit anew; an archive packed by hand holds the same files under other names."""
    archive, cache = archives["gcat"], tmp_path / "cache"
    fetch.fetch(archive, cache, HASTY)
    tarball = archive.home(cache) / "archive.tar.gz"
    one = hashlib.sha256(tarball.read_bytes()).hexdigest()
    tarball.write_bytes(host.tarball("renamed", OLD, dict(reversed(REPOSITORIES["gcat"][OLD].items()))))
    assert hashlib.sha256(tarball.read_bytes()).hexdigest() != one
    assert set(archive.names(cache)) == {"launches.csv", "constellation-payloads.csv"}
    by_hand = tmp_path / "raw"
    by_hand.mkdir()
    packed = host.tarball("gcat", OLD, {"raw_launches.csv": b"", **REPOSITORIES["gcat"][OLD]})
    (by_hand / "gcat.tar.xz").write_bytes(packed)
    with pytest.raises(DerivationError, match=r"launches\.csv is there twice"):
        archive.names(by_hand)


def test_a_spoilt_cache_is_mended(archives, tmp_path, hosts):
    for name, archive in archives.items():
        fetch.fetch(archive, tmp_path, HASTY)
        path = next(archive.home(tmp_path).iterdir())
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        (archive.home(tmp_path) / "tmpabc").write_bytes(b"left by a run that was killed")
        hosts.served.clear()
        assert fetch.fetch(archive, tmp_path, HASTY)[1] >= 1, name
        assert path.read_bytes() == whole and len(hosts.served) == 1
        assert not (archive.home(tmp_path) / "tmpabc").exists()


@pytest.mark.parametrize("answer", [host.other_bytes, host.cut_with_length])
def test_a_spoilt_cache_and_a_host_that_serves_no_better(answer, archives, tmp_path, hosts):
    """The message names the address, and nothing of either stays."""
    archive = archives["gcat"]
    path = archive.home(tmp_path / "cache") / "archive.tar.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"spoilt")
    hosts.fault = answer
    with pytest.raises(FetchError, match="damaged|expected") as caught:
        fetch.fetch(archive, tmp_path / "cache", HASTY)
    assert hosts.url in str(caught.value) and not path.exists() and len(hosts.served) == 1


def test_without_a_hash_the_content_gives_it(archives, tmp_path):
    for archive in archives.values():
        bare = replace(archive, sha256="", files=tuple(replace(f, sha256="") for f in archive.files))
        assert fetch.fetch(bare, tmp_path, HASTY)[0] == archive


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (host.status(404), "answers 404"),
        (host.status(503), "answers 503"),
        (host.silent, "no answer within 0.4 s"),
        (host.stalls, "no answer within 0.4 s"),
        (host.refuses, "cannot be reached, or broke off"),
        (host.breaks_off, "broke off before the end"),
        (host.cut_with_length, "damaged|not what is pinned"),
        (host.without_length, "does not say how long"),
        (host.web_page, "web page instead of data"),
        (host.other_bytes, "expected|not what is pinned"),
    ],
)
@pytest.mark.parametrize("name", ["gcat", "ofac-panel"])
def test_a_host_that_misbehaves(name, answer, match, archives, tmp_path, hosts):
    hosts.fault = answer
    with pytest.raises(FetchError, match=match) as caught:
        fetch.fetch(archives[name], tmp_path / "cache", replace(HASTY, read=0.4 if answer in SILENT else HASTY.read))
    assert hosts.url in str(caught.value), "the address is named"
    left = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert left == []
    hosts.fault = None
    assert fetch.fetch(archives[name], tmp_path / "cache", HASTY)[1] == 1


def test_what_may_pass_is_tried_again_and_what_may_not_is_not(archives, tmp_path, hosts):
    patient = replace(HASTY, retries=2, pause=0)
    for answer, tries in (
        (host.status(500), 3), (host.status(429), 3), (host.breaks_off, 3),
        (host.status(404), 1), (host.status(430), 1), (host.other_bytes, 1),
    ):  # fmt: skip
        hosts.fault = answer
        hosts.served.clear()
        with pytest.raises(FetchError):
            fetch.fetch(archives["gcat"], tmp_path / "cache", patient)
        assert len(hosts.served) == tries


def test_nobody_listens(archives, tmp_path):
    lost = replace(archives["gcat"], address="http://127.0.0.1:9/{commit}")
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch.fetch(lost, tmp_path, HASTY)
    with pytest.raises(FetchError, match="names no address"):
        fetch.fetch(replace(lost, address=""), tmp_path, HASTY)


def test_the_newest_commit(hosts):
    hosts.fault = None
    assert fetch.newest(f"{hosts.url}/gcat", HASTY) == fetch.newest(f"{hosts.url}/gcat.git", HASTY) == NEW
    hosts.fault, hosts.only = host.web_page, ""
    with pytest.raises(FetchError, match="does not answer as a git host"):
        fetch.newest(f"{hosts.url}/gcat", HASTY)


def test_the_newest_commit_of_a_real_repository(tmp_path):
    """Against what git itself advertises."""
    import http.server
    import threading

    def git(*words):
        return subprocess.run(
            ["git", "-C", tmp_path / "x.git", *words], check=True, capture_output=True, text=True
        ).stdout

    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "x.git"], check=True)
    tree = git("hash-object", "-t", "tree", "-w", "/dev/null").strip()
    commit = git("-c", "user.name=x", "-c", "user.email=x@x", "commit-tree", tree, "-m", "x").strip()
    git("update-ref", git("symbolic-ref", "HEAD").strip(), commit)
    advertised = subprocess.run(
        ["git", "upload-pack", "--http-backend-info-refs", tmp_path / "x.git"], check=True, capture_output=True
    ).stdout

    class Git(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"001e# service=git-upload-pack\n0000" + advertised)

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Git)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert fetch.newest(f"http://127.0.0.1:{server.server_port}/x", HASTY) == commit
    server.shutdown()


# --- a refresh from end to end -------------------------------------------------------------


def test_refresh_follow_and_stand_still(small, hosts, capsys):
    folder = small / "data"
    assert refresh.main(["space", "sanctions"]) == 0
    said = capsys.readouterr().out
    assert (
        "downloaded: gcat (1), eu-journal (5), ofac-panel (1)" in said and "space.launches: 0 → 7 rows, 7 added" in said
    )
    assert check([]) == 0, "tables are valid and sealed"
    old = host.standing(folder)
    assert json.loads(old["datapackage.json"])["resources"][-1]["documented_to"]

    hosts.served.clear()
    assert refresh.main(["space", "sanctions"]) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert hosts.served == [] and host.standing(folder) == old, "nothing is fetched again, nothing moves"

    assert refresh.main(["sanctions", "--latest"]) == 0
    said = capsys.readouterr().out
    assert "ofac-panel: 111111111111 → 222222222222" in said and "gcat" not in said
    assert (
        "sanctions.ofac_monthly: 9 → 12 rows, 3 added, 0 removed, 0 changed; documented to 2022-06-30 → 2022-07-31"
        in said
    )
    assert "sanctions.ofac_monthly: 9 → 12\n" in said, "a headline figure before and after"
    assert "eu-journal: not followed (read first)" in said
    assert "sources.csv, jeff-allen-20260331: title, published and accessed" in said
    new = host.standing(folder)
    assert {p for p in new if new[p] != old[p]} == {"datapackage.json", "upstream.json", "sanctions/ofac_monthly.csv"}
    pin = registry.pins(folder)["ofac-panel"]
    assert (
        pin.version == NEW
        and pin.files[0].sha256 == hashlib.sha256(REPOSITORIES["ofac-panel"][NEW]["data/ofac_panel.csv"]).hexdigest()
    )
    recipe = data.resource("sanctions.ofac_monthly", folder)["recipe"]["inputs"]
    assert recipe == [pin.as_input()]
    assert registry.pins(folder)["eu-journal"].version == OLD, "not to be followed"
    assert [p for p in host.standing(small / "cache") if "work" in p] == []


def test_new_tables_that_break_a_rule_are_shown_and_refused(small, hosts, capsys):
    old = host.standing(small / "data")
    hosts.newest = BROKEN
    assert refresh.main(["space", "--latest"]) == 1
    out, err = capsys.readouterr()
    assert "space.launches: 0 → 8 rows" in out and "Rules that the new tables break" in out and "1904" in out
    assert err.endswith("rules; nothing was replaced\n") and host.standing(small / "data") == old


@pytest.mark.thorough
def test_tables_that_break_a_rule_can_be_written_for_repair(small, hosts):
    assert refresh.main(["space"]) == 0
    hosts.newest = BROKEN
    assert refresh.main(["space", "--latest", "--unsealed"]) == 1
    assert b"1904-02-03" in (small / "data/space/launches.csv").read_bytes()
    with pytest.raises(data.DataError, match="changed since it was validated"):
        data.load("space.launches")


def test_a_table_changed_meanwhile_is_not_overwritten(small, hosts, monkeypatch, capsys):
    sources = small / "data/sources.csv"

    def edited():
        sources.write_bytes(sources.read_bytes() + b"\n")

    monkeypatch.setattr(refresh, "seal", edited)
    assert refresh.main(["space"]) == 1
    assert "sources.csv was changed while the tables were derived; run again" in capsys.readouterr().err
    assert (small / "data/space/launches.csv").read_bytes().count(b"\n") == 1


def test_archives_of_a_folder_need_no_network(small, hosts, capsys):
    assert refresh.main(["space", "--raw", str(small)]) == 1
    assert "gcat.tar.xz: not found" in capsys.readouterr().err
    fetch.fetch(registry.pins(small / "data")["gcat"], small / "elsewhere", HASTY)
    hosts.served.clear()
    assert refresh.main(["space", "--raw", str(small / "elsewhere")]) == 0 and hosts.served == []
    assert refresh.main(["space", "--raw", str(small / "nowhere")]) == 1
    assert "no such folder" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["deals"], ["--raw", "x", "--latest"], ["--on", "yesterday"]])
def test_what_the_command_does_not_take(words, capsys):
    with pytest.raises(SystemExit) as left:
        refresh.main(words)
    assert left.value.code == 2


def test_the_module_runs():
    done = subprocess.run([sys.executable, "-m", "defacto.refresh", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--latest" in done.stdout


def test_a_cut_off_run_is_finished_by_the_check(small, capsys):
    folder = small / "data"
    assert refresh.main(["space"]) == 0
    (folder / ".committed/space").mkdir(parents=True)
    (folder / ".committed/space/launches.csv").write_bytes((folder / "space/launches.csv").read_bytes())
    (folder / "space/launches.csv").write_bytes(b"torn")
    assert check([]) == 0, capsys.readouterr().out
    assert not (folder / ".committed").exists() and not finish(folder)


# --- what changes ---------------------------------------------------------------------------


def test_rows_added_removed_changed(tables, tmp_path):
    old = tmp_path / "old"
    import shutil

    shutil.copytree(tables, old)
    path = tables / "sanctions/ofac_monthly.csv"
    lines = path.read_text().splitlines(keepends=True)
    first = lines[1].split(",")
    cell = first.index(first[3])
    lines[1] = ",".join([*first[:cell], "1", *first[cell + 1 :]])
    path.write_text("".join([*lines[:2], *lines[3:], lines[-1].replace("2026-03", "2026-04")]))
    (change,) = refresh.table_changes(old, tables)
    assert (change.name, change.before, change.after) == ("sanctions.ofac_monthly", 144, 144)
    assert (change.added, change.removed, change.changed) == (1, 1, 1)
    assert list(change.columns.values()) == [1]


def test_headline_figures_and_verdicts_of_the_book():
    figures, verdicts = refresh.headline(), refresh.verdicts()
    assert len(figures) >= 8 and figures["value"].str.contains(r"\d").all()
    stored = data.load("claims.claims").set_index("id")
    for claim in stored.index[stored["metric_id"].notna()]:
        assert verdicts.at[claim, "value"].startswith(stored.at[claim, "verdict_known"])


def test_a_verdict_that_would_flip_is_named():
    """A map of the day redrawn so that the four oblasts are held to seventy per cent."""
    known = {name: data.load(name, unverified=True) for name in QUANTITY_TABLES}
    daily = known["territory.control_daily"]
    known["territory.control_daily"] = daily.assign(occupied_km2=daily["occupied_km2"] * 70 / 77.27)
    values = {
        k: {c: f"{w} ({v:.4g})" for c, (v, w) in computed_verdicts(t).items()}
        for k, t in (("before", known | {"territory.control_daily": daily}), ("after", known))
    }
    found = pd.DataFrame(values).assign(what=lambda t: t.index)
    summary = refresh.Summary(verdicts=found)
    assert list(summary.flips["what"]) == ["C020"]
    assert found.at["C020", "before"].startswith("mixed") and found.at["C020", "after"].startswith("supported")
    assert "1 would come out differently: C020" in str(summary)
    found["after"] = found["before"].str.replace("77.27", "77.99")
    assert "differently" not in str(refresh.Summary(verdicts=found)), "another number is no other verdict"


def test_what_cannot_be_computed_any_more_is_said(tables):
    def broken():
        raise ValueError("no map for the day")

    found = refresh.before_and_after([broken], tables, tables)
    assert found.loc["broken"].tolist() == ["broken", *["cannot be computed: no map for the day"] * 2]


# --- age and registry -------------------------------------------------------------------------


def test_age_against_the_rhythm():
    frame = refresh.stale(date(2026, 8, 23))
    assert frame.loc["territory.control_daily", ["days", "state"]].tolist() == [1, "current"]
    assert refresh.stale(date(2026, 8, 24)).at["territory.control_daily", "state"] == "due"
    assert frame.loc["territory.control_monthly", "days"] == 23, "a month reaches to its last day"
    assert frame.loc["sanctions.ofac_monthly", "state"] == "due" and frame.loc["actors.events", "state"] == "by hand"
    assert refresh.stale(date(2026, 4, 30)).at["sanctions.ofac_monthly", "state"] == "current"


def test_age_is_printed(capsys):
    assert refresh.main(["--stale", "--on", "2026-08-24"]) == 0
    said = capsys.readouterr().out
    assert "territory.control_daily" in said and "deepstate: a file a day" in said and "tables are due" in said


def test_the_registry_and_the_recipes_agree():
    """Every derived table with a recipe rests on what is pinned now, and every pin is used."""
    pinned, used = registry.pins(), set()
    for res in data.package()["resources"]:
        for found in res.get("recipe", {}).get("inputs", []):
            assert found == pinned[found["name"]].as_input(), res["name"]
            used.add(found["name"])
    assert used == set(pinned)


def test_the_registry_is_whole():
    sources = set(data.load("sources")["id"])
    for entry in registry.entries().values():
        archive = entry.archive
        assert archive.address.startswith("https://") and "{commit}" in archive.address
        assert archive.upstream.startswith("https://") and len(archive.sha256) == 64 and archive.licence
        assert archive.alone == all(f.sha256 for f in archive.files), "single files have hashes of their own"
        assert set(entry.source_ids) <= sources and entry.topic in refresh.TOPICS
        assert entry.follow or entry.why_not
        assert (entry.rhythm_days or 1) >= 1 and entry.rhythm


def test_a_pin_changes_its_own_lines_only(tables):
    text = (tables / "upstream.json").read_text()
    assert registry.repinned(tables, []).decode() == text
    archive = replace(registry.pins(tables)["owl"], version="f" * 40, sha256="0" * 64)
    after = registry.repinned(tables, [archive]).decode().splitlines()
    changed = [(a, b) for a, b in zip(text.splitlines(), after, strict=True) if a != b]
    assert len(changed) == 3 and "f" * 40 in changed[0][1] and "0" * 64 in changed[2][1]
    assert changed[1][1].strip() == f'"packed": "owlmaps-map-data-{"f" * 8}.tar.xz",', "RAW= looks for the new name"


@pytest.mark.parametrize(
    ("packed", "old", "new", "name"),
    [
        ("x-6e33b90.tar.xz", "6e33b90" + "1" * 33, "a" * 40, "x-aaaaaaa.tar.xz"),
        ("x-6e33b9012.tar.xz", "6e33b9012", "a" * 40, "x-aaaaaaaaa.tar.xz"),
        ("x.tar.xz", "6e33b9012", "a" * 40, "x.tar.xz"),
        ("x-0.5.10.json.xz", "0.5.10", "0.5.11", "x-0.5.11.json.xz"),
    ],
)
def test_a_packed_archive_is_called_by_its_new_commit(packed, old, new, name):
    assert registry._renamed(packed, old, new) == name


@pytest.mark.parametrize(
    ("text", "match"),
    [("{", "line 1: not JSON"), ('{"upstreams": [{"id": "x"}]}', "x: 'repository' is missing"), (None, "no such file")],
)
def test_a_bad_registry(text, match, tmp_path):
    if text is not None:
        (tmp_path / "upstream.json").write_text(text)
    with pytest.raises(data.DataError, match=match):
        registry.entries(tmp_path)
