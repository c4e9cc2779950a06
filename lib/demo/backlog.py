"""The cases that wait for somebody when the demo is opened: in every stage, some late, some due today."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from lib.demo.cast.clients import NOBODY, Clients
from lib.demo.dossier import Dossier, choose_topic, draw
from lib.desk.desk import Desk
from lib.domain.clocks.clocks import Clock
from lib.domain.records.severity import Priority
from lib.domain.time.work_calendar import WorkCalendar
from lib.services.cases.handling import assessment

_HOUR = timedelta(hours=1)
_TRIES = 100
_JUDGED = timedelta(minutes=18)  # of working time: a case of the backlog is judged and assigned at once
_NEEDED = {
    "need_info": "asks_more",
    "plan_offered": "planned",
    "waiting": "waits",
    "in_review": "disputed",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "merged": "reported_again",
}
"""The turn that a case needs to reach a stage."""


@dataclass(frozen=True, slots=True)
class BacklogCase:
    """A case held at `stage` whose `clock` is due so many working hours from now (negative: late), or today when a
    share of what is left of the day has passed."""

    stage: str
    clock: Clock
    hours: float = 0.0
    today: float | None = None


def _today(stage: str, clock: Clock, *shares: float) -> Iterator[BacklogCase]:
    return (BacklogCase(stage, clock, today=share) for share in shares)


def _in(stage: str, clock: Clock, *hours: float) -> Iterator[BacklogCase]:
    return (BacklogCase(stage, clock, hours) for hours in hours)


WAITING: tuple[BacklogCase, ...] = (
    *_in("new", "acknowledge", 0.9, 1.4),
    *_in("accepted", "contact", 2.5),
    *_in("in_progress", "resolve", -9.0),
    *_today("investigating", "plan", 0.5),
    *_in("need_info", "acknowledge", -4.0),
    *_today("assigned", "contact", 0.6),
    *_in("plan_offered", "resolve", 20.0),
    *_in("waiting", "resolve", 12.0),
    *_in("in_review", "resolve", 4.0),
    *_in("answered", "resolve", 6.0),
    *_in("declined", "acknowledge", -12.0),
    *_in("withdrawn", "acknowledge", -10.0),
    *_in("merged", "acknowledge", -8.0),
    *_today("in_progress", "resolve", 0.35, 0.85),
    *_in("in_progress", "resolve", -3.0, 18.0),
    *_in("investigating", "plan", -5.0),
    # from here on in a workspace of full size
    *_in("new", "acknowledge", 1.7, 1.1, -0.5),
    *_in("accepted", "contact", 1.2, 3.1, -1.5),
    *_in("in_progress", "resolve", -21.0, -14.0, -6.0, -1.5, 10.0, 13.0, 30.0),
    *_today("in_progress", "resolve", 0.55, 0.95),
    *_in("investigating", "plan", -2.0, 6.0, 12.0),
    *_in("assigned", "contact", 2.0, -2.5, 3.0),
    *_in("waiting", "resolve", 5.0, 16.0, 28.0),
    *_in("plan_offered", "resolve", 14.0),
    *_in("in_review", "resolve", 4.0),
    *_in("answered", "resolve", 2.0, 12.0),
)


def backlog(rng: Random, desk: Desk, clients: Clients, count: int, now: datetime) -> list[Dossier]:
    """The first `count` of the waiting cases as dossiers, dated back so that their clocks end as told."""
    return [_dossier(rng, desk, clients, waiting, now) for waiting in WAITING[:count]]


def _dossier(rng: Random, desk: Desk, clients: Clients, waiting: BacklogCase, now: datetime) -> Dossier:
    """A case severe enough to wait, and logged early enough to have reached its stage by now."""
    latest = desk.calendar.subtract(now, timedelta(minutes=2) if waiting.stage == "new" else 3 * _JUDGED)
    for _ in range(_TRIES):
        topic = choose_topic(rng, now, office_open=True)
        trial = draw(rng, topic, NOBODY, now, channel="")
        assessed = assessment(desk, trial.severity)
        if topic.simple or topic.urgent or assessed is None or assessed.priority == "P1":
            continue
        at = _begin(desk, waiting, assessed.priority, now)
        if at <= latest:
            break
    at = min(at, latest)
    turns = frozenset({_NEEDED[waiting.stage]} if waiting.stage in _NEEDED else ())
    channel = rng.choice(("hotline", "wechat", "walk_in"))
    drawn = draw(rng, topic, clients.next(), at, channel=channel)
    return replace(drawn, severity=trial.severity, turns=turns, hold=waiting.stage, quick=True)


def _begin(desk: Desk, waiting: BacklogCase, priority: Priority, now: datetime) -> datetime:
    """When the case must be logged. Before triage the clocks are those of the form's priority, P3."""
    calendar = desk.calendar
    before_triage = waiting.clock == "acknowledge"
    target = desk.config.sla.target(waiting.clock, "P3" if before_triage else priority)
    allowed = target.length(calendar)
    lead = timedelta() if before_triage else _JUDGED
    return calendar.subtract(_due(waiting, now, calendar), allowed + lead)


def _due(waiting: BacklogCase, now: datetime, calendar: WorkCalendar) -> datetime:
    if waiting.today is not None:
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return calendar.add(now, (calendar.between(now, midnight) or calendar.nominal_day) * waiting.today)
    if waiting.hours < 0:
        return calendar.subtract(now, -waiting.hours * _HOUR)
    return calendar.add(now, waiting.hours * _HOUR)
