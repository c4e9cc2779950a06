"""Writing: from a fresh read to one request, and what is known once it is in."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib.errors import StaleSequence, StoreError, WriteTooLarge
from lib.store.port import Load, Row, Write
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.cells import plain
from lib.store.sheets.model.layout import META, sheet_id
from lib.store.sheets.model.tabs import ARCHIVE, by_home, homes, record_tab
from lib.store.sheets.read.formula_columns import Names, lacking, making
from lib.store.sheets.read.mirror import NEVER, Mirror
from lib.store.sheets.read.reader import RawRows
from lib.store.sheets.read.tab_state import find, part
from lib.store.sheets.repair.recovery import Recovery
from lib.store.sheets.sync import Sync
from lib.store.sheets.write.bulk_load import load_halves, load_requests, seal_requests
from lib.store.sheets.write.plan import WritePlan, expected_end
from lib.store.sheets.write.planner import Planner
from lib.store.sheets.write.requests import FIRST_MARKER, MARKER_KEY, MARKERS, requests, response_ranges
from lib.store.sheets.write.sending import Sender

log = logging.getLogger("casesheet")
ALONG = 50  # rows that stand in the wrong tab and go home with one write; rows that are freed by one
PRUNE_EVERY = 50  # writes between two looks at the markers
_ANSWER = (
    "replies,updatedSpreadsheet.sheets(properties.sheetId,data(startRow,startColumn,rowData.values.effectiveValue))"
)


class Writer:
    """Writes, and brings the mirror up to date without another read."""

    def __init__(self, client: SheetsClient, mirror: Mirror, sender: Sender, recovery: Recovery, sync: Sync) -> None:
        self._client, self._mirror, self._sender = client, mirror, sender
        self._recovery, self._sync = recovery, sync

    def write(self, write: Write) -> None:
        """See `lib.store.port.Store.write`."""
        self._sync.be_fresh(write)
        self._make_columns(write)
        planner = self._planner()
        plan = planner.plan(write, planner.astray(ALONG))
        planner.free(plan, ALONG)
        try:
            self._send(plan)
        except StaleSequence:
            self._mirror.dirty = True
            raise

    def load(self, load: Load) -> None:
        """See `lib.store.port.Store.load`."""
        mirror = self._mirror
        mirror.loaded = load.seq
        self._sync.be_at(load.expected_seq, archive=mirror.reaches_archive(load))
        self._make_columns(load)
        mirror.load_older()
        known = {(line.get("commit_id"), line.get("line", 0)) for line in mirror.known_history().lines}
        fresh = [line for line in load.history if (line["commit_id"], line.get("line", 0)) not in known]
        self._load_parts(replace(load, history=fresh))

    def seal(self, *, expected_seq: int, seq: int) -> None:
        """See `lib.store.port.Store.seal`."""
        self._sync.read()
        if self._mirror.seq == seq:
            return
        self._sync.be_at(expected_seq)
        self._sender.send(seal_requests(expected_seq, seq, self._mirror.known_history()), seq, alone=False)
        self._sync.read()

    # columns that rows bring along

    def _make_columns(self, wanted: Write | Load) -> None:
        """Extra columns that the tabs lack. Raises StaleSequence where anything else turns out to have changed."""
        if not self._lacking(wanted):
            return
        mirror = self._mirror
        before = (mirror.seq, mirror.by_hand_of(wanted))
        self._read_layout()
        columns = self._lacking(wanted)
        if columns:
            self._sender.post(making(columns, mirror.tabs, mirror.reader.layout, mirror.options.language))
            self._read_layout()
        self._sync.just_read = True
        if before != (mirror.seq, mirror.by_hand_of(wanted)):
            raise StaleSequence

    def _read_layout(self) -> None:
        self._mirror.reader.forget()
        self._sync.read(archive=True)

    def _lacking(self, wanted: Write | Load) -> Names:
        """By the tabs in which rows will stand, also those that go there beside; with what people typed into them."""
        tabs, records = self._mirror.tabs, self._mirror.records
        rows = by_home(wanted.rows)
        for name, keys in self._planner().astray(ALONG).items():
            for home, more in by_home({name: [records[name].app[key] for key in keys]}).items():
                rows.setdefault(home, []).extend(more)
        for home, some in rows.items():
            some += [self._standing(home, str(row.get(tabs[home].tab.key))) for row in some]
        return lacking(tabs, rows)

    def _standing(self, to: str, key: str) -> Row:
        """The columns beside the record's of a row that goes to this tab, as far as they are filled in where it is."""
        tabs = self._mirror.tabs
        state, position = find(tabs, record_tab(to), key) or (tabs[to], -1)
        if state.tab.name == to:
            return {}
        beside = filter(state.tab.carries, state.places)
        return {name: cell for name in beside if (cell := state.cell(position, name)) != ""}

    # one write

    def _planner(self) -> Planner:
        return Planner(self._mirror.tabs, self._mirror.history_places, self._mirror.cells)

    def _send(self, plan: WritePlan) -> None:
        """Send one plan and take over what it changed."""
        mirror = self._mirror
        layout = mirror.reader.layout
        titles = {name: sheet.title for name, sheet in layout.sheets.items()}
        answer = self._sender.send(
            requests(plan, mirror.tabs, mirror.known_history(), layout, self._old_markers(plan.seq)),
            plan.seq,
            fields=_ANSWER,
            includeSpreadsheetInResponse=True,
            responseIncludeGridData=True,
            responseRanges=response_ranges(plan, mirror.tabs, titles),
        )
        self._took(plan, answer)

    def _old_markers(self, seq: int) -> list[int]:
        """Markers to take away with this write: only such as were just seen."""
        if seq % PRUNE_EVERY or seq < MARKERS:
            return []
        found = self._client.metadata("developerMetadata(metadataId,metadataKey)").get("developerMetadata", ())
        numbers = [item["metadataId"] for item in found if item.get("metadataKey") == MARKER_KEY]
        return sorted(number for number in numbers if number <= FIRST_MARKER + seq - MARKERS)

    def _took(self, plan: WritePlan, answer: Mapping[str, Any]) -> None:
        """Bring the mirror up to date with a write that was applied; look at its journal."""
        mirror, shown = self._mirror, _shown(answer)
        places_known = self._apply(plan, shown)
        mirror.seq = mirror.highest = plan.seq
        if {"lists", "staff"} & set(plan.written):
            mirror.words.learn(*([tab.header, *tab.raw] for tab in (mirror.tabs["lists"], mirror.tabs["staff"])))
        mirror.dirty = not places_known
        if not self._recovery.landed(plan, shown.get(sheet_id(META), {}).get((0, 0), [])):
            mirror.dirty = True
            self._put_right()

    def _put_right(self) -> None:
        """Read at once, which repairs; the write itself is in, whatever comes of this."""
        try:
            self._sync.read()
        except StoreError as failed:
            log.warning("the last write could not be checked yet: %s", failed)

    # what is known once it is in

    def _apply(self, plan: WritePlan, shown: Mapping[int, Mapping[tuple[int, int], RawRows]]) -> bool:
        """The raw rows and History as they are now; False where it is not known where appended rows are."""
        mirror = self._mirror
        for item in plan.touched:
            row = mirror.tabs[item.tab].raw[item.position] = list(mirror.tabs[item.tab].raw[item.position])
            row += [""] * (max(item.fields.values(), default=-1) + 1 - len(row))
            for name, place in item.fields.items():
                row[place] = item.values[name]
        sure = True
        for name in {item.tab for item in plan.touched} | plan.appended.keys():
            tab = mirror.tabs[name]
            end = expected_end(plan, tab)
            for position in reversed(plan.removed_positions(name)):
                del tab.raw[position]
            appended = plan.appended.get(name, [])
            if appended:
                place = tab.places[tab.tab.key]
                keys = shown.get(sheet_id(name), {}).get((end + 1, place), [])
                if [row[:1] for row in keys] != [[item.cells[place]] for item in appended]:
                    sure, mirror.archive_at = False, NEVER if name == ARCHIVE else mirror.archive_at
                tab.raw[end:] = [item.cells for item in appended]
            tab.last = max(tab.last, plan.seq)
            tab.find_keys(mirror.cells)
        for name in {record_tab(name) for name in (*plan.written, *plan.removed, *plan.appended)}:
            self._wrote(name, plan)
        history = mirror.known_history()
        history.lines += plan.lines
        history.end += len(plan.history)
        return sure

    def _wrote(self, name: str, plan: WritePlan) -> None:
        mirror, records, rows = self._mirror, self._mirror.records[name], plan.written.get(name, {})
        along = [item.key for one in homes(name) for item in plan.appended.get(one, ())]
        records.wrote({key: records.app[key] for key in along if key in records.app}, (), plan.seq)
        records.wrote(rows, plan.removed.get(name, ()), plan.seq)
        part(mirror.tabs, name, mirror.cells)
        for one in homes(name):
            mirror.tabs[one].see_edited(rows, mirror.cells)

    # a part of a copy

    def _load_parts(self, load: Load) -> None:
        """All of it at once or, where that is too large, in halves."""
        mirror, plan = self._mirror, self._planner().load(load)
        wanted = load_requests(plan, load, mirror.known_history(), mirror.tabs, mirror.reader.layout)
        try:
            self._sender.send(wanted, load.expected_seq + 1)
        except WriteTooLarge:
            halves = load_halves(load)
            if not halves:
                raise
            for half in halves:
                self._load_parts(half)
            return
        self._apply(plan, {})
        mirror.dirty = True


def _shown(answer: Mapping[str, Any]) -> dict[int, dict[tuple[int, int], RawRows]]:
    """{sheet: {(first row, first column): rows}} of the answer's grid."""
    found: dict[int, dict[tuple[int, int], RawRows]] = {}
    for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ()):
        areas = found.setdefault(sheet.get("properties", {}).get("sheetId", 0), {})
        for data in sheet.get("data", ()):
            rows = [
                [plain(cell.get("effectiveValue")) for cell in row.get("values", ())] for row in data.get("rowData", ())
            ]
            areas[data.get("startRow", 0), data.get("startColumn", 0)] = rows
    return found
