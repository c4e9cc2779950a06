"""What the commit loop checks of every record, whoever asked and whichever app heard of what first."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import system_actor
from lib.errors import AlreadyExists, InvalidFields, WrongStage
from lib.services.commit_rules.guards import guard_interests, guard_people
from lib.store.commit.batch import create, edit
from tests.store.sheets.support import loopback
from tests.store.support import a_case, batch, committer
from tests.support import MONDAY, Clock

SYSTEM = system_actor()


@pytest.fixture
def case(desk: Desk) -> Case:
    """A new case."""
    return put(desk, kind="repair")


def put(desk: Desk, **values: Any) -> Case:
    number = desk.save(SYSTEM, [create(Case(case_no="new:1", taken_at=MONDAY, **values))]).first("cases")
    return desk.snapshot[Case][number]


def change(desk: Desk, case: Case, **values: Any) -> Case:
    desk.save(SYSTEM, [edit(case, values)])
    return desk.snapshot[Case][case.case_no]


def problems(error: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[str, str, str]]:
    return [(problem.field, problem.code, problem.value) for problem in error.value.problems]


READY: dict[str, Any] = {
    "kind": "praise", "category": "fees", "priority": "P3", "assignee": "handler", "decline_ground": "unreasonable",
    "decline_reason": "超期", "wait_reason": "等配件", "promised_on": MONDAY.date(), "contacted_at": MONDAY,
    "plan_measures": "更换", "plan_deadline": MONDAY.date(), "consent_at": MONDAY, "consent_how": "phone",
    "consent_by": "王小明",
    "answer_text": "已修复", "answer_accepted": "yes", "cause": "material", "review_reason": "不服",
    "review_findings": "属实", "withdraw_ground": "settled", "reopen_reason": "又漏了", "archive_reason": "早期案件",
}  # fmt: skip
"""A case that has whatever any step asks for."""


def test_every_step_between_two_stages_needs_a_move(desk: Desk) -> None:
    moves = [move for move in desk.config.workflow.move if move.to]
    allowed = {(source, move.to) for move in moves for source in move.sources if source not in move.only}
    stages, leading = list(desk.config.workflow.stages), put(desk).case_no
    for before in stages:
        for after in stages:
            case = put(desk, stage=before, merged_into=leading, **READY)
            if before == after or (before, after) in allowed:
                assert change(desk, case, stage=after, title="一步").stage == after
                continue
            with pytest.raises(WrongStage) as caught:
                change(desk, case, stage=after)
            assert (caught.value.case_no, caught.value.stage, caught.value.move) == (case.case_no, before, after)
            assert desk.snapshot[Case][case.case_no].stage == before


@pytest.mark.parametrize(
    ("stage", "to", "without", "why", "missing"),
    [
        ("new", "closed", {"kind": "complaint"}, "kind", ()),
        ("investigating", "in_progress", {"priority": "P1"}, "priority", ()),
        ("answered", "closed", {"cause": ""}, "missing", ("cause",)),
        ("answered", "closed", {"answer_accepted": "no"}, "missing", ("close_reason",)),
        ("in_progress", "waiting", {"wait_reason": "", "promised_on": None}, "missing", ("wait_reason", "promised_on")),
        ("closed", "archived", {"archive_reason": "", "kind": "repair"}, "incomplete", ()),
    ],
)
def test_a_step_typed_by_hand_has_what_its_move_asks_for(
    desk: Desk, stage: str, to: str, without: dict[str, Any], why: str, missing: tuple[str, ...]
) -> None:
    case = put(desk, stage=stage, **{**READY, **without})
    with pytest.raises(WrongStage) as caught:
        change(desk, case, stage=to)
    assert (caught.value.why, caught.value.missing) == (why, missing)
    assert desk.snapshot[Case][case.case_no].stage == stage


def test_a_step_typed_by_hand_runs_the_clocks(desk: Desk, case: Case, clock: Clock) -> None:
    clock.forward(minutes=30)
    accepted = change(desk, case, stage="accepted", category="fees")
    assert (accepted.stage_since, accepted.acknowledged_at) == (desk.now(), None)
    assert accepted.contact_due is not None
    assert accepted.resolve_due is not None
    closed = change(desk, put(desk, stage="answered", **READY), stage="closed")
    assert closed.closed_at == desk.now()


def test_a_step_that_became_wrong_meanwhile(desk: Desk, open_another: Callable[..., Desk]) -> None:
    """Both saw the case as new: the second is told of the conflict and writes nothing."""
    case = put(desk, **READY)
    other = open_another()
    change(desk, case, stage="declined")
    with pytest.raises(WrongStage):
        desk.save(SYSTEM, [edit(desk.snapshot[Case][case.case_no], {"stage": "assigned"})])
    assert other.committer.refresh()[Case][case.case_no].stage == "declined"


@pytest.mark.parametrize(
    ("field", "value"), [("kind", "nonsense"), ("channel", "热线"), ("category", "quality.nothing"), ("stage", "limbo")]
)
def test_a_choice_must_be_in_its_list(desk: Desk, case: Case, field: str, value: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        put(desk, **{field: value})
    assert problems(caught) == [(field, "unknown_choice", value)]
    if field != "stage":  # there the step is refused first
        with pytest.raises(InvalidFields) as caught:
            change(desk, case, **{field: value})
        assert problems(caught) == [(field, "unknown_choice", value)]


def test_a_choice_may_be_emptied_and_an_inactive_one_kept(desk: Desk, case: Case) -> None:
    desk.save(SYSTEM, [edit(desk.snapshot[ListItem]["kind.praise"], {"active": False})])
    assert change(desk, case, kind="praise").kind == "praise"
    assert change(desk, desk.snapshot[Case][case.case_no], kind="").kind == ""


def test_what_stands_already_is_left_alone(desk: Desk) -> None:
    case = put(desk, kind="repair")
    item = desk.snapshot[ListItem]["kind.repair"]
    desk.save(SYSTEM, [edit(item, {"code": "mending"})])
    assert change(desk, case, title="新标题").kind == "repair"
    with pytest.raises(InvalidFields):
        put(desk, kind="repair")


def test_a_choice_that_another_app_has_just_added(desk: Desk, open_another: Callable[..., Desk]) -> None:
    other = open_another()
    item = ListItem(item_id="branch.east", list_name="branch", code="east", zh="城东店", en="East")
    desk.save(SYSTEM, [create(item)])
    assert "branch.east" not in other.snapshot[ListItem]
    assert put(other, branch="east").branch == "east"


@pytest.mark.parametrize("field", ["assignee", "reviewer"])
def test_a_case_is_given_only_to_staff(desk: Desk, case: Case, field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        change(desk, case, **{field: "nobody"})
    assert problems(caught) == [(field, "unknown_person", "nobody")]
    assert getattr(change(desk, case, **{field: "handler"}), field) == "handler"


def test_somebody_whom_another_app_has_just_added(desk: Desk, open_another: Callable[..., Desk], case: Case) -> None:
    other = open_another()
    desk.save(SYSTEM, [create(Staff(staff_id="newcomer", email="newcomer@example.cn", role="handler"))])
    assert change(other, case, assignee="newcomer").assignee == "newcomer"


@pytest.mark.parametrize("email", ["handler@example.cn", "Handler@Example.CN"])
def test_an_address_belongs_to_one_person(desk: Desk, email: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        desk.save(SYSTEM, [create(Staff(staff_id="twin", email=email))])
    assert [(field, code) for field, code, _ in problems(caught)] == [("email", "taken")]
    with pytest.raises(InvalidFields):
        desk.save(SYSTEM, [edit(desk.snapshot[Staff]["head"], {"email": email})])
    assert "twin" not in desk.snapshot[Staff]


def test_people_without_an_address_do_not_collide(desk: Desk) -> None:
    desk.save(SYSTEM, [create(Staff(staff_id="one")), create(Staff(staff_id="two"))])
    assert {"one", "two"} <= set(desk.snapshot[Staff])


def test_a_row_of_a_file_becomes_a_case_once(desk: Desk, open_another: Callable[..., Desk]) -> None:
    other = open_another()
    put(desk, import_key="file:7")
    with pytest.raises(AlreadyExists) as caught:
        put(other, import_key="file:7")
    assert caught.value.record_id == "file:7"
    assert put(other, import_key="file:8").import_key == "file:8"


@pytest.mark.parametrize("field", ["assignee", "reviewer"])
def test_nobody_is_given_a_complaint_about_himself(desk: Desk, field: str) -> None:
    case = put(desk, kind="complaint", complained_about="handler")
    with pytest.raises(InvalidFields) as caught:
        change(desk, case, **{field: "handler"})
    assert problems(caught) == [(field, "complained_about", "李经办")]
    with pytest.raises(InvalidFields) as caught:
        put(desk, kind="complaint", complained_about="handler", **{field: "handler"})
    assert problems(caught) == [(field, "complained_about", "李经办")]
    assert getattr(change(desk, case, **{field: "handler2"}), field) == "handler2"


@pytest.mark.parametrize("field", ["assignee", "reviewer"])
def test_who_has_the_case_cannot_become_the_one_complained_about(desk: Desk, field: str) -> None:
    case = put(desk, **{field: "handler"})
    with pytest.raises(InvalidFields) as caught:
        change(desk, case, complained_about="handler")
    assert problems(caught) == [("complained_about", "has_the_case", "李经办")]
    swapped = change(desk, case, complained_about="handler", **{field: "handler2"})
    assert (swapped.complained_about, getattr(swapped, field)) == ("handler", "handler2")


def test_two_apps_at_once_do_not_get_round_it(desk: Desk, open_another: Callable[..., Desk], case: Case) -> None:
    """One names whom the complaint is about while the other gives him the case: each change alone is right."""
    other = open_another()
    change(desk, case, complained_about="handler")
    with pytest.raises(InvalidFields) as caught:
        other.save(SYSTEM, [edit(case, {"assignee": "handler"})])
    assert problems(caught) == [("assignee", "complained_about", "李经办")]


def test_nobody_reviews_what_she_handled(desk: Desk, case: Case) -> None:
    moved = change(desk, change(desk, case, assignee="handler"), assignee="handler2")
    assert moved.handlers == ("handler", "handler2")
    for person, name in (("handler", "李经办"), ("handler2", "吴经办")):
        with pytest.raises(InvalidFields) as caught:
            change(desk, moved, reviewer=person)
        assert problems(caught) == [("reviewer", "handled_it", name)]
    assert change(desk, moved, reviewer="reviewer").reviewer == "reviewer"


def test_a_case_under_review_is_not_given_to_its_reviewer(desk: Desk) -> None:
    case = put(desk, stage="in_review", assignee="handler", reviewer="manager", review_asked_at=MONDAY)
    with pytest.raises(InvalidFields) as caught:
        change(desk, case, assignee="manager")
    assert problems(caught) == [("assignee", "reviews_it", "王经理")]
    reviewed = change(desk, case, reviewed_at=MONDAY)
    assert change(desk, reviewed, assignee="manager").assignee == "manager"


def test_also_when_it_is_typed_in_the_sheet(desk: Desk) -> None:
    with loopback() as sheets:
        app = committer(sheets.opened(), guards=[partial(guard_people, desk), partial(guard_interests, desk)])
        app.commit(batch(create(Staff(staff_id="handler", name="李经办"))))
        app.commit(batch(create(a_case(complained_about="handler"))))
        sheets.manager.set_cell("案件", 2, "责任人", "李经办")
        sheets.manager.set_cell("案件", 2, "标题", "漏水到楼下")
        app.keep_up()
        (case,), (bad,) = app.snapshot[Case].values(), app.snapshot[Case].bad.values()
        assert (case.assignee, case.title) == ("", "漏水到楼下")
        assert [(problem.field, problem.code) for problem in bad.problems] == [("assignee", "complained_about")]
