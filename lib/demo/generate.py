"""Fills a workspace with the half year of a made-up brokerage, played through the real services."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from lib.demo.agenda import Scheduler, Story
from lib.demo.arrivals import arrivals
from lib.demo.backlog import WAITING, backlog
from lib.demo.cast import people
from lib.demo.cast.clients import Clients
from lib.demo.cast.texts import topic
from lib.demo.clock import SteppingClock
from lib.demo.dossier import Dossier, choose_topic, draw, draw_channel
from lib.demo.life import Life, World
from lib.demo.stories import archive_story, case_story, found_in_follow_up, leave_story
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import system_actor
from lib.services.workspace import workspace
from lib.store.commit.batch import create

Progress = Callable[[int, int], None]
_SPIKE = ("翠湖湾", ("outer_wall_leak", "elevator", "property_service"))
_SPIKE_SHARE, _SPIKE_DAYS = 0.035, 18
_TRIES = 100
_QUIET = timedelta(minutes=40)  # the newest reports are those of the backlog


@dataclass(frozen=True, slots=True)
class Summary:
    """What a filled workspace holds as of `now`."""

    now: datetime
    cases: int
    saves: int
    stages: Mapping[str, int]
    overdue: int
    due_today: int
    follow_ups: int
    follow_ups_open: int
    surveys: int
    answers: int


def fill(
    desk: Desk,
    *,
    progress: Progress | None = None,
    cases: int = 400,
    weeks: int = 26,
    seed: int = 1,
    now: datetime | None = None,
) -> Summary:
    """Play `weeks` weeks up to `now` (the desk's present) with about `cases` cases; the desk keeps its own clock.

    The same seed and `now` give the same cases. `progress` is told how many of how many cases are taken in. An
    unfinished earlier call starts over. Raises NoDemoHere for a workspace in use, StoreError when the store fails.
    """
    end = (now or desk.now()).astimezone(desk.settings.zone).replace(microsecond=0)
    clock = SteppingClock(end - timedelta(weeks=weeks, hours=1))
    acting = replace(desk, clock=clock)
    workspace.begin_demo(acting)
    _set_up(acting, end)
    agenda = Scheduler(clock)
    world = World(acting, agenda, end, found_in_follow_up)
    for story in _stories(world, cases, weeks, seed, progress):
        agenda.add(story)
    agenda.run(end)
    workspace.finish_demo(desk)
    return summary(desk, end)


def _set_up(desk: Desk, end: datetime) -> None:
    """Lists, branches and people, half a year before the present."""
    workspace.initialise(desk)
    lists, staff = desk.snapshot[ListItem], desk.snapshot[Staff]
    branches = [branch for branch in people.branches() if branch.item_id not in lists]
    persons = [person for person in people.staff(end.date()) if person.staff_id not in staff]
    desk.save(system_actor(), [create(branch, action="set_up") for branch in branches])
    desk.save(system_actor(), [create(person, action="add_staff") for person in persons])


def _stories(world: World, cases: int, weeks: int, seed: int, progress: Progress | None) -> Iterator[Story]:
    dossiers = _dossiers(world, cases, weeks, seed)
    for number, dossier in enumerate(dossiers, start=1):
        life = Life(world, dossier, Random(f"{seed}/case/{number}"))
        yield _counted(case_story(life), number, len(dossiers), progress) if progress else case_story(life)
    yield archive_story(world)
    yield leave_story(world)


def _counted(story: Story, number: int, total: int, progress: Progress) -> Story:
    """The same story, which reports when its case is logged."""
    yield next(story)
    progress(number, total)
    yield from story


def _dossiers(world: World, cases: int, weeks: int, seed: int) -> list[Dossier]:
    """Every case to come, in the order of arrival."""
    rng, clients = Random(f"{seed}/cases"), Clients(Random(f"{seed}/clients"))
    waiting = min(len(WAITING), cases // 2)
    spike = round(cases * _SPIKE_SHARE)
    usual = _drawn(rng, world, clients, cases - waiting - spike, first=world.end - timedelta(weeks=weeks))
    peak = _drawn(rng, world, clients, spike, first=world.end - timedelta(days=_SPIKE_DAYS), spike=True)
    late = backlog(rng, world.desk, clients, waiting, world.end)
    return sorted([*usual, *peak, *late], key=lambda dossier: dossier.at)


def _drawn(
    rng: Random, world: World, clients: Clients, count: int, *, first: datetime, spike: bool = False
) -> Iterator[Dossier]:
    """Cases of chance, told in different words while there are any; those of the spike come from one community."""
    calendar = world.desk.calendar
    told: set[str] = set()
    for at in arrivals(
        rng, count, first=first.date() + timedelta(days=1), before=world.end - _QUIET, calendar=calendar
    ):
        for _ in range(_TRIES):
            dossier = _one(rng, clients, at, office_open=calendar.is_open(at), spike=spike)
            if dossier.intake["description"] not in told:
                break
        told.add(dossier.intake["description"])
        yield dossier


def _one(rng: Random, clients: Clients, at: datetime, *, office_open: bool, spike: bool) -> Dossier:
    community, keys = _SPIKE if spike else ("", ())
    about = topic(rng.choice(keys)) if keys else choose_topic(rng, at, office_open=office_open)
    return draw(rng, about, clients.next(community), at, channel=draw_channel(rng, about, office_open=office_open))


def summary(desk: Desk, now: datetime) -> Summary:
    """Counts of a workspace as of `now`."""
    table, calls, surveys = desk.snapshot[Case], desk.snapshot[FollowUp], desk.snapshot[Survey]
    dues = [due for case in table.values() if (due := desk.config.workflow.next_due(case)) is not None]
    return Summary(
        now=now,
        cases=len(table),
        saves=desk.snapshot.seq,
        stages=dict(Counter(case.stage for case in table.values())),
        overdue=sum(due < now for due in dues),
        due_today=sum(now <= due and due.date() == now.date() for due in dues),
        follow_ups=len(calls),
        follow_ups_open=sum(call.done_at is None for call in calls.values()),
        surveys=len(surveys),
        answers=sum(survey.answered_at is not None for survey in surveys.values()),
    )
