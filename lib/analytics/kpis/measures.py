"""How each key figure is measured over a `Period`; their definitions in words are in
`lib.analytics.kpis.definitions.KPIS`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import pandas as pd

from lib.analytics.frames.clock_times import (
    Happened,
    answers,
    closings,
    deadlines,
    late_at,
    open_at,
    reviewed_before,
    reviews,
    within,
)
from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.frames import Mask
from lib.analytics.frames.working_time import working_hours
from lib.analytics.kpis.kpi import Measured, Period, counted, numbers, numbers_at, of_share, part, quantile, share
from lib.domain.clocks.clocks import Clock
from lib.domain.clocks.waits import days_in
from lib.domain.rules.satisfaction import CSAT_QUESTION, wilson
from lib.domain.text.places import home

REPEAT_DAYS = 90
NO_GRIEVANCE = ("praise", "suggestion", "consultation")
"""Kinds of case that are never a repeated complaint."""
_TYPING_ERROR = timedelta(days=3650) // timedelta(microseconds=1)  # no case takes ten years


def intake(period: Period) -> Measured:
    return counted(period.cases, within(period.cases["taken_at"], period.start, period.until))


def closed(period: Period) -> Measured:
    found = _closings(period)
    count = len(found.place)
    return Measured(float(count), count, len(period.cases), numbers_at(period.cases, found.place))


def backlog(period: Period) -> Measured:
    return counted(period.cases, open_at(period.cases, period.earlier, period.until))


def overdue(period: Period) -> Measured:
    return counted(period.cases, late_at(period.cases, period.earlier, period.until, period.rules.workflow))


def on_time(period: Period, clock: Clock) -> Measured:
    places, met = deadlines(period.cases, period.earlier, clock, period.start, period.until, period.rules.workflow)
    return part(period.cases, hits=places[met], total=places, behind=places[~met])


def contact_time(period: Period, q: float) -> Measured:
    contacted = ticks(period.cases["contacted_at"])
    known = np.flatnonzero(contacted != NO_TIME)
    return _spent(period, Happened(known, contacted[known], np.zeros(len(known), dtype=bool)), q)


def resolve_time(period: Period, q: float) -> Measured:
    return _spent(period, answers(period.cases, period.earlier), q)


def _spent(period: Period, ends: Happened, q: float) -> Measured:
    """Working time from intake to the ends that fell into the period."""
    found = ends.within(period.start, period.until)
    taken = ticks(period.cases["taken_at"])[found.place]
    right = (found.at >= taken) & (found.at - taken < _TYPING_ERROR)
    hours = working_hours(taken[right], found.at[right], period.rules.calendar)
    return quantile(period.cases, found.place[right], hours, q)


def _closings(period: Period) -> Happened:
    return closings(period.cases, period.earlier).within(period.start, period.until)


def reopened(period: Period) -> Measured:
    found = _closings(period)
    again = found.place[found.again]
    return part(period.cases, hits=again, total=found.place, behind=again)


def review(period: Period) -> Measured:
    found = _closings(period)
    asked = found.where(reviewed_before(period.cases, period.earlier, found)).place
    return part(period.cases, hits=asked, total=found.place, behind=asked)


def broken_promises(period: Period) -> Measured:
    """A wait that lasts past its day counts from the next day on; if it has ended, the row keeps the day."""
    first, end = period.start.date(), period.until.date()
    cases = period.cases
    kept = cases["broken_promises"].to_numpy(dtype=object)
    past = np.array([sum(first <= day < end for day in days_in(text)) for text in kept], dtype=np.int64)
    day = cases["promised_on"]
    lasting = ((cases["phase"] == "paused") & (day >= pd.Timestamp(first)) & (day < pd.Timestamp(end))).to_numpy()
    each = past + lasting
    return Measured(float(each.sum()), int(each.sum()), len(cases), numbers(cases, each > 0))


def paused_share(period: Period) -> Measured:
    found = answers(period.cases, period.earlier).within(period.start, period.until)
    found = found.where(~found.again)
    taken = ticks(period.cases["taken_at"])[found.place]
    found_right = (found.at > taken) & (found.at - taken < _TYPING_ERROR)
    place, at = found.place[found_right], found.at[found_right]
    hours = float(np.sum(working_hours(taken[found_right], at, period.rules.calendar)))
    paused = period.cases["paused_before_answer"].fillna(period.cases["paused_work"]).to_numpy()[place]
    share_of_time = min(float(paused.sum()) / 60 / hours, 1.0) if hours else None
    named = period.cases["case_no"].to_numpy(dtype=object)[place[paused > 0]]
    return Measured(share_of_time, 0, 0, tuple(named))


def overturn(period: Period) -> Measured:
    decided, changed = reviews(period.cases, period.earlier)
    inside = decided.inside(period.start, period.until)
    hits = decided.place[inside & changed]
    return part(period.cases, hits=hits, total=decided.place[inside], behind=hits)


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
    """The home of each case, however it was written; missing unless community and room are known."""
    fields = zip(*(cases[name].astype(object) for name in ("community", "building", "unit", "room")), strict=True)
    homes = [home(*place) for place in fields]
    return pd.Series(["\n".join(place) if place.known else None for place in homes], cases.index, dtype=object)


def _soon_again(cases: pd.DataFrame, key: pd.Series) -> Mask:
    """Rows (in order of time) whose key occurs in an earlier row at most REPEAT_DAYS before."""
    gap = cases["taken_at"].groupby(key).diff()
    found: Mask = (gap <= timedelta(days=REPEAT_DAYS)).to_numpy()
    return found


def csat(period: Period) -> Measured:
    answers = period.surveys[within(period.surveys["answered_at"], period.start, period.until)]
    answers = answers[answers[CSAT_QUESTION].notna()]
    happy = period.survey.is_good(answers[CSAT_QUESTION])
    return of_share(wilson(int(happy.sum()), len(answers)), answers["case_no"][~happy])


def response(period: Period) -> Measured:
    return response_rate(period.surveys, period.start, period.until)


def response_rate(surveys: pd.DataFrame, start: datetime, until: datetime) -> Measured:
    """Of the surveys sent from `start` to before `until`, the share answered so far.

    One that was replaced unanswered, which ends it at the moment at which the newer one is sent, is left out.
    """
    answered = surveys["answered_at"].notna().to_numpy()
    replaced = ~answered & _pairs(surveys, "expires_at").isin(_pairs(surveys, "sent_at"))
    sent = within(surveys["sent_at"], start, until) & ~replaced
    return of_share(wilson(int((sent & answered).sum()), int(sent.sum())), surveys["case_no"][sent & ~answered])


def _pairs(surveys: pd.DataFrame, time: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([surveys["case_no"], ticks(surveys[time])])


def timely(clock: Clock) -> Callable[[Period], Measured]:
    return partial(on_time, clock=clock)
