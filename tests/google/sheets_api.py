"""The calls of the Sheets API, each with the place where it is found and the discovery method that describes it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.google import reading
from tests.google.batch import metadata
from tests.google.batch.batch import Body, Work, run
from tests.google.batch.sheets import add_copy, copy_title, properties_of
from tests.google.book import values
from tests.google.drive.discovery import Checker, Mask, masked, within
from tests.google.drive.drive import Store
from tests.google.errors import Refusal, invalid, missing


@dataclass
class Call:
    """One request, checked: who sent it, the names in its path, its parameters and its body."""

    store: Store
    email: str
    names: dict[str, str]
    params: Body
    body: Body
    checker: Checker

    @property
    def id(self) -> str:
        return self.names["spreadsheetId"]

    def look(self) -> Work:
        return self.store.look(self.id, self.email)

    def change(self, act: Callable[[Work], Any]) -> Any:
        return self.store.change(self.id, self.email, act)


@dataclass(frozen=True)
class Ready:
    """An answer that is masked JSON already, beside the part of it that can be checked cheaply."""

    content: bytes
    skeleton: Body


Answer = Body | Ready
Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    verb: str
    path: re.Pattern[str]
    method: str
    handler: Handler
    kind: str


ROUTES: list[Route] = []
_BOOK = r"/v4/spreadsheets/(?P<spreadsheetId>[^/:]+)"


def route(verb: str, path: str, method: str, *, kind: str | None = None) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        counted = kind or ("read" if verb == "GET" else "write")
        ROUTES.append(Route(verb, re.compile(path), f"spreadsheets.{method}", handler, counted))
        return handler

    return keep


@route("POST", r"/v4/spreadsheets", "create")
def create(call: Call) -> Answer:
    wanted = call.body
    file = call.store.create(call.email, wanted.get("properties", {}))

    def fill(work: Work) -> None:
        sheets = [one.get("properties", {}) for one in wanted.get("sheets", [])]
        if sheets:
            work.book.sheets.clear()
        for index, properties in enumerate(sheets):
            work.book.add(({"sheetId": 0} if index == 0 else {}) | properties)

    call.store.change(file.book.id, call.email, fill)
    return reading.spreadsheet(call.store.look(file.book.id, call.email), ranges=[], grid=False, mask={})


@route("GET", _BOOK, "get")
def get(call: Call) -> Answer:
    mask = call.checker.mask("Spreadsheet", call.params.get("fields", ""))
    grid = call.params.get("includeGridData", False)
    return reading.spreadsheet(call.look(), ranges=call.params.get("ranges", []), grid=grid, mask=mask)


@route("POST", _BOOK + ":getByDataFilter", "getByDataFilter", kind="read")
def get_by_data_filter(call: Call) -> Answer:
    mask = call.checker.mask("Spreadsheet", call.params.get("fields", ""))
    work = call.look()
    ranges = _refused_as_400(lambda: [values.filtered_range(work.book, f) for f in call.body.get("dataFilters", [])])
    return reading.spreadsheet(work, ranges=ranges, grid=call.body.get("includeGridData", False), mask=mask)


def _refused_as_400(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Refusal as refusal:
        raise invalid(str(refusal)) from None


@route("POST", _BOOK + ":batchUpdate", "batchUpdate")
def batch_update(call: Call) -> Answer:
    body = call.body
    mask = call.checker.mask("BatchUpdateSpreadsheetResponse", call.params.get("fields", ""))

    def act(work: Work) -> Body:
        answer: Body = {"spreadsheetId": work.book.id, "replies": run(work, body.get("requests", []))}
        if body.get("includeSpreadsheetInResponse"):
            ranges, grid = body.get("responseRanges", []), body.get("responseIncludeGridData", False)
            inner = mask.get("updatedSpreadsheet", {})
            updated = reading.spreadsheet(work, ranges=ranges, grid=grid, mask=inner)
            answer["updatedSpreadsheet"] = updated
        return answer

    answer = call.change(act)
    return masked(answer | {"replies": reading.without_zeros(answer["replies"])}, mask)


@route("POST", _BOOK + r"/sheets/(?P<sheetId>\d+):copyTo", "sheets.copyTo")
def copy_to(call: Call) -> Answer:
    source = _refused_as_400(lambda: call.look().book.sheet(int(call.names["sheetId"]), "sheet"))

    def act(work: Work) -> Body:
        twin = add_copy(work.book, source, copy_title(work.book, source.title), at=None)
        return properties_of(work.book, twin)

    return call.store.change(call.body.get("destinationSpreadsheetId", ""), call.email, act)


def _with_values(head: Body, content: bytes, mask: Mask | None) -> bytes:
    """A ValueRange as the mask leaves it."""
    parts = [_members(masked(head, mask or {}))]
    if content and within(mask, "values") is not None:
        parts.append(b'"values":' + content)
    return b"{" + b",".join(filter(None, parts)) + b"}"


def _members(message: Body) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()[1:-1]


@route("GET", _BOOK + "/values/(?P<range>.+)", "values.get")
def values_get(call: Call) -> Answer:
    mask = call.checker.mask("ValueRange", call.params.get("fields", ""))
    head, content = values.value_range(call.look().book, call.names["range"], values.Style.of(call.params))
    return Ready(_with_values(head, content, mask), head)


@route("GET", _BOOK + "/values:batchGet", "values.batchGet")
def values_batch_get(call: Call) -> Answer:
    mask = call.checker.mask("BatchGetValuesResponse", call.params.get("fields", ""))
    book, style = call.look().book, values.Style.of(call.params)
    found = [values.value_range(book, text, style) for text in call.params.get("ranges", [])]
    skeleton = {"spreadsheetId": call.id, "valueRanges": [head for head, _ in found]}
    parts = [_members(masked({"spreadsheetId": call.id}, mask))]
    inner = within(mask, "valueRanges")
    if inner is not None:
        ranges = b",".join(_with_values(head, content, inner) for head, content in found)
        parts.append(b'"valueRanges":[' + ranges + b"]")
    return Ready(b"{" + b",".join(filter(None, parts)) + b"}", skeleton)


@route("POST", _BOOK + "/values:batchGetByDataFilter", "values.batchGetByDataFilter", kind="read")
def values_by_filter(call: Call) -> Answer:
    book, style = call.look().book, values.Style.of(call.body)
    found = []
    for one in call.body.get("dataFilters", []):
        text = _refused_as_400(partial(values.filtered_range, book, one))
        head, content = values.value_range(book, text, style)
        inner = head | ({"values": json.loads(content)} if content else {})
        found.append({"valueRange": inner, "dataFilters": [one]})
    return {"spreadsheetId": call.id, "valueRanges": found}


@route("PUT", _BOOK + "/values/(?P<range>.+)", "values.update")
def values_update(call: Call) -> Answer:
    def act(work: Work) -> Body:
        done = values.update(work, call.names["range"], call.body, call.params.get("valueInputOption"))
        style = values.Style.of(call.params, "response")
        return values.with_data(work, done, style) if call.params.get("includeValuesInResponse") else done.response

    return call.change(lambda work: _refused_as_400(lambda: act(work)))


@route("POST", _BOOK + "/values/(?P<range>.+):append", "values.append")
def values_append(call: Call) -> Answer:
    return call.change(
        lambda work: _refused_as_400(lambda: values.append(work, call.names["range"], call.body, call.params))
    )


@route("POST", _BOOK + "/values/(?P<range>.+):clear", "values.clear")
def values_clear(call: Call) -> Answer:
    def act(work: Work) -> Body:
        return {"spreadsheetId": call.id, "clearedRange": values.clear(work, call.names["range"])}

    return call.change(lambda work: _refused_as_400(lambda: act(work)))


@route("POST", _BOOK + "/values:batchClear", "values.batchClear")
def values_batch_clear(call: Call) -> Answer:
    def act(work: Work) -> Body:
        return {"spreadsheetId": call.id, "clearedRanges": [values.clear(work, r) for r in call.body.get("ranges", [])]}

    return call.change(lambda work: _refused_as_400(lambda: act(work)))


@route("POST", _BOOK + "/values:batchUpdate", "values.batchUpdate")
def values_batch_update(call: Call) -> Answer:
    return call.change(lambda work: _refused_as_400(lambda: values.update_many(work, call.body)))


@route("GET", _BOOK + r"/developerMetadata/(?P<metadataId>\d+)", "developerMetadata.get")
def metadata_get(call: Call) -> Answer:
    found = call.look().metadata().get(int(call.names["metadataId"]))
    if found is None:
        raise missing()
    return reading.without_zeros(found)


@route("POST", _BOOK + "/developerMetadata:search", "developerMetadata.search", kind="read")
def metadata_search(call: Call) -> Answer:
    work, filters = call.look(), call.body.get("dataFilters", [])
    found = []
    for number in _refused_as_400(lambda: metadata.matching(work, filters)):
        item = reading.without_zeros(work.book.metadata[number])
        found.append({"developerMetadata": item, "dataFilters": filters})
    return {"matchedDeveloperMetadata": found} if found else {}
