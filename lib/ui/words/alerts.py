"""Alerts in words: what was reached, whom it tells, and when."""

from collections.abc import Iterable
from datetime import timedelta

from lib.domain.clocks.escalation import DANGER, HANDLER, SILENCE, EscalationStep
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.i18n import format_datetime, format_duration, format_percent, t, tn
from lib.services.alerts.alerts import Upcoming
from lib.services.people.recipients import first_role
from lib.ui.session.page import Here
from lib.words.clocks import clock_name


def step_name(here: Here, key: str) -> str:
    """What the ladder calls the step, or the code of one that is configured no more."""
    if key == SILENCE:
        return t("No client update")
    rung = next((one for one in here.desk.config.dangers.ladder if one.key == key), None)
    if rung is not None:
        return rung.label(here.language)
    step = _step(here, key)
    if step is None:
        return key
    return step.label(here.language)


def about(here: Here, alert: Alert, case: Case) -> str:
    """What the alert is about: "Resolve at 75%", or for how long the client has been told nothing."""
    step = _step(here, alert.step)
    if alert.clock == DANGER:
        return here.label("danger", case.danger)
    if not alert.clock:
        return _silence(here, case)
    return _clock_at(alert.clock, step.share) if step else clock_name(alert.clock)


def next_text(here: Here, case: Case, step: Upcoming) -> str:
    """ "Department head will be told in 1 h (2 Mar 2026, 15:20): Resolve at 100%"."""
    who = " / ".join(dict.fromkeys(whom(here, case, tell, step.clock or "") for tell in step.tell))
    what = _clock_at(step.clock, step.share) if step.clock else _silence(here, case)
    if step.told <= here.now:
        return t("{who} will be told in a moment: {what}", who=who, what=what)
    at, left = format_datetime(step.told, here.desk.settings.zone), _left(here, case, step)
    if left < timedelta(minutes=1):
        return t("{who} will be told when work begins ({at}): {what}", who=who, at=at, what=what)
    day = timedelta(days=1) if _is_elapsed(here, case, step) else here.desk.calendar.nominal_day
    return t("{who} will be told in {time} ({at}): {what}", who=who, time=format_duration(left, day), at=at, what=what)


def whom(here: Here, case: Case, tell: str, clock: str) -> str:
    """The role that a step tells; in place of a handler whom the case has not got yet, the first of the ladder."""
    if tell == HANDLER and clock == "review":
        return t("Reviewer")
    if tell == HANDLER and case.assignee:
        return t("Handler")
    return here.label("role", first_role(here.desk) if tell == HANDLER else tell)


def names(here: Here, staff_ids: Iterable[str]) -> str:
    return " / ".join(here.person(staff_id) for staff_id in staff_ids) or t("nobody")


def _left(here: Here, case: Case, step: Upcoming) -> timedelta:
    if _is_elapsed(here, case, step):
        return step.told - here.now
    return here.desk.calendar.between(here.now, step.told)


def _is_elapsed(here: Here, case: Case, step: Upcoming) -> bool:
    return step.clock is not None and here.desk.config.sla.target(step.clock, case.priority).elapsed


def _silence(here: Here, case: Case) -> str:
    days = here.desk.config.sla.silence.days[case.priority]
    return tn("client told nothing for {n} working day", "client told nothing for {n} working days", days)


def _clock_at(clock: str, share: float) -> str:
    return t("{clock} at {share}", clock=clock_name(clock), share=format_percent(share))


def _step(here: Here, key: str) -> EscalationStep | None:
    return next((step for step in here.desk.config.sla.ladder if step.key == key), None)
