"""Columns that people add to a tab, as far as they are not like others: those that calculate, and those to be made.

A column with a formula in it changes without anybody's doing and must not be written over: it is the sheet's own and no
part of the records. In a column of ours the result of a formula counts, unless it changes by itself. Values alone do
not tell it from others, so it is asked for when such a cell first differs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lib.domain.records.extras import is_extra
from lib.domain.records.fields import Cell
from lib.store.port import Row, Rows
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.layout import Layout, letter, more_columns, sheet_id
from lib.store.sheets.read.tab_state import TabState

NUMBERS = frozenset({"date", "time", "number", "money"})
"""The kinds of our columns in which a formula calculates: the others hold text."""
_RESTLESS = re.compile(r"\b(NOW|TODAY|RAND|RANDBETWEEN|RANDARRAY|GOOGLEFINANCE|IMPORT[A-Z]+)\s*\(", re.IGNORECASE)
_FORMULAS = "sheets(properties.sheetId,data(startRow,startColumn,rowData.values.userEnteredValue.formulaValue))"
Tabs = Mapping[str, TabState]
Names = Mapping[str, Sequence[str]]
"""Names of columns by tab."""
Entered = Mapping[str, Mapping[int, str]]
"""By column: the formulas in it, by position."""


def formulas(client: SheetsClient, layout: Layout, tabs: Tabs, *, known_too: bool) -> Mapping[str, Entered]:
    """What is calculated in columns that differ from what the app knows and, with `known_too`, in those where it was
    before: a value pasted over its formula looks the same. One call, and none mostly."""
    asked = {name: columns for name, tab in tabs.items() if (columns := _asked(tab, known_too=known_too))}
    if not asked:
        return {}
    ranges = [
        layout.range(name, f"{letter(tabs[name].places[column])}:{letter(tabs[name].places[column])}")
        for name, columns in asked.items()
        for column in columns
    ]
    answer = client.metadata(_FORMULAS, ranges)
    sheets = {sheet["properties"].get("sheetId", 0): sheet.get("data", ()) for sheet in answer.get("sheets", ())}
    return {name: _entered(tabs[name], asked[name], sheets.get(sheet_id(name), ())) for name in asked}


def restless(found: Entered) -> Entered:
    """Of these formulas those whose result changes by itself."""
    return {name: {at: text for at, text in texts.items() if _RESTLESS.search(text)} for name, texts in found.items()}


def _asked(tab: TabState, *, known_too: bool) -> list[str]:
    """The columns that differ, and that did not differ so before: a wrong cell may stand for days."""
    before, tab.differing = tab.differing, _differing(tab)
    fresh = [name for name, cells in tab.differing.items() if cells != before.get(name)]
    known = [name for name, _ in tab.restless] if known_too else []
    return [name for name in dict.fromkeys((*fresh, *known)) if name in tab.places]


def _differing(tab: TabState) -> dict[str, list[tuple[str, Cell]]]:
    here = tab.at.keys() - tab.elsewhere
    rows = [(key, tab.at[key], row) for key, row in tab.records.edited.items() if key in here]
    rows += [("", at, row) for at, row in tab.typed.items()]
    columns = [name for name in tab.places if _may_calculate(tab, name)] if rows else []
    app = tab.records.app
    cells = {
        name: [(key, tab.cell(at, name)) for key, at, row in rows if row.get(name) != app.get(key, {}).get(name)]
        for name in columns
    }
    return {name: found for name, found in cells.items() if found}


def _may_calculate(tab: TabState, name: str) -> bool:
    column = tab.tab.columns.get(name)
    return is_extra(name) or (column is not None and column.kind in NUMBERS)


def _entered(tab: TabState, columns: Sequence[str], data: Sequence[Mapping[str, Any]]) -> Entered:
    parts = {part.get("startColumn", 0): dict(_formulas(part)) for part in data}
    return {column: parts.get(tab.places[column], {}) for column in columns}


def _formulas(part: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """(position, formula)"""
    for at, row in enumerate(part.get("rowData", ()), part.get("startRow", 0) - 1):
        for cell in row.get("values", ()):
            if text := cell.get("userEnteredValue", {}).get("formulaValue"):
                yield at, text


def lacking(tabs: Tabs, rows: Rows) -> Names:
    """The columns beside the records' that rows about to be written fill, and that their tabs do not have."""
    found = {name: _lacking(tabs[name], some) for name, some in rows.items()}
    return {name: columns for name, columns in found.items() if columns}


def _lacking(tab: TabState, rows: Sequence[Row]) -> list[str]:
    filled = dict.fromkeys(name for row in rows for name in row if tab.tab.carries(name))
    return [name for name in filled if name not in tab.places and name not in tab.calculating]


def making(wanted: Names, tabs: Tabs, layout: Layout, language: str) -> list[dict[str, Any]]:
    """The requests that make them at the end of their tabs."""
    found: list[dict[str, Any]] = []
    for name, columns in wanted.items():
        known = [tabs[name].tab.column(column) for column in columns]
        texts = [column.label(language) for column in known if column]
        end = max(map(len, (tabs[name].header, *tabs[name].raw)))
        found += more_columns(name, end, texts, layout.sheets[name])
    return found
