"""What dropdowns offer and what counts as known: the hidden tab that cells are compared with.

Each list takes two columns: what is offered (the active labels, in order), and after it everything the app understands
(labels in both languages, codes, entries no longer offered). Columns keep their places; new lists come after them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lib.domain.records.fields import Column
from lib.domain.records.lists import Lists
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.domain.rules.workflow import CLOCK_FIELDS, Workflow
from lib.i18n import Language
from lib.store.schema import Schema
from lib.store.sheets.model.updates import Request, fill
from lib.store.sheets.model.vocabulary import PEOPLE, Texts, Vocabulary, list_of
from lib.store.sheets.setup.inspect import PresentTab, text_in

KNOWN = "+"  # after the name of a list: what is understood
_PEOPLE = "person"


@dataclass(frozen=True)
class Words:
    """The words of the workspace: its lists (those that are not in the sheet too) and people, in its language.
    `former` are texts of before, as far as they are known: what may mean somebody else is not offered."""

    language: Language
    items: Sequence[ListItem]
    staff: Sequence[Staff]
    former: Texts = field(default_factory=dict)

    @property
    def lists(self) -> Lists:
        return Lists(self.items)

    @property
    def vocabulary(self) -> Vocabulary:
        names = {one.staff_id: one.name for one in self.staff}
        return Vocabulary(self.language, (), self.items, names, self.former)


def heading(column: Column) -> str:
    """The name of the list of a choice or a person, as the tab of choices has it."""
    name = list_of(column)
    return _PEOPLE if name == PEOPLE else name


def running_in(clock: str) -> str:
    """The list of stages in which a clock runs."""
    return f"clock.{clock}{KNOWN}"


OPEN = f"stage.open{KNOWN}"
WAITING = f"stage.paused{KNOWN}"


def wanted_columns(words: Words, workflow: Workflow, schema: Schema) -> dict[str, list[str]]:
    """{heading: texts} of the whole tab."""
    return list_columns(words, schema) | dict(_stages(workflow, words.vocabulary))


def list_columns(words: Words, schema: Schema) -> dict[str, list[str]]:
    """The part that people change: what lists and staff say."""
    named = {
        heading(column): column
        for tab in schema.values()
        if not tab.technical
        for column in tab.columns.values()
        if list_of(column)
    }
    found: dict[str, list[str]] = {}
    vocabulary, lists, present = words.vocabulary, words.lists, replace(words, former={}).vocabulary
    for name, column in named.items():
        codes = _active(words) if name == _PEOPLE else lists.codes(name)
        found[name] = _once(vocabulary.shown(column, code) for code in codes)
        understood = (text for text in present.known(list_of(column)) if vocabulary.is_sure(list_of(column), text))
        found[name + KNOWN] = _once([*found[name], *understood])
    return found


def _active(words: Words) -> list[str]:
    return [one.staff_id for one in words.staff if one.active]


def _stages(workflow: Workflow, vocabulary: Vocabulary) -> Iterator[tuple[str, list[str]]]:
    """Texts of the stages that are open, that wait, and in which each clock runs."""
    meant = vocabulary.known("stage")

    def texts(stages: Iterable[str]) -> list[str]:
        chosen = set(stages)
        return _once(text for text, code in meant.items() if code in chosen)

    yield OPEN, texts(workflow.keys_in("open", "paused"))
    yield WAITING, texts(workflow.keys_in("paused"))
    for clock in CLOCK_FIELDS:
        yield running_in(clock), texts(s.key for s in workflow.stage if s.phase == "open" and clock in s.clocks)


def _once(texts: Iterable[str]) -> list[str]:
    """Each text once, in order: comparing in a sheet ignores case."""
    found: dict[str, str] = {}
    for text in texts:
        if text.strip():
            found.setdefault(text.strip().casefold(), text)
    return list(found.values())


def placed(tab: PresentTab | None, wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The place of each list's column: where it is, or after the others."""
    there = [] if tab is None else tab.texts
    found = {text: place for place, text in enumerate(there) if text in wanted}
    for name in wanted:
        found.setdefault(name, max([len(there) - 1, *found.values()], default=-1) + 1)
    return found


def stale(rows: Sequence[Sequence[Any]], at: Mapping[str, int], wanted: Mapping[str, Sequence[str]]) -> list[str]:
    """The lists whose columns do not say what they should. `rows` are the tab's texts, its header first."""
    return [name for name, place in at.items() if _column(rows, place) != [name, *wanted[name]]]


def _column(rows: Sequence[Sequence[Any]], place: int) -> list[str]:
    cells = [str(row[place]) if place < len(row) else "" for row in rows]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def column_requests(
    tab: PresentTab, names: Sequence[str], at: Mapping[str, int], wanted: Mapping[str, Sequence[str]]
) -> Iterator[Request]:
    """Write those columns whole, what is below them emptied."""
    height, width = 1 + max(len(texts) for texts in wanted.values()), 1 + max(at.values())
    for dimension, lacking in (("ROWS", height - tab.rows), ("COLUMNS", width - tab.columns)):
        if lacking > 0:
            yield {"appendDimension": {"sheetId": tab.id, "dimension": dimension, "length": lacking}}
    for name in names:
        area = tab.area(at[name], at[name] + 1, row=0)
        yield fill(area, [[text] for text in (name, *wanted[name])])


def texts_of(answer: Mapping[str, Any], sheet: int) -> list[list[str]]:
    """The texts of one tab from the answer that `read_present` got."""
    for found in answer.get("sheets", ()):
        if found["properties"].get("sheetId", 0) == sheet:
            rows = found.get("data", [{}])[0].get("rowData", ())
            return [[text_in(cell) for cell in row.get("values", ())] for row in rows]
    return []
