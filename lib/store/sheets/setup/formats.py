"""How columns look: number formats by kind, and once only what is a matter of taste.

A number format is a matter of meaning: a date must stay a date, and a room "0501" text. Where people chose another one
of the same sort it is kept. Widths, colours of headers, notes, groups and frozen rows are given to a column when the
set-up first meets it, and only where nobody chose any; after that they belong to people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lib.domain.records.fields import Column
from lib.i18n import t
from lib.store.schema import Tab
from lib.store.sheets.model.layout import HASH, PART, REV
from lib.store.sheets.model.number_formats import runs, wanted_format
from lib.store.sheets.model.updates import Request
from lib.store.sheets.setup.inspect import USUAL_WIDTH, Cell, PresentTab, cell_at

_KIN: Mapping[str, frozenset[str]] = {
    "date": frozenset({"DATE", "DATE_TIME"}),
    "time": frozenset({"DATE", "DATE_TIME", "TIME"}),
    "money": frozenset({"NUMBER", "CURRENCY", "PERCENT", "SCIENTIFIC"}),
}
"""By kind of column the sorts of format that do as well."""
TECHNICAL = (REV, HASH, PART)
_BLUE, _GREY = {"red": 0.85, "green": 0.91, "blue": 0.97}, {"red": 0.9, "green": 0.9, "blue": 0.9}


def unformatted(tab: PresentTab, schema_tab: Tab) -> list[str]:
    """The columns whose cells could be misread."""
    return [
        name
        for name, column in schema_tab.columns.items()
        if name in tab.places and wanted_format(column) and not _formatted(tab, tab.places[name], column)
    ]


def _formatted(tab: PresentTab, place: int, column: Column) -> bool:
    return all(_type_of(cell) in _KIN.get(column.kind, {"TEXT"}) for cell in tab.samples(place))


def _type_of(cell: Cell) -> str:
    return str(cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", ""))


def format_requests(tab: PresentTab, schema_tab: Tab, names: Iterable[str]) -> Iterator[Request]:
    """One request for each run of columns side by side with the same format."""
    by_place = {tab.places[name]: wanted_format(schema_tab.columns[name]) for name in names}
    for first, end, wanted in runs(by_place):
        kind, pattern = wanted
        cell = {"userEnteredFormat": {"numberFormat": {"type": kind, "pattern": pattern}}}
        yield {"repeatCell": {"range": tab.area(first, end), "cell": cell, "fields": "userEnteredFormat.numberFormat"}}


def look_requests(tab: PresentTab, schema_tab: Tab, names: Sequence[str]) -> Iterator[Request]:
    """Widths, headers, groups and frozen lines of columns that have not been met before."""
    columns = {name: schema_tab.columns[name] for name in names if name in schema_tab.columns}
    yield from _widths(tab, columns)
    yield from _headers(tab, columns)
    yield from _hidden(tab, [name for name in names if name in TECHNICAL])
    if len(columns) == len(schema_tab.columns):
        yield from _frozen(tab, schema_tab)
        if not tab.grouped:
            yield from _groups(tab, schema_tab)


def _widths(tab: PresentTab, columns: Mapping[str, Column]) -> Iterator[Request]:
    usual = {place for place, width in enumerate(tab.widths) if width != USUAL_WIDTH}
    by_place = {tab.places[name]: column.width for name, column in columns.items() if tab.places[name] not in usual}
    for first, end, width in runs(by_place):
        yield _dimension(tab, first, end, {"pixelSize": width})


def _dimension(tab: PresentTab, first: int, end: int, properties: Mapping[str, Any]) -> Request:
    lines = {"sheetId": tab.id, "dimension": "COLUMNS", "startIndex": first, "endIndex": end}
    update = {"range": lines, "properties": properties, "fields": ",".join(properties)}
    return {"updateDimensionProperties": update}


def _headers(tab: PresentTab, columns: Mapping[str, Column]) -> Iterator[Request]:
    """Blue where people may write, grey with a note where only the app does."""
    plain = {tab.places[name]: column for name, column in columns.items() if not _coloured(tab, tab.places[name])}
    for first, end, locked in runs({place: column.locked for place, column in plain.items()}):
        look = {
            "backgroundColor": _GREY if locked else _BLUE,
            "textFormat": {"bold": True},
            "wrapStrategy": "WRAP",
            "verticalAlignment": "MIDDLE",
        }
        area = {**tab.area(first, end, row=0), "endRowIndex": 1}
        fields = f"userEnteredFormat({','.join(look)})"
        yield {"repeatCell": {"range": area, "cell": {"userEnteredFormat": look}, "fields": fields}}
    silent = {place: column.locked for place, column in plain.items() if not cell_at(tab.header, place).get("note")}
    for first, end, locked in runs(silent):
        if locked:
            area = {**tab.area(first, end, row=0), "endRowIndex": 1}
            note = t("Only the app writes this column.")
            yield {"repeatCell": {"range": area, "cell": {"note": note}, "fields": "note"}}


def _coloured(tab: PresentTab, place: int) -> bool:
    return bool(cell_at(tab.header, place).get("userEnteredFormat", {}).get("backgroundColor"))


def _hidden(tab: PresentTab, names: Sequence[str]) -> Iterator[Request]:
    for first, end, _ in runs({tab.places[name]: True for name in names if name in tab.places}):
        yield _dimension(tab, first, end, {"hiddenByUser": True})


def _frozen(tab: PresentTab, schema_tab: Tab) -> Iterator[Request]:
    """The header, and the key where it stands first."""
    rows, columns = tab.frozen
    wanted = (rows or 1, columns or (1 if tab.places.get(schema_tab.key) == 0 else 0))
    if wanted != tab.frozen:
        grid = {"frozenRowCount": wanted[0], "frozenColumnCount": wanted[1]}
        properties = {"sheetId": tab.id, "gridProperties": grid}
        fields = "gridProperties(frozenRowCount,frozenColumnCount)"
        yield {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _groups(tab: PresentTab, schema_tab: Tab) -> Iterator[Request]:
    """Columns that belong together fold up behind the first of them: groups that touch would become one."""
    by_place = {tab.places[name]: column.group for name, column in schema_tab.columns.items()}
    for first, end, group in runs(by_place):
        if group and end - first > 1 and first > 0:
            lines = {"sheetId": tab.id, "dimension": "COLUMNS", "startIndex": first + 1, "endIndex": end}
            yield {"addDimensionGroup": {"range": lines}}
