"""The changes that lines of History record, and the records that result when the lines are replayed."""

import json
from collections.abc import Iterable, Mapping
from typing import Final

from lib.domain.records.fields import Cell

Row = Mapping[str, Cell]
Changes = Mapping[str, tuple[Cell, Cell]]
"""{field: (cell before, cell after)}; None stands for no value."""
SECRET: Final = "***"
"""Replaces a secret in History."""


def changes_of(text: str | None) -> Changes:
    """The changes of a line from its JSON text {field: [before, after]}; empty if the text cannot be read, because
    people can edit the line in a spreadsheet.
    """
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: (pair[0], pair[1]) for name, pair in found.items() if isinstance(pair, list) and len(pair) == 2}


def creates(key_field: str, changes: Changes) -> bool:
    """Whether the changes create a record."""
    return key_field in changes and changes[key_field][0] is None


def removes(key_field: str, changes: Changes) -> bool:
    """Whether the changes remove a record; then they contain all its cells."""
    return key_field in changes and changes[key_field][1] is None


def replayed(base: Row | None, key_field: str, told: Iterable[Changes]) -> Row | None:
    """A row after the changes of its lines, oldest first; None if it was removed or nothing is known of it."""
    row = base
    for changes in told:
        row = _after(row, key_field, changes)
    return row


def last_version(key_field: str, told: Iterable[Changes]) -> Row:
    """The row as it last stood, also where it was removed since; empty where nothing is known of it."""
    row: Row = {}
    for changes in told:
        if removes(key_field, changes):
            row = _filled({**row, **{name: before for name, (before, _) in changes.items()}})
        else:
            row = _after(row, key_field, changes) or {}
    return row


def _after(row: Row | None, key_field: str, changes: Changes) -> Row | None:
    if removes(key_field, changes):
        return None
    after = {name: cell for name, (_, cell) in changes.items()}
    if key_field in changes:
        return _filled(after)
    return None if row is None else _filled({**row, **after})


def _filled(row: Row) -> Row:
    return {name: cell for name, cell in row.items() if cell is not None}
