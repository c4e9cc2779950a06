"""The settings page: who sees and changes what, people, lists, the calendar, the workspace."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.people import Account, Staff
from lib.domain.records.workspace import CalendarDay
from lib.domain.rules.permissions import Actor
from lib.services.people import accounts
from lib.services.people import people as people_service
from lib.ui.session.state import ONE_TIME, PERSON
from lib.ui.settings.lists import NAMES, code_of
from tests.cases import assigned

OpenPage = Callable[..., AppTest]
PARTS = ("people", "lists", "calendar", "workspace")


@pytest.mark.parametrize(("language", "title"), [("zh_CN", "设置"), ("en", "Settings")])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_every_part_in_both_languages(open_page: OpenPage, language: str, title: str, part: str, who: str) -> None:
    at = open_page("settings", who, language=language, part=part)
    assert not at.exception
    assert not at.error
    assert at.header[0].value == title


@pytest.mark.parametrize("who", ["intake", "handler", "head", "reviewer"])
def test_who_may_not_see_it(open_page: OpenPage, who: str) -> None:
    at = open_page("settings", who, language="en")
    assert at.error[0].value == "You don't have access to this page."
    assert not at.header


def test_a_manager_sees_the_people_and_changes_none(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en")
    assert len(at.dataframe[0].value) == len(desk.snapshot[Staff])
    assert "Sign-in" not in at.dataframe[0].value
    assert not [button for button in at.button if button.label == "Add a person"]
    assert not at.form_submit_button


def open_person(open_page: OpenPage, staff_id: str) -> AppTest:
    at = open_page("settings", "administrator", language="en")
    at.session_state[PERSON] = staff_id
    return at.run()


def field(at: AppTest, staff_id: str, name: str) -> Any:
    return at.get_by_key(f"{PERSON}.{staff_id or 'new'}.{name}")


def click(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return at.run()


def test_adding_a_person_shows_her_one_time_password_once(open_page: OpenPage, desk: Desk) -> None:
    at = open_person(open_page, "")
    field(at, "", "name").set_value("林新人")
    field(at, "", "email").set_value("Lin@Example.cn")
    field(at, "", "role").set_value("handler")
    click(at, "Save")
    assert not at.error
    lin = next(one for one in desk.snapshot[Staff].values() if one.email == "lin@example.cn")
    assert (lin.name, lin.role, lin.active) == ("林新人", "handler", True)
    password = at.code[0].value
    assert accounts.sign_in(desk, email="lin@example.cn", password=password) == lin
    assert desk.snapshot[Account][lin.staff_id].must_change
    click(at, "I have noted it")
    assert not at.code
    assert ONE_TIME not in at.session_state


def test_an_error_keeps_what_was_typed(open_page: OpenPage, desk: Desk) -> None:
    at = open_person(open_page, "")
    field(at, "", "name").set_value("林新人")
    field(at, "", "email").set_value("manager@example.cn")
    field(at, "", "role").set_value("handler")
    before = len(desk.snapshot[Staff])
    click(at, "Save")
    assert "is taken already" in at.error[0].value
    assert field(at, "", "name").value == "林新人"
    assert len(desk.snapshot[Staff]) == before


def test_changing_a_person_and_her_leave(open_page: OpenPage, desk: Desk) -> None:
    at = open_person(open_page, "handler")
    field(at, "handler", "capacity").set_value(8)
    field(at, "handler", "away_from").set_value(date(2026, 3, 9))
    field(at, "handler", "away_until").set_value(date(2026, 3, 13))
    click(at, "Save")
    assert not at.error
    changed = desk.snapshot[Staff]["handler"]
    assert (changed.capacity, changed.away_from, changed.away_until) == (8, date(2026, 3, 9), date(2026, 3, 13))
    assert PERSON not in at.session_state


def test_a_conflict_is_resolved_without_typing_again(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    at = open_person(open_page, "handler")
    theirs = {"name": "李改名", "capacity": 3}
    people_service.edit_staff(desk, actor=people["administrator"], staff=desk.snapshot[Staff]["handler"], values=theirs)
    field(at, "handler", "name").set_value("李经办二")
    click(at, "Save")
    assert at.warning[0].value.startswith("Somebody saved these fields")
    assert field(at, "handler", "name").value == "李经办二"
    click(at, "Save")
    assert not at.error
    saved = desk.snapshot[Staff]["handler"]
    assert saved.name == "李经办二"
    assert saved.capacity == 3  # untouched here: what the other person saved stays


def test_a_person_leaves_and_comes_back(open_page: OpenPage, desk: Desk) -> None:
    at = open_person(open_page, "handler2")
    click(at, "Deactivate")
    assert not desk.snapshot[Staff]["handler2"].active
    assert "吴经办" not in list(at.dataframe[0].value["name"])
    at.toggle(key=f"{PERSON}.former").set_value(True).run()
    assert "吴经办" in list(at.dataframe[0].value["name"])
    click(at, "Reactivate")
    assert desk.snapshot[Staff]["handler2"].active


def test_the_last_administrator_stays(open_page: OpenPage, desk: Desk) -> None:
    at = open_person(open_page, "administrator")
    click(at, "Deactivate")
    assert "nobody else may manage people" in at.error[0].value
    assert desk.snapshot[Staff]["administrator"].active


def test_every_editable_list_has_a_name(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="lists")
    offered = at.selectbox(key="list.chosen")
    assert len(offered.options) == len(NAMES)
    for name in NAMES:
        at.selectbox(key="list.chosen").set_value(name).run()
        assert not at.exception, name
        assert len(at.data_editor[0].value) == len(desk.lists.items(name))


def test_a_new_entry_is_offered_at_once(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="lists")
    at.selectbox(key="list.chosen").set_value("channel").run()
    at.text_input(key="list.new.channel.zh").set_value("抖音")
    click(at, "Add")
    assert not at.error
    assert desk.lists.label("channel", "dou_yin", "zh") == "抖音"
    assert "dou_yin" in desk.lists.codes("channel")
    assert at.text_input(key="list.new.channel.1.zh").value == ""
    intake = open_page("new_case", "intake", language="zh_CN")
    assert any("抖音" in box.options for box in [*intake.selectbox, *intake.segmented_control])


def test_an_entry_below_another(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="lists")
    at.selectbox(key="list.chosen").set_value("category").run()
    at.text_input(key="list.new.category.en").set_value("Noise at night")
    at.selectbox(key="list.new.category.parent").set_value("quality")
    click(at, "Add")
    assert not at.error
    assert desk.lists.has("category", "quality.noise_at_night")


def test_an_entry_without_label_is_refused_and_nothing_lost(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="lists")
    at.selectbox(key="list.chosen").set_value("channel").run()
    at.text_input(key="list.new.channel.code").set_value("phone_box")
    click(at, "Add")
    assert "must be filled in" in at.error[0].value
    assert at.text_input(key="list.new.channel.code").value == "phone_box"
    assert not desk.lists.has("channel", "phone_box")


@pytest.mark.parametrize(
    ("zh", "en", "code"),
    [
        ("抖音", "", "dou_yin"),
        ("抖音", "Tik Tok!", "tik_tok"),
        ("3号楼", "", "3_hao_lou"),
        ("，。", "", ""),
        ("", "é", ""),
    ],
)
def test_codes_are_made_from_labels(zh: str, en: str, code: str) -> None:
    assert code_of(zh=zh, en=en) == code


def test_a_day_is_set_and_taken_back(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="calendar")
    working = desk.calendar.is_working_day(date(2026, 3, 12))
    assert working
    at.date_input(key="calendar.day.day").set_value(date(2026, 3, 12))
    at.text_input(key="calendar.day.name").set_value("Annual meeting")
    click(at, "Set the day")
    assert not at.error
    assert not desk.calendar.is_working_day(date(2026, 3, 12))
    row = at.dataframe[0].value.set_index("Why").loc["Annual meeting"]
    assert row["Working hours"] == "closed"
    at.button(key="calendar.clear.2026-03-12").click().run()
    assert desk.calendar.is_working_day(date(2026, 3, 12))
    assert not desk.snapshot[CalendarDay]


@pytest.mark.trial(11)
def test_several_days_are_closed_at_once_and_what_moved_is_listed(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people)
    at = open_page("settings", "manager", language="en", part="calendar")
    at.date_input(key="calendar.day.day").set_value(date(2026, 3, 3))
    at.date_input(key="calendar.day.until").set_value(date(2026, 3, 8))
    click(at, "Set the day")
    assert not at.exception
    assert "1 case moved" in at.expander[0].label
    [listed] = [table.value for table in at.dataframe if "Was due" in table.value]
    assert set(listed["Case"]) == {case.case_no}
    assert "15 Mar 2026" in " ".join(listed["Is due"])


def test_hours_that_are_none_are_refused_and_kept(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="calendar")
    at.date_input(key="calendar.day.day").set_value(date(2026, 3, 12))
    at.text_input(key="calendar.day.spans").set_value("from nine to five")
    click(at, "Set the day")
    assert "must be times such as" in at.error[0].value
    assert at.text_input(key="calendar.day.spans").value == "from nine to five"
    assert not desk.snapshot[CalendarDay]


def test_the_workspace_tells_what_it_is_and_no_path(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="en", part="workspace")
    facts = dict(at.table[0].value.itertuples(index=False))
    assert facts["Data kept in"] == "SQLite file"
    assert facts["Changes saved"] == str(desk.snapshot.seq)
    assert desk.settings.store not in facts.values()
