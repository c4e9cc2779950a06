"""The files: spreadsheets with their permissions and versions, as Drive v3 shows them, and their keeping on disk."""

import json
import secrets
import threading
from collections.abc import Callable, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tests.google.batch.batch import Body, Rules, Work
from tests.google.book.cells import Formula
from tests.google.book.grid import Row, Sheet
from tests.google.book.workbook import User, Workbook
from tests.google.errors import denied, drive_denied, drive_missing, missing

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
OWNER_TOKEN = "owner"
_ROLES = ("owner", "organizer", "fileOrganizer", "writer", "commenter", "reader")
T = TypeVar("T")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class File:
    """A spreadsheet in Drive."""

    def __init__(self, book: Workbook, owner: str) -> None:
        self.book, self.owner = book, owner
        self.version = 1
        self.created = self.modified = now()
        self.parents: list[str] = []
        self.comments: list[Body] = []
        self.permissions = [permission({"type": "user", "role": "owner", "emailAddress": owner})]

    def touch(self) -> None:
        self.version += 1
        self.modified = now()

    def user(self, email: str, groups: Set[str] = frozenset()) -> User | None:
        """The caller, a member of groups, with the best role that a permission gives; None without access."""
        if email == OWNER_TOKEN:
            return User(self.owner, "owner")
        known = {email, *groups}
        roles = [p["role"] for p in self.permissions if p["type"] == "anyone" or p.get("emailAddress") in known]
        role = min(roles, key=_ROLES.index, default=None)
        return User(email, role, groups, self.owner.rpartition("@")[2]) if role else None

    @property
    def editors(self) -> list[str]:
        """The addresses that may change it, the owner's first."""
        may = [p["emailAddress"] for p in self.permissions if p.get("emailAddress") and User("", p["role"]).writes]
        return list(dict.fromkeys([self.owner, *may]))

    def shown(self) -> Body:
        return {
            "kind": "drive#file",
            "id": self.book.id,
            "name": self.book.properties["title"],
            "mimeType": SPREADSHEET,
            "version": str(self.version),
            "createdTime": self.created,
            "modifiedTime": self.modified,
            "trashed": False,
            "parents": self.parents,
            "owners": [{"kind": "drive#user", "emailAddress": self.owner}],
            "permissions": self.permissions,
            "webViewLink": f"https://docs.google.com/spreadsheets/d/{self.book.id}/edit",
        }


def permission(wanted: Body) -> Body:
    kept = {k: wanted[k] for k in ("type", "role", "emailAddress", "domain") if wanted.get(k)}
    return {"kind": "drive#permission", "id": str(secrets.randbelow(10**20))} | kept


class Store:
    """All files. Readers take the committed workbook; writers queue, work on a fork and put it in its place."""

    def __init__(self, state: Path | None = None) -> None:
        self.files: dict[str, File] = {}
        self.rules = Rules()
        self.groups: dict[str, set[str]] = {}  # members by the address of their group
        self.lock = threading.RLock()
        self._state = state
        self._dirty = threading.Event()
        if state and state.exists():
            self._load(json.loads(state.read_text(encoding="utf-8")))

    def create(self, owner: str, properties: Body) -> File:
        spreadsheet_id = secrets.token_urlsafe(33)
        book = Workbook(spreadsheet_id, {"title": "Untitled spreadsheet"} | properties)
        book.add({"sheetId": 0, "title": "Sheet1", "gridProperties": {}})
        return self.keep(File(book, owner))

    def keep(self, file: File) -> File:
        with self.lock:
            self.files[file.book.id] = file
            self._dirty.set()
        return file

    def changed(self, file: File) -> None:
        with self.lock:
            file.touch()
            self._dirty.set()

    def delete(self, file: File) -> None:
        with self.lock:
            del self.files[file.book.id]
            self._dirty.set()

    def reader(self, spreadsheet_id: str, email: str) -> tuple[File, User]:
        file = self.files.get(spreadsheet_id)
        if file is None:
            raise missing()
        user = file.user(email, self._groups_of(email))
        if user is None:
            raise denied()
        return file, user

    def _groups_of(self, email: str) -> frozenset[str]:
        return frozenset(group for group, members in self.groups.items() if email in members)

    def look(self, spreadsheet_id: str, email: str) -> Work:
        """The committed workbook, for reading only."""
        file, user = self.reader(spreadsheet_id, email)
        return Work(file.book, user, self.rules, file.editors)

    def change(self, spreadsheet_id: str, email: str, act: Callable[[Work], T]) -> T:
        """Applies `act` to a fork; what it raises leaves the file as it was."""
        with self.lock:
            file, user = self.reader(spreadsheet_id, email)
            if not user.writes:
                raise denied()
            work = Work(file.book.fork(), user, self.rules, file.editors)
            result = act(work)
            file.book = work.book
            self.changed(file)
            return result

    def file(self, file_id: str, email: str, *, writes: bool = False) -> File:
        """A file as Drive gives it: without access it is not found."""
        file = self.files.get(file_id)
        user = file.user(email, self._groups_of(email)) if file else None
        if file is None or user is None:
            raise drive_missing(file_id)
        if writes and not user.writes:
            raise drive_denied(file_id)
        return file

    # Keeping

    def save_until(self, ended: threading.Event) -> None:
        """Writes changes to the state file twice a second until `ended` is set, and then once more."""
        while not ended.wait(0.5):
            self.save()
        self.save()

    def save(self) -> None:
        if self._state is None or not self._dirty.is_set():
            return
        self._dirty.clear()
        with self.lock:
            files = [(file, file.book, dict(vars(file))) for file in self.files.values()]
        body = json.dumps([_dumped(book, state) for _, book, state in files], ensure_ascii=False)
        beside = self._state.with_suffix(".writing")
        beside.write_text(body, encoding="utf-8")
        beside.replace(self._state)

    def _load(self, files: list[Body]) -> None:
        for body in files:
            file = File(_loaded(body.pop("book")), body["owner"])
            vars(file).update(body)
            self.files[file.book.id] = file


def _dumped(book: Workbook, state: Body) -> Body:
    return state | {
        "book": {
            "id": book.id,
            "properties": book.properties,
            "named": book.named,
            "metadata": list(book.metadata.values()),
            "projects": list(book.projects.items()),
            "sheets": [_dumped_sheet(sheet) for sheet in book.sheets],
        }
    }


def _dumped_sheet(sheet: Sheet) -> Body:
    looks: dict[int, int] = {}
    distinct: list[Any] = []

    def place(look: Any) -> int:
        if id(look) not in looks:
            looks[id(look)] = len(distinct)
            distinct.append(look)
        return looks[id(look)]

    rows = [
        row and [[{"f": v.text} if isinstance(v, Formula) else v for v in row.values], [place(k) for k in row.looks]]
        for row in sheet.rows
    ]
    size = {"row_count": sheet.row_count, "column_count": sheet.column_count}
    lines = {dimension: list(lines.items()) for dimension, lines in sheet.lines.items()}
    return size | {
        "properties": sheet.properties, "extras": sheet.extras, "lines": lines, "rows": rows, "looks": distinct
    }  # fmt: skip


def _loaded(body: Body) -> Workbook:
    book = Workbook(body["id"], body["properties"])
    book.named, book.metadata = body["named"], {m["metadataId"]: m for m in body["metadata"]}
    book.projects = dict(map(tuple, body["projects"]))
    book.sheets = [_loaded_sheet(sheet) for sheet in body["sheets"]]
    return book


def _loaded_sheet(body: Body) -> Sheet:
    sheet = Sheet(body["properties"])
    sheet.row_count, sheet.column_count = body["row_count"], body["column_count"]
    sheet.extras = body["extras"]
    sheet.lines = {dimension: dict(map(tuple, lines)) for dimension, lines in body["lines"].items()}
    for kept in body["rows"]:
        values = kept and [Formula(v["f"]) if isinstance(v, dict) else v for v in kept[0]]
        sheet.rows.append(kept and Row(values, [body["looks"][n] for n in kept[1]], sheet.token))
    return sheet
