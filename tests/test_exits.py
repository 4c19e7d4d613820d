"""The exits to the letter: what a table and a sentence publish, and what a refusal says."""

import pandas as pd
import pytest

from defacto import ledger, prose, tables
from defacto.figures import MIME

FRAME = pd.DataFrame({"name": ["a", "b"], "n": [1234.5, None], "day": ["2025-04-23", None]})
COLUMNS = {"name": ("Name", "text"), "n": ("N, km2", "num1"), "day": ("Day", "day")}
GIVEN = {"id": "t-1", "title": "T", "subtitle": "S", "sources": ["x"]}


def test_the_whole_bundle_of_a_table():
    made = tables.table(FRAME, columns=COLUMNS, notes="N", control={"kind": "rows", "noun": "things", "filter": ["day"]}, **GIVEN)  # fmt: skip
    bundle = made._repr_mimebundle_()
    columns = [
        {"name": "name", "header": "Name", "format": "text", "align": "left"},
        {"name": "n", "header": "N, km2", "format": "num1", "align": "right"},
        {"name": "day", "header": "Day", "format": "day", "align": "right"},
    ]
    want = {"id": "t-1", "kind": "table", "title": "T", "subtitle": "S", "notes": "N", "sources": ["x"], "columns": columns,
            "control": {"kind": "rows", "noun": "things", "filter": [2]}}  # fmt: skip
    assert {k: bundle[MIME][k] for k in want} == want
    assert bundle["text/csv"] == "name,n,day\na,1234.5,2025-04-23\nb,,\n"
    assert bundle["text/plain"] == "T (2 rows)"
    assert bundle["text/html"] == (
        "<table><caption><b>T</b><br>S</caption><thead><tr>"
        '<th scope="col" style="text-align:left">Name</th><th scope="col" style="text-align:right">N, km2</th>'
        '<th scope="col" style="text-align:right">Day</th></tr></thead><tbody>\n'
        '<tr><th scope="row" style="text-align:left">a</th><td style="text-align:right">1,234.5</td>'
        '<td style="text-align:right">2025-04-23</td></tr>\n'
        '<tr><th scope="row" style="text-align:left">b</th><td style="text-align:right">–</td>'
        '<td style="text-align:right">–</td></tr>\n</tbody></table>'
    )
    assert tables.table(FRAME, columns=COLUMNS, **GIVEN).meta["notes"] == ""


@pytest.mark.parametrize(
    ("frame", "changes", "match"),
    [
        (FRAME, {"id": "T 1"}, r"^table 'T 1': an id is lower-case words joined by hyphens$"),
        (FRAME, {"subtitle": " "}, "^table 't-1': title, subtitle and a source are needed$"),
        (FRAME.head(0), {}, "^table 't-1': 0 rows, between 1 and 2000 can be shown$"),
        (pd.concat([FRAME] * 1001), {}, "^table 't-1': 2002 rows, between 1 and 2000 can be shown$"),
        (FRAME, {"columns": {"n": ("N", "roman")}}, "^unknown format 'roman': one of day, .*num0, num1, num2"),
    ],
)
def test_a_table_says_what_it_refuses(frame, changes, match):
    with pytest.raises(ValueError, match=match):
        tables.table(frame, **({"columns": COLUMNS} | GIVEN | changes))


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (1234.56, "num0", "1,235"), (1234.56, "num2", "1,234.56"), (-1.25, "num1", "−1.2"), (2, "signed0", "+2"),
        (-2.34, "signed1", "−2.3"), (0.04, "signed1", "0.0"), (0.06, "signed1", "+0.1"), (-0.4, "signed0", "0"),
        (1.0, "signed0", "+1"), (0.774, "percent0", "77\u00a0%"), (0.7746, "percent1", "77.5\u00a0%"), (1, "percent0", "100\u00a0%"),
        (float("nan"), "percent1", "–"), (pd.NaT, "day", "–"), (2025, "year", "2025"), ("x", "text", "x"),
        (pd.Timestamp("2025-04-23"), "day", "2025-04-23"),
    ],
)  # fmt: skip
def test_every_format_of_a_cell(value, how, text):
    assert tables.cell(value, how) == text


def test_a_sentence_to_the_letter():
    said = prose.say("{a} of {b}.", when=True, a="One", b="two")
    assert said._repr_mimebundle_() == {"text/markdown": "One of two.", "text/plain": "One of two."}
    assert str(said) == said.markdown == "One of two."
    assert prose.Sentence("a < b, `c`").markdown == "a &lt; b, 'c'"


def test_citations_follow_a_sentence(project):
    first, second = ledger.registry().index[:2]
    said = prose.say("So.", cite=[first, second]).markdown
    assert said == f"So. ([{ledger.citation(first)}](#source-{first}); [{ledger.citation(second)}](#source-{second}))"


@pytest.mark.parametrize("when", [False, 0, pd.NA is None])
def test_what_a_sentence_refuses(when):
    with pytest.raises(prose.BrokenClaim, match=r"^the data no longer support this sentence: More: two\.$"):
        prose.say("More: {n}.", when=when, n="two")
    with pytest.raises(TypeError, match=r"^value 'n' is a int; format it first"):
        prose.holds("More: {n}.", n=2)
    with pytest.raises(TypeError, match=r"^value 'm' has no place in the sentence: More\.$"):
        prose.holds("More.", m="two")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: prose.num(1234.5), "1,234"), (lambda: prose.num(-0.04, 1), "0.0"), (lambda: prose.num(2, signed=True), "+2"), (lambda: prose.num(-2, 1), "−2.0"),
        (lambda: prose.percent(0.774), "77\u00a0%"), (lambda: prose.percent(0.7746, 1), "77.5\u00a0%"), (lambda: prose.count(1, "row"), "1 row"),
        (lambda: prose.count(1700, "row"), "1,700 rows"), (lambda: prose.count(0, "entry", "entries"), "0 entries"),
        (lambda: prose.day("2025-04-03"), "3 April 2025"), (lambda: prose.ordinal(1), "first"), (lambda: prose.ordinal(10), "tenth"),
        (lambda: prose.ordinal(11), "11th"), (lambda: prose.ordinal(21), "21st"), (lambda: prose.ordinal(22), "22nd"), (lambda: prose.ordinal(23), "23rd"),
        (lambda: prose.ordinal(24), "24th"), (lambda: prose.ordinal(111), "111th"), (lambda: prose.ordinal(112), "112th"), (lambda: prose.ordinal(113), "113th"),
        (lambda: prose.ordinal(101), "101st"), (lambda: prose.fraction(0.5), "half"), (lambda: prose.fraction(0.35), "a third"), (lambda: prose.fraction(0.3, 0.01), "30\u00a0%"),
        (lambda: prose.fraction(0.7), "two thirds"), (lambda: prose.fraction(0.76), "three quarters"), (lambda: prose.fraction(0.25), "a quarter"),
        (lambda: prose.fraction(0.95), "95\u00a0%"), (lambda: prose.listing(["a"]), "a"), (lambda: prose.listing(iter("ab")), "a and b"),
        (lambda: prose.listing("abc"), "a, b and c"),
    ],
)  # fmt: skip
def test_numbers_and_words(made, text):
    assert made() == text


@pytest.mark.parametrize("rank", [0, -1, 1.5])
def test_no_rank(rank):
    with pytest.raises(ValueError, match=f"^{rank} is not a rank$"):
        prose.ordinal(rank)


def test_a_missing_value_is_no_number():
    with pytest.raises(ValueError, match="^a missing value cannot be shown as a number$"):
        prose.num(float("nan"))


@pytest.mark.parametrize(
    ("gap", "word"),
    [(0, "supported"), (2, "supported"), (-2, "supported"), (2.01, "mostly supported"), (-5, "mostly supported"),
     (5.01, "mixed"), (10, "mixed"), (-10.01, "wrong as written")],
)  # fmt: skip
def test_the_rule_for_quantities(gap, word):
    assert ledger.quantity_verdict(gap) == word
    assert ledger.quantity_verdict(gap / 2, 0.5) == word


def test_quotes_are_slices_of_the_article(project):
    from defacto.data import DataError, load

    claim = load("claims.claims").iloc[0]
    assert ledger.quote(claim["id"]) == ledger.article()[claim["start"] : claim["end"]]
    with pytest.raises(DataError, match=r"^claims/claims\.csv: no claim 'C999'$"):
        ledger.quote("C999")
    with pytest.raises(DataError, match=r"^sources\.csv: no source 'nobody'$"):
        ledger.citation("nobody")
