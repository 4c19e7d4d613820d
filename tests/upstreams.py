"""A small project with a few derived tables, and upstream hosts for it on this machine that can misbehave."""

from __future__ import annotations

import csv
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from defacto import check, crosschecks, data
from defacto.derive.archive import content_hash
from defacto.derive.recipe import descriptor_bytes
from test_derive import upstream as launch_rows
from test_derive_sanctions import annex, bank, entity, ship

OLD, NEW, CHANGED, BROKEN = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)
SPACE = [f"space.{n}" for n in ("launches", "launches_by_year", "engines", "constellations")]
SANCTIONS = [
    f"sanctions.{n}"
    for n in ("listings_by_date", "vessels_by_date", "banks_by_date", "regime_snapshot", "ofac_monthly")
]
SOURCES = {
    "j-mcdowell-20251130",
    "c-kalitin-20251209",
    "vpk-name-20210721",
    "opensanctions-20260822",
    "jeff-allen-20260331",
}
#: Cross-checks that hold for a project of a few rows; the others count on the record being long.
HOLDING = {"launches-by-year-re-add", "engine-flights-are-launches"}
FIRSTS = [{"Mission": m} for m in ("Tintin Prototypes", "OneWeb F6", "KuiperSat-1/2")]
ENGINES = [{"LV_Type": v} for v in ("Atlas 3A", "Antares 230")]


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.drop(columns="file", errors="ignore").to_csv(index=False).encode()


def _gcat(*changes, drop=()) -> dict[str, bytes]:
    rows = launch_rows({}, {"LaunchCode": "OF"}, *FIRSTS, *ENGINES, *changes).drop(columns=list(drop))
    payloads = b"Time_Since_First_Payload,Starlink,OneWeb,Kuiper\n0,2,6,2\n29,62,6,2\n"
    return {"out/x/raw_launches.csv": _csv(rows), "out/y/raw_payloads.csv": payloads, "README.md": b"# rows\n"}


def _journal(*more) -> dict[str, bytes]:
    sectors = annex(bank("12 March 2022"), ship("9000001", "25.6.2024"))
    return {
        "eu/32014R0269.csv": _csv(annex({}, entity(), *more)),
        "eu/32014R0833.csv": _csv(sectors),
        "eu/32026R1843.csv": _csv(annex({"startDate": "23.7.2026"})),
        "eu/32026R1848.csv": _csv(annex(ship("9000002", "24.7.2026"))),
        "eu/32026R1940.csv": _csv(annex({"startDate": "7.8.2026"})),
    }


def _panel(months: int) -> dict[str, bytes]:
    rows = [
        f"{land},{day:%Y-%m-%d},{110 + i},1,0,1"
        for land in ("Belarus", "Russia", "Ukraine")
        for i, day in enumerate(pd.date_range("2022-04-30", periods=months, freq="ME"))
    ]
    return {"data/ofac_panel.csv": "\n".join(["Country,Date,levels,additions,removals,change", *rows, ""]).encode()}


#: Repository -> commit -> files. The third commit lacks a column, the fourth breaks a rule of a table.
REPOSITORIES = {
    "gcat": {
        OLD: _gcat(),
        NEW: _gcat({"Launch_Date": "2024-02-03"}),
        CHANGED: _gcat(drop=["State"]),
        BROKEN: _gcat({"Launch_Date": "1904-02-03"}),
    },
    "eu-journal": dict.fromkeys((OLD, NEW, CHANGED, BROKEN), _journal()),
    "ofac-panel": {OLD: _panel(3), NEW: _panel(4), CHANGED: _panel(4), BROKEN: _panel(4)},
}


def tarball(name: str, commit: str, files: dict[str, bytes]) -> bytes:
    """The package of a commit as a git host makes it: all under one folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(f"{name}-{commit}/{path}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), 1, mtime=0)


class Hosts(http.server.ThreadingHTTPServer):
    """Serves `REPOSITORIES`; `fault` (None, or a function of the handler and the body) answers instead.

    `newest` is the commit that every repository calls its newest; `served` lists what was asked for.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.newest, self.fault, self.only, self.served = NEW, None, "", []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients are killed here on purpose."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        server, path = self.server, urlsplit(self.path).path
        server.served.append(path)
        body = _body(server, path)
        if server.fault and server.only in path:
            server.fault(self, body)
        elif body is None:
            self.answer(404, b"no such file")
        else:
            self.answer(200, body)

    def answer(self, status, body, *, length=None, kind="application/octet-stream"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


def _body(server: Hosts, path: str) -> bytes | None:
    name, *rest = path.strip("/").split("/")
    if rest[:2] == ["info", "refs"]:
        line = f"{server.newest} HEAD\0symref=HEAD:refs/heads/main\n"
        return f"001e# service=git-upload-pack\n0000{len(line) + 4:04x}{line}0000".encode()
    commits = REPOSITORIES.get(name, {})
    if rest[:1] == ["archive"]:
        commit = rest[1].removesuffix(".tar.gz")
        return tarball(name, commit, commits[commit]) if commit in commits else None
    return commits.get(rest[0], {}).get("/".join(rest[1:])) if rest else None


def registry(url: str, commit: str = OLD) -> dict:
    """``upstream.json`` of the small project: one package of a commit, two sets of single files."""

    def entry(name, topic, address, files, sources, **more):
        content = REPOSITORIES[name][commit]
        hashes = {f["name"]: hashlib.sha256(content[f.pop("real", f["path"])]).hexdigest() for f in files}
        if "{path}" in address:
            files = [f | {"sha256": hashes[f["name"]]} for f in files]
        return {"id": name, "topic": topic, "title": name, "repository": f"{url}/{name}", "commit": commit, "address": address,
                "files": files, "packed": f"{name}.tar.xz", "sha256": content_hash(hashes), "licence": "CC0-1.0", "rhythm": "daily",
                "rhythm_days": 1, "follow": True, "source_ids": sources} | more  # fmt: skip

    journal = [{"path": p, "name": p.rsplit("/", 1)[-1]} for p in REPOSITORIES["eu-journal"][commit]]
    gcat = [{"path": "*/raw_launches.csv", "name": "launches.csv", "real": "out/x/raw_launches.csv"},
            {"path": "*/raw_payloads.csv", "name": "constellation-payloads.csv", "real": "out/y/raw_payloads.csv"}]  # fmt: skip
    panel = [{"path": "data/ofac_panel.csv", "name": "ofac_panel.csv"}]
    return {
        "upstreams": [
            entry("gcat", "space", url + "/gcat/archive/{commit}.tar.gz", gcat, ["j-mcdowell-20251130"]),
            entry("eu-journal", "sanctions", url + "/eu-journal/{commit}/{path}", journal, ["opensanctions-20260822"],
                  follow=False, why_not="read first"),
            entry("ofac-panel", "sanctions", url + "/ofac-panel/{commit}/{path}", panel, ["jeff-allen-20260331"], rhythm_days=31),
        ]
    }  # fmt: skip


def project(folder: Path, url: str) -> Path:
    """A data folder with the real descriptors of nine derived tables, still empty, and their sources."""
    real = data.root() / "data"
    package = json.loads((real / data.DESCRIPTOR).read_text("utf-8"))
    package["resources"] = [r for r in package["resources"] if r["name"] in {"sources", *SPACE, *SANCTIONS}]
    for res in package["resources"]:
        res["schema"].pop("foreignKeys", None)  # publishers are left out
        if res["name"] != "sources":
            (folder / res["path"]).parent.mkdir(parents=True, exist_ok=True)
            (folder / res["path"]).write_text(",".join(f["name"] for f in res["schema"]["fields"]) + "\n")
            res.pop("recipe", None)
            res.pop("sanity", None)
    (folder / data.DESCRIPTOR).write_bytes(descriptor_bytes(package))
    with open(real / "sources.csv", encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    kept = io.StringIO()
    csv.writer(kept, lineterminator="\n").writerows(rows[:1] + [r for r in rows if r[0] in SOURCES])
    (folder / "sources.csv").write_text(kept.getvalue(), "utf-8")
    (folder / "upstream.json").write_text(json.dumps(registry(url), indent=2, ensure_ascii=False) + "\n")
    return folder


def standing(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones and all, by path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@contextmanager
def few_checks():
    """Only the cross-checks that hold for a few rows."""
    held = crosschecks.CHECKS[:]
    crosschecks.CHECKS[:] = [c for c in held if c.id in HOLDING]
    try:
        yield
    finally:
        crosschecks.CHECKS[:] = held


# --- how a host can misbehave --------------------------------------------------------------


def status(code):
    return lambda handler, body: handler.answer(code, b"no")


def silent(handler, body):
    """Accepts the request and says nothing."""
    time.sleep(1.5)
    handler.close_connection = True


def slow(handler, body):
    """Takes its time, and then answers rightly."""
    time.sleep(1.5)
    handler.answer(200, body)


def stalls(handler, body):
    """Sends half and then nothing."""
    handler.answer(200, body[: len(body) // 2], length=len(body))
    handler.wfile.flush()
    time.sleep(1.5)
    handler.close_connection = True


def breaks_off(handler, body):
    """Promises more than it sends, and closes."""
    handler.answer(200, body[: len(body) // 2], length=len(body))
    handler.close_connection = True


def cut_with_length(handler, body):
    """Sends half and says that this is all."""
    handler.answer(200, body[: len(body) // 2])


def without_length(handler, body):
    """Sends half, without a length: only closing marks the end."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def web_page(handler, body):
    handler.answer(200, b"\n<!DOCTYPE html><html><body>Please sign in</body></html>", kind="text/html")


def other_bytes(handler, body):
    """Another version of the same file."""
    if body[:2] == b"\x1f\x8b":
        body = tarball("gcat", OLD, REPOSITORIES["gcat"][NEW])
    else:
        body = body.replace(b"17.3.2014", b"18.3.2014").replace(b",110,1,", b",111,1,")
    handler.answer(200, body)


def refuses(handler, body):
    """Hangs up at once."""
    handler.close_connection = True
    handler.connection.close()


def seal(folder: Path) -> None:
    """Record what `defacto.check` would, unchecked: tables that are still empty need not hold every rule."""
    package = json.loads((folder / data.DESCRIPTOR).read_text("utf-8"))
    for res in package["resources"]:
        content = (folder / res["path"]).read_bytes()
        res |= {"hash": data.digest(content), "bytes": len(content), "rows": content.count(b"\n") - 1}
    (folder / data.DESCRIPTOR).write_bytes(descriptor_bytes(package))
    (folder / "LICENSES.md").write_text(check.licence_list(package), "utf-8")
