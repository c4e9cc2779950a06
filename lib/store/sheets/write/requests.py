"""A plan as the requests of one batchUpdate.

The order matters: the marker first, then the journal takes pictures of the rows about to change, then the changes (by
position), removals from the bottom up, and last what is appended.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from lib.store.schema import HISTORY
from lib.store.sheets.model.layout import META, Layout, letter, quoted, sheet_id
from lib.store.sheets.model.meta import put_sequence, tag_of
from lib.store.sheets.model.updates import VALUES, Request, row_data, write_from
from lib.store.sheets.read.history import HistoryCache
from lib.store.sheets.read.tab_state import TabStates
from lib.store.sheets.write.journal import journal_columns, journal_requests, journal_rows
from lib.store.sheets.write.new_rows import grown_requests
from lib.store.sheets.write.plan import WritePlan, expected_end

FIRST_MARKER = 1_000_000_000
MARKER_KEY = "w"
MARKERS = 1_000  # how many are kept; 17 characters each of the 30,000 that a spreadsheet may hold


def requests(
    plan: WritePlan,
    tabs: TabStates,
    history: HistoryCache,
    layout: Layout,
    stale_markers: Iterable[int] = (),
    *,
    kept: int = 0,
) -> list[Request]:
    """Everything, in the order in which Google is to apply it. `kept`: rows of the journal that stay."""
    return [
        marker(plan.seq, plan.write_id),
        *journal_requests(plan, tabs, kept),
        *changes(plan),
        *removals(plan, tabs),
        *appends(plan),
        *grown_requests(plan, tabs, layout),
        put_sequence(plan.seq, plan.write_id, history.end + len(plan.history)),
        *(delete_marker(number) for number in stale_markers),
    ]


def changes(plan: WritePlan) -> list[Request]:
    """Only the cells that change; those side by side go together."""
    found: list[Request] = []
    for item in plan.touched:
        if item.kind == "d":
            continue
        cells = {place: item.values[name] for name, place in item.fields.items()}
        for first, run in _runs(sorted(cells)):
            values = [cells[place] for place in run]
            found.append(write_from(sheet_id(item.tab), item.position + 1, first, [values]))
    return found


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, list[int]]]:
    """Numbers that follow each other, with the first of them."""
    for _, items in groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        run = [number for _, number in items]
        yield run[0], run


def removals(plan: WritePlan, tabs: TabStates) -> list[Request]:
    """From the bottom up. A tab must keep a row below its frozen header."""
    found: list[Request] = []
    for tab in sorted({item.tab for item in plan.touched if item.kind == "d"}):
        gone = plan.removed_positions(tab)
        if len(gone) == len(tabs[tab].raw):
            found.append({"appendDimension": {"sheetId": sheet_id(tab), "dimension": "ROWS", "length": 1}})
        for first, run in reversed(list(_runs(gone))):
            area = {"sheetId": sheet_id(tab), "dimension": "ROWS", "startIndex": first + 1}
            found.append({"deleteDimension": {"range": {**area, "endIndex": first + 1 + len(run)}}})
    return found


def appends(plan: WritePlan) -> list[Request]:
    """After the last row with anything in it."""
    tabs = {name: [row.cells for row in rows] for name, rows in plan.appended.items()}
    if plan.history:
        tabs[HISTORY] = plan.history
    return [
        {"appendCells": {"sheetId": sheet_id(name), "rows": row_data(rows), "fields": VALUES}}
        for name, rows in tabs.items()
    ]


def marker(seq: int, write_id: str) -> Request:
    """The compare-and-swap: of two writers that want the same sequence, one is refused."""
    made = {
        "metadataId": FIRST_MARKER + seq,
        "metadataKey": MARKER_KEY,
        "metadataValue": tag_of(write_id),
        "location": {"spreadsheet": True},
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": made}}


def delete_marker(number: int) -> Request:
    """Take a marker away."""
    lookup = {"developerMetadataLookup": {"metadataId": number}}
    return {"deleteDeveloperMetadata": {"dataFilter": lookup}}


def response_ranges(plan: WritePlan, tabs: TabStates, titles: Mapping[str, str]) -> list[str]:
    """What the answer is to show: the journal, and the keys where appended rows are expected."""
    last = letter(journal_columns(plan, tabs) - 1)
    ranges = [f"{quoted(titles[META])}!A1:{last}{journal_rows(plan)}"]
    for name, rows in plan.appended.items():
        column = letter(tabs[name].places[tabs[name].tab.key])
        first = expected_end(plan, tabs[name]) + 2
        ranges.append(f"{quoted(titles[name])}!{column}{first}:{column}{first + len(rows) - 1}")
    return ranges
