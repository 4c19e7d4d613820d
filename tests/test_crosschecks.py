"""Cross-checks as a whole: each names the tables it reads, so that a change of one tries all that concern it."""

import pytest

from defacto import check, crosschecks
from defacto.data import load, names


class Recording(dict):
    """Tables by name; `read` holds the names whose content was asked for."""

    def __init__(self, tables):
        super().__init__(tables)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)

    def items(self):
        raise AssertionError("a check that reads all tables cannot say which")

    values = items


@pytest.fixture(scope="module")
def tables():
    return {name: load(name, unverified=True) for name in names()}


@pytest.mark.parametrize("one", crosschecks.CHECKS, ids=lambda c: c.id)
def test_a_check_declares_the_tables_that_it_reads(one, tables):
    recording = Recording(tables)
    one.run(recording)
    assert recording.read == one.reads(tables)


def test_a_row_that_was_audited_and_is_gone_is_missed_by_what_concerns_its_table(tables):
    """A change of one table tries the audit too, though only a row of the audit names that table."""
    table, key = next(r for r in load("audit")[["table", "key"]].itertuples(index=False) if r.table == "actors.events")
    less = tables[table][tables[table].iloc[:, 0] != key]
    found = [str(v) for v in check.cross_violations(tables | {table: less}, touching=table)]
    assert any("audited-rows-stand" in text and key in text for text in found)


def test_a_step_of_a_kind_that_is_not_known_is_wrong(tables):
    one = next(c for c in crosschecks.CHECKS if c.id == "agreements-in-order")
    steps = tables["space.agreements"].copy()
    assert one.run(tables) == []
    steps.loc[0, "step_kind"] = "rumour"
    assert f"{steps.loc[0, 'id']}: a step of kind 'rumour'" in one.run(tables | {"space.agreements": steps})
