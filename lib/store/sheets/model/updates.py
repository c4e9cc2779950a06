"""Writing cells: every `updateCells` of a batchUpdate is made here, and the rows that `appendCells` takes."""

from collections.abc import Iterable, Mapping
from typing import Any

from lib.store.sheets.model.cells import Raw, extended

Request = dict[str, Any]
"""One request of a batchUpdate."""
VALUES = "userEnteredValue"


def row_data(rows: Iterable[Iterable[Raw]]) -> list[dict[str, Any]]:
    """Rows of typed values as a request has them."""
    return [{"values": [extended(raw) for raw in row]} for row in rows]


def write_from(sheet: int, row: int, column: int, rows: Iterable[Iterable[Raw]]) -> Request:
    """Write values from one cell on, to the right and down; "" empties a cell. Row and column count from 0."""
    return _update({"start": _start(sheet, row, column), "rows": row_data(rows)}, VALUES)


def write_styled(sheet: int, row: int, column: int, rows: Iterable[Iterable[Mapping[str, Any]]], look: str) -> Request:
    """The same for cells that bring their look along (CellData); `look` names the fields of it that are written."""
    data = [{"values": [*cells]} for cells in rows]
    return _update({"start": _start(sheet, row, column), "rows": data}, f"{VALUES},{look}")


def fill(area: Mapping[str, int], rows: Iterable[Iterable[Raw]] = ()) -> Request:
    """Write values into an area (GridRange), and empty what they leave of it."""
    data = row_data(rows)
    return _update({"range": area, **({"rows": data} if data else {})}, VALUES)


def _start(sheet: int, row: int, column: int) -> dict[str, int]:
    return {"sheetId": sheet, "rowIndex": row, "columnIndex": column}


def _update(what: Mapping[str, Any], fields: str) -> Request:
    return {"updateCells": {**what, "fields": fields}}
