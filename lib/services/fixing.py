"""Putting right what data health shows: cells of records, and of rows that are no valid record yet."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from lib.domain.permissions import Actor
from lib.errors import Clash, Conflict, InvalidFields, Problem, Refused
from lib.services import lists
from lib.services.access import require
from lib.services.desk import Desk
from lib.services.health import HealthProblem, fixable, without_key
from lib.services.intake import clean_phone
from lib.store.batch import NEW, Change, Edit, Receipt, adopt, new_id, repair
from lib.store.codec import BadRow, check, encode_value
from lib.store.schema import SCHEMA

CHUNK = 50  # records in one save


def fix(
    desk: Desk,
    *,
    actor: Actor,
    problems: Sequence[HealthProblem],
    values: Mapping[str, Any],
    commit_id: str | None = None,
) -> Receipt:
    """Put cells of one record right. `problems` are its problems as the person saw them, `values` by field what the
    cells shall be ("" or None: empty); a problem without a value is left as it is.

    Raises NotAllowed; Conflict where a cell changed since it was seen; InvalidFields with every field that is still
    wrong: a row that is no valid record is put right as a whole.
    """
    require(actor, "data.fix")
    return desk.save(actor, [_change(desk, problems, values)], commit_id=commit_id)


def fix_all(desk: Desk, *, actor: Actor, problems: Iterable[HealthProblem]) -> tuple[int, list[Refused]]:
    """Apply every suggestion given with these problems. Returns how many records were put right, and why others were
    not. Raises NotAllowed, StoreError."""
    require(actor, "data.fix")
    groups = [list(group) for _, group in groupby(problems, key=lambda one: (one.tab, one.key))]
    changes: list[Change] = []
    refused: list[Refused] = []
    for group in groups:
        try:
            changes.append(_change(desk, group, {one.field: one.suggestion for one in group if one.confidence}))
        except Refused as reason:
            refused.append(reason)
    for first in range(0, len(changes), CHUNK):
        refused += _save(desk, actor, changes[first : first + CHUNK])
    return len(groups) - len(refused), refused


def add_choice(
    desk: Desk,
    *,
    actor: Actor,
    problem: HealthProblem,
    code: str,
    commit_id: str | None = None,
) -> Receipt:
    """Put an unknown choice into its list, under the text that stands in the cell, and its code into the cell.

    Raises NotAllowed (lists.edit, data.fix), NotFound (a list that nobody may change), InvalidFields, AlreadyExists.
    """
    require(actor, "data.fix")
    text, column = str(problem.value).strip(), SCHEMA[problem.tab].columns[problem.field]
    label = {"en": text} if text.isascii() else {"zh": text}
    added = lists.add_item(
        desk, actor=actor, list_name=column.choices, code=code, commit_id=commit_id, **label
    )  # first: what is written into the cell must be in the list
    if code == problem.value:
        return added
    again = f"{commit_id}-cell" if commit_id else None
    return fix(desk, actor=actor, problems=[problem], values={problem.field: code}, commit_id=again)


def addable(desk: Desk, problem: HealthProblem) -> bool:
    """Whether the cell may become an entry of its list."""
    column = SCHEMA[problem.tab].columns.get(problem.field)
    return problem.reason == "unknown_choice" and column is not None and column.choices in lists.editable_lists(desk)


def _change(desk: Desk, problems: Sequence[HealthProblem], values: Mapping[str, Any]) -> Change:
    tab, key = problems[0].tab, problems[0].key
    seen = {one.field: one for one in problems if one.field in values}
    if seen.keys() != values.keys():  # other cells are wrong now than those that the person saw
        raise Conflict([Clash(tab, key, name, None, None, values[name]) for name in values.keys() - seen.keys()])
    wanted = {name: _clean(desk, tab, name, values[name]) for name in seen}
    refused = [Problem(name, "locked") for name, one in seen.items() if not fixable(one)]
    refused += [bad for _, bad in wanted.values() if bad]
    if refused:
        raise InvalidFields(tab, refused)
    cells = {name: Edit(encode_value(one.value), encode_value(wanted[name][0])) for name, one in seen.items()}
    if without_key(desk, problems[0]):
        return _adopted(desk, desk.snapshot.tables[tab].bad[key], cells)
    return repair(tab, key, cells, case_no=_case_no(desk, tab, key))


def _adopted(desk: Desk, bad: BadRow, cells: Mapping[str, Edit]) -> Change:
    """A record made of a row that somebody typed without a key; the row's token changes with its content, so that it
    is still the row that was seen."""
    tab = SCHEMA[bad.tab]
    key = f"{NEW}1" if tab.name == "cases" else new_id(tab.name)
    row = {**bad.row, **{name: cell.new for name, cell in cells.items()}, tab.key: key}
    fields = {name: cell for name, cell in row.items() if cell is not None}
    return adopt(check(tab, desk.committer.complete(tab.name, fields, desk.now())), bad.key)


def _clean(desk: Desk, tab: str, name: str, value: Any) -> tuple[Any, Problem | None]:
    column = SCHEMA[tab].column(name)
    if column is not None and column.kind == "phone" and value:
        return clean_phone(desk, str(value), field=name)
    return value, None


def _case_no(desk: Desk, tab: str, key: str) -> str:
    """The case in whose timeline the fix is told."""
    if tab == "cases":
        return key
    table = desk.snapshot.tables[tab]
    known = table.get(key)
    return str(getattr(known, "case_no", "") or (table.bad[key].row.get("case_no", "") if key in table.bad else ""))


def _save(desk: Desk, actor: Actor, changes: Sequence[Change]) -> list[Refused]:
    """Save together; where that is refused, one by one. Returns the reasons of those that were refused."""
    try:
        desk.save(actor, changes)
    except Refused as refused:
        if len(changes) == 1:
            return [refused]
        return [reason for change in changes for reason in _save(desk, actor, [change])]
    return []
