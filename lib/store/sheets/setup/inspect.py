"""The spreadsheet as it stands, as far as the set-up has to know: looks and rules of tabs, of cells a sample.

What holds for a whole column is looked up in its first and its last row: rows that were added below without it show
there, and ten thousand rows need not be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from lib.store.schema import Tab
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.layout import META, Layout, Sheet, letter, places, quoted, sheet_id
from lib.store.sheets.model.tabs import sheet_tab

CHOICES, README = "_choices", "_readme"
"""Tabs of the set-up: what dropdowns offer (hidden), and what managers should know."""
USUAL_WIDTH = 100
Cell = Mapping[str, Any]

FIELDS = (
    "properties(title,locale,timeZone),sheets(properties(sheetId,title,index,hidden,gridProperties),protectedRanges,"
    "conditionalFormats,filterViews(filterViewId,range),columnGroups,data(startRow,rowData.values("
    "userEnteredValue,userEnteredFormat(numberFormat,backgroundColor),dataValidation,note),columnMetadata.pixelSize))"
)


@dataclass(frozen=True)
class PresentTab:
    """One tab. `first` and `last` are cells of its first row below the header and of its last row; `views` are the
    ranges of filter views by id."""

    name: str
    title: str
    rows: int
    columns: int
    fresh: bool = False
    frozen: tuple[int, int] = (0, 0)
    header: Sequence[Cell] = ()
    first: Sequence[Cell] = ()
    last: Sequence[Cell] = ()
    widths: Sequence[int] = ()
    protections: Sequence[Mapping[str, Any]] = ()
    rules: Sequence[Mapping[str, Any]] = ()
    views: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    grouped: bool = False

    @property
    def id(self) -> int:
        return sheet_id(self.name)

    @property
    def texts(self) -> list[str]:
        return [text_in(cell) for cell in self.header]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each field of ours stands."""
        return places(sheet_tab(self.name), self.texts)

    def samples(self, place: int) -> tuple[Cell, Cell]:
        return cell_at(self.first, place), cell_at(self.last, place)

    def area(self, first: int, end: int, *, row: int = 1) -> dict[str, int]:
        """Columns first..end-1 from a row on, however far the tab goes."""
        return {"sheetId": self.id, "startRowIndex": row, "startColumnIndex": first, "endColumnIndex": end}

    def with_columns(self, texts: Sequence[str]) -> "PresentTab":
        """The tab as it will be with more columns at its end."""
        header = [*self.header, *({"userEnteredValue": {"stringValue": text}} for text in texts)]
        return replace(self, header=header, columns=max(self.columns, len(header)))


@dataclass(frozen=True)
class Present:
    """The spreadsheet; tabs by name."""

    tabs: Mapping[str, PresentTab]
    time_zone: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str, place: int) -> str:
        """A column below its header as formulas and ranges want it, with its tab."""
        return f"{quoted(self.tabs[name].title)}!${letter(place)}$2:${letter(place)}"


def text_in(cell: Cell) -> str:
    value = cell.get("userEnteredValue", {})
    return str(next(iter(value.values()), ""))


def cell_at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else {}


def new_tab(name: str, title: str, texts: Sequence[str], rows: int, *, frozen: int = 1) -> PresentTab:
    """A tab that is about to be made."""
    tab = PresentTab(name, title, rows, len(texts), fresh=True, frozen=(frozen, 0))
    return tab.with_columns(texts)


def own_titles(metadata: Mapping[str, Any]) -> dict[str, Sheet]:
    """The tabs of ours that the layout does not know, by name."""
    names = {sheet_id(name): name for name in (CHOICES, README)}
    found = {}
    for sheet in metadata.get("sheets", ()):
        properties = sheet["properties"]
        name, grid = names.get(properties.get("sheetId", 0)), properties.get("gridProperties", {})
        if name:
            found[name] = Sheet(properties["title"], grid.get("rowCount", 0), grid.get("columnCount", 0))
    return found


def read_present(client: SheetsClient, layout: Layout, own: Mapping[str, Sheet]) -> tuple[Present, dict[str, Any]]:
    """The spreadsheet by one call, and beside it the raw answer."""
    sheets = {**layout.sheets, **own}
    ranges = [text for name, sheet in sheets.items() for text in _sample(name, sheet)]
    answer = client.metadata(FIELDS, ranges)
    names = {sheet_id(name): name for name in sheets}
    tabs = {
        names[sheet["properties"].get("sheetId", 0)]: _tab(names[sheet["properties"].get("sheetId", 0)], sheet)
        for sheet in answer.get("sheets", ())
    }
    return Present(tabs, answer.get("properties", {}).get("timeZone", "")), answer


def _sample(name: str, sheet: Sheet) -> list[str]:
    title = quoted(sheet.title)
    if name in (CHOICES, README):
        return [title]
    if name == META:
        return [f"{title}!A1"]
    last = max(sheet.rows, 1)
    return [f"{title}!1:{min(2, last)}", *([f"{title}!{last}:{last}"] if last > 2 else [])]


def _tab(name: str, sheet: Mapping[str, Any]) -> PresentTab:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    data = {part.get("startRow", 0): part for part in sheet.get("data", ())}
    top = data.get(0, {})
    rows = _rows(top)
    bottom = data.get(grid.get("rowCount", 0) - 1)
    last = rows[1:2] if bottom is None else _rows(bottom)[:1]
    return PresentTab(
        name,
        properties["title"],
        grid.get("rowCount", 0),
        grid.get("columnCount", 0),
        frozen=(grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)),
        header=rows[0] if rows else (),
        first=rows[1] if len(rows) > 1 else (),
        last=last[0] if last else (),
        widths=[column.get("pixelSize", USUAL_WIDTH) for column in top.get("columnMetadata", ())],
        protections=sheet.get("protectedRanges", ()),
        rules=sheet.get("conditionalFormats", ()),
        views={view.get("filterViewId", 0): view.get("range", {}) for view in sheet.get("filterViews", ())},
        grouped=bool(sheet.get("columnGroups")),
    )


def _rows(data: Mapping[str, Any]) -> list[Sequence[Cell]]:
    return [row.get("values", []) for row in data.get("rowData", ())]


def title_of(tab: Tab, language: str) -> str:
    return tab.label(language)


def covers(area: Mapping[str, int], place: int, *, row: int, rows: int) -> bool:
    """Whether an area goes over a column from a row to the end of the tab; Google may have closed what was open."""
    left, right = area.get("startColumnIndex", 0), area.get("endColumnIndex")
    top, bottom = area.get("startRowIndex", 0), area.get("endRowIndex")
    return left <= place and (right is None or place < right) and top <= row and (bottom is None or bottom >= rows)
