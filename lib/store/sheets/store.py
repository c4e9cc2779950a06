"""The Google Sheets adapter: one spreadsheet that managers open and edit while agents work in the app.

A commit is one batchUpdate whose first request makes developer metadata with the number of the new sequence: of two
writers based on one read exactly one wins, and the other's batch is refused as a whole. Reading is one values:batchGet
for all tabs; Drive's version number says when it may be left out, but never for longer than a minute.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from lib.domain.people import Staff
from lib.domain.workspace import ListItem
from lib.errors import (
    OutcomeUnknown,
    StaleSequence,
    StoreError,
    StoreUnavailable,
    TabMissing,
    WriteTooLarge,
)
from lib.store.codec import decode
from lib.store.port import ByHand, Load, Pull, Row, Write
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA, Schema
from lib.store.sheets import provisioning
from lib.store.sheets.cells import Cells, plain
from lib.store.sheets.client import Rejected, SheetsClient
from lib.store.sheets.history import CHUNK, TAIL, HistoryCache, replayed, seq_of
from lib.store.sheets.journal import Findings, check
from lib.store.sheets.layout import META, all_places, sheet_id
from lib.store.sheets.plan import (
    FIRST_MARKER,
    MARKER_KEY,
    MARKERS,
    Plan,
    Planner,
    expected_end,
    load_halves,
    load_requests,
    requests,
    response_ranges,
    seal_requests,
    tag_of,
)
from lib.store.sheets.reader import RawRows, Reader, Reading
from lib.store.sheets.repair import repair_plan
from lib.store.sheets.state import TabState, lines_by_record
from lib.store.sheets.vocabulary import Vocabulary
from lib.store.undisturbed import undisturbed

log = logging.getLogger("casesheet")
PRUNE_EVERY = 50  # writes between two looks at the markers
REPAIRS = 5
_ANSWER = (
    "replies,updatedSpreadsheet.sheets(properties.sheetId,data(startRow,startColumn,rowData.values.effectiveValue))"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the store must know of the workspace. `fixed` are lists that are not in the sheet (stages, roles).

    Seconds: a write is based on a read no older than `fresh`; Drive's version is trusted for `trusted`; a row missing
    from the sheet counts as deleted after `grace` (people cut and paste). `limit` is the largest request in bytes.
    """

    zone: tzinfo = UTC
    language: str = "zh_CN"
    fixed: Sequence[ListItem] = ()
    fresh: float = 2.0
    trusted: float = 60.0
    grace: float = 15.0
    limit: int = 2_000_000
    clock: Callable[[], float] = field(default=time.monotonic)


class SheetsStore:
    """A `Store` in one spreadsheet."""

    def __init__(self, client: SheetsClient, options: Options | None = None) -> None:
        self._client, self._options = client, options or Options()
        self._reader = Reader(client)
        self._lock = threading.RLock()
        self._cells = Cells(self._options.zone, Vocabulary(self._options.language, self._options.fixed))
        self._tabs = {name: TabState(SCHEMA[name]) for name in HOT_TABS}
        self._seq = self._checked = -1  # the sequence read, and the last one whose journal was looked at
        self._history: HistoryCache | None = None
        self._history_places: Mapping[str, int] = {}
        self._word_rows: tuple[RawRows, RawRows] = ([], [])
        self._new_words = False
        self._read_at = self._full_at = -1e9
        self._version = self._asked = ""  # of the last read; of the last question
        self._dirty = True  # something of the last write is not known: read before anything else
        self._just_read = False

    def provision(self, schema: Schema) -> Sequence[str]:
        """Make what is missing; see `lib.store.sheets.provisioning`."""
        with self._lock:
            done = provisioning.provision(self._client, schema, self._options.language)
            self._reader.forget()
            self._dirty = True
        return done

    def pull(self, since: int | None) -> Pull:
        """From memory where the file is as it was read, else from one read of everything."""
        with self._lock:
            if not self._just_read and not self._unchanged():
                self._read()
            self._just_read = False
            complete = since is None or since > self._seq
            return self._pulled(None if complete else since)

    def write(self, write: Write) -> None:
        with self._lock:
            self._be_fresh(write)
            plan = self._planner().plan(write)
            try:
                self._send(plan)
            except StaleSequence:
                self._dirty = True
                raise

    def has_write(self, write_id: str) -> bool:
        self._reader.layout.require((META,))
        return self._client.find_metadata(MARKER_KEY, tag_of(write_id))

    def history(
        self,
        *,
        commit_ids: Iterable[str] | None = None,
        case_no: str | None = None,
        since_seq: int | None = None,
        until_seq: int | None = None,
        actions: Iterable[str] | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """As of the last pull or write. Commits are looked for in memory; the rest asks for the older part once."""
        with self._lock:
            if self._history is None or self._dirty:
                self._read()
            if commit_ids is None and not self._covers(since_seq):
                self._load_older()
            return self._known_history().find(commit_ids, case_no, since_seq, until_seq, actions)

    def load(self, load: Load) -> None:
        with self._lock:
            self._be_at(load.expected_seq)
            self._load_older()
            known = {(line.get("commit_id"), line.get("line", 0)) for line in self._known_history().lines}
            fresh = [line for line in load.history if (line["commit_id"], line.get("line", 0)) not in known]
            self._load_parts(replace(load, history=fresh))

    def seal(self, *, expected_seq: int, seq: int) -> None:
        with self._lock:
            self._read()
            if self._seq == seq:
                return
            self._be_at(expected_seq)
            self._apply_or_stale(seal_requests(expected_seq, seq, self._known_history()), seq)
            self._read()

    def close(self) -> None:
        self._client.session.close()

    # reading

    def _unchanged(self) -> bool:
        """Whether the file is surely enough as it was read."""
        now = self._options.clock()
        if self._dirty or now - self._full_at > self._options.trusted or self._grace_is_over(now):
            self._asked = self._ask_version()
            return False
        self._asked = self._ask_version()
        same = self._asked != "" and self._asked == self._version
        if same:
            self._read_at = now
        return same

    def _ask_version(self) -> str:
        """A hint only: where Drive does not answer, the sheet is read."""
        try:
            return self._client.version()
        except StoreUnavailable as failed:
            log.info("no version from Drive: %s", failed)
            return ""

    def _grace_is_over(self, now: float) -> bool:
        over = now - self._options.grace
        return any(over < since <= over + 1 for tab in self._tabs.values() for since in tab.missing.values())

    def _read(self) -> None:
        """Read everything; put right what the last write did to wrong rows before anybody builds on it."""
        for _ in range(REPAIRS):
            known = self._history
            reading = self._reader.read(None if known is None else known.end - 1)
            if reading.seq < self._seq:  # an older version of the file was restored
                self._begin_again()
                continue
            if known is None:
                self._open_history(reading)
            self._take_history(reading)
            if reading.seq != self._checked and self._repaired(reading):
                continue
            with undisturbed():
                self._take(reading, self._known_history().between(self._seq, reading.seq))
            return
        raise StoreUnavailable("rows move faster than they can be written")

    def _begin_again(self) -> None:
        self._tabs = {name: TabState(SCHEMA[name]) for name in HOT_TABS}
        self._history, self._seq, self._checked = None, -1, -1

    def _take(self, reading: Reading, lines: list[Row]) -> None:
        now = self._options.clock()
        self._learn_words(reading.tabs["lists"], reading.tabs["staff"])
        new_words, self._new_words = self._new_words, False
        told = lines_by_record(lines)
        for name, tab in self._tabs.items():
            unknown = tab.take(reading.tabs[name], self._cells, lines=told.get(name, {}), now=now, new_words=new_words)
            if unknown:
                self._find_bases(tab, unknown)
        self._seq, self._dirty = reading.seq, False
        self._version, self._asked = self._asked, ""
        self._read_at = self._full_at = now

    def _learn_words(self, lists: RawRows, staff: RawRows) -> None:
        """The labels of lists and the names of people, where either changed."""
        if (lists, staff) == self._word_rows:
            return
        items = [item for item in self._records("lists", lists) if isinstance(item, ListItem)]
        names = {one.staff_id: one.name for one in self._records("staff", staff) if isinstance(one, Staff)}
        earlier = self._cells.words
        words = Vocabulary(self._options.language, self._options.fixed, items, names, earlier)
        self._cells = self._cells.with_words(words)
        self._word_rows, self._new_words = (lists, staff), True

    def _records(self, name: str, rows: RawRows) -> list[Any]:
        if not rows:
            return []
        tab = SCHEMA[name]
        plain_cells = self._cells.with_words(Vocabulary(self._options.language))
        found = plain_cells.rows(tab, all_places(tab, rows[0]), rows[1:])
        return list(decode(tab, [row for row in found if tab.key in row])[0])

    def _find_bases(self, tab: TabState, keys: Sequence[str]) -> None:
        """What the app last wrote of rows that were edited while nobody looked: History tells."""
        self._load_older()
        told = lines_by_record(self._known_history().lines).get(tab.tab.name, {})
        for key in keys:
            tab.base(key, replayed(None, tab.tab.key, told.get(key, ())))

    # History

    def _known_history(self) -> HistoryCache:
        if self._history is None:
            raise StoreUnavailable("History was not read")
        return self._history

    def _covers(self, since_seq: int | None) -> bool:
        history = self._known_history()
        if history.first <= 1:
            return True
        return since_seq is not None and bool(history.lines) and seq_of(history.lines[0]) <= since_seq

    def _open_history(self, reading: Reading) -> None:
        self._history_places = all_places(SCHEMA[HISTORY], reading.history_header)
        self._history = HistoryCache(max(1, reading.history_end - TAIL))

    def _take_history(self, reading: Reading) -> None:
        history = self._known_history()
        rows = reading.history[1:] if reading.history else self._tail(history)
        history.add(rows, self._history_places, self._cells)

    def _tail(self, history: HistoryCache) -> RawRows:
        return self._reader.tail(history.end - 1)[1:]

    def _load_older(self) -> None:
        history = self._known_history()
        while history.first > 1:
            first = max(1, history.first - CHUNK)
            history.prepend(self._reader.history(first, history.first), self._history_places, self._cells)

    # telling what was read

    def _pulled(self, since: int | None) -> Pull:
        if since == self._seq:
            return Pull(self._seq, {}, complete=False, by_hand=self._by_hand())
        rows: dict[str, Sequence[Row]] = {}
        removed: dict[str, Sequence[str]] = {}
        for name, tab in self._tabs.items():
            written, gone = tab.since(since), tab.gone_since(since)
            if since is None or written or gone:
                rows[name], removed[name] = written, gone
        return Pull(self._seq, rows, complete=since is None, removed=removed, by_hand=self._by_hand())

    def _by_hand(self) -> ByHand | None:
        now = self._options.clock()
        edited: dict[str, Mapping[str, Row]] = {}
        added: dict[str, Mapping[str, Row]] = {}
        typed: dict[str, Mapping[str, Row]] = {}
        missing: dict[str, Sequence[str]] = {}
        twice: dict[str, Sequence[str]] = {}
        for name, tab in self._tabs.items():
            if tab.edited:
                edited[name] = {key: row for key, row in tab.edited.items() if key in tab.app}
                added[name] = {key: row for key, row in tab.edited.items() if key not in tab.app}
            if tab.typed:
                typed[name] = {token: tab.typed[at] for at, token in tab.tokens().items()}
            if tab.missing:
                missing[name] = [key for key, since in tab.missing.items() if now - since >= self._options.grace]
            if tab.twice:
                twice[name] = list(tab.twice.values())
        if not (edited or typed or missing or twice):
            return None
        return ByHand(datetime.now(UTC).astimezone(self._options.zone), edited, typed, added, missing, twice)

    # writing

    def _be_fresh(self, write: Write) -> None:
        """Read again where the last read is too old to write by. Raises StaleSequence where that changes anything."""
        now = self._options.clock()
        if self._dirty or self._seq < write.expected_seq or now - self._read_at > self._options.fresh:
            before = self._by_hand_of(write)
            if self._dirty or not self._unchanged():
                self._read()
            if self._seq == write.expected_seq and self._by_hand_of(write) != before:
                self._just_read = True
                raise StaleSequence
        if self._seq != write.expected_seq:
            self._just_read = self._seq > write.expected_seq
            raise StaleSequence

    def _by_hand_of(self, write: Write) -> list[Row | None]:
        """How the rows about to be written look in the sheet, where people changed them."""
        return [
            self._tabs[name].edited.get(str(row.get(SCHEMA[name].key)))
            for name, rows in write.rows.items()
            for row in rows
        ] + [self._tabs[name].edited.get(str(key)) for name, keys in write.removed.items() for key in keys]

    def _planner(self) -> Planner:
        return Planner(self._tabs, self._history_places, self._cells)

    def _send(self, plan: Plan) -> None:
        """Send one plan and take over what it changed."""
        layout = self._reader.layout
        titles = {name: sheet.title for name, sheet in layout.sheets.items()}
        body = {
            "requests": requests(plan, self._tabs, self._known_history(), self._old_markers(plan.seq)),
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

    def _encoded(self, body: Mapping[str, Any]) -> bytes:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        if len(content) > self._options.limit:
            raise WriteTooLarge(len(content), self._options.limit)
        return content

    def _why_rejected(self, rejected: Rejected, wanted: int) -> StoreError:
        """Nothing was applied: because the marker is taken, a tab is gone, or something else."""
        self._dirty = True
        if "already exists" in rejected.why and "metadata" in rejected.why:
            return StaleSequence()
        self._reader.forget()
        for name in (*SCHEMA, META):
            if name not in self._reader.layout.sheets:
                return TabMissing(name)
        return StaleSequence() if self._reader.read(None).seq >= wanted else rejected

    def _old_markers(self, seq: int) -> list[int]:
        """Markers to take away with this write: only such as were just seen."""
        if seq % PRUNE_EVERY or seq < MARKERS:
            return []
        found = self._client.metadata("developerMetadata(metadataId,metadataKey)").get("developerMetadata", ())
        numbers = [item["metadataId"] for item in found if item.get("metadataKey") == MARKER_KEY]
        return sorted(number for number in numbers if number <= FIRST_MARKER + seq - MARKERS)

    def _took(self, plan: Plan, answer: Mapping[str, Any]) -> None:
        """Bring what is known up to date with a write that was applied; look at its journal."""
        shown = _shown(answer)
        journal = shown.get(sheet_id(META), {}).get((0, 0), [])
        places_known = self._apply(plan, shown)
        history = self._known_history()
        history.lines += plan.lines
        history.end += len(plan.history)
        self._seq = plan.seq
        if {"lists", "staff"} & set(plan.written):
            self._learn_words(*([tab.header, *tab.raw] for tab in (self._tabs["lists"], self._tabs["staff"])))
        self._dirty = not places_known
        seen = bool(journal) and journal[0][:1] == [plan.seq]
        if not seen or check(journal[1:], lines_by_record(plan.lines), self._cells, plan.seq):
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

    def _apply(self, plan: Plan, shown: Mapping[int, Mapping[tuple[int, int], RawRows]]) -> bool:
        """The raw rows as they are now; False where it is not known where appended rows are."""
        for name, position, cells in plan.cells:
            row = self._tabs[name].raw[position] = list(self._tabs[name].raw[position])
            row += [""] * (max(cells, default=-1) + 1 - len(row))
            for place, cell in cells.items():
                row[place] = cell
        sure = True
        for name in {*plan.removed, *plan.appended, *plan.written}:
            tab = self._tabs[name]
            end = expected_end(plan, tab)
            for position in reversed(plan.removed_positions(name)):
                del tab.raw[position]
            appended = plan.appended.get(name, [])
            if appended:
                place = tab.places[tab.tab.key]
                keys = shown.get(sheet_id(name), {}).get((end + 1, place), [])
                sure = sure and [row[:1] for row in keys] == [[raw[place]] for _, raw in appended]
                tab.raw[end:] = [raw for _, raw in appended]
            tab.wrote(plan.written.get(name, {}), plan.removed.get(name, ()), plan.seq, self._cells)
        return sure

    # taking in a copy

    def _be_at(self, seq: int) -> None:
        if self._dirty or self._seq != seq:
            self._read()
        if self._seq != seq:
            raise StaleSequence

    def _load_parts(self, load: Load) -> None:
        """All of it at once or, where that is too large, in halves."""
        plan = self._planner().load(load)
        wanted = load_requests(plan, load, self._known_history(), self._tabs)
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

    def _apply_or_stale(self, wanted: list[dict[str, Any]], seq: int) -> None:
        try:
            self._client.update(self._encoded({"requests": wanted}))
        except Rejected as rejected:
            raise self._why_rejected(rejected, seq) from rejected
        except OutcomeUnknown:
            self._dirty = True
            raise

    # putting right

    def _repaired(self, reading: Reading) -> bool:
        """Whether the last write had hit wrong rows and that was put right; then everything must be read again."""
        last = [line for line in self._known_history().lines if line.get("seq") == reading.seq]
        findings = check(reading.journal, lines_by_record(last), self._cells, reading.seq)
        if findings:
            self._repair(reading, findings, last)
            return True
        self._checked = reading.seq
        return False

    def _repair(self, reading: Reading, findings: Findings, last: Sequence[Row]) -> None:
        log.warning("write %s reached other rows than it was meant for; putting it right", reading.seq)
        tabs = {name: TabState(SCHEMA[name]) for name in HOT_TABS}
        for name, tab in tabs.items():
            tab.take(reading.tabs[name], self._cells, lines={}, now=0.0)
            tab.app, tab.revs = dict(self._tabs[name].app), dict(self._tabs[name].revs)
        at = datetime.now(UTC).astimezone(self._options.zone).replace(microsecond=0)
        planner = Planner(tabs, self._history_places, self._cells)
        plan = repair_plan(planner, tabs, reading, findings, last, at, self._row_before)
        try:
            self._apply_or_stale(requests(plan, tabs, self._known_history(), ()), plan.seq)
        except StaleSequence:
            log.info("somebody else put it right")
        finally:
            self._dirty = True

    def _row_before(self, tab: str, key: str) -> Row | None:
        """The app's version of a row before the last write, from memory or from History."""
        self._load_older()
        told = lines_by_record(self._known_history().lines).get(tab, {}).get(key, ())
        return replayed(None, SCHEMA[tab].key, told) or self._tabs[tab].app.get(key)


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
