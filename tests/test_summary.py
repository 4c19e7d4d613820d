"""The summary: quantities and terms on both clocks are what the tables say, and releases keep them."""

import re

import pandas as pd
import pytest

from conftest import reseal
from defacto import __version__, claims, crosschecks, summary, territory
from defacto.data import load, package, read_text_table
from defacto.deals import APART
from defacto.deals import terms as deal_terms
from defacto.press.extension import bundles

CHAPTERS = {"Territory", "Deal terms", "Sanctions", "Actors", "Space", "Starlink", "Claims"}


@pytest.fixture(scope="module")
def main():
    return summary.by_id()


def test_quantities_have_names_days_sources_and_a_place(main):
    anchors = {f"{'table' if d[m]['kind'] == 'table' else 'fig'}-{name}" if "kind" in d[m] else f"fig-{name}"
               for name, d in bundles().items() for m in d if m.endswith("figure+json")}  # fmt: skip
    sources = set(load("sources")["id"])
    assert len(main) == len(summary.quantities()) >= 20
    assert {q.chapter for q in main.values()} == CHAPTERS
    for q in main.values():
        assert q.anchor in anchors, f"{q.id}: no figure or table {q.anchor}"
        assert (q.sources or q.now == 0) and set(q.sources) <= sources, q.id
        assert re.fullmatch(r"\d{4}(-\d\d){0,2}", q.then_day) and q.then_day <= f"{summary.CLOCK:%Y-%m-%d}", q.id
        assert q.then_day <= q.now_day <= summary.data_cut(), q.id
        assert q.unit in summary.UNITS and not q.of or len(q.of) == 2 and q.then <= q.of[0] and q.now <= q.of[1], q.id


def test_shares_follow_from_areas(main):
    """Recomputed from the daily table alone: occupied area over official area of the four oblasts."""
    daily, units = load("territory.control_daily"), load("territory.units").set_index("unit_iso")
    four = [u for u in units.index if str(units.at[u, "annexation_declared"]).startswith("2022")]
    q = main["annexed-held-deepstate"]
    for day, value in ((q.then_day, q.then), (q.now_day, q.now)):
        rows = daily[(daily["source"] == "deepstate") & (daily["date"] == day) & daily["unit_iso"].isin(four)]
        assert value == pytest.approx(100 * rows["occupied_km2"].sum() / units.loc[four, "official_km2"].sum())
    assert q.now_day == f"{daily.loc[daily['source'] == 'deepstate', 'date'].max():%Y-%m-%d}"


def test_counts_follow_from_their_tables(main):
    ships = load("sanctions.vessels_by_date")
    early = ships[ships["applies_from"] <= summary.CLOCK]
    assert (main["eu-ships"].then, main["eu-ships"].now) == (early["vessels"].sum(), ships["vessels"].sum())
    packages = load("sanctions.packages").query("adoption == 'adopted' and number.notna()")
    assert main["eu-packages"].now == packages["number"].max() == len(packages)
    people, events = load("actors.participants").query("basis == 'named'"), load("actors.events").set_index("event_id")
    both = set(people.loc[people["actor_id"] == "trump", "event_id"]) & set(
        people.loc[people["actor_id"] == "putin", "event_id"]
    )
    kept = events.loc[sorted(both)].query("type in ['call', 'meeting', 'visit']")
    assert main["contacts-trump-putin"].now == len(kept)
    assert main["contacts-trump-putin"].then == (kept["date"].str[:10] <= "2025-04-23").sum()
    flown = load("space.cross_flights").query("flight_status == 'flown'")
    assert main["crossed-flights"].now == len(flown)


def test_claims_are_counted_on_both_clocks(main):
    facts = claims.claims().query("type == 'fact'")
    q = main["facts-holding"]
    assert (q.then, q.now) == tuple(
        facts[c].isin(["supported", "mostly supported"]).sum() for c in ("verdict_known", "verdict_since")
    )
    foretold = claims.claims().query("type == 'forecast'")
    q = main["forecasts-decided"]
    assert (q.then, q.now) == tuple((foretold[c] != "forecast-open").sum() for c in ("verdict_known", "verdict_since"))
    assert 0 < q.then <= q.now < len(foretold)


def test_the_article_is_no_party_that_proposes(main):
    rows = load("space.proposals").query("involves_spacex == 'yes'")
    own = rows["proposed_by"] == "the article under review"
    assert own.any() and main["spacex-deals-signed"].of[1] == (~own).sum()


@pytest.mark.parametrize(
    ("then", "now", "unit", "of", "shown", "difference"),
    [
        (77.26, 80.51, "percent", (), ("77.3\u00a0%", "80.5\u00a0%"), "+3.2 points"),
        (23262, 19727, "km2", (), ("23,262\u00a0km²", "19,727\u00a0km²"), "−3,535\u00a0km²"),
        (0, 0, "count", (), ("0", "0"), "none"),
        (0, 2, "count", (12, 21), ("0 of 12", "2 of 21"), "–"),
        (35, 36, "count", (46, 46), ("35 of 46", "36 of 46"), "+1"),
        (60, 44.1, "USD a barrel", (), ("60.0\u00a0USD", "44.1\u00a0USD"), "−15.9\u00a0USD"),
    ],
)  # fmt: skip
def test_values_as_the_book_writes_them(then, now, unit, of, shown, difference):
    q = summary.Quantity("a", "Claims", "x", unit, then, "2025", now, "2026", "fig-a", ("s",), of)
    assert (q.shown("then"), q.shown("now")) == shown and q.difference == difference


@pytest.mark.parametrize(("iso", "text"), [("2025-04-22", "22 April 2025"), ("2026-06", "June 2026"), ("2024", "2024")])
def test_days_as_the_book_writes_them(iso, text):
    assert summary.dated(iso) == text


def test_terms_are_those_of_the_latest_text():
    """No other text of the side codes the issue later on the same clock; paraphrases are those of the cell."""
    deal, table = deal_terms(), summary.terms()
    cells = load("deals.provisions").set_index(["proposal_id", "issue_id"])
    ids = deal.proposals.reset_index().set_index("label")["proposal_id"]
    assert set(table["issue_id"]) == set(summary.CORE) and len(table) > 15
    for row in table.itertuples():
        for when in ("then", "now"):
            text = getattr(row, f"text_{when}")
            coded = cells.xs(row.issue_id, level="issue_id").query("coding_status == 'coded'").index.difference(APART)
            mine = deal.proposals.loc[coded]
            mine = mine[mine["side"].isin(summary.SIDES[row.side])]
            mine = mine[(mine["date"] <= "2025-04-23") == (when == "then")]
            if pd.isna(text):
                assert mine.empty, (row.issue_id, row.side, when)
            else:
                assert mine["date"].max() == getattr(row, f"day_{when}"), (row.issue_id, row.side, when)
                assert cells.at[(ids[text], row.issue_id), "paraphrase"] == getattr(row, f"words_{when}")


def test_rows_lead_to_their_figures_and_sources():
    known = set(load("sources")["id"])
    for rows, column in ((summary.quantity_rows(), "what"), (summary.term_rows(), "issue")):
        assert rows[column].str.fullmatch(r"\[[^\]]+\]\(#(fig|table)-[a-z0-9-]+\)").all()
        without = rows["sources"] == ""
        assert (column == "issue" or rows.loc[without, "now"].str.startswith("0,").all()) and not (
            column == "issue" and without.any()
        )
        assert set(summary.cited(rows)) <= known


def test_the_reach_of_each_topic():
    ends = summary.reach().set_index("topic")
    assert ends.at["Claims", "last"] == f"{claims.claims()['since_as_of'].max():%Y-%m-%d}"
    gathered = [
        r["documented_to"].rstrip("~?") for r in package()["resources"] if "." in r["name"] and r["origin"] != "own"
    ]
    assert ends["last"].max() == summary.data_cut() == max(gathered)


def test_the_releases_hold_what_this_version_computes():
    """Run `python -m defacto.summary --release` and `make check` when a headline figure changed on purpose."""
    kept = load("releases").query("version == @__version__")
    now = summary.release_rows(f"{kept['released'].iloc[0]:%Y-%m-%d}")
    stored = kept.assign(
        value=kept["value"].map("{:.6g}".format),
        data_cut=kept["data_cut"].dt.strftime("%Y-%m-%d"),
        released=kept["released"].dt.strftime("%Y-%m-%d"),
    )
    pd.testing.assert_frame_equal(
        stored.reset_index(drop=True).astype("object"), now.assign(value=now["value"].astype(float).map("{:.6g}".format)).astype("object")
    )  # fmt: skip


def test_a_changed_value_shows_in_the_release_and_other_versions_stay(tables):
    path = tables / "sanctions/vessels_by_date.csv"
    text = path.read_text("utf-8")
    last = text.rstrip("\n").split("\n")[-1]
    cells = last.split(",")
    cells[4] = str(int(cells[4]) + 7)
    path.write_text(text.replace(last, ",".join(cells)), "utf-8")
    releases = tables / "releases.csv"
    header, *body = releases.read_text("utf-8").rstrip("\n").split("\n")
    own = [line for line in body if line.startswith(__version__)]
    earlier = sorted({line.split(",")[0] for line in body} - {__version__})
    releases.write_text("\n".join([header, own[0].replace(__version__, "0.0.9", 1), *body, ""]), "utf-8")
    reseal(tables)
    before = load("releases").set_index(["version", "quantity", "clock"])["value"]
    assert summary.write_release("2026-11-30") == len(own)
    after = read_text_table(releases.read_bytes(), "releases.csv")
    assert list(after["version"].unique()) == ["0.0.9", *earlier, __version__] and len(after) == len(body) + 1
    now = after.set_index(["version", "quantity", "clock"])["value"].astype(float)
    key = (__version__, "eu-ships", "now")
    assert now[key] == before[key] + 7 and (now.drop(key) == before.drop(key)).all()


def test_the_day_of_the_maps_is_the_article_s():
    assert summary.MAPS == territory.ARTICLE_DAY


@pytest.mark.parametrize(
    ("line", "match"),
    [
        (lambda t: t.replace(",eu-ships,now,672,count", ",eu-ships,now,672,km", 1), "not one value on either clock"),
        (lambda t: re.sub(r"(,eu-ships,then,[^,]*,[^,]*,)[^,]*", r"\g<1>2026-01-01", t, count=1), "do not fit the clocks"),
        (lambda t: t.replace("2026-11-25\n", "2026-11-26\n", 1), "more than one day of release"),
    ],
)  # fmt: skip
def test_a_broken_record_of_releases_is_found(tables, line, match):
    path = tables / "releases.csv"
    text = path.read_text("utf-8")
    broken = line(text)
    assert broken != text
    path.write_text(broken, "utf-8")
    reseal(tables)
    assert any(match in f for f in crosschecks.releases_are_whole({"releases": load("releases")}))


def test_a_broken_glossary_is_found(tables):
    path = tables / "glossary.csv"
    path.write_text(path.read_text("utf-8").replace(",OFAC,legal,OFAC,", ",OFAK,legal,NATO,", 1), "utf-8")
    reseal(tables)
    found = crosschecks.terms_are_found_by_their_forms({"glossary": load("glossary")})
    assert any("'NATO' belongs to two" in f for f in found) and any("'OFAK' is none" in f for f in found)


def test_the_program_prints_each_quantity_on_both_clocks(capsys):
    assert summary.main([]) == 0
    for quantity, line in zip(summary.quantities(), capsys.readouterr().out.splitlines(), strict=True):
        told = [f"{quantity.shown('then')} ({quantity.then_day})", f"{quantity.shown('now')} ({quantity.now_day})"]
        assert line.startswith(quantity.id) and line.endswith(quantity.what)
        assert line.index(told[0]) < line.rindex(told[1])
