"""Putting right what data health shows: cells of records, and of rows that are no valid record yet."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.errors import Clash, Conflict, InvalidFields, Problem, Refused
from lib.services.data.health import CHECKED, HealthProblem, fixable, without_key
from lib.services.workspace import lists
from lib.store.codec import BadRow, check, encode_value
from lib.store.commit.batch import NEW, Change, Edit, Receipt, adopt, new_id, repair
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


def checked(desk: Desk, *, actor: Actor, problem: HealthProblem, commit_id: str | None = None) -> Receipt:
    """Say of a row that the app left to somebody (`health.LEFT`) that it is right by now. Raises NotAllowed."""
    require(actor, "data.fix")
    case_no = problem.key if problem.tab == "cases" else ""
    return desk.save(actor, [Change(CHECKED, problem.tab, problem.key, case_no)], commit_id=commit_id)


def fix_all(desk: Desk, *, actor: Actor, problems: Iterable[HealthProblem]) -> tuple[int, list[Refused]]:
    """Apply every suggestion given with these problems. Returns how many records were put right, and why others were
    not. Raises NotAllowed, StoreError."""
    require(actor, "data.fix")
    groups = [list(group) for _, group in groupby(problems, key=lambda one: (one.tab, one.key))]
    suggested = [{one.field: one.suggestion for one in group if one.confidence} for group in groups]
    return _fix_many(desk, actor, list(zip(groups, suggested, strict=True)))


def fix_alike(
    desk: Desk, *, actor: Actor, records: Sequence[Sequence[HealthProblem]], values: Mapping[str, Any]
) -> tuple[int, list[Refused]]:
    """Write the same values into many records that have the same problems. Returns and raises as `fix_all` does."""
    require(actor, "data.fix")
    return _fix_many(desk, actor, [(record, values) for record in records])


def _fix_many(
    desk: Desk, actor: Actor, wanted: Sequence[tuple[Sequence[HealthProblem], Mapping[str, Any]]]
) -> tuple[int, list[Refused]]:
    changes: list[Change] = []
    refused: list[Refused] = []
    for record, values in wanted:
        try:
            changes.append(_change(desk, record, values))
        except Refused as reason:
            refused.append(reason)
    for first in range(0, len(changes), CHUNK):
        refused += _save(desk, actor, changes[first : first + CHUNK])
    return len(wanted) - len(refused), refused


def add_choice(
    desk: Desk,
    *,
    actor: Actor,
    problems: Sequence[HealthProblem],
    code: str,
    commit_id: str | None = None,
) -> tuple[int, list[Refused]]:
    """Put an unknown choice into its list, under the text that stands in the cell of every record given, and its code
    into the cells. Returns as `fix_all` does.

    Raises NotAllowed (lists.edit, data.fix), NotFound (a list that nobody may change), InvalidFields, AlreadyExists.
    """
    require(actor, "data.fix")
    problem = problems[0]
    text, column = str(problem.value).strip(), SCHEMA[problem.tab].columns[problem.field]
    label = {"en": text} if text.isascii() else {"zh": text}
    lists.add_item(
        desk, actor=actor, list_name=column.choices, code=code, commit_id=commit_id, **label
    )  # first: what is written into the cell must be in the list
    if code == problem.value:
        return len(problems), []
    return fix_alike(desk, actor=actor, records=[[one] for one in problems], values={problem.field: code})


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
    return adopt(check(tab, desk.committer.policy.complete(tab.name, fields, desk.now())), bad.key)


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
