"""A text that names somebody means the same in an import, in a condition and in what an export writes."""

import pytest

from lib.desk.desk import Desk
from lib.desk.people import person_for
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields
from lib.services.data.conditions import cases_where
from lib.services.data.exporting import _names
from lib.services.data.importing.cells import BadCell, reader_of
from lib.services.data.importing.mapping import ColumnRule
from lib.store.commit.batch import create
from tests.cases import assigned

NAMESAKE = Staff(staff_id="handler3", email="li2@example.cn", name="李经办", role="handler")


@pytest.mark.parametrize("text", ["吴经办", " 吴经办\u200b", "HANDLER2", "ｈａｎｄｌｅｒ２＠example.cn"])
def test_whoever_bears_it_is_found_however_it_is_typed(desk: Desk, people: dict[str, Actor], text: str) -> None:
    case = assigned(desk, people, "handler2")
    rule = ColumnRule(field="assignee", on_unknown="reject")
    assert person_for(desk, text) == "handler2"
    assert reader_of(desk, rule, ())(text) == "handler2"
    assert [one.case_no for one in cases_where(desk, [f"assignee={text}"])] == [case.case_no]


def test_a_name_that_two_have_means_neither(desk: Desk) -> None:
    """An import took the first of them, a condition the last."""
    desk.save(system_actor(), [create(NAMESAKE)])
    assert person_for(desk, "李经办") is None
    with pytest.raises(BadCell):
        reader_of(desk, ColumnRule(field="assignee", on_unknown="reject"), ())("李经办")
    with pytest.raises(InvalidFields):
        cases_where(desk, ["assignee=李经办"])
    written = _names(desk.snapshot[Staff])
    assert (written["handler3"], written["handler2"]) == ("li2@example.cn", "吴经办")
    assert all(person_for(desk, text) == staff_id for staff_id, text in written.items())


def test_nobody(desk: Desk) -> None:
    assert person_for(desk, "") is None
    assert person_for(desk, "谁也不是") is None
