"""The charts of the review as Altair objects, in the language of the moment.

Each embeds the rows of `lib.analytics.charts.data` with their labels (see `lib.analytics.charts.figures`) and
nothing else. Fonts come from the page.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.analytics.charts.style import CLOSED, DONE, HEAT, NEUTRAL, PERCENT, STEPS, framed, line, rows, tip, x, y
from lib.i18n import t


def flow(data: pd.DataFrame) -> Any:
    """Bars of cases logged and closed by week, with the backlog as a line on its own scale."""
    names = {"taken": t("Logged"), "closed": t("Closed")}
    long = data.melt(["week", "label"], ["taken", "closed"], "what", "count").replace({"what": names})
    colours = alt.Scale(domain=list(names.values()), range=[NEUTRAL, CLOSED])
    legend = alt.Color("what:N", title=None, scale=colours, legend=alt.Legend(orient="top"))
    bars = alt.Chart(long).mark_bar().encode(
        x("label", t("Week of")), y("count", t("Cases")), legend, alt.XOffset("what:N", sort=list(names.values())),
        tooltip=[tip("label", t("Week of")), tip("what", t("Figure")), tip("count", t("Cases"), "d")],
    )  # fmt: skip
    curve = alt.Chart(data).mark_line(**line()).encode(
        x("label"), y("backlog", t("Backlog"), right=True),
        tooltip=[tip("label", t("Week of")), tip("backlog", t("Backlog"), "d")],
    )  # fmt: skip
    return framed(alt.layer(bars, curve).resolve_scale(y="independent"))


def pareto(data: pd.DataFrame) -> Any:
    """Bars by frequency, and the cumulative share."""
    base = alt.Chart(data).encode(
        alt.X("label:N", title=None, sort=None, axis=alt.Axis(
                labelAngle=-35, labelLimit=90, labelOverlap=False, labelExpr="slice(split(datum.label, ' / '), -1)[0]"
            )),
        tooltip=[
            tip("label", t("Name")), tip("count", t("Cases"), "d"), tip("share", t("Share"), ".0%"),
            tip("cumulative", t("Cumulative"), ".0%"),
        ],
    )  # fmt: skip
    bars = base.mark_bar(color=NEUTRAL).encode(y("count", t("Cases")))
    together = y("cumulative", t("Cumulative"), format=PERCENT, right=True, scale=alt.Scale(domain=[0, 1]))
    curve = base.mark_line(**line()).encode(together)
    return framed(alt.layer(bars, curve).resolve_scale(y="independent"))


def ageing(data: pd.DataFrame, priorities: Sequence[str]) -> Any:
    """Open cases by age, in steps of the neutral hue by priority, the most urgent darkest and lowest."""
    colour = alt.Color(
        "priority_label:N", title=None, scale=alt.Scale(domain=list(priorities), range=list(STEPS)),
        legend=alt.Legend(orient="top"),
    )  # fmt: skip
    bars = alt.Chart(data).mark_bar().encode(
        x("label", t("Age in days")), y("count", t("Open cases")), colour, alt.Order("priority:N", sort="ascending"),
        tooltip=[tip("label", t("Age in days")), tip("priority_label", t("Priority")), tip("count", t("Cases"), "d")],
    )  # fmt: skip
    return framed(bars)


def satisfaction(data: pd.DataFrame, target: float) -> Any:
    """The share of satisfied answers by week with its 95 % interval, and the target."""
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(data).encode(
        x("label", t("Week of")),
        tooltip=[
            tip("label", t("Week of")), tip("share", t("Satisfied"), ".0%"), tip("low", t("At least"), ".0%"),
            tip("high", t("At most"), ".0%"), tip("answers", t("Answers"), "d"),
        ],
    )  # fmt: skip
    low = y("low", t("Satisfied"), format=PERCENT, scale=scale)
    band = base.mark_errorband(color=NEUTRAL, opacity=0.25).encode(low, alt.Y2(field="high"))
    curve = base.mark_line(**line(NEUTRAL)).encode(y("share", format=PERCENT, scale=scale))
    aim = pd.DataFrame({"target": [target]})
    rule = alt.Chart(aim).mark_rule(color=DONE, strokeDash=[6, 4], strokeWidth=2).encode(
        alt.Y("target:Q", title=None), tooltip=[tip("target", t("Target"), ".0%")]
    )  # fmt: skip
    return framed(alt.layer(band, curve, rule))


def arrivals(data: pd.DataFrame) -> Any:
    """When cases are logged: weekday by hour, darker for more."""
    shade = alt.Color("count:Q", title=None, scale=alt.Scale(range=list(HEAT)), legend=None)
    squares = alt.Chart(data).mark_rect(stroke="#ffffff").encode(
        x("hour", t("Hour")), rows("label"), shade,
        tooltip=[tip("label", t("Weekday")), tip("hour", t("Hour")), tip("count", t("Cases"), "d")],
    )  # fmt: skip
    return framed(squares)


def sla(data: pd.DataFrame, clocks: Sequence[str]) -> Any:
    """Share of deadlines met by department and clock: the number in each field, darker for more."""
    heads = alt.Axis(labelAngle=-25, labelOverlap=False, labelLimit=90, orient="top")  # slanted: no label is left out
    base = alt.Chart(data).encode(
        alt.X("clock_label:N", title=None, sort=list(clocks), axis=heads),
        rows("label"),
        tooltip=[
            tip("label", t("Department")), tip("clock_label", t("Deadline")), tip("share", t("Share"), ".0%"),
            tip("met", t("Met"), "d"), tip("total", t("Deadlines"), "d"),
        ],
    )  # fmt: skip
    shade = alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=list(HEAT)))
    ink = alt.condition("datum.share > 0.55", alt.value("#ffffff"), alt.value("#1c2733"))
    fields = base.mark_rect(stroke="#ffffff").encode(shade)
    return framed(fields + base.mark_text(fontSize=13).encode(alt.Text("share:Q", format=".0%"), color=ink))


def durations(data: pd.DataFrame) -> Any:
    """How long cases took, in working days."""
    bars = alt.Chart(data).mark_bar(color=NEUTRAL).encode(
        x("label", t("Working days from intake to the answer")), y("count", t("Cases")),
        tooltip=[tip("label", t("Working days")), tip("count", t("Cases"), "d")],
    )  # fmt: skip
    return framed(bars)
