"""Open an issue: title and a file with its text. Uses what a workflow has: its token and address of the host."""

import json
import os
import sys
import urllib.request

title, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    body = file.read()[:60_000]  # the host's limit is a little above
request = urllib.request.Request(
    f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues",
    data=json.dumps({"title": title, "body": body}).encode(),
    headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"},
)
with urllib.request.urlopen(request, timeout=60) as answer:
    print(json.load(answer)["html_url"])
