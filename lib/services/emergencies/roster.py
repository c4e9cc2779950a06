"""Who is on call: for each day, from midnight to midnight, and each branch; a setting `on_call:DAY:BRANCH`, the branch
empty for all of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.workspace import Setting
from lib.domain.rules.permissions import Actor, actor_of
from lib.errors import InvalidFields, Problem
from lib.store.commit.batch import Receipt, create, edit, remove
from lib.store.snapshot.snapshot import Table

PREFIX = "on_call:"
LONGEST = 92  # days set at once


def roster(desk: Desk) -> Mapping[tuple[date, str], tuple[str, ...]]:
    """Staff ids by (day, branch)."""
    return desk.snapshot[Setting].derive(_all_days)


def on_call(desk: Desk, case: Case, day: date) -> tuple[str, ...]:
    """Who is on call for a case on a day: for its branch and for all branches; where it has none, for any. Whoever has
    left, may not see the case or is complained about does not count."""
    named = [
        person
        for (when, branch), people in roster(desk).items()
        if when == day and (branch in ("", case.branch) or not case.branch)
        for person in people
    ]
    return tuple(person for person in dict.fromkeys(named) if _can_come(desk, person, case))


def set_on_call(
    desk: Desk,
    *,
    actor: Actor,
    first: date,
    last: date,
    branch: str = "",
    people: Sequence[str],
    commit_id: str | None = None,
) -> Receipt:
    """Put people on call from `first` to `last`, both included, in the place of whoever was; `people` may be empty.

    Raises NotAllowed and InvalidFields (days in the wrong order or too many, no such branch, people who have left or
    who do not speak with clients).
    """
    require(actor, "lists.edit")
    problems = _problems(desk, first, last, branch, people)
    if problems:
        raise InvalidFields("settings", problems)
    value, changes = json.dumps(list(people)), []
    for n in range((last - first).days + 1):
        key = f"{PREFIX}{(first + timedelta(days=n)).isoformat()}:{branch}"
        present = desk.snapshot[Setting].get(key)
        if present is not None:
            changes.append(
                edit(present, {"value": value}, action="set_on_call")
                if people
                else remove(present, action="set_on_call")
            )
        elif people:
            changes.append(create(Setting(key=key, value=value), action="set_on_call"))
    return desk.save(actor, changes, commit_id=commit_id)


def _problems(desk: Desk, first: date, last: date, branch: str, people: Sequence[str]) -> list[Problem]:
    problems = []
    if last < first:
        problems.append(Problem("last", "before_start", last.isoformat()))
    elif (last - first).days >= LONGEST:
        problems.append(Problem("last", "out_of_range", last.isoformat()))
    if branch and not desk.lists.has("branch", branch):
        problems.append(Problem("branch", "unknown_choice", branch))
    staff = desk.snapshot[Staff]
    for person in people:
        found = staff.get(person)
        if found is None:
            problems.append(Problem("people", "unknown_person", person))
        elif not found.active:
            problems.append(Problem("people", "has_left", found.name or found.email))
        elif not actor_of(found, desk.config.roles).may("case.contact"):
            problems.append(Problem("people", "may_not_handle", found.name or found.email))
    return problems


def _can_come(desk: Desk, staff_id: str, case: Case) -> bool:
    person = desk.snapshot[Staff].get(staff_id)
    if person is None or staff_id == case.complained_about:
        return False
    return actor_of(person, desk.config.roles).may("case.view", case)


def _all_days(table: Table[Setting]) -> Mapping[tuple[date, str], tuple[str, ...]]:
    found = {}
    for name, setting in table.items():
        if name.startswith(PREFIX):
            day, _, branch = name.removeprefix(PREFIX).partition(":")
            found[date.fromisoformat(day), branch] = tuple(json.loads(setting.value))
    return found
