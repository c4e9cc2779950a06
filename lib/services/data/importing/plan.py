"""The first look at a file: its columns, and what each is probably meant for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.domain.text.spreadsheet_errors import is_error
from lib.errors import InvalidFields, Problem
from lib.services.data.importing.fields import TELLING, importable
from lib.services.data.importing.mapping import ColumnRule, ImportMapping, saved_mapping
from lib.services.data.importing.no_cases import NoCase, without_other_rows
from lib.services.data.importing.suggesting import suggestions
from lib.tabular.formats.cell_kinds import NoValue
from lib.tabular.formats.escapes import MARKS, without_mark
from lib.tabular.headers import Suggestion
from lib.tabular.reading import read_table
from lib.tabular.table import FileTable, SourceRow

REASON_HEADER: Mapping[str, str] = {"zh_CN": "未导入原因", "en": "Why not imported"}
"""The column that a file of rejected rows has more than the original; it is not read back."""
_OWN_HEADERS = 5
_SUSPECT = (*MARKS, "#", "E", "e")  # how such cells begin


@dataclass(frozen=True, slots=True, eq=False)
class ImportPlan:
    """A file and what its columns mean. `suggestions` cover every header; `absent` are columns of the mapping that
    the file lacks; `no_cases` are the rows of the file that are left out of the table."""

    actor: Actor
    filename: str
    sha256: str
    table: FileTable
    mapping: ImportMapping
    suggestions: Mapping[str, Suggestion]
    absent: tuple[str, ...]
    no_cases: tuple[NoCase, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        return self.table.headers

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns of the file that fill no field."""
        return tuple(header for header in self.headers if header not in self.mapping.columns)

    def told(self) -> list[dict[str, Any]]:
        """What each column becomes, for JSON: {"header", "field", "reason", "confidence"}; the reason "chosen" where a
        mapping says so and the suggestion does not."""
        return [
            {"header": header, "field": rule.field, "reason": guess.reason, "confidence": guess.confidence}
            if (guess := self.suggestions.get(header)) and guess.target == rule.field
            else {"header": header, "field": rule.field, "reason": "chosen", "confidence": 1.0}
            for header, rule in self.mapping.columns.items()
            if header in self.headers
        ]

    def sample(self, count: int = 5) -> tuple[SourceRow, ...]:
        return self.table.rows[:count]


def plan_import(
    desk: Desk,
    *,
    actor: Actor,
    content: bytes,
    filename: str,
    mapping: ImportMapping | str | None = None,
    sheet: str | None = None,
) -> ImportPlan:
    """Read a file and map its columns: as given, as saved under a name, or as its headers and values suggest.

    Raises NotAllowed, UnreadableTable, NotFound (no such saved mapping), InvalidFields (nothing says what a case is
    about).
    """
    require(actor, "data.import")
    table, no_cases = _read(content, filename, sheet)
    found = {name: guess for name, guess in suggestions(desk, table).items() if name not in REASON_HEADER.values()}
    chosen = saved_mapping(desk, mapping) if isinstance(mapping, str) else mapping or suggested_mapping(table, found)
    absent = tuple(header for header in chosen.columns if header not in table.headers)
    present = {rule.field for header, rule in chosen.columns.items() if header not in absent}
    if not present & {*TELLING}:
        raise InvalidFields("mapping", [Problem("description", "no_column", facts={"columns": table.headers})])
    return ImportPlan(actor, filename, hashlib.sha256(content).hexdigest(), table, chosen, found, absent, no_cases)


def suggested_mapping(table: FileTable, found: Mapping[str, Suggestion]) -> ImportMapping:
    """The mapping that the suggestions come to."""
    rules = {}
    for header in table.headers:
        target = found[header].target if header in found else None
        if target is None:
            continue
        rules[header] = ColumnRule.model_validate(target)
    if not rules:
        raise InvalidFields("mapping", [Problem("description", "no_column", facts={"columns": table.headers})])
    return ImportMapping(columns=rules)


def _read(content: bytes, filename: str, sheet: str | None) -> tuple[FileTable, tuple[NoCase, ...]]:
    table = read_table(content, filename, sheet=sheet)
    if not _is_ours(table.headers):
        table = replace(table, rows=tuple(map(_as_meant, table.rows)))
    elif table.encoding is not None:
        table = read_table(content, filename, sheet=sheet, unescape_formula=True)
    rows, no_cases = without_other_rows(table)
    return replace(table, rows=rows), no_cases


def _as_meant(row: SourceRow) -> SourceRow:
    """The row without the apostrophes that keep digits as text in a spreadsheet, and with errors as no values. In files
    of ours an apostrophe is an escape, and #N/A is what somebody wrote."""
    if not any(isinstance(cell, str) and cell[:1] in _SUSPECT for cell in row.cells):
        return row
    return SourceRow(row.number, tuple(_cell_as_meant(cell) if isinstance(cell, str) else cell for cell in row.cells))


def _cell_as_meant(text: str) -> str:
    return NoValue(text) if is_error(text) else without_mark(text)


def _is_ours(headers: tuple[str, ...]) -> bool:
    """Whether the file was written by an export or handed back with rejected rows: its text is escaped then."""
    if set(headers) & set(REASON_HEADER.values()):
        return True
    columns = importable().values()
    ours = max(sum(header in {getattr(col, name) for col in columns} for header in headers) for name in ("zh", "en"))
    return ours >= _OWN_HEADERS and ours >= 0.8 * len(headers)
