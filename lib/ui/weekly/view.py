"""The parts of the weekly review: week and scope, cards, what to talk about, charts with their tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from lib.analytics.charts import points
from lib.analytics.charts.figures import Figure, figures
from lib.analytics.frames.frames import case_frame
from lib.analytics.frames.weeks import monday, week_label, weeks_with_data
from lib.analytics.kpis.definitions import Value
from lib.analytics.kpis.review import Review, review_of
from lib.desk.access import require
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.i18n import t, tn
from lib.tabular.writing import write_csv
from lib.ui.frame import downloads
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import WEEKLY_BEHIND
from lib.ui.widgets.url_choice import in_address
from lib.ui.words import case as case_words
from lib.ui.words.kpis import change_words, direction, target_words, value_words
from lib.ui.words.markdown import plain

CARDS = (
    "intake", "closed", "backlog", "overdue", "on_time_resolve", "contact_median", "resolve_median", "csat",
)  # fmt: skip
LISTED = 8  # cases under each point of the agenda
BEHIND = 50  # cases listed behind a number


def choose(here: Here) -> Review:
    """Heading, week and scope, kept in the address; the week before the present one on a Monday."""
    st.header(t("Weekly review"), anchor=False)
    known = weeks_with_data(case_frame(here.desk), here.now.date())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        week = _pick(t("Week"), {day.isoformat(): week_label(day) for day in known}, "week", _default(here, known), 340)
        branch = _pick(t("Branch"), _options(here, "branch", t("All branches")), "branch", "", 180)
        department = _pick(t("Department"), _options(here, "department", t("All departments")), "department", "", 180)
    return review_of(
        here.desk,
        date.fromisoformat(week),
        actor=here.actor,
        language=here.language,
        branch=branch,
        department=department,
    )


def show_cards(here: Here, review: Review) -> None:
    """The eight figures that decide, then all of them as a table; each opens the cases behind it."""
    values = review.key_figures()
    with st.grid(4, min_column_width=150):
        for key in CARDS:
            _card(here, values[key])
    chosen = st.session_state.get(WEEKLY_BEHIND, "")
    if chosen in values:
        _behind(here, values[chosen])
    with st.expander(t("All figures"), icon=":material/table_rows:"):
        st.dataframe(_as_table(here, values), hide_index=True, width="stretch")


def show_points(here: Here, review: Review) -> None:
    """What to talk about: overdue, low scores, and what nobody has taken: as it is now, so not for weeks long past."""
    st.subheader(t("To talk about"), anchor=False)
    lists = [
        (t("Overdue"), "alarm", points.overdue(review), t("Nothing is overdue.")),
        (t("Low scores"), "sentiment_dissatisfied", points.low_scores(review), t("No low score this week.")),
    ]
    if review.is_latest:
        nobody = t("No case has waited for over a day.")
        lists.append((t("Unassigned for over a day"), "person_off", points.unassigned(review), nobody))
    with st.grid(3, min_column_width=230):
        for title, icon, numbers, empty in lists:
            with st.container(border=True, gap="xsmall"):
                st.markdown(f":material/{icon}: **{title}** · {len(numbers)}")
                _case_links(here, numbers, LISTED, empty)


def show_figures(here: Here, review: Review) -> None:
    """The charts two by two, each with its numbers as a table to read and download."""
    with st.grid(2, min_column_width=380):
        for figure in figures(review):
            with st.container(border=True):
                _figure(here, review, figure)


def _pick(label: str, options: Mapping[str, str], name: str, default: str, width: int) -> str:
    """A select box whose code is kept in the address; nothing there means the default."""
    bound = in_address(options, key=f"weekly.{name}", name=name, default=default)
    return str(st.selectbox(label, list(options), width=width, **bound))


def _default(here: Here, known: Sequence[date]) -> str:
    """The week a review is about: on a Monday the one that has just ended."""
    present = monday(here.now.date())
    ended = here.now.weekday() == 0 and len(known) > 1
    return (known[1] if ended else present).isoformat()


def _options(here: Here, name: str, everything: str) -> dict[str, str]:
    return {"": everything, **here.desk.lists.labels(name, here.language)}


def _card(here: Here, value: Value) -> None:
    with st.container(border=True, gap="xsmall"):
        st.metric(
            t(value.kpi.label),
            value_words(here, value),
            change_words(here, value),
            delta_color=direction(value),
            delta_description=t("against last week") if value.change is not None else None,
            help=t(value.kpi.definition),
        )
        st.caption(target_words(here, value))
        opened = st.session_state.get(WEEKLY_BEHIND) == value.kpi.key
        st.button(
            t("Hide cases") if opened else t("Show cases"),
            key=f"behind.{value.kpi.key}",
            type="tertiary",
            icon=":material/expand_less:" if opened else ":material/expand_more:",
            disabled=not value.now.case_nos,
            on_click=_toggle,
            args=(value.kpi.key,),
        )


def _toggle(key: str) -> None:
    st.session_state[WEEKLY_BEHIND] = "" if st.session_state.get(WEEKLY_BEHIND) == key else key


def _behind(here: Here, value: Value) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{t(value.kpi.label)}** · {tn('{n} case', '{n} cases', len(value.now.case_nos))}")
        st.caption(t(value.kpi.definition))
        _case_links(here, value.now.case_nos, BEHIND, t("No cases."))


def _case_links(here: Here, numbers: Sequence[str], limit: int, empty: str) -> None:
    if not numbers:
        st.caption(empty)
    cases = here.desk.snapshot[Case]
    for number in numbers[:limit]:
        if (case := cases.get(number)) is not None:
            link("case", _line(here, case), no=number)
    if len(numbers) > limit:
        st.caption(t("and {n} more", n=len(numbers) - limit))


def _line(here: Here, case: Case) -> str:
    parts = (plain(case.title), here.label("stage", case.stage), plain(here.person(case.assignee)))
    words = " · ".join(part for part in parts if part)
    return f"{case_words.priority_text(here, case.priority)} {case.case_no} · {words}"


def _as_table(here: Here, values: Mapping[str, Value]) -> pd.DataFrame:
    cells: dict[str, Callable[[Value], str]] = {
        t("Figure"): lambda value: t(value.kpi.label),
        t("This week"): lambda value: value_words(here, value) or "–",
        t("Against last week"): lambda value: str(change_words(here, value) or "–"),
        t("Target and counts"): lambda value: target_words(here, value),
        t("Definition"): lambda value: t(value.kpi.definition),
    }
    return pd.DataFrame({head: [cell(value) for value in values.values()] for head, cell in cells.items()})


def _figure(here: Here, review: Review, figure: Figure) -> None:
    st.markdown(f"**{figure.title}**")
    st.caption(figure.note)
    if figure.table.empty:
        st.info(t("Nothing to show for this time yet."), icon=":material/info:")
        return
    st.altair_chart(figure.chart, width="stretch", alt=f"{figure.title}. {figure.note}")
    with st.expander(t("The numbers"), icon=":material/table_rows:"):
        st.dataframe(figure.table, hide_index=True, width="stretch")
        if here.actor.may("data.export"):
            downloads.offer(
                here,
                t("Download CSV"),
                partial(_csv, figure),
                name=f"{figure.key}-{review.week.isoformat()}.csv",
                media="text/csv",
                key=f"csv.{figure.key}",
            )


def _csv(figure: Figure, actor: Actor) -> bytes:
    require(actor, "data.export")
    return write_csv(list(figure.table.columns), figure.table.to_numpy(dtype=object).tolist())
