"""Who was told of a case and who will be told next, below its clock."""

from collections.abc import Iterator

import streamlit as st

from lib.domain.clocks.escalation import told_last
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import people_in
from lib.i18n import format_datetime, t
from lib.services.alerts.alerts import raised, silent_at, upcoming
from lib.ui.session.page import Here
from lib.ui.words import alerts as alert_words
from lib.ui.words.markdown import plain

NEXT = 2  # steps shown ahead
PAST = 2  # alerts shown, the latest


def show(here: Here, case: Case) -> None:
    """One line each: a silence that lasts too long, the latest alerts, the next steps. Nothing where there is none."""
    lines = [*_asleep(case), *_silence(here, case), *_past(here, case), *_ahead(here, case)]
    if lines:
        st.markdown("  \n".join(f":small[{line}]" for line in lines))


def _asleep(case: Case) -> Iterator[str]:
    if case.unalerted:
        why = t("Imported as an old case: alerts begin with its first step here")
        yield f":gray[:material/notifications_off: {why}]"


def _silence(here: Here, case: Case) -> Iterator[str]:
    at = silent_at(here.desk, case)
    if at is not None and at <= here.now:
        since = format_datetime(told_last(case), here.desk.settings.zone)
        yield f":orange[:material/voice_over_off: {t('The client has been told nothing since {time}', time=since)}]"


def _past(here: Here, case: Case) -> Iterator[str]:
    for alert in raised(here.desk, case)[-PAST:]:
        yield f":gray[:material/notifications_active: {plain(_told(here, case, alert))}]"


def _told(here: Here, case: Case, alert: Alert) -> str:
    at = format_datetime(alert.raised_at, here.desk.settings.zone)
    who = alert_words.names(here, people_in(alert.told))
    what = [alert_words.about(here, alert, case)] if alert.clock else []
    parts = [alert_words.step_name(here, alert.step), *what, who, at]
    if alert.seen_by:
        parts.append(t("seen by {name}", name=alert_words.names(here, people_in(alert.seen_by))))
    return " · ".join(parts)


def _ahead(here: Here, case: Case) -> Iterator[str]:
    for step in upcoming(here.desk, case)[:NEXT]:
        yield f":gray[:material/notifications: {plain(alert_words.next_text(here, case, step))}]"
