"""Which follow-ups a deal, a handover or a closed case asks for, and when.

The defaults in followup.toml are those of the trade's after-sales handbooks.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled
from lib.domain.records.severity import Priority
from lib.domain.time.work_calendar import WorkCalendar

Trigger = Literal["deal_signed", "handover", "case_closed"]

_DAY = timedelta(days=1)


class Purpose(Labelled):
    """What a follow-up is for."""


class FollowUpStep(Configured):
    """`after_days` calendar days after the trigger. A step that must not be late (`latest`) moves off a
    rest day to the working day before it, if one is left; the others move to the working day after it. With
    `priorities` it is for cases of those only.
    """

    purpose: str
    after_days: int = Field(ge=1)
    latest: bool = False
    priorities: tuple[Priority, ...] = ()


class Repeat(Configured):
    """Again and again, `every_days` after the one before."""

    purpose: str
    every_days: int = Field(ge=1)


class FollowUpPlan(Configured):
    """`kinds` have steps of their own instead of `steps`, `categories` some beside them; what lies below a category
    takes its."""

    steps: tuple[FollowUpStep, ...] = ()
    repeat: Repeat | None = None
    kinds: Mapping[str, tuple[FollowUpStep, ...]] = {}
    categories: Mapping[str, tuple[FollowUpStep, ...]] = {}

    def all_steps(self) -> Iterator[FollowUpStep]:
        yield from self.steps
        for steps in (*self.kinds.values(), *self.categories.values()):
            yield from steps

    def steps_for(self, about: "About") -> Iterator[FollowUpStep]:
        parent = about.category.rpartition(".")[0]
        beside = self.categories.get(about.category) or self.categories.get(parent) or ()
        for step in (*self.kinds.get(about.kind, self.steps), *beside):
            if not step.priorities or about.priority in step.priorities:
                yield step


@dataclass(frozen=True)
class About:
    """What is to be known of a case to plan its calls."""

    kind: str = ""
    category: str = ""
    priority: Priority = "P3"


NOTHING_KNOWN = About()


class Tries(Configured):
    """Attempts to reach the client before another channel is used, and the days from one to the next."""

    most: int = Field(default=3, ge=1)
    days_apart: int = Field(default=1, ge=1)


class BeforeWarrantyEnds(Configured):
    purpose: str
    days: int = Field(ge=1)


class Greetings(Configured):
    """Festivals by the name under which the calendar lists their holidays."""

    purpose: str
    festivals: tuple[str, ...]


TAKEN_BY = "taken_by"
"""Among the callers: whoever took the case in. All others are roles."""
Callers = Mapping[str, tuple[str, ...]]


class FollowUpConfig(Configured):
    """`callers`: for these purposes somebody else than a handler calls, looked for in this order (requirement F4)."""

    purposes: dict[str, Purpose]
    callers: Callers
    tries: Tries = Tries()
    plans: dict[Trigger, FollowUpPlan]
    before_warranty_ends: BeforeWarrantyEnds
    greetings: Greetings

    @model_validator(mode="after")
    def _known_purposes(self) -> Self:
        if unknown := set(self._named()) - self.purposes.keys():
            facts = {"at": "purposes", "given": ", ".join(sorted(unknown))}
            raise PydanticCustomError("unknown_name", "no purpose {given}", facts)
        return self

    def purposes_of(self, trigger: Trigger) -> frozenset[str]:
        """What the calls of a plan are for."""
        return frozenset(step.purpose for step in self.plans.get(trigger, FollowUpPlan()).all_steps())

    def _named(self) -> Iterator[str]:
        yield self.before_warranty_ends.purpose
        yield self.greetings.purpose
        for plan_ in self.plans.values():
            yield from (step.purpose for step in plan_.all_steps())
            if plan_.repeat:
                yield plan_.repeat.purpose


@dataclass(frozen=True)
class PlannedFollowUp:
    purpose: str
    due: date


def plan(
    trigger: Trigger, on: date, calendar: WorkCalendar, config: FollowUpConfig, about: About = NOTHING_KNOWN
) -> tuple[PlannedFollowUp, ...]:
    """The follow-ups that what happened `on` that day asks for, by due day, none on a rest day.

    Steps that a long holiday pushes onto one day become one follow-up, the first. A repeating plan gives
    its first round only; `next_repeat` gives the others, because nobody knows yet how long they will go on.
    """
    found: dict[date, PlannedFollowUp] = {}
    for step in config.plans.get(trigger, FollowUpPlan()).steps_for(about):
        due = _due(step, on, calendar)
        found.setdefault(due, PlannedFollowUp(step.purpose, due))
    last = max(found, default=on)
    if (again := next_repeat(trigger, last, calendar, config)) is not None:
        found[again.due] = again
    return tuple(found[due] for due in sorted(found))


def next_repeat(
    trigger: Trigger, last: date, calendar: WorkCalendar, config: FollowUpConfig, *, until: date | None = None
) -> PlannedFollowUp | None:
    """The next round of a repeating plan after the one done on `last`; None when nothing repeats, or when
    it would fall on or after `until` (the day of the transfer).
    """
    repeat = config.plans.get(trigger, FollowUpPlan()).repeat
    if repeat is None:
        return None
    due = calendar.move_off_rest(last + repeat.every_days * _DAY)
    return None if until is not None and due >= until else PlannedFollowUp(repeat.purpose, due)


def next_try(tries: int, last: date, calendar: WorkCalendar, config: FollowUpConfig) -> date | None:
    """The day of the next attempt after `tries` in vain, the last of them on `last`; None: use another
    channel.
    """
    if tries >= config.tries.most:
        return None
    return calendar.move_off_rest(last + config.tries.days_apart * _DAY)


def before_warranty_ends(until: date, calendar: WorkCalendar, config: FollowUpConfig) -> PlannedFollowUp:
    """The reminder before the warranty's last day; moved to an earlier day, so that the client never has
    less time.
    """
    rule = config.before_warranty_ends
    return PlannedFollowUp(rule.purpose, _working_day_before(until - rule.days * _DAY, calendar))


def greetings(first: date, last: date, calendar: WorkCalendar, config: FollowUpConfig) -> tuple[PlannedFollowUp, ...]:
    """Festival greetings from `first` to `last`: on the last working day before each festival's holiday
    begins.
    """
    holidays = calendar.config.holidays
    starts = {_first_of(day, holidays) for day, name in holidays.items() if _is_festival(name, config)}
    days = sorted({_working_day_before(start - _DAY, calendar) for start in starts})
    return tuple(PlannedFollowUp(config.greetings.purpose, day) for day in days if first <= day <= last)


def _is_festival(name: str, config: FollowUpConfig) -> bool:
    """Two festivals may share one day, which then has both names."""
    return any(festival in name for festival in config.greetings.festivals)


def _first_of(day: date, holidays: Collection[date]) -> date:
    """The day on which a holiday begins; Mid-autumn may fall into the days of National Day."""
    while day - _DAY in holidays:
        day -= _DAY
    return day


def _due(step: FollowUpStep, on: date, calendar: WorkCalendar) -> date:
    day = on + step.after_days * _DAY
    if step.latest:
        earlier = _working_day_before(day, calendar)
        if earlier >= on:
            return earlier
    return calendar.move_off_rest(day)


def _working_day_before(day: date, calendar: WorkCalendar) -> date:
    """`day` when it is a working day, else the last one before it."""
    while not calendar.is_working_day(day):
        day -= _DAY
    return day
