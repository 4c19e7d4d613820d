"""Deal terms: agreement, distances, moves and common ground by hand-made codings; no sign carries a sentence."""

import ast
import functools
import json

import nbformat
import numpy as np
import pandas as pd
import pytest

from conftest import forget, reseal
from defacto import charts, crosschecks, deals, prose
from defacto import tables as table_exit
from defacto.data import DataError, load
from defacto.press.render import control

#: NATO membership, and who leaves land outside Donbas and Crimea.
NATO, SWAPPED = "S01", "T11"
CODINGS = ["provisions", "provisions_first", "provisions_second", "provisions_heldout"]


def pairs(*cells):
    """Pairs of codes as `both_coded` gives them: (proposal, one, other)."""
    rows = [(p, f"X{i:02d}", float(a), float(b)) for i, (p, a, b) in enumerate(cells)]
    return pd.DataFrame(rows, columns=["proposal_id", "issue_id", "one", "other"])


def made(codes, sides, dates, strength=2):
    """`Terms` from issue -> codes by text, with the side and day of each text."""
    frame = pd.DataFrame(codes, index=list(sides)).T.astype("float64")
    proposals = pd.DataFrame({"side": sides, "date": dates, "label": list(sides)}, index=list(sides))
    issues = pd.DataFrame({"label": frame.index, "group": "territory"}, index=frame.index)
    return deals.Terms(frame, frame.notna().replace({True: "coded", False: "unseen"}), frame.notna() * strength,
                       issues, proposals)  # fmt: skip


# --- agreement ---------------------------------------------------------------------------


def test_alpha_at_its_fixed_points():
    assert deals.alpha(pairs(("P", -3, -3), ("P", 0, 0), ("P", 2, 2))) == 1
    assert deals.alpha(pairs(("P", -3, 3), ("P", 3, -3))) < 0
    assert np.isnan(deals.alpha(pairs(("P", 1, 1), ("P", 1, 1)))) and np.isnan(deals.alpha(pairs(("P", 1, 2))))


def test_alpha_is_ordinal_and_blind_to_the_sign():
    near, far = (pairs(("P", -3, -3), ("P", 3, 3), ("P", 0, x)) for x in (1, 3))
    assert deals.alpha(near) > deals.alpha(far)
    turned = near.assign(one=-near["one"], other=-near["other"])
    assert deals.alpha(turned) == pytest.approx(deals.alpha(near))


def test_agreement_counts_and_repeats_itself():
    cells = pairs(("A", -3, -3), ("A", 0, 1), ("B", 2, 2), ("B", 3, 1), ("C", -1, -1), ("C", 1, 1))
    found = deals.agreement(cells, draws=200)
    assert (found.cells, found.equal, found.within_one) == (6, 4, 5) and found.exact == pytest.approx(2 / 3)
    assert found.low <= found.alpha <= found.high and found == deals.agreement(cells, draws=200)
    assert np.isnan(deals.agreement(cells[cells["proposal_id"] == "A"]).low)


def test_only_cells_coded_by_both_are_compared():
    one = pd.DataFrame(
        {"proposal_id": "P", "issue_id": ["A", "B"], "coding_status": ["coded", "silent"], "code": [1, None]}
    )
    assert len(deals.both_coded(one, one)) == 1


# --- distances ---------------------------------------------------------------------------

CODES = pd.DataFrame(
    {"P": [-3, 0, 1, 2], "Q": [-3, 2, 1, np.nan], "R": [3, np.nan, np.nan, 2]}, index=list("abcd"), dtype=float
)


def test_distance_of_a_pair():
    found = deals.distances(CODES, least=3, draws=100).iloc[0]
    assert (found["one"], found["other"], found["issues"], found["equal"]) == ("P", "Q", 3, 2)
    assert found["mean"] == pytest.approx(2 / 3) and found["median"] == 0
    assert (found["drop_low"], found["drop_high"]) == (0, 1) and found["low"] <= found["mean"] <= found["high"]


def test_pairs_with_few_shared_issues_are_left_out():
    assert len(deals.distances(CODES, least=3)) == 1 and len(deals.distances(CODES, least=2)) == 2


def test_weights_and_groups():
    weights = pd.Series({"a": 0, "b": 1, "c": 1, "d": 1})
    assert deals.mean_gap(deals.gaps(CODES, "P", "Q"), weights) == 1
    assert np.isnan(deals.mean_gap(deals.gaps(CODES, "P", "Q"), weights * 0))
    even = deals.equal_groups(pd.DataFrame({"group": ["x", "x", "x", "y"]}, index=list("abcd")), CODES)
    assert even.groupby(["x", "x", "x", "y"]).sum().tolist() == pytest.approx([1, 1])


def test_nearest_keeps_the_order_of_ties_and_drops_thin_pairs():
    found = deals.nearest(CODES, "P", ["R", "Q"], least=2)
    assert list(found["text"]) == ["Q", "R"] and list(found["issues"]) == [3, 2]
    assert list(deals.nearest(CODES, "P", ["R", "Q"], least=3)["text"]) == ["Q"]


def test_like_with_like_uses_the_same_issues_for_all():
    codes = pd.DataFrame({"T": [1, -2, 0], "ru": [-3, -3, -3], "ua": [3, 3, np.nan]}, index=list("abc"), dtype=float)
    found = deals.like_with_like(codes, ["T"], {"Russia": "ru", "Ukraine": "ua"}, draws=50).loc["T"]
    assert (found["issues"], found["Russia"], found["Ukraine"], found["lean"]) == (2, 2.5, 3.5, -1)
    assert (found["drop_low"], found["drop_high"]) == (-4, 2)


def test_square_and_its_triangle():
    table = deals.square(deals.distances(CODES, least=2, draws=5), "mean", list("PQR"))
    assert table.loc["P", "Q"] == table.loc["Q", "P"] and np.isnan(table.loc["P", "P"])
    assert list(deals.square(deals.distances(CODES, least=2, draws=5), "mean", ["P", "Q"])) == ["P", "Q"]
    kept, why = deals.lower(table)
    assert kept.shape == (2, 2) and why.loc["Q", "Q"] == "mirrored" and np.isnan(kept.loc["R", "Q"])


# --- moves and common ground -------------------------------------------------------------

SIDES = {
    "u1": "Ukraine",
    "r1": "Russia",
    "us": "United States",
    "u2": "Ukraine and Europe",
    "r2": "Russia",
    "uu": "United States and Ukraine",
}
DATES = {
    "u1": "2024-01-01",
    "r1": "2024-02-01",
    "us": "2025-01-01",
    "u2": "2026-01-01",
    "r2": "2026-02-01",
    "uu": "2026-03-01",
}
TERMS = made(
    {"a": {"u1": 3, "r1": -3, "us": 0, "u2": 1, "r2": -2, "uu": -3}, "b": {"u1": 0, "r1": -1, "u2": 2, "r2": 2}},
    SIDES,
    DATES,
)


def test_texts_of_a_side():
    assert TERMS.of("Ukraine") == ["u1", "u2"] and TERMS.of("Russia", since="2025-01-01") == ["r2"]
    assert TERMS.of("Ukraine", joint=["United States and Ukraine"]) == ["u1", "u2", "uu"]
    assert TERMS.of("Ukraine", also=["us"], without=["u1"]) == ["us", "u2"]


def test_moved_towards_the_other_side_is_plus():
    assert deals.moved(TERMS, "Ukraine", "2025-01-01")["steps"].to_dict() == {"a": 2, "b": -2}
    assert deals.moved(TERMS, "Russia", "2025-01-01")["steps"].to_dict() == {"a": 1, "b": 3}
    assert deals.moved(TERMS, "Russia", "2025-01-01", strength=3).empty
    assert deals.moved(TERMS, "Russia", "2025-01-01", without=["r2"]).empty
    assert deals.moved(TERMS, "Ukraine", "2025-01-01", also=["us"])["steps"]["a"] == -1


def test_common_ground_takes_the_least_demanding_texts():
    ground = deals.common_ground(TERMS, "2025-01-01")
    assert ground["gap_before"].to_dict() == {"a": 6, "b": 1} and ground["gap_after"].to_dict() == {"a": 3, "b": 0}
    assert deals.common_ground(TERMS, "2025-01-01", ["United States and Ukraine"])["gap_after"]["a"] == -1
    assert deals.common_ground(TERMS, "2025-01-01", also=["us"])["gap_before"]["a"] == 3
    assert deals.common_ground(TERMS, "2025-01-01", without=["r2"])["gap_after"].isna().all()


def test_issues_that_a_side_never_spoke_of():
    quiet = made({"a": {"u1": 3, "us": 0}, "b": {"r1": -1, "uu": 1}}, SIDES, DATES)
    assert deals.unspoken(quiet) == {"Russia": ["a"], "Ukraine": ["b"]}


def test_both_cuts_stand_beside_each_other():
    cut = deals.both_moved(deals.terms(), ["2025-04-22", "2025-04-23"])
    assert cut.loc["T01", ["steps_Ukraine_0", "steps_Ukraine_1"]].tolist() == [2, 0]
    assert cut.loc["T01", "steps_Russia"] == 1 and cut.loc["T01", "by_Russia"] == "Terms after Anchorage"


# --- the stored tables -------------------------------------------------------------------


def test_ends_must_lie_opposite():
    with pytest.raises(DataError, match="must lie opposite"):
        deals.orientation(pd.DataFrame({"side": ["Russia", "Ukraine"], "sign": [1, 1]}))


def test_terms_hold_every_cell_and_every_label_once():
    found = deals.terms()
    assert found.status.notna().all().all() and found.codes.notna().equals(found.status == "coded")
    assert found.proposals["date"].is_monotonic_increasing and found.issues["label"].is_unique
    assert set(deals.SERIES) | {"third party"} >= set(found.proposals["side"]) and set(deals.APART) <= set(found.codes)
    assert set(found.issues["group"]) == set(deals.GROUPS)


def test_the_status_words_are_those_of_the_table():
    states = load("deals.oblast_terms")
    assert set(states["term"]) <= set(deals.STATES) and set(states["unit_iso"]) == set(deals.LAYOUT)
    assert len({letter for letter, _ in deals.STATES.values()}) == len(deals.STATES)


def test_words_of_the_key_stand_for_one_status_each():
    shown = [deals.STATE_WORDS.get(word, word) for word in deals.STATES]
    assert set(deals.STATE_WORDS) <= set(deals.STATES) and len(set(shown)) == len(deals.STATES)


def test_choices_name_what_changes():
    ways = deals.choices(deals.terms(), ["2025-04-22", "2025-04-23"])
    assert ways.loc["Istanbul communiqué as Ukraine's", "on_before"] == [NATO] and ways["met_before"].sum() == 1
    assert ways.loc["Without terms reported orally", ["Russia_0", "Russia_1", "met_after"]].tolist() == [0, 0, 0]
    swap = ways.loc["Without withdrawals offered in exchange only"]
    assert SWAPPED not in swap["on_after"] and SWAPPED in ways.iloc[0]["on_after"]
    joint, alone = ways.loc["Texts with the United States as Ukraine's too"], ways.iloc[0]
    assert joint["Ukraine_1"] > alone["Ukraine_1"] and joint["met_after"] > alone["met_after"]


@pytest.mark.parametrize(
    ("text", "issue", "code", "choice", "column"),
    [
        ("UA_RU_IST22_COMM", "S01", "1", "Istanbul communiqué as Ukraine's", "met_before"),
        ("EU_12PT25", "E02", "1", "As counted in this chapter", "met_after"),
        ("RU_ALASKA25", "T06", "0", "Without withdrawals offered in exchange only", "met_after"),
        ("RU_MEMO25", "P01", "-1", "Without terms reported orally", "Russia_1"),
    ],
)
def test_choices_follow_the_codes(tables, text, issue, code, choice, column):
    before = deals.choices(deals.terms(), ["2025-04-22", "2025-04-23"]).loc[choice, column]

    def change(frame):
        frame.loc[(frame["proposal_id"] == text) & (frame["issue_id"] == issue), "code"] = code

    edit(tables, "provisions", change)
    reseal(tables)
    assert deals.choices(deals.terms(), ["2025-04-22", "2025-04-23"]).loc[choice, column] != before


def test_a_run_without_the_issues_of_us_interest():
    found, pair = deals.terms(), ("US_28PT", "E3_COUNTER25")
    row = deals.robustness(found, [pair], deals.distances(found.codes, draws=5)).iloc[0]
    gap = deals.gaps(found.codes, *pair)
    assert row["without"] == pytest.approx(gap.drop(deals.US_INTERESTS, errors="ignore").mean()) != row["mean"]


@pytest.mark.parametrize(
    ("values", "text"), [([0.1, 0.149565], "0.2"), ([0.5], "0.5"), ([0.2, 0.30000000000000004], "0.3"), ([0.0], "0.0")]
)
def test_a_bound_is_rounded_up(values, text):
    assert deals.at_most(values) == text and float(text) >= max(values) - 1e-6


def test_lead_sources_are_the_best_graded():
    cells = load("deals.provisions")
    chosen = deals.lead_sources(cells, ["COAL_PARIS26", "US_WITKOFF25"])
    assert list(deals.registry().loc[chosen, "grade"]) == ["A", "B"]


@pytest.mark.parametrize(
    ("table", "key", "column", "value", "check"),
    [
        ("provisions", ("US_WITKOFF25", "S01"), "code", -3, "codes_follow_the_codings"),
        ("provisions", ("US_28PT", "T02"), "code", -1, "oblast_status_follows_the_codes"),
        ("provisions", ("US_AXIOS25", "E02"), "code", -1, "held_out_coding_agrees"),
        ("provisions", ("E3_COUNTER25", "S05"), "code", -1, "force_caps_fit_the_codes"),
        ("provisions", ("UA_LETTER26", "E01"), "coding_status", "silent", "every_cell_is_coded_by_the_rules"),
        ("provisions", ("US_UA_MINERALS25", "E01"), "code", -2, "every_cell_is_coded_by_the_rules"),
    ],
)  # fmt: skip
def test_a_wrong_code_breaks_a_check(table, key, column, value, check):
    found = {name: load(name, unverified=True) for name in ["deals.proposals", "deals.issues", "deals.adjudications",
             "deals.oblast_terms", "deals.numbers", *(f"deals.{c}" for c in CODINGS)]}  # fmt: skip
    run = getattr(crosschecks, check)
    assert run(found) == []
    broken = found[f"deals.{table}"].set_index(["proposal_id", "issue_id"])
    broken.loc[key, column] = value
    assert run(found | {f"deals.{table}": broken.reset_index()})


def edit(folder, name, change):
    path = folder / "deals" / f"{name}.csv"
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    change(frame)
    frame.to_csv(path, index=False, lineterminator="\n")


def test_another_code_changes_the_figures(tables):
    before = deals.grid(deals.terms(), ["territory"])["frame"]

    def change(frame):
        frame.loc[(frame["proposal_id"] == "US_WITKOFF25") & (frame["issue_id"] == "T01"), "code"] = "-3"

    edit(tables, "provisions", change)
    reseal(tables)
    after = deals.grid(deals.terms(), ["territory"])["frame"]
    assert (before.fillna(9) != after.fillna(9)).to_numpy().sum() == 1


# --- no sentence hangs on a sign ----------------------------------------------------------


def spoken(project, monkeypatch) -> list[str]:
    """Every sentence, title, subtitle and note of the chapter, from its cells run in this process without drawing."""
    said = []
    real = prose.holds

    def holds(template, when=None, **values):
        said.append(real(template, when, **values))
        return said[-1]

    def drawn(*args, **kinds):
        said.extend(str(kinds.get(part, "")) for part in ("id", "title", "subtitle", "notes"))

    monkeypatch.setattr(prose, "holds", holds)
    for kind in ("bars", "dumbbell", "heat", "paths", "tiles"):
        monkeypatch.setattr(charts, kind, drawn)
    monkeypatch.setattr(table_exit, "table", drawn)
    for name in ("agreement", "distances", "like_with_like"):
        monkeypatch.setattr(deals, name, functools.partial(getattr(deals, name), draws=200))
    space: dict = {}
    for cell in nbformat.read(project / "notebooks" / "02_deals.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            exec(compile(tree, cell.id, "exec"), space)
    monkeypatch.undo()
    return said


def turn_signs(folder):
    """The same codings with all signs turned round: codes, anchors and ends."""

    def minus(column):
        return column.map(lambda v: v and str(-int(v)))

    for name in CODINGS:
        edit(folder, name, lambda f: f.update(f[["code"]].apply(minus)))
    edit(folder, "adjudications", lambda f: f.update(f[["first_code", "second_code", "decision_code"]].apply(minus)))
    edit(folder, "poles", lambda f: f.update(f[["sign"]].apply(minus)))
    swap = {f"anchor_{a}{n}": f"anchor_{b}{n}" for n in (1, 2, 3) for a, b in ("mp", "pm")}
    edit(folder, "issues", lambda f: f.update(f[list(swap)].rename(columns=swap)))
    reseal(folder)


def test_turning_all_signs_round_changes_no_sentence(project, tables, monkeypatch):
    folder = str(tables)
    straight = spoken(project, monkeypatch)
    monkeypatch.setenv("DEFACTO_DATA", folder)
    turn_signs(tables)
    assert deals.orientation() == -1
    turned = spoken(project, monkeypatch)
    forget()
    assert len(straight) > 100 and turned == straight


# --- the control on the page ---------------------------------------------------------------


def test_the_control_holds_the_published_codes():
    found = deals.terms()
    data = deals.what_if(found, {"Russia": "RU_MEMO25", "Ukraine": "UA_MEMO25"})
    text = next(t for t in data["texts"] if t["id"] == "US_28PT")
    steps = [np.nan if c == deals.UNCODED else deals.STEPS.index(c) - 3 for c in text["codes"]]
    assert np.array_equal(steps, found.codes["US_28PT"].to_numpy(), equal_nan=True)
    assert [data["groups"][int(g)] for g in data["issues"]] == list(found.issues["group"])


def test_the_control_cannot_close_its_script():
    assert (
        "</script>"
        not in control("x", {"kind": "whatif", "t": "</script>"}).astext().split(">", 2)[2].split("</script></div>")[0]
    )


def listed(page):
    return page.eval_on_selector_all(
        ".defacto-whatif tbody tr", "rows => rows.map(r => [...r.children].map(c => c.textContent))"
    )


def expected(found, ends, weights):
    rows = []
    for end in ends.values():
        near = deals.nearest(found.codes, end, found.codes.columns, weights).head(5)
        rows += [[found.proposals.at[r.text, "label"], f"{r.distance:.2f}", str(r.issues)] for r in near.itertuples()]
    return rows


def test_the_page_computes_what_the_library_computes(project, browser):
    found, ends = deals.terms(), {"Russia": "RU_MEMO25", "Ukraine": "UA_MEMO25"}
    page = browser.new_page()
    page.set_content(control("what-if", deals.what_if(found, ends)).astext())
    assert not page.is_visible(".defacto-whatif")
    page.add_script_tag(content=(project / "book/_static/whatif.js").read_text("utf-8"))
    assert page.is_visible(".defacto-whatif")
    assert listed(page) == expected(found, ends, None)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    weights = dict.fromkeys(deals.GROUPS, 1) | {deals.GROUPS[0]: 0, deals.GROUPS[1]: 2}
    assert listed(page) == expected(found, ends, found.issues["group"].map(weights).astype("float64"))
    page.get_by_role("button").press("Enter")
    assert listed(page) == expected(found, ends, None)
    page.close()


def test_the_static_default_stands_in_the_notebook(project):
    book = nbformat.read(project / "notebooks" / "02_deals.ipynb", as_version=4)
    output = next(c for c in book.cells if c.id == "whatif").outputs[0]["data"]
    meta = output["application/vnd.defacto.figure+json"]
    assert json.dumps(meta["control"], sort_keys=True) == json.dumps(
        deals.what_if(deals.terms(), meta["control"]["ends"]), sort_keys=True
    )
