"""A row as a case that has its history behind it: stage and times come from the file, not through the workflow."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.rules.moves import enter
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.errors import Problem
from lib.services.cases.intake import summary
from lib.services.data.importing.fields import TELLING
from lib.services.data.importing.mapping import ImportMapping
from lib.services.emergencies.noticing import noticed

_LATER_THAN_INTAKE = ("answered_at", "closed_at")
_PLACE = ("community", "building", "unit", "room")
_DUE = frozenset(due for due, _ in CLOCK_FIELDS.values())
_TOLERANCE = timedelta(days=1)  # clocks and time zones of other systems


class UnusableRow(ValueError):
    """A row that cannot become a case."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{item.field}: {item.code}" for item in self.problems))


def historical(
    desk: Desk, mapping: ImportMapping, values: Mapping[str, Any], said: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of the case: what the row says, and what was chosen for what it does not say. Nobody here logged it.

    `said` are the cells of `values` as they are written.

    Raises BadRow.
    """
    now = desk.now()
    defaults = {name: value for name, value in mapping.defaults.model_dump().items() if value}
    fields = {**defaults, "taken_at": _undated(desk, mapping), **values}
    if fields["taken_at"] is None:
        raise UnusableRow([Problem("taken_at", "no_date")])
    fields |= _texts(fields, said)
    fields |= _whole_days(fields)
    _check_times(fields, now)
    fields["stage"] = values.get("stage") or mapping.defaults.stage or _stage_of(fields)
    return fields


def _undated(desk: Desk, mapping: ImportMapping) -> datetime | None:
    """When a row without a date was taken in, as somebody decided; None where nobody did."""
    if isinstance(mapping.undated, date):
        return datetime.combine(mapping.undated, time(), desk.settings.zone)
    return desk.now() if mapping.undated == "new" else None


def _texts(fields: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, str]:
    """Title and description; where the row has neither, what else it says of the matter."""
    title, description = str(fields.get("title", "")), str(fields.get("description", ""))
    if not (title.strip() or description.strip()):
        description = _otherwise(said)
    if not (title.strip() or description.strip()):
        raise UnusableRow([Problem("description", "missing")])
    if len(title) > columns(Case)["title"].limit:  # it tells what happened, and stands whole in the description
        title, description = summary(title), "\n".join(dict.fromkeys((title, description or title)))
    return {"title": title if title.strip() else summary(description), "description": description or title}


def _otherwise(said: Mapping[str, str]) -> str:
    """What the client wants, or the cause; else the category as it is written, and the place."""
    told = next((said[name] for name in TELLING if name != "category" and said.get(name, "").strip()), "")
    where = " ".join(said[name] for name in _PLACE if said.get(name)) or said.get("location", "")
    category = said.get("category", "")
    return told or (f"{category} · {where}" if category and where else category)


def _whole_days(fields: Mapping[str, Any]) -> dict[str, datetime]:
    """A time given as a day alone, that of the intake, is not before the intake."""
    taken: datetime = fields["taken_at"]
    return {
        name: taken
        for name in _LATER_THAN_INTAKE
        if (at := fields.get(name)) is not None and at.time() == time() and at.date() == taken.date()
    }


def _check_times(fields: Mapping[str, Any], now: datetime) -> None:
    problems = [
        Problem(name, "before_intake", str(fields[name]))
        for name in _LATER_THAN_INTAKE
        if fields.get(name) is not None and fields[name] < fields["taken_at"]
    ]
    problems += [
        Problem(name, "in_future", str(fields[name]))
        for name in ("taken_at", *_LATER_THAN_INTAKE)
        if fields.get(name) is not None and fields[name] > now + _TOLERANCE
    ]
    if problems:
        raise UnusableRow(problems)


def _stage_of(fields: Mapping[str, Any]) -> str:
    if fields.get("closed_at"):
        return "closed"
    return "answered" if fields.get("answered_at") else "new"


def in_its_stage(desk: Desk, case: Case, *, clocks: bool) -> Case:
    """The case as it entered its stage; what the file says stands, but for the priority of a new case of today that
    speaks of danger, which alerts at once.

    An open one runs its `clocks` since the intake, or has none and alerts nobody before somebody takes it up. Raises
    BadRow for an open case with a closing time.
    """
    phase = desk.config.workflow.stages[case.stage].phase
    if phase != "closed" and case.closed_at:
        raise UnusableRow([Problem("stage", "closed_but_open", case.stage)])
    if phase in ("answered", "closed"):
        entered: dict[str, Any] = {"stage_since": case.closed_at or case.answered_at or case.taken_at}
    else:
        case = noticed(desk, case) if case.stage == desk.config.workflow.stage[0].key else case
        entered = enter(case, case.stage, now=case.taken_at, rules=desk.rules)
        if not clocks and case.danger_at is None:
            entered = {name: value for name, value in entered.items() if name not in _DUE} | {"unalerted": True}
    return case.model_copy(update={name: value for name, value in entered.items() if not getattr(case, name)})
