"""One write as the requests of one batchUpdate, with the journal that lets anybody check where it landed.

The order matters: the marker first, then the journal takes pictures of the rows about to change, then the changes (by
position), removals from the bottom up, and last what is appended.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from lib.domain.fields import Cell
from lib.errors import StaleSequence, StoreUnavailable
from lib.store.port import Load, Row, Write
from lib.store.schema import HISTORY, SCHEMA, Tab
from lib.store.sheets.cells import Cells, Raw, digest, extended
from lib.store.sheets.history import HistoryCache, rows_of, with_part
from lib.store.sheets.layout import HASH, META, META_COLUMNS, META_ROWS, REV, letter, quoted, sheet_id
from lib.store.sheets.state import TabState

FIRST_MARKER = 1_000_000_000
MARKER_KEY = "w"
HISTORY_END_AT = 2  # the cell that says where History ends
MARKERS = 1_500  # how many are kept; 18 characters each of the 30,000 that a spreadsheet may hold
JOURNAL_LIMIT = 4_000  # rows whose pictures are taken; a larger write is refused
Request = dict[str, Any]
TabStates = Mapping[str, TabState]


def tag_of(write_id: str) -> str:
    """The 16 characters by which a write is known in the sheet."""
    return write_id if len(write_id) <= 16 else hashlib.blake2b(write_id.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Touched:
    """One row of the sheet that a write changes ("u"), makes a record of ("t": typed by hand, without a key until now)
    or removes ("d"): what the journal notes beside its picture.

    `position` counts below the header. `fields` says which cells are written, by header field and place; `token` names
    the row that was typed.
    """

    kind: str
    tab: str
    key: str
    position: int
    fields: Mapping[str, int] = field(default_factory=dict)
    token: str = ""

    def note(self) -> str:
        return json.dumps(
            [self.kind, self.tab, self.key, self.fields, self.token], ensure_ascii=False, separators=(",", ":")
        )


@dataclass
class Plan:
    """A write in the making: cells by row, rows to remove, rows to append, and what the state will be afterwards."""

    seq: int
    write_id: str
    touched: list[Touched] = field(default_factory=list)
    cells: list[tuple[str, int, dict[int, Raw]]] = field(default_factory=list)
    appended: dict[str, list[tuple[str, list[Raw]]]] = field(default_factory=dict)
    written: dict[str, dict[str, Row]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)
    history: list[list[Raw]] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)

    def removed_positions(self, tab: str) -> list[int]:
        return sorted(item.position for item in self.touched if item.kind == "d" and item.tab == tab)


class Planner:
    """Makes plans for the workspace as it was last read."""

    def __init__(self, tabs: TabStates, history_places: Mapping[str, int], cells: Cells) -> None:
        self._tabs, self._history_places, self._cells = tabs, history_places, cells

    def plan(self, write: Write) -> Plan:
        """Raises StoreUnavailable for rows that no store could keep."""
        plan = Plan(write.expected_seq + 1, write.write_id)
        for name, rows in write.rows.items():
            for row in rows:
                self._put(plan, SCHEMA[name], row, write)
        for name, keys in write.removed.items():
            for key in keys:
                self._remove(plan, name, _checked_key(key))
        self.explain(plan, write.history)
        return plan

    def load(self, load: Load) -> Plan:
        """The same for a part of a copy: its rows are stamped with the sequence of the store it is from."""
        write = Write(load.seq - 1, f"copy-{load.seq}", load.rows, load.removed, load.history, {})
        return self.plan(write)

    def _put(self, plan: Plan, tab: Tab, row: Row, write: Write) -> None:
        key = _checked_key(row.get(tab.key))
        state = self._tabs[tab.name]
        raw = self.raw_row(tab, row)
        plan.written.setdefault(tab.name, {})[key] = canonical = self.canonical(tab, raw)
        raw |= {REV: plan.seq, HASH: digest(canonical)}
        typed = self.typed_at(write, tab.name, key)
        position = state.at.get(key) if typed is None else typed
        if position is None:
            plan.appended.setdefault(tab.name, []).append((key, self.in_order(state, raw)))
            return
        changed = write.changed.get((tab.name, key)) or frozenset(tab.columns)
        wanted = {REV, HASH, *(changed - {tab.key}), *({tab.key} if typed is not None else ())}
        fields = [name for name in raw if name in wanted and not _same(state.cell(position, name), raw[name])]
        kind = "u" if typed is None else "t"
        token = write.adopted.get((tab.name, key), "")
        self.change(plan, tab.name, key, position, {name: raw[name] for name in fields}, kind=kind, token=token)

    def typed_at(self, write: Write, tab: str, key: str) -> int | None:
        """Where the row stands that somebody typed and that becomes this record. Raises StaleSequence if nowhere."""
        token = write.adopted.get((tab, key))
        if token is None:
            return None
        for position, found in self._tabs[tab].tokens().items():
            if found == token:
                return position
        raise StaleSequence

    def change(
        self,
        plan: Plan,
        tab: str,
        key: str,
        position: int,
        raw: Mapping[str, Raw],
        *,
        kind: str = "u",
        token: str = "",
    ) -> None:
        """Put cells of one row into the plan."""
        places = self._tabs[tab].places
        plan.touched.append(Touched(kind, tab, key, position, {name: places[name] for name in raw}, token))
        plan.cells.append((tab, position, {places[name]: cell for name, cell in raw.items()}))

    def read(self, tab: str, name: str, position: int) -> Cell:
        """What stands in a cell, as a record would have it."""
        state = self._tabs[tab]
        found = self._cells.column(state.tab, name, [state.cell(position, name)])[0]
        return None if found == "" and isinstance(found, str) else found

    def raw_row(self, tab: Tab, row: Row) -> dict[str, Raw]:
        """Every field of a row as the sheet keeps it."""
        return {name: self._raw(tab, name, row.get(name)) for name in tab.columns}

    def canonical(self, tab: Tab, raw: Mapping[str, Raw]) -> Row:
        """A row as it will be read back."""
        order = {name: place for place, name in enumerate(tab.columns)}
        return self._cells.rows(tab, order, [[raw[name] for name in tab.columns]])[0]

    @staticmethod
    def in_order(state: TabState, raw: Mapping[str, Raw]) -> list[Raw]:
        """A row as it stands in its tab; columns that are not ours stay empty."""
        cells: list[Raw] = [""] * (max(state.places.values()) + 1)
        for name, cell in raw.items():
            cells[state.places[name]] = cell
        return cells

    def _remove(self, plan: Plan, tab: str, key: str) -> None:
        plan.removed.setdefault(tab, []).append(key)
        position = self._tabs[tab].at.get(key)
        if position is not None:
            plan.touched.append(Touched("d", tab, key, position))

    def explain(self, plan: Plan, history: Sequence[Row]) -> None:
        """Put lines of History into the plan."""
        if len({(line["commit_id"], line.get("line", 0)) for line in history}) < len(history):
            raise StoreUnavailable("the same line of History twice")
        tab, places = SCHEMA[HISTORY], self._history_places
        width = max(places.values()) + 1
        for line in history:
            raw = self.raw_row(tab, line)
            whole = {**self.canonical(tab, raw), **({"changes": line["changes"]} if line.get("changes") else {})}
            plan.lines.append({name: whole[name] for name in tab.columns if name in whole})
            for row, part in rows_of(line):
                cells: list[Raw] = [""] * width
                for name in tab.columns:
                    cells[places[name]] = self._raw(tab, name, row.get(name))
                plan.history.append(with_part(cells, places, part))

    def _raw(self, tab: Tab, name: str, cell: Any) -> Raw:
        if cell is not None and not isinstance(cell, str | int | float | bool):
            raise StoreUnavailable(f"{tab.name}.{name}: not a cell")
        return self._cells.raw(tab, name, cell)


def _checked_key(key: Any) -> str:
    if not isinstance(key, str) or not key:
        raise StoreUnavailable("a row without a key")
    return key


def _same(there: Any, wanted: Raw) -> bool:
    return bool(there == wanted) and isinstance(there, bool) == isinstance(wanted, bool)


def requests(plan: Plan, tabs: TabStates, history: HistoryCache, stale_markers: Iterable[int]) -> list[Request]:
    """Everything, in the order in which Google is to apply it."""
    return [
        marker(plan.seq, plan.write_id),
        *journal_requests(plan, tabs),
        *_changes(plan),
        *_removals(plan, tabs),
        *_appends(plan),
        _sequence(plan.seq, plan.write_id, history.end + len(plan.history)),
        *(_delete_marker(number) for number in stale_markers),
    ]


def journal_rows(plan: Plan) -> int:
    """How many rows of the app's own tab the journal of this plan takes, the sequence among them."""
    headers = {item.tab for item in plan.touched} | set(plan.appended)
    return 1 + len(headers) + len(plan.touched)


def journal_requests(plan: Plan, tabs: TabStates) -> list[Request]:
    """Note what is about to be written and where, and let the sheet itself copy the rows as they are at that moment."""
    names = sorted({item.tab for item in plan.touched} | set(plan.appended))
    notes = [_header_note(name, plan, tabs[name]) for name in names] + [item.note() for item in plan.touched]
    room = journal_rows(plan)
    grow = [_grown(room)] if room > META_ROWS else []
    clear = _no_journal()
    start = {"sheetId": sheet_id(META), "rowIndex": 1, "columnIndex": 0}
    rows = [{"values": [extended(note)]} for note in notes]
    note = {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
    pictures = [_picture(name, 0, 1, 1 + place, tabs[name], "PASTE_VALUES") for place, name in enumerate(names)]
    pictures += _pictures(plan.touched, 1 + len(names), tabs)
    return [*grow, clear, *([note, *pictures] if notes else [])]


def _no_journal() -> Request:
    everything = {"sheetId": sheet_id(META), "startRowIndex": 1, "startColumnIndex": 0}
    return {"updateCells": {"range": everything, "fields": "userEnteredValue"}}


def load_requests(plan: Plan, load: Load, history: HistoryCache, tabs: TabStates) -> list[Request]:
    """A part of a copy. The sequence stays; the next one's marker is made and taken away: nobody else writes."""
    end = {"sheetId": sheet_id(META), "rowIndex": 0, "columnIndex": HISTORY_END_AT}
    values = [{"values": [extended(history.end + len(plan.history))]}]
    return [
        marker(load.expected_seq + 1, plan.write_id),
        *_changes(plan),
        *_removals(plan, tabs),
        *_appends(plan),
        {"updateCells": {"start": end, "rows": values, "fields": "userEnteredValue"}},
        _delete_marker(FIRST_MARKER + load.expected_seq + 1),
    ]


def load_halves(load: Load) -> list[Load]:
    """The part as two; nothing where there is only one row or line."""
    items = [(name, row) for name, rows in load.rows.items() for row in rows]
    if len(items) + len(load.history) < 2:
        return []
    middle, line = len(items) // 2, len(load.history) // 2
    if len(items) == 1:
        middle = 1
    halves: list[Load] = []
    for some, lines in ((items[:middle], load.history[:line]), (items[middle:], load.history[line:])):
        rows: dict[str, list[Row]] = {}
        for name, row in some:
            rows.setdefault(name, []).append(row)
        halves.append(replace(load, rows=rows, history=lines, removed=load.removed if not halves else {}))
    return halves


def seal_requests(expected: int, seq: int, history: HistoryCache) -> list[Request]:
    """The end of a copy: the sequence moves on, and nobody else's write comes in between."""
    guard = [marker(expected + 1, f"copy-{seq}")] if seq != expected + 1 else []
    return [*guard, marker(seq, f"copy-{seq}"), _no_journal(), _sequence(seq, f"copy-{seq}", history.end)]


def _header_note(name: str, plan: Plan, state: TabState) -> str:
    return json.dumps(["h", name, name in plan.appended, dict(state.places)], separators=(",", ":"))


def _pictures(touched: Sequence[Touched], first: int, tabs: TabStates) -> list[Request]:
    """One copy for each run of rows that follow each other, in the journal as in the tab."""
    placed = list(enumerate(touched, first))
    runs = groupby(placed, lambda item: (item[1].tab, item[1].kind, item[1].position - item[0]))
    found = []
    for (name, kind, _), items in runs:
        run = list(items)
        paste = "PASTE_NORMAL" if kind == "d" else "PASTE_VALUES"
        found.append(_picture(name, run[0][1].position + 1, len(run), run[0][0], tabs[name], paste))
    return found


def _picture(name: str, row: int, count: int, to: int, state: TabState, paste: str) -> Request:
    width = min(max(state.places.values()) + 1, META_COLUMNS - 1)
    source = _area(name, row, count, 0, width)
    return {"copyPaste": {"source": source, "destination": _area(META, to, count, 1, width), "pasteType": paste}}


def _area(name: str, row: int, rows: int, column: int, columns: int) -> dict[str, int]:
    return {
        "sheetId": sheet_id(name),
        "startRowIndex": row,
        "endRowIndex": row + rows,
        "startColumnIndex": column,
        "endColumnIndex": column + columns,
    }


def _grown(rows: int) -> Request:
    if rows > JOURNAL_LIMIT:
        raise StoreUnavailable(f"{rows} rows in one write")
    properties = {"sheetId": sheet_id(META), "gridProperties": {"rowCount": rows, "columnCount": META_COLUMNS}}
    return {"updateSheetProperties": {"properties": properties, "fields": "gridProperties(rowCount,columnCount)"}}


def _changes(plan: Plan) -> list[Request]:
    """Only the cells that change; those side by side go together."""
    return [
        {
            "updateCells": {
                "start": {"sheetId": sheet_id(tab), "rowIndex": position + 1, "columnIndex": first},
                "rows": [{"values": [extended(cells[place]) for place in run]}],
                "fields": "userEnteredValue",
            }
        }
        for tab, position, cells in plan.cells
        for first, run in _runs(sorted(cells))
    ]


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, list[int]]]:
    """Numbers that follow each other, with the first of them."""
    for _, items in groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        run = [number for _, number in items]
        yield run[0], run


def _removals(plan: Plan, tabs: TabStates) -> list[Request]:
    """From the bottom up. A tab must keep a row below its frozen header."""
    found: list[Request] = []
    for tab in plan.removed:
        if plan.removed_positions(tab) and len(plan.removed_positions(tab)) == len(tabs[tab].raw):
            found.append({"appendDimension": {"sheetId": sheet_id(tab), "dimension": "ROWS", "length": 1}})
        for first, run in reversed(list(_runs(plan.removed_positions(tab)))):
            area = {"sheetId": sheet_id(tab), "dimension": "ROWS", "startIndex": first + 1}
            found.append({"deleteDimension": {"range": {**area, "endIndex": first + 1 + len(run)}}})
    return found


def _appends(plan: Plan) -> list[Request]:
    tabs = {name: [cells for _, cells in rows] for name, rows in plan.appended.items()}
    if plan.history:
        tabs[HISTORY] = plan.history
    return [
        {
            "appendCells": {
                "sheetId": sheet_id(name),
                "rows": [{"values": [extended(cell) for cell in cells]} for cells in rows],
                "fields": "userEnteredValue",
            }
        }
        for name, rows in tabs.items()
    ]


def _sequence(seq: int, write_id: str, end: int) -> Request:
    values = [extended(seq), extended(tag_of(write_id)), extended(end)]
    start = {"sheetId": sheet_id(META), "rowIndex": 0, "columnIndex": 0}
    return {"updateCells": {"start": start, "rows": [{"values": values}], "fields": "userEnteredValue"}}


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


def _delete_marker(number: int) -> Request:
    lookup = {"developerMetadataLookup": {"metadataId": number}}
    return {"deleteDeveloperMetadata": {"dataFilter": lookup}}


def response_ranges(plan: Plan, tabs: TabStates, titles: Mapping[str, str]) -> list[str]:
    """What the answer is to show: the journal, and the keys where appended rows are expected."""
    last = letter(META_COLUMNS - 1)
    ranges = [f"{quoted(titles[META])}!A1:{last}{journal_rows(plan)}"]
    for name, rows in plan.appended.items():
        column = letter(tabs[name].places[tabs[name].tab.key])
        first = expected_end(plan, tabs[name]) + 2
        ranges.append(f"{quoted(titles[name])}!{column}{first}:{column}{first + len(rows) - 1}")
    return ranges


def expected_end(plan: Plan, state: TabState) -> int:
    """The position after the last row with anything in it, once the removed rows are gone."""
    gone = set(plan.removed_positions(state.tab.name))
    filled = (at for at in range(len(state.raw) - 1, -1, -1) if at not in gone and any(c != "" for c in state.raw[at]))
    last = next(filled, -1)
    return last + 1 - sum(at <= last for at in gone)
