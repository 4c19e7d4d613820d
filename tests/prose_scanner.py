"""Finds numbers typed into prose: digits and number words outside names, dates and citations."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"

#: What may hold a digit or a number word in prose, each with its reason.
NAMES: dict[str, str] = {
    rf"\b\d{{1,2}}(?:[–-]\d{{1,2}})? {MONTH}(?: (?:19|20)\d\d)?\b": "a date",
    rf"\b{MONTH} (?:19|20)\d\d\b": "a month",
    r"\b(?:E\.O\.|Executive Orders?) \d{5}(?:, \d{5})*(?: and \d{5})?\b": "US executive orders",
    r"\b20\d\d/\d{1,4}(?:/[A-Z]{2,4})?\b": "an EU act",
    r"\bRegulations? (?:\(EU\) )?(?:No )?\d{2,4}/20\d\d\b": "an EU act",
    r"\b\d{2,4}/2014\b": "an EU act",
    r"\b(?:Decision|Regulation) (?:\(CFSP\) |\(EU\) )?20\d\d/\d+\b": "an EU act",
    r"\bES-11/\d\b": "a UN resolution",
    r"\b(?:resolution|Resolution) (?:A/RES/)?\d{1,4}(?:/\d{1,3})?\b": "a UN resolution",
    r"\b(?:sections?|Sections?|Articles?|article|Annex(?:es)?|paragraph|point|chapter) \d+[a-z]{0,3}(?:\(\d+\))?\b": "a place in a legal text",
    r"\bGeneral Licen[cs]es? \d+[A-Z]?\b": "an OFAC licence",
    r"\bRD-18[01]\b": "an engine",
    r"\b(?:Falcon 9|Soyuz-2|Soyuz MS-\d+|Crew-\d+|Atlas V|LVM3|Antares 230|GSAT-\d+)\b": "a vehicle or mission",
    r"\bISO 3166(?:-[123])?\b|\bISO 8601\b|\bUTF-8\b|\bCC BY(?:-NC)? 4\.0\b|\bMIT\b|\bPython 3\.\d+\b|\bH3\b|\bPDF/UA(?:-1)?\b": "a standard",
    r"\bICD 203\b|\bClaimReview\b|\bWCAG 2\.2\b": "a standard",
    r"\bG7\b|\bE3\b|\bEU-27\b|\bGroup of Seven\b|\bNormandy Four\b": "a group of states",
    r"\b[Tt]wo clocks\b|\bfirst clock\b|\bsecond clock\b|\b[Tt]wo verdicts\b|\bblind second coding\b|\bsecond coding\b": "names of the method",
    r"\btwo relays of one dispatch are one origin\b": "a rule of the method",
    r"\b(?:[Tt]hird|[Ss]econd) (?:countries|country|parties|party|states|World War|coder|mapper|reading)\b": "a set phrase",
    r"\bsecond-hand\b|\bthird-party\b|\bfirst-hand\b|\bat first\b|\bfirst of all\b|\bin the first place\b": "a set phrase",
    r"\bone side(?:'s)?\b|\bone another\b|\bno one\b|\beach one\b": "a pronoun",
    r"\b(?:28|24|20|19|12|10)-point\b|\btwenty-eight points\b": "the name of a text",
}  # fmt: skip

WORDS = (
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|halved"
    r"|thirds?|quarters?|fifths?|tenths?|twice|thrice|doubled?|doubles|tripled?|triples|threefold|tenfold"
    r"|second|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b"
)


@dataclass(frozen=True)
class Found:
    """A number in prose: where, and the words around it."""

    where: str
    number: str
    around: str

    def __str__(self) -> str:
        return f"{self.where}: {self.number!r} in “…{self.around}…”"


def scan(text: str, where: str) -> list[Found]:
    """Digits and number words in `text` that no name pattern explains."""
    hidden = text
    for pattern in NAMES:
        hidden = re.sub(pattern, lambda m: "\0" * len(m[0]), hidden)
    hits = re.finditer(rf"[0-9¼½¾⅓⅔][0-9.,]*|{WORDS}", hidden, re.IGNORECASE)
    return [Found(where, m[0], text[max(0, m.start() - 40) : m.end() + 40].replace("\n", " ")) for m in hits]


def markdown_text(source: str) -> str:
    """Markdown without what is not prose: labels, directives, code, link targets, footnote marks."""
    source = re.sub(r"^---\n.*?\n---\n", "", source, flags=re.DOTALL)
    source = re.sub(r"^```.*?^```\s*$", "", source, flags=re.DOTALL | re.MULTILINE)
    source = re.sub(r"^\([a-z0-9-]+\)=$", "", source, flags=re.MULTILINE)
    source = re.sub(r"`[^`]*`", "", source)
    return re.sub(r"\]\([^)]*\)", "]", source)


#: Calls whose texts a reader sees, and which of their arguments are text.
TEXT_ARGUMENTS = ("title", "subtitle", "notes", "unit", "caption", "label")


def code_texts(source: str) -> list[str]:
    """Texts for readers in a code cell: templates of `say` and `holds`, titles, notes, labels, headers."""
    texts: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        shown = [node.args[0]] if name in ("say", "holds") and node.args else []
        shown += [k.value for k in node.keywords if k.arg in TEXT_ARGUMENTS]
        if name in ("say", "holds"):
            shown += [k.value for k in node.keywords if k.arg not in ("when", "cite")]
        for value in shown:
            texts += _literals(value)
    return texts


def _literals(node: ast.AST) -> list[str]:
    """Literal text in an expression, without the inside of calls and places to be filled."""
    if isinstance(node, ast.Constant):
        return [re.sub(r"\{[^}]*\}", "", node.value)] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [v.value for v in node.values if isinstance(v, ast.Constant)]
    if isinstance(node, ast.BinOp):
        return _literals(node.left) + _literals(node.right)
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return []
