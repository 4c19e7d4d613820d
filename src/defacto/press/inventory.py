"""The software the book is made with: every locked package with its licence, for a page and for machines."""

from __future__ import annotations

import re
from importlib import metadata

import pandas as pd

from defacto.data import root

#: Licences in classifiers end in their name: ``License :: OSI Approved :: MIT License``.
_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?(.+)$")


def locked() -> dict[str, str]:
    """Packages of ``requirements.lock`` that this interpreter has installed: name -> version."""
    text = (root() / "requirements.lock").read_text("utf-8")
    found = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE):
        try:
            if metadata.version(name) == version:
                found[name] = version
        except metadata.PackageNotFoundError:
            continue  # a package for another platform or interpreter
    return found


def licence(name: str) -> str:
    """Licence of an installed package as its own metadata state it: the SPDX expression, else classifiers, else its words."""
    about = metadata.metadata(name)
    if about.get("License-Expression"):
        return about["License-Expression"]
    classified = [
        m[1] for c in about.get_all("Classifier") or [] if (m := _CLASSIFIER.match(c)) and m[1] != "OSI Approved"
    ]
    if classified:
        return "; ".join(dict.fromkeys(classified))
    words = (about.get("License") or "").strip().splitlines()
    return words[0].strip()[:80] if words else "not stated"


def packages() -> pd.DataFrame:
    """Locked and installed packages by name: ``package``, ``version``, ``licence``, and ``direct`` (named in pyproject)."""
    named = set(
        re.findall(r'^    "([A-Za-z0-9._-]+)[=>]=', (root() / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    )
    rows = [[name, version, licence(name), name in named] for name, version in sorted(locked().items())]
    return pd.DataFrame(rows, columns=["package", "version", "licence", "direct"])
