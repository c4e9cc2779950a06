"""The stories of the demo workspace: of a case from intake to closing, of the weekly archive, of a leave."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from lib.demo import closing, reception, work
from lib.demo.agenda import Story
from lib.demo.cast.people import ON_LEAVE
from lib.demo.cast.texts import phrase
from lib.demo.life import Life, World
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.services.cases.handling import move_changes
from lib.services.story.case_file import complete
from lib.services.work import assignment
from lib.store.commit.batch import Change
from lib.store.snapshot.snapshot import by_case

_ARCHIVE_AFTER = timedelta(days=40)
_HANDED_OVER = 2


def case_story(life: Life) -> Story:
    """A case from intake on, up to the stage at which its dossier holds it."""
    yield life.dossier.at
    reception.take_in(life)
    for moment in _goes_on(life):
        if life.case.stage == life.dossier.hold:
            return
        yield moment
        if life.no and life.case.assignee and not life.world.at_hand(life.case.assignee):
            return  # people on leave do nothing


def found_in_follow_up(life: Life, case_no: str, rng: Random) -> None:
    """A problem found in a follow-up is handled like any other case."""
    dossier = replace(life.dossier, turns=frozenset(), hold="")
    life.world.agenda.add(_goes_on(Life(life.world, dossier, rng, case_no)))


def _goes_on(life: Life) -> Story:
    yield from reception.judge(life)
    if life.case.stage != "accepted":
        return
    yield from reception.give(life)
    yield from reception.call(life)
    yield from work.look_into(life)
    yield from work.agree(life)
    yield from work.wait_for_others(life)
    yield from work.answer(life)
    yield from closing.dispute(life)
    yield from closing.close(life)


def archive_story(world: World) -> Story:
    """Every Monday that is no holiday the manager archives what has been closed for long and needs no call any more."""
    day = world.desk.now()
    while True:
        day += timedelta(days=7 - day.weekday())
        if not world.desk.calendar.is_working_day(day.date()):
            continue
        yield world.on(day, 0.9)
        manager = world.actor("manager")
        changes = [change for case in _old(world, day) for change in _archive(world, manager, case)]
        if changes:
            world.desk.save(manager, changes)


def _archive(world: World, manager: Actor, case: Case) -> list[Change]:
    """An incomplete file is archived with a reason."""
    whole = complete(world.desk.snapshot, case, world.desk.config.archive)
    values = {} if whole else {"archive_reason": phrase(Random(case.case_no), "archive_incomplete", {})}
    return move_changes(world.desk, actor=manager, case=case, move="archive", values=values)


def _old(world: World, now: datetime) -> list[Case]:
    calls = world.desk.snapshot[FollowUp].derive(by_case)
    return [
        case
        for case in world.desk.snapshot[Case].values()
        if case.stage in ("closed", "declined", "merged", "withdrawn")
        and case.closed_at is not None
        and case.closed_at < now - _ARCHIVE_AFTER
        and all(call.done_at for call in calls.get(case.case_no, ()))
    ]


def leave_story(world: World) -> Story:
    """Before somebody goes on leave, some of their cases are given to a colleague."""
    leave = world.desk.snapshot[Staff][ON_LEAVE].away_from
    if leave is None:
        return
    yield world.on(datetime.combine(leave - timedelta(days=1), datetime.min.time(), world.end.tzinfo), 0.9)
    open_stages = ("assigned", "investigating", "in_progress")
    mine = [c for c in world.desk.snapshot[Case].values() if c.assignee == ON_LEAVE and c.stage in open_stages]
    others = [load.staff for load in assignment.loads(world.desk) if load.staff.role == "handler" and not load.away]
    colleague = next((s for s in others if s.department == "service" and s.staff_id != ON_LEAVE), None)
    if mine and colleague:
        head = world.actor("head-service")
        chosen = mine[:_HANDED_OVER]
        assignment.assign(world.desk, actor=head, cases=chosen, assignee=colleague.staff_id, reason="休假期间交接")
