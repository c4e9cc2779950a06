"""What the app fills in for a record that somebody typed into the sheet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.rules.moves import enter
from lib.services.emergencies.noticing import noticed
from lib.store.schema import SCHEMA

_STAMPED = ("taken_at", "received_at", "added_at", "sent_at")  # when the record came to be


def completed(desk: Desk, tab: str, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The fields with the time, telephone numbers in their usual form, and of a case its first stage with its clocks,
    urgent where it speaks of danger."""
    now = now.replace(microsecond=0)
    model = SCHEMA[tab].model
    stamps = {name: now for name in _STAMPED if name in model.model_fields and name not in fields}
    numbers = {
        name: clean_phone(desk, str(fields[name]))[0]
        for name, column in columns(model).items()
        if column.kind == "phone" and name in fields
    }
    filled = {**fields, **stamps, **numbers}
    return _entered(desk, filled, now) if model is Case else filled


def _entered(desk: Desk, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """A case begins in the first stage, whatever was typed: later ones are reached by steps."""
    fields = {**fields, "stage": desk.config.workflow.stage[0].key}
    try:
        case = Case.model_validate(fields)
    except ValidationError:
        return fields  # the commit loop says what is wrong
    seen = noticed(desk, case)
    urgent = {name: getattr(seen, name) for name in ("danger", "danger_at", "priority") if seen is not case}
    return {**fields, **urgent, **enter(seen, case.stage, now=now, rules=desk.rules)}
