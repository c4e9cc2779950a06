"""One weekly review: the week, the scope, and the data of its figures and charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import pandas as pd

from lib.analytics.frames import weeks
from lib.analytics.frames.earlier import Earlier
from lib.analytics.frames.frames import seen_cases, seen_surveys
from lib.analytics.kpis.definitions import DEFAULT_TARGETS, Value, in_scope, weekly
from lib.desk.desk import Desk
from lib.domain.records.lists import Lists
from lib.domain.rules.moves import Rules
from lib.domain.rules.permissions import Actor
from lib.domain.rules.satisfaction import SurveyConfig

WEEKS = 26
"""Weeks in the charts over time."""
RECENT = 13
"""Weeks that the charts without a time axis look back on, the chosen one the last."""


@dataclass(frozen=True)
class Review:
    """Frames in scope, the week (its Monday), and the words of the lists in `language`."""

    cases: pd.DataFrame
    surveys: pd.DataFrame
    week: date
    now: datetime
    rules: Rules
    survey: SurveyConfig
    csat_target: float
    lists: Lists
    language: str

    @cached_property
    def earlier(self) -> Earlier:
        """What the rows no longer hold about their clocks."""
        return Earlier.of(self.cases)

    @property
    def start(self) -> datetime:
        return weeks.bounds(self.week, self.rules.calendar.zone)[0]

    @property
    def until(self) -> datetime:
        """The end of the week, or now."""
        return min(weeks.bounds(self.week, self.rules.calendar.zone)[1], self.now)

    @property
    def is_latest(self) -> bool:
        """Whether it is the present week, or the one that ended last: the one a Monday's review is about."""
        return self.week >= weeks.monday(self.now.date()) - timedelta(days=7)

    @property
    def since(self) -> datetime:
        """Where the charts without a time axis begin."""
        return weeks.bounds(self.week - timedelta(days=7) * (RECENT - 1), self.rules.calendar.zone)[0]

    @property
    def shown(self) -> list[date]:
        """The weeks of the charts over time."""
        return weeks.last_weeks(self.week, WEEKS)

    def labels(self, name: str) -> Mapping[str, str]:
        return self.lists.labels(name, self.language)

    def key_figures(self) -> dict[str, Value]:
        """Every key figure of the week by key."""
        targets = {**DEFAULT_TARGETS, "csat": self.csat_target}
        return weekly(
            self.cases, self.surveys, self.week, now=self.now, rules=self.rules, survey=self.survey, targets=targets
        )


def review_of(desk: Desk, week: date, *, actor: Actor, language: str, branch: str = "", department: str = "") -> Review:
    """The review of a week, of the cases that the actor may see in the branch and department (all where empty)."""
    seen = seen_cases(desk, actor), seen_surveys(desk, actor)
    cases, surveys = in_scope(*seen, branch=branch, department=department)
    return Review(
        cases,
        surveys,
        week,
        desk.now(),
        desk.rules,
        desk.config.survey,
        desk.settings.csat_target,
        desk.lists,
        language,
    )
