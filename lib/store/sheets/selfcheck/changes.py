"""What the self-check tries about changes: who wins, what a refusal leaves, how much goes in and what comes back."""

import threading
import time
from collections.abc import Callable
from typing import Any

from lib.store.sheets.api.client import Rejected
from lib.store.sheets.model.layout import quoted
from lib.store.sheets.model.updates import Request
from lib.store.sheets.selfcheck.scratch import Outcome, Scratch, same
from lib.store.sheets.write.requests import MARKERS

_ROUNDS = 3
_REQUESTS = 600  # in one batch
_MARKER = ("s", "x" * 16)  # key and value, as long as those of a write
_SPARE_MARKERS = 50  # made between two looks at those that may go
_DOUBLES = (415.00002, 46082.604166666664, 0.1 + 0.2, 1234567.0000019)  # stamps, a time, and what is hard to write
_SHOWN = "updatedSpreadsheet.sheets(data.rowData.values.effectiveValue)"


def one_winner(scratch: Scratch) -> Outcome:
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


def error_text(scratch: Scratch) -> Outcome:
    number = scratch.number()
    scratch.send(scratch.mark(number))
    try:
        scratch.send(scratch.mark(number))
    except Rejected as rejected:
        return "already exists" in rejected.why and "metadata" in rejected.why, rejected.why
    return False, "not refused"


def atomic(scratch: Scratch) -> Outcome:
    number = scratch.number()
    scratch.send(scratch.mark(number))
    try:
        scratch.send(scratch.put(0, 1, "x"), scratch.mark(number))
    except Rejected:
        seen = scratch.cell("B1")
        return seen == "", f"in the cell: {seen}" if seen else ""
    return False, "not refused"


def grid_shows_keys(scratch: Scratch) -> Outcome:
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
    return same(seen, ["new", "old"])


def copy_first(scratch: Scratch) -> Outcome:
    """What the journal relies on: several rows copied in one go are as they were before the batch's later changes."""
    scratch.send(scratch.put(10, 0, "a", "b"))
    copy = {"source": scratch.area(10, 0, 2), "destination": scratch.area(10, 2, 2), "pasteType": "PASTE_VALUES"}
    scratch.send({"copyPaste": copy}, scratch.put(10, 0, "new a", "new b"))
    seen = [[row[0], row[2]] if len(row) > 2 else row for row in scratch.read("A11:C12")]
    return same(seen, [["new a", "a"], ["new b", "b"]])


def doubles_exact(scratch: Scratch) -> Outcome:
    """Rows are known by stamps with five decimals, and times are fractions of a day."""
    scratch.send(scratch.put(13, 3, *_DOUBLES))
    seen = [number for row in scratch.read("D14:D17") for number in row]
    return same(seen, list(_DOUBLES))


def many_requests(scratch: Scratch) -> Outcome:
    scratch.send(*(scratch.put(17, 4, number) for number in range(_REQUESTS)))
    seen = scratch.cell("E18")
    return same(seen, _REQUESTS - 1)


def many_markers(scratch: Scratch) -> Outcome:
    """As many as the app keeps; on the scratch tab, which has room of its own for them and takes them along."""
    wanted = MARKERS + _SPARE_MARKERS
    for first in range(0, wanted, _REQUESTS):
        scratch.send(*(_marker_of_size(scratch) for _ in range(min(_REQUESTS, wanted - first))))
    return True, str(wanted)


def _marker_of_size(scratch: Scratch) -> Request:
    made: Request = scratch.mark(scratch.number())
    item = made["createDeveloperMetadata"]["developerMetadata"]
    item["metadataKey"], item["metadataValue"] = _MARKER
    item["location"] = {"sheetId": scratch.id}
    return made


def text_stays_text(scratch: Scratch) -> Outcome:
    scratch.send(scratch.put(0, 4, "=1+1"))
    seen = scratch.cell("E1")
    return same(seen, "=1+1")


def delete_missing(scratch: Scratch) -> Outcome:
    lookup = {"developerMetadataLookup": {"metadataId": scratch.number()}}
    scratch.send({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    return True, ""


def version_follows(scratch: Scratch, wait: float, sleep: Callable[[float], None]) -> Outcome:
    before, started = scratch.client.version(), time.monotonic()
    scratch.send(scratch.put(5, 4, "edited"))
    while scratch.client.version() == before:
        if time.monotonic() - started > wait:
            return False, f"> {wait:.0f} s"
        sleep(1.0)
    return True, f"{time.monotonic() - started:.1f} s"
