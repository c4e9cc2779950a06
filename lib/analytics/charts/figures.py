"""The figures of the weekly review: each chart with its title and the same rows as a table to read and download."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.analytics.charts import charts
from lib.analytics.charts import data as chart_data
from lib.analytics.frames import weeks
from lib.analytics.kpis.review import RECENT, WEEKS, Review
from lib.domain.clocks.clocks import CLOCKS
from lib.domain.records.severity import PRIORITIES
from lib.i18n import N_, t
from lib.words.clocks import clock_name

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart. `table` holds what it shows, with headers in the person's language; empty: nothing to show."""

    key: str
    title: str
    note: str
    chart: Any
    table: pd.DataFrame


def figures(review: Review) -> list[Figure]:
    """Every figure, in the order of the page."""
    return [make(review) for make in FIGURES]


def flow(review: Review) -> Figure:
    data = _by_week(chart_data.flow(review.cases, review.earlier, review.shown, review.now, review.rules.calendar))
    heads = {"week": t("Week of"), "taken": t("Logged"), "closed": t("Closed"), "backlog": t("Backlog")}
    note = t("Up to {n} weeks. The line is the backlog at the end of each week, on the right-hand scale.", n=WEEKS)
    return Figure("flow", t("Inflow, outflow and backlog"), note, charts.flow(data), _table(data, heads))


def categories(review: Review) -> Figure:
    note = t("Cases logged during the last {n} weeks. The line shows the cumulative share.", n=RECENT)
    return _pareto(review, "categories", t("Categories"), note, column="category", ended="taken_at", names="category")


def causes(review: Review) -> Figure:
    note = t("Cases closed during the last {n} weeks. The line shows the cumulative share.", n=RECENT)
    return _pareto(review, "causes", t("Causes"), note, column="cause", ended="closed_at", names="cause")


def ageing(review: Review) -> Figure:
    data = chart_data.ageing(review.cases, review.earlier, review.until)
    names = review.labels("priority")
    priorities = [f"{code} {names.get(code, '')}".strip() for code in PRIORITIES]
    by_code = dict(zip(PRIORITIES, priorities, strict=True))
    data = data.assign(label=_ranges(data["bucket"], chart_data.AGES), priority_label=data["priority"].map(by_code))
    heads = {"label": t("Age in days"), "priority_label": t("Priority"), "count": t("Open cases")}
    chart = charts.ageing(data, priorities)
    return Figure("ageing", t("Age of open cases"), t("At the end of the week."), chart, _table(data, heads, "count"))


def satisfaction(review: Review) -> Figure:
    found = chart_data.satisfaction(review.surveys, review.shown, review.rules.calendar, review.survey)
    data = _by_week(found)
    heads = {
        "week": t("Week of"), "share": t("Satisfied"), "low": t("At least"), "high": t("At most"),
        "answers": t("Answers"),
    }  # fmt: skip
    note = t("The band is the 95% interval: wide where few clients answered. The dashed line is the target.")
    chart = charts.satisfaction(data, review.csat_target)
    return Figure("satisfaction", t("Satisfaction"), note, chart, _table(data, heads))


def sla(review: Review) -> Figure:
    data = chart_data.sla(review.cases, review.earlier, review.since, review.until, review.rules.workflow)
    names, clocks = review.labels("department"), {clock: clock_name(clock) for clock in CLOCKS}
    labels = [names.get(code, code) or t("No department") for code in data["department"]]
    data = data.assign(label=labels, clock_label=data["clock"].map(clocks))
    heads = {
        "label": t("Department"), "clock_label": t("Deadline"), "met": t("Met"), "total": t("Deadlines"),
        "share": t("Share"),
    }  # fmt: skip
    note = t("Share of the deadlines of the last {n} weeks that were met.", n=RECENT)
    chart = charts.sla(data, list(clocks.values()))
    return Figure("sla", t("Deadlines met by department"), note, chart, _table(data, heads))


def durations(review: Review) -> Figure:
    data = chart_data.durations(review.cases, review.earlier, review.since, review.until, review.rules.calendar)
    data = data.assign(label=_ranges(data["bucket"], chart_data.DURATIONS))
    heads = {"label": t("Working days"), "count": t("Cases")}
    note = t("Cases answered during the last {n} weeks, waiting included.", n=RECENT)
    return Figure("durations", t("Time to resolve"), note, charts.durations(data), _table(data, heads, "count"))


def arrivals(review: Review) -> Figure:
    data = chart_data.arrivals(review.cases, review.since, review.until)
    data = data.assign(label=[t(WEEKDAYS[day]) for day in data["weekday"]])
    heads = {"label": t("Weekday"), "hour": t("Hour"), "count": t("Cases")}
    note = t("Cases logged during the last {n} weeks; darker means more.", n=RECENT)
    chart = charts.arrivals(data)
    return Figure("arrivals", t("When cases come in"), note, chart, _table(data, heads, "count"))


FIGURES: Sequence[Callable[[Review], Figure]] = (
    flow, satisfaction, categories, ageing, causes, sla, durations, arrivals,
)  # fmt: skip


def _pareto(review: Review, key: str, title: str, note: str, *, column: str, ended: str, names: str) -> Figure:
    data = chart_data.pareto(review.cases, column, ended, review.since, review.until)
    labels = review.labels(names)
    data = data.assign(label=[labels.get(code, code) for code in data["code"]])
    heads = {"label": title, "count": t("Cases"), "share": t("Share"), "cumulative": t("Cumulative")}
    return Figure(key, title, note, charts.pareto(data), _table(data, heads))


def _by_week(data: pd.DataFrame) -> pd.DataFrame:
    """Weeks as text: short for the axis, the whole date for the table."""
    labels = [weeks.short_label(week) for week in data["week"]]
    return data.assign(label=labels, week=[week.isoformat() for week in data["week"]])


def _table(data: pd.DataFrame, heads: Mapping[str, str], counted: str = "") -> pd.DataFrame:
    """The rows under their headers; if `counted` is given, rows with a count of zero are left out."""
    kept = data[data[counted] > 0] if counted else data
    return kept[list(heads)].rename(columns=dict(heads)).reset_index(drop=True)


def _ranges(buckets: pd.Series, bounds: Sequence[int]) -> list[str]:
    """ "0-1", "1-3", ... and "> 30" for the last."""
    edges = (0, *bounds)
    names = [f"{low}–{high}" for low, high in zip(edges, bounds, strict=False)] + [f"> {bounds[-1]}"]
    return [names[bucket] for bucket in buckets]
