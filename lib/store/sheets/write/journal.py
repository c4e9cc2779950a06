"""The journal: what a write was about to do, and each row as it was at that very moment.

A write goes to rows by position, as they were read. Somebody may have sorted, inserted or moved columns in between,
and Google does not tell. So the batch itself lets the sheet copy every row that it is about to change, and the header
row, into the app's own tab, beside a note of what was meant. Every row that the app writes also bears a stamp of its
own in `_rev`, a number that no other cell has: by it the row is found again wherever it was moved, and whatever else
was written into it.

The entries of a write stay until somebody has seen that everything is right: a repair puts its own below them, and
`lib.store.sheets.repair.replay` reads the whole chain.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from lib.errors import StoreUnavailable
from lib.store.sheets.model.cells import Raw
from lib.store.sheets.model.layout import META, SPARE, sheet_id
from lib.store.sheets.model.meta import META_COLUMNS, META_ROWS
from lib.store.sheets.model.updates import Request, fill, write_from
from lib.store.sheets.read.reader import RawRows
from lib.store.sheets.read.tab_state import TabState, TabStates
from lib.store.sheets.write.plan import Touched, WritePlan

LIMIT = 4_000  # rows that a write may change; a larger one is refused
CHAIN_LIMIT = 12_000  # rows of the journal, with all repairs
SHORT = 4  # characters of a digest where it only tells the app's cell from what somebody typed over it
_NOTE = 45_000  # characters at most of a note on appended rows, unless one row alone needs more: a cell's limit is near


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One row that a write changed ("u"), made a record of ("t"), removed ("d") or appended ("a"), as noted.

    `cells` says by field what was written: place, and digest of the value; of a removed row, what it took along to
    another tab; of an appended one, by place alone, what is not empty. `read`: the digest of what the writer knew to
    stand there. `was` is the stamp that the row bore (0: the row goes by its key); `typed` names a row without a key by
    its content. `header` and `picture` are the header row and the row in the moment before, `meant` the columns as the
    writer knew them, `width` that of an appended row.
    """

    kind: str
    tab: str
    key: str
    stamp: float
    was: float
    header: Sequence[Any]
    meant: Mapping[str, int]
    typed: str = ""
    cells: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    picture: Sequence[Any] = ()
    width: int = 0
    read: Mapping[str, str] = field(default_factory=dict)

    @property
    def seq(self) -> int:
        return int(self.stamp)


def mark(raw: Raw) -> str:
    """A short digest of what stands in a cell."""
    if raw == "" and isinstance(raw, str):
        return ""
    same = float(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    return hashlib.blake2b(repr(same).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class Journal:
    """Everything noted since the sheet was last known to be right: entries in order, the sequence of the last write,
    and how many rows it takes."""

    entries: Sequence[JournalEntry] = ()
    last: int = 0
    rows: int = 0

    @property
    def first(self) -> int:
        """The sequence of the write that was meant for rows as they were read; those after it are repairs."""
        return min((entry.seq for entry in self.entries), default=self.last)


def read_journal(rows: RawRows) -> Journal:
    """From the rows below the sequence; a row that is no entry ends it."""
    found: list[JournalEntry] = []
    heads: dict[str, tuple[list[Any], dict[str, int]]] = {}
    last = count = 0
    for row in rows:
        try:
            note = json.loads(row[0])
            last = int(note[1]) if note[0] == "w" else last
            found += _parsed(note, row[1:], heads)
        except (IndexError, KeyError, TypeError, ValueError):
            break
        count += 1
    return Journal(found, last, count)


def _parsed(
    note: Any, picture: list[Any], heads: dict[str, tuple[list[Any], dict[str, int]]]
) -> Iterator[JournalEntry]:
    kind, tab, *rest = note
    if kind == "h":
        heads[tab] = (picture, dict(rest[0]))
    elif kind == "a":
        width, rows = rest
        for key, stamp, was, *cells in rows:
            held = [text.partition(":") for text in (cells[0].split() if cells else ())]
            there = {place: (int(place), digest) for place, _, digest in held}
            yield JournalEntry(kind, tab, key, stamp, was, *heads[tab], cells=there, width=width)
    elif kind != "w":
        key, stamp, was, typed, cells = rest
        there = {name: (place, value) for name, (place, value, *_) in cells.items()}
        read = {name: known[0] for name, (_, _, *known) in cells.items() if known}
        yield JournalEntry(kind, tab, key, stamp, was, *heads[tab], typed, there, picture, read=read)


def journal_requests(plan: WritePlan, tabs: TabStates, kept: int = 0) -> list[Request]:
    """Note what is about to be written and where, and let the sheet itself copy the rows as they are at that moment.

    `kept`: how many rows of the journal stay. Raises StoreUnavailable where there is no room.
    """
    names = _names(plan)
    notes = [_json(["w", plan.seq]), *(_head(name, tabs[name]) for name in names), *map(_note, plan.touched)]
    notes += _appended(plan)
    if len(plan.touched) > LIMIT or kept + len(notes) > CHAIN_LIMIT:
        raise StoreUnavailable(f"{kept + len(notes)} rows in one write")
    room, first = 1 + kept + len(notes), 1 + kept
    grow = _grown(room, journal_columns(plan, tabs))
    written = write_from(sheet_id(META), first, 0, [[note] for note in notes])
    return [*grow, clear(kept), written, *_pictures(plan, first + 1, tabs)]


def journal_columns(plan: WritePlan, tabs: TabStates) -> int:
    """How many columns of the app's own tab the journal of this plan takes."""
    return 1 + max((_width(name, plan, tabs) for name in _names(plan)), default=0)


def journal_rows(plan: WritePlan) -> int:
    """How many rows of the app's own tab the journal of this plan takes, the sequence among them."""
    return 2 + len(_names(plan)) + len(plan.touched) + len(list(_appended(plan)))


def clear(kept: int = 0) -> Request:
    """Empty the journal but for its first rows."""
    rest = {"sheetId": sheet_id(META), "startRowIndex": 1 + kept, "startColumnIndex": 0}
    return fill(rest)


def _head(name: str, state: TabState) -> str:
    return _json(["h", name, dict(state.places)])


def _note(item: Touched) -> str:
    cells = {
        name: (place, mark(item.values[name]), mark(item.read.get(name, ""))) for name, place in item.fields.items()
    }
    return _json([item.kind, item.tab, item.key, item.stamp, item.was, item.token, cells])


def _appended(plan: WritePlan) -> Iterator[str]:
    """As many rows in one note as fit into a cell."""
    for name, rows in plan.appended.items():
        width, part = max(len(row.cells) for row in rows), ""
        for row in rows:
            one = _json((row.key, row.stamp, row.was, _marks(row.cells)))
            if part and len(part) + len(one) > _NOTE:
                yield f'["a",{_json(name)},{width},[{part}]]'
                part = ""
            part += f",{one}" if part else one
        yield f'["a",{_json(name)},{width},[{part}]]'


def _marks(cells: Sequence[Raw]) -> str:
    """Places and short digests of the cells that are not empty: there may be thousands of rows."""
    return " ".join(f"{place}:{digest[:SHORT]}" for place, raw in enumerate(cells) if (digest := mark(raw)))


def _json(note: Any) -> str:
    return json.dumps(note, ensure_ascii=False, separators=(",", ":"))


def _names(plan: WritePlan) -> list[str]:
    return sorted({item.tab for item in plan.touched} | set(plan.appended))


def _pictures(plan: WritePlan, first: int, tabs: TabStates) -> Iterator[Request]:
    """Of the header rows; then one copy for each run of rows that follow each other, in the journal as in the tab."""
    widths = {name: _width(name, plan, tabs) for name in _names(plan)}
    for to, (name, width) in enumerate(widths.items(), first):
        yield _picture(name, 0, 1, to, width, "PASTE_VALUES")
    placed = list(enumerate(plan.touched, first + len(widths)))
    runs = groupby(placed, lambda item: (item[1].tab, _is_lost(item[1]), item[1].position - item[0]))
    for (name, lost, _), items in runs:
        run = list(items)
        paste = "PASTE_NORMAL" if lost else "PASTE_VALUES"
        yield _picture(name, run[0][1].position + 1, len(run), run[0][0], widths[name], paste)


def _is_lost(item: Touched) -> bool:
    """Whether a row is removed and goes nowhere else."""
    return item.kind == "d" and not item.fields


def _width(name: str, plan: WritePlan, tabs: TabStates) -> int:
    """Everything of the header and of the rows in question, with room for columns that people insert meanwhile."""
    state = tabs[name]
    rows = [len(state.raw[item.position]) for item in plan.touched if item.tab == name]
    width = max(max(state.places.values()) + 1, len(state.header), *rows, 0)
    return max(width, min(width + SPARE, state.columns))


def _picture(name: str, row: int, count: int, to: int, width: int, paste: str) -> Request:
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


def _grown(rows: int, columns: int) -> list[Request]:
    """Room for more than the tab was made with."""
    grid = {"rowCount": rows} if rows > META_ROWS else {}
    grid |= {"columnCount": columns} if columns > META_COLUMNS else {}
    properties = {"sheetId": sheet_id(META), "gridProperties": grid}
    fields = f"gridProperties({','.join(grid)})"
    return [{"updateSheetProperties": {"properties": properties, "fields": fields}}] if grid else []
