"""The claims ledger: its rules turn red, its counts re-add, its text is cut from the seed, its files are valid."""

import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from defacto import claims, crosschecks
from defacto.charts import argument
from defacto.data import DataError, load, typed_table
from defacto.figures import MIME, VERDICTS, contrast
from defacto.ledger import article, quantity_verdict
from defacto.press import ledgerpages

NEEDED = ["claims.claims", "claims.evidence", "claims.alterations", "claims.sentences", "claims.forecasts", "claims.links",
          "claims.scale", "claims.reviews", "sources", "territory.control_daily", "territory.units", "actors.events",
          "actors.participants"]  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return {name: load(name, unverified=True) for name in NEEDED}


def red(tables, name, change) -> str:
    """What the cross-checks say after `change` edited a copy of one table."""
    frame = tables[name].copy()
    frame = change(frame) if callable(change) else frame
    after = tables | {name: frame}
    found = []
    for check in crosschecks.CHECKS:
        if set(check.tables) <= set(after) and name in check.tables:
            found += [f"{check.id}: {text}" for text in check.run(after)]
    return "\n".join(found)


def put(row, column, value):
    def change(frame):
        frame.loc[frame.iloc[:, 0] == row, column] = value
        return frame

    return change


def drop(row):
    return lambda frame: frame[frame.iloc[:, 0] != row].reset_index(drop=True)


def test_the_ledger_as_it_stands_is_green(tables):
    assert not red(tables, "claims.claims", None) and not red(tables, "claims.evidence", None)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("claims.claims", put("C020", "verdict_meant", "supported"), "C020: verdict_meant is 'supported', the rule gives 'mixed'"),
        ("claims.claims", put("C020", "verdict_known", "mostly supported"), "the rule gives"),
        ("claims.claims", put("C055", "verdict_printed", "supported"), "C055: verdict_printed"),
        ("claims.claims", put("C020", "metric_id", None), "no rule computes it"),
        ("claims.claims", put("C003", "verdict_meant", "mixed"), "C003: mixed as meant, but no row refutes[\\s\\S]*C003: a verdict differs from the one that was read"),
        ("claims.claims", put("C040", "verdict_meant", "supported"), "C040"),
        ("claims.claims", put("C002", "start", 84), "claims.claims C002: an offset cuts a word"),
        ("claims.claims", put("C002", "end", 130), "C002: offsets outside its sentence"),
        ("claims.claims", put("C076", "confidence", "high"), "C076: high confidence on one origin"),
        ("claims.claims", put("C040", "confidence", "low"), "C040: confidence"),
        ("claims.claims", put("C030", "answers", None), "C030: C030-e04 is answered or refutes"),
        ("claims.claims", put("C019", "verdict_known", "supported"), "C019: judged as known on 2025-04-23"),
        ("claims.claims", put("C001", "verdict_known", None), "C001: evidence is dated by"),
        ("claims.claims", put("C001", "overtaken_on", pd.Timestamp("2025-04-20")), "C001: overtaken before"),
        ("claims.claims", put("C030", "verdict_printed", "altered in this copy"), "no alteration of medium or high harm"),
        ("claims.claims", put("C021", "since_as_of", pd.Timestamp("2025-06-01")), "C021: word or day of the forecast"),
        ("claims.claims", drop("C001"), "paragraph 1|C001"),
        ("claims.evidence", drop("C054-e03"), "C054: high confidence on one origin"),
        ("claims.evidence", drop("C030-e04"), "C030: C030-e04 is answered or refutes"),
        ("claims.evidence", put("C074-e04", "source_ids", "dagens-202508"), "C074: judged as known"),
        ("claims.evidence", put("C007-e01", "stance", "refutes"), "C007: C007-e01 is answered or refutes"),
        ("claims.alterations", put(18, "harm", "low"), "C022: altered in this copy"),
        ("claims.alterations", put(2, "end", 236), "alterations 2: an offset cuts a word"),
        ("claims.alterations", put(2, "claim_ids", "C084"), "alteration 2 does not overlap C084"),
        ("claims.sentences", lambda f: f.iloc[1:].reset_index(drop=True), "words lost"),
        ("claims.forecasts", put("C047", "status_word", "forecast-open"), "C047: word or day"),
        ("claims.links", lambda f: pd.concat([f, f.iloc[[0]].assign(from_claim="C002", to_claim="C004")]), "in a circle"),
        ("claims.scale", lambda f: f.assign(order=f["order"] + 1), "order has a gap"),
        ("claims.reviews", put("C063", "decision", "changed"), "C063"),
        ("claims.reviews", drop("C010"), "C010: not judged in the blind pass"),
        ("claims.reviews", drop("C010"), "C010: not read for moscow"),
        ("claims.reviews", put("C036", "decision", "kept"), "C036: a verdict differs from the one that was read"),
        ("claims.reviews", put("C036", "decision", "reworded"), "C036: what was asked for kyiv stands"),
        ("claims.reviews", put("C009", "before_meant", "supported"), "C009, blind: the ledger does not show|C009: a verdict differs"),
        ("claims.claims", put("C028", "verdict_known", "mixed"), "C028: mixed as known on 2025-04-23, but no row supports by then"),
        ("claims.evidence", drop("C024-e07"), "C024: mixed as known on 2025-04-23, but no row supports by then"),
        ("claims.claims", put("C008", "verdict_known", "unsupported"), "C008: unsupported as known on 2025-04-23, against the tendency"),
        ("claims.claims", put("C019", "confidence", "high"), "C019: high confidence on one origin"),
        ("claims.evidence", put("C028-e04", "stance", "context"), "C028: mixed as meant, but no row supports"),
        ("claims.evidence", drop("C043-e02"), "C043-e03: a row of evidence before it is missing"),
        ("claims.evidence", put("C067-e02", "strength", "relay"), "C067-e02: 'relay' from a source of the kind 'legal'"),
        ("claims.evidence", put("C016-e03", "strength", "relay"), "cjil-baltic-nd is"),
        ("claims.claims", put("C028", "overtaken_on", pd.Timestamp("2025-06-09")), "C028: no source of its evidence bears the day"),
        ("claims.claims", put("C058", "subtype", "role"), "its subtype belongs to another type"),
        ("claims.claims", put("C001", "type", "forecast"), "C001: type and verdict do not fit"),
        ("claims.claims", put("C001", "since_as_of", pd.Timestamp("2026-11-19")), "C001: the record was read to another day"),
        ("claims.scale", lambda f: f.replace({"word": {"relation invented": "invented"}}), "scale alteration_class: 'invented' is used or defined"),
        ("claims.alterations", put(43, "paragraph", 17), "alteration 43 does not lie in paragraph 17"),
        ("sources", put("axios-20250422", "published", "2025-05-02"), "no evidence is dated by then"),
        ("sources", put("rfe-20250425", "relay_of", "Reuters"), "C054: high confidence on one origin"),
        ("actors.participants", lambda f: f[~((f["event_id"] == "EV012") & (f["actor_id"] == "witkoff"))], "^$"),
    ],
)  # fmt: skip
def test_a_wrong_cell_turns_a_rule_red(tables, name, change, says):
    found = red(tables, name, change)
    assert re.search(says, found) or (says == "^$" and not found), found or "nothing is red"


def test_two_meetings_would_make_the_count_right(tables):
    """The verdict on the visit follows the count of meetings, not the other way round."""
    people = tables["actors.participants"]
    gone = people[~((people["actor_id"] == "witkoff") & people["event_id"].isin(["EV001", "EV009"]))]
    assert "C055: verdict_printed is 'wrong as written', the rule gives 'supported'" in red(
        tables | {"actors.participants": gone}, "claims.claims", None
    )


def test_an_area_far_off_changes_the_verdict_on_the_share(tables):
    daily = tables["territory.control_daily"]
    less = daily.assign(occupied_km2=daily["occupied_km2"] * 0.9)
    assert "C020" in red(tables | {"territory.control_daily": less}, "claims.claims", None)


@pytest.mark.parametrize(
    ("gap", "word"),
    [(0, "supported"), (-2, "supported"), (2.1, "mostly supported"), (-7.3, "mixed"), (10.1, "wrong as written")],
)
def test_the_rule_for_quantities(gap, word):
    assert quantity_verdict(gap) == word


def test_another_article_is_refused(monkeypatch):
    from defacto import ledger

    monkeypatch.setattr(ledger, "ARTICLE_SHA256", "0" * 64)
    ledger.article.cache_clear()
    with pytest.raises(DataError, match="every offset would point elsewhere"):
        ledger.article()
    ledger.article.cache_clear()


# --- counts -------------------------------------------------------------------------------


def test_counts_re_add():
    ledger = claims.claims()
    assert claims.crossed("verdict_meant", "type").to_numpy().sum() == len(ledger)
    assert claims.crossed("verdict_known", "verdict_since").to_numpy().sum() == ledger["verdict_known"].notna().sum()
    turn = claims.before_and_after()
    assert (turn.sum() == len(ledger)).all()
    assert (
        turn["meant_now"].to_dict()
        == ledger["verdict_meant"].value_counts().reindex(turn.index, fill_value=0).to_dict()
    )
    cells = claims.types_before_and_after()
    ends = [[int(c.split(" ")[0] or 0), int(c.split(" ")[-1] or 0)] for c in cells.to_numpy().ravel()]
    assert [sum(column) for column in zip(*ends, strict=True)] == [len(ledger), len(ledger)]
    base = claims.evidence_base()
    assert base["rows"].sum() == len(load("claims.evidence")) and base["telling"].sum() == len(claims.telling())
    assert set(base.columns[base.columns.isin(["rows", "telling", "state"])]) == {"rows", "telling", "state"} and base[
        "share"
    ].sum() == pytest.approx(1)
    assert claims.harm_by_class().to_numpy().sum() == len(load("claims.alterations"))
    assert claims.origin_table().to_numpy().sum() == len(ledger)


def test_every_verdict_has_a_sign_and_a_colour_that_can_be_read():
    words = claims.scale()
    assert set(words.index) == set(VERDICTS) and words["symbol"].notna().all() and words["symbol"].is_unique
    assert all(contrast(colour) >= 4.5 for colour in VERDICTS.values())
    style = (ledgerpages.Path(__file__).parents[1] / "book/_static/claims.css").read_text("utf-8")
    light = dict(re.findall(r"^.*?\.(v-[a-z-]+) \{ --v: (#\w{6}); \}", style, re.MULTILINE))
    for rule in re.findall(r"((?:\.v-[a-z-]+(?:, )?)+) \{ --v: (#\w{6}); \}", style.split("html[data-theme")[0]):
        light |= {name[1:]: rule[1] for name in rule[0].split(", ")}
    assert {w: light[ledgerpages._css(w)] for w in VERDICTS} == VERDICTS


def test_agreement_counts_equal_pairs():
    same, compared, alpha = claims.agreement("meant")
    assert (
        0 < same < compared == claims.claims()["checkability"].ne("none").sum() + 2 and 0 < alpha < 1
    )  # two became uncheckable
    assert claims.agreement("meant", unprimed=True)[1] < compared
    assert (
        len(claims.disagreements()) == load("claims.reviews").query("`pass` == 'blind'")["decision"].ne("agrees").sum()
    )


def test_each_capital_is_counted_by_hand():
    rows = load("claims.reviews")
    table = claims.by_capital().set_index("side")
    assert (table["read"] == len(claims.claims())).all()
    for side, name in claims.CAPITALS.items():
        mine = rows[(rows["pass"] == side) & rows["objection"].notna()]
        assert table.at[name, "objections"] == len(mine) == table.loc[name, ["changed", "reworded", "kept"]].sum()
    assert len(claims.objections()) == table["objections"].sum()
    assert claims.objections()["told"].str.contains("Answer: ").all()


def test_what_turned_has_a_row_and_an_answer():
    told = claims.turned()
    seen = pd.DataFrame({r: claims.stages(r)["blind"] != claims.stages(r)["now"] for r in claims.READINGS}).any(axis=1)
    assert set(seen.index[seen]) <= set(told.index) and told["why"].notna().all()
    assert (told["was"] != told["now"]).all()


def test_meetings_stop_at_the_day():
    assert len(claims.meetings(until="2025-03-31")) < len(claims.meetings())
    assert claims.meetings()["date"].is_monotonic_increasing


def test_the_ids_of_the_reviews_are_told_as_a_reader_knows_them():
    assert claims.readable("As for C016; claim C008, row E02 and e04.") == "As for claim 16; claim 8, row 2 and row 4."
    assert not claims.objections()["told"].str.contains(r"\bC\d{3}\b|\b[eE]\d\d\b").any()


def test_claims_read_by_context_have_no_alteration():
    touched = set(",".join(claims.alterations()["claims"]).replace(" ", "").split(","))
    ledger = claims.claims().set_index("n")
    for n in claims.by_context():
        assert str(n) not in touched and ledger.at[n, "verdict_printed"] != ledger.at[n, "verdict_meant"]


def test_an_unnamed_outlet_is_no_origin():
    told = pd.DataFrame(
        {
            "claim_id": ["C1"] * 4,
            "on_reading": ["both", "both", "meant", "printed"],
            "origin": ["unnamed outlet", "Unidentified public repository", "Reuters;AP", "AFP"],
        }
    )
    assert crosschecks.origin_names(told)["C1"] == ["AP", "Reuters"]


# --- the argument -------------------------------------------------------------------------


def links():
    return pd.DataFrame({"from": [1, 2], "to": [2, 3], "relation": ["grounds", "leads to"],
                         "from_verdict": ["supported", "mixed"], "to_verdict": ["mixed", "unsupported"]})  # fmt: skip


def drawn(frame, ends=None, signs=None):
    return argument(frame, id="x", title="T", subtitle="S", sources=["sureanot-202504"], ends=ends or {3: "The end"},
                    signs=signs or {"supported": "●", "mixed": "◑", "unsupported": "○"})  # fmt: skip


def test_the_map_tells_what_rests_on_what():
    figure = drawn(links())
    assert (
        figure.meta["alt"]
        == "Map of 3 claims and 2 links. The end (claim 3, unsupported) rests on 1 supported, 2 mixed."
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.iloc[:0], "needs links"),
        (lambda f: pd.concat([f, f]), "each once"),
        (lambda f: pd.concat([f, f.assign(**{"from": [3, 3], "to": [1, 2]}).iloc[:1]]), "circle"),
        (lambda f: f.assign(to_verdict=["supported", "unsupported"]), "two verdicts"),
        (lambda f: f.assign(to_verdict=["mixed", "dubious"]), "without sign"),
        (lambda f: f.iloc[:1], "conclusions"),
    ],
)
def test_the_map_refuses(change, says):
    with pytest.raises(ValueError, match=says):
        drawn(change(links()))


def test_the_outline_names_every_claim_of_the_map():
    outline = claims.outline()
    assert set(map(int, re.findall(r"- \[(\d+) ", outline))) == set(
        claims.argument()[["from", "to"]].to_numpy().ravel()
    )


# --- the text -----------------------------------------------------------------------------


def test_the_bundle_holds_offsets_and_no_words():
    bundle = claims.annotated(id="a", title="T", subtitle="S", sources=["sureanot-202504"])._repr_mimebundle_()
    longest = max((article()[s:e] for s, e in bundle[MIME]["blocks"]), key=len)
    assert longest[:60] not in json.dumps(bundle, ensure_ascii=False)
    assert json.loads(json.dumps(bundle[MIME])) == bundle[MIME]


def test_the_marked_text_is_the_article():
    """Cut at every bound and put together again, nothing is lost, and every claim has its number once."""
    frame = claims.claims()[["n", "start", "end", *claims.CLOCKS]].rename_axis("claim").reset_index()
    blocks = load("claims.sentences").groupby("paragraph").agg(start=("start", "min"), end=("end", "max"))
    chips = {c: f"[{c}]" for c in frame["claim"]}
    altered = load("claims.alterations").sort_values("start")[["start", "end", "restored", "basis"]].to_numpy().tolist()
    html = [ledgerpages.marked(frame, s, e, chips, altered) for s, e in blocks.to_numpy()]
    import html as entities

    hidden = re.compile(r'<span class="restored \w+" hidden> \[(.*?)\]</span>')
    assert [entities.unescape(w) for part in html for w in hidden.findall(part)] == [row[2] for row in altered]
    marked = [
        entities.unescape(re.sub(r"<[^>]+>", "", w))
        for part in html
        for w in re.findall(r'<span class="alt">(.*?)</span>', part)
    ]
    assert "".join(marked) == "".join(article()[s:e] for s, e, *_ in altered)
    plain = [entities.unescape(re.sub(r"\[C\d{3}\]|<[^>]+>|\u2060", "", hidden.sub("", part))) for part in html]
    assert plain == [article()[s:e] for s, e in blocks.to_numpy()]
    assert sorted(re.findall(r"\[(C\d{3})\]", "".join(html))) == sorted(frame["claim"])
    told = [ledgerpages.told(frame, s, e, chips, claims.claims()["statement"].to_dict()) for s, e in blocks.to_numpy()]
    assert article()[0:60] not in "".join(told) and "[C001]" in told[0]


def test_quotes_are_stored_in_no_table():
    words = [
        article()[s:e] for s, e in zip(claims.claims()["start"], claims.claims()["end"], strict=True) if e - s > 60
    ]
    for name in (n for n in NEEDED if n.startswith("claims.")):
        text = load(name, unverified=True).to_csv()
        assert not [w for w in words if w in text], name


# --- for machines -------------------------------------------------------------------------


def is_claim_review(review: dict) -> list[str]:
    """What schema.org's ClaimReview, as search engines read it, asks and `review` lacks."""
    wrong = []
    for key, kind in {
        "claimReviewed": str,
        "url": str,
        "reviewRating": dict,
        "itemReviewed": dict,
        "author": dict,
        "datePublished": str,
    }.items():
        if not isinstance(review.get(key), kind) or not review[key]:
            wrong.append(key)
    if (review.get("@context"), review.get("@type")) != ("https://schema.org", "ClaimReview"):
        wrong.append("@type")
    rating, item = review["reviewRating"], review["itemReviewed"]
    if rating.get("@type") != "Rating" or not rating.get("alternateName"):
        wrong.append("reviewRating")
    if "ratingValue" in rating and not rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]:
        wrong.append("ratingValue")
    if (
        item.get("@type") != "Claim"
        or item["author"].get("@type") != "Person"
        or not item["appearance"]["url"].startswith("https://")
    ):
        wrong.append("itemReviewed")
    for day in (review["datePublished"], item["datePublished"]):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            wrong.append("date")
    return wrong


def test_files_for_machines(tmp_path):
    pages = {"yes", "no"}
    for page in ledgerpages.PAGES.values():
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text("")
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(name="html"),
                          config=SimpleNamespace(html_baseurl="https://example.org/book/", author="The project"))  # fmt: skip
    ledgerpages.write_machines(app, None)
    ledger = claims.claims()
    for claim in ledger.index:
        review = json.loads((tmp_path / f"downloads/claimreview/{claim}.jsonld").read_text("utf-8"))
        assert not is_claim_review(review), (claim, is_claim_review(review))
        assert review["url"].endswith(f"#claim-{claim.lower()}") and review["url"].startswith(
            "https://example.org/book/notebooks/"
        )
        assert review["reviewRating"]["alternateName"] == ledger.at[claim, "verdict_since"] != "altered in this copy"
    listed = json.loads((tmp_path / "downloads/claims.json").read_text("utf-8"))
    assert [c["id"] for c in listed] == list(ledger.index) and set(ledger["card"]) == pages
    assert sum(len(c["evidence"]) for c in listed) == len(load("claims.evidence"))
    table = pd.read_csv(tmp_path / "downloads/claims.csv")
    assert len(table) == len(ledger) and table[["supports", "refutes", "context"]].to_numpy().sum() == len(
        load("claims.evidence")
    )
    assert not any(
        article()[s:e] in (tmp_path / "downloads/claims.json").read_text("utf-8") for s, e in ((0, 82), (139, 198))
    )


def test_a_broken_review_is_noticed():
    review = claims.review_json("C020", "https://example.org/#c", "P")
    assert not is_claim_review(review)
    assert is_claim_review(review | {"claimReviewed": ""}) == ["claimReviewed"]
    assert is_claim_review(
        review
        | {
            "reviewRating": {
                "@type": "Rating",
                "alternateName": "x",
                "ratingValue": 9,
                "worstRating": 1,
                "bestRating": 5,
            }
        }
    ) == ["ratingValue"]


def test_no_machine_files_without_the_chapter(tmp_path):
    app = SimpleNamespace(
        outdir=tmp_path, builder=SimpleNamespace(name="html"), config=SimpleNamespace(html_baseurl="", author="P")
    )
    ledgerpages.write_machines(app, None)
    assert not (tmp_path / "downloads").exists()


def test_cards_name_what_they_show():
    bundle = claims.cards(id="c", title="T", subtitle="S")
    assert [e["claim"] for e in bundle.meta["entries"]] == list(claims.claims().query("card == 'yes'").index)
    told = load("claims.evidence")
    assert set(bundle.meta["cites"]) == set(
        told.loc[told["claim_id"].isin([e["claim"] for e in bundle.meta["entries"]]), "source_ids"]
    )
    with pytest.raises(ValueError, match="no claim"):
        claims._bundle("cards", [], {"id": "x", "title": "T", "subtitle": "S"})


def test_typed_reviews_refuse_a_word_off_the_scale():
    from defacto.data import resource

    assert (
        "forecast-partly"
        in next(f for f in resource("claims.reviews")["schema"]["fields"] if f["name"] == "verdict_meant")[
            "constraints"
        ]["enum"]
    )
    assert typed_table(
        b"claim_id\n", {"path": "x", "schema": {"fields": [{"name": "claim_id", "type": "string"}]}}
    ).empty


# --- in a browser -------------------------------------------------------------------------


@pytest.mark.xdist_group("site")
def test_the_switches_show_the_other_reading_and_clock(browser, served):
    tab = browser.new_page()
    tab.goto(f"{served}/notebooks/06_claims.html", wait_until="networkidle")
    ledger, chip = claims.claims(), "a.chip[data-c=C022]"

    def counts():
        return {
            li.get_attribute("data-w"): int(li.locator(".count").inner_text())
            for li in tab.locator(".ledger-key li:visible").all()
        }

    assert (
        "v-altered-in-this-copy" in tab.get_attribute(chip, "class") and tab.locator(".restored:visible").count() == 0
    )
    assert counts() == ledger["verdict_printed"].value_counts().to_dict()
    assert tab.get_by_label("then: known by").is_disabled()  # the printed words have one verdict
    tab.get_by_label("as meant").check()
    assert "v-supported" in tab.get_attribute(chip, "class") and tab.inner_text(f"{chip} .sign") == "●"
    assert tab.locator(".restored:visible").count() == len(load("claims.alterations"))
    assert counts() == ledger["verdict_since"].value_counts().to_dict()
    tab.get_by_label("then: known by").focus()
    tab.keyboard.press("Space")
    assert (
        "v-not-yet-knowable" not in tab.get_attribute(chip, "class")
        and counts() == ledger["verdict_known"].value_counts().to_dict()
    )
    tab.close()


@pytest.mark.xdist_group("site")
def test_a_claim_opens_in_place_by_key_and_by_click(browser, served):
    tab = browser.new_page()
    tab.goto(f"{served}/notebooks/06_claims.html", wait_until="networkidle")
    ledger, note = claims.claims(), tab.locator(".claim-note")
    tab.locator("a.chip[data-c=C020]").focus()
    tab.keyboard.press("Enter")
    assert (
        note.is_visible()
        and ledger.at["C020", "statement"] in note.inner_text()
        and ledger.at["C020", "reason"] in note.inner_text()
    )
    assert tab.get_attribute("a.chip[data-c=C020]", "aria-expanded") == "true"
    tab.get_by_role("button", name="Next").click()
    assert ledger.at["C021", "statement"] in note.inner_text() or ledger.at["C022", "statement"] in note.inner_text()
    tab.keyboard.press("Escape")
    assert not note.is_visible() and tab.evaluate("document.activeElement.classList.contains('chip')")
    tab.locator(".cl[data-c=C055]").first.click()
    assert ledger.at["C055", "reason"] in note.inner_text()
    tab.get_by_role("link", name="Sources and full entry").click()
    assert tab.url.endswith("#claim-c055") and tab.locator("#claim-c055").is_visible()
    tab.close()


@pytest.mark.xdist_group("site")
def test_without_scripts_the_text_is_marked_and_leads_to_its_claims(browser, served):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{served}/notebooks/06_claims.html")
    assert tab.locator("a.chip").count() == len(claims.claims()) and not tab.locator(".defacto-clocks").is_visible()
    tab.click("a.chip[data-c=C001]")
    assert tab.url.endswith("06b_ledger.html#claim-c001") and tab.locator("#claim-c001").is_visible()
    context.close()


@pytest.mark.xdist_group("site")
def test_the_table_narrows_and_sorts(browser, served):
    tab = browser.new_page()
    tab.goto(f"{served}/notebooks/06b_ledger.html", wait_until="networkidle")
    rows, ledger = tab.locator("table.ledger-table tbody tr"), claims.claims()
    tab.get_by_label("Type").select_option("forecast")
    assert rows.filter(visible=True).count() == ledger["type"].eq("forecast").sum()
    tab.get_by_label("Type").select_option("")
    tab.get_by_label("Verdict").select_option("wrong as written")
    assert rows.filter(visible=True).count() == ledger[list(claims.CLOCKS)].eq("wrong as written").any(axis=1).sum()
    tab.get_by_label("Verdict").select_option("")
    assert tab.locator("table.ledger-table thead th").nth(2).inner_text() == "Chapter"
    tab.get_by_role("button", name="Chapter").click()
    tab.get_by_role("button", name="Chapter").click()
    assert (
        tab.locator("table.ledger-table tbody tr td:nth-child(3)").first.inner_text() == sorted(ledger["chapter"])[-1]
    )
    tab.close()
