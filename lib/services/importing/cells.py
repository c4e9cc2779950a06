"""One cell of a file as the value of one field, or the reason why it is none."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from functools import partial
from math import isfinite
from typing import Any

from lib.domain import phones
from lib.domain.fields import Column
from lib.domain.people import Staff
from lib.domain.time.reading import BadDate, Order, column_order, parse_date, parse_datetime
from lib.services.desk import Desk
from lib.services.importing.fields import importable, value_aliases
from lib.services.importing.mapping import ColumnRule
from lib.tabular.table import Cell, is_blank

Read = Callable[[Cell], Any]
_NOTHING = frozenset({"?", "-", "--", "—", "/", "n/a", "na", "null", "none", "nan", "unspecified", "无", "暂无"})
_CODE_LENGTH = 60


class BadCell(ValueError):
    """The cell cannot be the value of its field; `code` is the reason."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Words:
    """Reads a choice or a person by code, label or known value, and remembers what it did with unknown ones.

    `added` are new codes with the text they stand for; `emptied` counts the values left out.
    """

    def __init__(self, known: Callable[[str], str | None], rule: ColumnRule, aliases: Mapping[str, str]) -> None:
        self._known, self._rule, self._aliases = known, rule, aliases
        self._values = {text.strip().casefold(): code for text, code in rule.values.items()}
        self._found: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.emptied: Counter[str] = Counter()

    def __call__(self, cell: Cell) -> str:
        text = text_of(cell).strip()
        code = self._found.get(text)
        if code is None:
            code = self._look_up(text)
        if not code:
            self.emptied[text] += 1
        return code

    def _look_up(self, text: str) -> str:
        folded = text.casefold()
        alias = self._aliases.get(folded)
        code = self._values.get(folded) or self._known(text) or (alias and self._known(alias)) or self._unknown(text)
        self._found[text] = code
        return code

    def _unknown(self, text: str) -> str:
        if self._rule.on_unknown == "empty":
            return ""
        if self._rule.on_unknown == "reject":
            raise BadCell("unknown_person" if self._rule.field in ("assignee", "reviewer") else "unknown_choice")
        code = new_code(text)
        self.added.setdefault(code, text)
        return code


def reader_of(desk: Desk, rule: ColumnRule, cells: Iterable[Cell]) -> Read:
    """What reads the cells of a column; blank cells are not for it. All of its `cells` show how it writes dates."""
    column = importable()[rule.field]
    if column.kind == "choice":
        return _choices(desk, column, rule)
    if column.kind == "person":
        return Words(partial(_person, _people(desk)), rule, {})
    if column.kind in ("time", "date"):
        return partial(_moment, desk, rule.order or column_order(cells), column.kind)
    if column.kind == "phone":
        return partial(_phone, desk)
    return _number if column.kind in ("number", "money") else text_of


def is_missing(cell: Cell, column: Column) -> bool:
    """Whether the cell says nothing: "N/A" and the like count as nothing everywhere but in running text."""
    if cell is None or cell == "":
        return True
    if column.kind in ("text", "long_text"):
        return False
    return is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _NOTHING)


def text_of(cell: Cell) -> str:
    """A cell as text: text is not touched, numbers lose a decimal point that says nothing."""
    if cell is None:
        return ""
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def new_code(text: str) -> str:
    """The code of an entry that an import adds: its letters and digits, so that two spellings are one entry."""
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    if not words:
        raise BadCell("unknown_choice")
    return "_".join(words)[:_CODE_LENGTH]


def _choices(desk: Desk, column: Column, rule: ColumnRule) -> Words:
    lists = desk.lists
    return Words(partial(lists.code_for, column.choices), rule, value_aliases().get(column.choices, {}))


def _people(desk: Desk) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for staff in desk.snapshot[Staff].values():
        for text in (staff.staff_id, staff.email, staff.name):
            found.setdefault(text.strip().casefold(), staff.staff_id)
    return found


def _person(people: Mapping[str, str], text: str) -> str | None:
    return people.get(text.casefold()) if text else None


def _moment(desk: Desk, order: Order | None, kind: str, cell: Cell) -> datetime | date:
    try:
        if kind == "date":
            return parse_date(cell, order=order)
        return parse_datetime(cell, tz=desk.settings.zone, order=order)
    except BadDate as bad:
        raise BadCell(f"date_{bad.why}") from None


def _phone(desk: Desk, cell: Cell) -> str:
    try:
        region, hotlines = desk.settings.phone_region, desk.settings.hotlines
        return phones.normalise(text_of(cell), region=region, hotlines=hotlines)
    except phones.BadPhone as bad:
        raise BadCell(f"phone_{bad.reason}") from None


def _number(cell: Cell) -> float:
    try:
        number = float(text_of(cell).strip().strip("¥￥$元 ").replace(",", "").replace("，", ""))
    except ValueError:
        raise BadCell("not_a_number") from None
    if not isfinite(number):
        raise BadCell("not_a_number")
    return number
