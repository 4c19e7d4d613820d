"""Keep one open issue: its title, a sentence, and files whose last lines it shows. Uses what a workflow has: its token
and the address of the host.

An open issue of that title is rewritten; if it says the same already, nothing is done.
"""

import json
import os
import re
import sys
import urllib.request

LIMIT = 60_000  # characters; the host's own limit is a little above


def body(words: str, texts: list[str], limit: int = LIMIT) -> str:
    """`words`, and each text as code: all of it, or as many of its last lines as `limit` leaves room for."""
    left, shown = limit - len(words) - 1, {}
    for count, text in zip(
        range(len(texts), 0, -1), sorted(texts, key=len), strict=True
    ):  # what a short one leaves, a long one has
        # The fence is longer than any in the text, so that none in it ends the code.
        fence = "`" * max(3, 1 + max((len(ticks) for ticks in re.findall("`+", text)), default=0))
        room, lines = left // count - 2 * len(fence) - 4, text.rstrip("\n").split("\n")
        while len(lines) > 1 and sum(len(line) + 1 for line in lines) > room:
            del lines[: -(-len(lines) // 50)]
        lines[0] = lines[0][: max(room, 0)]
        shown[text] = "\n".join([fence, *lines, fence])
        left -= len(shown[text]) + 2
    return "\n\n".join([words, *(shown[text] for text in texts)]) + "\n"


def ask(path: str, method: str = "GET", **fields):
    """The host's answer on the issues of this repository."""
    request = urllib.request.Request(
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues{path}",
        method=method,
        data=json.dumps(fields).encode() if fields else None,
        headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def keep(title: str, text: str) -> str:
    """Open the issue, or rewrite the open one; says what was done."""
    for issue in ask("?state=open&per_page=100"):
        if issue["title"] == title and "pull_request" not in issue:
            if issue["body"] == text:
                return f"as it was: {issue['html_url']}"
            return "rewritten: " + ask(f"/{issue['number']}", "PATCH", body=text)["html_url"]
    return "opened: " + ask("", "POST", title=title, body=text)["html_url"]


if __name__ == "__main__":
    title, words, *paths = sys.argv[1:]
    texts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read())
    print(keep(title, body(words, [text for text in texts if text.strip()])))
