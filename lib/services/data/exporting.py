"""Cases as a file for people and other programs (requirement A10): labels for codes, local times, masks by role."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.desk.people import by_text
from lib.domain.records.case import Case
from lib.domain.records.custom_fields import typed
from lib.domain.records.fields import Column, columns, people_in
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.domain.text.cleaning import folded
from lib.errors import InvalidFields, Problem
from lib.services.parts.extras import extra_columns
from lib.services.story.audit import masked, record, visible
from lib.store.snapshot.snapshot import Table
from lib.tabular.table import Cell
from lib.tabular.writing import write_csv, write_jsonl, write_xlsx

Format = Literal["csv", "xlsx", "jsonl"]
_TECHNICAL = frozenset({"earlier_runs", "import_id", "import_key", "unalerted"})
_CHARACTER = 8  # a column's width is in pixels, a sheet's in characters


@cache
def exported_fields() -> tuple[str, ...]:
    """The fields of a case that an export holds unless others are asked for."""
    return tuple(name for name in columns(Case) if name not in _TECHNICAL)


def export_cases(
    desk: Desk,
    *,
    actor: Actor,
    cases: Iterable[Case | str],
    format: Format,
    language: str,
    columns: Sequence[str] | None = None,
) -> bytes:
    """The cases, given as records or numbers, in their order; the export is in History before it is handed out.

    Headers are labels in `language`, in JSON lines the keys of the fields. Times are wall-clock time of the workspace
    (JSON lines: with their offset). Personal data is masked where the actor may not see it. `columns` are keys of
    fields; without, all are exported, and extra columns with them.

    Raises NotAllowed (one case is enough), NotFound, InvalidFields (unknown column), CellTooLong (XLSX).
    """
    require(actor, "data.export")
    chosen = [desk.snapshot[Case].require(case) if isinstance(case, str) else case for case in cases]
    for case in chosen:
        require(actor, "data.export", case)
    fields = _columns(desk, columns)
    headers = [column.key if format == "jsonl" else column.label(language) for column in fields]
    rows = ([_cell(desk, actor, case, column, language, format) for column in fields] for case in chosen)
    content = _written(format, headers, rows, fields, language)
    record(desk, actor=actor, action="export", text=f"{format} {len(chosen)}", tab="cases")
    return content


def _columns(desk: Desk, wanted: Sequence[str] | None) -> list[Column]:
    extras = {column.key: column for column in extra_columns(desk, "cases")}
    known, names = columns(Case) | extras, (*exported_fields(), *extras) if wanted is None else wanted
    problems = [Problem(name, "unknown_field") for name in names if name not in known]
    if problems:
        raise InvalidFields("cases", problems)
    return [known[name] for name in names]


def _cell(desk: Desk, actor: Actor, case: Case, column: Column, language: str, format: Format) -> Cell:
    value: Any = getattr(case, column.key)
    if value == "" or value is None:
        return None
    if column.kind == "choice":
        return desk.lists.label(column.choices, value, language)
    if column.kind == "people":
        names = desk.snapshot[Staff].derive(_names)
        return ", ".join(names.get(person, person) for person in people_in(value))
    if column.kind == "person":
        return desk.snapshot[Staff].derive(_names).get(str(value), str(value))
    if isinstance(value, datetime):
        local = value.astimezone(desk.settings.zone)
        return local if format == "jsonl" else local.replace(tzinfo=None)
    if column.personal and not visible(actor, case, column.key):
        return masked(case, column.key)
    plain: Cell = typed(column, value)
    return plain


def _names(table: Table[Staff]) -> dict[str, str]:
    """Names of people by id; the address where the name is not understood as theirs, so that each can be told."""
    meant = table.derive(by_text)
    return {
        staff.staff_id: staff.name if meant.get(folded(staff.name)) == staff.staff_id else staff.email or staff.staff_id
        for staff in table.values()
    }


def _written(
    format: Format, headers: Sequence[str], rows: Iterable[Sequence[Cell]], fields: Sequence[Column], language: str
) -> bytes:
    if format == "xlsx":
        widths = {header: column.width / _CHARACTER for header, column in zip(headers, fields, strict=True)}
        return write_xlsx("案件" if language.startswith("zh") else "Cases", headers, rows, widths=widths)
    return write_csv(headers, rows) if format == "csv" else write_jsonl(headers, rows)
