"""The key figures of the weekly review (requirement H1), each defined here and nowhere else.

`weekly` measures them all for one week and the week before. The current week is measured up to now. Percentages come
with their counts, the satisfaction figures with a 95 % interval (Wilson).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
import pandas as pd

from lib.analytics.frames import weeks
from lib.analytics.frames.earlier import Earlier
from lib.analytics.kpis import measures
from lib.analytics.kpis.kpi import Kpi, Measured, Period
from lib.domain.rules.moves import Rules
from lib.domain.rules.satisfaction import SurveyConfig
from lib.i18n import N_

DEFAULT_TARGETS: Mapping[str, float] = {
    "overdue": 0.0,
    "on_time_acknowledge": 0.9,
    "on_time_contact": 0.9,
    "on_time_plan": 0.9,
    "on_time_resolve": 0.9,
    "on_time_review": 0.9,
}
"""Targets besides that of CSAT, which is a setting."""


@dataclass(frozen=True, slots=True)
class Value:
    """A key figure of one week against the week before and its target."""

    kpi: Kpi
    now: Measured
    previous: float | None
    target: float | None

    @property
    def value(self) -> float | None:
        return self.now.value

    @property
    def change(self) -> float | None:
        """Against the week before, None where either week has nothing to measure."""
        return None if self.value is None or self.previous is None else self.value - self.previous

    @property
    def on_target(self) -> bool | None:
        """None without a target or a value."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target if self.kpi.better == "lower" else self.value >= self.target


def weekly(
    cases: pd.DataFrame,
    surveys: pd.DataFrame,
    week: date,
    *,
    now: datetime,
    rules: Rules,
    survey: SurveyConfig,
    targets: Mapping[str, float] = DEFAULT_TARGETS,
) -> dict[str, Value]:
    """Every key figure by key; `cases` and `surveys` are frames, whole or narrowed with `in_scope`."""

    earlier = Earlier.of(cases)

    def period(monday: date) -> Period:
        start, end = weeks.bounds(monday, rules.calendar.zone)
        return Period(cases, earlier, surveys, start, max(start, min(end, now)), rules, survey)

    present, before = period(week), period(week - timedelta(days=7))
    return {kpi.key: Value(kpi, kpi.measure(present), kpi.measure(before).value, targets.get(kpi.key)) for kpi in KPIS}


def in_scope(
    cases: pd.DataFrame, surveys: pd.DataFrame, *, branch: str = "", department: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases of a branch, a department, or both, and the surveys about them."""
    if not branch and not department:
        return cases, surveys
    wanted = np.ones(len(cases), dtype=bool)
    for name, code in (("branch", branch), ("department", department)):
        if code:
            wanted &= (cases[name] == code).to_numpy()
    chosen = cases[wanted]
    return chosen, surveys[surveys["case_no"].isin(set(chosen["case_no"]))]


_MET = N_(
    "Of the deadlines of this clock that fell in the week, the share met; a case opened again has one for each time. "
    "Cases that were closed or put on hold before the deadline are not counted."
)
KPIS = (
    Kpi("intake", N_("Logged"), N_("Cases logged during the week."), "cases", "", measures.intake),
    Kpi(
        "closed",
        N_("Closed"),
        N_("Cases closed or declined during the week, also where they were opened again since."),
        "cases",
        "",
        measures.closed,
    ),
    Kpi(
        "backlog",
        N_("Backlog"),
        N_("Cases not closed at the end of the week, however old."),
        "cases",
        "lower",
        measures.backlog,
    ),
    Kpi(
        "overdue",
        N_("Overdue"),
        N_(
            "Cases with a deadline missed and still unmet at the end of the week. Those waiting for somebody outside "
            "at that moment are not counted, even if their deadline had passed before."
        ),
        "cases",
        "lower",
        measures.overdue,
    ),
    Kpi("on_time_acknowledge", N_("Acknowledged on time"), _MET, "share", "higher", measures.timely("acknowledge")),
    Kpi("on_time_contact", N_("First contact on time"), _MET, "share", "higher", measures.timely("contact")),
    Kpi("on_time_plan", N_("Plan on time"), _MET, "share", "higher", measures.timely("plan")),
    Kpi("on_time_resolve", N_("Resolved on time"), _MET, "share", "higher", measures.timely("resolve")),
    Kpi("on_time_review", N_("Review on time"), _MET, "share", "higher", measures.timely("review")),
    Kpi(
        "contact_median",
        N_("First contact, median"),
        N_("Working time from intake to the first contact, for first contacts made in the week: half took less."),
        "hours",
        "lower",
        partial(measures.contact_time, q=0.5),
    ),
    Kpi(
        "contact_p90",
        N_("First contact, 90%"),
        N_(
            "Working time from intake to the first contact, for first contacts made in the week: nine in ten took less."
        ),
        "hours",
        "lower",
        partial(measures.contact_time, q=0.9),
    ),
    Kpi(
        "resolve_median",
        N_("Resolution, median"),
        N_(
            "Working time from intake to the answer, waiting included, for answers given in the week, "
            "also where the case was opened again since: half took less."
        ),
        "hours",
        "lower",
        partial(measures.resolve_time, q=0.5),
    ),
    Kpi(
        "resolve_p90",
        N_("Resolution, 90%"),
        N_(
            "Working time from intake to the answer, waiting included, for answers given in the week, "
            "also where the case was opened again since: nine in ten took less."
        ),
        "hours",
        "lower",
        partial(measures.resolve_time, q=0.9),
    ),
    Kpi(
        "broken_promises",
        N_("Promises not kept"),
        N_("Days promised for the end of a wait that fell in the week and passed while the case went on waiting."),
        "cases",
        "lower",
        measures.broken_promises,
    ),
    Kpi(
        "paused_share",
        N_("Time spent waiting"),
        N_(
            "Of the working time from intake to the first answer, "
            "for cases first answered in the week, the share waited."
        ),
        "share",
        "lower",
        measures.paused_share,
    ),
    Kpi(
        "reopen_rate",
        N_("Reopened"),
        N_("Of the closings of the week, the share that closed a case for the second time or more."),
        "share",
        "lower",
        measures.reopened,
    ),
    Kpi(
        "review_rate",
        N_("Reviews asked for"),
        N_("Of the closings of the week, the share before which the client had asked for a review."),
        "share",
        "lower",
        measures.review,
    ),
    Kpi(
        "overturn_rate",
        N_("Decisions changed"),
        N_("Of the reviews decided in the week, the share that changed the decision."),
        "share",
        "lower",
        measures.overturn,
    ),
    Kpi(
        "repeat_rate",
        N_("Repeat complaints"),
        N_(
            "Of the cases logged during the week (without praise, suggestions and "
            "consultations), the share with the same phone or the same property as another such case "
            "of the 90 days before."
        ),
        "share",
        "lower",
        measures.repeat,
    ),
    Kpi(
        "csat",
        N_("Satisfaction"),
        N_(
            "Of the clients who rated the outcome during the week, the share who gave a good score "
            "(4 or 5 by default). Answers by phone count."
        ),
        "share",
        "higher",
        measures.csat,
    ),
    Kpi(
        "response_rate",
        N_("Surveys answered"),
        N_(
            "Of the surveys sent in the week, the share answered so far: it grows until the links expire. "
            "One that a newer survey replaced is not counted."
        ),
        "share",
        "higher",
        measures.response,
    ),
)
"""In the order of the review."""
