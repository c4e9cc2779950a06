"""What the answers say: CSAT with its interval against the target, response rate, spread, low scores, people."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

import pandas as pd
import streamlit as st

from lib.analytics.frames.frames import seen_surveys
from lib.analytics.kpis.kpi import Measured
from lib.analytics.kpis.measures import response_rate
from lib.analytics.kpis.scores import Scores, by_department, by_handler, scores_of
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Survey
from lib.domain.rules.satisfaction import Share, given
from lib.i18n import format_date, format_number, format_percent, t, tn
from lib.services.aftercare import satisfaction
from lib.ui.aftercare.satisfaction_charts import histogram, spread
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.widgets.url_choice import url_choice
from lib.ui.words import case as case_words
from lib.ui.words.markdown import plain

_STEPS = 5
_SECOND = timedelta(seconds=1)  # what happened within the present one counts
_LISTED = 20  # low scores and comments
_COLOURS: Mapping[str, Literal["green", "red", "off"]] = {"met": "green", "missed": "red", "unsure": "off"}


def choose_part(here: Here) -> str:
    """Heading and the three parts of the page: "results", "send" or "waiting"."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(t("Satisfaction"), anchor=False)
        return url_choice(
            t("Show"),
            {
                "results": t("Results"),
                "send": t("To ask: {n}", n=len(satisfaction.to_ask(here.desk, actor=here.actor))),
                "waiting": t("Waiting for an answer {n}", n=len(satisfaction.unanswered(here.desk, actor=here.actor))),
            },
            name="show",
            default="results",
        )


def show_results(here: Here) -> None:
    days = int(
        url_choice(
            t("Period"),
            {str(n): t("{n} days", n=n) for n in (30, 90, 365)},
            name="days",
            default="90",
        )
    )
    since = here.now - timedelta(days=days)
    answered = satisfaction.answers_since(here.desk, actor=here.actor, since=since)
    _cards(here, answered, response_rate(seen_surveys(here.desk, here.actor), since, here.now + _SECOND))
    if not answered:
        with st.container(border=True, horizontal_alignment="center"):
            st.markdown(t("No answers in this period. Ask clients whose cases were answered: see “To ask”."))
        return
    _charts(here, answered)
    _groups(here, answered)
    left, right = st.columns(2, gap="large")
    with left:
        _low_scores(here, answered)
    with right:
        _comments(here, answered)


def _cards(here: Here, answered: Sequence[Survey], rate: Measured) -> None:
    config, target = here.desk.config.survey, here.desk.settings.csat_target
    scores = scores_of(answered, config)
    result, effort = scores.result, scores.effort
    st.caption(t("Target {target}. Under each share its 95% interval.", target=format_percent(target)))
    with st.grid(5, min_column_width=150):
        st.metric(t("CSAT, result"), _percent(result), _range(result), delta_color=_COLOURS[result.against(target)],
                  delta_arrow="off", border=True, height="stretch",
                  help=_interval(result, config.csat_from))  # fmt: skip
        st.metric(t("CSAT, handling"), _percent(scores.handling), _range(scores.handling),
                  delta_color="off", delta_arrow="off", border=True, height="stretch")  # fmt: skip
        st.metric(t("Response rate"), _percent(rate), t("{n} of {total}", n=rate.numerator, total=rate.denominator),
                  delta_color="off", delta_arrow="off", border=True, height="stretch")  # fmt: skip
        st.metric(t("Effort (1–7)"), "—" if effort is None else format_number(effort, 1), t("lower is better"),
                  delta_color="off", delta_arrow="off", border=True, height="stretch")  # fmt: skip
        asked = tn("{n} answer", "{n} answers", scores.recommending)
        st.metric(t("NPS"), _score(scores.nps), asked,
                  delta_color="off", delta_arrow="off", border=True, height="stretch")  # fmt: skip


def _percent(share: Share | Measured) -> str:
    return "—" if share.value is None else format_percent(share.value)


def _range(share: Share) -> str:
    if share.low is None or share.high is None:
        return t("no answers")
    return f"{format_percent(share.low)}–{format_percent(share.high)}"


def _interval(share: Share, good: int) -> str:
    return t(
        "{hits} of {total} gave {good} or more. The true share lies between {range} with 95% confidence.",
        good=good,
        hits=share.hits,
        total=share.total,
        range=_range(share),
    )


def _score(value: float | None) -> str:
    return "—" if value is None else format_number(value)


def _charts(here: Here, answered: Sequence[Survey]) -> None:
    asked = [question for question in here.desk.config.survey.question if given(answered, question.key)]
    five = [question for question in asked if len(question.scores) == _STEPS]
    st.subheader(t("How the answers are spread"), anchor=False)
    st.altair_chart(
        spread(answered, five, [question.label(here.language) for question in five]),
        alt=t("Share of each score for every question"),
    )
    others = [question for question in asked if question not in five]
    if others:
        for place, question in zip(st.columns(len(others)), others, strict=True):
            with place:
                st.caption(question.label(here.language))
                st.altair_chart(histogram(answered, question), alt=question.label(here.language))


def _low_scores(here: Here, answered: Sequence[Survey]) -> None:
    config = here.desk.config.survey
    low = [(survey, questions) for survey in answered if (questions := config.low_in(survey))]
    st.subheader(t("Low scores ({n})", n=len(low)), anchor=False)
    if not low:
        st.markdown(t("None in this period."))
    for survey, questions in list(reversed(low))[:_LISTED]:
        words = [f"{question.label(here.language)} {getattr(survey, question.key)}" for question in questions]
        _answer(here, survey, f":red[:material/sentiment_dissatisfied: {plain(' · '.join(words))}]")


def _comments(here: Here, answered: Sequence[Survey]) -> None:
    said = [survey for survey in answered if survey.comment]
    st.subheader(t("Comments ({n})", n=len(said)), anchor=False)
    if not said:
        st.markdown(t("None in this period."))
    for survey in list(reversed(said))[:_LISTED]:
        _answer(here, survey, "")


def _answer(here: Here, survey: Survey, head: str) -> None:
    case = here.desk.snapshot[Case].get(survey.case_no)
    day = format_date(survey.answered_at.astimezone(here.desk.settings.zone).date()) if survey.answered_at else ""
    source = here.label("survey_source", survey.source)
    client = case_words.personal_text(here, case, "client_name") if case else ""
    with st.container(border=True, gap="xsmall"):
        if head:
            st.markdown(head)
        if survey.comment:
            st.text(survey.comment)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            details = [part for part in (client, day, source, here.person(survey.handler)) if part]
            st.caption(plain(" · ".join(details)), width="content")
            link("case", survey.case_no, icon="folder_open", no=survey.case_no)


def _groups(here: Here, answered: Sequence[Survey]) -> None:
    st.subheader(t("By person and department"), anchor=False)
    by = url_choice(t("By"), {"person": t("By person"), "department": t("By department")}, name="by", default="person")
    config = here.desk.config.survey
    if by == "person":
        rows = [_row(here.person(who), scores) for who, scores in by_handler(answered, config).items()]
        st.caption(t("Answers that somebody took down by telephone do not count for that person's own score."))
    else:
        found = by_department(answered, config)
        rows = [_row(here.label("department", code) or t("None"), scores) for code, scores in found.items()]
    _table(rows)


def _row(name: str, scores: Scores) -> dict[str, object]:
    return {
        "name": name,
        "answers": scores.result.total,
        "csat": _whole(scores.result),
        "range": _range(scores.result),
        "process": _whole(scores.handling),
        "attitude": scores.attitude,
        "speed": scores.speed,
    }


def _whole(share: Share) -> int | None:
    """In whole percent, as everywhere else on the page."""
    return None if share.value is None else round(100 * share.value)


def _table(rows: Sequence[dict[str, object]]) -> None:
    columns = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=t("Satisfaction by person or department"),
        column_config={
            "name": columns.TextColumn(t("Name")),
            "answers": columns.NumberColumn(t("Answers"), format="%d"),
            "csat": columns.ProgressColumn(t("CSAT, result"), format="%d%%", min_value=0, max_value=100),
            "range": columns.TextColumn(t("95% interval")),
            "process": columns.NumberColumn(t("CSAT, handling"), format="%d%%"),
            "attitude": columns.NumberColumn(t("Attitude (mean)"), format="%.1f"),
            "speed": columns.NumberColumn(t("Speed (mean)"), format="%.1f"),
        },
    )
