"""What the commit loop checks of every record, whoever asked and whichever app heard of what first."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.domain.case import Case
from lib.domain.people import Staff
from lib.domain.permissions import system_actor
from lib.domain.workspace import ListItem
from lib.errors import AlreadyExists, InvalidFields, WrongStage
from lib.services.desk import Desk
from lib.store.batch import create, edit
from tests.support import MONDAY

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


def test_every_step_between_two_stages_needs_a_move(desk: Desk) -> None:
    allowed = {(source, move.to) for move in desk.config.workflow.move if move.to for source in move.sources}
    stages = list(desk.config.workflow.stages)
    for before in stages:
        for after in stages:
            case = put(desk, stage=before)
            if before == after or (before, after) in allowed:
                assert change(desk, case, stage=after, title="一步").stage == after
                continue
            with pytest.raises(WrongStage) as caught:
                change(desk, case, stage=after)
            assert (caught.value.case_no, caught.value.stage, caught.value.move) == (case.case_no, before, after)
            assert desk.snapshot[Case][case.case_no].stage == before


def test_a_step_that_became_wrong_meanwhile(desk: Desk, open_another: Callable[..., Desk], case: Case) -> None:
    """Both saw the case as new: the second is told of the conflict and writes nothing."""
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
    desk.save(SYSTEM, [create(Staff(staff_id="newcomer", email="newcomer@example.cn"))])
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
