"""What a line of History says was changed, as values that a record holds; for timelines on the screen and on paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.domain.records.fields import Cell, Column
from lib.domain.records.history import changes_of
from lib.domain.records.workspace import HistoryLine
from lib.store.schema import SCHEMA

_TELLS_ALL = frozenset({"intake", "create", "add_evidence"})  # the record itself is shown elsewhere
_OF_THE_CASE = frozenset({"case_no", "client_name", "client_phone", "branch"})  # a new part of it only repeats them


@dataclass(frozen=True, slots=True)
class Changed:
    """One field before and after."""

    column: Column
    before: Any
    after: Any


def changed_fields(line: HistoryLine) -> Iterator[Changed]:
    """Field by field, in the order of the tab (the stage and the priority before details); not what the app itself
    keeps, but for the stage, and not what is the text of the line."""
    tab = SCHEMA.get(line.tab)
    if tab is None or not line.changes or line.action in _TELLS_ALL:
        return
    changes = changes_of(line.changes)
    in_order = [name for name in tab.columns if name in changes]
    for name in (*in_order, *sorted(changes.keys() - {*in_order})):
        column, (before, after) = tab.column(name), changes[name]
        if column is None or before == after or (column.locked and name != "stage") or _is_text(line, after):
            continue
        if line.tab != "cases" and not before and (name in _OF_THE_CASE or after == 0):
            continue
        yield Changed(column, _typed(column, before), _typed(column, after))


def raw_change(line: HistoryLine, name: str) -> tuple[Cell, Cell] | None:
    """The cells of one field before and after, None where the line did not touch it."""
    return changes_of(line.changes).get(name)


def _is_text(line: HistoryLine, after: Cell) -> bool:
    return isinstance(after, str) and bool(after) and after == line.text


def _typed(column: Column, cell: Cell) -> Any:
    """A cell as the value that a record holds; one that was no such value stays as it was written."""
    if not isinstance(cell, str) or not cell:
        return cell
    try:
        if column.kind == "time":
            return datetime.fromisoformat(cell)
        return date.fromisoformat(cell) if column.kind == "date" else cell
    except ValueError:
        return cell
