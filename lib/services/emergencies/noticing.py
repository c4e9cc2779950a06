"""Noticing danger in what is reported, whatever door it comes through: the case becomes a provisional P1 at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lib.desk.desk import Desk
from lib.domain.dangers.config import NO_DANGER
from lib.domain.dangers.reading import DANGER_PRIORITY
from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.domain.rules.moves import moved_clocks

LIVE = timedelta(days=1)
"""A report older than that is history when it is typed into the sheet or imported, and wakes nobody."""
_NOTHING: Mapping[str, Any] = {"danger_at": None, "danger_taken_at": None, "danger_taken_by": ""}


def noticed(desk: Desk, case: Case) -> Case:
    """A case about to be taken in, with the danger that its words speak of or a person has named; a new P1 then."""
    now = desk.now()
    if case.danger == NO_DANGER or now - case.taken_at > LIVE:
        return case
    alarm = desk.urgency_of(case.report).alarm
    danger = case.danger or (alarm.danger.key if alarm else "")
    return case.model_copy(update=_alarmed(danger, now)) if danger else case


def noticed_again(desk: Desk, case: Case, text: str) -> dict[str, Any]:
    """The fields of a case that is there which words reported later change: those of a danger not known of it yet."""
    alarm = desk.urgency_of(text).alarm
    if alarm is None or not _may_call(desk, case):
        return {}
    if alarm.danger.key == case.danger:
        return {}
    fields = _alarmed(alarm.danger.key, desk.now())
    return fields | moved_clocks(case, case.model_copy(update=fields), desk.rules)


def goes_unnoticed(desk: Desk, case: Case, text: str) -> bool:
    """Whether words speak of danger that a case like this, answered or closed, tells nobody."""
    return not _may_call(desk, case) and desk.urgency_of(text).alarm is not None


def _may_call(desk: Desk, case: Case) -> bool:
    return case.stage in desk.config.workflow.keys_in("open", "paused")


def dangers_are_noticed(desk: Desk, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """A description that comes to speak of danger, and a danger that a person names or finds to be none, whoever
    changes it."""
    if not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    if "danger" in changed:
        return {} if "danger_at" in changed else _named(before, after, desk)
    if after.report == before.report or _alarm_in(desk, before) == _alarm_in(desk, after):
        return {}
    return noticed_again(desk, after, after.report)


def _alarm_in(desk: Desk, case: Case) -> str:
    """The gravest danger that the words of the case speak of, by its key."""
    alarm = desk.urgency_of(case.report).alarm
    return alarm.danger.key if alarm else ""


def _named(before: Case, after: Case, desk: Desk) -> dict[str, Any]:
    """Another danger is an alarm of its own. None: whoever knows says so, and a priority that only the words gave falls
    back to the usual one."""
    first = desk.config.workflow.stage[0].key
    fields: dict[str, Any]
    if after.danger not in ("", NO_DANGER):
        fields = _alarmed(after.danger, desk.now())
    elif before.danger in ("", NO_DANGER):
        return {}
    else:
        fields = dict(_NOTHING)
        if after.stage == first and after.priority == before.priority == DANGER_PRIORITY:
            fields["priority"] = Case.model_fields["priority"].default
    return fields | moved_clocks(before, after.model_copy(update=fields), desk.rules)


def _alarmed(danger: str, now: datetime) -> dict[str, Any]:
    return {**_NOTHING, "danger": danger, "danger_at": now, "priority": DANGER_PRIORITY, "unalerted": False}
