"""Writing: from a fresh read to one request, and what is known once it is in."""

import logging
from collections.abc import Mapping
from typing import Any

from lib.errors import (
    OutcomeUnknown,
    StaleSequence,
    StoreError,
    WriteTooLarge,
)
from lib.store.port import Load, Row, Write
from lib.store.schema import SCHEMA
from lib.store.sheets.api.client import Rejected
from lib.store.sheets.model.cells import plain
from lib.store.sheets.model.layout import META, sheet_id
from lib.store.sheets.model.tabs import ARCHIVE, CASES, by_home, homes, record_tab
from lib.store.sheets.read.formula_columns import Names, lacking, making
from lib.store.sheets.read.mirror import NEVER
from lib.store.sheets.read.reader import RawRows
from lib.store.sheets.read.tab_state import find, lines_by_record, part
from lib.store.sheets.repair.replay import Landing
from lib.store.sheets.sync import Following
from lib.store.sheets.write.bulk_load import load_halves, load_requests
from lib.store.sheets.write.journal import read_journal
from lib.store.sheets.write.plan import WritePlan, expected_end
from lib.store.sheets.write.planner import Planner
from lib.store.sheets.write.requests import FIRST_MARKER, MARKER_KEY, MARKERS, requests, response_ranges

log = logging.getLogger("casesheet")
ALONG = 50  # rows that stand in the wrong tab and go home with one write; rows that are freed by one
PRUNE_EVERY = 50  # writes between two looks at the markers
_ANSWER = (
    "replies,updatedSpreadsheet.sheets(properties.sheetId,data(startRow,startColumn,rowData.values.effectiveValue))"
)


class Sending(Following):
    """Writes, and brings what is known up to date without another read."""

    def _be_fresh(self, write: Write) -> None:
        """Read again where the last read is too old to write by. Raises StaleSequence where that changes anything."""
        old = self._options.clock() - self._options.fresh
        stale = self._reaches_archive(write) and self._archive_at < old
        if self._dirty or stale or self._seq < write.expected_seq or self._read_at < old:
            before = self._by_hand_of(write)
            if self._dirty or stale or not self._unchanged():
                self._read(archive=stale)
            if self._seq == write.expected_seq and self._by_hand_of(write) != before:
                self._just_read = True
                raise StaleSequence
        if self._seq != write.expected_seq:
            self._just_read = self._seq > write.expected_seq
            raise StaleSequence

    def _reaches_archive(self, write: Write | Load) -> bool:
        """Whether rows of the archive are changed or removed; others are added to it wherever it ends."""
        keys = {str(row.get(SCHEMA[CASES].key)) for row in write.rows.get(CASES, ())} | {*write.removed.get(CASES, ())}
        return not keys.isdisjoint(self._tabs[ARCHIVE].at)

    def _by_hand_of(self, write: Write | Load) -> list[tuple[Row | None, bool]]:
        """How the rows about to be written look in the sheet, where people changed them; which are older copies."""
        keys = [(name, str(row.get(SCHEMA[name].key))) for name, rows in write.rows.items() for row in rows]
        keys += [(name, str(key)) for name, some in write.removed.items() for key in some]
        return [(self._records[name].edited.get(key), key in self._records[name].older) for name, key in keys]

    def _make_columns(self, wanted: Write | Load) -> None:
        """Extra columns that the tabs lack. Raises StaleSequence where anything else turns out to have changed."""
        if not self._lacking(wanted):
            return
        before = (self._seq, self._by_hand_of(wanted))
        self._reader.forget()
        self._read(archive=True)
        columns, layout = self._lacking(wanted), self._reader.layout
        if columns:
            requests = making(columns, self._tabs, layout, self._options.language)
            self._client.update(self._encoded({"requests": requests}))
            self._reader.forget()
            self._read(archive=True)
        self._just_read = True
        if before != (self._seq, self._by_hand_of(wanted)):
            raise StaleSequence

    def _lacking(self, wanted: Write | Load) -> Names:
        """By the tabs in which rows will stand, also those that go there beside; with what people typed into them."""
        rows = by_home(wanted.rows)
        for name, keys in self._planner().astray(ALONG).items():
            for home, more in by_home({name: [self._records[name].app[key] for key in keys]}).items():
                rows.setdefault(home, []).extend(more)
        for home, some in rows.items():
            some += [self._standing(home, str(row.get(SCHEMA[record_tab(home)].key))) for row in some]
        return lacking(self._tabs, rows)

    def _standing(self, to: str, key: str) -> Row:
        """The columns beside the record's of a row that goes to this tab, as far as they are filled in where it is."""
        state, position = find(self._tabs, record_tab(to), key) or (self._tabs[to], -1)
        if state.tab.name == to:
            return {}
        beside = filter(state.tab.carries, state.places)
        return {name: cell for name in beside if (cell := state.cell(position, name)) != ""}

    def _planner(self) -> Planner:
        return Planner(self._tabs, self._history_places, self._cells)

    def _send(self, plan: WritePlan) -> None:
        """Send one plan and take over what it changed."""
        layout = self._reader.layout
        titles = {name: sheet.title for name, sheet in layout.sheets.items()}
        body = {
            "requests": requests(plan, self._tabs, self._known_history(), layout, self._old_markers(plan.seq)),
            "includeSpreadsheetInResponse": True,
            "responseIncludeGridData": True,
            "responseRanges": response_ranges(plan, self._tabs, titles),
        }
        try:
            answer = self._client.update(self._encoded(body), _ANSWER)
        except Rejected as rejected:
            raise self._why_rejected(rejected, plan.seq) from rejected
        except OutcomeUnknown:
            self._dirty = True
            raise
        self._took(plan, answer)

    def _old_markers(self, seq: int) -> list[int]:
        """Markers to take away with this write: only such as were just seen."""
        if seq % PRUNE_EVERY or seq < MARKERS:
            return []
        found = self._client.metadata("developerMetadata(metadataId,metadataKey)").get("developerMetadata", ())
        numbers = [item["metadataId"] for item in found if item.get("metadataKey") == MARKER_KEY]
        return sorted(number for number in numbers if number <= FIRST_MARKER + seq - MARKERS)

    def _took(self, plan: WritePlan, answer: Mapping[str, Any]) -> None:
        """Bring what is known up to date with a write that was applied; look at its journal."""
        shown = _shown(answer)
        journal = shown.get(sheet_id(META), {}).get((0, 0), [])
        places_known = self._apply(plan, shown)
        history = self._known_history()
        history.lines += plan.lines
        history.end += len(plan.history)
        self._seq = self._own = self._highest = plan.seq
        if {"lists", "staff"} & set(plan.written):
            self._learn_words(*([tab.header, *tab.raw] for tab in (self._tabs["lists"], self._tabs["staff"])))
        self._dirty = not places_known
        seen = bool(journal) and journal[0][:1] == [plan.seq]
        if not seen or not Landing(read_journal(journal[1:]), lines_by_record(plan.lines), self._cells).right:
            self._dirty = True
            self._put_right()
        else:
            self._checked = plan.seq

    def _put_right(self) -> None:
        """Read at once, which repairs; the write itself is in, whatever comes of this."""
        try:
            self._read()
        except StoreError as failed:
            log.warning("the last write could not be checked yet: %s", failed)

    def _apply(self, plan: WritePlan, shown: Mapping[int, Mapping[tuple[int, int], RawRows]]) -> bool:
        """The raw rows as they are now; False where it is not known where appended rows are."""
        for item in plan.touched:
            row = self._tabs[item.tab].raw[item.position] = list(self._tabs[item.tab].raw[item.position])
            row += [""] * (max(item.fields.values(), default=-1) + 1 - len(row))
            for name, place in item.fields.items():
                row[place] = item.values[name]
        sure = True
        for name in {item.tab for item in plan.touched} | plan.appended.keys():
            tab = self._tabs[name]
            end = expected_end(plan, tab)
            for position in reversed(plan.removed_positions(name)):
                del tab.raw[position]
            appended = plan.appended.get(name, [])
            if appended:
                place = tab.places[tab.tab.key]
                keys = shown.get(sheet_id(name), {}).get((end + 1, place), [])
                if [row[:1] for row in keys] != [[item.cells[place]] for item in appended]:
                    sure, self._archive_at = False, NEVER if name == ARCHIVE else self._archive_at
                tab.raw[end:] = [item.cells for item in appended]
            tab.last = max(tab.last, plan.seq)
            tab.find_keys(self._cells)
        for name in {record_tab(name) for name in (*plan.written, *plan.removed, *plan.appended)}:
            self._wrote(name, plan)
        return sure

    def _wrote(self, name: str, plan: WritePlan) -> None:
        records, rows = self._records[name], plan.written.get(name, {})
        along = [item.key for one in homes(name) for item in plan.appended.get(one, ())]
        records.wrote({key: records.app[key] for key in along if key in records.app}, (), plan.seq)
        records.wrote(rows, plan.removed.get(name, ()), plan.seq)
        part(self._tabs, name, self._cells)
        for one in homes(name):
            self._tabs[one].see_edited(rows, self._cells)

    def _be_at(self, seq: int, *, archive: bool = False) -> None:
        if self._dirty or archive or self._seq != seq:
            self._read(archive=archive)
        if self._seq != seq:
            raise StaleSequence

    def _load_parts(self, load: Load) -> None:
        """All of it at once or, where that is too large, in halves."""
        plan = self._planner().load(load)
        wanted = load_requests(plan, load, self._known_history(), self._tabs, self._reader.layout)
        try:
            self._apply_or_stale(wanted, load.expected_seq + 1)
        except WriteTooLarge:
            halves = load_halves(load)
            if not halves:
                raise
            for half in halves:
                self._load_parts(half)
            return
        self._apply(plan, {})
        history = self._known_history()
        history.lines += plan.lines
        history.end += len(plan.history)
        self._dirty = True


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
