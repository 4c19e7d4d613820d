"""Sanctions from the two archives: counts only, the same bytes every time, and what is not understood is refused."""

import pandas as pd
import pytest

from defacto.derive import recipe, sanctions
from defacto.derive.archive import DerivationError
from test_derive import make_archive

ROW = {"recordId": "1", "annex": "I.PERSONS", "measure": "Asset freeze", "startDate": "17.3.2014", "schema": "Person",
       "name": "A. Person", "imoNumber": ""}  # fmt: skip


def annex(*changes, file="32014R0269.csv"):
    return pd.DataFrame([ROW | {"recordId": str(n)} | change | {"file": file} for n, change in enumerate(changes, 1)])


def entity(**changes):
    return {"annex": "I.ENTITIES", "schema": "LegalEntity"} | changes


def ship(imo, day, **changes):
    return {
        "annex": "XLII",
        "measure": "Transportation restrictions",
        "schema": "Vessel",
        "imoNumber": imo,
        "startDate": day,
    } | changes


def bank(day, part="XIV", **changes):
    return {"annex": part, "measure": "Financial restrictions", "schema": "LegalEntity", "startDate": day} | changes


def test_listings_count_and_add_up():
    rows = annex({}, {}, entity(startDate="17.3.2014"), {"startDate": "21.3.2014"})
    table = sanctions.listings_by_date(rows)
    assert table["listing_date"].tolist() == ["2014-03-17", "2014-03-21"]
    assert table["persons"].tolist() == [2, 1] and table["entities"].tolist() == [1, 0]
    assert table["total"].tolist() == [3, 1] and table["cum_total"].tolist() == [3, 4]
    assert table["cum_persons"].tolist() == [2, 3] and table["cum_entities"].tolist() == [1, 1]


def test_an_entry_without_a_date_takes_that_of_the_entry_before_it():
    table = sanctions.listings_by_date(
        annex({"startDate": "21.7.2022"}, entity(startDate=""), entity(startDate="25.2.2022"))
    )
    found = table.set_index("listing_date")
    assert found.loc["2022-07-21", ["persons", "entities", "undated_assigned"]].tolist() == [1, 1, 1]
    assert found.loc["2022-02-25", "undated_assigned"] == 0
    with pytest.raises(DerivationError, match="record '1': column 'startDate': '' is not understood"):
        sanctions.listings_by_date(annex({"startDate": ""}, {}))


def test_later_acts_follow_the_consolidated_text():
    rows = pd.concat([annex({}), annex({"startDate": "23.7.2026"}, file="32026R1843.csv")], ignore_index=True)
    assert sanctions.listings_by_date(rows)["act_celex"].tolist() == ["32014R0269", "32026R1843"]


@pytest.mark.parametrize(
    ("change", "match"),
    [({"startDate": "31.2.2022"}, "'startDate': '31.2.2022'"), ({"startDate": "2022-02-23"}, "'startDate': '2022-02-23'"),
     ({"annex": "I.SHIPS"}, "'annex': 'I.SHIPS'")],
)  # fmt: skip
def test_listings_that_are_not_understood(change, match):
    with pytest.raises(DerivationError, match=f"32014R0269.csv: record '2': column {match} is not understood"):
        sanctions.listings_by_date(annex({}, change))


def test_ships_are_told_apart_by_number():
    table = sanctions.vessels_by_date(annex(ship("9000001", "25.6.2024"), ship("9000002", "25.6.2024"), ship("9000002", "25.6.2024", name="Renamed"),
                                            ship("9000001", "17.12.2024"), ship("9000003", "17.12.2024")))  # fmt: skip
    assert table["annex_rows"].tolist() == [2, 2] and table["vessels"].tolist() == [2, 1]
    assert table["cum_annex_rows"].tolist() == [2, 4] and table["cum_vessels"].tolist() == [2, 3]
    assert table["note"].tolist() == ["", "1 IMO number(s) had been listed before"]


@pytest.mark.parametrize("change", [{"imoNumber": "900000"}, {"imoNumber": ""}, {"startDate": ""}])
def test_ships_that_are_not_understood(change):
    with pytest.raises(DerivationError, match="record '1'"):
        sanctions.vessels_by_date(annex(ship("9000001", "25.6.2024") | change))


def test_banks_and_places_by_day():
    rows = annex(bank("12 March 2022"), bank("14 June 2022"), bank("12.3.2022"), bank("25 February 2025", "XLVII.A", name="Ust-Luga"),
                 bank("25 February 2025", "XLVII.A", name="Primorsk"), {"annex": "III"}, ship("9000001", "25.6.2024"))  # fmt: skip
    table = sanctions.banks_by_date(rows).set_index(["annex", "applies_from"])
    assert table.loc[("XIV", "2022-03-12"), ["n", "cum_n"]].tolist() == [2, 2]
    assert table.loc[("XIV", "2022-06-14"), ["n", "cum_n"]].tolist() == [1, 3]
    assert table.loc[("XLVII.A", "2025-02-25"), "place_names"] == "Primorsk;Ust-Luga"
    assert (table.loc["XIV", "place_names"] == "").all() and len(table) == 3


@pytest.mark.parametrize(
    ("change", "match"), [({"annex": "LX"}, "'annex': 'LX'"), ({"startDate": ""}, "'startDate': ''")]
)
def test_banks_that_are_not_understood(change, match):
    with pytest.raises(DerivationError, match=match):
        sanctions.banks_by_date(annex(bank("12 March 2022") | change))


def test_snapshot_counts_by_kind():
    table = sanctions.regime_snapshot(
        {sanctions.FREEZES: annex({}, {}, entity()), sanctions.SECTORS: annex(bank("12.3.2022"))}
    )
    assert table.set_index(["annex", "entry_type"])["n"].to_dict() == {
        ("I.ENTITIES", "legal_entity"): 1, ("I.PERSONS", "person"): 2, ("XIV", "legal_entity"): 1}  # fmt: skip
    with pytest.raises(DerivationError, match="'measure': 'Tariff'"):
        sanctions.regime_snapshot({sanctions.FREEZES: annex({"measure": "Tariff"})})


def panel(*changes, country="Russia"):
    base = [{"Date": "2022-04-30", "levels": "10", "additions": "0", "removals": "0", "change": "0"},
            {"Date": "2022-05-31", "levels": "13", "additions": "4", "removals": "1", "change": "3"},
            {"Date": "2022-06-30", "levels": "13", "additions": "0", "removals": "0", "change": "0"}]  # fmt: skip
    rows = [
        row | {"Country": country, "file": "ofac_panel.csv"} | (changes[n] if n < len(changes) else {})
        for n, row in enumerate(base)
    ]
    return pd.DataFrame(rows)


def test_months_of_the_panel():
    table = sanctions.ofac_monthly(pd.concat([panel(), panel(country="France")]))
    assert table["country"].tolist() == ["russia"] * 3 and table["level"].tolist() == [10, 13, 13]
    assert table["month"].tolist() == ["2022-04", "2022-05", "2022-06"]
    assert table["locator"].iloc[1] == "ofac_panel.csv, Country=Russia, Date=2022-05-31"


@pytest.mark.parametrize(
    ("changes", "match"),
    [(({}, {"levels": "14"}), "'levels': '14'"), (({}, {"additions": "5"}), "'change': '3'"), (({}, {"removals": "x"}), "'removals': 'x'"), (({}, {"levels": "13.5"}), "'levels': '13.5'"),
     (({}, {"Date": "2022-05-30"}), "'Date': '2022-05-30'"), (({}, {}, {"Date": "2022-07-31"}), "'Date': '2022-07-31'")],
)  # fmt: skip
def test_months_that_do_not_follow(changes, match):
    with pytest.raises(DerivationError, match=match):
        sanctions.ofac_monthly(panel(*changes))


def test_a_changed_upstream_schema():
    with pytest.raises(DerivationError, match="column 'imoNumber' is missing"):
        sanctions.read("32014R0833.csv", b"recordId,annex,measure,startDate,schema,name\n", sanctions._JOURNAL_COLUMNS)


def test_derivation_writes_tables_with_their_recipe(tables, tmp_path, monkeypatch):
    raw = tmp_path / "raw"
    raw.mkdir()

    def csv(rows):
        return rows.drop(columns="file").to_csv(index=False).encode()

    sectors = annex(bank("12 March 2022"), ship("9000001", "25.6.2024"))
    files = {"eu-journal/consolidated/32014R0269.csv": csv(annex({}, entity())), "eu-journal/consolidated/32014R0833.csv": csv(sectors),
             "eu-journal/amendments/32026R1843.csv": csv(annex({"startDate": "23.7.2026"})),
             "eu-journal/amendments/32026R1848.csv": csv(annex(ship("9000002", "24.7.2026"))),
             "eu-journal/amendments/32026R1940.csv": csv(annex({"startDate": "7.8.2026"}))}  # fmt: skip
    archives = {"eu-journal": make_archive(raw / "journal.tar.xz", files),
                "ofac-panel": make_archive(raw / "ofac.tar.xz", {"ofac/ofac_panel.csv": csv(panel())}, "ofac-panel")}  # fmt: skip
    changed = sanctions.derive(raw, archives)
    assert changed == ["datapackage.json", *(f"sanctions/{t}.csv" for t in
                       ("banks_by_date", "listings_by_date", "ofac_monthly", "regime_snapshot", "vessels_by_date"))]  # fmt: skip
    first = (tables / "sanctions/listings_by_date.csv").read_bytes()
    assert b"A. Person" not in first and first.count(b"\n") == 4
    assert sanctions.derive(raw, archives) == [] and (tables / "sanctions/listings_by_date.csv").read_bytes() == first
    inputs = recipe.resource("sanctions.ofac_monthly", tables)["recipe"]["inputs"]
    assert [i["name"] for i in inputs] == ["ofac-panel"]
    monkeypatch.setattr(sanctions, "LATER_FREEZES", ("32026R1843", "32026R9999"))
    with pytest.raises(DerivationError, match="holds no 32026R9999.csv"):
        sanctions.derive(raw, archives)


def test_no_names_of_persons_or_firms_in_the_tables(project):
    for name in ("listings_by_date", "vessels_by_date", "ofac_monthly", "regime_snapshot"):
        header = (project / f"data/sanctions/{name}.csv").read_text("utf-8").splitlines()[0].split(",")
        assert not {"name", "alias", "reason", "birthDate"} & set(header)
    from defacto.data import load

    banks = load("sanctions.banks_by_date")
    assert banks.loc[~banks["annex"].str.startswith("XLVII"), "place_names"].isna().all()
