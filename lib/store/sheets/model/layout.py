"""Where things are in the spreadsheet: tabs by sheet id, columns by header; and the least that the store needs of both.

A tab keeps its id when it is renamed or moved, so ids are given out by us. Columns may stand in any order, with a
header in Chinese, in English, or the field's key; columns that are not ours are left alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

from gspread.utils import rowcol_to_a1

from lib.domain.records.extras import extra_name, header_of
from lib.domain.text.cleaning import folded
from lib.errors import HeaderMissing, HeaderTwice, TabMissing
from lib.store.schema import HISTORY, SCHEMA, Schema, Tab
from lib.store.sheets.model.tabs import sheet_tabs
from lib.store.sheets.model.updates import Request, write_from

REV, HASH, PART = "_rev", "_hash", "_part"
META = "_casesheet"
"""The tab of the app's own: the sequence, and the journal (see `lib.store.sheets.model.meta`)."""
ROWS = 200  # of a new tab; appending makes more
SPARE = 24  # empty columns behind a tab's own: where these go when people insert others before them in mid-write


def sheet_id(name: str) -> int:
    """The id of a tab in every spreadsheet of ours."""
    return 1_000 + crc32(name.encode()) % 2_000_000_000


def quoted(title: str) -> str:
    """A tab's title as ranges want it."""
    return "'" + title.replace("'", "''") + "'"


def letter(place: int) -> str:
    """The letters of a column by its place from 0."""
    return str(rowcol_to_a1(1, place + 1)).rstrip("1")


def technical(name: str) -> tuple[str, ...]:
    """The columns of a tab that are no field of its record."""
    return (PART,) if name == HISTORY else (REV, HASH)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One tab as the spreadsheet has it."""

    title: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The tabs that are there, by name."""

    sheets: Mapping[str, Sheet]

    def range(self, name: str, cells: str = "") -> str:
        """A range for reading. Raises TabMissing."""
        if name not in self.sheets:
            raise TabMissing(name)
        return quoted(self.sheets[name].title) + (f"!{cells}" if cells else "")

    def require(self, names: Sequence[str]) -> None:
        """Raises TabMissing for the first tab that is not there."""
        for name in names:
            if name not in self.sheets:
                raise TabMissing(name)


FIELDS = "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"


def read_layout(metadata: Mapping[str, Any]) -> Layout:
    """The layout from the spreadsheet's properties."""
    names = {sheet_id(name): name for name in (*sheet_tabs(SCHEMA), META)}
    found = {}
    for sheet in metadata.get("sheets", ()):
        properties = sheet["properties"]
        name = names.get(properties.get("sheetId", 0))
        if name:
            grid = properties.get("gridProperties", {})
            found[name] = Sheet(properties["title"], grid.get("rowCount", 0), grid.get("columnCount", 0))
    return Layout(found)


def headers(tab: Tab, language: str) -> list[str]:
    """The header row of a new tab."""
    mine = _texts(tab)
    labels = [(name, column.label(language)) for name, column in tab.columns.items()]
    return [*(label if mine.get(folded(label)) == name else name for name, label in labels), *technical(tab.name)]


def places(tab: Tab, header: Sequence[Any]) -> dict[str, int]:
    """Where each field, extra and technical column stands, and those of a later version; of a header that comes twice,
    the first counts.

    A tab that is not for people has no extra columns.
    """
    mine = _texts(tab)
    found: dict[str, int] = {}
    for place, text in enumerate(header):
        name = mine.get(folded(str(text)))
        if name is None and not tab.technical:
            name = extra_name(str(text))
        if name:
            found.setdefault(name, place)
    return found


def all_places(tab: Tab, header: Sequence[Any]) -> dict[str, int]:
    """The same, or HeaderMissing where a field has none and HeaderTwice where several bear its header: what stands in
    the wrong one would be taken for the record's. A custom field without a column is empty."""
    found = places(tab, header)
    missing = [name for name in (*tab.own, *technical(tab.name)) if name not in found]
    if missing:
        raise HeaderMissing(tab.name, missing)
    if twice := headed_twice(tab, header):
        raise HeaderTwice(tab.name, twice)
    return found


def headed_twice(tab: Tab, header: Sequence[Any]) -> list[str]:
    """The fields and technical columns whose header, in whichever language, stands over several columns."""
    mine = _texts(tab)
    met = Counter(mine.get(folded(str(text))) for text in header)
    return [name for name in (*tab.columns, *technical(tab.name)) if met[name] > 1]


@cache
def _texts(tab: Tab) -> Mapping[str, str]:
    """{text of a header: field}. A label that two columns share stands for neither: they go by their keys."""
    known = {**tab.columns, **{column.key: column for column in tab.later}}
    found = {folded(header_of(name)): name for name in (*known, *technical(tab.name))}
    labels = [(folded(text), name) for name, column in known.items() for text in (column.zh, column.en)]
    for text, name in labels:
        if not any(other == text and whose != name for other, whose in labels):
            found.setdefault(text, name)
    return found


def new_tab(tab: Tab, language: str, index: int) -> Iterator[Request]:
    """The requests that make one tab with its header. What makes it pleasant for people is added by the set-up."""
    texts = headers(tab, language)
    title = tab.label(language)
    yield add_sheet(tab.name, title, rows=ROWS, columns=len(texts) + SPARE, index=index, hidden=tab.technical, frozen=1)
    yield write_header(tab.name, 0, texts)


def add_sheet(name: str, title: str, *, rows: int, columns: int, index: int, hidden: bool, frozen: int) -> Request:
    grid = {"rowCount": rows, "columnCount": columns} | ({"frozenRowCount": frozen} if frozen else {})
    properties = {"sheetId": sheet_id(name), "title": title, "index": index, "gridProperties": grid}
    return {"addSheet": {"properties": properties | ({"hidden": True} if hidden else {})}}


def write_header(name: str, place: int, texts: Sequence[str]) -> Request:
    return write_from(sheet_id(name), 0, place, [texts])


def more_columns(name: str, place: int, texts: Sequence[str], sheet: Sheet) -> Iterator[Request]:
    """The requests that add columns at the end of a tab."""
    lacking = place + len(texts) - sheet.columns
    if lacking > 0:
        yield {"appendDimension": {"sheetId": sheet_id(name), "dimension": "COLUMNS", "length": lacking}}
    yield write_header(name, place, texts)


def missing_columns(schema: Schema, name: str, header: Sequence[Any]) -> list[str]:
    """The columns of a tab that its header row does not have."""
    found = places(schema[name], header)
    return [key for key in (*schema[name].columns, *technical(name)) if key not in found]
