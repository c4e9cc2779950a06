"""The page of data health: who sees it, what it shows, fixes in one click, and rows brought back."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import Problem
from lib.services.data.health import CHECKED, LEFT
from lib.services.data.restore import DELETED
from lib.store.codec import BadRow, encode
from lib.store.commit.batch import Change, remove
from lib.store.port import Write
from lib.ui.frame.app_pages import PAGES
from lib.ui.session.state import HEALTH
from tests.cases import take_in
from tests.pages.conftest import OpenPage


def put(desk: Desk, tab: str, row: dict[str, Any]) -> None:
    """Change a row past every service."""
    seq = desk.committer.refresh().seq
    line = {"seq": seq + 1, "commit_id": f"hand-{seq}", "line": 0, "at": "2026-03-02T09:00:00+08:00", "action": "edit"}
    desk.store.write(Write(seq, f"hand-{seq}", {tab: [row]}, {}, [line], {}))
    desk.committer.refresh()


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return take_in(desk, people["intake"])


def words(at: AppTest) -> str:
    return "\n".join(str(item.value) for item in at.main.markdown)


def click(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.main.button if label in button.label).click().run()


def test_nothing_wrong(open_page: OpenPage) -> None:
    at = open_page("health", "manager", language="en")
    assert at.success[0].value == "Nothing is wrong in the data."
    assert not at.exception


@pytest.mark.parametrize("role", ["intake", "handler", "head", "reviewer"])
def test_who_may_not_see_it(open_page: OpenPage, role: str) -> None:
    at = open_page("health", role, language="en")
    assert at.error
    assert not at.success


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ("Channel", "is not in the list", "“鸽子”")), ("zh_CN", ("渠道", "不在列表中", "“鸽子”"))],
)
def test_a_problem_in_both_languages(
    open_page: OpenPage, desk: Desk, case: Case, language: str, expected: tuple[str, ...]
) -> None:
    put(desk, "cases", {**encode(case), "channel": "鸽子"})
    at = open_page("health", "manager", language=language)
    assert all(text in words(at) for text in expected)
    assert not at.exception


def test_a_bad_row_is_put_right_with_one_click(open_page: OpenPage, desk: Desk, case: Case) -> None:
    put(
        desk,
        "cases",
        {**encode(case), "priority": "紧急", "client_phone": "138 0013 8001", "occurred_on": "2026年3月1日"},
    )
    at = open_page("health", "manager", language="en")
    assert "The app uses the last valid version" in words(at)
    click(at, "Apply all of them")
    assert not at.exception
    assert at.success[0].value == "Nothing is wrong in the data."
    now = desk.snapshot[Case][case.case_no]
    assert (now.priority, now.client_phone, str(now.occurred_on)) == ("P1", "13800138001", "2026-03-01")
    at.switch_page(str(PAGES["case"].file))
    at.query_params["no"] = case.case_no
    at.run()
    assert not at.exception
    assert "Fixed" in words(at)
    assert "2026年3月1日" in words(at)


@pytest.mark.trial(35)
@pytest.mark.parametrize(
    ("language", "told", "button"),
    [
        ("en", "rows were moved here while the app wrote", "Checked"),
        ("zh_CN", "系统写入时有人移动了这里的行", "已检查"),
    ],
)
def test_a_row_that_no_repair_put_right_is_checked_by_somebody(
    open_page: OpenPage, desk: Desk, case: Case, people: dict[str, Actor], language: str, told: str, button: str
) -> None:
    desk.save(system_actor(), [Change(LEFT, "cases", case.case_no, case.case_no)])
    at = open_page("health", "manager", language=language)
    assert told in words(at)
    click(at, button)
    assert not at.exception
    assert at.main.success
    assert told not in words(at)
    assert [line.actor for line in desk.history(actions=[CHECKED])] == [people["manager"].staff_id]


def test_a_value_is_typed_instead_and_an_error_keeps_it(open_page: OpenPage, desk: Desk, case: Case) -> None:
    put(desk, "cases", {**encode(case), "client_phone": "没有电话"})
    at = open_page("health", "manager", language="en")
    box = next(one for one in at.main.text_input if one.label == "Client phone")
    assert box.value == "没有电话"
    box.set_value("12").run()
    click(at, "Apply")
    assert "telephone number" in at.error[0].value
    box = next(one for one in at.main.text_input if one.label == "Client phone")
    assert box.value == "12"
    box.set_value("13900139001").run()
    click(at, "Apply")
    assert desk.snapshot[Case][case.case_no].client_phone == "13900139001"


def test_a_cell_may_be_emptied(open_page: OpenPage, desk: Desk, case: Case) -> None:
    put(desk, "cases", {**encode(case), "occurred_on": "不知道"})
    at = open_page("health", "manager", language="en")
    assert next(one for one in at.main.button if one.label == "Apply").disabled
    next(one for one in at.main.checkbox if one.label == "Leave the cell empty").check().run()
    click(at, "Apply")
    assert desk.snapshot[Case][case.case_no].occurred_on is None
    assert at.success


def test_a_row_that_changed_meanwhile_is_not_written_over(open_page: OpenPage, desk: Desk, case: Case) -> None:
    put(desk, "cases", {**encode(case), "priority": "紧急"})
    at = open_page("health", "manager", language="en")
    put(desk, "cases", {**encode(case), "priority": "重大"})
    click(at, "Apply")
    assert at.error
    assert desk.snapshot.tables["cases"].bad[case.case_no].row["priority"] == "重大"
    click(at, "Apply")
    assert desk.snapshot[Case][case.case_no].priority == "P2"


def test_an_unknown_choice_is_added_to_its_list(open_page: OpenPage, desk: Desk, case: Case) -> None:
    put(desk, "cases", {**encode(case), "channel": "鸽子"})
    at = open_page("health", "manager", language="en")
    click(at, "Add “鸽子” to the list")
    assert desk.lists.label("channel", "ge_zi", "zh") == "鸽子"
    assert desk.snapshot[Case][case.case_no].channel == "ge_zi"
    assert at.success


def test_safe_suggestions_all_at_once(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    cases = [take_in(desk, people["intake"]) for _ in range(3)]
    for case, channel in zip(cases, ("Hotline", "热线电话", "hotlin"), strict=True):
        put(desk, "cases", {**encode(case), "channel": channel})
    label = desk.lists.label("channel", "hotline", "zh")
    put(desk, "cases", {**encode(cases[1]), "channel": label})
    at = open_page("health", "manager", language="en")
    click(at, "Put 2 records right")
    assert [desk.snapshot[Case][case.case_no].channel for case in cases] == ["hotline", "hotline", "hotlin"]
    assert "probably" in words(at)


@pytest.mark.trial(33)
def test_the_same_value_in_many_rows_is_one_card(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    cases = [take_in(desk, people["intake"]) for _ in range(9)]
    for case in cases:
        put(desk, "cases", {**encode(case), "channel": "飞鸽传书"})
    at = open_page("health", "manager", language="en")
    assert words(at).count("飞鸽传书") == 1
    assert "9 rows with the same problem" in words(at)
    next(box for box in at.main.selectbox if box.label == "Channel").set_value("hotline").run()
    click(at, "Apply to all 9")
    assert not at.exception
    assert {desk.snapshot[Case][case.case_no].channel for case in cases} == {"hotline"}


@pytest.mark.trial(33)
def test_the_same_unknown_value_becomes_an_entry_for_all_its_rows(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    cases = [take_in(desk, people["intake"]) for _ in range(3)]
    for case in cases:
        put(desk, "cases", {**encode(case), "channel": "飞鸽传书"})
    click(open_page("health", "manager", language="en"), "Add “飞鸽传书” to the list")
    codes = {desk.snapshot[Case][case.case_no].channel for case in cases}
    assert [desk.lists.label("channel", code, "zh") for code in codes] == ["飞鸽传书"]


def test_what_is_missing_is_asked_for_case_by_case(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    for _ in range(2):
        put(desk, "cases", {**encode(take_in(desk, people["intake"])), "stage": "answered"})
    at = open_page("health", "manager", language="en")
    assert "rows with the same problem" not in words(at)


def test_by_table_and_by_reason(open_page: OpenPage, desk: Desk, case: Case) -> None:
    put(desk, "cases", {**encode(case), "channel": "鸽子"})
    put(desk, "tasks", {"task_id": "t1", "case_no": "TS-2026-000777", "title": "看现场"})
    at = open_page("health", "manager", language="en", tab="tasks")
    assert "鸽子" not in words(at)
    assert "TS\\-2026\\-000777" in words(at)
    at = open_page("health", "manager", language="en")
    assert "鸽子" in words(at)
    at.button_group(key=f"{HEALTH}reason").set_value("is not the number of a case").run()
    assert "鸽子" not in words(at)


def test_only_the_first_are_shown_until_asked(open_page: OpenPage, desk: Desk) -> None:
    for number in range(25):
        put(desk, "tasks", {"task_id": f"t{number}", "case_no": f"nothing {number}", "title": "看现场"})
    at = open_page("health", "manager", language="en")
    assert sum("Tasks t" in str(item.value) for item in at.main.markdown) == 20
    click(at, "Show more")
    assert sum("Tasks t" in str(item.value) for item in at.main.markdown) == 25


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_deleted_row_is_brought_back(open_page: OpenPage, desk: Desk, case: Case, language: str) -> None:
    desk.save(system_actor(), [remove(case, action=DELETED)])
    at = open_page("health", "manager", language=language)
    assert case.title in words(at)
    at.button(key=f"{HEALTH}restore.cases.{case.case_no}").click().run()
    assert desk.snapshot[Case][case.case_no] == case
    assert case.title not in words(at)
    assert not at.exception


@pytest.mark.parametrize(("language", "ways"), [("en", "Accepted (Accept)"), ("zh_CN", "已受理")])
def test_a_stage_typed_past_the_rules_says_what_is_allowed(
    open_page: OpenPage, desk: Desk, case: Case, monkeypatch: pytest.MonkeyPatch, language: str, ways: str
) -> None:
    row = {**encode(case), "stage": "accepted"}
    problem = Problem("stage", "step_missing", "accepted", {"missing": ("category",)})
    bad = desk.snapshot.beside({"cases": {case.case_no: BadRow("cases", case.case_no, row, (problem,))}}, {})
    monkeypatch.setattr(desk.committer, "_snapshot", bad)
    at = open_page("health", "manager", language=language)
    told = "\n".join(str(caption.value) for caption in at.main.caption)
    assert ways in told
    assert ("“Accepted”" if language == "en" else "“已受理”") in words(at)  # as it was typed, not the code behind it
    assert ("Category" if language == "en" else "分类") in told
    assert not at.exception


@pytest.mark.trial(36)
@pytest.mark.parametrize(("language", "told"), [("en", "An older version"), ("zh_CN", "旧版本")])
def test_what_an_older_version_does_not_have_is_brought_back(
    open_page: OpenPage, desk: Desk, case: Case, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    lines = desk.store.history()
    desk.save(system_actor(), [remove(case)])
    monkeypatch.setattr(desk.store, "beyond", lambda: lines, raising=False)
    at = open_page("health", "manager", language=language)
    assert any(told in str(item.value) for item in at.main.subheader)
    at.button(key=f"{HEALTH}bring_back").click().run()
    assert desk.snapshot[Case][case.case_no] == case
    assert not any(told in str(item.value) for item in at.main.subheader)
    assert not at.exception
