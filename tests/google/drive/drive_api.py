"""The calls of the Drive API that gspread makes: files, permissions, comments, and a table of text put in."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.google.batch.batch import Body, Work
from tests.google.book.values import type_in
from tests.google.book.workbook import Workbook, some_id
from tests.google.drive.discovery import Checker, Mask, masked, parse_mask
from tests.google.drive.drive import OWNER_TOKEN, SPREADSHEET, File, Store, permission
from tests.google.drive.exporting import export
from tests.google.errors import GoogleError, drive_denied

_FILE_FIELDS = "kind,id,name,mimeType"
_LIST_FIELDS = f"kind,nextPageToken,incompleteSearch,files({_FILE_FIELDS})"
_PERMISSION_FIELDS = "kind,id,type,role"


@dataclass
class Call:
    """One request: who sent it, the names in its path, its parameters and its body."""

    store: Store
    email: str
    names: dict[str, str]
    params: dict[str, str]
    body: Body
    checker: Checker
    content: bytes = b""

    def file(self, *, writes: bool = False) -> File:
        return self.store.file(self.names["fileId"], self.email, writes=writes)

    def answer(self, schema: str, value: Body, fields: str) -> Body:
        """The part of a message that `fields` asks for, or Drive's usual part."""
        mask = parse_mask(self.params.get("fields", fields))
        _refuse_unknown(self.checker, schema, mask)
        return masked(value, mask)


def _refuse_unknown(checker: Checker, schema: str, mask: Mask) -> None:
    try:
        checker.known(schema, mask)
    except LookupError as unknown:
        message = f"Invalid field selection {unknown.args[0]}"
        reason = {"domain": "global", "reason": "invalidParameter", "message": message}
        place = {"locationType": "parameter", "location": "fields"}
        raise GoogleError(400, {"errors": [reason | place], "code": 400, "message": message}) from None


@dataclass(frozen=True)
class Download:
    """An answer that is a file."""

    content: bytes
    mime: str


Handler = Callable[[Call], Body | Download | None]


@dataclass(frozen=True)
class Route:
    verb: str
    path: re.Pattern[str]
    schema: str | None
    handler: Handler


ROUTES: list[Route] = []
_FILES = "/drive/v3/files"
_FILE = _FILES + "/(?P<fileId>[^/]+)"


def route(verb: str, path: str, schema: str | None) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        ROUTES.append(Route(verb, re.compile(path), schema, handler))
        return handler

    return keep


@route("GET", "/drive/v3/about", "About")
def about(call: Call) -> Body:
    email = "owner@loopback.test" if call.email == OWNER_TOKEN else call.email
    return {"kind": "drive#about", "user": {"kind": "drive#user", "emailAddress": email, "me": True}}


@route("GET", _FILES, "FileList")
def files_list(call: Call) -> Body:
    query = call.params.get("q", "")
    name = re.search(r"""name\s*=\s*(["'])(.*?)\1""", query)
    parent = re.search(r"""parents\s+in\s+["']([^"']+)["']|["']([^"']+)["']\s+in\s+parents""", query)
    found = []
    for file in list(call.store.files.values()):
        if file.user(call.email) is None or (name and file.book.properties["title"] != name[2]):
            continue
        if parent is None or (parent[1] or parent[2]) in file.parents:
            found.append(file.shown())
    found.sort(key=lambda shown: shown["modifiedTime"], reverse=True)
    answer = {"kind": "drive#fileList", "incompleteSearch": False, "files": found}
    return call.answer("FileList", answer, _LIST_FIELDS)


@route("POST", _FILES, "File")
def files_create(call: Call) -> Body:
    owner = "owner@loopback.test" if call.email == OWNER_TOKEN else call.email
    file = call.store.create(owner, {"title": call.body.get("name") or "Untitled"})
    file.parents = call.body.get("parents", [])
    return call.answer("File", file.shown(), _FILE_FIELDS)


@route("GET", _FILE, "File")
def files_get(call: Call) -> Body:
    return call.answer("File", call.file().shown(), _FILE_FIELDS)


@route("GET", _FILE + "/export", None)
def files_export(call: Call) -> Download:
    mime = call.params.get("mimeType", "")
    return Download(export(call.file().book, mime), mime)


@route("PATCH", _FILE, "File")
def files_update(call: Call) -> Body:
    file = call.file(writes=True)
    if call.body.get("trashed"):
        call.store.delete(file)
    elif "name" in call.body:

        def rename(work: Work) -> None:
            work.book.properties = work.book.properties | {"title": call.body["name"]}

        call.store.change(file.book.id, call.email, rename)
    return call.answer("File", file.shown(), _FILE_FIELDS)


@route("DELETE", _FILE, None)
def files_delete(call: Call) -> None:
    file = call.file(writes=True)
    user = file.user(call.email)
    if user is None or not user.owner:
        raise drive_denied(file.book.id)
    call.store.delete(file)


@route("POST", _FILE + "/copy", "File")
def files_copy(call: Call) -> Body:
    source = call.file()
    owner = source.owner if call.email == OWNER_TOKEN else call.email
    title = call.body.get("name") or f"Copy of {source.book.properties['title']}"
    file = call.store.create(owner, {"title": title})
    spreadsheet_id, file.book = file.book.id, source.book.fork()
    file.book.id = spreadsheet_id
    file.book.properties = file.book.properties | {"title": title}
    _copied_metadata(file.book, call.store.rules.copied_metadata)
    return call.answer("File", file.shown(), _FILE_FIELDS)


def _copied_metadata(book: Workbook, rule: str) -> None:
    old = list(book.metadata.items()) if rule != "left" else []
    ids = {number: some_id() if rule == "renumbered" else number for number, _ in old}
    book.metadata = {ids[number]: item | {"metadataId": ids[number]} for number, item in old}
    book.projects = {ids[number]: project for number, project in book.projects.items() if number in ids}


@route("GET", _FILE + "/permissions", "PermissionList")
def permissions_list(call: Call) -> Body:
    answer = {"kind": "drive#permissionList", "permissions": call.file().permissions}
    return call.answer("PermissionList", answer, f"kind,nextPageToken,permissions({_PERMISSION_FIELDS})")


@route("POST", _FILE + "/permissions", "Permission")
def permissions_create(call: Call) -> Body:
    file = call.file(writes=True)
    made = permission(call.body)
    file.permissions = [p for p in file.permissions if not _same(p, made)] + [made]
    call.store.changed(file)
    return call.answer("Permission", made, _PERMISSION_FIELDS)


def _same(one: Body, other: Body) -> bool:
    return one["type"] == other["type"] and one.get("emailAddress") == other.get("emailAddress")


def _permission(call: Call, file: File) -> Body:
    for item in file.permissions:
        if item["id"] == call.names["permissionId"]:
            return item
    message = f"Permission not found: {call.names['permissionId']}."
    reason = {"domain": "global", "reason": "notFound", "message": message}
    place = {"locationType": "parameter", "location": "permissionId"}
    raise GoogleError(404, {"errors": [reason | place], "code": 404, "message": message})


@route("PATCH", _FILE + "/permissions/(?P<permissionId>[^/]+)", "Permission")
def permissions_update(call: Call) -> Body:
    file = call.file(writes=True)
    old = _permission(call, file)
    new = old | {k: v for k, v in call.body.items() if k in {"role", "pendingOwner"}}
    file.permissions = [new if p is old else p for p in file.permissions]
    call.store.changed(file)
    return call.answer("Permission", new, _PERMISSION_FIELDS)


@route("DELETE", _FILE + "/permissions/(?P<permissionId>[^/]+)", None)
def permissions_delete(call: Call) -> None:
    file = call.file(writes=True)
    old = _permission(call, file)
    file.permissions = [p for p in file.permissions if p is not old]
    call.store.changed(file)


@route("GET", _FILE + "/comments", "CommentList")
def comments_list(call: Call) -> Body:
    answer = {"kind": "drive#commentList", "comments": call.file().comments}
    return call.answer("CommentList", answer, "kind,nextPageToken,comments")


@route("POST", _FILE + "/comments", "Comment")
def comments_create(call: Call) -> Body:
    file = call.file(writes=True)
    made = {"kind": "drive#comment", "id": f"C{len(file.comments) + 1}", "content": call.body.get("content", "")}
    file.comments = [*file.comments, made]
    call.store.changed(file)
    return call.answer("Comment", made, "kind,id,content")


@route("PUT", "/upload/drive/v2/files/(?P<fileId>[^/]+)", None)
def import_csv(call: Call) -> Body:
    """One table of text in the place of everything, on a tab of the file's name, typed as a person would type it."""
    rows = list(csv.reader(io.StringIO(call.content.decode("utf-8"))))

    def act(work: Work) -> None:
        for sheet in work.book.sheets[:]:
            work.book.forget(sheet)
        work.book.properties = work.book.properties | {"timeZone": "America/Los_Angeles"}
        first = work.book.add({"title": work.book.properties["title"]})
        first.row_count = max(first.row_count, len(rows))
        first.column_count = max(first.column_count, *(len(row) for row in rows)) if rows else first.column_count
        for r, row in enumerate(rows):
            for c, item in enumerate(row):
                type_in(first, r, c, item, "USER_ENTERED")

    file = call.file(writes=True)
    call.store.change(file.book.id, call.email, act)
    return {"kind": "drive#file", "id": file.book.id, "title": file.book.properties["title"], "mimeType": SPREADSHEET}
