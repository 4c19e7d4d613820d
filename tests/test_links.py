"""The report on outside links, against a local server: what answers, what has moved, what is gone."""

import http.server
import shutil
import threading

import pytest

from defacto.data import root
from defacto.press.links import LinksFailed, asked, report


class _Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code = {"/here": 200, "/new": 200, "/moved": 301}.get(self.path, 404)
        self.send_response(code)
        if code == 301:
            self.send_header("Location", "/new")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.thorough
def test_every_link_is_asked_and_told(site, tmp_path):
    book = tmp_path / "book"
    shutil.copytree(root() / "book/_static", book / "book/_static")
    shutil.copyfile(root() / "_config.yml", book / "_config.yml")
    (book / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
    links = " ".join(f"[{name}]({site}/{name})" for name in ("here", "moved", "gone"))
    (book / "book/index.md").write_text(f"# Title\n\n{links}\n", "utf-8")
    text = report(asked(book, tmp_path / "out"))
    assert text.startswith("3 links to other sites")
    assert f"did not answer: {site}/gone" in text and f"{site}/moved → {site}/new" in text
    assert f"{site}/here" not in text and "[book/index.md]" in text


@pytest.mark.thorough
def test_a_check_that_cannot_run_says_so(tmp_path):
    with pytest.raises(LinksFailed):
        asked(tmp_path / "nowhere", tmp_path / "out")


def test_the_report_counts_only_outside_links():
    links = [{"uri": u, "status": s, "info": i, "filename": "book/a.md", "lineno": 1, "code": 0}
             for u, s, i in (("https://a.example/", "working", ""), ("#here", "unchecked", ""), ("https://b.example/", "timeout", "20 s"))]  # fmt: skip
    lines = report(links).splitlines()
    assert (
        lines[0] == "2 links to other sites"
        and lines[-1] == "did not answer in time: https://b.example/ (20 s) [book/a.md]"
    )
