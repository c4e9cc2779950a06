"""Letting a case wait beyond its limit (requirement D9): who may, and what is kept of it."""

from collections.abc import Mapping
from typing import Any

from lib.desk.desk import Desk
from lib.domain.clocks.waits import APPROVE, limit_of
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import PROMISE


def approval(desk: Desk, actor: Actor, case: Case, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that keep who lets the case wait beyond the limit, where `fields` sets such a day and she may.

    Nothing otherwise: the commit loop refuses what nobody approved.
    """
    after = case.model_copy(update=dict(fields))
    last = limit_of(after, desk.calendar, desk.config.sla.waits)
    if last is None or after.promised_on is None or PROMISE not in fields or after.promised_on <= last:
        return {}
    if not actor.may(APPROVE, case):
        return {}
    return {"wait_approved_until": after.promised_on, "wait_approved_by": actor.staff_id}


def asks_for_longer(case: Case) -> bool:
    """Whether somebody waits for the answer whether the case may wait longer."""
    return case.paused_at is not None and case.longer_until is not None
