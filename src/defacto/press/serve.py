"""A local preview of the built site, on loopback only."""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from defacto.data import root


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing: a preview is not a log."""

    def handle(self):
        """A reader who leaves before a file is through is no error."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            super().handle()


def pages(html: Path) -> list[str]:
    """Paths of all pages of the site under `html`, sorted."""
    return sorted(p.relative_to(html).as_posix() for p in html.rglob("*.html") if "_static" not in p.parts)


def server(html: Path, port: int = 0) -> http.server.ThreadingHTTPServer:
    """A server of the folder `html` on 127.0.0.1 (port 0: any free one), not yet running."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Quiet, directory=str(html)))


@contextlib.contextmanager
def serving(html: Path) -> Iterator[str]:
    """The address of the site under `html` while the block runs."""
    running = server(html)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


def main(argv: list[str] | None = None) -> int:
    """Serve the built site until interrupted; builds it first if it is missing."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--target", type=Path, default=root() / "_build")
    options = parser.parse_args(argv)
    html = options.target / "html"
    if not (html / "index.html").is_file():
        from defacto.press import build

        print("  not built yet: building the HTML", flush=True)
        if build.main(["html", "--target", str(options.target)]):
            return 1
    try:
        running = server(html, options.port)
    except OSError as err:
        print(f"error: port {options.port} cannot be used ({err.strerror}): choose another with PORT=", file=sys.stderr)
        return 1
    print(f"  http://127.0.0.1:{running.server_port}/ (Ctrl+C ends it)", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        running.serve_forever()
    running.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
