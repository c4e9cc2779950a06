"""spreadsheets.batchUpdate: the requests of a batch, one after the other, on a copy that is dropped when one fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.google.book.a1 import Area, area_of
from tests.google.book.grid import Sheet
from tests.google.book.workbook import User, Workbook
from tests.google.drive.discovery import Mask, parse_mask
from tests.google.errors import GoogleError, Refusal, invalid

Body = dict[str, Any]


@dataclass
class Rules:
    """What Google does not document: a test sets how the server answers, so that both ways can be tried."""

    sort_over_protected: str = "refuse"
    """refuse or allow: sorting rows of which somebody else protected some cells"""
    missing_metadata: str = "ignore"
    """ignore or refuse: deleting developer metadata that does not exist"""
    missing_named_range: str = "refuse"
    """ignore or refuse: deleting a named range that does not exist"""
    filtered: str = "ignored"
    """ignored or obeyed: whether copyPaste leaves out rows that the tab's filter hides, and appendCells ends with it"""
    foreign_metadata: str = "seen"
    """seen (as Google documents) or unseen: metadata of visibility DOCUMENT that another project made"""
    copied_metadata: str = "kept"
    """kept, renumbered or left: what becomes of metadata in a copy of the file"""
    taken_metadata: str = "refuse"
    """refuse (as Google documents) or allow: developer metadata with an id that is in use"""


@dataclass
class Work:
    """One batch under way: the fork that it changes, who sent it, and the rules in force."""

    book: Workbook
    user: User
    rules: Rules = field(default_factory=Rules)
    editors: Sequence[str] = ()
    """addresses that may change the spreadsheet, the owner's first"""

    def metadata(self) -> dict[int, Body]:
        """The developer metadata that the caller may see, by its id."""
        return {
            number: item
            for number, item in self.book.metadata.items()
            if self.book.projects.get(number) == self.user.project
            or (item["visibility"] == "DOCUMENT" and self.rules.foreign_metadata == "seen")
        }

    def sheet(self, body: Body) -> Sheet:
        return self.book.sheet(body.get("sheetId", 0))

    def place(self, grid_range: Body) -> tuple[Sheet, Area]:
        """The tab and closed area of a GridRange, refused where it lies outside the grid."""
        sheet = self.sheet(grid_range)
        area = area_of(grid_range)
        for start, end, size, kind in (
            (area.top, area.bottom, sheet.row_count, "Row"),
            (area.left, area.right, sheet.column_count, "Column"),
        ):
            if start >= size and size:
                raise Refusal(f"range.start{kind}Index[{start}] is after last {kind.lower()} in grid[{size}]")
            if end is not None and end < start:
                raise Refusal(f"range.end{kind}Index[{end}] is before start{kind}Index[{start}]")
        return sheet, sheet.full(area)

    def editable(self, grid_range: Body) -> tuple[Sheet, Area]:
        sheet, area = self.place(grid_range)
        self.book.guard(self.user, sheet, area)
        return sheet, area


Handler = Callable[[Work, Body], Body | None]
HANDLERS: dict[str, Handler] = {}


def request(kind: str) -> Callable[[Handler], Handler]:
    """Names the request kind that a function carries out; it returns the content of the reply or None."""

    def keep(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return keep


def run(work: Work, requests: list[Body]) -> list[Body]:
    """The replies, in order.

    Raises: GoogleError with the place and kind of the first request that cannot be carried out.
    """
    from tests.google.batch import cells, lines, sheets  # noqa: F401

    if not requests:
        raise invalid("Must specify at least one request.")
    return [_one(work, index, body) for index, body in enumerate(requests)]


def _one(work: Work, index: int, body: Body) -> Body:
    if len(body) != 1:
        raise invalid(f"Invalid requests[{index}]: No request set.")
    ((kind, content),) = body.items()
    handler = HANDLERS.get(kind)
    if handler is None:
        raise GoogleError(501, {"code": 501, "message": f"{kind} is not imitated here.", "status": "UNIMPLEMENTED"})
    try:
        reply = handler(work, content)
    except KeyError as missing:
        raise invalid(f"Invalid requests[{index}].{kind}: {missing} is required.") from missing
    except Refusal as refusal:
        raise invalid(f"Invalid requests[{index}].{kind}: {refusal}") from None
    return {} if reply is None else {kind: reply}


def mask_of(body: Body) -> Mask:
    mask = parse_mask(body.get("fields", ""))
    if not mask:
        raise Refusal("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return mask
