"""The case page: finding, acting, editing, a real conflict, the timeline, masks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, Survey, Task
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import Actor, system_actor
from lib.services.cases import handling
from lib.services.cases.intake import add_to_case
from lib.services.story.timeline import timeline
from lib.store.commit.batch import create, edit
from lib.ui.session.state import CASE_TAB
from tests.pages.cases_support import JUDGED, accept, assign, take_in, texts
from tests.support import Clock, open_workspace

OpenPage = Callable[..., AppTest]


@pytest.fixture
def number(desk: Desk, people: dict[str, Actor]) -> str:
    return take_in(desk, people["intake"])


@pytest.fixture
def other(desk: Desk, tmp_path: Path, clock: Clock) -> Desk:
    """The same workspace, open in another process."""
    return open_workspace(tmp_path, clock)


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


@pytest.mark.parametrize(("language", "words"), [("zh_CN", ["受理", "待研判"]), ("en", ["Accept", "New"])])
def test_both_languages(open_page: OpenPage, number: str, language: str, words: list[str]) -> None:
    at = open_page("case", language=language, no=number)
    assert not at.exception
    assert words[0] in labels(at)
    assert number in texts(at)
    assert at.subheader[0].value == "厨房漏水，楼下也被泡了"


@pytest.mark.parametrize("asked", ["TS-2026-999999", "", "<script>"])
def test_an_unknown_number_is_told_nothing(open_page: OpenPage, number: str, asked: str) -> None:
    at = open_page("case", language="en", no=asked)
    assert "No such case" in texts(at)
    assert not at.tabs


def test_out_of_scope_reads_the_same_as_unknown(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    west = ListItem(item_id="branch.west", list_name="branch", code="west", zh="西店", en="West")
    desk.save(system_actor(), [create(west)])
    desk.save(system_actor(), [edit(desk.snapshot[Staff]["handler2"], {"branch": "west"})])
    assert texts(open_page("case", "handler2", no=number)) == texts(open_page("case", "handler2", no="TS-2026-999999"))
    assert number in texts(open_page("case", "handler", no=number))


def test_only_the_moves_of_this_person(open_page: OpenPage, number: str) -> None:
    assert "Accept" in labels(open_page("case", "head", language="en", no=number))
    at = open_page("case", "reviewer", language="en", no=number)
    assert "Accept" not in labels(at)
    assert "There is no step for you to take now." in texts(at)


def test_accept_judges_live_and_saves(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", language="en", no=number, do="accept")
    key = f"move.{number}.accept"
    assert "do" not in at.query_params
    for name, value in JUDGED.items():
        at.selectbox(key=f"{key}.{name}").set_value(value)
    at.selectbox(key=f"{key}.category").set_value("quality.leak")
    at.date_input(key=f"{key}.handover_on").set_value("2024-05-01").run()
    assert "Living and safety 15/30" in texts(at)
    assert "Within the warranty" in texts(at)
    at.button(key=f"{key}.save").click().run()
    assert not at.exception
    case = desk.snapshot[Case][number]
    assert (case.stage, case.severity_score, case.category) == ("accepted", 25.0, "quality.leak")
    assert case.priority == "P3"


def test_what_the_words_suggest_is_offered_and_not_set(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    number = take_in(
        desk, people["intake"], description="插座跳闸，卖家的房子被查封", category="fees", kind="complaint"
    )
    at = open_page("case", language="en", no=number, do="accept")
    key = f"move.{number}.accept"
    assert "This sounds urgent: Money at risk now" in texts(at)
    assert at.selectbox(key=f"{key}.category").value == "fees"
    at.button(key=f"{key}.category.suggested").click().run()
    at.button(key=f"{key}.priority.suggested").click().run()
    at.selectbox(key=f"{key}.complained_about").select("handler").run()
    assert "Warranty not known" in texts(at)
    assert not at.warning
    at.button(key=f"{key}.save").click().run()
    case = desk.snapshot[Case][number]
    assert (case.category, case.priority) == ("quality.plumbing_electric", "P1")
    assert case.complained_about == "handler"
    at = open_page("case", language="en", no=number, do="assign")
    box = at.selectbox(key=f"move.{number}.assign.assignee")
    assert not any("李经办" in option for option in box.options)
    assert box.value == "handler2"
    assert "The rules propose 吴经办" in texts(at)


def test_a_judgement_below_the_words_is_questioned(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    number = take_in(desk, people["intake"], description="插座漏电")
    at = open_page("case", language="en", no=number, do="accept")
    for name in JUDGED:
        at.selectbox(key=f"move.{number}.accept.{name}").set_value(1)
    at.run()
    assert "This sounds urgent" in texts(at)
    assert not [button for button in at.button if button.key == f"move.{number}.accept.priority.suggested"]


def test_a_decline_needs_a_ground_and_words_for_the_client(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", language="en", no=number, do="decline")
    key = f"move.{number}.decline"
    at.text_area(key=f"{key}.decline_reason").set_value("已过保修期").run()
    at.button(key=f"{key}.save").click().run()
    assert "Ground for declining: must be filled in" in at.error[0].value
    at.button_group(key=f"{key}.decline_ground").select("out_of_warranty").run()
    at.button(key=f"{key}.save").click().run()
    case = desk.snapshot[Case][number]
    assert (case.stage, case.decline_ground) == ("declined", "out_of_warranty")
    assert timeline(desk, case_no=number)[0].text == "已过保修期"


def test_danger_forces_the_first_priority(open_page: OpenPage, number: str) -> None:
    at = open_page("case", language="en", no=number, do="accept")
    for name in JUDGED:
        at.selectbox(key=f"move.{number}.accept.{name}").set_value(5 if name == "severity_safety" else 1)
    assert "Danger to people is always P1." in texts(at.run())


def test_what_is_missing_is_said_and_nothing_typed_is_lost(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", language="en", no=number, do="ask_more")
    key = f"move.{number}.ask_more"
    at.date_input(key=f"{key}.promised_on").set_value("2026-03-09").run()
    at.button(key=f"{key}.save").click().run()
    assert at.error
    assert at.date_input(key=f"{key}.promised_on").value.isoformat() == "2026-03-09"
    at.text_input(key=f"{key}.wait_reason").set_value("要交房日期").run()
    at.button(key=f"{key}.save").click().run()
    assert desk.snapshot[Case][number].stage == "need_info"


def test_assign_shows_the_load(open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str) -> None:
    accept(desk, people["manager"], number)
    at = open_page("case", language="en", no=number, do="assign")
    box = at.selectbox(key=f"move.{number}.assign.assignee")
    assert any("李经办 · 0 of 15 open" in option for option in box.options)
    box.set_value("handler").run()
    at.button(key=f"move.{number}.assign.save").click().run()
    case = desk.snapshot[Case][number]
    assert (case.stage, case.assignee, case.department) == ("assigned", "handler", "service")


def test_facts_are_edited_in_place(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", "intake", language="en", no=number)
    at.button(key="edit.property").click().run()
    at.text_input(key=f"facts.{number}.property.room").set_value("302").run()
    press(at, "Save")
    assert desk.snapshot[Case][number].room == "302"
    assert "edit.property" in [button.key for button in at.button]


def test_a_conflict_is_resolved_field_by_field(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor], number: str
) -> None:
    at = open_page("case", "intake", language="en", no=number)
    at.button(key="edit.property").click().run()
    key = f"facts.{number}.property"
    at.text_input(key=f"{key}.room").set_value("302").run()
    at.text_input(key=f"{key}.building").set_value("5幢").run()
    theirs = {"room": "303", "community": "翠湖苑", "building": "4幢"}
    other.committer.refresh()
    handling.edit_facts(other, actor=people["manager"], case=other.snapshot[Case][number], values=theirs)
    press(at, "Save")
    assert desk.snapshot[Case][number].room == "303"  # nothing was written over
    assert at.text_input(key=f"{key}.room").value == "302"
    choices = {radio.key: radio.options for radio in at.radio}
    assert choices[f"{key}.clash.room"] == ["Mine: 302", "Theirs: 303"]
    assert f"{key}.clash.community" not in choices
    at.radio(key=f"{key}.clash.building").set_value(False).run()
    press(at, "Save")
    case = desk.snapshot[Case][number]
    assert (case.room, case.building, case.community) == ("302", "4幢", "翠湖苑")
    assert not at.exception


def test_others_edits_of_other_fields_survive(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor], number: str
) -> None:
    at = open_page("case", "intake", no=number)
    at.button(key="edit.property").click().run()
    at.text_input(key=f"facts.{number}.property.room").set_value("302").run()
    other.committer.refresh()
    seen = other.snapshot[Case][number]
    handling.edit_facts(other, actor=people["manager"], case=seen, values={"community": "翠湖苑"})
    at.button(key=f"facts.{number}.property.save").click().run()
    case = desk.snapshot[Case][number]
    assert (case.room, case.community) == ("302", "翠湖苑")


def test_a_case_that_moved_on_meanwhile(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor], number: str
) -> None:
    at = open_page("case", language="en", no=number, do="decline")
    key = f"move.{number}.decline"
    at.button_group(key=f"{key}.decline_ground").select("out_of_warranty")
    at.text_area(key=f"{key}.decline_reason").set_value("超出保修期").run()
    other.committer.refresh()
    accept(other, people["manager"], number)
    assign(other, people["manager"], number)
    at.button(key=f"{key}.save").click().run()
    assert desk.snapshot[Case][number].stage == "assigned"
    assert "it is now in Assigned" in texts(at)
    assert at.text_area(key=f"{key}.decline_reason").value == "超出保修期"
    assert at.button(key=f"{key}.save").disabled


def test_a_double_click_saves_once(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", language="en", no=number)
    area = next(area for area in at.text_area if area.label == "What happened")
    area.set_value("客户说周六在家").run()
    press(at, "Add to the timeline")
    assert "客户说周六在家" in texts(at)
    assert next(area for area in at.text_area if area.label == "What happened").value == ""
    lines = [line for line in desk.history(case_no=number) if line.text == "客户说周六在家"]
    assert len(lines) == 1
    assert lines[0].audience == "internal"


def test_client_visible_lines_are_marked(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    case = desk.snapshot[Case][number]
    handling.add_note(desk, actor=people["manager"], case=case, text="明天上门", action="visit", audience="client")
    at = open_page("case", language="en", no=number)
    line = next(element.value for element in at.markdown if "明天上门" in element.value)
    assert "Client sees this" in line


def test_personal_data_is_revealed_on_record(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", "handler", language="en", no=number)
    assert "13800138000" not in texts(at)
    assert "张伟" not in texts(at)
    press(at, "Show the client")
    assert "13800138000" in texts(at)
    revealed = [line for line in desk.history(case_no=number) if line.action == "reveal"]
    assert {line.text for line in revealed} == {"client_name", "client_phone", "room"}
    assert {line.actor for line in revealed} == {"handler"}


def test_the_timeline_shows_no_personal_data_to_who_may_not(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    case = desk.snapshot[Case][number]
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"client_phone": "13911112222"})
    at = open_page("case", "handler", language="en", no=number)
    assert "Client phone: changed" in texts(at)
    assert "13911112222" not in texts(at)


def tab(open_page: OpenPage, name: str, number: str, who: str = "manager") -> AppTest:
    at = open_page("case", who, language="en", no=number)
    at.session_state[CASE_TAB] = name
    return at.run()


def test_tasks(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = tab(open_page, "Tasks", number)
    next(box for box in at.text_input if box.label.startswith("Task")).set_value("约物业看现场").run()
    press(at, "Add task")
    task = next(iter(desk.snapshot[Task].values()))
    assert task.title == "约物业看现场"
    at.button(key=f"done.{task.task_id}").click().run()
    assert desk.snapshot[Task][task.task_id].done_by == "manager"


def test_evidence_is_checked_kept_and_shown(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = tab(open_page, "Evidence", number)
    at.file_uploader[0].set_value([("x.exe", b"MZ\x90\x00", "application/octet-stream")]).run()
    assert "x\\.exe" in at.warning[0].value
    assert not [button for button in at.button if button.label == "Save these files"]
    program, contract = ("x.exe", b"MZ\x90\x00", ""), ("合同.txt", "第一条".encode(), "text/plain")
    at.file_uploader[0].set_value([program, contract]).run()
    press(at, "Save these files")
    kept = next(iter(desk.snapshot[Evidence].values()))
    assert kept.name == "合同.txt"
    assert kept.sha256[:12] in texts(at)


def test_a_damaged_photo_does_not_break_the_page(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    add_to_case(desk, actor=people["manager"], case_no=number, text="", files=[("a.jpg", b"\xff\xd8\xff\xe0rubbish")])
    at = tab(open_page, "Evidence", number)
    assert not at.exception
    assert "a\\.jpg" in texts(at)


def test_outside_parties(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = tab(open_page, "Outside parties", number)
    press(at, "Add")
    assert at.error  # a name is needed
    next(box for box in at.text_input if box.label == "Name *").set_value("阳光物业").run()
    press(at, "Add")
    contact = next(iter(desk.snapshot[Contact].values()))
    at.button(key=f"done.{contact.contact_id}").click().run()
    assert desk.snapshot[Contact][contact.contact_id].done_on == desk.today()


def test_survey_link_once_the_client_was_told(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    boss = people["manager"]
    assert "Make the survey's link" not in labels(tab(open_page, "Follow-up and survey", number))
    accept(desk, boss, number)
    assign(desk, boss, number)
    for move, values in (("contact", {}), ("investigate", {}), ("answer", {"answer_text": "已修复"})):
        handling.make_move(desk, actor=boss, case=desk.snapshot[Case][number], move=move, values=values)
    at = tab(open_page, "Follow-up and survey", number)
    press(at, "Make the survey's link")
    assert len(desk.snapshot[Survey]) == 1
    assert "/survey?token=" in at.code[0].value
    assert any("telephone" in expander.label for expander in at.expander)


def test_the_timeline_reads_the_store_only_after_a_commit(
    desk: Desk, people: dict[str, Actor], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = desk.store.history
    monkeypatch.setattr(desk.store, "history", lambda **conditions: asked.append(conditions) or real(**conditions))
    first = timeline(desk, number)
    assert timeline(desk, number) == first
    assert len(asked) == 1
    handling.add_note(desk, actor=people["manager"], case=desk.snapshot[Case][number], text="在吗")
    assert [line.text for line in timeline(desk, number)] == ["在吗", *(line.text for line in first)]
    assert timeline(desk, number)[1:] == first


@pytest.mark.trial(17)
def test_a_duplicate_is_merged_on_its_page_and_both_show_it(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    again = take_in(desk, people["intake"])
    at = open_page("case", "head", language="en", no=again, do="merge")
    key = f"move.{again}.merge"
    at.button(key=f"{key}.save").click().run()
    assert "Merged into: must be filled in" in at.error[0].value
    at.selectbox(key=f"{key}.merged_into").set_value(number).run()
    at.button(key=f"{key}.save").click().run()
    assert not at.exception
    assert desk.snapshot[Case][again].merged_into == number
    assert "Merged into" in texts(at)
    at = open_page("case", "head", language="en", no=number)
    assert "Merged into this case" in texts(at)
    assert desk.snapshot[Case][again].description in texts(at)
