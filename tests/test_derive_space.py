"""Engine flights and constellations out of catalogue rows: counted, dated, or refused."""

import io

import pandas as pd
import pytest

from defacto.derive import space
from defacto.derive.archive import DerivationError


def rows(*launches):
    """Launch rows as `space.launches` gives them: (day, vehicle, mission, outcome)."""
    return pd.DataFrame(launches, columns=["date", "vehicle", "mission", "outcome"])


FLIGHTS = rows(
    ("2000-05-24", "Atlas 3A", "", "success"), ("2002-08-21", "Atlas V 401", "", "failure"),
    ("2002-09-01", "Atlas V 401", "", "no lift-off"), ("2002-10-01", "Falcon 9", "", "success"),
    ("2004-03-01", "Antares 230+", "", "success"), ("2004-11-30", "Antares 120", "", "success"),
)  # fmt: skip


def test_engines_by_year():
    table = space.engines(FLIGHTS).set_index("year")
    assert table.index.tolist() == [2000, 2001, 2002, 2003, 2004]
    assert table["rd180_engines_flown"].tolist() == [1, 0, 1, 0, 0]
    assert table["rd180_cumulative"].tolist() == [1, 1, 2, 2, 2]
    assert table["rd181_engines_flown"].tolist() == [0, 0, 0, 0, 2]
    assert table["as_of"].tolist()[-2:] == ["2003-12-31", "2004-11-30"]
    assert table["coverage"].tolist()[-2:] == ["full year", "part year"]
    assert table["source_ids"].str.contains(";").tolist() == [False] * 4 + [True]


MISSIONS = rows(
    ("2018-02-22", "Falcon 9", "Tintin Prototypes", "success"), ("2019-02-27", "Soyuz-ST-B", "OneWeb F6", "success"),
    ("2023-10-06", "Atlas V 501", "KuiperSat-1/2", "success"),
)  # fmt: skip


def payloads(days=40, **changes):
    counts = {"Time_Since_First_Payload": range(days), "Starlink": [2.0] * 20 + [62.0] * 20, "OneWeb": [6.0] * 40,
              "Kuiper": [2.0] * 10 + [None] * 30}  # fmt: skip
    return pd.DataFrame(counts | changes)


def test_constellations_by_month():
    table = space.constellations(payloads(), MISSIONS)
    starlink = table[table["constellation"] == "Starlink"]
    assert starlink["as_of"].tolist() == ["2018-02-28", "2018-03-31", "2018-04-02"]
    assert starlink["period"].tolist() == ["month end", "month end", "last launch in the series"]
    assert starlink["cumulative_launched"].tolist() == [2, 62, 62]
    assert starlink["launched_since_previous"].tolist() == [2, 60, 0]
    assert table[table["constellation"] == "Kuiper"]["as_of"].tolist() == ["2023-10-15"]


def test_a_day_of_a_published_count_is_kept(monkeypatch):
    monkeypatch.setattr(space, "PUBLISHED_DAYS", ("2018-03-10",))
    table = space.constellations(payloads(), MISSIONS)
    kept = table[table["period"] == "day of a published count"]
    assert kept[["constellation", "as_of", "cumulative_launched"]].to_numpy().tolist() == [
        ["Starlink", "2018-03-10", 2]
    ]
    assert table.groupby("constellation")["launched_since_previous"].sum().to_dict() == {
        "Starlink": 62,
        "OneWeb": 6,
        "Kuiper": 2,
    }


@pytest.mark.parametrize(
    ("counts", "missions", "match"),
    [
        (payloads().drop(columns="OneWeb"), MISSIONS, "column 'OneWeb'"),
        (payloads(), MISSIONS.iloc[1:], "no mission begins with 'Tintin'"),
        (payloads(Starlink=[5.0] * 20 + [4.0] * 20), MISSIONS, "Starlink: the count of satellites launched falls"),
    ],
)
def test_what_is_refused(counts, missions, match):
    with pytest.raises(DerivationError, match=match):
        space.constellations(counts, missions)


def test_the_tables_as_they_stand_are_what_the_launch_list_gives():
    """Without the archive: engine flights can be counted again from the derived launch list."""
    from defacto.data import load

    launches = load("space.launches").assign(date=lambda t: t["date"].dt.strftime("%Y-%m-%d"))
    text = space.engines(launches)
    stored = load("space.engines")
    again = pd.read_csv(io.StringIO(text.to_csv(index=False)))[list(stored.columns)]
    assert again.drop(columns="note").equals(stored.drop(columns="note").astype(again.drop(columns="note").dtypes))
