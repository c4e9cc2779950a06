"""What the values of a column of choices or people become: the step of a mapping beside that of the columns."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lib.desk.desk import Desk
from lib.domain.text.cleaning import folded
from lib.services.data.importing.cells import BadCell, is_missing, reader_of, text_of
from lib.services.data.importing.fields import importable
from lib.services.data.importing.mapping import ColumnRule, ImportMapping, mapping_of
from lib.services.data.importing.plan import ImportPlan

How = Literal["chosen", "known", "unknown"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A value as it stands in `count` cells, and the code that it becomes: chosen in the mapping, known, or "" for one
    that nothing knows (the column's rule then says what is done)."""

    text: str
    count: int
    code: str
    how: How


def has_values(field: str) -> bool:
    """Whether only known values fit a field: those of a list, or people."""
    return importable()[field].kind in ("choice", "person")


def counted(plan: ImportPlan, header: str, field: str) -> Mapping[str, int]:
    """The distinct values of a column in how many cells each, the most frequent first."""
    at, column = plan.headers.index(header), importable()[field]
    cells = (row.cells[at] for row in plan.table.rows)
    return dict(Counter(text_of(cell).strip() for cell in cells if not is_missing(cell, column)).most_common())


def meanings(desk: Desk, rule: ColumnRule, values: Mapping[str, int]) -> tuple[Meaning, ...]:
    """What each value becomes, the unknown ones first, then by how often they stand there."""
    strict = rule.model_copy(update={"on_unknown": "reject"})
    read = reader_of(desk, strict, ())
    chosen = {folded(text) for text in rule.values}

    def of(text: str, count: int) -> Meaning:
        try:
            code = str(read(text))
        except BadCell:
            return Meaning(text, count, "", "unknown")
        return Meaning(text, count, code, "chosen" if folded(text) in chosen else "known")

    return tuple(sorted((of(*item) for item in values.items()), key=lambda one: (bool(one.code), -one.count)))


def value_meanings(desk: Desk, plan: ImportPlan) -> Iterator[tuple[str, ColumnRule, tuple[Meaning, ...]]]:
    """The values of every column of the plan that has choices or people."""
    for header, rule in plan.mapping.columns.items():
        if header in plan.headers and has_values(rule.field):
            yield header, rule, meanings(desk, rule, counted(plan, header, rule.field))


def with_values(desk: Desk, mapping: ImportMapping, chosen: Mapping[str, Mapping[str, str]]) -> ImportMapping:
    """The mapping with what values of a column mean, by header: codes, or their labels in either language.

    Raises InvalidFields where a header is not mapped or a label is nowhere.
    """
    columns = {header: rule.model_dump() for header, rule in mapping.columns.items()}
    for header, values in chosen.items():
        rule = columns.setdefault(header, {"field": ""})
        rule["values"] = {
            **rule.get("values", {}),
            **{text: _code(desk, rule["field"], to) for text, to in values.items()},
        }
    return mapping_of({**mapping.model_dump(), "columns": columns})


def _code(desk: Desk, field: str, text: str) -> str:
    """The code of a label; what no list has is left for the check of the mapping to refuse."""
    column = importable().get(field)
    return (column and desk.lists.code_for(column.choices, text)) or text
