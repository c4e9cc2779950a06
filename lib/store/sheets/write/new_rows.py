"""Rows that a write adds below the end of the grid: nobody gave them a format yet.

The set-up formats the columns of the rows that are there. In a row beyond them a date would show as a number, and a
room "0501" typed later would lose its zero; so the write that makes such rows formats them too, with one request for
each run of columns side by side, however many rows there are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lib.store.sheets.model.layout import Layout, sheet_id
from lib.store.sheets.model.number_formats import runs, wanted_format
from lib.store.sheets.model.tabs import sheet_tab
from lib.store.sheets.read.tab_state import TabStates
from lib.store.sheets.write.plan import WritePlan, expected_end


def grown_requests(plan: WritePlan, tabs: TabStates, layout: Layout) -> Iterator[dict[str, Any]]:
    """What is to follow the rows appended by a plan; nothing where they fit into the grid, or nobody looks at a tab."""
    for name, rows in plan.appended.items():
        end = layout.sheets[name].rows - len(plan.removed_positions(name))
        if not sheet_tab(name).technical and expected_end(plan, tabs[name]) + 1 + len(rows) > end:
            yield from _formats(name, tabs[name].places, end)


def _formats(name: str, places: Mapping[str, int], first: int) -> Iterator[dict[str, Any]]:
    columns = sheet_tab(name).columns
    by_place = {place: wanted_format(columns[field]) for field, place in places.items() if field in columns}
    for start, end, (kind, pattern) in runs({place: wanted for place, wanted in by_place.items() if wanted}):
        rows = {"sheetId": sheet_id(name), "startRowIndex": first, "startColumnIndex": start, "endColumnIndex": end}
        cell = {"userEnteredFormat": {"numberFormat": {"type": kind, "pattern": pattern}}}
        yield {"repeatCell": {"range": rows, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}
