"""The requests of a batch that change rows and columns."""

from typing import Any
from unicodedata import east_asian_width

from tests.google.batch.batch import Body, Work, mask_of, request
from tests.google.book.a1 import Area
from tests.google.book.cells import shown
from tests.google.book.grid import LETTER_PIXELS, ROW_PIXELS, Sheet, refuse_cells
from tests.google.book.shifts import Delete, Insert, Move
from tests.google.drive.discovery import patched
from tests.google.errors import Refusal


def lines(work: Work, body: Body) -> tuple[Sheet, str, int, int]:
    """Sheet, dimension, start and end of a DimensionRange."""
    sheet, dimension = work.sheet(body), body.get("dimension", "ROWS")
    return sheet, dimension, body.get("startIndex", 0), body.get("endIndex", sheet.count(dimension))


def across(dimension: str, start: int, end: int | None) -> Area:
    """The area that whole rows or columns cover."""
    return Area(start, 0, end, None) if dimension == "ROWS" else Area(0, start, None, end)


def _room(work: Work, sheet: Sheet, dimension: str, count: int) -> None:
    other = sheet.column_count if dimension == "ROWS" else sheet.row_count
    refuse_cells(work.book.cells() + count * other)


@request("appendDimension")
def append_dimension(work: Work, body: Body) -> None:
    sheet, dimension, length = work.sheet(body), body["dimension"], body.get("length", 0)
    _room(work, sheet, dimension, length)
    if dimension == "ROWS":
        sheet.row_count += length
    else:
        sheet.column_count += length


@request("insertDimension")
def insert_dimension(work: Work, body: Body) -> None:
    sheet, dimension, start, end = lines(work, body["range"])
    before, size = body.get("inheritFromBefore", False), sheet.count(dimension)
    if start > size or (start == size and not before):
        raise Refusal(
            f"range.startIndex[{start}] must be less than the grid size[{size}] if inheritFromBefore is false."
        )
    if before and start == 0:
        raise Refusal("inheritFromBefore cannot be true if startIndex is 0.")
    _room(work, sheet, dimension, end - start)
    work.book.guard_insert(work.user, sheet, dimension, start)
    sheet.insert(dimension, start, end - start, like_before=before)
    work.book.shift(sheet, dimension, Insert(start, end - start))


@request("deleteDimension")
def delete_dimension(work: Work, body: Body) -> None:
    sheet, dimension, start, end = lines(work, body["range"])
    size, noun = sheet.count(dimension), "row" if dimension == "ROWS" else "column"
    if end > size:
        raise Refusal(
            f"Cannot delete a {noun} that doesn't exist. "
            f"Tried to delete {noun} index {max(start, size)} but there are only {size} {noun}s."
        )
    frozen = sheet.properties.get("gridProperties", {}).get(f"frozen{noun.title()}Count", 0)
    if end - start == size:
        raise Refusal(f"You can't delete all the {noun}s on the sheet.")
    if start <= frozen and end == size:
        raise Refusal(f"Sorry, it is not possible to delete all non-frozen {noun}s.")
    work.book.guard(work.user, sheet, across(dimension, start, end))
    sheet.delete(dimension, start, end)
    work.book.shift(sheet, dimension, Delete(start, end))


@request("moveDimension")
def move_dimension(work: Work, body: Body) -> None:
    sheet, dimension, start, end = lines(work, body["source"])
    to = body.get("destinationIndex", 0)
    if start < to < end or to > sheet.count(dimension) or end > sheet.count(dimension):
        raise Refusal("The destination index lies inside the source or beyond the grid.")
    work.book.guard(work.user, sheet, across(dimension, start, end))
    work.book.guard_insert(work.user, sheet, dimension, to)
    sheet.move(dimension, start, end, to)
    work.book.shift(sheet, dimension, Move(start, end, to))


@request("updateDimensionProperties")
def update_dimension_properties(work: Work, body: Body) -> None:
    sheet, dimension, start, end = lines(work, body["range"])
    mask, own = mask_of(body), sheet.lines[dimension]
    for index in range(start, min(end, sheet.count(dimension))):
        own[index] = patched(own.get(index, {}), body.get("properties", {}), mask)


@request("autoResizeDimensions")
def auto_resize(work: Work, body: Body) -> None:
    sheet, dimension, start, end = lines(work, body["dimensions"])
    for index in range(start, min(end, sheet.count(dimension))):
        if size := _fitting(work, sheet, dimension, index):
            sheet.lines[dimension][index] = sheet.lines[dimension].get(index, {}) | {"pixelSize": size}


def _fitting(work: Work, sheet: Sheet, dimension: str, index: int) -> int:
    """Pixels that the longest line in a column, or the lines in a row, take in the usual font; 0 where it is empty."""
    cells = sheet.filled(sheet.full(across(dimension, index, index + 1)))
    texts = [shown(work.book.effective(sheet, value), sheet.look(row, column)) for row, column, value in cells]
    if dimension == "ROWS":
        return max((ROW_PIXELS * len(text.split("\n")) for text in texts), default=0)
    return round(max((LETTER_PIXELS * _letters(line) for text in texts for line in text.split("\n")), default=0))


def _letters(line: str) -> int:
    """How many letters A are as wide as a line, where Chinese characters are as wide as two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def _groups(sheet: Sheet, dimension: str) -> list[dict[str, Any]]:
    return sheet.extras.setdefault("rowGroups" if dimension == "ROWS" else "columnGroups", [])


def _span(group: Body) -> tuple[int, int]:
    return group["range"].get("startIndex", 0), group["range"]["endIndex"]


def _regrouped(groups: list[Body]) -> list[Body]:
    """Groups in order, each as deep as the groups around it make it."""
    groups.sort(key=lambda g: (_span(g)[0], -_span(g)[1]))
    result = []
    for index, group in enumerate(groups):
        start, end = _span(group)
        around = sum(_span(g)[0] <= start and end <= _span(g)[1] for g in groups[:index])
        result.append(group | {"depth": around + 1})
    return result


@request("addDimensionGroup")
def add_dimension_group(work: Work, body: Body) -> Body:
    sheet, dimension, start, end = lines(work, body["range"])
    groups = _groups(sheet, dimension)
    sheet.say_once("rowGroupControlAfter" if dimension == "ROWS" else "columnGroupControlAfter")
    area = {"sheetId": sheet.id, "dimension": dimension, "startIndex": start, "endIndex": end}
    groups[:] = _regrouped([*groups, {"range": area}])
    return {"dimensionGroups": list(groups)}


@request("deleteDimensionGroup")
def delete_dimension_group(work: Work, body: Body) -> Body:
    sheet, dimension, start, end = lines(work, body["range"])
    groups = _groups(sheet, dimension)
    same = [g for g in groups if _span(g) == (start, end)]
    if not same:
        raise Refusal("No group exists at the given range.")
    groups.remove(same[-1])
    groups[:] = _regrouped(groups)
    return {"dimensionGroups": list(groups)}


@request("updateDimensionGroup")
def update_dimension_group(work: Work, body: Body) -> None:
    wanted = body["dimensionGroup"]
    sheet, dimension, start, end = lines(work, wanted["range"])
    groups = _groups(sheet, dimension)
    at = [i for i, g in enumerate(groups) if _span(g) == (start, end) and g["depth"] == wanted.get("depth", 1)]
    if not at:
        raise Refusal("No group exists at the given range and depth.")
    groups[at[0]] = patched(groups[at[0]], wanted, mask_of(body))
