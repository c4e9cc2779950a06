"""What a test does behind the server's back: faults, quota, and the manager who edits the sheet by hand."""

import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.google.batch.batch import Body, Work, run
from tests.google.book.a1 import Area, column_letters, column_number, quoted
from tests.google.book.grid import Sheet
from tests.google.book.values import Style, type_in, values
from tests.google.book.workbook import Workbook
from tests.google.drive.drive import OWNER_TOKEN, Store, permission
from tests.google.errors import out_of_quota


@dataclass
class Fault:
    """What happens to the next `times` requests that match; `when` says before or after the change is made.

    `status` answers with an error, `body` with this text (as 200, or as `status`) in place of Google's, `drop` closes
    the connection without an answer, `hang` keeps it open that many seconds and then closes it, `delay` answers that
    many seconds late, `manager` lets the manager act before the request is carried out:
    [["set", {"range": "案件!B2", "values": [["x"]]}], ...].
    """

    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    when: Literal["before", "after"] = "before"
    status: int | None = None
    body: str | None = None
    retry_after: int | None = None
    drop: bool = False
    hang: float = 0
    delay: float = 0
    manager: list[Any] = field(default_factory=list)
    spreadsheet: str | None = None

    def matches(self, method: str, path: str) -> bool:
        return (not self.method or self.method.upper() == method) and re.search(self.path, path) is not None


class Faults:
    """The faults that wait for their requests, in order."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    @property
    def waiting(self) -> int:
        return sum(fault.times for fault in self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if not fault.matches(method, path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


class Quota:
    """Requests of one user in any sixty seconds; None is no limit."""

    def __init__(self, reads: int | None = None, writes: int | None = None, retry_after: int | None = None) -> None:
        self.limits = {"read": reads, "write": writes}
        self.retry_after = retry_after
        self._spent: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def spend(self, kind: str, user: str) -> None:
        limit = self.limits.get(kind)
        if limit is None:
            return
        with self._lock:
            spent = self._spent.setdefault((kind, user), deque())
            at = time.monotonic()
            while spent and spent[0] <= at - 60:
                spent.popleft()
            if len(spent) >= limit:
                raise out_of_quota(kind.title(), limit, self.retry_after)
            spent.append(at)

    def refill(self) -> None:
        with self._lock:
            self._spent.clear()


class Log:
    """The requests that came, counted."""

    def __init__(self) -> None:
        self.entries: list[Body] = []
        self._lock = threading.Lock()

    def add(self, **entry: Any) -> None:
        with self._lock:
            self.entries.append(entry)

    def reset(self) -> None:
        with self._lock:
            self.entries = []

    def summary(self) -> Body:
        """Counts and bytes; a refused request counts as sent, under its kind and under refused."""
        entries = list(self.entries)
        kinds = {kind: sum(e["kind"] == kind for e in entries) for kind in ("read", "write", "drive", "token")}
        return {
            "reads": kinds["read"],
            "writes": kinds["write"],
            "drive": kinds["drive"],
            "tokens": kinds["token"],
            "requests": len(entries),
            "refused": sum(e["status"] >= 400 for e in entries),
            "bytes_in": sum(e["bytes_in"] for e in entries),
            "bytes_out": sum(e["bytes_out"] for e in entries),
            "largest_request": max((e["bytes_in"] for e in entries), default=0),
            "largest_response": max((e["bytes_out"] for e in entries), default=0),
            "entries": entries,
        }


class Manager:
    """Edits a spreadsheet by hand. Rows count from 1 as on the screen; columns go by header text or letter.

    Acts as the owner, whom no protection stops, or as `user`. Each call is one change of the file.
    """

    def __init__(self, store: Store, spreadsheet_id: str, user: str = OWNER_TOKEN) -> None:
        self.store, self.id, self.user = store, spreadsheet_id, user

    @property
    def book(self) -> Workbook:
        return self.store.files[self.id].book

    def _sheet(self, tab: str, book: Workbook | None = None) -> Sheet:
        sheet = (book or self.book).titled(tab)
        if sheet is None:
            raise LookupError(f"no tab {tab}")
        return sheet

    def column(self, tab: str, name: str) -> int:
        """The index of the column with that header, else of that letter."""
        sheet = self._sheet(tab)
        for column in range(sheet.column_count):
            if sheet.value(0, column) == name:
                return column
        if re.fullmatch(r"[A-Z]{1,3}", name):
            return column_number(name)
        raise LookupError(f"no column {name} in {tab}")

    def batch(self, *requests: Body) -> list[Body]:
        return self.store.change(self.id, self.user, lambda work: run(work, list(requests)))

    def rows(self, tab: str, *, render: str = "UNFORMATTED_VALUE") -> list[list[Any]]:
        """What stands on a tab now."""
        sheet = self._sheet(tab)
        return values(self.book, sheet, sheet.full(self.book.place(quoted(tab))[1]), Style(render))

    def row_of(self, tab: str, value: Any, *, column: str = "A") -> int:
        """The row, from 1, whose cell in a column holds the value."""
        at = self.column(tab, column)
        rows = self.rows(tab)
        found = next((n for n, row in enumerate(rows, 1) if at < len(row) and row[at] == value), 0)
        if not found:
            raise LookupError(f"no {value} in {tab}")
        return found

    def set(self, range: str, values: list[list[Any]], *, option: str = "USER_ENTERED") -> list[Any]:
        """Types values from the range's first cell on; the grid grows where needed. Returns what stood there."""

        def act(work: Work) -> list[Any]:
            before = []
            sheet, area = work.book.place(range)
            width = max(map(len, values), default=0)
            sheet.row_count = max(sheet.row_count, area.top + len(values))
            sheet.column_count = max(sheet.column_count, area.left + width)
            work.book.guard(work.user, sheet, Area(area.top, area.left, area.top + len(values), area.left + width))
            for r, row in enumerate(values, area.top):
                for c, item in enumerate(row, area.left):
                    if item is not None:
                        before.append(sheet.value(r, c))
                        type_in(sheet, r, c, item, option)
            return before

        return self.store.change(self.id, self.user, act)

    def set_cell(self, tab: str, row: int, column: str, value: Any) -> Any:
        """Returns what stood there."""
        return self.set(f"{quoted(tab)}!{column_letters(self.column(tab, column))}{row}", [[value]])[0]

    def set_beside(self, tab: str, key: str, column: str, value: Any, *, keys: str) -> Any:
        """Types into the row that bears this key in the column `keys`: the cell that somebody has clicked goes along
        with its row and its column. Returns what stood there."""
        return self.set_cell(tab, self.row_of(tab, key, column=keys), column, value)

    def note(self, tab: str, row: int, column: str, text: str) -> None:
        at = self.column(tab, column)
        start = {"sheetId": self._sheet(tab).id, "rowIndex": row - 1, "columnIndex": at}
        self.batch({"updateCells": {"start": start, "rows": [{"values": [{"note": text}]}], "fields": "note"}})

    def sort(self, tab: str, column: str, *, descending: bool = False, header_rows: int = 1) -> None:
        sheet = self._sheet(tab)
        area = {
            "sheetId": sheet.id,
            "startRowIndex": header_rows,
            "endRowIndex": max(sheet.filled_rows(), header_rows + 1),
        }
        order = "DESCENDING" if descending else "ASCENDING"
        spec = {"dimensionIndex": self.column(tab, column), "sortOrder": order}
        self.batch({"sortRange": {"range": area, "sortSpecs": [spec]}})

    def _lines(self, tab: str, dimension: str, start: int, count: int) -> Body:
        sheet_id = self._sheet(tab).id
        return {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": start + count}

    def insert_rows(self, tab: str, at: int, count: int = 1) -> None:
        """Empty rows above row `at`."""
        rows = self._lines(tab, "ROWS", at - 1, count)
        self.batch({"insertDimension": {"range": rows, "inheritFromBefore": at > 1}})

    def delete_rows(self, tab: str, at: int, count: int = 1) -> None:
        self.batch({"deleteDimension": {"range": self._lines(tab, "ROWS", at - 1, count)}})

    def move_rows(self, tab: str, at: int, to: int, count: int = 1) -> None:
        """The rows from `at` go above row `to`, counted before anything moves."""
        source = self._lines(tab, "ROWS", at - 1, count)
        self.batch({"moveDimension": {"source": source, "destinationIndex": to - 1}})

    def delete_header(self, tab: str) -> None:
        self.delete_rows(tab, 1)

    def add_column(self, tab: str, header: str, *, before: str | None = None) -> None:
        """A new column with a header, before another or after the last one that has a header."""
        sheet = self._sheet(tab)
        if before is not None:
            at = self.column(tab, before)
        else:
            first = sheet.row(0)
            at = len(first.values) if first else 0
        grown = {"insertDimension": {"range": self._lines(tab, "COLUMNS", at, 1), "inheritFromBefore": at > 0}}
        self.batch(grown)
        self.set(f"{quoted(tab)}!{column_letters(at)}1", [[header]])

    def move_column(self, tab: str, column: str, before: str) -> None:
        source = self._lines(tab, "COLUMNS", self.column(tab, column), 1)
        self.batch({"moveDimension": {"source": source, "destinationIndex": self.column(tab, before)}})

    def rename_column(self, tab: str, column: str, header: str) -> None:
        self.set(f"{quoted(tab)}!{column_letters(self.column(tab, column))}1", [[header]])

    def hide_column(self, tab: str, column: str) -> None:
        lines = self._lines(tab, "COLUMNS", self.column(tab, column), 1)
        hidden = {"range": lines, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
        self.batch({"updateDimensionProperties": hidden})

    def delete_column(self, tab: str, column: str) -> None:
        self.batch({"deleteDimension": {"range": self._lines(tab, "COLUMNS", self.column(tab, column), 1)}})

    def add_tab(self, tab: str) -> None:
        self.batch({"addSheet": {"properties": {"title": tab}}})

    def rename_tab(self, tab: str, title: str) -> None:
        changed = {"sheetId": self._sheet(tab).id, "title": title}
        self.batch({"updateSheetProperties": {"properties": changed, "fields": "title"}})

    def delete_tab(self, tab: str) -> None:
        self.batch({"deleteSheet": {"sheetId": self._sheet(tab).id}})

    def delete_spreadsheet(self) -> None:
        self.store.delete(self.store.files[self.id])

    def share(self, email: str, role: str = "writer") -> None:
        file = self.store.files[self.id]
        file.permissions.append(permission({"type": "user", "role": role, "emailAddress": email}))
        self.store.changed(file)

    def revoke(self, email: str) -> None:
        """Takes access away, the owner's too: the file then belongs to somebody else."""
        file = self.store.files[self.id]
        file.permissions = [p for p in file.permissions if p.get("emailAddress") != email]
        if file.owner == email:
            file.owner = "somebody.else@loopback.test"
            file.permissions.append(permission({"type": "user", "role": "owner", "emailAddress": file.owner}))
        self.store.changed(file)

    def play(self, steps: list[Any]) -> list[Any]:
        """Steps named as the methods above: [["sort", {"tab": "案件", "column": "A"}], ...]. Nobody comes between them,
        nor between finding a row or column and acting on it."""
        results = []
        with self.store.lock:
            for name, arguments in steps:
                if name not in STEPS:
                    raise LookupError(f"the manager cannot {name}")
                results.append(getattr(self, name)(**arguments))
        return results


STEPS = frozenset(
    name for name in vars(Manager) if not name.startswith("_") and name not in {"book", "play", "batch", "column"}
)
