"""A pytest plugin: nbval compares pictures too, where their bytes are reproducible.

nbval skips PNG and compares SVG; both depend on the same drawing code, so both follow one
rule here. On the reference interpreter (Python 3.11 on Linux, x86-64) all pictures are
compared; elsewhere numpy resolves to another version and only text and data are.
"""

import platform
import sys

REFERENCE = sys.version_info[:2] == (3, 11) and platform.system() == "Linux" and platform.machine() == "x86_64"


def pytest_report_header():
    """Say which rule is in force: a skipped comparison is never silent."""
    return "pictures: compared" if REFERENCE else "pictures: not compared (not the reference platform, Python 3.11)"


def pytest_collection_modifyitems(items):
    """Set the types that nbval skips, once a notebook."""
    for item in items:
        if hasattr(item.parent, "skip_compare"):
            kept = tuple(k for k in item.parent.skip_compare if not k.startswith("image/"))
            item.parent.skip_compare = kept if REFERENCE else (*kept, "image/png", "image/svg+xml")
