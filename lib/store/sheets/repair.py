"""Putting right a write that reached other rows or columns than it was meant for.

The repair is a write like any other, with its own marker, journal and History: cells hit by mistake get back what the
journal saw in them, rows removed by mistake come back, and the fields meant go to the row they were meant for.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from lib.domain.fields import Cell
from lib.store.codec import encode_value
from lib.store.port import Row
from lib.store.sheets.cells import Raw, digest
from lib.store.sheets.journal import Findings, Hit, Overwritten, Stray, chains_of
from lib.store.sheets.layout import HASH, REV
from lib.store.sheets.plan import Plan, Planner, Touched
from lib.store.sheets.reader import Reading
from lib.store.sheets.state import TabState, whole

ACTOR = "sheet"
Before = Callable[[str, str], Row | None]
Tabs = Mapping[str, TabState]


def repair_plan(
    planner: Planner,
    tabs: Tabs,
    reading: Reading,
    findings: Findings,
    last: Sequence[Row],
    at: datetime,
    row_of: Before,
) -> Plan:
    """The write that follows `reading.seq`. `row_of` gives the app's version of a record after the last write."""
    plan = Plan(reading.seq + 1, f"put-right-{reading.seq}")
    lines = _Lines(plan.seq, at, last)
    for hit in findings.hits:
        _give_back(plan, tabs[hit.tab], hit, reading.seq)
    for tab, header, picture in findings.lost:
        _bring_back(plan, tabs[tab], header, picture)
    for (tab, key), fields in findings.redo.items():
        if not key:
            continue
        typed = _typed_at(tabs[tab], findings, tab, key, reading.seq)
        _redo(plan, planner, tabs[tab], key, fields, row_of(tab, key), typed)
        lines.add("put_right", tab, key)
        for item in _typed_meanwhile(planner, tabs[tab], key, fields, last) if typed is None else ():
            lines.overwritten(item)
    for tab, key in findings.remove:
        _remove(plan, tabs[tab], key)
        lines.add("put_right", tab, key)
    for stray in findings.strays:
        for key in _straighten(plan, planner, tabs[stray.tab], stray, row_of):
            lines.add("put_right", stray.tab, key)
    for item in findings.overwritten:
        lines.overwritten(item)
    planner.explain(plan, lines.found)
    return plan


class _Lines:
    """The lines of History that a repair writes."""

    def __init__(self, seq: int, at: datetime, last: Sequence[Row]) -> None:
        self._seq, self._at = seq, encode_value(at)
        self._cases = {(line.get("tab"), line.get("record_id")): line.get("case_no", "") for line in last}
        self._count = count()
        self.found: list[Row] = []

    def add(self, action: str, tab: str, key: str, changes: str = "") -> None:
        line: dict[str, Cell] = {
            "seq": self._seq,
            "commit_id": f"put-right-{self._seq - 1}",
            "line": next(self._count),
            "at": self._at,
            "actor": ACTOR,
            "action": action,
            "tab": tab,
            "record_id": key,
            "case_no": str(self._cases.get((tab, key)) or ""),
            "audience": "internal",
            "changes": changes,
        }
        self.found.append({name: cell for name, cell in line.items() if cell != ""})

    def overwritten(self, item: Overwritten) -> None:
        """Both were written within a moment: what somebody typed, and the app's value after it, which stands."""
        self.add("edited_in_sheet", item.tab, item.key, _changes(item.field, item.ours, item.theirs))
        self.add("overwrote_sheet", item.tab, item.key, _changes(item.field, item.theirs, item.ours))


def _changes(name: str, before: Cell, after: Cell) -> str:
    return json.dumps({name: [before, after]}, ensure_ascii=False, separators=(",", ":"))


def _give_back(plan: Plan, state: TabState, hit: Hit, seq: int) -> None:
    """The cells as they were before, in whatever row the key stands now; one that was written over is found by that."""
    position = state.at.get(hit.key) if hit.key and not hit.wrote else _stray(state, hit, seq)
    if position is None:
        return  # the row was deleted since
    texts = {str(text): place for place, text in reversed(list(enumerate(state.header)))}
    cells: dict[int, Raw] = {texts[text]: raw for text, raw in hit.before.items() if text in texts}
    names = {place: str(state.header[place]) for place in cells}
    fields = {name: place for place, name in names.items()}
    plan.touched.append(Touched("u", state.tab.name, _key_at(state, position), position, _by_field(state, fields)))
    plan.cells.append((state.tab.name, position, cells))


def _by_field(state: TabState, fields: Mapping[str, int]) -> dict[str, int]:
    """Fields by our own names where the columns are ours."""
    named = {place: name for name, place in state.places.items()}
    return {named.get(place, text): place for text, place in fields.items()}


def _stray(state: TabState, hit: Hit, seq: int) -> int | None:
    """The row that had no key and was written into by mistake."""
    for position, row in enumerate(state.raw):
        if hit.rev_place < 0 or len(row) <= hit.rev_place or whole(row[hit.rev_place]) != seq:
            continue
        if hit.wrote and len(row) > hit.key_place and row[hit.key_place] == hit.wrote:
            return position
        if not hit.wrote and state.cell(position, state.tab.key) == "":
            return position
    return None


def _key_at(state: TabState, position: int) -> str:
    """What stands under the key's header in a row now, right or wrong."""
    return next((key for key, at in state.at.items() if at == position), "")


def _typed_at(state: TabState, findings: Findings, tab: str, key: str, seq: int) -> int | None:
    """Where the row stands that somebody typed and that was to become a record."""
    token = findings.typed.get((tab, key))
    if token is None:
        return None
    untouched = next((at for at, found in state.tokens().items() if found == token), None)
    if untouched is not None:
        return untouched
    hits = [hit for hit in findings.hits if hit.tab == tab and hit.wrote == key and not hit.key and any(_filled(hit))]
    return next((at for hit in hits if (at := _stray(state, hit, seq)) is not None), None)


def _filled(hit: Hit) -> list[bool]:
    return [raw != "" for raw in hit.before.values()]


def _bring_back(plan: Plan, state: TabState, header: Sequence[Any], picture: Sequence[Any]) -> None:
    texts = {str(text): place for place, text in reversed(list(enumerate(state.header)))}
    cells: list[Raw] = [""] * len(state.header)
    for text, raw in zip(header, picture, strict=False):
        if str(text) in texts:
            cells[texts[str(text)]] = raw
    key = str(cells[state.places[state.tab.key]])
    plan.appended.setdefault(state.tab.name, []).append((key, cells))


def _redo(
    plan: Plan, planner: Planner, state: TabState, key: str, fields: set[str], row: Row | None, typed: int | None
) -> None:
    """What was meant, to where it was meant to go; the whole row where that has gone."""
    if row is None:
        return
    raw = planner.raw_row(state.tab, row)
    raw |= {REV: plan.seq, HASH: digest(planner.canonical(state.tab, raw))}
    plan.written.setdefault(state.tab.name, {})[key] = row
    position = state.at.get(key)
    if typed is not None:
        planner.change(plan, state.tab.name, _key_at(state, typed), typed, raw)
    elif position is not None:
        wanted = {name: raw[name] for name in raw if name in (fields | {REV, HASH}) and name != state.tab.key}
        planner.change(plan, state.tab.name, key, position, wanted)
    else:
        plan.appended.setdefault(state.tab.name, []).append((key, planner.in_order(state, raw)))


def _typed_meanwhile(
    planner: Planner, state: TabState, key: str, fields: set[str], last: Sequence[Row]
) -> Iterator[Overwritten]:
    """What somebody typed where the write should have gone."""
    position = state.at.get(key)
    told = [line for line in last if line.get("tab") == state.tab.name and line.get("record_id") == key]
    for name, (before, after) in chains_of(told).items() if position is not None else ():
        theirs = planner.read(state.tab.name, name, position) if name in fields and position is not None else before
        if theirs not in (before, after):
            yield Overwritten(state.tab.name, key, name, theirs, after)


def _remove(plan: Plan, state: TabState, key: str) -> None:
    position = state.at.get(key)
    plan.removed.setdefault(state.tab.name, []).append(key)
    if position is not None:
        plan.touched.append(Touched("d", state.tab.name, key, position))


def _straighten(plan: Plan, planner: Planner, state: TabState, stray: Stray, row_of: Before) -> list[str]:
    """Appended rows whose cells went under other headers: written anew under the right ones."""
    found = []
    done = {item.position for item in plan.touched if item.tab == state.tab.name}
    token = f"{stray.key_place} {stray.rev_place} {stray.seq}"
    for position, row in enumerate(state.raw):
        strayed = len(row) > max(stray.key_place, stray.rev_place) and whole(row[stray.rev_place]) == stray.seq
        key = str(row[stray.key_place]) if strayed and position not in done else ""
        record = row_of(state.tab.name, key) if key else None
        if record is None:
            continue
        raw = planner.raw_row(state.tab, record)
        raw |= {REV: plan.seq, HASH: digest(planner.canonical(state.tab, raw))}
        cells: dict[int, Raw] = dict.fromkeys(range(max(len(state.header), len(row))), "")
        cells |= {state.places[name]: cell for name, cell in raw.items()}
        plan.touched.append(Touched("s", state.tab.name, key, position, dict(state.places), token))
        plan.cells.append((state.tab.name, position, cells))
        plan.written.setdefault(state.tab.name, {})[key] = record
        found.append(key)
    return found
