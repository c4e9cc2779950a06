"""Columns that people add to a tab, as far as they are not like others: those that calculate, and those to be made.

A column with a formula in it changes without anybody's doing and must not be written over: it is the sheet's own and no
part of the records. Values alone do not tell it from others, so it is asked for when such a column first differs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lib.domain.extras import is_extra
from lib.domain.fields import Cell
from lib.store.port import Row, Rows
from lib.store.sheets.client import SheetsClient
from lib.store.sheets.layout import Layout, letter, more_columns, sheet_id
from lib.store.sheets.state import TabState

_FORMULAS = "sheets(properties.sheetId,data(startColumn,rowData.values.userEnteredValue.formulaValue))"
Tabs = Mapping[str, TabState]
Names = Mapping[str, Sequence[str]]
"""Names of columns by tab."""


def calculating(client: SheetsClient, layout: Layout, tabs: Tabs) -> Names:
    """The extra columns with a formula, of those that differ from what the app knows. One call, and none mostly."""
    asked = {name: columns for name, tab in tabs.items() if (columns := _fresh(tab))}
    if not asked:
        return {}
    ranges = [
        layout.range(name, f"{letter(tabs[name].places[column])}:{letter(tabs[name].places[column])}")
        for name, columns in asked.items()
        for column in columns
    ]
    answer = client.fetch_sheet_metadata(client.spreadsheet_id, params={"fields": _FORMULAS, "ranges": ranges})
    sheets = {sheet["properties"].get("sheetId", 0): sheet.get("data", ()) for sheet in answer.get("sheets", ())}
    found = {name: _with_formula(tabs[name], asked[name], sheets.get(sheet_id(name), ())) for name in asked}
    return {name: columns for name, columns in found.items() if columns}


def _fresh(tab: TabState) -> list[str]:
    """The extra columns that differ, and that did not differ so before: a wrong cell may stand for days."""
    before, tab.differing = tab.differing, _differing(tab)
    return [name for name, cells in tab.differing.items() if cells != before.get(name)]


def _differing(tab: TabState) -> dict[str, list[tuple[str, Cell]]]:
    extras = [name for name in tab.places if is_extra(name)]
    if not extras:
        return {}
    app, here = tab.records.app, tab.at.keys() - tab.elsewhere
    rows = [(key, row, app.get(key, {})) for key, row in tab.records.edited.items() if key in here]
    rows += [("", row, {}) for row in tab.typed.values()]
    cells = {
        name: [(key, row.get(name)) for key, row, known in rows if row.get(name) != known.get(name)] for name in extras
    }
    return {name: found for name, found in cells.items() if found}


def _with_formula(tab: TabState, columns: Sequence[str], data: Sequence[Mapping[str, Any]]) -> list[str]:
    at = {part.get("startColumn", 0) for part in data if any(_formulas(part))}
    return [column for column in columns if tab.places[column] in at]


def _formulas(part: Mapping[str, Any]) -> Iterator[bool]:
    for row in part.get("rowData", ()):
        for cell in row.get("values", ()):
            yield bool(cell.get("userEnteredValue"))


def lacking(tabs: Tabs, rows: Rows) -> Names:
    """The extra columns that rows about to be written fill, and that their tabs do not have."""
    found = {name: _lacking(tabs[name], some) for name, some in rows.items()}
    return {name: columns for name, columns in found.items() if columns}


def _lacking(tab: TabState, rows: Sequence[Row]) -> list[str]:
    filled = dict.fromkeys(name for row in rows for name in row if is_extra(name))
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
