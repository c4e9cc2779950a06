"""The extra columns of a tab: custom fields, what people added to the sheet, and what records hold beside them."""

from typing import Any

from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.extras import extras_of
from lib.domain.records.fields import Cell, Column
from lib.errors import Problem
from lib.store.port import Widened
from lib.store.schema import SCHEMA
from lib.store.snapshot.snapshot import Table


def extra_columns(desk: Desk, tab: str) -> tuple[Column, ...]:
    """Custom fields first, in the order of their file; then the others as the sheet has them."""
    known = SCHEMA[tab]
    declared = [column.key for column in known.custom]
    added = desk.store.extra_columns(tab) if isinstance(desk.store, Widened) else ()
    names = dict.fromkeys([*declared, *added, *desk.snapshot.tables[tab].derive(filled_in)])
    return tuple(column for name in names if (column := known.column(name)))


def filled_in(table: Table[Any]) -> tuple[str, ...]:
    """The extra columns that any record of the table has, by name."""
    return tuple(sorted({name for record in table.records.values() for name in extras_of(record)}))


def clean(desk: Desk, column: Column, value: Cell, before: Cell) -> tuple[Cell, Problem | None]:
    """What was entered as the cell to keep, None for nothing; a number stays one where nobody declared the column."""
    if value is None or value == "":
        return None, Problem(column.key, "missing") if column.required else None
    if column.kind == "phone":
        return clean_phone(desk, str(value), field=column.key)
    if isinstance(value, float) and value.is_integer():
        return int(value), None  # as a sheet gives it back
    was_number = isinstance(before, int | float) and not isinstance(before, bool)
    return (_number(value) if was_number and isinstance(value, str) else value), None


def _number(text: str) -> Cell:
    plain = text.strip().removeprefix("-")
    if plain.isascii() and plain.replace(".", "", 1).isdigit():
        return float(text) if "." in plain else int(text)
    return text
