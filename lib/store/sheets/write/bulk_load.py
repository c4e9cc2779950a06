"""Taking in a copy of another store, part by part, and its end: the requests."""

from dataclasses import replace

from lib.store.port import Load, Row
from lib.store.sheets.model.layout import Layout
from lib.store.sheets.model.meta import put_history_end, put_sequence
from lib.store.sheets.model.updates import Request
from lib.store.sheets.read.history import HistoryCache
from lib.store.sheets.read.tab_state import TabStates
from lib.store.sheets.write.journal import clear
from lib.store.sheets.write.new_rows import grown_requests
from lib.store.sheets.write.plan import WritePlan
from lib.store.sheets.write.requests import (
    FIRST_MARKER,
    appends,
    changes,
    delete_marker,
    marker,
    removals,
)


def load_requests(plan: WritePlan, load: Load, history: HistoryCache, tabs: TabStates, layout: Layout) -> list[Request]:
    """A part of a copy. The sequence stays; the next one's marker is made and taken away: nobody else writes."""
    return [
        marker(load.expected_seq + 1, plan.write_id),
        *changes(plan),
        *removals(plan, tabs),
        *appends(plan),
        *grown_requests(plan, tabs, layout),
        put_history_end(history.end + len(plan.history)),
        delete_marker(FIRST_MARKER + load.expected_seq + 1),
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
    return [*guard, marker(seq, f"copy-{seq}"), clear(), put_sequence(seq, f"copy-{seq}", history.end)]
