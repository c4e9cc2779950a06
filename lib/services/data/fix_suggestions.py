"""What a wrong cell probably means: the rules of `lib.domain.rules.fixes` with a workspace's lists, people and
settings."""

from collections.abc import Iterator
from functools import cached_property

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import Cell, Column
from lib.domain.records.people import Staff
from lib.domain.rules import fixes
from lib.domain.rules.fixes import Fix
from lib.domain.text.cleaning import folded
from lib.errors import Problem
from lib.store.codec import BadRow, decode
from lib.store.schema import SCHEMA

STEPS = frozenset(f"step_{why}" for why in ("kind", "priority", "early", "done", "missing", "incomplete"))
STEPS |= {"no_such_step"}
"""Reasons why a stage typed by hand is no step of the workflow."""


class Suggestions:
    """Suggests fixes for one state of the data; the same question is answered once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answers: dict[tuple[Column, Cell], Fix | None] = {}
        self._accepted: dict[tuple[str, str, Cell], bool] = {}

    def of(self, column: Column, cell: Cell) -> Fix | None:
        """What a cell of this column probably means; None where nobody can tell."""
        if cell is None or cell == "":
            return None
        asked = (column, str(cell))
        if asked not in self._answers:
            self._answers[asked] = self._answer(column, cell)
        return self._answers[asked]

    def of_bad(self, row: BadRow, problem: Problem) -> Fix | None:
        """The same for a cell of a row that is no valid record; only what its field takes. A step that no move leads
        to is probably to be taken back."""
        column = SCHEMA[row.tab].column(problem.field)
        if problem.field == "stage" and problem.code in STEPS:
            known = self._desk.snapshot.tables[row.tab].get(row.key)
            return Fix(getattr(known, problem.field), "likely") if known else None
        if problem.code == "wait_too_long":
            return Fix((problem.facts or {})["limit"].isoformat(), "likely")
        several = problem.code == "means_several"  # also people and labels of before, who are not known here
        fix = self.of(column, row.row.get(problem.field)) if column and not several else None
        if fix is None:
            return None
        return fix if self._taken(row.tab, problem.field, fix.cell) else None

    def _taken(self, tab: str, field: str, cell: Cell) -> bool:
        """Whether the field takes the cell."""
        asked = (tab, field, cell)
        if asked not in self._accepted:
            _, bad = decode(SCHEMA[tab], [{field: cell}])
            self._accepted[asked] = field not in {other.field for one in bad for other in one.problems}
        return self._accepted[asked]

    def case_no(self, text: str) -> Fix | None:
        """The case that a number written otherwise means."""
        found = self._case_numbers.get(folded(text))
        return Fix(found) if found else None

    def _answer(self, column: Column, cell: Cell) -> Fix | None:
        text, settings = str(cell), self._desk.settings
        match column.kind:
            case "choice":
                return fixes.choice(text, self._options(column.choices))
            case "person":
                return fixes.choice(text, self._people)
            case "phone":
                return fixes.phone(text, region=settings.phone_region, hotlines=settings.hotlines)
            case "time":
                return fixes.moment(cell, settings.zone)
            case "date":
                return fixes.day(cell)
            case "number" | "money":
                return fixes.number(text)
            case "flag":
                return fixes.flag(text)
            case _:
                return fixes.text(cell)

    def _options(self, name: str) -> Iterator[tuple[str, str]]:
        lists = self._desk.lists
        for item in lists.items(name):
            for text in (item.code, item.zh, item.en, lists.label(name, item.code, "zh")):
                yield text, item.code
            yield lists.label(name, item.code, "en"), item.code

    @cached_property
    def _people(self) -> tuple[tuple[str, str], ...]:
        people = self._desk.snapshot[Staff].values()
        return tuple((text, one.staff_id) for one in people for text in (one.staff_id, one.name, one.email))

    @cached_property
    def _case_numbers(self) -> dict[str, str]:
        return {folded(number): number for number in self._desk.snapshot[Case]}
