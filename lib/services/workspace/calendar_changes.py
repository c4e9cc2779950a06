"""A changed calendar and the clocks that run (requirement D2): they follow in one commit, and the change is listed.

The calendar that the deadlines were counted with is kept as a setting, so that a change is noticed whichever way it
came: a day set in the app, one typed into the sheet, a year announced in the configuration or by the library at the
next start. What was promised to a client is no deadline of ours to move: it stays, and is named.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.desk.desk import Desk, override_of
from lib.domain.records.case import Case
from lib.domain.records.workspace import CalendarDay, Setting
from lib.domain.rules.following import followed
from lib.domain.rules.permissions import Actor, system_actor
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig
from lib.errors import AlreadyExists, Conflict
from lib.store.commit.batch import Change, Receipt, create, edit

IN_FORCE = "calendar.in_force"
LATEST = "calendar.latest_changes"
KEPT = 6  # changes that are listed
LISTED = 40  # moved deadlines, and promises, that the list of a change names
BACK = 3  # years before this one whose holidays are compared
TRIES = 5
_PROMISES = ("promised_on", "plan_deadline", "visit_at")
_RECEIPT = "acknowledge_due"  # told to the client on the receipt of a report of her own
_BY_HERSELF = "website"
Days = Mapping[str, Sequence[str]]
"""Overrides of the store: {day: spans}, as text."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that follows: the field of the case, and when it was and is due."""

    case_no: str
    field: str
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """A day told to a client that the change touches. It stays; somebody has to speak with her."""

    case_no: str
    field: str
    day: date


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What a change of the calendar came to. The lists are cut at LISTED, the counts are whole."""

    at: datetime
    cases: int
    moved: tuple[Moved, ...]
    promises: tuple[Promise, ...]


def save_with_clocks(
    desk: Desk, actor: Actor, changes: Sequence[Change], days: Days, *, commit_id: str | None = None
) -> Receipt:
    """Save changes of the store's own days, and with them every clock that follows. `days` is how they are then."""
    before, after = desk.calendar, calendar_with(desk.config.calendar, days)
    more = _following(desk, before, after, _kept(desk, days))
    return desk.save(actor, [*changes, *more], commit_id=commit_id)


def follow_calendar(desk: Desk, *, start: bool = False) -> int:
    """Let the clocks follow a change that did not come through the app; how many cases it moved.

    At the `start` of a server its configuration counts too; a running one looks at the store's days only, so that two
    servers with different files do not push the deadlines to and fro.
    """
    for _ in range(TRIES):
        known, days = desk.setting(IN_FORCE), stored_days(desk)
        if known is None:
            changes = [_put(desk, IN_FORCE, _in_force(desk, days))]
        else:
            kept = json.loads(known)
            wanted = _in_force(desk, days) if start else {**kept, "days": days}
            if wanted == kept:
                return 0
            own = desk.config.calendar
            old = CalendarConfig.model_validate(kept["config"]) if start else own
            before, after = calendar_with(_recent(desk, old), kept["days"]), calendar_with(_recent(desk, own), days)
            changes = _following(desk, before, after, [_put(desk, IN_FORCE, wanted)])
        try:
            desk.save(system_actor(), changes)
        except (AlreadyExists, Conflict):  # another process was first
            desk.committer.keep_up()
        else:
            return sum(change.tab == "cases" for change in changes)
    return 0


def latest_changes(desk: Desk) -> tuple[CalendarChange, ...]:
    """The latest changes of the calendar that moved a deadline or touched a promise, the newest first."""
    return tuple(
        CalendarChange(
            datetime.fromisoformat(told["at"]),
            told["cases"],
            tuple(Moved(no, name, *map(datetime.fromisoformat, times)) for no, name, *times in told["moved"]),
            tuple(Promise(no, name, date.fromisoformat(day)) for no, name, day in told["promises"]),
        )
        for told in _told(desk)
    )


def _told(desk: Desk) -> list[dict[str, Any]]:
    text = desk.setting(LATEST)
    return list(json.loads(text)) if text else []


def stored_days(desk: Desk) -> dict[str, list[str]]:
    """The overrides of the store that can be read."""
    read = (override_of(row) for row in desk.snapshot[CalendarDay].values())
    return {day.isoformat(): list(map(str, spans)) for day, spans in sorted(one for one in read if one is not None)}


def calendar_with(config: CalendarConfig, days: Days) -> WorkCalendar:
    """The calendar of a configuration with days of the store over it."""
    over = CalendarConfig.model_validate({"overrides": {day: tuple(spans) for day, spans in days.items()}}).overrides
    return WorkCalendar(config.model_copy(update={"overrides": {**config.overrides, **over}}))


def _following(desk: Desk, before: WorkCalendar, after: WorkCalendar, kept: list[Change]) -> list[Change]:
    """The cases whose deadlines move, the list of what happened, and `kept`."""
    now, sla = desk.now(), desk.config.sla
    stages = desk.config.workflow.keys_in("open", "paused")
    moved: list[Moved] = []
    promises: list[Promise] = []
    changes: list[Change] = []
    for case in desk.snapshot[Case].values():
        told = case.review_told_due is not None and case.review_told_at is None
        if case.stage not in stages and not told:
            continue
        fields = followed(case, before, after, now=now, sla=sla)
        if fields:
            changes.append(edit(case, fields, action="calendar"))
            moved += [Moved(case.case_no, name, getattr(case, name), due) for name, due in fields.items()]
        promises += _touched(case, fields, before, after)
    if moved or promises:
        told_of = {
            "at": now.isoformat(),
            "cases": len(changes),
            "moved": [[m.case_no, m.field, m.before.isoformat(), m.after.isoformat()] for m in moved[:LISTED]],
            "promises": [[one.case_no, one.field, one.day.isoformat()] for one in promises[:LISTED]],
        }
        changes.append(_put(desk, LATEST, [told_of, *_told(desk)][:KEPT]))
    return [*changes, *kept]


def _touched(
    case: Case, fields: Mapping[str, datetime], before: WorkCalendar, after: WorkCalendar
) -> Iterator[Promise]:
    if _RECEIPT in fields and case.channel == _BY_HERSELF:
        yield Promise(case.case_no, _RECEIPT, getattr(case, _RECEIPT).astimezone(after.zone).date())
    for name in _PROMISES:
        value = getattr(case, name)
        day = value.astimezone(after.zone).date() if isinstance(value, datetime) else value
        if day is not None and before.is_working_day(day) and not after.is_working_day(day):
            yield Promise(case.case_no, name, day)


def _kept(desk: Desk, days: Days) -> list[Change]:
    known = desk.setting(IN_FORCE)
    wanted = _in_force(desk, days) if known is None else {**json.loads(known), "days": days}
    return [_put(desk, IN_FORCE, wanted)]


def _in_force(desk: Desk, days: Days) -> dict[str, Any]:
    config = _recent(desk, desk.config.calendar).model_dump(mode="json")
    unordered = {name: sorted(config[name]) for name in ("make_up_days", "announced") if config[name] is not None}
    return {"config": {**config, **unordered}, "days": days}


def _recent(desk: Desk, config: CalendarConfig) -> CalendarConfig:
    """The configuration as far as deadlines that run can depend on it."""
    first = date(desk.today().year - BACK, 1, 1)
    return config.model_copy(
        update={
            "holidays": {day: "" for day in sorted(config.holidays) if day >= first},
            "make_up_days": frozenset(day for day in config.make_up_days if day >= first),
            "overrides": {day: spans for day, spans in config.overrides.items() if day >= first},
            "announced": config.announced and frozenset(year for year in config.announced if year >= first.year),
        }
    )


def _put(desk: Desk, key: str, value: Any) -> Change:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    present = desk.snapshot[Setting].get(key)
    if present is None:
        return create(Setting(key=key, value=text), action="calendar")
    return edit(present, {"value": text}, action="calendar")
