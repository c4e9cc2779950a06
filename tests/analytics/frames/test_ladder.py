"""The steps that many cases have reached are those that are worked out for each; no row twice."""

from datetime import timedelta

import numpy as np
import pytest

from lib.analytics.frames.frames import case_frame
from lib.analytics.frames.ladder import silences_reached, silent, steps_reached, told_last
from lib.desk.desk import Desk
from lib.domain.clocks.escalation import run_of, step_id
from lib.domain.clocks.escalation import told_last as told_last_of
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.alerts.alerts import silent_at, step_at
from lib.store.commit.batch import create
from tests.analytics.sample import NOW, random_cases


@pytest.fixture
def filled(desk: Desk, people: dict[str, Actor]) -> Desk:
    cases = [case.model_copy(update={"branch": ""}) for case in random_cases(11, 300)]
    told = [
        case.model_copy(update={"told_client_at": case.taken_at + timedelta(hours=7 * n)}) if n % 3 else case
        for n, case in enumerate(cases)
    ]
    desk.save(people["manager"], [create(case) for case in told])
    return desk


def test_steps_are_those_of_each_case(filled: Desk) -> None:
    passed = {
        (case, clock): [step for step in filled.config.sla.ladder if step_at(filled, case, clock, step, due) <= NOW]
        for case in filled.snapshot[Case].values()
        for due, clock in filled.config.workflow.running(case)
    }
    wanted = {
        step_id(case.case_no, clock, steps[-1].key, run_of(case)): tuple(step.tell for step in steps)
        for (case, clock), steps in passed.items()
        if steps
    }
    reached = list(steps_reached(case_frame(filled), NOW, filled.rules))
    found = [one.alert_id for one in reached]
    assert {one.alert_id: one.tells for one in reached} == wanted
    assert len(found) == len(set(found)) > 80
    some = set(found[::2])
    left = [one.alert_id for one in steps_reached(case_frame(filled), NOW, filled.rules, some)]
    assert left == found[1::2], "what was told is left out"


def test_of_several_steps_passed_at_once_only_those_above_the_last_one_told_are_told(filled: Desk) -> None:
    frame, ladder = case_frame(filled), filled.config.sla.ladder
    top = next(one for one in steps_reached(frame, NOW, filled.rules) if one.step == ladder[-1].key)
    below = [top.alert_id.replace(ladder[-1].key, step.key) for step in ladder[:-1]]

    def again(*known: str) -> list[tuple[str, ...]]:
        left = steps_reached(frame, NOW, filled.rules, set(known))
        return [one.tells for one in left if one.alert_id == top.alert_id]

    assert again() == [("handler", "head", "manager")]
    assert again(below[0]) == [("head", "manager")]
    assert again(below[1]) == [("manager",)]
    assert again(top.alert_id) == []


def test_silences_are_those_of_each_case(filled: Desk) -> None:
    frame, cases = case_frame(filled), list(filled.snapshot[Case].values())
    expected = [(at := silent_at(filled, case)) is not None and at <= NOW for case in cases]
    assert 0 < sum(expected) < len(expected)
    assert silent(frame, NOW, filled.rules).tolist() == expected
    assert told_last(frame).tolist() == [round(told_last_of(case).timestamp() * 1_000_000) for case in cases]
    assert len(list(silences_reached(frame, NOW, filled.rules))) == 2 * sum(expected)


def test_no_cases(desk: Desk) -> None:
    assert list(steps_reached(case_frame(desk), NOW, desk.rules)) == []
    assert not np.any(silent(case_frame(desk), NOW, desk.rules))
