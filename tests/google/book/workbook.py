"""A spreadsheet: tabs, named ranges, developer metadata, and who may change what."""

import random
from collections.abc import Hashable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from tests.google.book import formulas
from tests.google.book.a1 import Area, area_of, parse_cells, split_title
from tests.google.book.cells import Formula
from tests.google.book.grid import Sheet
from tests.google.book.shifts import Shift, shifted_lines, shifted_range
from tests.google.errors import PROTECTED, Refusal, invalid

METADATA_BUDGET = 30_000
BLACK: dict[str, Any] = {}
WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": BLACK,
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": BLACK},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}


def some_id() -> int:
    return random.randrange(1, 2**31)


class Workbook:
    """Committed workbooks are never changed: a writer forks one, changes the fork, and puts it in its place."""

    def __init__(self, spreadsheet_id: str, properties: dict[str, Any]) -> None:
        self.id = spreadsheet_id
        self.properties = {"locale": "en_US", "autoRecalc": "ON_CHANGE", "timeZone": "Etc/GMT"} | properties
        self.sheets: list[Sheet] = []
        self.named: dict[str, dict[str, Any]] = {}
        self.metadata: dict[int, dict[str, Any]] = {}
        self.projects: dict[int, str] = {}  # who made a piece of metadata, by its id
        self.answered: dict[Hashable, bytes] = {}  # what was worked out for readers

    def fork(self) -> "Workbook":
        twin = Workbook(self.id, self.properties)
        twin.sheets = [sheet.fork() for sheet in self.sheets]
        twin.named, twin.metadata, twin.projects = dict(self.named), dict(self.metadata), dict(self.projects)
        return twin

    def add(self, properties: dict[str, Any], *, at: int | None = None) -> Sheet:
        wanted = properties.get("title") or self.free_title("Sheet")
        if any(sheet.title.casefold() == wanted.casefold() for sheet in self.sheets):
            raise Refusal(f'A sheet with the name "{wanted}" already exists. Please enter another name.')
        sheet_id = properties.get("sheetId", some_id())
        if any(sheet.id == sheet_id for sheet in self.sheets):
            raise Refusal(f"A sheet with ID {sheet_id} already exists. Please enter another ID.")
        sheet = Sheet({k: v for k, v in properties.items() if k != "index"} | {"sheetId": sheet_id, "title": wanted})
        self.sheets.insert(len(self.sheets) if at is None else at, sheet)
        return sheet

    def free_title(self, stem: str) -> str:
        taken = {sheet.title for sheet in self.sheets}
        return next(f"{stem}{n}" for n in range(1, len(taken) + 2) if f"{stem}{n}" not in taken)

    def cells(self) -> int:
        return sum(sheet.row_count * sheet.column_count for sheet in self.sheets)

    def sheet(self, sheet_id: int, kind: str = "grid") -> Sheet:
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise Refusal(f"No {kind} with id: {sheet_id}")

    def titled(self, title: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    def place(self, text: str) -> tuple[Sheet, Area]:
        """What a range in A1 notation, a tab's name or a named range points at; the area may have open ends."""
        try:
            title, cells = split_title(text)
            if title is not None:
                sheet = self.titled(title)
                if sheet is None:
                    raise ValueError(text)
                return self._named_on(sheet, cells) if cells else (sheet, Area())
            return self._loose(text)
        except ValueError:
            raise invalid(f"Unable to parse range: {text}") from None

    def _loose(self, text: str) -> tuple[Sheet, Area]:
        if sheet := self.titled(text):
            return sheet, Area()
        return self._named_on(self.sheets[0], text)

    def _named_on(self, sheet: Sheet, text: str) -> tuple[Sheet, Area]:
        """A named range, which Google also finds behind a tab's name, or else cells of the tab."""
        for named in self.named.values():
            if named["name"].casefold() == text.casefold():
                return self.sheet(named["range"].get("sheetId", 0)), area_of(named["range"])
        return sheet, parse_cells(text)

    def effective(self, sheet: Sheet, value: Any, depth: int = 0) -> Any:
        """The value that a cell shows: formulas worked out as far as formulas.py goes."""
        if not isinstance(value, Formula):
            return value

        def lookup(text: str) -> list[Any]:
            title, _ = split_title(text)
            where, area = self.place(text) if title is not None else (sheet, parse_cells(text))
            return [self.effective(where, v, depth + 1) for _, _, v in where.filled(where.full(area))]

        try:
            return formulas.result(value, lookup, depth)
        except ValueError:
            return formulas.NAME

    # Protection

    def guard(self, user: "User", sheet: Sheet, area: Area) -> None:
        """Refuses a change of cells that somebody else protected."""
        for item in sheet.extras.get("protectedRanges", []):
            if self.locked(user, item) and any(area.meets(part) for part in self._locked_parts(item, area)):
                raise Refusal(PROTECTED)

    def guard_insert(self, user: "User", sheet: Sheet, dimension: str, at: int) -> None:
        """Refuses new lines strictly inside a protected range."""
        for item in sheet.extras.get("protectedRanges", []):
            area = area_of(self.protected_range(item))
            first, last = (area.top, area.bottom) if dimension == "ROWS" else (area.left, area.right)
            if self.locked(user, item) and first < at and (last is None or at < last):
                raise Refusal(PROTECTED)

    def locked(self, user: "User", protection: dict[str, Any]) -> bool:
        return not (user.owner or protection.get("warningOnly") or user.is_among(protection.get("editors") or {}))

    def protected_range(self, item: dict[str, Any]) -> dict[str, Any]:
        named = self.named.get(item.get("namedRangeId", ""))
        return named["range"] if named else item.get("range", {})

    def _locked_parts(self, item: dict[str, Any], touched: Area) -> Iterator[Area]:
        free = [area_of(r) for r in item.get("unprotectedRanges", [])]
        if not any(_covers(part, touched) for part in free):
            yield area_of(self.protected_range(item))

    # Developer metadata and named ranges follow their lines

    def shift(self, sheet: Sheet, dimension: str, shift: Shift) -> None:
        for key, named in list(self.named.items()):
            if named["range"].get("sheetId", 0) == sheet.id:
                area = shifted_range(named["range"], dimension, shift)
                self._replace(self.named, key, area and named | {"range": area})
        for key, item in list(self.metadata.items()):
            lines = item["location"].get("dimensionRange")
            if lines and lines.get("sheetId", 0) == sheet.id:
                moved = shifted_lines(lines, dimension, shift)
                new = moved and item | {"location": item["location"] | {"dimensionRange": moved}}
                self._replace(self.metadata, key, new)

    @staticmethod
    def _replace(items: dict[Any, Any], key: Any, new: Any) -> None:
        if new is None:
            del items[key]
        else:
            items[key] = new

    def forget(self, sheet: Sheet) -> None:
        """Drops a tab and what points at it."""
        self.sheets.remove(sheet)
        self.named = {k: n for k, n in self.named.items() if n["range"].get("sheetId", 0) != sheet.id}
        self.metadata = {k: m for k, m in self.metadata.items() if located_on(m) != sheet.id}

    def spent(self, sheet_id: int | None) -> int:
        """Characters of metadata on a sheet, or on the spreadsheet itself."""
        items = (m for m in self.metadata.values() if located_on(m) == sheet_id)
        return sum(len(m.get("metadataKey", "")) + len(m.get("metadataValue", "")) for m in items)


@dataclass(frozen=True)
class User:
    """Who calls, as far as one spreadsheet is concerned, whose domain is that of its owner."""

    email: str
    role: str
    groups: Set[str] = frozenset()
    domain: str = ""

    def is_among(self, editors: dict[str, Any]) -> bool:
        """Whether the Editors of a protected range name this caller, a group that they are in, or the domain."""
        named = self.email in editors.get("users", ()) or not self.groups.isdisjoint(editors.get("groups", ()))
        return named or (bool(editors.get("domainUsersCanEdit")) and self.email.endswith(f"@{self.domain}"))

    @property
    def project(self) -> str:
        """Accounts of one domain are of one project, as name@project.iam.gserviceaccount.com are."""
        return self.email.rpartition("@")[2]

    @property
    def owner(self) -> bool:
        return self.role == "owner"

    @property
    def writes(self) -> bool:
        return self.role in {"owner", "organizer", "fileOrganizer", "writer"}


def located_on(metadata: dict[str, Any]) -> int | None:
    """The sheet that metadata belongs to; None for the spreadsheet."""
    location = metadata["location"]
    if location.get("spreadsheet"):
        return None
    lines = location.get("dimensionRange")
    return lines.get("sheetId", 0) if lines else location.get("sheetId", 0)


def _covers(part: Area, touched: Area) -> bool:
    return (
        part.top <= touched.top
        and part.left <= touched.left
        and (part.bottom is None or (touched.bottom is not None and touched.bottom <= part.bottom))
        and (part.right is None or (touched.right is not None and touched.right <= part.right))
    )
