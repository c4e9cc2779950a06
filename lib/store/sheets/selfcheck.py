"""Trying out on a live spreadsheet what cannot be proved without Google: a scratch tab, some changes, and away with it.

The numbers used for developer metadata lie below those of commits; nothing of the workspace is read or changed.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from lib.errors import OutcomeUnknown
from lib.store.sheets.batch_update import MARKERS
from lib.store.sheets.cells import Raw, extended
from lib.store.sheets.client import Rejected, SheetsClient
from lib.store.sheets.layout import FIELDS, META, quoted, read_layout, sheet_id
from lib.store.sheets.present import Request

SETTING = "sheets.selfcheck"
"""Where earlier versions kept the result: in the workspace, which may be moved to another spreadsheet."""
RESULT_AT = (
    7  # the cell of the app's own tab that keeps it: it is about the spreadsheet, and no change of the workspace
)
NEEDED = frozenset(
    """one_winner error_text atomic grid_shows_keys copy_first copy_of_hidden doubles_exact append_position append_order
    append_filtered""".split()  # noqa: SIM905
)
"""What several writers at once rely on. One alone is safe without: it sees every change that it made itself."""
_TITLE = "_selfcheck "
_KEY = "casesheet-selfcheck"
_ROWS, _COLUMNS = 20, 8
_ROUNDS = 3
_REQUESTS = 600  # in one batch
_MARKER = ("s", "x" * 16)  # key and value, as long as those of a write
_SPARE_MARKERS = 50  # made between two looks at those that may go
_DOUBLES = (415.00002, 46082.604166666664, 0.1 + 0.2, 1234567.0000019)  # stamps, a time, and what is hard to write
_SHOWN = "updatedSpreadsheet.sheets(data.rowData.values.effectiveValue)"
Outcome = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One assumption: whether it held, what was seen, and how many seconds the trial took."""

    name: str
    held: bool
    detail: str
    seconds: float

    @property
    def needed(self) -> bool:
        return self.name in NEEDED


def run(client: SheetsClient, *, wait: float = 60.0, sleep: Callable[[float], None] = time.sleep) -> list[Finding]:
    """Every trial in turn, about forty calls; the scratch tab is removed whatever happens.

    `wait`: seconds that Drive may take to notice an edit. Raises StoreUnavailable where the sheet cannot be reached.
    """
    with _scratch(client) as scratch:
        findings = [_tried(name, trial, scratch) for name, trial in _TRIALS.items()]
        return [*findings, _tried("version_follows", lambda tab: _version_follows(tab, wait, sleep), scratch)]


def result(findings: Sequence[Finding], at: datetime) -> dict[str, Any]:
    """What is kept of a run."""
    assumptions = [{**asdict(found), "needed": found.needed} for found in findings]
    allowed = all(found.held for found in findings if found.needed)
    return {"at": at.isoformat(), "writers_allowed": allowed, "assumptions": assumptions}


def keep(client: SheetsClient, found: Mapping[str, Any]) -> None:
    """Note a result in the spreadsheet. The workspace stays as it is: an empty one is still fit to be moved into.

    Raises TabMissing where the spreadsheet was never set up.
    """
    read_layout(client.metadata(FIELDS)).require((META,))
    start = {"sheetId": sheet_id(META), "rowIndex": 0, "columnIndex": RESULT_AT}
    rows = [{"values": [extended(json.dumps(found, ensure_ascii=False, separators=(",", ":")))]}]
    request = {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
    client.update(json.dumps({"requests": [request]}, ensure_ascii=False).encode())


def kept_in(about: Sequence[Any]) -> str:
    """The result (JSON), from the first row of the app's own tab; "" where there is none."""
    return str(about[RESULT_AT]) if len(about) > RESULT_AT else ""


def writers_allowed(setting: str | None) -> bool:
    """Whether several processes may write, by the result of the last run (JSON).

    Without a run they may: what they need is documented by Google. What was seen to fail counts more.
    """
    try:
        found = json.loads(setting or "{}")
    except ValueError:
        return True
    return not isinstance(found, dict) or found.get("writers_allowed") is not False


@dataclass
class _Scratch:
    """The tab that is tried on, and numbers of metadata that nobody else uses."""

    client: SheetsClient
    id: int = field(default_factory=lambda: random.randrange(2_100_000_000, 2_147_000_000))
    first: int = field(default_factory=lambda: random.randrange(1_000, 900_000_000))
    used: int = 0

    @property
    def title(self) -> str:
        return f"{_TITLE}{self.first}"

    def number(self) -> int:
        self.used += 1
        return self.first + self.used

    def send(self, *requests: Request, fields: str = "replies", **more: Any) -> dict[str, Any]:
        body = json.dumps({"requests": requests, **more}, ensure_ascii=False).encode()
        return self.client.update(body, fields)

    def read(self, cells: str) -> list[list[Any]]:
        rows: list[list[Any]] = self.client.values([f"{quoted(self.title)}!{cells}"])[0].get("values", [])
        return rows

    def cell(self, cells: str) -> Any:
        rows = self.read(cells)
        return rows[0][0] if rows and rows[0] else ""

    def area(self, row: int, column: int, rows: int = 1, columns: int = 1) -> dict[str, int]:
        start = {"sheetId": self.id, "startRowIndex": row, "endRowIndex": row + rows}
        return {**start, "startColumnIndex": column, "endColumnIndex": column + columns}

    def put(self, row: int, column: int, *texts: Raw) -> Request:
        """Cells one below the other."""
        start = {"sheetId": self.id, "rowIndex": row, "columnIndex": column}
        rows = [{"values": [extended(text)]} for text in texts]
        return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}

    @staticmethod
    def mark(number: int) -> Request:
        marker = {
            "metadataId": number,
            "metadataKey": _KEY,
            "metadataValue": "x",
            "location": {"spreadsheet": True},
            "visibility": "DOCUMENT",
        }
        return {"createDeveloperMetadata": {"developerMetadata": marker}}


@contextmanager
def _scratch(client: SheetsClient) -> Iterator[_Scratch]:
    scratch = _Scratch(client)
    old = client.metadata("sheets.properties(sheetId,title)").get("sheets", ())
    left = [tab["properties"]["sheetId"] for tab in old if tab["properties"]["title"].startswith(_TITLE)]
    grid = {"rowCount": _ROWS, "columnCount": _COLUMNS}
    tab = {"sheetId": scratch.id, "title": scratch.title, "index": len(old) - len(left), "gridProperties": grid}
    scratch.send(*({"deleteSheet": {"sheetId": number}} for number in left), {"addSheet": {"properties": tab}})
    try:
        yield scratch
    finally:
        _forget_marks(scratch)
        scratch.send({"deleteSheet": {"sheetId": scratch.id}})


def _forget_marks(scratch: _Scratch) -> None:
    lookup = {"developerMetadataLookup": {"metadataKey": _KEY}}
    try:
        scratch.send({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    except Rejected:
        return  # there are none


def _tried(name: str, trial: Callable[[_Scratch], Outcome], scratch: _Scratch) -> Finding:
    started = time.monotonic()
    try:
        held, detail = trial(scratch)
    except Rejected as rejected:
        held, detail = False, rejected.why
    except OutcomeUnknown as silent:
        held, detail = False, str(silent) or "no answer"
    return Finding(name, held, detail, round(time.monotonic() - started, 2))


def _one_winner(scratch: _Scratch) -> Outcome:
    """Two batches set out at the same moment with one number; the cell shows whose was taken."""
    for row in range(_ROUNDS):
        number, start = scratch.number(), threading.Barrier(2)
        won: list[str] = []

        def race(who: str, number: int = number, row: int = row, start: Any = start, won: list[str] = won) -> None:
            start.wait()
            try:
                scratch.send(scratch.mark(number), scratch.put(row, 0, who))
            except Rejected:
                return
            won.append(who)

        racers = [threading.Thread(target=race, args=(who,)) for who in ("a", "b")]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        seen = scratch.cell(f"A{row + 1}")
        if [seen] != won:
            return False, f"accepted: {', '.join(sorted(won)) or '-'}; in the cell: {seen or '-'}"
    return True, f"{_ROUNDS} x 2"


def _error_text(scratch: _Scratch) -> Outcome:
    number = scratch.number()
    scratch.send(scratch.mark(number))
    try:
        scratch.send(scratch.mark(number))
    except Rejected as rejected:
        return "already exists" in rejected.why and "metadata" in rejected.why, rejected.why
    return False, "not refused"


def _atomic(scratch: _Scratch) -> Outcome:
    number = scratch.number()
    scratch.send(scratch.mark(number))
    try:
        scratch.send(scratch.put(0, 1, "x"), scratch.mark(number))
    except Rejected:
        seen = scratch.cell("B1")
        return seen == "", f"in the cell: {seen}" if seen else ""
    return False, "not refused"


def _grid_shows_keys(scratch: _Scratch) -> Outcome:
    """A copy made within the batch holds the old text, the cell itself the new one, and the answer shows both."""
    scratch.send(scratch.put(0, 2, "old"))
    copy = {"source": scratch.area(0, 2), "destination": scratch.area(0, 3), "pasteType": "PASTE_VALUES"}
    answer = scratch.send(
        {"copyPaste": copy},
        scratch.put(0, 2, "new"),
        fields=_SHOWN,
        includeSpreadsheetInResponse=True,
        responseIncludeGridData=True,
        responseRanges=[f"{quoted(scratch.title)}!C1:D1"],
    )
    sheets = answer.get("updatedSpreadsheet", {}).get("sheets", [{}])
    rows = sheets[0].get("data", [{}])[0].get("rowData", [{}])
    seen = [cell.get("effectiveValue", {}).get("stringValue") for cell in rows[0].get("values", ())]
    return seen == ["new", "old"], "" if seen == ["new", "old"] else str(seen)


def _copy_first(scratch: _Scratch) -> Outcome:
    """What the journal relies on: several rows copied in one go are as they were before the batch's later changes."""
    scratch.send(scratch.put(10, 0, "a", "b"))
    copy = {"source": scratch.area(10, 0, 2), "destination": scratch.area(10, 2, 2), "pasteType": "PASTE_VALUES"}
    scratch.send({"copyPaste": copy}, scratch.put(10, 0, "new a", "new b"))
    seen = [[row[0], row[2]] if len(row) > 2 else row for row in scratch.read("A11:C12")]
    return seen == [["new a", "a"], ["new b", "b"]], "" if seen == [["new a", "a"], ["new b", "b"]] else str(seen)


@contextmanager
def _filter_on(scratch: _Scratch) -> Iterator[None]:
    """Three rows (13 to 15) of the second column, of which a filter of the tab hides the one in the middle."""
    hidden = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["b"]}}
    wanted = {"range": scratch.area(11, 1, 4), "filterSpecs": [hidden]}
    scratch.send(scratch.put(11, 1, "filter", "a", "b", "c"), {"setBasicFilter": {"filter": wanted}})
    try:
        yield
    finally:
        scratch.send({"clearBasicFilter": {"sheetId": scratch.id}})


def _copy_of_hidden(scratch: _Scratch) -> Outcome:
    """The journal copies rows that managers may have filtered away."""
    with _filter_on(scratch):
        copy = {"source": scratch.area(12, 1, 3), "destination": scratch.area(12, 2, 3), "pasteType": "PASTE_VALUES"}
        scratch.send({"copyPaste": copy})
        seen = [text for row in scratch.read("C13:C15") for text in row]
    return seen == ["a", "b", "c"], "" if seen == ["a", "b", "c"] else str(seen)


def _append_filtered(scratch: _Scratch) -> Outcome:
    """New rows come after the last one also while a filter is on, and none is written over."""
    with _filter_on(scratch):
        before = scratch.read("A1:H")
        scratch.send(_append(scratch, "filtered"))
        seen = scratch.read("A1:H")
    held = seen[:-1] == before and seen[-1] == ["filtered"]
    return held, "" if held else str([at + 1 for at, row in enumerate(seen) if "filtered" in row])


def _doubles_exact(scratch: _Scratch) -> Outcome:
    """Rows are known by stamps with five decimals, and times are fractions of a day."""
    scratch.send(scratch.put(13, 3, *_DOUBLES))
    seen = [number for row in scratch.read("D14:D17") for number in row]
    return seen == list(_DOUBLES), "" if seen == list(_DOUBLES) else str(seen)


def _many_requests(scratch: _Scratch) -> Outcome:
    scratch.send(*(scratch.put(17, 4, number) for number in range(_REQUESTS)))
    seen = scratch.cell("E18")
    return seen == _REQUESTS - 1, "" if seen == _REQUESTS - 1 else str(seen)


def _many_markers(scratch: _Scratch) -> Outcome:
    """As many as the app keeps; on the scratch tab, which has room of its own for them and takes them along."""
    wanted = MARKERS + _SPARE_MARKERS
    for first in range(0, wanted, _REQUESTS):
        scratch.send(*(_marker_of_size(scratch) for _ in range(min(_REQUESTS, wanted - first))))
    return True, str(wanted)


def _marker_of_size(scratch: _Scratch) -> Request:
    made: Request = scratch.mark(scratch.number())
    item = made["createDeveloperMetadata"]["developerMetadata"]
    item["metadataKey"], item["metadataValue"] = _MARKER
    item["location"] = {"sheetId": scratch.id}
    return made


def _append_position(scratch: _Scratch) -> Outcome:
    """Formats and dropdowns in empty rows do not count as content."""
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "x"}]}, "showCustomUi": True}
    scratch.send({"setDataValidation": {"range": scratch.area(0, 5, _ROWS), "rule": rule}}, _text_format(scratch, 5))
    end = len(scratch.read("A1:H"))
    scratch.send(_append(scratch, "appended"))
    seen = [at for at, row in enumerate(scratch.read("A1:H")) if "appended" in row]
    return seen == [end], "" if seen == [end] else f"{end + 1}: {[at + 1 for at in seen]}"


def _append_order(scratch: _Scratch) -> Outcome:
    """Appended rows stand in the order in which they were sent, also those of two requests in one batch."""
    end = len(scratch.read("A1:H"))
    scratch.send(_append(scratch, "first", "second"), _append(scratch, "third"))
    seen = [text for row in scratch.read("A1:H")[end:] for text in row if text]
    return seen == ["first", "second", "third"], "" if seen == ["first", "second", "third"] else str(seen)


def _text_format(scratch: _Scratch, column: int) -> Request:
    cell = {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}}
    area = scratch.area(0, column, _ROWS)
    return {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}


def _append(scratch: _Scratch, *texts: str) -> Request:
    rows = [{"values": [extended(text)]} for text in texts]
    return {"appendCells": {"sheetId": scratch.id, "rows": rows, "fields": "userEnteredValue"}}


def _text_stays_text(scratch: _Scratch) -> Outcome:
    scratch.send(scratch.put(0, 4, "=1+1"))
    seen = scratch.cell("E1")
    return seen == "=1+1", "" if seen == "=1+1" else str(seen)


def _delete_missing(scratch: _Scratch) -> Outcome:
    lookup = {"developerMetadataLookup": {"metadataId": scratch.number()}}
    scratch.send({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    return True, ""


def _sort_over_protected(scratch: _Scratch) -> Outcome:
    """Across a column that warns, as the tabs of people have them. Nobody can lock herself out, so what a protection
    by somebody else does to a sort cannot be tried with one account; no tab of people's has one."""
    guard = {"range": scratch.area(0, 6, _ROWS), "warningOnly": True}
    spec = {"dimensionIndex": 7, "sortOrder": "ASCENDING"}
    scratch.send(
        scratch.put(0, 6, "of b", "of a"), scratch.put(0, 7, "b", "a"), {"addProtectedRange": {"protectedRange": guard}}
    )
    scratch.send({"sortRange": {"range": scratch.area(0, 6, 2, 2), "sortSpecs": [spec]}})
    seen = scratch.read("G1:H2")
    return seen == [["of a", "a"], ["of b", "b"]], "" if seen[0][:1] == ["of a"] else str(seen)


def _rows_keep_format(scratch: _Scratch) -> Outcome:
    """For information: the set-up gives rows that lack them their formats."""
    scratch.send(_append(scratch, *(["more"] * _ROWS)))
    end = len(scratch.read("A1:A"))
    fields = "sheets.data.rowData.values(userEnteredFormat.numberFormat,dataValidation)"
    answer = scratch.client.metadata(fields, [f"{quoted(scratch.title)}!F{end}"])
    rows = answer.get("sheets", [{}])[0].get("data", [{}])[0].get("rowData", [{}])
    cell = (rows[0].get("values") or [{}])[0] if rows else {}
    return "userEnteredFormat" in cell and "dataValidation" in cell, ", ".join(cell)


def _version_follows(scratch: _Scratch, wait: float, sleep: Callable[[float], None]) -> Outcome:
    before, started = scratch.client.version(), time.monotonic()
    scratch.send(scratch.put(5, 4, "edited"))
    while scratch.client.version() == before:
        if time.monotonic() - started > wait:
            return False, f"> {wait:.0f} s"
        sleep(1.0)
    return True, f"{time.monotonic() - started:.1f} s"


_TRIALS: Mapping[str, Callable[[_Scratch], Outcome]] = {
    "one_winner": _one_winner,
    "error_text": _error_text,
    "atomic": _atomic,
    "grid_shows_keys": _grid_shows_keys,
    "copy_first": _copy_first,
    "copy_of_hidden": _copy_of_hidden,
    "doubles_exact": _doubles_exact,
    "append_position": _append_position,
    "append_order": _append_order,
    "append_filtered": _append_filtered,
    "text_stays_text": _text_stays_text,
    "delete_missing": _delete_missing,
    "sort_over_protected": _sort_over_protected,
    "rows_keep_format": _rows_keep_format,
    "many_requests": _many_requests,
    "many_markers": _many_markers,
}
