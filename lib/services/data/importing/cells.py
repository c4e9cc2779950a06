"""One cell of a file as the value of one field, or the reason why it is none."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import Any

from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.desk.people import person_for
from lib.domain.records.case import Case
from lib.domain.records.fields import PEOPLE_BETWEEN, Column
from lib.domain.rules.fixes import phone
from lib.domain.text.cleaning import folded, tidy
from lib.domain.text.spreadsheet_errors import is_error
from lib.domain.time.reading import BadDate, Order, column_order, parse_date, parse_datetime
from lib.services.cases.linking import LINKS, readable
from lib.services.data.importing.fields import importable, value_aliases
from lib.services.data.importing.mapping import ColumnRule
from lib.tabular.formats.cell_kinds import MonthDay, NoValue
from lib.tabular.table import Cell, is_blank

Read = Callable[[Cell], Any]
_NOTHING = frozenset({"?", "-", "--", "—", "/", "n/a", "na", "null", "none", "nan", "unspecified", "无", "暂无"})
_CODE_LENGTH = 60
_EXACT = 10**15  # spreadsheets keep fifteen digits of a number
_EXACT_POWER = 15
_ALL_DIGITS = 7
_POWER = re.compile(r"(?P<digits>\d\.\d+)[Ee]\+?(?P<power>\d{1,3})")


@dataclass(frozen=True, slots=True)
class WithNote:
    """A value that stood among other words; the whole cell goes to the description, so that nothing is lost."""

    value: Any


class BadCell(ValueError):
    """The cell cannot be the value of its field; `code` is the reason."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class ValueReader:
    """Reads a choice or a person by code, label or known value, and remembers what it did with unknown ones.

    `added` are new codes with the text they stand for; `emptied` counts the values left out.
    """

    def __init__(self, known: Callable[[str], str | None], rule: ColumnRule, aliases: Mapping[str, str]) -> None:
        self._known, self._rule, self._aliases = known, rule, aliases
        self._values = {folded(text): code for text, code in rule.values.items()}
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
        self._found[text] = code = self._meant(text) or self._unknown(text)
        return code

    def _meant(self, text: str) -> str | None:
        word = folded(text)
        alias = self._aliases.get(word)
        return self._values.get(word) or self._known(text) or (self._known(alias) if alias else None)

    def _unknown(self, text: str) -> str:
        if is_error(text):
            return self._without_value()
        if self._rule.on_unknown == "empty":
            return ""
        if self._rule.on_unknown == "reject":
            raise BadCell("unknown_person" if self._rule.field in ("assignee", "reviewer") else "unknown_choice")
        code = new_code(tidy(text))
        self.added.setdefault(code, text)
        return code

    def _without_value(self) -> str:
        """What an error of the spreadsheet says: nothing. It is never a new entry."""
        if self._rule.on_unknown == "reject":
            raise BadCell("spreadsheet_error")
        return ""


def reader_of(desk: Desk, rule: ColumnRule, cells: Iterable[Cell]) -> Read:
    """What reads the cells of a column; blank cells are not for it. All of its `cells` show how it writes dates."""
    column = importable()[rule.field]
    if column.kind == "choice":
        return _choices(desk, column, rule)
    if column.kind == "person":
        return ValueReader(partial(person_for, desk), rule, {})
    if column.kind == "people":
        return partial(_value, partial(_several, desk))
    if rule.field in LINKS:
        return partial(_value, partial(_other_case, desk, rule.field))
    return partial(_value, _plain_reader(desk, rule, column, cells))


def _plain_reader(desk: Desk, rule: ColumnRule, column: Column, cells: Iterable[Cell]) -> Read:
    if column.kind in ("time", "date"):
        return partial(_moment, desk, rule.order or column_order(cells), column.kind)
    if column.kind == "phone":
        return partial(_phone, desk)
    if column.kind in ("number", "money"):
        return _number
    return _line if column.kind == "text" else text_of


def _value(read: Read, cell: Cell) -> Any:
    """Errors of a spreadsheet, and formulas whose result was never saved, are no values."""
    if isinstance(cell, NoValue):
        raise BadCell("formula_without_value" if cell.startswith("=") else "spreadsheet_error")
    return read(cell)


def _line(cell: Cell) -> str:
    """A cell of a column of short texts. A room 3-12 that became a date is 3-12 where the file shows it so; what else
    a spreadsheet made of a text cannot be known."""
    if isinstance(cell, MonthDay):
        return cell.typed
    if isinstance(cell, (date, time)):
        raise BadCell("became_a_date")
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise BadCell("digits_lost")
    text = text_of(cell)
    if (power := _POWER.fullmatch(text.strip())) and len(power["digits"].replace(".", "")) < _ALL_DIGITS:
        raise BadCell("digits_lost")
    return text


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
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def new_code(text: str) -> str:
    """The code of an entry that an import adds: its letters and digits, so that two spellings are one entry."""
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    if not words:
        raise BadCell("unknown_choice")
    return "_".join(words)[:_CODE_LENGTH]


def _choices(desk: Desk, column: Column, rule: ColumnRule) -> ValueReader:
    lists = desk.lists
    return ValueReader(partial(lists.code_for, column.choices), rule, value_aliases().get(column.choices, {}))


def _several(desk: Desk, cell: Cell) -> str | WithNote:
    """The people of a list who are on the staff."""
    names = [name.strip() for name in text_of(cell).split(PEOPLE_BETWEEN)]
    known = [person_for(desk, name) for name in names if name]
    text = PEOPLE_BETWEEN.join(person for person in known if person)
    return text if all(known) else WithNote(text)


def _other_case(desk: Desk, field: str, cell: Cell) -> str | WithNote:
    """The number of another case; one that is not here, such as that of the desk which the file comes from, is told in
    the description."""
    number = str(readable({field: text_of(cell)})[field])
    return number if number in desk.snapshot[Case] else WithNote("")


def _moment(desk: Desk, order: Order | None, kind: str, cell: Cell) -> datetime | date:
    try:
        if kind == "date":
            return parse_date(cell, order=order)
        return parse_datetime(cell, tz=desk.settings.zone, order=order)
    except BadDate as bad:
        raise BadCell(f"date_{bad.why}") from None


def _phone(desk: Desk, cell: Cell) -> str | WithNote:
    text = _written_out(text_of(cell))
    canonical, bad = clean_phone(desk, text)
    if bad is None:
        return canonical
    inside = phone(text, region=desk.settings.phone_region, hotlines=desk.settings.hotlines)
    if inside is None:
        raise BadCell(bad.code)
    return WithNote(inside.cell)


def _written_out(text: str) -> str:
    """1.3800138E+10 with all its digits. A spreadsheet shows six at most and rounds the others away; what has more was
    written by a program, exactly."""
    power = _POWER.fullmatch(text.strip())
    if power is None:
        return text
    if len(power["digits"].replace(".", "")) < _ALL_DIGITS:
        raise BadCell("digits_lost")
    return str(int(Decimal(text.strip()))) if int(power["power"]) <= _EXACT_POWER else text


def _number(cell: Cell) -> float:
    try:
        number = float(text_of(cell).strip().strip("¥￥$元 ").replace(",", "").replace("，", ""))
    except ValueError:
        raise BadCell("not_a_number") from None
    if not isfinite(number):
        raise BadCell("not_a_number")
    return number
