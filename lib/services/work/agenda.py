"""What one person must do today: her cases by deadline, her follow-ups, and what waits to be judged or assigned."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lib.desk.desk import Desk, OpenWork, Waiting, in_order
from lib.domain.clocks.waits import APPROVE, is_due
from lib.domain.dangers.reading import Urgency
from lib.domain.records.case import COMPLAINT, Case
from lib.domain.records.case_parts import FollowUp, Task
from lib.domain.rules.permissions import Actor
from lib.services.aftercare.calls import once_a_day
from lib.services.cases.review import outcomes_to_tell
from lib.services.cases.waiting import asks_for_longer
from lib.services.emergencies.taking import is_untaken
from lib.services.parts.visits import open_visits, visit_order, visitor
from lib.store.snapshot.snapshot import Table


@dataclass(frozen=True, slots=True)
class Agenda:
    """Today for one person. `waiting` is her open work by deadline, paused cases last; the others are views of it."""

    now: datetime
    waiting: tuple[Waiting, ...]
    follow_ups: tuple[FollowUp, ...]
    tasks: tuple[Task, ...]
    visits: tuple[Case, ...]
    outcomes: tuple[Case, ...]
    to_approve: tuple[Case, ...]
    new: tuple[Waiting, ...]
    unassigned: tuple[Waiting, ...]

    @property
    def overdue(self) -> tuple[Waiting, ...]:
        return self.waiting[: self._due_before(self.now)]

    @property
    def due_today(self) -> tuple[Waiting, ...]:
        return self.waiting[self._due_before(self.now) : self._due_before(_tomorrow(self.now))]

    @property
    def later(self) -> tuple[Waiting, ...]:
        return self.waiting[self._due_before(_tomorrow(self.now)) : self._running]

    @property
    def paused(self) -> tuple[Waiting, ...]:
        return self.waiting[self._running :]

    @property
    def promised(self) -> tuple[Waiting, ...]:
        """Paused cases whose promised day has come or passed, the earliest first; those without a day before all."""
        today = self.now.date()
        due = [item for item in self.paused if is_due(item.case, today)]
        return tuple(sorted(due, key=lambda item: item.case.promised_on or date.min))

    @property
    def _running(self) -> int:
        return bisect_left(self.waiting, True, key=lambda item: item.due is None)

    def _due_before(self, moment: datetime) -> int:
        return bisect_left(self.waiting, moment, hi=self._running, key=lambda item: item.due or moment)


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)


def agenda(desk: Desk, *, actor: Actor, everybody: bool = False) -> Agenda:
    """The day of `actor`; with `everybody`, of all whose cases she may see."""
    now, work = desk.now(), desk.open_work
    return Agenda(
        now,
        waiting=_visible(work.all, actor) if everybody else _own(work, actor),
        follow_ups=_follow_ups(desk, actor, now.date(), everybody=everybody),
        tasks=_tasks(desk, actor, now),
        visits=_visits(desk, actor, now, everybody=everybody),
        outcomes=_outcomes(desk, actor, everybody=everybody),
        to_approve=_to_approve(desk, actor),
        new=_visible(work.by_stage.get("new", ()), actor) if actor.may("case.triage") else (),
        unassigned=_visible(work.by_stage.get("accepted", ()), actor) if actor.may("case.assign") else (),
    )


@dataclass(frozen=True, slots=True)
class UrgentCase:
    """A case that somebody must look at now; `words` where only the client's words say so."""

    case: Case
    words: Urgency | None = None


UNTOUCHED = ("new", "accepted", "assigned", "in_progress")
"""The stages in which nobody may have spoken with the client yet."""


def urgent_cases(desk: Desk, *, actor: Actor) -> tuple[UrgentCase, ...]:
    """Urgent cases and major complaints until the client has been called, the most urgent first (requirement B6).

    Of all that they may see for those who judge or give out cases, of their own for whoever handles them or took the
    emergency. A case not judged yet counts also when its words sound urgent. Emergencies that nobody has taken stand
    apart, for everybody (`lib.services.emergencies`).
    """
    leads = actor.may("case.triage") or actor.may("case.assign")
    work = (item.case for stage in UNTOUCHED for item in desk.open_work.by_stage.get(stage, ()))
    asked = (case for case in work if leads or actor.staff_id in (case.assignee, case.danger_taken_by))
    found = (_urgent(desk, case) for case in asked if case.contacted_at is None)
    shown = (one for one in found if one and actor.may("case.view", one.case) and not is_untaken(desk, one.case))
    return tuple(sorted(shown, key=lambda one: (_urgency(one), one.case.taken_at)))


def _urgent(desk: Desk, case: Case) -> UrgentCase | None:
    if case.priority == "P1" or (case.priority == "P2" and case.kind == COMPLAINT):
        return UrgentCase(case)
    words = desk.urgencies.get(case.case_no)
    return UrgentCase(case, words) if words and words.priority == "P1" else None


def _urgency(urgent: UrgentCase) -> str:
    return (urgent.words and urgent.words.priority) or urgent.case.priority


def _visible(work: tuple[Waiting, ...], actor: Actor) -> tuple[Waiting, ...]:
    if actor.may_everywhere("case.view"):
        return work
    return tuple(item for item in work if actor.may("case.view", item.case))


def _own(work: OpenWork, actor: Actor) -> tuple[Waiting, ...]:
    """Only what can be hers is looked at: her cases, those in nobody's hands, those under review."""
    sources = (
        work.by_assignee.get(actor.staff_id, ()),
        work.by_assignee.get("", ()),
        work.by_stage.get("in_review", ()),
    )
    chosen = {item.case.case_no: item for source in sources for item in source if is_mine(item.case, actor)}
    return in_order(chosen.values())


def is_mine(case: Case, actor: Actor) -> bool:
    """Whether the next step of a case is hers: given to her, or in nobody's hands and hers to judge or give out."""
    if case.stage == "in_review":
        return case.reviewer == actor.staff_id or (not case.reviewer and actor.may("case.review", case))
    if case.assignee:
        return case.assignee == actor.staff_id
    if case.stage == "accepted":
        return actor.may("case.assign", case)
    return actor.may("case.triage", case)


def _follow_ups(desk: Desk, actor: Actor, today: date, *, everybody: bool) -> tuple[FollowUp, ...]:
    due = (item for item in desk.snapshot[FollowUp].derive(open_follow_ups) if item.due_on <= today)
    return tuple(once_a_day(desk, [item for item in due if everybody or item.assignee in ("", actor.staff_id)]))


def _tasks(desk: Desk, actor: Actor, now: datetime) -> tuple[Task, ...]:
    mine = (task for task in desk.snapshot[Task].derive(open_tasks) if task.owner == actor.staff_id)
    return tuple(task for task in mine if task.due_at is None or task.due_at.date() <= now.date())


def _visits(desk: Desk, actor: Actor, now: datetime, *, everybody: bool) -> tuple[Case, ...]:
    """Site visits of today, and earlier ones whose findings nobody has written down, in the order of the day."""
    standing = desk.snapshot[Case].derive(open_visits)
    by_today = standing[: bisect_left(standing, _tomorrow(now).timestamp(), key=visit_order)]
    if not everybody:
        return tuple(case for case in by_today if visitor(case) == actor.staff_id)
    if actor.may_everywhere("case.view"):
        return by_today
    return tuple(case for case in by_today if actor.may("case.view", case))


def _to_approve(desk: Desk, actor: Actor) -> tuple[Case, ...]:
    """The waits that somebody asks to prolong, for whoever may approve that."""
    if not actor.may(APPROVE):
        return ()
    stages = desk.config.workflow.keys_in("paused")
    waits = (item.case for stage in stages for item in desk.open_work.by_stage.get(stage, ()))
    return tuple(
        sorted(
            (case for case in waits if asks_for_longer(case) and actor.may(APPROVE, case)),
            key=lambda case: case.taken_at,
        )
    )


def _outcomes(desk: Desk, actor: Actor, *, everybody: bool) -> tuple[Case, ...]:
    """Reviews of which the client is to be told: by whoever has the case, or by anybody where that is nobody."""
    waiting = desk.snapshot[Case].derive(outcomes_to_tell)
    theirs = (case for case in waiting if everybody or case.assignee in ("", actor.staff_id))
    return tuple(case for case in theirs if actor.may("case.note", case))


def open_follow_ups(table: Table[FollowUp]) -> tuple[FollowUp, ...]:
    """Follow-ups not done yet, the earliest first."""
    return tuple(sorted((item for item in table.values() if item.done_at is None), key=lambda item: item.due_on))


def open_tasks(table: Table[Task]) -> tuple[Task, ...]:
    """Tasks not done yet; those with a due time first, the earliest first."""
    waiting = [task for task in table.values() if task.done_at is None]
    return tuple(sorted(waiting, key=lambda task: (task.due_at is None, task.due_at and task.due_at.timestamp())))
