"""How the answers are spread, question by question."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from lib.analytics.kpis import scores
from lib.domain.records.case_parts import Survey
from lib.domain.rules.satisfaction import Question
from lib.i18n import t

# From poor to good; brown to blue-green is told apart by the colour-blind too, and the numbers stand in the bars.
_FIVE = ("#a6611a", "#dfc27d", "#cfd4d9", "#80cdc1", "#018571")
_BAR, _AROUND = 34, 100  # pixels: of one bar with its gap, of legend and axis


def spread(
    surveys: Sequence[Survey], questions: Sequence[Question], names: Sequence[str]
) -> alt.LayerChart | alt.FacetChart:
    """One bar for each question of a five-step scale, with the share of every answer."""
    rows = [
        {"question": name, "answer": one.score, "share": one.share, "count": one.count, "position": one.below}
        for question, name in zip(questions, names, strict=True)
        for one in scores.spread(surveys, question)
        if one.count
    ]
    base = alt.Chart(
        pd.DataFrame(rows, columns=["question", "answer", "share", "count", "position"])
    ).transform_calculate(end="datum.position + datum.share", middle="datum.position + datum.share / 2")
    place = alt.Y(
        "question:N",
        sort=list(names),
        title=None,
        scale=alt.Scale(padding=0.25),
        axis=alt.Axis(labelLimit=170, labelOverlap=False, ticks=False, domain=False),
    )
    bars = base.mark_bar().encode(
        y=place,
        x=alt.X("position:Q", title=None, axis=alt.Axis(format="%", grid=False), scale=alt.Scale(domain=[0, 1])),
        x2="end:Q",
        color=alt.Color(
            "answer:O",
            scale=alt.Scale(domain=[1, 2, 3, 4, 5], range=list(_FIVE)),
            legend=alt.Legend(title=t("Score"), orient="top"),
        ),
        tooltip=[
            alt.Tooltip("question:N", title=t("Question")),
            alt.Tooltip("answer:O", title=t("Score")),
            alt.Tooltip("count:Q", title=t("Answers")),
            alt.Tooltip("share:Q", title=t("Share"), format=".0%"),
        ],
    )
    numbers = (
        base.transform_filter("datum.share >= 0.06")
        .mark_text(fontSize=12)
        .encode(
            y=place,
            x="middle:Q",
            text="count:Q",
            color=alt.condition("datum.answer == 1 || datum.answer == 5", alt.value("white"), alt.value("#1c2733")),
        )
    )
    return alt.layer(bars, numbers).properties(height=_BAR * len(questions) + _AROUND)


def histogram(surveys: Sequence[Survey], question: Question) -> alt.Chart:
    """How often each score of one question was given; for the longer scales."""
    found = scores.spread(surveys, question)
    frame = pd.DataFrame({"score": [one.score for one in found], "count": [one.count for one in found]})
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("score:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("count:Q", title=t("Answers"), axis=alt.Axis(tickMinStep=1, format="d")),
            tooltip=[alt.Tooltip("score:O", title=t("Score")), alt.Tooltip("count:Q", title=t("Answers"))],
        )
        .properties(height=180)
    )
    return chart
