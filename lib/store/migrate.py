"""Migrates a workspace: one store becomes a copy of another and continues with the same sequence and counters.

Only what the target lacks is loaded: History first, then rows, and at last the target takes over the sequence. So a
move that was interrupted continues when it is run again, and an earlier copy is brought up to date in the same way.
Marks of removed rows stay behind: nobody has read the copy yet who would need them.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from typing import Literal, TypeVar

from lib.domain.records.extras import is_extra
from lib.domain.records.fields import Cell, Column, Kind
from lib.errors import CannotMove, Difference, OutcomeUnknown, StaleSequence, StoreBusy, UnfinishedCopy
from lib.store.port import ByHand, Load, Pull, Row, Store
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA
from lib.store.schema_number import OURS
from lib.store.whole import require_whole

# Loaded before the others, because a spreadsheet shows their labels and names in place of codes.
WORDS = ("lists", "staff")
Step = Literal["history", "rows", "compared"]
Progress = Callable[[Step, int, int], None]
"""Told (done, total): sequences of History, rows, sequences compared."""
Keyed = Mapping[str, Row]

PART = 1_000_000  # bytes of JSON in one load, so that a spreadsheet's request (about 2 MB) holds it with its wrapping
CELL = 60  # bytes that a spreadsheet's request wraps around one cell
WINDOW = 5_000  # sequences of History that are in memory at a time
ATTEMPTS = 6
PAUSE = 1.0  # seconds between two attempts

_TYPES: Mapping[Kind, tuple[type, ...]] = {"flag": (bool,), "number": (int, float), "money": (int, float)}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two stores hold, the source first: their sequences, the source's rows and lines by tab, what differs."""

    seqs: tuple[int, int]
    counts: Mapping[str, int]
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        return self.seqs[0] == self.seqs[1] and not self.differences


def copy(source: Store, target: Store, progress: Progress) -> None:
    """Make the target a copy of the source; both are set up. Safe to be killed at any moment and run again.

    Raises CannotMove: "by_hand", "unfinished", "newer", "unfit" and "other_data" before anything is written, and at
    any time "source_changed" and "in_use". Raises StoreError.
    """
    wanted, held = source.pull(None), target.pull(None)
    _require_taken_in(wanted.by_hand)
    _require_finished(source, wanted.seq)
    _require_known(wanted)
    _require_fitting(wanted)
    _require_earlier_copy(source, target, wanted, held)
    try:
        _copy_history(source, target, wanted, held, progress)
        _copy_rows(target, wanted, held, progress)
        if source.pull(wanted.seq).seq != wanted.seq:
            raise CannotMove("source_changed")
        _insist(lambda: target.seal(expected_seq=held.seq, seq=wanted.seq))
    except StaleSequence:
        raise CannotMove("in_use") from None


def compare(source: Store, target: Store, progress: Progress) -> Comparison:
    """Every row of every tab and every line of History of both stores, side by side; nothing is written."""
    wanted, held = source.pull(None), target.pull(None)
    differences = [found for tab in HOT_TABS for found in _differences(tab, _rows(wanted, tab), _rows(held, tab))]
    counts = {tab: len(_rows(wanted, tab)) for tab in HOT_TABS} | {HISTORY: 0}
    last = max(wanted.seq, held.seq)
    for since, until in _windows(last):
        lines = _lines(source, since, until)
        counts[HISTORY] += len(lines)
        differences += _differences(HISTORY, lines, _lines(target, since, until))
        progress("compared", last if until is None else until, last)
    return Comparison((wanted.seq, held.seq), counts, tuple(differences))


def _require_taken_in(by_hand: ByHand | None) -> None:
    """A copy holds what the app knows; edits that the app has not adopted would be lost."""
    if by_hand is None:
        return
    keyed = (by_hand.edited, by_hand.added, by_hand.missing, by_hand.twice)
    found = [Difference(tab, key, "by_hand") for part in keyed for tab, keys in part.items() for key in keys]
    for tab, rows in by_hand.typed.items():
        found += [Difference(tab, str(next(iter(row.values()), "")), "by_hand") for row in rows.values()]
    if found:
        raise CannotMove("by_hand", found)


def _require_finished(source: Store, seq: int) -> None:
    """Refuses a source that is itself an interrupted copy."""
    try:
        require_whole(source, seq)
    except UnfinishedCopy:
        raise CannotMove("unfinished") from None


def _require_known(wanted: Pull) -> None:
    """Refuses a source with tabs and columns that only a later version of the app knows, because they would be lost."""
    if wanted.number > OURS:
        raise CannotMove("newer")


def _require_fitting(wanted: Pull) -> None:
    """Sheets may hold cells, and keys, that no other store would give back as they are."""
    unfit = [found for tab in HOT_TABS for found in _unfit_rows(tab, wanted.rows.get(tab, ()))]
    if unfit:
        raise CannotMove("unfit", unfit)


def _unfit_rows(tab: str, rows: Sequence[Row]) -> Iterator[Difference]:
    columns, key_name = SCHEMA[tab].columns, SCHEMA[tab].key
    seen: set[str] = set()
    for row in rows:
        key = _key(tab, row)
        names = tuple(name for name, cell in row.items() if not (is_extra(name) or _fits(columns.get(name), cell)))
        if names or not key:
            yield Difference(tab, key, "unfit", names or (key_name,))
        if key in seen:
            yield Difference(tab, key, "twice")
        seen.add(key)


def _fits(column: Column | None, cell: Cell) -> bool:
    return cell is None or (column is not None and type(cell) in _TYPES.get(column.kind, (str,)))


def _require_earlier_copy(source: Store, target: Store, wanted: Pull, held: Pull) -> None:
    """What the target holds must be of the source: the same now, or as it was before a change that History tells of."""
    foreign = [
        found
        for since, until in _windows(wanted.seq)
        for found in _foreign_lines(source, target, since, until, held.seq)
    ]
    unlike = [
        found
        for tab in HOT_TABS
        for found in _differences(tab, _rows(wanted, tab), _rows(held, tab))
        if found.kind != "missing" or held.seq
    ]
    if unlike:
        changed = _changed_since(source, held.seq, wanted.seq)
        foreign += [found for found in unlike if (found.tab, found.key) not in changed]
    if foreign or held.seq > wanted.seq:
        raise CannotMove("other_data", foreign)


def _foreign_lines(source: Store, target: Store, since: int, until: int | None, finished: int) -> Iterator[Difference]:
    """Lines that an earlier copy would not have, or (up to the sequence where it was finished) would not lack."""
    theirs = _lines(target, since, until)
    if not theirs and since >= finished:
        return
    ours = _lines(source, since, until)
    for found in _differences(HISTORY, ours, theirs):
        if found.kind != "missing" or int(str(ours[found.key]["seq"])) <= finished:
            yield found


def _changed_since(source: Store, seq: int, last: int) -> set[tuple[str, str]]:
    """The rows that the source's History names after a sequence."""
    return {
        (str(line.get("tab")), str(line.get("record_id")))
        for since, until in _windows(last, first=seq, open_end=False)
        for line in source.history(since_seq=since, until_seq=until)
    }


def _copy_history(source: Store, target: Store, wanted: Pull, held: Pull, progress: Progress) -> None:
    for since, until in _windows(wanted.seq, open_end=False):
        there = _lines(target, since, until)
        lines = [line for key, line in _lines(source, since, until).items() if key not in there]
        for part in _parts(lines, lambda line: line):
            _load(target, Load(held.seq, wanted.seq, {}, {}, part))
            progress("history", int(str(part[-1]["seq"])), wanted.seq)
    progress("history", wanted.seq, wanted.seq)


def _copy_rows(target: Store, wanted: Pull, held: Pull, progress: Progress) -> None:
    lacking: list[tuple[str, Row]] = []
    removed: dict[str, list[str]] = {}
    for tab in HOT_TABS:
        rows = _rows(wanted, tab)
        for found in _differences(tab, rows, _rows(held, tab)):
            if found.kind == "extra":
                removed.setdefault(tab, []).append(found.key)
            else:
                lacking.append((tab, rows[found.key]))
    if removed:
        _load(target, Load(held.seq, wanted.seq, {}, removed, ()))
    done = 0
    first = [item for item in lacking if item[0] in WORDS]
    rest = [item for item in lacking if item[0] not in WORDS]
    for part in chain(_parts(first, lambda item: item[1]), _parts(rest, lambda item: item[1])):
        _load(target, Load(held.seq, wanted.seq, _by_tab(part), {}, ()))
        done += len(part)
        progress("rows", done, len(lacking))


def _by_tab(part: Iterable[tuple[str, Row]]) -> Mapping[str, Sequence[Row]]:
    rows: dict[str, list[Row]] = {}
    for tab, row in part:
        rows.setdefault(tab, []).append(row)
    return rows


def _load(target: Store, load: Load) -> None:
    _insist(lambda: target.load(load))


def _insist(act: Callable[[], None]) -> None:
    """Loading and sealing may be done again after a lost answer: they change nothing the second time."""
    for _ in range(ATTEMPTS - 1):
        try:
            act()
        except (OutcomeUnknown, StoreBusy):
            time.sleep(PAUSE)
        else:
            return
    act()


def _differences(tab: str, ours: Keyed, theirs: Keyed) -> Iterator[Difference]:
    for key, row in ours.items():
        if key not in theirs:
            yield Difference(tab, key, "missing")
        elif fields := _unlike(tab, row, theirs[key]):
            yield Difference(tab, key, "changed", fields)
    yield from (Difference(tab, key, "extra") for key in theirs if key not in ours)


def _unlike(tab: str, row: Row, other: Row) -> tuple[str, ...]:
    """The fields in which two rows differ."""
    if row == other:
        return ()
    columns = SCHEMA[tab].columns
    return tuple(
        name for name in dict.fromkeys((*row, *other)) if not _same(columns.get(name), row.get(name), other.get(name))
    )


def _same(column: Column | None, cell: Cell, other: Cell) -> bool:
    """Equal, or the same moment in two time zones."""
    if cell == other or column is None or column.kind != "time":
        return cell == other
    moment = _moment(cell)
    return moment is not None and moment == _moment(other)


def _moment(cell: Cell) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(cell))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _rows(pull: Pull, tab: str) -> Keyed:
    return _keyed((_key(tab, row), row) for row in pull.rows.get(tab, ()))


def _keyed(rows: Iterable[tuple[str, Row]]) -> Keyed:
    """Rows by key; one whose key is taken is told apart, so that it counts as a row of its own."""
    keyed: dict[str, Row] = {}
    for key, row in rows:
        keyed[key if key not in keyed else f"{key} ({len(keyed)})"] = row
    return keyed


def _key(tab: str, row: Row) -> str:
    return str(row.get(SCHEMA[tab].key) or "")


def _lines(store: Store, since: int, until: int | None) -> Keyed:
    """Lines of History by sequence, commit and place in it."""
    lines = store.history(since_seq=since, until_seq=until)
    return _keyed((f"{line['seq']}/{line['commit_id']}/{line.get('line', 0)}", line) for line in lines)


def _windows(last: int, *, first: int = -1, open_end: bool = True) -> Iterator[tuple[int, int | None]]:
    """(after, up to) sequences until `last`, and at the end whatever comes after it."""
    yield from pairwise([*range(first, last, WINDOW), last])
    if open_end:
        yield last, None


def _parts(items: Sequence[T], row_of: Callable[[T], Row]) -> Iterator[list[T]]:
    """The items in order, as many together as fit into `PART`."""
    part: list[T] = []
    size = 0
    for item in items:
        row = row_of(item)
        more = len(json.dumps(row, ensure_ascii=False).encode()) + CELL * len(row)
        if part and size + more > PART:
            yield part
            part, size = [], 0
        part.append(item)
        size += more
    if part:
        yield part
