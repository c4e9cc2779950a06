"""The alerts of the person at the screen: what she was told and has not seen yet, each one click from being seen."""

from collections.abc import Sequence
from itertools import chain

import streamlit as st

from lib.domain.records.case_parts import Alert
from lib.i18n import relative, t, tn
from lib.services.alerts import alerts
from lib.services.alerts.alerts import CaseAlerts
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import HOME_TOLD
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words import alerts as alert_words
from lib.ui.words import case as case_words
from lib.ui.words.markdown import plain

FIRST = 3  # cases shown
MORE = 10  # cases that "show more" adds


def show(here: Here) -> None:
    """Nothing where there are none."""
    found = alerts.open_alerts(here.desk, actor=here.actor)
    if not found:
        return
    shown = found[: st.session_state.get(HOME_TOLD, FIRST)]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            words = tn("Alerts: {n} case", "Alerts: {n} cases", len(found))
            st.markdown(f":orange[:material/notifications_active: **{words}**]", width="content")
            if len(shown) > 1 and st.button(
                t("Mark these as seen"), key=f"{HOME_TOLD}.all", icon=":material/done_all:", type="tertiary"
            ):
                _see(here, list(chain.from_iterable(one.alerts for one in shown)))
        for one in shown:
            _row(here, one)
        if len(found) > len(shown):
            more = t("Show {n} more", n=min(MORE, len(found) - len(shown)))
            st.button(more, key=f"{HOME_TOLD}.more", icon=":material/expand_more:", on_click=_show_more)


def _show_more() -> None:
    st.session_state[HOME_TOLD] = st.session_state.get(HOME_TOLD, FIRST) + MORE


def _row(here: Here, one: CaseAlerts) -> None:
    case, first = one.case, one.alerts[0]
    words, buttons = st.columns([7, 2], vertical_alignment="center")
    who = plain(here.person(case.assignee)) if case.assignee else t("nobody yet")
    told = t("told {ago}", ago=relative(max(alert.raised_at for alert in one.alerts), here.now))
    what = "  \n".join(_what(here, one, alert) for alert in one.alerts)
    words.markdown(f"{what}  \n**{plain(case.title)}** :small[:gray[{case.case_no} · {who} · {told}]]")
    with buttons.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", wrap=False
    ):
        seen = st.button(t("Seen"), key=f"{HOME_TOLD}.{first.case_no}", icon=":material/done:", type="tertiary")
        link("case", t("Open"), icon="arrow_forward", no=case.case_no)
    if seen:
        _see(here, one.alerts)


def _what(here: Here, one: CaseAlerts, alert: Alert) -> str:
    late = alert.clock and alert.due_at is not None and alert.due_at <= here.now
    colour, icon = ("red", "alarm") if late else ("orange", "schedule" if alert.clock else "voice_over_off")
    name = plain(alert_words.step_name(here, alert.step))
    about = plain(alert_words.about(here, alert, one.case))
    priority = case_words.priority_text(here, one.case.priority) if alert is one.alerts[0] else ""
    return f":{colour}-badge[:material/{icon}: {name}] {about} {priority}".rstrip()


def _see(here: Here, seen: Sequence[Alert]) -> None:
    with submit():
        alerts.see(here.desk, actor=here.actor, alerts=seen)
        flash(t("Marked as seen"))
