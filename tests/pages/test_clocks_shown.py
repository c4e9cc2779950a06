"""What the pages say of clocks beyond the next deadline: pauses, and years whose holidays nobody knows yet."""

from datetime import datetime, timedelta

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases import handling
from tests.cases import assigned, move
from tests.pages.cases_support import texts
from tests.pages.conftest import OpenPage
from tests.support import ZONE, Clock

UNKNOWN = datetime(2098, 12, 30, 10, 0, tzinfo=ZONE)
"""In a year that no library announces for long."""


def progress(at: object) -> str:
    return "\n".join(str(bar.proto.text) for bar in at.get("progress"))  # type: ignore[attr-defined]


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return assigned(desk, people)


@pytest.mark.parametrize(
    ("language", "spent", "in_all"),
    [("zh_CN", "3小时", ":gray[暂停工时（分钟）]  180"), ("en", "3 h", ":gray[Paused, minutes of work]  180")],
)
def test_a_pause_tells_its_reason_and_its_time(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case, clock: Clock,
    language: str, spent: str, in_all: str,
) -> None:  # fmt: skip
    move(desk, people["handler"], case, "contact")
    move(desk, people["handler"], case, "wait", wait_reason="等阀门", promised_on=desk.today() + timedelta(days=2))
    clock.forward(hours=4.5)  # from ten, over noon
    waiting = texts(open_page("case", language=language, no=case.case_no))
    assert "等阀门" in waiting
    assert spent in waiting
    move(desk, people["handler"], case, "resume")
    at = open_page("case", language=language, no=case.case_no)
    assert spent in progress(at)
    assert in_all in texts(at)
    assert desk.snapshot[Case][case.case_no].paused_work == 180


@pytest.mark.parametrize(("language", "late"), [("zh_CN", "逾期1天"), ("en", "late by 1 day")])
def test_a_promise_that_was_not_kept_is_late(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case, clock: Clock, language: str, late: str
) -> None:
    move(desk, people["handler"], case, "contact")
    move(desk, people["handler"], case, "wait", wait_reason="等阀门", promised_on=desk.today())
    clock.forward(days=1)
    shown = texts(open_page("case", "handler", language=language, no=case.case_no))
    waiting = next(line for line in shown.splitlines() if "等阀门" in line)
    assert waiting.startswith(":red[:material/alarm:")
    assert late in waiting
    table = open_page("cases", "manager", language=language, view="table", stage="waiting").dataframe[0].value
    assert late in table["deadline"][0]


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "2098"), ("en", "2098 holidays not announced yet")])
def test_a_deadline_in_a_year_not_announced_says_so(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock, language: str, words: str
) -> None:
    clock.now = UNKNOWN - timedelta(days=5)
    case = assigned(desk, people)
    at = open_page("case", language=language, no=case.case_no)
    assert words in progress(at)
    assert words in texts(at)  # beside each due time of the facts
    if language == "en":
        table = open_page("cases", language=language, cols="due").dataframe[0].value
        assert words in str(table.iloc[0].to_dict())


def test_a_deadline_in_a_known_year_says_nothing(open_page: OpenPage, case: Case) -> None:
    at = open_page("case", language="en", no=case.case_no)
    assert "announced" not in progress(at) + texts(at)


def test_an_elapsed_clock_does_not_depend_on_holidays(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    clock.now = UNKNOWN
    case = assigned(desk, people, priority="P1")
    at = open_page("case", language="en", no=case.case_no)
    line = next(text.value for text in at.markdown if "Acknowledge by" in text.value)
    dues = {part.partition("  ")[0]: part for part in line.splitlines()}
    assert "announced" not in next(text for name, text in dues.items() if "Acknowledge by" in name)
    assert "announced" in next(text for name, text in dues.items() if "Resolve by" in name)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_calendar_says_which_year_is_not_announced(open_page: OpenPage, clock: Clock, language: str) -> None:
    at = open_page("settings", "manager", language=language, part="calendar")
    assert not at.warning
    clock.now = UNKNOWN
    at = open_page("settings", "manager", language=language, part="calendar")
    assert [("2099" in warning.value) for warning in at.warning] == [True]
    why = at.dataframe[0].value.iloc[:, 3]
    assert why.str.contains("2098").sum() == 2
    assert why.str.contains("2099").sum() == 19


@pytest.mark.parametrize(("language", "name"), [("zh_CN", "国庆节"), ("en", "National Day")])
def test_holidays_have_their_names_in_both_languages(
    open_page: OpenPage, clock: Clock, language: str, name: str
) -> None:
    clock.now = datetime(2026, 9, 25, 10, 0, tzinfo=ZONE)
    at = open_page("settings", "manager", language=language, part="calendar")
    assert (at.dataframe[0].value.iloc[:, 3] == name).sum() == 7


def test_cases_due_soon(open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case, clock: Clock) -> None:
    assert "TS-" not in str(_numbers(open_page("cases", language="en", only="soon")))
    clock.forward(hours=3, minutes=30)  # 2 hours of work: half of the contact clock
    assert _numbers(open_page("cases", language="en", only="soon")) == []
    clock.forward(hours=1, minutes=30)
    assert _numbers(open_page("cases", language="en", only="soon")) == [case.case_no]
    clock.forward(hours=1)
    assert _numbers(open_page("cases", language="en", only="soon")) == []


def test_another_priority_by_hand_moves_the_deadline_shown(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    before = progress(open_page("case", language="en", no=case.case_no))
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"priority": "P1"})
    assert progress(open_page("case", language="en", no=case.case_no)) != before


def _numbers(at: object) -> list[str]:
    tables = at.dataframe  # type: ignore[attr-defined]
    return list(tables[0].value["number"]) if tables else []
