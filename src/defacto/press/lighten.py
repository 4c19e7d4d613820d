"""Takes from the finished site what no page needs: scripts, rules, glyphs and files of the theme.

The theme brings a framework for every kind of page. What stays is decided by the pages
themselves: a rule whose classes no page and no script names goes, an icon font keeps the icons
that are left, and a file that nothing names is not shipped.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import tinycss2

#: Written into the theme's own templates: a script that weighs more than the rest of a page, for icons
#: that its font draws as well; blocks for services the book does not use; the view port told three times.
_UNWANTED = [
    re.compile(r'<script defer src="[^"]*fontawesome[^"]*"></script>\s*'),
    re.compile(r'<script type="text/x-thebe-config">.*?</script>\s*', re.DOTALL),
    re.compile(r"<script>\s*const thebe[^<]*</script>\s*"),
    re.compile(r'<div class="sidebar-primary-item">\s*<div id="ethical-ad-placement".*?</div>\s*</div>', re.DOTALL),
    re.compile(r'<meta name="viewport" content="width=device-width, initial-scale=1" ?/>\s*'),
    re.compile(r'<meta name="docsearch:[^>]*>\s*'),
]
#: Scripts of extensions: kept only if a page has what they serve.
_ON_DEMAND = {
    "togglebutton": re.compile(r'class="(?:[^"]* )?(?:toggle[ "]|admonition [^"]*dropdown)'),
    "design-tabs": re.compile(r'class="(?:[^"]* )?sd-tab'),
    "clipboard|copybutton": re.compile(r'<div class="highlight"'),
}  # fmt: skip
#: For searching while typing, which the book leaves off: the search page has its own copy.
_SEARCH = re.compile(r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>\s*')


def lighten(html: Path) -> None:
    """Slim the built site under `html` in place; the same pages give the same bytes."""
    pages = {p: p.read_text("utf-8") for p in sorted(html.rglob("*.html")) if "_static" not in p.parts}
    for path, text in pages.items():
        for unwanted in _UNWANTED:
            text = unwanted.sub("", text)
        pages[path] = text if path.name == "search.html" else _SEARCH.sub("", text)
    whole = "".join(pages.values())
    for names, need in _ON_DEMAND.items():
        if not need.search(whole):
            for path, text in pages.items():
                pages[path] = _without(text, names)
    static = html / "_static"
    scripts = "".join(p.read_text("utf-8", errors="replace") for p in sorted(static.rglob("*.js")))
    used = set(re.findall(r"[\w-]+", " ".join(re.findall(r'(?:class|id)="([^"]*)"', whole)) + scripts))
    for sheet in sorted(static.rglob("*.css")):
        slim = purged(sheet.read_text("utf-8"), used)
        slim = re.sub(r",\s*url\([^)]*\.ttf\"?\) ?format\(\"truetype\"\)", "", slim)
        sheet.write_text(slim, "utf-8")
        mark = f"{sheet.name}?v={hashlib.sha256(slim.encode()).hexdigest()[:8]}"
        link = re.compile("(?<=/)" + re.escape(sheet.name) + r"(?:\?[\w=&;]*)?(?=\")")
        for path, text in pages.items():
            pages[path] = link.sub(mark, text)
            if not slim.strip():
                pages[path] = re.sub(rf'<link [^>]*href="[^"]*{re.escape(mark)}"[^>]*>\s*', "", pages[path])
    for path, text in pages.items():
        # The start page bears the name of the book, not twice.
        path.write_text(re.sub(r"<title>(.*?) &#8212; \1</title>", r"<title>\1</title>", text), "utf-8")
    for script in static.rglob("*.js"):
        text = script.read_text("utf-8")
        if "sourceMappingURL" in text:
            script.write_text(re.sub(r"\n?//# sourceMappingURL=\S+", "", text), "utf-8")
    for path in [*static.rglob("*.map"), *static.rglob("*.ttf")]:
        path.unlink()
    _icons(static)
    _sweep(html)


def _without(text: str, names: str) -> str:
    """A page without the scripts of those names, and the settings written for them."""
    text = re.sub(rf'<script [^>]*src="[^"]*(?:{names})[^"]*"></script>\s*', "", text)
    text = re.sub(rf'<link [^>]*href="[^"]*(?:{names})[^"]*"[^>]*>\s*', "", text)
    return re.sub(r"<script>(?:let|var) toggle[^<]*</script>\s*", "", text) if "togglebutton" in names else text


def purged(css: str, used: set[str]) -> str:
    """Style sheet text without comments and without rules for classes and ids that are not in `used`."""
    return _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), used)


def _rules(rules: list, used: set[str]) -> str:
    out = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [s for s in _selectors(rule.prelude) if _needed(s, used)]
            if kept:
                out.append(f"{','.join(kept)}{{{_squeezed(rule.content)}}}")
        elif rule.type == "at-rule" and rule.content is not None:
            prelude = tinycss2.serialize(rule.prelude).strip()
            if rule.lower_at_keyword in ("media", "supports", "layer", "container"):
                inner = _rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), used)
                if inner:
                    out.append(f"@{rule.at_keyword} {prelude}{{{inner}}}")
            else:
                out.append(f"@{rule.at_keyword} {prelude}{{{_squeezed(rule.content)}}}")
        elif rule.type == "at-rule":
            out.append(f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()};")
    return "\n".join(out)


def _selectors(prelude: list) -> list[str]:
    parts: list[list] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(p).strip() for p in parts]


def _needed(selector: str, used: set[str]) -> bool:
    plain = re.sub(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)", "", selector)
    plain = re.sub(r"\[[^\]]*\]", "", plain)
    return all(name.replace("\\", "") in used for name in re.findall(r"[.#]((?:[\w-]|\\.)+)", plain))


def _squeezed(content: list) -> str:
    return re.sub(r"\s+", " ", tinycss2.serialize([t for t in content if t.type != "comment"])).strip()


def _icons(static: Path) -> None:
    """Cut the icon font down to the icons that the remaining rules draw."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    css = "".join(p.read_text("utf-8") for p in sorted(static.rglob("*.css")))
    codes = {ord(char) for char in css if 0xE000 <= ord(char) <= 0xF8FF}
    for path in sorted((static / "vendor" / "fontawesome" / "webfonts").glob("*.woff2")):
        options = subset.Options(flavor="woff2", notdef_outline=True, hinting=False, desubroutinize=True)
        font = TTFont(path, recalcTimestamp=False)
        cut = subset.Subsetter(options)
        cut.populate(unicodes=codes)
        cut.subset(font)
        font.flavor = "woff2"
        font.save(path)


def _sweep(html: Path) -> None:
    """Remove files under ``_static`` that no page, style sheet or script names, until none is left."""
    static = html / "_static"
    while True:
        texts = [
            p.read_text("utf-8", errors="replace")
            for p in [*html.rglob("*.html"), *static.rglob("*.css"), *static.rglob("*.js")]
        ]
        named = set(re.findall(r"[\w.-]+\.\w+", "\n".join(texts)))
        idle = [p for p in static.rglob("*") if p.is_file() and p.name not in named]
        for path in idle:
            path.unlink()
        if not idle:
            break
    for folder in sorted((p for p in static.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
