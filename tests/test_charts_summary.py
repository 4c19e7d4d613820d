"""Charts of the summary and of the sources: what they refuse, what they say in words, the same bytes every time."""

import pandas as pd
import pytest

from defacto import charts

TEXTS = {"id": "a-b", "title": "A finding", "subtitle": "Measure", "sources": ["j-mcdowell-20251130"]}
COUNTS = pd.DataFrame({"supported": [30, 0], "mixed": [2, 1]}, index=["Facts", "Readings"])
PAIRS = pd.DataFrame({"then": [1.0, 0.0], "now": [2.0, 5.0], "then_text": ["1 km", "0"], "now_text": ["2 km", "5"]}, index=["Way", "Calls"])  # fmt: skip
SHARES = pd.DataFrame({"own": [3, 0], "other": [1, 4]}, index=["One", "Two"])


def signs(frame=COUNTS, **changes):
    return charts.signs(frame, **({"unit": "claims", "symbols": {"supported": "●", "mixed": "◑"}} | TEXTS | changes))


def then_now(frame=PAIRS, **changes):
    return charts.then_now(frame, **({"clocks": ("then", "since")} | TEXTS | changes))


def shares(frame=SHARES, **changes):
    return charts.shares(frame, **({"unit": "sources"} | TEXTS | changes))


def test_signs_count_every_item():
    made = signs()
    assert "Facts: 32, of which 30 supported, 2 mixed; Readings: 1, of which 1 mixed" in made.meta["alt"]
    svg = made.picture.decode()
    assert svg.count('aria-label="●"') == 31 and svg.count('aria-label="◑"') == 5  # each item, and one in each legend
    assert made.picture == signs().picture != signs(COUNTS.replace(30, 29)).picture


@pytest.mark.parametrize(
    ("frame", "match"),
    [
        (COUNTS.rename(columns={"mixed": "maybe"}), "each word has a colour"), (COUNTS.iloc[:0], "groups stand once"),
        (COUNTS * -1, "whole numbers"), (COUNTS + 0.5, "whole numbers"), (COUNTS.mul([1, 0], axis=0), "is empty"),
        (COUNTS.rename(index={"Readings": "Facts"}), "groups stand once"),
    ],
)  # fmt: skip
def test_signs_refuse(frame, match):
    with pytest.raises(ValueError, match=match):
        signs(frame)


def test_then_now_says_both_values():
    made = then_now()
    assert "Way: 1 km, 2 km; Calls: 0, 5" in made.meta["alt"]
    assert made.picture == then_now().picture != then_now(PAIRS.assign(then=[1.5, 0.0])).picture


@pytest.mark.parametrize(
    ("frame", "match"),
    [
        (PAIRS.assign(then=[-1.0, 0.0]), "not negative"), (PAIRS.assign(now=[None, 5.0]), "not negative"),
        (PAIRS.assign(now=[2.0, 0.0]), "nothing to draw"), (PAIRS.rename(index={"Calls": "Way"}), "stands once"),
    ],
)  # fmt: skip
def test_then_now_refuses(frame, match):
    with pytest.raises(ValueError, match=match):
        then_now(frame)


def test_shares_say_their_counts():
    made = shares()
    assert "One: own 3, other 1, of 4; Two: own 0, other 4, of 4" in made.meta["alt"]
    svg = made.picture.decode()
    assert 'aria-label="75\u00a0%"' in svg and made.picture == shares().picture != shares(SHARES + 1).picture


@pytest.mark.parametrize(
    ("frame", "match"),
    [
        (SHARES * 0, "not empty"), (SHARES - 5, "not negative"), (SHARES.rename(index={"Two": "One"}), "stand once"),
        (pd.DataFrame([[1] * 5], columns=list("abcde"), index=["x"]), "at most"),
    ],
)  # fmt: skip
def test_shares_refuse(frame, match):
    with pytest.raises(ValueError, match=match):
        shares(frame)
