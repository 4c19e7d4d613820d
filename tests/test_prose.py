"""Computed sentences: numbers are formatted, assertions are conditions."""

import pytest

from defacto import prose


def test_a_sentence_holds_or_stops_the_build():
    assert prose.holds("{a} is more than {b}", when=2 > 1, a="2", b="1") == "2 is more than 1"
    with pytest.raises(prose.BrokenClaim, match="no longer support this sentence: 1 is more than 2"):
        prose.holds("{a} is more than {b}", when=1 > 2, a="1", b="2")


@pytest.mark.parametrize(
    ("values", "match"), [({"n": 3}, "'n' is a int; format it"), ({"n": "3", "m": "4"}, "'m' has no place")]
)
def test_values_are_formatted_and_used(values, match):
    with pytest.raises(TypeError, match=match):
        prose.holds("{n} launches", **values)


def test_a_missing_value_never_becomes_text():
    with pytest.raises(ValueError, match="missing"):
        prose.num(float("nan"))


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (prose.num(1234567), "1,234,567"), (prose.num(-3.456, 1), "−3.5"), (prose.num(-0.2), "0"), (prose.num(0.25, 1, signed=True), "+0.2"),
        (prose.percent(0.7741), "77\u00a0%"), (prose.percent(0.7741, 1), "77.4\u00a0%"),
        (prose.count(1, "launch", "launches"), "1 launch"), (prose.count(17, "attempt"), "17 attempts"),
        (prose.day("2025-04-23"), "23 April 2025"),
        (prose.ordinal(3), "third"), (prose.ordinal(11), "11th"), (prose.ordinal(22), "22nd"),
        (prose.fraction(0.55), "half"), (prose.fraction(0.67), "two thirds"), (prose.fraction(0.9), "90\u00a0%"),
        (prose.listing(["a"]), "a"), (prose.listing(["a", "b"]), "a and b"), (prose.listing(["a", "b", "c"]), "a, b and c"),
    ],
)  # fmt: skip
def test_formats(shown, text):
    assert shown == text


def test_a_sentence_carries_its_sources():
    sentence = prose.say("{n} launches.", cite=["j-mcdowell-20251130"], n="7")
    bundle = sentence._repr_mimebundle_()
    assert bundle["text/markdown"].startswith("7 launches. ([") and "](#source-j-mcdowell-20251130))" in str(sentence)
