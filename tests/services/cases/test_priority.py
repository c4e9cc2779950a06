"""Another priority moves the clocks that run, whoever changes it and wherever."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import NotAllowed
from lib.services.cases import handling
from lib.services.commit_rules.derived_fields import clocks_follow_priority
from lib.services.workspace.lists import set_day
from lib.store.codec import encode
from lib.store.commit.batch import Edit, create, edit, repair
from lib.store.commit.policy import Policy
from lib.store.port import Write
from tests.cases import assigned, move, take_in
from tests.google.server import SheetsServer
from tests.store.sheets.support import Sheets
from tests.store.support import a_case, batch, committer, replay, rows_of
from tests.support import MONDAY, ZONE, Clock

SERIAL = 46_086  # what a sheet calls 5 March 2026
JUDGED = {f"severity_{name}": 2 for name in ("scope", "safety", "loss", "legal", "reputation")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    """In somebody's hands since Monday, 2 March 2026 at ten, P3: plan 2 days, resolve 7 days."""
    return assigned(desk, people)


def dues(desk: Desk, case: Case) -> tuple[str, ...]:
    now = desk.snapshot[Case][case.case_no]
    return tuple(f"{due:%m-%d %H:%M}" for due in (now.contact_due, now.plan_due, now.resolve_due) if due)


def test_where_they_begin(desk: Desk, case: Case) -> None:
    assert dues(desk, case) == ("03-02 15:30", "03-04 10:00", "03-09 10:00")


def test_changed_by_hand(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"priority": "P1"})
    assert dues(desk, case) == ("03-02 11:00", "03-02 15:30", "03-03 10:00")
    lines = desk.history(case_no=case.case_no, actions=["edit"])
    assert all(name in lines[-1].changes for name in ("priority", "contact_due", "plan_due", "resolve_due"))


def test_judged_again(desk: Desk, people: dict[str, Actor], case: Case, clock: Clock) -> None:
    clock.forward(minutes=30)
    again = move(desk, people["manager"], case, "rejudge", **{**JUDGED, "severity_safety": 5})
    assert (again.stage, again.priority) == ("assigned", "P1")  # danger
    assert again.severity_score == 47.5
    assert dues(desk, case) == ("03-02 11:00", "03-02 15:30", "03-03 10:00")


def test_the_note_to_a_new_judgement_is_kept(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    values = {**JUDGED, "category": "fees"}
    handling.make_move(desk, actor=people["manager"], case=case, move="rejudge", values=values, text="现场更严重")
    [line] = desk.history(case_no=case.case_no, actions=["rejudge"])
    assert (line.text, line.audience) == ("现场更严重", "internal")


def test_not_everybody_judges(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    with pytest.raises(NotAllowed):
        move(desk, people["handler"], case, "rejudge", priority="P4")


def test_the_clocks_move_from_where_they_are_by_now(
    desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    """Somebody pauses and resumes the case while the manager still looks at it as it was."""
    wait = {"wait_reason": "等客户", "promised_on": desk.today()}
    move(desk, people["handler"], case, "contact")
    move(desk, people["handler"], case, "wait", **wait)
    clock.forward(hours=1)
    move(desk, people["handler"], case, "resume")
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"priority": "P4"})
    after = desk.snapshot[Case][case.case_no]
    assert after.resolve_due == at("2026-03-12 11:00")
    assert after.paused_work == 60


def test_the_same_priority_moves_nothing(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"priority": "P3", "title": "新标题"})
    assert dues(desk, case) == ("03-02 15:30", "03-04 10:00", "03-09 10:00")


def test_put_right_on_the_page_of_data_health(desk: Desk, case: Case) -> None:
    row = {**encode(case), "priority": "P9"}
    seq = desk.snapshot.seq
    line = {"seq": seq + 1, "commit_id": "h", "line": 0, "at": MONDAY.isoformat(), "action": "edit"}
    desk.store.write(Write(seq, "h", {"cases": [row]}, {}, [line], {}))
    desk.committer.refresh()
    desk.save(system_actor(), [repair("cases", case.case_no, {"priority": Edit("P9", "P2")})])
    assert dues(desk, case) == ("03-02 12:00", "03-03 10:00", "03-05 10:00")


def test_days_set_in_the_app_count(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    set_day(desk, actor=people["manager"], day=at("2026-03-10").date(), name="停电")
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"priority": "P4"})
    assert dues(desk, case)[-1] == "03-13 10:00"


def test_before_the_first_judgement(desk: Desk, people: dict[str, Actor]) -> None:
    new = take_in(desk, people["intake"])
    assert new.acknowledge_due == at("2026-03-02 12:00")
    handling.edit_facts(desk, actor=people["manager"], case=new, values={"priority": "P1"})
    assert desk.snapshot[Case][new.case_no].acknowledge_due == at("2026-03-02 10:15")


@pytest.fixture
def sheets() -> Iterator[Sheets]:
    with SheetsServer() as server:
        yield Sheets(server)


def test_changed_in_the_sheet(desk: Desk, sheets: Sheets) -> None:
    store = sheets.opened()

    class Clocks(Policy):
        def follow(self, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
            return clocks_follow_priority(desk, before, after, changed)

    app = committer(store, policy=Clocks())
    fields = {"stage": "assigned", "priority": "P3", "resolve_due": at("2026-03-09 10:00"), "contacted_at": MONDAY}
    app.commit(batch(create(a_case().model_copy(update=fields))))
    [number] = app.snapshot[Case]
    sheets.manager.set_cell("案件", 2, "优先级", "P2")
    app.keep_up()
    case = app.snapshot[Case][number]
    assert (case.priority, case.resolve_due) == ("P2", at("2026-03-05 10:00"))
    assert sheets.cell("案件", number, "办结时限") == pytest.approx(SERIAL + 10 / 24)
    assert replay(store.history()) == rows_of(store)
    app.commit(batch(edit(case, {"priority": "P3"})))
    assert app.snapshot[Case][number].resolve_due == at("2026-03-09 10:00")
