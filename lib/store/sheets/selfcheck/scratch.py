"""The scratch tab of the self-check: made, written, read and taken away again, with the numbers that it uses.

The numbers lie below those of commits.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.cells import Raw
from lib.store.sheets.model.layout import quoted
from lib.store.sheets.model.updates import Request, write_from

ROWS, COLUMNS = 20, 8
KEY = "casesheet-selfcheck"
TITLE = "_selfcheck "
Outcome = tuple[bool, str]
"""Whether an assumption held, and what was seen."""


def same(seen: object, wanted: object) -> Outcome:
    """Whether what was seen is what is relied on; it is told where it is not."""
    return seen == wanted, "" if seen == wanted else str(seen)


@dataclass
class Scratch:
    """The tab that is tried on, and numbers of metadata that nobody else uses."""

    client: SheetsClient
    id: int = field(default_factory=lambda: random.randrange(2_100_000_000, 2_147_000_000))
    first: int = field(default_factory=lambda: random.randrange(1_000, 900_000_000))
    used: int = 0

    @property
    def title(self) -> str:
        return f"{TITLE}{self.first}"

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
        return write_from(self.id, row, column, [[text] for text in texts])

    @staticmethod
    def mark(number: int, visibility: str = "DOCUMENT") -> Request:
        marker = {
            "metadataId": number,
            "metadataKey": KEY,
            "metadataValue": "x",
            "location": {"spreadsheet": True},
            "visibility": visibility,
        }
        return {"createDeveloperMetadata": {"developerMetadata": marker}}


@contextmanager
def scratch_tab(client: SheetsClient) -> Iterator[Scratch]:
    """A tab for the trials, behind the others. Those that earlier runs left behind are removed too."""
    scratch = Scratch(client)
    old = client.metadata("sheets.properties(sheetId,title)").get("sheets", ())
    left = [tab["properties"]["sheetId"] for tab in old if tab["properties"]["title"].startswith(TITLE)]
    grid = {"rowCount": ROWS, "columnCount": COLUMNS}
    tab = {"sheetId": scratch.id, "title": scratch.title, "index": len(old) - len(left), "gridProperties": grid}
    scratch.send(*({"deleteSheet": {"sheetId": number}} for number in left), {"addSheet": {"properties": tab}})
    try:
        yield scratch
    finally:
        _forget_marks(scratch)
        scratch.send({"deleteSheet": {"sheetId": scratch.id}})


def _forget_marks(scratch: Scratch) -> None:
    lookup = {"developerMetadataLookup": {"metadataKey": KEY}}
    try:
        scratch.send({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    except Rejected:
        return  # there are none
