"""Short fields take short texts, by whatever door they come, and every verb says so in words."""

import inspect
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, FollowUp, Survey, Task
from lib.domain.records.fields import columns
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import Actor
from lib.domain.text.uploads import BadUpload
from lib.errors import CasesheetError, InvalidFields
from lib.services.aftercare import follow_ups, satisfaction
from lib.services.cases import archive, handling, intake, reporting
from lib.services.data import fix, health, saved_views, search
from lib.services.data.importing.history_case import historical
from lib.services.data.importing.mapping import ColumnRule, ImportMapping, save_mapping
from lib.services.data.pinyin import sounds
from lib.services.parts import contacts, evidence, tasks, visits
from lib.services.people import people
from lib.services.story import audit
from lib.services.work import assignment
from lib.services.workspace import lists
from lib.store.port import Write
from lib.store.schema import HOT_TABS, SCHEMA
from lib.words.errors import explain
from tests.cases import LEAK, answered, assigned, take_in

LONG = "长" * 60_000
"""Longer than a cell of any spreadsheet."""


@pytest.mark.trial(23)
def test_every_short_text_has_a_limit_declared_once() -> None:
    unlimited = [
        (name, column.key)
        for name in HOT_TABS
        for column in SCHEMA[name].columns.values()
        if column.kind == "text" and column.key != "broken_promises" and not 0 < column.limit <= 500
    ]
    assert unlimited == []
    known = columns(Case)
    limits = {name: known[name].limit for name in ("client_name", "room", "title")}
    assert limits == {"client_name": 80, "room": 40, "title": 200}
    assert {name: reporting.LIMITS[name] for name in ("client_name", "room")} == {"client_name": 80, "room": 40}


@pytest.mark.trial(23)
@pytest.mark.parametrize(("field", "limit"), [("client_name", 80), ("room", 40), ("title", 200), ("community", 80)])
def test_a_form_and_a_changed_fact_meet_the_limit(desk: Desk, people: dict[str, Actor], field: str, limit: int) -> None:
    case = take_in(desk, people["intake"], **{field: "长" * limit})
    for act in (
        lambda: take_in(desk, people["intake"], **{field: "长" * (limit + 1)}),
        lambda: handling.edit_facts(desk, actor=people["manager"], case=case, values={field: "长" * (limit + 1)}),
    ):
        with pytest.raises(InvalidFields) as refused:
            act()
        (problem,) = refused.value.problems
        assert (problem.field, problem.code, problem.facts) == (field, "too_long", {"limit": limit})
        assert str(limit) in explain(refused.value, lists=desk.lists)[0]
        assert "长长" not in explain(refused.value, lists=desk.lists)[0]


def _from_before(desk: Desk, **fields: str) -> Case:
    """A row as a version without limits wrote it."""
    row = {"case_no": "TS-2026-000777", "taken_at": desk.now().isoformat(), "stage": "new", **LEAK, **fields}
    line = {
        "seq": desk.snapshot.seq + 1, "commit_id": "old", "line": 0, "at": desk.now().isoformat(), "actor": "intake",
        "action": "intake", "tab": "cases", "record_id": row["case_no"], "case_no": row["case_no"],
        "audience": "internal", "text": "", "changes": "",
    }  # fmt: skip
    desk.store.write(Write(desk.snapshot.seq, "old", {"cases": [row]}, {}, [line], {}, {}))
    return desk.committer.refresh()[Case][row["case_no"]]


@pytest.mark.trial(23)
def test_a_row_from_before_the_limits_is_on_data_health_and_not_in_the_index(
    desk: Desk, people: dict[str, Actor]
) -> None:
    case = _from_before(desk, client_name="王" * 20_000)

    problems = [(one.key, one.field, one.reason) for one in health.record_problems(desk) if one.reason == "too_long"]
    assert problems == [(case.case_no, "client_name", "too_long")]
    manager = people["manager"]
    assert search.search(desk, "王王", actor=manager) == []
    assert search.search(desk, "wangwang", actor=manager) == []
    assert search.search(desk, "漏水", actor=manager) == [case.case_no]
    handling.edit_facts(desk, actor=manager, case=case, values={"location": "厨房"})  # it goes on being worked on
    assert desk.snapshot[Case][case.case_no].client_name == case.client_name


@pytest.mark.trial(23)
def test_how_a_long_name_sounds_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        read = sounds("王小明" * 16_000, person=True)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert len(read) < 5_000
    assert "\nwangxiaoming" in read


@pytest.mark.trial(23)
def test_a_long_title_of_an_imported_row_stands_in_its_description(desk: Desk) -> None:
    told = "厨房漏水，" * 60
    mapping = ImportMapping(columns={"a": ColumnRule(field="title")})
    read = historical(desk, mapping, {"title": told, "description": "已修", "taken_at": desk.now()}, {})
    assert len(read["title"]) <= 30
    assert read["description"] == f"{told}\n已修"


class Verbs:
    """What every verb is called with, and where the long text goes."""

    def __init__(self, desk: Desk, people: dict[str, Actor]) -> None:
        self.desk, self.people = desk, people
        self.case = assigned(desk, people)
        self.actor = people["manager"]

    def part(self, model: Any) -> Any:
        """A task, an outside party, a follow-up of the case."""
        case, actor, desk = self.case, self.actor, self.desk
        if model is Task:
            key = tasks.add_task(desk, actor=actor, case=case, values={"title": "看"}).first("tasks")
        elif model is Contact:
            key = contacts.add_contact(desk, actor=actor, case=case, values={"name": "物业"}).first("contacts")
        elif model is Survey:
            key = satisfaction.send(desk, actor=actor, case=answered(desk, self.people)).survey_id
        else:
            due = desk.today() + timedelta(days=1)
            key = follow_ups.plan_follow_up(desk, actor=actor, case=case, due_on=due).first("follow_ups")
        return desk.snapshot[model][key]


def _fix(desk: Desk, actor: Actor) -> None:
    _from_before(desk, client_name="王" * 20_000)
    long = [one for one in health.record_problems(desk) if one.reason == "too_long"]
    fix.fix(desk, actor=actor, problems=long, values={"client_name": LONG})


def _many(names: Mapping[str, Any] | tuple[str, ...], call: Callable[[Verbs, dict[str, str]], Any], what: str) -> Any:
    return [pytest.param(lambda v, name=name: call(v, {name: LONG}), id=f"{what}: {name}") for name in names]


def _one(what: str, call: Callable[[Verbs], Any]) -> Any:
    return pytest.param(call, id=what)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
FACTS = [name for name, one in columns(Case).items() if handling.is_fact(one) and one.kind in ("text", "long_text")]
CALLS = [
    *_many(intake.INTAKE_FIELDS,
           lambda v, text: intake.register(v.desk, actor=v.actor, values={**LEAK, **text}), "register"),
    *_many(tuple(reporting.LIMITS),
           lambda v, text: reporting.report(v.desk, values={**LEAK, **text}, consent=True), "report"),
    *_many(tasks.FIELDS[:2], lambda v, text: tasks.add_task(
        v.desk, actor=v.actor, case=v.case, values={"title": "看", **text}), "add_task"),
    *_many(tasks.FIELDS[:2], lambda v, text: tasks.edit_task(
        v.desk, v.part(Task), actor=v.actor, values=text), "edit_task"),
    *_many(contacts.FIELDS[:4], lambda v, text: contacts.add_contact(
        v.desk, actor=v.actor, case=v.case, values={"name": "物业", **text}), "add_contact"),
    *_many(contacts.FIELDS[:4], lambda v, text: contacts.edit_contact(
        v.desk, v.part(Contact), actor=v.actor, values=text), "edit_contact"),
    *_many(tuple(FACTS), lambda v, text: handling.edit_facts(
        v.desk, actor=v.actor, case=v.case, values=text), "edit_facts"),
    *_many(("visit_by", "visit_place"), lambda v, text: visits.book(
        v.desk, actor=v.actor, case=v.case, values={"visit_at": v.desk.now() + timedelta(days=1), **text}), "book"),
    *_many(("name", "email", "role", "branch", "phone"), lambda v, text: people.add_staff(
        v.desk, actor=v.people["administrator"],
        values={"name": "赵", "email": "z@example.cn", "role": "handler", **text}), "add_staff"),
    *_many(("name", "email", "role", "branch", "phone"), lambda v, text: people.edit_staff(
        v.desk, actor=v.people["administrator"], staff=v.desk.snapshot[Staff]["handler"], values=text), "edit_staff"),
    *_many(("zh", "en", "code", "parent"), lambda v, text: lists.add_item(
        v.desk, actor=v.actor, list_name="channel", **{"zh": "抖音", "en": "", "code": "dy", **text}), "add_item"),
    *_many(("zh", "en"), lambda v, text: lists.edit_item(
        v.desk, actor=v.actor, item=v.desk.snapshot[ListItem]["channel.hotline"], values=text), "edit_item"),
    *_many(("name", "spans"), lambda v, text: lists.set_day(
        v.desk, actor=v.actor, day=date(2026, 3, 9), **{"name": "", "spans": "", **text}), "set_day"),
    *_many(("name", "query"), lambda v, text: saved_views.save_view(
        v.desk, actor=v.actor, **{"name": "我的", "query": "", **text}), "save_view"),
    *_many(("client_name", "client_phone", "deal_no", "branch"), lambda v, text: follow_ups.plan_follow_up(
        v.desk, actor=v.actor, due_on=v.desk.today(), client={"client_phone": "19900001234", **text}),
        "plan_follow_up"),
    *_many(("description", "kind"), lambda v, text: follow_ups.record_outcome(
        v.desk, actor=v.actor, follow_up=v.part(FollowUp), outcome="problem",
        problem={"description": "漏", **text}), "record_outcome"),
    _one("record_outcome: note", lambda v: follow_ups.record_outcome(
        v.desk, actor=v.actor, follow_up=v.part(FollowUp), outcome="reached", note=LONG)),
    _one("add_note", lambda v: handling.add_note(v.desk, actor=v.actor, case=v.case, text=LONG)),
    _one("make_move: text", lambda v: handling.make_move(
        v.desk, actor=v.actor, case=v.case, move="investigate", values={"contacted_at": v.desk.now()}, text=LONG)),
    _one("make_move: field", lambda v: handling.make_move(
        v.desk, actor=v.actor, case=v.case, move="investigate",
        values={"contacted_at": v.desk.now(), "visit_place": LONG})),
    _one("cancel", lambda v: visits.cancel(v.desk, actor=v.actor, case=v.case, reason=LONG)),
    _one("record_findings", lambda v: visits.record_findings(v.desk, actor=v.actor, case=v.case, findings=LONG)),
    _one("add: note", lambda v: evidence.add(
        v.desk, actor=v.actor, case=v.case, files=[("a.png", PNG)], note=LONG)),
    _one("add: kind", lambda v: evidence.add(
        v.desk, actor=v.actor, case=v.case, files=[("a.png", PNG)], kind=LONG)),
    _one("add: name", lambda v: evidence.add(v.desk, actor=v.actor, case=v.case, files=[(LONG + ".png", PNG)])),
    *_many(("witness", "text", "phone"), lambda v, text: evidence.add_statement(
        v.desk, actor=v.actor, case=v.case, **{"witness": "赵", "text": "看到", **text}), "add_statement"),
    _one("add_to_case", lambda v: intake.add_to_case(v.desk, actor=v.actor, case_no=v.case.case_no, text=LONG)),
    _one("assign", lambda v: assignment.assign(
        v.desk, actor=v.actor, cases=[v.case], assignee="handler2", reason=LONG)),
    _one("record", lambda v: audit.record(v.desk, actor=v.actor, action="export", text=LONG)),
    _one("fix", lambda v: _fix(v.desk, v.people["administrator"])),
    _one("assign_each", lambda v: assignment.assign_each(
        v.desk, actor=v.actor, orders=[assignment.Order(v.case, "handler2", "")], reason=LONG)),
    _one("save_mapping", lambda v: save_mapping(
        v.desk, actor=v.actor, name=LONG, mapping=ImportMapping(columns={"a": ColumnRule(field="title")}))),
    _one("save_mapping: column", lambda v: save_mapping(
        v.desk, actor=v.actor, name="旧", mapping=ImportMapping(columns={LONG: ColumnRule(field="title")}))),
    _one("record_phone_answer", lambda v: satisfaction.record_phone_answer(
        v.desk, actor=v.actor, survey=v.part(Survey), answers={"outcome": 5, "process": 5}, comment=LONG)),
]  # fmt: skip


WITHOUT_TEXT = {
    "see", "archive", "finish_contact", "reopen_contact", "clear_day", "deactivate_item", "reorder", "deactivate",
    "set_leave", "send", "finish_task", "reopen_task", "forget_view", "add_choice", "checked",
}  # fmt: skip
"""Verbs that keep no text somebody typed: they name what is there already."""


SERVICES = (
    archive, assignment, audit, contacts, evidence, fix, follow_ups, handling, intake, lists, people, reporting,
    satisfaction, tasks, saved_views, visits,
)  # fmt: skip


def _verbs() -> set[str]:
    """Every verb of these services: it has an actor and gives a receipt."""
    found = set()
    for module in SERVICES:
        for name, verb in inspect.getmembers(module, inspect.isfunction):
            signature = inspect.signature(verb)
            saves = "commit_id" in signature.parameters or "Receipt" in str(signature.return_annotation)
            if verb.__module__ == module.__name__ and "actor" in signature.parameters and saves and name[0] != "_":
                found.add(name)
    return found


@pytest.mark.trial(28)
def test_every_verb_is_tried_with_a_text_over_the_limit() -> None:
    tried = {str(param.id).partition(":")[0] for param in CALLS}
    assert _verbs() - tried <= WITHOUT_TEXT


@pytest.mark.trial(28)
@pytest.mark.parametrize("call", CALLS)
def test_a_text_over_the_limit_is_told_in_words(desk: Desk, people: dict[str, Actor], call: Callable[..., Any]) -> None:
    """Whatever is too long is refused with the field and the reason, or kept; nothing else comes of it."""
    verbs = Verbs(desk, people)
    try:
        call(verbs)
    except (CasesheetError, BadUpload) as refused:
        lines = explain(refused, lists=desk.lists)
        assert lines
        assert all(len(line) < 300 for line in lines)
