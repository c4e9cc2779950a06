"""The life of one case while it is played: who acts, what is said, and when the next thing can happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from lib.demo.agenda import Scheduler
from lib.demo.cast.texts import phrase, pick
from lib.demo.dossier import Dossier
from lib.desk.desk import Desk
from lib.domain.clocks.waits import limit
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.services.cases import handling
from lib.services.parts.evidence import File
from lib.store.commit.batch import Receipt

_QUICK = 0.3  # a quick case never takes longer than this part of the usual span


@dataclass(frozen=True, eq=False)
class World:
    """The workspace as the stories see it. `end` is the present of whoever opens the demo; `problem_found` starts the
    story of a case that a follow-up call has opened.
    """

    desk: Desk
    agenda: Scheduler
    end: datetime
    problem_found: Callable[["Life", str, Random], None]

    def actor(self, staff_id: str) -> Actor:
        return actor_of(self.desk.snapshot[Staff][staff_id], self.desk.config.roles)

    def later(self, hours: float) -> datetime:
        """So many hours of working time from now."""
        return self.desk.calendar.add(self.desk.now(), timedelta(seconds=round(hours * 3600)))

    def on(self, day: datetime, share: float) -> datetime:
        """The moment at which a share of the day's working time has passed; noon on a day of rest."""
        calendar = self.desk.calendar
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        length = calendar.day_length(day.date())
        return calendar.add(midnight, length * share) if length else midnight.replace(hour=12)

    def at_hand(self, staff_id: str) -> bool:
        staff = self.desk.snapshot[Staff].get(staff_id)
        return staff is not None and not staff.is_away(self.desk.today())


@dataclass(eq=False)
class Life:
    """One case: its dossier, its chance, and its number once it has one."""

    world: World
    dossier: Dossier
    rng: Random
    no: str = ""
    tasks: list[str] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        return self.world.desk

    @property
    def case(self) -> Case:
        return self.desk.snapshot[Case][self.no]

    @property
    def handler(self) -> Actor:
        return self.world.actor(self.case.assignee)

    @property
    def receptionist(self) -> Actor:
        return self.world.actor(f"intake-{self.dossier.client.branch}")

    @property
    def head(self) -> Actor:
        """The head who triages and assigns the case; for a department without a head, that of the service."""
        department = self.dossier.topic.department
        return self.world.actor(f"head-{department if department in ('sales', 'transfer') else 'service'}")

    def takes(self, turn: str) -> bool:
        return turn in self.dossier.turns

    def say(self, key: str) -> str:
        return phrase(self.rng, key, self.dossier.slots)

    def tell(self, choices: tuple[str, ...]) -> str:
        return pick(self.rng, choices, self.dossier.slots)

    def move(
        self,
        actor: Actor,
        key: str,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        written_plan: File | None = None,
    ) -> Receipt:
        return handling.make_move(
            self.desk, actor=actor, case=self.case, move=key, values=values or {}, text=text, written_plan=written_plan
        )

    def day(self, days: int) -> date:
        """The working day so many days from today."""
        return self.desk.calendar.move_off_rest(self.desk.today() + timedelta(days=days))

    def promise(self, days: int) -> date:
        """The same day, or the last one that may be promised without approval."""
        last = limit(self.case.priority, self.desk.today(), self.desk.calendar, self.desk.config.sla.waits)
        return min(self.day(days), last)

    def soon(self, low: float, high: float) -> datetime:
        """In so many hours of working time; sooner for what is critical."""
        haste = 0.12 if self.case.priority == "P1" else 1.0
        return self.world.later(haste * self._between(low, high))

    def before(self, due: datetime | None, low: float, high: float) -> datetime:
        """When a share of the working time left until `due` has passed; soon where none is left."""
        left = self.desk.calendar.between(self.desk.now(), due) if due else timedelta()
        hours = left.total_seconds() / 3600
        return self.world.later(hours * self._between(low, high)) if hours > 0 else self.soon(0.2, 0.8)

    def after(self, due: datetime | None, low: float, high: float) -> datetime:
        """So many hours of working time after `due` has passed."""
        start = max(due or self.desk.now(), self.desk.now())
        hours = self.rng.uniform(low, high) * (0.4 if self.case.priority == "P1" else 1)
        return self.desk.calendar.add(start, timedelta(seconds=round(hours * 3600)))

    def _between(self, low: float, high: float) -> float:
        return low + (high - low) * self.rng.random() * (_QUICK if self.dossier.quick else 1)
