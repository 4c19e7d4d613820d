"""Words that the book's own voice does not use, each with its reason, and where an abbreviation needs no expansion.

Quotations are cut from the article by offsets and never typed, so that none of these words needs an
exception for being quoted. What is said of a word someone uses is listed in `ATTRIBUTED`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Pattern -> why not, and what the book says instead.
LOADED: dict[str, str] = {
    r"\b(?:un)?provoked\b|\bwar of aggression\b|\bspecial military operation\b": "a party's name for the war: say war, or invasion of February 2022",
    r"\bbrutal\w*|\bbarbar\w+|\bheroic\w*|\bevil\b|\bshameful\w*|\boutrageous\w*|\bdisastrous\w*|\bcowardly\b": "an adjective that argues",
    r"\bpuppets?\b|\bjuntas?\b|\bneo-?nazis?\b|\bnazis?\b|\borcs?\b|\bterrorists?\b|\baggressors?\b|\binvaders\b|\boccupiers\b": "a party's name for the other: say who it is",
    r"\bregime\b(?! of)": "of a government it argues, and of sanctions it can be said otherwise: government, sanctions",
    r"\bliberat(?:e[ds]?|ing|ion)\b|\breunif\w+|\breturned to Russia\b": "a party's name for a change of control: say came under the control of",
    r"\bseiz(?:e[ds]?|ing|ures?)\b|\bst(?:eal|ole|olen)\b|\btheft\b|\bloot\w*": "of assets: immobilised, or confiscated where a law did so; of ground: occupied",
    r"\bannex(?:ed|es|ing)\b": "Russia declared it: say declared annexed",
    r"\bseparatists?\b|\brebels?\b|\bpeople's republics?\b": "a party's name: say who it is",
    r"\bcapitulat\w+|\bsurrender\w*|\bappeas\w+|\bsabotag\w+|\bblackmail\w*|\bbull(?:y|ied|ying)\b": "a judgement of conduct: say what was done",
    r"\bpropagand\w+|\bso-called\b|\bclaims? falsely\b|\blies\b(?= about)|\blied\b": "a judgement of speech: say who said what",
    r"\bobviously\b|\bclearly\b|\bof course\b|\bundoubtedly\b|\bneedless to say\b": "asks for assent in place of evidence",
    r"\bunfortunately\b|\bsadly\b|\bsurprisingly\b|\bironically\b|\balarming\w*|\bshocking\w*": "tells the reader what to feel",
    r"\bmassive(?:ly)?\b|\bhuge(?:ly)?\b|\bdramatic(?:ally)?\b|\bstaggering\w*|\bskyrocket\w*|\bplummet\w*": "a size without a number",
    r"\btoday\b|\bnowadays\b|\bcurrently\b|\brecently\b|\bat present\b": "depends on when it is read: give the day",
    r"\bKiev\b|\bOdessa\b|\bKharkov\b|\bLugansk\b|\bZaporozh\w+|\bDnepr\w*|\bNikolaev\b|\bDonbass\b|\bthe Ukraine\b(?! [A-Z]|-)": "romanisation of the United Nations",
}  # fmt: skip

#: Words of the scale of likelihood and their kin: only with a defined sense, or as somebody's word.
LIKELIHOOD = r"\b(?:un)?likely\b|\bprobabl[ey]\b|\bimprobabl[ey]\b|\bperhaps\b|\bmaybe\b|\bpossibly\b|\balmost certain(?:ly)?\b|\bsurely\b|\bcertainly\b|\beven chance\b|\bodds\b"  # fmt: skip

#: Where one of these words may stand, each with its reason.
ATTRIBUTED: dict[str, str] = {
    r"declared[- ]annexed": "the phrase that the book uses",
    r"annexed (?:land|territory)": "the legal subject on which scholars are cited",
    r"[\"“]today[\"”]": "the book says of itself that it does not use the word",
    r"the article calls[^.;]*?likely|article[^.]*calls cooperation[^.;]*?likely": "the article's word, attributed",
    r"the end (?:of|at) (?:this|the) regime": "a legal regime",
    r"[Tt]he article speaks of [\"“]seized[\"”] assets": "the article's word, set against that of the law",
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """A word that should not stand: where, which, why, and the words around it."""

    where: str
    word: str
    why: str
    around: str

    def __str__(self) -> str:
        return f"{self.where}: {self.word!r} in “…{self.around}…”: {self.why}"


def scan(text: str, where: str, rules: dict[str, str] | None = None) -> list[Word]:
    """Words of `rules` (by default `LOADED` and `LIKELIHOOD`) in `text` that no attribution explains."""
    hidden = text
    for allowed in ATTRIBUTED:
        hidden = re.sub(allowed, lambda m: "\0" * len(m[0]), hidden)
    rules = {**LOADED, LIKELIHOOD: "a word for likelihood without a defined sense"} if rules is None else rules
    return [
        Word(where, m[0], why, text[max(0, m.start() - 40) : m.end() + 40].replace("\n", " "))
        for pattern, why in rules.items()
        for m in re.finditer(pattern, hidden, re.IGNORECASE if "Kiev" not in pattern else 0)
    ]


# --- abbreviations ------------------------------------------------------------------------

#: What looks like an abbreviation and needs no expansion, each with its reason.
KNOWN: dict[str, str] = {
    r"US|EU|UK|UN|USA|USSR": "states and unions known by these letters",
    r"USD|EUR|RUB|PLN|GBP": "codes of currencies",
    r"[IVXL]+": "Roman numerals of annexes and chapters",
    r"CSV|PDF|SVG|PNG|HTML|JSON|EPUB|EDTF|RO|GeoJSON|BY|NC|CC|MIT|ODbL|WCAG|AA|ISO|ID|README|DuckDB|JupyterLab|LicenseRef|CITATION|LICENSES": "formats, standards, licences and programs",
    r"A|B|C|D|MS|RES|USC|JD|GeoNames|McDowell|McKenzie|SpaceX|SpaceNews|REPower|OpenSanctions|OpenStreetMap|DeepState|DeepStateMap|OneWeb|TsNIIMash|RKTs|RAO|BryceTech|TechMet|REPowerEU|ClaimReview|EUnews|LIGA|RFE|RL": "names as they are written, and symbols of documents",
    r"AFP|APA|DW|FT|NYT|UKR": "agencies, newspapers and a code as they are cited",
    r"GA|RN": "a symbol of press releases of the United Nations, and part of the names of companies",
    r"GLs|IDs|EOs": "plurals of what is explained",
}  # fmt: skip
ABBREVIATION = re.compile(r"(?<![\w./-])(?:[A-Z]{2,}[a-z]?|[A-Z][a-z]+[A-Z]\w*)(?![\w-])")


def unexplained(text: str, explained: set[str], names: set[str] = frozenset()) -> set[str]:
    """Abbreviations in `text` that are neither in the glossary (`explained`), nor known, nor part of a name."""
    found = set(ABBREVIATION.findall(text))
    return {w for w in found if w not in explained and w not in names and not any(re.fullmatch(k, w) for k in KNOWN)}
