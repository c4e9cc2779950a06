"""The figures of past weeks against a plain replay of History, and that what was said on a Monday stays true."""

import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from lib.analytics.frames import weeks
from lib.analytics.kpis.review import review_of
from lib.app.bootstrap import open_desk
from lib.demo.generate import fill
from lib.desk.desk import Desk
from lib.domain.clocks.clocks import CLOCKS
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.domain.time.earlier_runs import read_runs
from lib.errors import InvalidFields
from lib.services.data.health import problems
from lib.store.commit.batch import edit
from lib.store.schema import SCHEMA
from tests.cases import answered, assigned, closed, move
from tests.support import ZONE, Clock, actors_of

MORNING = datetime(2026, 7, 20, 10, 20, tzinfo=ZONE)
SCOPES: list[dict[str, str]] = [{}, {"branch": "east"}, {"department": "service"}]


@dataclass
class Told:
    """A case as History tells it: (from when, the record), and what follows from that for each clock."""

    states: list[tuple[datetime, Case]] = field(default_factory=list)

    def at(self, moment: datetime) -> Case | None:
        return next((case for since, case in reversed(self.states) if since < moment), None)

    def set(self, name: str) -> list[datetime]:
        """Every value that the field was given after it had none."""
        before = [None, *(getattr(case, name) for _, case in self.states)]
        return [new for old, new in pairwise(before) if old is None and new is not None]

    def deadlines(self, desk: Desk, clock: str, now: datetime) -> Iterator[tuple[datetime, bool]]:
        """(deadline, met) of every run: the first due time that passed while the clock ran, or the one met."""
        due_field, end_field = CLOCK_FIELDS[clock]  # type: ignore[index]
        missed = False
        untils = [*(since for since, _ in self.states[1:]), now]
        previous: Case | None = None
        for (_, case), until in zip(self.states, untils, strict=True):
            due, end = getattr(case, due_field), getattr(case, end_field)
            if previous is not None and _another_run(desk, previous, case, clock):
                missed = False
            if end is not None and due is not None and (previous is None or getattr(previous, end_field) is None):
                if not missed:
                    yield due, end <= due
                missed = True  # settled
            elif clock in dict(map(reversed, desk.config.workflow.running(case))) and due < until and not missed:
                missed = True
                yield due, False
            previous = case


def _another_run(desk: Desk, before: Case, after: Case, clock: str) -> bool:
    due, end = CLOCK_FIELDS[clock]  # type: ignore[index]
    if getattr(before, end) is not None:
        return getattr(after, end) is None
    rests = desk.config.workflow.stages[before.stage].phase in ("answered", "closed")
    return rests and getattr(before, due) != getattr(after, due)


def replayed(desk: Desk) -> dict[str, Told]:
    rows: dict[str, dict[str, Any]] = {}
    told: dict[str, Told] = {}
    for line in desk.history():
        if line.tab != "cases" or not line.changes:
            continue
        row = rows.setdefault(line.record_id, {})
        row |= {name: new for name, (_, new) in json.loads(line.changes).items()}
        case = Case.model_validate({name: value for name, value in row.items() if value is not None})
        told.setdefault(line.record_id, Told()).states.append((line.at, case))
    return told


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("past")
    desk = open_desk(
        create=True, store=f"sqlite:///{folder}/demo.db", files_dir=folder / "files", secret_file=folder / "key",
        clock=lambda: MORNING,
    )  # fmt: skip
    fill(desk, cases=160)
    yield desk
    desk.store.close()


@pytest.mark.trial(45)
def test_figures_of_26_weeks_are_those_of_a_replay_of_history(demo: Desk) -> None:
    told = replayed(demo)
    assert sum(len(one.set("answered_at")) > 1 for one in told.values()) > 3, "nothing was opened again"
    manager = next(one for one in actors_of(demo).values() if one.may_everywhere("case.view"))
    wrong = []
    for week in weeks.last_weeks(weeks.monday(MORNING.date()), 26):
        for scope in SCOPES:
            found = review_of(demo, week, actor=manager, language="en", **scope).key_figures()
            expected = _figures(demo, told, week, scope)
            wrong += [
                (week.isoformat(), scope, key, found[key].value, value)
                for key, value in expected.items()
                if found[key].value != pytest.approx(value)
            ]
    assert wrong == [], len(wrong)


def _figures(desk: Desk, told: dict[str, Told], week: date, scope: dict[str, str]) -> dict[str, float | None]:
    start, end = weeks.bounds(week, ZONE)
    until = min(end, MORNING)
    inside = [one for one in told.values() if all(getattr(one.states[-1][1], k) == v for k, v in scope.items())]
    now = [case for one in inside if (case := one.at(until)) is not None]
    phases = {stage.key: stage.phase for stage in desk.config.workflow.stage}

    def happened(name: str) -> list[tuple[Told, datetime]]:
        return [(one, at) for one in inside for at in one.set(name) if start <= at < until]

    found: dict[str, float | None] = {
        "intake": sum(start <= one.states[0][1].taken_at < until for one in inside),
        "closed": len(happened("closed_at")),
        "backlog": sum(phases[case.stage] != "closed" for case in now),
        "overdue": sum(any(due < until for due, _ in desk.config.workflow.running(case)) for case in now),
    }
    for clock in CLOCKS:
        judged = [met for one in inside for due, met in one.deadlines(desk, clock, MORNING) if start <= due < until]
        found[f"on_time_{clock}"] = sum(judged) / len(judged) if judged else None
    for key, name in (("contact_median", "contacted_at"), ("resolve_median", "answered_at")):
        spent = [
            desk.calendar.between(one.states[0][1].taken_at, at) / timedelta(hours=1) for one, at in happened(name)
        ]
        found[key] = statistics.median(spent) if spent else None
    closings = happened("closed_at")
    again = sum(at != one.set("closed_at")[0] for one, at in closings)
    found["reopen_rate"] = again / len(closings) if closings else None
    return found


@pytest.mark.trial(45)
def test_what_a_week_said_stays_so_when_its_cases_are_opened_again(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    first = closed(desk, people)
    late = assigned(desk, people)
    clock.forward(days=6, hours=20)  # Sunday evening: the second is long overdue for contact
    week = date(2026, 3, 2)
    said = _said(desk, people["manager"], week)
    assert (said["overdue"], said["closed"]) == (1, 1)
    clock.forward(days=1)
    move(desk, people["head"], first, "reopen", reopen_reason="又漏了", assignee="handler")
    move(desk, people["handler"], late, "wait", wait_reason="等材料", promised_on=date(2026, 3, 13))
    clock.forward(days=3)
    move(desk, people["handler"], late, "resume")
    clock.forward(days=9)
    assert _said(desk, people["manager"], week) == said
    assert not problems(desk)


def _said(desk: Desk, actor: Actor, week: date) -> dict[str, float | None]:
    figures = review_of(desk, week, actor=actor, language="en").key_figures()
    return {key: value.value for key, value in figures.items()}


@pytest.mark.trial(45)
def test_opening_again_keeps_the_deadline_that_was_missed(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    due = case.resolve_due
    assert due is not None
    clock.now = due + timedelta(days=1)
    move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    case = move(desk, people["handler"], case, "answer", answer_text="已修好")
    case = move(desk, people["head"], case, "reopen", reopen_reason="又漏了", assignee="handler")
    run = next(run for run in read_runs(case.earlier_runs).runs if run.clock == "resolve")
    assert (run.due, run.end, run.over) == (due, clock.now, True)
    move(desk, people["handler"], case, "answer", answer_text="这次修好了")
    figures = review_of(desk, weeks.monday(due.date()), actor=people["manager"], language="en").key_figures()
    assert (figures["on_time_resolve"].now.numerator, figures["on_time_resolve"].now.denominator) == (0, 1)
    assert figures["on_time_resolve"].now.case_nos == (case.case_no,)


@pytest.mark.trial(45)
def test_another_priority_does_not_wipe_out_that_it_was_late(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = assigned(desk, people, priority="P1")
    clock.forward(hours=5)
    case = desk.snapshot[Case][case.case_no]
    desk.save(people["manager"], [edit(case, {"priority": "P4"}, action="set_priority")])
    lowered = desk.snapshot[Case][case.case_no]
    assert lowered.contact_due is not None
    assert lowered.contact_due > clock.now  # no more late from now on
    late = {run.clock: run for run in read_runs(lowered.earlier_runs).runs}
    assert late["contact"].due == case.contact_due
    assert late["contact"].late == ((case.contact_due, clock.now),)


def test_a_case_on_time_leaves_nothing_to_remember(desk: Desk, people: dict[str, Actor]) -> None:
    assert answered(desk, people).earlier_runs == ""


def test_what_the_app_did_not_write_is_refused(desk: Desk, people: dict[str, Actor]) -> None:
    case = assigned(desk, people)
    with pytest.raises(InvalidFields) as failed:
        desk.save(system_actor(), [edit(case, {"earlier_runs": "{1}"})])
    assert [(one.field, one.code) for one in failed.value.problems] == [("earlier_runs", "wrong")]
    assert SCHEMA["cases"].model is Case
