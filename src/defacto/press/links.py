"""Asks every outside address that the book names, by Sphinx's link check, and reports.

A dead link fails nothing: sources outlive their pages, and the registry keeps archived copies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from defacto.data import root

#: What the link check calls a link, and how the report says it; in the order of the report.
STATES = {
    "working": "answered", "redirected": "answered from another address", "broken": "did not answer",
    "timeout": "did not answer in time", "rate-limited": "refused for now", "unchecked": "not asked", "ignored": "not asked",
}  # fmt: skip
_TELL = ("broken", "timeout", "redirected")


class LinksFailed(RuntimeError):
    """The link check itself did not run; the message holds what it said."""


def asked(project: Path, target: Path) -> list[dict]:
    """Run the link check on the book in `project`, working in `target`; one entry a link, as Sphinx writes it.

    Raises
    ------
    LinksFailed
        If it ends without a report.
    """
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(project), "--builder", "linkcheck",
               "--path-output", str(target), "-q"]  # fmt: skip
    done = subprocess.run(command, env=os.environ | {"LC_ALL": "C.UTF-8"}, capture_output=True, text=True)
    reports = [*target.rglob("output.json")]
    if not reports:
        raise LinksFailed((done.stdout + done.stderr).strip())
    return [json.loads(line) for line in reports[0].read_text("utf-8").splitlines()]


def report(links: list[dict]) -> str:
    """Counts by state, then each address that is dead or has moved, with the page that names it."""
    outside = [link for link in links if link["uri"].startswith(("http://", "https://"))]
    counts = Counter(link["status"] for link in outside)
    lines = [f"{counts[state]:6} {words}" for state, words in STATES.items() if counts[state]]
    for state in _TELL:
        for link in sorted((x for x in outside if x["status"] == state), key=lambda x: x["uri"]):
            told = f" → {link['info']}" if state == "redirected" else f" ({link['info']})" if link["info"] else ""
            lines.append(f"{STATES[state]}: {link['uri']}{told} [{link['filename']}]")
    return "\n".join([f"{len(outside)} links to other sites", *lines])


def main() -> int:
    """Report on all outside links; only a link check that could not run is an error."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            print(report(asked(root(), Path(folder))))
        except LinksFailed as err:
            print(f"error: the link check did not run:\n{err}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
