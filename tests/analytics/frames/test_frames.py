import random
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from lib.analytics.frames.columns import frame_of, mended
from lib.analytics.frames.frames import case_frame, covered, due_on, follow_up_frame, late, survey_frame
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.services.cases import handling, intake
from lib.store.snapshot.incremental import TableDelta
from tests.analytics.sample import NOW, case_table, random_cases, shape_of_cases
from tests.support import Clock

TOLD = {
    "client_phone": "13800138000", "client_name": "张三", "description": "厨房漏水", "kind": "repair",
    "channel": "hotline", "community": "阳光花园",
}  # fmt: skip


def register(desk: Desk, actor: Actor, **values: str) -> Case:
    receipt = intake.register(desk, actor=actor, values={**TOLD, **values})
    return desk.snapshot[Case][receipt.first("cases")]


def as_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the order of categories, which depends on how the frame came about."""
    return frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "category"], object))


def test_types() -> None:
    frame = case_table(random_cases(1, 20))
    assert str(frame["taken_at"].dtype) == "datetime64[us, Asia/Shanghai]"
    assert set(frame.columns[frame.dtypes == "category"]) >= {"stage", "community", "assignee", "phase"}
    assert set(frame.columns[frame.dtypes == "str"]) >= {"title", "client_phone", "case_no"}
    assert frame["reopen_count"].dtype == np.int64
    assert frame["severity_score"].dtype == np.float64
    assert "description" not in frame.columns


def test_every_value_comes_through() -> None:
    cases = random_cases(2, 60)
    frame = case_table(cases)
    for name in frame.columns.difference(["phase", "next_due", "earlier"]):
        for value, case in zip(frame[name], cases, strict=True):
            expected = getattr(case, name)
            if type(expected) is date:
                expected = pd.Timestamp(expected)
            assert (pd.isna(value) and expected is None) or value == expected, name


def test_an_empty_table_keeps_its_types() -> None:
    full, empty = case_table(random_cases(1, 5)), case_table([])
    assert list(full.columns) == list(empty.columns)
    assert str(empty["taken_at"].dtype) == "datetime64[us, Asia/Shanghai]"


@pytest.mark.parametrize("seed", range(5))
def test_mending_gives_what_making_anew_gives(seed: int) -> None:
    dice = random.Random(seed)
    shape = shape_of_cases()
    old = random_cases(seed, 40)
    fresh = random_cases(seed + 100, 45)
    edited = {
        at: (old[at], fresh[at].model_copy(update={"case_no": old[at].case_no, "channel": "new_channel"}))
        for at in dice.sample(range(40), 5)
    }
    added = fresh[40:]
    mixed = mended(frame_of(old, shape), TableDelta(edited, added), shape)
    anew = frame_of([edited[at][1] if at in edited else case for at, case in enumerate(old)] + added, shape)
    pd.testing.assert_frame_equal(as_values(mixed), as_values(anew))
    assert mixed.dtypes.drop(anew.columns[anew.dtypes == "category"]).equals(
        anew.dtypes.drop(anew.columns[anew.dtypes == "category"])
    )


def test_mending_leaves_the_earlier_frame_alone() -> None:
    cases, shape = random_cases(3, 10), shape_of_cases()
    frame = frame_of(cases, shape)
    before = frame.copy(deep=True)
    changed = cases[4].model_copy(update={"title": "changed", "closed_at": NOW, "stage": "closed"})
    mended(frame, TableDelta({4: (cases[4], changed)}, []), shape)
    pd.testing.assert_frame_equal(frame, before)


def test_next_due_and_phase_follow_the_workflow(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = register(desk, people["manager"])
    frame = case_frame(desk)
    assert frame["next_due"][0] == desk.config.workflow.next_due(case)
    assert frame["phase"][0] == "open"
    assert not late(frame, desk.now())[0]
    assert due_on(frame, desk.today(), desk.now())[0]
    clock.forward(hours=30)
    assert late(frame, desk.now())[0]
    assert not due_on(frame, desk.today(), desk.now())[0]


def test_a_save_is_seen_at_once_and_old_frames_stand(desk: Desk, people: dict[str, Actor]) -> None:
    first = register(desk, people["manager"])
    before = case_frame(desk)
    assert case_frame(desk) is before
    asked = {"wait_reason": "等照片", "promised_on": desk.today()}
    handling.make_move(desk, actor=people["manager"], case=first, move="ask_more", values=asked)
    register(desk, people["manager"], community="翠湖天地")
    after = case_frame(desk)
    assert list(before["stage"]) == ["new"]
    assert list(after["stage"]) == ["need_info", "new"]
    assert list(after["phase"]) == ["paused", "open"]
    assert pd.isna(after["next_due"][0])


def test_surveys_and_follow_ups_have_frames_too(desk: Desk) -> None:
    assert survey_frame(desk).empty
    assert follow_up_frame(desk).empty
    assert str(follow_up_frame(desk)["due_on"].dtype) == "datetime64[s]"


@pytest.mark.parametrize("role", ["intake", "handler", "head", "reviewer", "manager"])
@pytest.mark.parametrize("permission", ["case.view", "case.edit", "personal.view", "case.reopen"])
@pytest.mark.parametrize(("branch", "department"), [("east", "service"), ("", "")])
def test_covered_is_may_for_every_case(desk: Desk, role: str, permission: str, branch: str, department: str) -> None:
    person = Staff(staff_id=role, role=role, branch=branch, department=department)
    actor = actor_of(person, desk.config.roles)
    about = ("", role, "somebody")
    cases = [
        case.model_copy(update={"complained_about": about[place % 3], "danger_taken_by": about[place % 2]})
        for place, case in enumerate(random_cases(4, 150))
    ]
    assert covered(case_table(cases), actor, permission).tolist() == [actor.may(permission, case) for case in cases]


def test_late_is_relative_to_now() -> None:
    frame = case_table(random_cases(5, 100))
    assert late(frame, NOW).sum() >= late(frame, NOW - timedelta(days=60)).sum()
