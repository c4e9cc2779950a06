"""The few rows that each chart of the review shows, with codes and keys; `lib.analytics.charts.figures` adds the
labels."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from lib.analytics.frames import weeks
from lib.analytics.frames.clock_times import answers, closings, deadlines, open_at, within
from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.earlier import Earlier, instant
from lib.analytics.frames.working_time import working_hours
from lib.domain.clocks.clocks import CLOCKS
from lib.domain.records.severity import PRIORITIES
from lib.domain.rules.satisfaction import CSAT_QUESTION, SurveyConfig, wilson
from lib.domain.rules.workflow import Workflow
from lib.domain.time.work_calendar import WorkCalendar

AGES = (1, 3, 7, 14, 30)
"""Upper bounds, in calendar days, of the buckets of open cases; the last bucket has none."""
DURATIONS = (1, 2, 3, 5, 7, 10, 15)
"""Upper bounds, in working days, of the buckets of resolution times; the last bucket has none."""
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1) // timedelta(microseconds=1)


def flow(
    cases: pd.DataFrame, earlier: Earlier, shown: Sequence[date], now: datetime, calendar: WorkCalendar
) -> pd.DataFrame:
    """week, taken, closed, backlog at its end (at `now` for the current week)."""
    edges = np.array([instant(weeks.bounds(week, calendar.zone)[0]) for week in shown] + [_last_edge(shown, calendar)])
    edges = np.minimum(edges, instant(now))
    taken, closed = ticks(cases["taken_at"]), ticks(cases["closed_at"])
    known = (closed != NO_TIME) | (cases["phase"] != "closed").to_numpy()  # see clock_times.open_at
    arrived = _before(taken, edges)
    left = _before(np.maximum(closed, taken)[closed != NO_TIME], edges)
    away = _before(earlier.closed.start, edges) - _before(earlier.closed.end, edges)
    backlog = _before(taken[known], edges) - left - away
    gone = _before(closings(cases, earlier).at, edges)
    return pd.DataFrame(
        {"week": list(shown), "taken": np.diff(arrived), "closed": np.diff(gone), "backlog": backlog[1:]}
    )


def pareto(
    cases: pd.DataFrame, column: str, ended: str, start: datetime, until: datetime, top: int = 10
) -> pd.DataFrame:
    """code, count, share, cumulative: the commonest codes of the cases whose time `ended` lies in the span.

    Cases without a code are left out; shares are of those with one.
    """
    codes = cases[column][within(cases[ended], start, until)].astype(object)
    counts = codes[codes != ""].value_counts(sort=False)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    found = pd.DataFrame(ranked[:top], columns=["code", "count"]).astype({"count": "int64"})
    total = max(int(counts.sum()), 1)
    return found.assign(share=found["count"] / total, cumulative=found["count"].cumsum() / total)


def ageing(cases: pd.DataFrame, earlier: Earlier, moment: datetime) -> pd.DataFrame:
    """bucket (index into AGES, len(AGES) beyond), priority, count: open cases by their age in days of 24 hours."""
    still_open = cases[open_at(cases, earlier, moment)]
    age = (instant(moment) - ticks(still_open["taken_at"])) / _DAY
    grid = pd.MultiIndex.from_product([range(len(AGES) + 1), PRIORITIES], names=["bucket", "priority"])
    keys = [pd.Series(np.searchsorted(AGES, age), dtype="int64"), still_open["priority"].astype(object).array]
    counts = pd.Series(1, index=pd.MultiIndex.from_arrays(keys, names=grid.names), dtype="int64")
    return counts.groupby(level=[0, 1]).sum().reindex(grid, fill_value=0).rename("count").reset_index()


def satisfaction(
    surveys: pd.DataFrame, shown: Sequence[date], calendar: WorkCalendar, config: SurveyConfig
) -> pd.DataFrame:
    """week, share, low, high, satisfied, answers: CSAT with its 95 % interval; weeks without answers are left out."""
    rated = surveys[surveys[CSAT_QUESTION].notna() & surveys["answered_at"].notna()]
    at, happy = ticks(rated["answered_at"]), config.is_good(rated[CSAT_QUESTION]).to_numpy()
    edges = [instant(weeks.bounds(week, calendar.zone)[0]) for week in shown] + [_last_edge(shown, calendar)]
    totals, hits = np.diff(_before(at, edges)), np.diff(_before(at[happy], edges))
    shares = [(week, wilson(int(hit), int(total))) for week, hit, total in zip(shown, hits, totals, strict=True)]
    rows = [(week, s.value, s.low, s.high, s.hits, s.total) for week, s in shares if s.total]
    return pd.DataFrame(rows, columns=["week", "share", "low", "high", "satisfied", "answers"])


def arrivals(cases: pd.DataFrame, start: datetime, until: datetime) -> pd.DataFrame:
    """weekday (0 Monday), hour, count of cases logged, by the workspace's clock; every hour of the week."""
    taken = cases["taken_at"][within(cases["taken_at"], start, until)]
    counts = np.bincount(taken.dt.day_of_week * 24 + taken.dt.hour, minlength=7 * 24)
    return pd.DataFrame({"weekday": np.arange(7 * 24) // 24, "hour": np.arange(7 * 24) % 24, "count": counts})


def sla(cases: pd.DataFrame, earlier: Earlier, start: datetime, until: datetime, workflow: Workflow) -> pd.DataFrame:
    """department, clock, met, total, share: deadlines that fell in the span; only where there were some."""
    found = []
    for clock in CLOCKS:
        places, met = deadlines(cases, earlier, clock, start, until, workflow)
        groups = pd.DataFrame({"met": met, "department": cases["department"].astype(object).array[places]})
        for department, hits in groups.groupby("department")["met"]:
            found.append((department, clock, int(hits.sum()), len(hits), float(hits.mean())))
    return pd.DataFrame(found, columns=["department", "clock", "met", "total", "share"])


def durations(
    cases: pd.DataFrame, earlier: Earlier, start: datetime, until: datetime, calendar: WorkCalendar
) -> pd.DataFrame:
    """bucket (index into DURATIONS), count: working days from intake to each answer, waiting included."""
    found = answers(cases, earlier).within(start, until)
    taken = ticks(cases["taken_at"])[found.place]
    right = found.at >= taken
    hours = working_hours(taken[right], found.at[right], calendar)
    days = np.round(hours / (calendar.nominal_day / _HOUR), 6)
    counts = np.bincount(np.searchsorted(DURATIONS, days), minlength=len(DURATIONS) + 1)
    return pd.DataFrame({"bucket": range(len(DURATIONS) + 1), "count": counts})


def _before(times: Any, edges: Any) -> Any:
    """How many of the times come before each edge."""
    return np.searchsorted(np.sort(times), edges, side="left")


def _last_edge(shown: Sequence[date], calendar: WorkCalendar) -> int:
    return instant(weeks.bounds(shown[-1], calendar.zone)[1])
