"""Computed sentences: text whose numbers come from data, and whose claims are conditions.

`say` publishes a sentence as Markdown. Its template holds no digits: every number is a
value passed in. What it asserts (more, fell, first) is a condition passed in too: when the
data break it, `BrokenClaim` stops the build and names the sentence.
"""

from __future__ import annotations

import string
from collections.abc import Iterable

import pandas as pd

from defacto.ledger import citation


class BrokenClaim(AssertionError):
    """A title or sentence asserts what the data no longer say."""


class Sentence:
    """A paragraph of Markdown; shows as text in JupyterLab, in the book and in the PDF.

    Text out of a table opens no tag, whatever stands in it: sentences hold no HTML. Nor do they
    hold code: a backtick could open a role, which the book would carry out.
    """

    def __init__(self, markdown: str):
        self.markdown = markdown.replace("<", "&lt;").replace("`", "'")

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/markdown": self.markdown, "text/plain": self.markdown}

    def __str__(self) -> str:
        return self.markdown


def holds(template: str, when: bool | None = None, **values) -> str:
    """`template` filled with `values`, if the condition `when` is true.

    Parameters
    ----------
    template
        Text with ``{name}`` places, without digits of its own.
    when
        What the words assert, as a condition on the data; None if they assert nothing
        beyond the numbers they show.
    values
        Text for the places: formatted numbers (`num`, `percent`, `day` …), names, citations.

    Raises
    ------
    BrokenClaim
        If `when` is given and is not true; the message is the sentence itself.
    TypeError
        If a value is a bare number: its format would be left to chance.
    """
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"value {name!r} is a {type(value).__name__}; format it first (num, percent, day, …)")
    unused = set(values) - {field for _, field, _, _ in string.Formatter().parse(template) if field}
    if unused:
        raise TypeError(f"value {sorted(unused)[0]!r} has no place in the sentence: {template}")
    text = template.format(**values)
    if when is not None and not bool(when):
        raise BrokenClaim(f"the data no longer support this sentence: {text}")
    return text


def say(template: str, when: bool | None = None, cite: Iterable[str] = (), **values) -> Sentence:
    """Publish a computed sentence (see `holds`), followed by citations of the sources `cite`."""
    cited = [link(source) for source in cite]
    return Sentence(" ".join([holds(template, when, **values)] + ([f"({'; '.join(cited)})"] if cited else [])))


def link(source_id: str) -> str:
    """A citation as a Markdown link to the entry on the sources page: ``[publisher, date](#source-id)``."""
    return f"[{citation(source_id)}](#source-{source_id})"


def num(value: float, digits: int = 0, signed: bool = False) -> str:
    """A number with thousands separators and a true minus sign: ``1,234``, ``−3.5``.

    Raises
    ------
    ValueError
        If the value is missing.
    """
    if pd.isna(value):
        raise ValueError("a missing value cannot be shown as a number")
    # Adding zero turns -0.0 into 0.0, so that no sentence says "minus zero".
    text = f"{round(float(value), digits) + 0.0:{'+' if signed else ''},.{digits}f}"
    return text.replace("-", "−")


def percent(share: float, digits: int = 0) -> str:
    """A share of one as per cent: ``0.774`` gives ``77 %`` (with a no-break space)."""
    return f"{num(100 * share, digits)}\u00a0%"


def count(value: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: ``1 launch``, ``17 launches`` (plural by default: + ``s``)."""
    return f"{num(value)} {singular if value == 1 else plural or singular + 's'}"


def day(date) -> str:
    """A date in full, as the book writes it: ``23 April 2025``."""
    date = pd.Timestamp(date)
    return f"{date.day} {date.strftime('%B %Y')}"


_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]


def ordinal(rank: int) -> str:
    """A rank in words up to ten (``third``), in figures beyond (``11th``).

    Raises
    ------
    ValueError
        If the rank is not a positive whole number.
    """
    if rank != int(rank) or rank < 1:
        raise ValueError(f"{rank} is not a rank")
    rank = int(rank)
    if rank <= len(_ORDINALS):
        return _ORDINALS[rank - 1]
    suffix = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{suffix}"


_FRACTIONS = {1 / 4: "a quarter", 1 / 3: "a third", 1 / 2: "half", 2 / 3: "two thirds", 3 / 4: "three quarters"}


def fraction(share: float, within: float = 0.06) -> str:
    """A share of one as a common fraction in words (``half``) if one lies `within`, else as per cent."""
    near = min(_FRACTIONS, key=lambda f: abs(f - share))
    return _FRACTIONS[near] if abs(near - share) <= within else percent(share)


def listing(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
