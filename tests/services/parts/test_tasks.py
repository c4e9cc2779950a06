"""Tasks and outside parties: added, changed, finished; nothing half filled in, nobody's change lost."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case_parts import Contact, Task
from lib.domain.rules.permissions import Actor
from lib.errors import Conflict, InvalidFields
from lib.services.parts import contacts, tasks
from tests.cases import assigned
from tests.support import MONDAY, Clock

YESTERDAY = (MONDAY - timedelta(days=1)).date()


def a_task(desk: Desk, people: dict[str, Actor], **values: object) -> Task:
    case = assigned(desk, people)
    receipt = tasks.add_task(desk, actor=people["handler"], case=case, values={"title": "约物业看现场", **values})
    return desk.snapshot[Task][receipt.first("tasks")]


def a_contact(desk: Desk, people: dict[str, Actor], **values: object) -> Contact:
    case = assigned(desk, people)
    known = {"name": "阳光物业", "phone": "021-61234567", "asked": "关闭阀门", **values}
    receipt = contacts.add_contact(desk, actor=people["handler"], case=case, values=known)
    return desk.snapshot[Contact][receipt.first("contacts")]


def test_a_task_without_an_owner_is_that_of_the_handler(desk: Desk, people: dict[str, Actor]) -> None:
    assert a_task(desk, people).owner == "handler"
    assert a_task(desk, people, owner="head").owner == "head"


def test_a_task_is_changed_and_done(desk: Desk, people: dict[str, Actor]) -> None:
    task, due = a_task(desk, people), desk.now() + timedelta(days=1)
    tasks.edit_task(desk, task, actor=people["handler"], values={"due_at": due, "owner": "head"})
    changed = desk.snapshot[Task][task.task_id]
    assert (changed.due_at, changed.owner, changed.title) == (due, "head", task.title)
    tasks.finish_task(desk, changed, actor=people["head"])
    done = desk.snapshot[Task][task.task_id]
    assert (done.done_at, done.done_by) == (desk.now(), "head")
    actions = [line.action for line in desk.history(case_no=task.case_no)][-3:]
    assert actions == ["add_task", "edit_task", "finish_task"]
    tasks.reopen_task(desk, done, actor=people["handler"])
    again = desk.snapshot[Task][task.task_id]
    assert (again.done_at, again.done_by) == (None, "")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"title": " "}, "missing"),
        ({"done_by": "head"}, "not_in_form"),
        ({"task_id": "x"}, "not_in_form"),
        ({"due_at": MONDAY - timedelta(minutes=1)}, "in_the_past"),
    ],
)
def test_what_a_task_cannot_be(desk: Desk, people: dict[str, Actor], values: dict[str, object], code: str) -> None:
    task = a_task(desk, people)
    with pytest.raises(InvalidFields, match=code):
        tasks.edit_task(desk, task, actor=people["handler"], values=values)
    assert desk.snapshot[Task][task.task_id] == task


def test_two_people_change_one_task(desk: Desk, people: dict[str, Actor], open_another: Callable[[], Desk]) -> None:
    task, other = a_task(desk, people), open_another()
    tasks.edit_task(other, task, actor=people["manager"], values={"owner": "head"})
    with pytest.raises(Conflict) as conflict:
        tasks.edit_task(desk, task, actor=people["handler"], values={"owner": "handler2"})
    assert [(clash.field, clash.theirs) for clash in conflict.value.clashes] == [("owner", "head")]


@pytest.mark.trial(34)
@pytest.mark.parametrize("number", ["110", "95598", "96333"])
def test_the_short_number_of_an_outside_party(desk: Desk, people: dict[str, Actor], number: str) -> None:
    assert a_contact(desk, people, phone=number).phone == number


def test_an_outside_party_promises_anew(desk: Desk, people: dict[str, Actor]) -> None:
    contact = a_contact(desk, people, promised_on=date(2026, 3, 4))
    contacts.edit_contact(desk, contact, actor=people["handler"], values={"promised_on": date(2026, 3, 9)})
    changed = desk.snapshot[Contact][contact.contact_id]
    assert (changed.promised_on, changed.asked, changed.asked_at) == (date(2026, 3, 9), "关闭阀门", desk.now())
    contacts.finish_contact(desk, changed, actor=people["handler"])
    assert desk.snapshot[Contact][contact.contact_id].done_on == desk.today()


def test_what_is_late_already_is_edited_all_the_same(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    task, contact = a_task(desk, people, due_at=desk.now()), a_contact(desk, people, promised_on=desk.today())
    clock.forward(days=2)
    tasks.edit_task(desk, task, actor=people["handler"], values={"due_at": task.due_at, "title": "再约物业"})
    kept = {"promised_on": contact.promised_on, "asked": "派人查看"}
    contacts.edit_contact(desk, contact, actor=people["handler"], values=kept)
    assert desk.snapshot[Task][task.task_id].title == "再约物业"
    assert desk.snapshot[Contact][contact.contact_id].asked == "派人查看"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": ""}, "name"), ({"phone": "12"}, "phone"), ({"promised_on": YESTERDAY}, "promised_on")],
)
def test_what_an_outside_party_cannot_be(
    desk: Desk, people: dict[str, Actor], values: dict[str, object], field: str
) -> None:
    contact = a_contact(desk, people)
    with pytest.raises(InvalidFields) as refused:
        contacts.edit_contact(desk, contact, actor=people["handler"], values=values)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_what_an_outside_party_did_not_do_after_all_is_owed_again(desk: Desk, people: dict[str, Actor]) -> None:
    contact = a_contact(desk, people)
    contacts.finish_contact(desk, contact, actor=people["handler"])
    contacts.reopen_contact(desk, desk.snapshot[Contact][contact.contact_id], actor=people["handler"])
    assert desk.snapshot[Contact][contact.contact_id] == contact
