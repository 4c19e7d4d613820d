"""Actors: meetings follow from participants, the grid holds the last statement, and each table has something that turns red."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from conftest import forget, reseal
from defacto import actors, charts, check, crosschecks, data
from defacto.data import load
from defacto.ledger import article

#: A statement that the two codings read differently.
SETTLED = "bessent-e02-20260205"
TEXTS = {"id": "a-b", "title": "A finding", "subtitle": "Measure, unit, period", "sources": ["rfe-20250425"]}
ROWS = pd.DataFrame(
    {
        "event_id": ["E1", "E1", "E2", "E2", "E2", "E3"],
        "actor_id": ["b", "a", "a", "b", "c", "a"],
        "type": "meeting",
        "start": pd.to_datetime(["2025-01-01"] * 2 + ["2025-02-01"] * 3 + ["2025-03-01"]),
    }
)


# --- ties --------------------------------------------------------------------------------


def test_each_event_gives_each_person_one_unit():
    pairs = actors.ties(ROWS)
    assert pairs[["one", "other", "weight"]].values.tolist() == [
        ["a", "b", 1.0],
        ["a", "b", 0.5],
        ["a", "c", 0.5],
        ["b", "c", 0.5],
    ]
    table = actors.centrality(actors.network(pairs))
    assert table["strength"].to_dict() == pytest.approx({"a": 2.0, "b": 2.0, "c": 1.0})


def test_a_chain_has_its_middle_between():
    pairs = pd.DataFrame(
        {"one": ["a", "b"], "other": ["b", "c"], "event_id": ["1", "2"], "start": pd.NaT, "type": "call", "weight": 1.0}
    )
    assert actors.centrality(actors.network(pairs))["between"].to_dict() == {"b": 1.0, "a": 0.0, "c": 0.0}


def test_strength_counts_the_shared_events_of_the_record():
    met = actors.meetings()
    shared = met[met["persons"] > 1].groupby("actor_id")["event_id"].nunique()
    strength = actors.centrality(actors.network(actors.ties(met)))["strength"]
    pd.testing.assert_series_equal(strength.sort_index(), shared.sort_index().astype("float64"), check_names=False)


def test_spread_repeats_and_holds_the_whole_record():
    pairs = actors.ties(actors.meetings())
    one, again = (actors.spread(pairs, draws=20) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    assert (one["strength_low"] <= one["strength_high"]).all() and (
        one["strength_high"] <= one["strength"] + 1e-9
    ).all()
    assert not one.equals(actors.spread(pairs, draws=20, seed=1))
    with pytest.raises(ValueError, match="between zero and one"):
        actors.spread(pairs, share=1.0)


def test_who_is_not_told_apart_from_the_first():
    ranked = pd.DataFrame(
        {"x": [1.0, 3.0, 2.0, 2.5], "x_low": [0.5, 2.0, 1.5, 2.4], "x_high": [1.9, 3.5, 2.0, 2.6]}, index=list("abcd")
    )
    assert actors.leading(ranked, "x").tolist() == ["b", "d", "c"]


def test_contacts_are_counted_from_those_who_took_part():
    table = pd.DataFrame(
        {
            "type": ["call", "meeting", "statement", "visit"],
            "parties": [
                "Russia;United States",
                "Europe;Ukraine;United States",
                "Ukraine;United States",
                "Europe;Ukraine",
            ],
        },
        index=list("abcd"),
    )
    assert actors.contacts(table, "United States", "Ukraine").index.tolist() == ["b"]
    assert actors.contacts(table, "Ukraine").index.tolist() == ["b", "d"]
    everything = actors.events()
    assert set(actors.contacts(everything, "Europe")["track"]) == {"Europe"}


def test_the_week_keeps_its_hours():
    rows = actors.week_rows()
    assert (rows["hour"].isna() == rows["hollow"]).all() and (rows["kind"] == "day only").equals(rows["hollow"])
    assert (rows["start"].dt.strftime("%H:%M") == rows["hour"].fillna("12:00")).all()


def test_letters_statements_and_announced_persons_make_no_tie():
    met = actors.meetings()
    types = load("actors.events").set_index("event_id")["type"]
    assert set(met["event_id"].map(types)) <= set(actors.TOGETHER)
    named = load("actors.participants").query("basis == 'named'")
    assert set(map(tuple, met[["event_id", "actor_id"]].values)) <= set(
        map(tuple, named[["event_id", "actor_id"]].values)
    )


def test_who_never_met():
    pairs = actors.ties(ROWS)
    assert actors.never(pairs, ["c", "a", "d"]) == [("c", "d"), ("a", "d")]
    assert actors.together(pairs, "b", "a")["event_id"].tolist() == ["E1", "E2"]
    counts = actors.contact_counts(pairs, ["a", "b", "d"])
    assert counts.loc["b", "a"] == 2 and counts.loc["d", "b"] == 0 and np.isnan(counts.loc["a", "b"])


# --- tracks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "parties", "lane"),
    [
        ("vote", {"Russia"}, "United Nations"),
        ("strike", {"Ukraine"}, "Battlefield, sanctions"),
        ("meeting", {"Europe", "Ukraine", "United States"}, "Europe"),
        ("meeting", {"Russia", "Ukraine", "United States", "Other"}, "Russia–Ukraine, three-party"),
        ("call", {"Russia", "United States"}, "US–Russia"),
        ("meeting", {"Other", "Ukraine", "United States"}, "US–Ukraine"),
        ("statement", {"Russia"}, "One side, others"),
    ],
)
def test_lane_of_an_event(kind, parties, lane):
    assert actors.track(kind, parties) == lane and lane in actors.TRACKS


@pytest.mark.parametrize(
    ("text", "day"), [("2025-11-25~", "2025-11-25"), ("2025-12-04/2025-12-06", "2025-12-04"), ("2026-06", "2026-06-01")]
)
def test_first_day(text, day):
    assert actors.first_day(text) == pd.Timestamp(day)


# --- positions ---------------------------------------------------------------------------


def test_the_grid_tells_apart_coded_said_and_none():
    grid = actors.grid()
    assert len(grid) == len(actors.GRID) * len(actors.ISSUES) * len(actors.PERIODS)
    assert (grid["found"] == grid["summary"].notna()).all()
    told = {"coded", "said, not coded", "none found"}
    assert set(grid["state"]) - told == set(actors.split_signs(grid)) and told < set(grid["state"])
    codes, state, group = actors.grid_frames(grid)
    assert codes.shape == state.shape == (30, 3) and set(group.values()) == set(actors.ISSUES.values())
    assert codes.notna().equals(state == "coded")


def test_moves_are_last_less_first():
    table = pd.DataFrame(
        {
            "party": "UA",
            "issue_id": ["S01"] * 3 + ["T01"],
            "code": [3.0, np.nan, -2.0, 1.0],
            "date": ["a", "b", "c", "d"],
            "speaker": ["zelensky", "yermak", "yermak", "zelensky"],
            "state": ["coded", "said, not coded", "coded", "coded"],
        }
    )
    moved = actors.moves(table)
    assert moved[["first", "last", "step", "since", "until"]].values.tolist() == [[3.0, -2.0, -5.0, "a", "c"]]
    assert moved[["by", "then"]].values.tolist() == [["zelensky", "yermak"]]


def test_another_government_of_the_three_at_the_end_is_no_change():
    table = pd.DataFrame(
        {
            "party": "E3",
            "issue_id": ["S01", "S01", "S03", "S03"],
            "code": [3.0, 1.0, 0.0, 2.0],
            "date": ["a", "b", "c", "d"],
            "speaker": ["macron", "e3", "starmer", "uk"],
            "state": "coded",
        }
    )
    assert actors.moves(table)["step"].fillna(9).tolist() == [9, 2.0]


def test_whose_words_a_speaker_says():
    said = [("macron", "E3"), ("starmer", "E3"), ("e3", "E3"), ("kallas", "EU"), ("hegseth", "US")]
    assert [actors.voice(*pair) for pair in said] == ["FR", "GB", "E3", "EU", "US"]


def test_steps_of_one_day_are_all_shown():
    split, grid = actors.of_one_day(), actors.grid()
    assert (split.groupby(["party", "issue_id", "date"])["code"].nunique() > 1).all()
    assert split["speaker"].tolist() == ["macron", "starmer"]
    cell = grid[(grid["party"] == "E3") & (grid["issue_id"] == "T01") & (grid["period"] == "week")].iloc[0]
    assert cell["state"] == "Macron 0, Starmer +1, on one day" and np.isnan(cell["code"])
    assert actors.split_signs(grid) == {cell["state"]: "0/+1"}
    moved = actors.moves(grid).query("party == 'E3' and issue_id == 'T01'")
    assert moved[["last", "then"]].values.tolist() == [[0.0, "macron"], [1.0, "starmer"]]
    rows = actors.statement_rows()
    drawn = rows[(rows["panel"] == "Crimea") & (rows["series"] == "Europe") & (rows["date"] == "2025-04-24")]
    assert sorted(drawn["step"]) == [0, 1]
    others = rows[rows["series"] != "Europe"]
    assert not others.duplicated(["panel", "series", "date"]).any()


def test_turning_the_scale_round_changes_nothing(tables):
    before = actors.grid()["code"]
    for table, column in (("actors.positions", "code"), ("deals.poles", "sign")):
        edit(tables, table, lambda f, c=column: f.assign(**{c: [str(-int(v)) if v else v for v in f[c]]}))
    reseal(tables)
    pd.testing.assert_series_equal(actors.grid()["code"], before)


@pytest.mark.parametrize(
    ("date", "period"),
    [
        ("2025-04-16", "before"),
        ("2025-04-17", "week"),
        ("2025-04-26~", "week"),
        ("2025-04-27", "last"),
        ("2024", "before"),
        ("2025-04", "before"),
    ],
)
def test_period_of_a_date(date, period):
    assert crosschecks.grid_period(date) == period


# --- two codings -------------------------------------------------------------------------


def test_statements_are_told_and_texts_are_not():
    table = actors.told()
    assert not set(table["id"]) & crosschecks.POSITIONS_OF_TEXTS
    assert (table["code"].isna() == (table["coded"] == "not coded")).all()
    second = load("actors.positions_second")["id"]
    assert set(table.loc[table["coded"] == "twice", "id"]) <= set(second)
    assert not set(table.loc[table["coded"] == "once", "id"]) & set(second)
    drawn = actors.statement_rows().query("panel == 'Crimea' and series == 'United States'")
    assert "2025-04-17" not in set(drawn["date"].astype(str)) and "2018-07-25" in set(drawn["date"].astype(str))


def test_what_reports_ascribe_is_no_statement():
    table = actors.told().set_index("id")
    assert table.index[table["reported"]].tolist() == sorted(actors.REPORTED)
    assert (table["told"].str.contains("(no statement of its own): ", regex=False) == table["reported"]).all()
    assert not table["day"].str.contains("~").any() and table.at[SETTLED, "day"].startswith("about ")


def test_agreement_of_the_codings():
    found, pairs = actors.coding_agreement(), actors.coded_twice()
    assert found.equal == int((pairs["one"] == pairs["other"]).sum()) and found.cells == len(pairs)
    assert found.low <= found.alpha <= found.high <= 1


def test_each_disagreement_is_told_once_with_its_reason():
    rows, second = actors.disagreements(), load("actors.positions_second")
    differ = second["first"].astype("Float64").fillna(9) != second["second"].astype("Float64").fillna(9)
    assert sorted(rows["id"]) == sorted(second.loc[differ, "id"])
    assert rows["adjudication"].notna().all() and not rows["told"].str.contains("~").any()
    assert (rows["first"] != rows["second"]).all()
    assert all(r.kept in (r.first, r.second) for r in rows.itertuples())
    steps = rows["kind"] == "step"
    assert (rows.loc[steps, ["first", "second"]] != "no code").all(axis=None)
    assert (rows.loc[~steps, ["first", "second"]] == "no code").any(axis=1).all()


def test_spans_of_days_in_words():
    dates = ["2025-04-17", "2025-12-14/2025-12-15", "2025-12-30/2026-01-02", "2026-02~", "2025-05/2025-06"]
    assert [actors._span(d) for d in dates] == [
        "2025-04-17", "2025-12-14 to 15", "2025-12-30 to 2026-01-02", "about 2026-02", "2025-05 to 2025-06"
    ]  # fmt: skip


def test_rows_of_the_events_table():
    table = actors.events()
    rows = actors.event_rows(table, pd.Series("B", index=table.index))
    assert len(rows) == len(table) and not rows["date"].str.contains("/").any()
    calls = rows["type"] == "call"
    assert rows.loc[calls, "told"].str.startswith("Call. ").all()
    assert all(r.told.startswith(f"{r.type.capitalize()}, {r.place}. ") for r in rows[~calls].itertuples())


# --- the article and the votes -----------------------------------------------------------


def test_mentions_recount():
    """Whole words of name, variants and Latin transliterations, longest first; the article as received."""
    for row in load("actors.actors").itertuples():
        forms = {row.name, *str(row.variants or "").split(";"), *str(row.transliterations or "").split(";")} - {
            "",
            "nan",
        }
        forms = sorted((f for f in forms if f.isascii() or f == row.name), key=len, reverse=True)
        hits = [m.start() for m in re.finditer("|".join(rf"(?<!\w){re.escape(f)}(?!\w)" for f in forms), article())]
        assert row.mentions == len(hits), row.actor_id
        assert (pd.isna(row.first_offset) and not hits) or row.first_offset == hits[0], row.actor_id


def test_country_votes_add_up_to_the_published_totals():
    votes = load("actors.votes").set_index("resolution")
    counted = load("actors.votes_by_country").groupby(["resolution", "vote"]).size().unstack(fill_value=0)
    complete = votes.query("complete == 'yes'")
    columns = ["yes", "no", "abstain", "not_voting"]
    assert len(complete) >= 6
    assert (counted.loc[complete.index, columns].to_numpy() == complete[columns].to_numpy()).all()


def test_changed_votes_are_those_that_differ():
    groups = actors.changed_groups("A/RES/ES-11/1", "A/RES/ES-11/7")
    assert (groups["then"] != groups["now"]).all()
    assert groups["members"].sum() == len(actors.changed_sides("A/RES/ES-11/1", "A/RES/ES-11/7"))
    assert "United States of America" in groups[(groups["then"] == "for") & (groups["now"] == "against")]["who"].iloc[0]


def test_the_council_adds_up_to_fifteen():
    council = load("actors.votes_by_country").query("resolution == 'S/RES/2774'")
    assert len(council) == 15 and council["country"].is_unique


# --- a change in each table turns something red ------------------------------------------


def edit(folder, table, change):
    path = folder / data.resource(table)["path"]
    frame = change(data.read_text_table(path.read_bytes(), path.name))
    frame.to_csv(path, index=False, lineterminator="\n")


def put(key, column, value):
    return lambda f: f.assign(**{column: f[column].mask(f[f.columns[0]] == key, value)})


@cache
def typed(content, path):
    """Most tables are the same from test to test."""
    return data.typed_table(content, next(r for r in data.package()["resources"] if r["path"] == path))


def red(folder, table):
    """Messages of all layers that a change of `table` causes, hashes recomputed as an honest editor would."""
    reseal(folder)
    forget()
    tables = {
        r["name"]: typed((folder / r["path"]).read_bytes(), r["path"]).copy() for r in data.package(folder)["resources"]
    }
    res = data.resource(table)
    found = (
        check.schema_violations(res, folder)
        + check.sanity_violations(res, tables[table])
        + check.rule_violations(res, tables[table], tables)
    )
    return [str(v) for v in found + check.cross_violations(tables, table)]


@pytest.mark.parametrize(
    ("table", "change", "word"),
    [
        ("actors.actors", put("kallas", "side", "RU"), "grid"),
        ("actors.roles", put("kallas", "actor_id", "eu"), "holds a role"),
        ("actors.events", put("EV019", "date", "2025-04-26"), "Witkoff and Putin|not on the day"),
        (
            "actors.participants",
            lambda f: f[~((f["event_id"] == "EV019") & (f["actor_id"] == "putin"))],
            "Witkoff and Putin",
        ),
        ("actors.positions", put("trump-s01-20250817", "date", "2025-04-20"), "parts say|last coded"),
        ("actors.position_grid", lambda f: f.iloc[1:], "cell missing"),
        (
            "actors.position_grid",
            lambda f: f.assign(position_id=f["position_id"].shift(1).fillna("")),
            "last coded statement",
        ),
        ("actors.week", put("w08", "date", "2025-04-24"), "out of order|not on the day"),
        ("actors.week", put("w11", "utc", ""), "hour"),
        ("actors.votes", put("A/RES/68/262", "yes", "101"), "membership|total says"),
        (
            "actors.votes_by_country",
            lambda f: f.assign(
                vote=f["vote"].mask((f["country"] == "USA") & (f["resolution"] == "A/RES/ES-11/7"), "yes")
            ),
            "USA",
        ),
        (
            "actors.votes_by_country",
            lambda f: f[~((f["resolution"] == "S/RES/2774") & (f["country"] == "PAN"))],
            "S/RES/2774",
        ),
        ("actors.recognitions", put("Cuba", "recognised", "yes"), "Cuba"),
        ("actors.recognitions", put("Nicaragua", "note", "voted no on ES-11/1"), "Nicaragua"),
        ("actors.recognitions", put("United States", "as_of", "2018-07-24"), "crimea-declaration"),
        ("actors.legal", put("unsc-2774", "context", "US draft, adopted 10-1-4"), "unsc-2774"),
        ("actors.legal", put("unga-68-262", "concept", "UNGA 68/263"), "not among the votes"),
        ("actors.legal", put("crimea-declaration", "definition", "Statement of 24 July 2018"), "24 July"),
        ("actors.events", put("EV147", "title", "UNGA: Return of Ukrainian children, 91-13-57"), "EV147"),
        ("actors.events", lambda f: f[f["event_id"] != "EV148"], "A/RES/80/223"),
        ("actors.positions_second", put(SETTLED, "code", "3"), "kept-is-one|adjudicated one is"),
        ("actors.positions", put(SETTLED, "code", "2"), "adjudicated"),
        ("actors.positions_second", put(SETTLED, "adjudication", ""), "reason-iff-differ"),
    ],
)
def test_a_change_turns_something_red(tables, table, change, word):
    edit(tables, table, change)
    found = red(tables, table)
    assert any(re.search(word, message) for message in found), found


# --- the new kinds of chart --------------------------------------------------------------

NODES = pd.DataFrame({"side": ["United States", "Russia", "Ukraine"]}, index=["A", "B", "C"])
EDGES = pd.DataFrame({"one": ["A", "A"], "other": ["B", "C"], "weight": [2.0, 0.5]})
VOTES = pd.DataFrame(
    {"for": [100, 9], "against": [11, 9]}, index=["2014-03-27\nA subject", "2022-03-02\nAnother subject"]
)


def test_network_tells_its_ties():
    figure = charts.network(NODES, EDGES, **TEXTS)
    assert figure.meta["alt"] == (
        "Network of 3 names and 2 ties. United States: A; Russia: B; Ukraine: C. Heaviest ties: A and B 2.0; A and C 0.5."
    )
    assert figure.picture == charts.network(NODES, EDGES, **TEXTS).picture


@pytest.mark.parametrize(
    ("nodes", "edges", "match"),
    [
        (NODES.iloc[:2], EDGES.iloc[:1], "3 to 30 names"),
        (pd.concat([NODES, NODES]), EDGES, "each once"),
        (NODES, EDGES.assign(other="A"), "does not join"),
        (NODES, EDGES.assign(other="Z"), "does not join"),
        (NODES, EDGES.assign(other="B"), "a pair stands twice"),
        (NODES, EDGES.assign(weight=[1.0, 0.0]), "more than zero"),
        (NODES, EDGES.iloc[:0], "there are ties"),
    ],
)
def test_what_a_network_refuses(nodes, edges, match):
    with pytest.raises(ValueError, match=match):
        charts.network(nodes, edges, **TEXTS)
    with pytest.raises(KeyError, match="no colour"):
        charts.network(NODES.assign(side="Nobody"), EDGES, **TEXTS)


def test_tallies_name_each_subject():
    figure = charts.tallies(VOTES, unit="members", **TEXTS)
    assert figure.meta["alt"] == (
        "Points, in members, one row a vote; the rows are different subjects. 2014-03-27, A subject: 100 for, 11 against; "
        "2022-03-02, Another subject: 9 for, 9 against."
    )


@pytest.mark.parametrize(
    ("frame", "match"),
    [
        (VOTES.iloc[:0], "rows are votes"),
        (pd.concat([VOTES, VOTES]), "each once"),
        (VOTES.rename(columns={"for": "maybe"}), "no answer"),
        (VOTES.assign(against=[np.nan, 1]), "none missing"),
        (VOTES.assign(against=[-1, 1]), "none missing or negative"),
        (VOTES.assign(against=[0.5, 1]), "whole numbers"),
    ],
)
def test_what_tallies_refuse(frame, match):
    with pytest.raises(ValueError, match=match):
        charts.tallies(frame, unit="members", **TEXTS)


def test_paths_let_texts_share_a_day():
    days = pd.to_datetime(["2025-01-01", "2025-01-01", "2025-06-01"])
    rows = pd.DataFrame(
        {"panel": "P", "series": ["Texts", "Texts", "Russia"], "date": days, "step": [1, -1, 0], "text": list("tuv")}
    )
    colours = {"Russia": "Russia", "Texts": "Other"}
    charts.paths(rows, ends=("low", "high"), colours=colours, points=["Texts"], **TEXTS)
    with pytest.raises(ValueError, match="one position a day"):
        charts.paths(rows, ends=("low", "high"), colours=colours, **TEXTS)
    loose = charts.paths(rows, ends=("low", "high"), colours=colours, loose=["Texts"], **TEXTS)
    hollow = charts.paths(rows, ends=("low", "high"), colours=colours, points=["Texts"], **TEXTS)
    assert loose.frame.equals(hollow.frame) and loose.picture != hollow.picture
