"""The cases to talk about in the weekly review, the worst first."""

from datetime import timedelta

import numpy as np

from lib.analytics.frames.clock_times import late_at, within
from lib.analytics.frames.columns import ticks
from lib.analytics.frames.earlier import instant
from lib.analytics.frames.working_time import working_hours
from lib.analytics.kpis.kpi import numbers
from lib.analytics.kpis.review import Review

_HOUR = timedelta(hours=1)


def overdue(review: Review) -> tuple[str, ...]:
    """Cases with a missed deadline at the end of the week, the most urgent first, then the oldest."""
    mask = late_at(review.cases, review.earlier, review.until, review.rules.workflow)
    late = review.cases[mask].sort_values(["priority", "taken_at"], kind="stable")
    return numbers(late, np.ones(len(late), dtype=bool))


def low_scores(review: Review) -> tuple[str, ...]:
    """Cases whose client gave a low score during the week, the latest answer first."""
    answers = review.surveys[within(review.surveys["answered_at"], review.start, review.until)]
    scores = answers[[question.key for question in review.survey.question]].to_dict("records")
    low = np.array([bool(review.survey.low(given)) for given in scores], dtype=bool)
    latest = answers[low].sort_values("answered_at", ascending=False, kind="stable")
    return tuple(dict.fromkeys(latest["case_no"]))


def unassigned(review: Review) -> tuple[str, ...]:
    """Open cases without an assignee for more than a working day, the oldest first, as of now."""
    cases = review.cases
    waiting = cases[(cases["phase"] == "open").to_numpy() & (cases["assignee"] == "").to_numpy()]
    taken = ticks(waiting["taken_at"])
    hours = working_hours(taken, np.full(len(taken), instant(review.now)), review.rules.calendar)
    long = waiting[hours > review.rules.calendar.nominal_day / _HOUR].sort_values("taken_at", kind="stable")
    return tuple(long["case_no"])
