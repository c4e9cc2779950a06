"""Handling on the case page: site visit, plan and consent, tasks, outside parties, evidence, notes for the client."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, Task
from lib.domain.rules.permissions import Actor
from lib.services.cases import handling
from lib.services.parts import contacts, evidence, tasks, visits
from lib.ui.session.state import CASE_TAB
from tests.cases import assigned, move
from tests.pages.cases_support import texts
from tests.support import MONDAY, Clock, open_workspace

OpenPage = Callable[..., AppTest]
NAIVE = MONDAY.replace(tzinfo=None)
"""Streamlit's times have no zone."""


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return assigned(desk, people)


@pytest.fixture
def other(desk: Desk, tmp_path: Path, clock: Clock) -> Desk:
    """The same workspace, open in another process."""
    return open_workspace(tmp_path, clock)


def tab(open_page: OpenPage, name: str, case: Case, who: str = "handler", language: str = "en") -> AppTest:
    at = open_page("case", who, language=language, no=case.case_no)
    at.session_state[CASE_TAB] = name
    return at.run()


def now(desk: Desk, case: Case) -> Case:
    return desk.snapshot[Case][case.case_no]


def book(at: AppTest, case: Case, when: datetime) -> AppTest:
    at.button(key="visit.book").click().run()
    box = next(box for box in at.get("datetime_input") if box.key == f"visit.{case.case_no}.book.visit_at")
    return box.set_value(when).run()  # type: ignore[no-any-return, attr-defined]


def save(at: AppTest, case: Case, form: str) -> AppTest:
    return at.button(key=f"visit.{case.case_no}.{form}.save").click().run()


def test_a_visit_is_agreed_shown_and_called_off(open_page: OpenPage, desk: Desk, case: Case) -> None:
    at = tab(open_page, "Site visit", case)
    assert "No site visit agreed." in texts(at)
    at = save(book(at, case, NAIVE.replace(hour=15)), case, "book")
    assert not at.exception
    stored = now(desk, case)
    assert (stored.visit_at, stored.visit_by, stored.visit_minutes) == (MONDAY.replace(hour=15), "handler", 60)
    assert "李经办" in texts(at)
    assert [button.label for button in at.get("download_button")] != []
    at.button(key="visit.cancel").click().run()
    at = save(at, case, "cancel")
    assert "Reason: must be filled in" in at.error[0].value
    at.text_input(key=f"visit.{case.case_no}.cancel.reason").set_value("客户出差").run()
    at = save(at, case, "cancel")
    assert now(desk, case).visit_at is None


@pytest.mark.parametrize(("language", "words"), [("en", "is in the past"), ("zh_CN", "上门时间")])
def test_a_past_visit_is_refused_and_what_was_typed_stays(
    open_page: OpenPage, desk: Desk, case: Case, language: str, words: str
) -> None:
    at = tab(open_page, "Site visit" if language == "en" else "上门查看", case, language=language)
    at = book(at, case, NAIVE - timedelta(days=1))
    assert at.warning  # before it is saved
    at.text_input(key=f"visit.{case.case_no}.book.visit_place").set_value("物业办公室").run()
    at = save(at, case, "book")
    assert words in at.error[0].value
    assert at.text_input(key=f"visit.{case.case_no}.book.visit_place").value == "物业办公室"
    assert now(desk, case).visit_at is None


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (NAIVE.replace(hour=21), "outside the working hours"),
        (NAIVE.replace(month=10, day=1), "not a working day"),
    ],
)
def test_a_visit_out_of_hours_is_questioned_and_possible(
    open_page: OpenPage, desk: Desk, case: Case, when: datetime, words: str
) -> None:
    at = book(tab(open_page, "Site visit", case), case, when)
    assert any(words in warning.value for warning in at.warning)
    save(at, case, "book")
    assert now(desk, case).visit_at == when.replace(tzinfo=MONDAY.tzinfo)


def test_two_visits_of_one_person_at_one_time_are_noticed(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    second, at_three = assigned(desk, people), MONDAY.replace(hour=15)
    visits.book(desk, actor=people["handler"], case=second, values={"visit_at": at_three})
    at = book(tab(open_page, "Site visit", case), case, NAIVE.replace(hour=15, minute=30))
    assert any(second.case_no in warning.value for warning in at.warning)


def test_findings_are_written_down(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    visits.book(desk, actor=people["handler"], case=case, values={"visit_at": MONDAY.replace(hour=15)})
    clock.now = MONDAY.replace(hour=17)
    assert "findings not written down yet" in texts(open_page("home", "handler", language="en"))
    at = tab(open_page, "Site visit", case)
    at.button(key="visit.findings").click().run()
    at.text_area(key=f"visit.{case.case_no}.findings.visit_findings").set_value("接头老化").run()
    at = save(at, case, "findings")
    assert now(desk, case).visit_findings == "接头老化"
    assert "接头老化" in texts(at)
    assert "findings not written down yet" not in texts(open_page("home", "handler", language="en"))


def test_a_major_plan_is_made_into_a_paper_with_its_offer(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people, priority="P2")
    case = move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    at = open_page("case", "handler", language="en", no=case.case_no, do="offer_plan")
    key = f"move.{case.case_no}.offer_plan"
    at.text_area(key=f"{key}.plan_measures").set_value("更换水管接头").run()
    for name in ("plan_deadline", "promised_on"):
        at.date_input(key=f"{key}.{name}").set_value(date(2026, 3, 5))
    at.toggle(key=f"{key}.written_plan").set_value(False).run()
    at.button(key=f"{key}.save").click().run()
    assert "Written plan" in at.error[0].value
    assert at.text_area(key=f"{key}.plan_measures").value == "更换水管接头"
    at.toggle(key=f"{key}.written_plan").set_value(True).run()
    at.button(key=f"{key}.save").click().run()
    assert not at.exception
    assert now(desk, case).stage == "plan_offered"
    (kept,) = desk.snapshot[Evidence].values()
    assert (kept.kind, desk.files.get(kept.sha256)[:5]) == ("plan", b"%PDF-")


def test_consent_begins_with_the_client_and_now(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = offered(desk, people)
    at = open_page("case", "handler", language="en", no=case.case_no, do="consent")
    key = f"move.{case.case_no}.consent"
    at.button(key=f"{key}.save").click().run()
    assert "How the client agreed: must be filled in" in at.error[0].value
    assert ":red[:material/error: must be filled in]" in texts(at)
    at.button_group(key=f"{key}.consent_how").select("phone").run()
    assert not at.error  # said no longer once it is filled in
    at.button(key=f"{key}.save").click().run()
    stored = now(desk, case)
    assert (stored.stage, stored.consent_by, stored.consent_at) == ("in_progress", "王小明", desk.now())
    assert "The client agreed" in texts(tab(open_page, "Plan of the work", case))


def offered(desk: Desk, people: dict[str, Actor]) -> Case:
    case = move(desk, people["handler"], assigned(desk, people), "investigate", contacted_at=desk.now())
    plan: dict[str, Any] = {"plan_measures": "换水管", "plan_deadline": desk.today(), "promised_on": desk.today()}
    return move(desk, people["handler"], case, "offer_plan", **plan)


def test_starting_on_a_plan_without_consent_leads_to_the_consent(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = move(desk, people["handler"], offered(desk, people), "rework_plan")
    at = open_page("case", "handler", language="en", no=case.case_no, do="start")
    at.button(key=f"move.{case.case_no}.start.save").click().run()
    assert "How the client agreed: must be filled in" in at.error[0].value
    assert any("consent_how" in element.proto.body for element in at.get("html"))


def test_a_task_is_changed_in_its_row(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    due = desk.now() + timedelta(hours=1)
    receipt = tasks.add_task(desk, actor=people["handler"], case=case, values={"title": "约物业看现场", "due_at": due})
    number = receipt.first("tasks")
    clock.forward(hours=2)
    at = tab(open_page, "Tasks", case)
    assert "overdue" in texts(at)
    at.button(key=f"edit.{number}").click().run()
    at.text_input(key=f"part.{number}.title").set_value("").run()
    at.button(key=f"part.{number}.save").click().run()
    assert "Task: must be filled in" in at.error[0].value
    at.text_input(key=f"part.{number}.title").set_value("约物业和施工方").run()
    at.button(key=f"part.{number}.save").click().run()
    assert desk.snapshot[Task][number].title == "约物业和施工方"
    assert f"edit.{number}" in [button.key for button in at.button]


def test_a_task_marked_done_by_mistake_is_open_again(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    number = tasks.add_task(desk, actor=people["handler"], case=case, values={"title": "约物业看现场"}).first("tasks")
    at = tab(open_page, "Tasks", case)
    at.button(key=f"done.{number}").click().run()
    assert desk.snapshot[Task][number].done_at is not None
    at.button(key=f"reopen.{number}").click().run()
    assert desk.snapshot[Task][number].done_at is None
    assert f"done.{number}" in [button.key for button in at.button]


def test_a_promise_is_taken_back(open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case) -> None:
    values = {"name": "阳光物业", "party": "property_manager", "promised_on": date(2026, 3, 9)}
    number = contacts.add_contact(desk, actor=people["handler"], case=case, values=values).first("contacts")
    at = tab(open_page, "Outside parties", case)
    at.button(key=f"edit.{number}").click().run()
    promised, party = at.date_input(key=f"part.{number}.promised_on"), at.selectbox(key=f"part.{number}.party")
    assert (promised.value, party.value) == (date(2026, 3, 9), "property_manager")
    assert list(promised.proto.default) == []  # only what begins empty has a button that empties it
    assert not party.proto.HasField("default")
    promised.set_value(None)
    at.button(key=f"part.{number}.save").click().run()
    changed = desk.snapshot[Contact][number]
    assert (changed.promised_on, changed.party) == (None, "property_manager")


def test_two_people_change_one_outside_party(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    values = {"name": "阳光物业", "promised_on": date(2026, 3, 2)}
    number = contacts.add_contact(desk, actor=people["handler"], case=case, values=values).first("contacts")
    clock.forward(days=1)
    at = tab(open_page, "Outside parties", case)
    assert "late by 1 day" in texts(at)
    at.button(key=f"edit.{number}").click().run()
    at.date_input(key=f"part.{number}.promised_on").set_value(date(2026, 3, 5)).run()
    other.committer.refresh()
    theirs = {"promised_on": date(2026, 3, 9)}
    contacts.edit_contact(other, other.snapshot[Contact][number], actor=people["manager"], values=theirs)
    at.button(key=f"part.{number}.save").click().run()
    assert desk.snapshot[Contact][number].promised_on == date(2026, 3, 9)
    assert any("王经理" in (warning.proto.title or "") for warning in at.warning)
    at.button(key=f"part.{number}.save").click().run()
    assert desk.snapshot[Contact][number].promised_on == date(2026, 3, 5)


def test_the_second_sees_what_the_first_did(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor], case: Case
) -> None:
    first = open_page("case", "handler", language="en", no=case.case_no, do="contact")
    second = open_page("case", "manager", language="en", no=case.case_no, do="investigate")
    key = f"move.{case.case_no}.contact"
    first.text_area(key=f"{key}.text").set_value("已联系").run()
    first.button(key=f"{key}.save").click().run()
    second.run()
    assert "已联系" in texts(second)
    third = open_page("case", "handler", language="en", no=case.case_no, do="wait")
    case = move(desk, people["manager"], case, "investigate")
    case = move(desk, people["manager"], case, "answer", answer_text="已修复")
    third.run()
    warning = third.warning[0].value
    assert "it is now in Answered" in warning
    assert "王经理" in warning


def test_a_note_for_the_client_is_begun_with_a_template(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    at = open_page("case", "handler", language="zh_CN", no=case.case_no)
    assert not at.info
    at.button_group(key=next(group.key for group in at.button_group if group.key.endswith(".audience"))).select(
        "client"
    ).run()
    assert at.info[0].value
    area = next(area for area in at.text_area if area.key and area.key.endswith(".text"))
    menu = next(menu for menu in at.get("menu_button") if menu.key == f"{area.key}.template")
    menu.set_value("delay").run()  # type: ignore[attr-defined]
    area = at.text_area(key=area.key)
    assert "王小明您好" in area.value
    button = next(button for button in at.button if button.key and button.key == area.key.replace(".text", ".add"))
    button.click().run()
    assert "［承诺日期］" in at.error[0].value  # a blank does not go out
    at.text_area(key=area.key).set_value(area.value.replace("［承诺日期］", "3月9日")).run()
    at.button(key=button.key).click().run()
    line = next(line for line in desk.history(case_no=case.case_no) if "3月9日" in line.text)
    assert line.audience == "client"


def test_internal_notes_are_marked_as_such(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    handling.add_note(desk, actor=people["handler"], case=case, text="客户情绪激动")
    at = open_page("case", "handler", language="en", no=case.case_no)
    line = next(element.value for element in at.markdown if "客户情绪激动" in element.value)
    assert "Internal" in line
    assert "Client sees this" not in line


def test_a_witness_statement_is_kept_and_read(open_page: OpenPage, desk: Desk, case: Case) -> None:
    at = tab(open_page, "Evidence", case)
    at.text_input(key=_of(at, ".witness")).set_value("赵邻居").run()
    at.button(key=_of(at, ".add", within="statement.")).click().run()
    assert "What the witness says: must be filled in" in at.error[0].value
    at.text_area(key=_of(at, ".statement")).set_value("周一早上看到滴水。").run()
    at.button(key=_of(at, ".add", within="statement.")).click().run()
    (kept,) = desk.snapshot[Evidence].values()
    assert (kept.kind, kept.note) == ("witness", "赵邻居")
    assert any("周一早上看到滴水。" in text.value for text in at.text)


def _of(at: AppTest, ending: str, *, within: str = "") -> str:
    widgets = [*at.text_input, *at.text_area, *at.button]
    return next(w.key for w in widgets if w.key and w.key.endswith(ending) and w.key.startswith(within))


@pytest.mark.parametrize(
    ("spoil", "words"), [("remove", "missing from the file storage"), ("damage", "changed or damaged")]
)
def test_a_file_that_was_lost_is_said_to_be(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case, spoil: str, words: str
) -> None:
    evidence.add_statement(desk, actor=people["handler"], case=case, witness="赵邻居", text=f"话 {spoil}")
    (kept,) = desk.snapshot[Evidence].values()
    path = Path(desk.settings.files_dir) / kept.sha256[:2] / kept.sha256
    if spoil == "remove":
        path.unlink()
    else:
        path.write_bytes(b"x" * kept.size)
    desk.files._seen.clear()  # as after a restart
    at = tab(open_page, "Evidence", case)
    assert not at.exception
    assert words in texts(at)


def test_spaces_are_refused_and_said_so(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = assigned(desk, people)
    at = open_page("case", "handler", language="en", no=case.case_no, do="wait")
    key = f"move.{case.case_no}.wait"
    at.text_input(key=f"{key}.wait_reason").set_value("   ").run()
    at.button(key=f"{key}.save").click().run()
    assert not at.exception
    assert "Reason for waiting: must be filled in" in "\n".join(error.value for error in at.error)


def test_a_time_that_was_not_touched_stays_to_the_second(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = assigned(desk, people)
    clock.forward(seconds=17)
    case = move(desk, people["handler"], case, "contact")
    at = open_page("case", "handler", language="en", no=case.case_no, do="investigate")
    at.button(key=f"move.{case.case_no}.investigate.save").click().run()
    after = desk.snapshot[Case][case.case_no]
    assert (after.stage, after.contacted_at) == ("investigating", case.contacted_at)
