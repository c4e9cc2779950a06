"""The warranty counts from the developer's first handover, not from the day a second-hand client got the keys."""

from datetime import date

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.rules import warranty
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields
from lib.services.cases import handling
from lib.store.commit.batch import edit
from tests.cases import move, take_in

pytestmark = pytest.mark.trial(18)


def test_a_second_hand_client_has_two_dates_and_the_first_counts(desk: Desk, people: dict[str, Actor]) -> None:
    """Handed over in 2015, bought in 2025: the five years for a leak are over."""
    case = move(
        desk, people["head"], take_in(desk, people["intake"]), "accept", category="quality.leak", priority="P3",
        handover_on=date(2015, 6, 1), keys_on=date(2025, 6, 1),
    )  # fmt: skip
    assert (case.handover_on, case.keys_on) == (date(2015, 6, 1), date(2025, 6, 1))
    found = warranty.check(case.category, case.handover_on, desk.today(), desk.config.warranty)
    assert (found.verdict, found.until) == ("out", date(2020, 6, 1))


def test_each_of_the_two_says_what_is_meant() -> None:
    for name in ("handover_on", "keys_on"):
        for language in ("zh_CN", "en"):
            assert columns(Case)[name].hint(language)
    assert "首次" in columns(Case)["handover_on"].hint("zh_CN")


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"keys_on": date(2015, 5, 1)}, "keys_on", "before_handover"),
        ({"handover_on": date(2025, 7, 1)}, "handover_on", "after_keys"),
    ],
)
def test_nobody_has_the_keys_before_the_developer_handed_over(
    desk: Desk, people: dict[str, Actor], values: dict[str, date], field: str, code: str
) -> None:
    case = take_in(desk, people["intake"])
    both = {"handover_on": date(2015, 6, 1), "keys_on": date(2025, 6, 1)}
    handling.edit_facts(desk, actor=people["manager"], case=case, values=both)
    case = desk.snapshot[Case][case.case_no]
    with pytest.raises(InvalidFields) as caught:
        handling.edit_facts(desk, actor=people["manager"], case=case, values=values)
    assert [(one.field, one.code) for one in caught.value.problems] == [(field, code)]
    with pytest.raises(InvalidFields):  # typed in the sheet
        desk.save(system_actor(), [edit(case, values)])


def test_what_an_earlier_version_kept_is_the_first_handover(desk: Desk, people: dict[str, Actor]) -> None:
    """The warranty has counted from this column all along; its header in the sheet is the same."""
    column = columns(Case)["handover_on"]
    assert (column.zh, column.en) == ("交房日期", "Handed over on")
    assert take_in(desk, people["intake"]).keys_on is None
