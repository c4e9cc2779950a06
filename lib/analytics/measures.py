"""How each key figure is measured over a `Period`; what they mean in words stands beside them in `metrics.KPIS`."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pandas as pd

from lib.analytics.clock_times import judged, late_at, open_at, within
from lib.analytics.columns import ticks
from lib.analytics.frames import Mask
from lib.analytics.kpi import Measured, Period, counted, of_share, quantile, share
from lib.analytics.working_time import working_hours
from lib.domain.clocks import Clock
from lib.domain.satisfaction import CSAT_QUESTION, wilson

REPEAT_DAYS = 90
NO_GRIEVANCE = ("praise", "suggestion", "consultation")
"""Kinds of case that are never a repeated complaint."""
_TYPING_ERROR = timedelta(days=3650) // timedelta(microseconds=1)  # no case takes ten years


def intake(period: Period) -> Measured:
    return counted(period.cases, within(period.cases["taken_at"], period.start, period.until))


def closed(period: Period) -> Measured:
    return counted(period.cases, within(period.cases["closed_at"], period.start, period.until))


def backlog(period: Period) -> Measured:
    return counted(period.cases, open_at(period.cases, period.until))


def overdue(period: Period) -> Measured:
    return counted(period.cases, late_at(period.cases, period.until, period.rules.workflow))


def on_time(period: Period, clock: Clock) -> Measured:
    asked, met = judged(period.cases, clock, period.start, period.until, period.rules.workflow)
    return share(period.cases, hits=met, total=asked, behind=asked & ~met)


def spent(period: Period, end: str, q: float) -> Measured:
    taken, done = ticks(period.cases["taken_at"]), ticks(period.cases[end])
    mask = within(period.cases[end], period.start, period.until) & (done >= taken) & (done - taken < _TYPING_ERROR)
    hours = working_hours(taken[mask], done[mask], period.rules.calendar)
    return quantile(period.cases, mask, hours, q)


def reopened(period: Period) -> Measured:
    closed = within(period.cases["closed_at"], period.start, period.until)
    again = closed & (period.cases["reopen_count"] > 0).to_numpy()
    return share(period.cases, hits=again, total=closed, behind=again)


def review(period: Period) -> Measured:
    answered = within(period.cases["answered_at"], period.start, period.until)
    asked = answered & period.cases["review_asked_at"].notna().to_numpy()
    return share(period.cases, hits=asked, total=answered, behind=asked)


def overturn(period: Period) -> Measured:
    decided = within(period.cases["reviewed_at"], period.start, period.until)
    changed = decided & (period.cases["review_result"] == "changed").to_numpy()
    return share(period.cases, hits=changed, total=decided, behind=changed)


def repeat(period: Period) -> Measured:
    since = period.start - timedelta(days=REPEAT_DAYS)
    grievance = ~period.cases["kind"].isin(NO_GRIEVANCE).to_numpy()
    recent = period.cases[within(period.cases["taken_at"], since, period.until) & grievance]
    recent = recent.sort_values("taken_at", kind="stable")
    total = within(recent["taken_at"], period.start, period.until)
    again = total & (_soon_again(recent, _phones(recent)) | _soon_again(recent, _places(recent)))
    return share(recent, hits=again, total=total, behind=again)


def _phones(cases: pd.DataFrame) -> pd.Series:
    return cases["client_phone"].where(cases["client_phone"] != "")


def _places(cases: pd.DataFrame) -> pd.Series:
    """Community, building, unit and room as one text; missing unless community and room are known."""
    parts = [cases[name].astype(object) for name in ("community", "building", "unit", "room")]
    known = (cases["community"] != "") & (cases["room"] != "")
    return (parts[0] + "\n" + parts[1] + "\n" + parts[2] + "\n" + parts[3]).where(known)


def _soon_again(cases: pd.DataFrame, key: pd.Series) -> Mask:
    """Rows (in order of time) whose key stood at an earlier row at most REPEAT_DAYS before."""
    gap = cases["taken_at"].groupby(key).diff()
    found: Mask = (gap <= timedelta(days=REPEAT_DAYS)).to_numpy()
    return found


def csat(period: Period) -> Measured:
    answers = period.surveys[within(period.surveys["answered_at"], period.start, period.until)]
    answers = answers[answers[CSAT_QUESTION].notna()]
    happy = answers[CSAT_QUESTION] >= period.survey.csat_from
    return of_share(wilson(int(happy.sum()), len(answers)), answers["case_no"][~happy])


def response(period: Period) -> Measured:
    sent = period.surveys[within(period.surveys["sent_at"], period.start, period.until)]
    answered = sent["answered_at"].notna()
    return of_share(wilson(int(answered.sum()), len(sent)), sent["case_no"][~answered])


def timely(clock: Clock) -> Callable[[Period], Measured]:
    return partial(on_time, clock=clock)
