"""From what the store is asked to write to a plan: where every row stands or goes.

A row that belongs in another tab now (`lib.store.sheets.model.tabs`) is appended there, as it stands but for what is
written,
and removed where it was.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lib.domain.records.extras import is_extra
from lib.errors import StaleSequence, StoreUnavailable
from lib.store.port import Load, Row, Write
from lib.store.schema import HISTORY, SCHEMA, Tab
from lib.store.sheets.model.cells import Cells, Raw, digest
from lib.store.sheets.model.layout import HASH, REV
from lib.store.sheets.model.tabs import ARCHIVE, CASES, home, homes
from lib.store.sheets.read.history import rows_of, with_part
from lib.store.sheets.read.namesakes import as_stamped
from lib.store.sheets.read.tab_state import TabState, TabStates, find, find_typed
from lib.store.sheets.write.plan import Appended, Touched, WritePlan

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Planner:
    """Makes plans for the workspace as it was last read."""

    def __init__(self, tabs: TabStates, history_places: Mapping[str, int], cells: Cells) -> None:
        self._tabs, self._history_places, self._cells = tabs, history_places, cells

    def plan(self, write: Write, along: Mapping[str, Sequence[str]] = _NOTHING) -> WritePlan:
        """`along` are records beside whose rows stand in the wrong tab. Raises StoreUnavailable for rows that no store
        could keep."""
        plan = WritePlan(write.expected_seq + 1, write.write_id)
        for name, rows in write.rows.items():
            for row in rows:
                self._put(plan, name, row, write)
        for name, keys in write.removed.items():
            for key in keys:
                self._remove(plan, name, _checked_key(key))
        for name, keys in along.items():
            for key in keys:
                self._take_along(plan, name, key)
        self.explain(plan, write.history)
        return plan

    def astray(self, limit: int) -> dict[str, list[str]]:
        """Records whose rows stand in a tab where they do not belong, by tab: rows from before the archive had a tab,
        and what people cut and pasted. Those that people edited wait until that is settled."""
        found: list[str] = []
        for state in (self._tabs[one] for one in homes(CASES)):
            known = state.records
            away = [key for key in state.at if key in known.app and home(CASES, known.app[key]) != state.tab.name]
            for key in away:
                to = self._tabs[home(CASES, known.app[key])]
                waits = key in known.edited or key in known.older or key in state.elsewhere
                if not waits and _may_go(state, to, key):
                    found.append(key)
        return {CASES: found[:limit]} if found else {}

    def free(self, plan: WritePlan, limit: int) -> None:
        """Take the app's stamp and digest out of rows that hold nothing else: a write reached an empty row by mistake
        and was taken back, or people emptied the row of a record. Only these cells, so that nobody who is typing into
        such a row loses anything; from then on new rows may stand there. In the archive only where the write changes it
        anyway: it may not have been read for a while."""
        known = self._tabs.keys() - ({ARCHIVE} - {item.tab for item in plan.touched})
        spent = [(name, at, names) for name in sorted(known) for at, names in self._tabs[name].spent.items()]
        for name, at, names in spent[:limit]:
            self.change(plan, name, at, dict.fromkeys(names, ""), key="", stamp=plan.stamp())

    def load(self, load: Load) -> WritePlan:
        """The same for a part of a copy: its rows are stamped with the sequence of the store it is from."""
        write = Write(load.seq - 1, f"copy-{load.seq}", load.rows, load.removed, load.history, {})
        return self.plan(write)

    def _put(self, plan: WritePlan, name: str, row: Row, write: Write) -> None:
        key = _checked_key(row.get(SCHEMA[name].key))
        token, at_home = write.adopted.get((name, key), ""), self._tabs[home(name, row)]
        there = self._typed(name, token) if token else find(self._tabs, name, key)
        stays = there is not None and (bool(token) or not _may_go(there[0], at_home, key))
        state = there[0] if there and stays else at_home
        raw = self.raw_row(state.tab, row)
        plan.written.setdefault(name, {})[key] = canonical = self.canonical(state.tab, raw)
        stamp = plan.stamp()
        raw |= {REV: stamp, HASH: digest(canonical)}
        changed = (write.changed.get((name, key)) or frozenset(raw)) - {state.tab.key}
        wanted = {REV, HASH, *changed, *([state.tab.key] if token else ())}
        if there is None:
            self._append(plan, state, key, raw)
        elif stays:
            wrote = {one: raw[one] for one in raw if one in wanted and not same(state.cell(there[1], one), raw[one])}
            kind = "t" if token else "u"
            self.change(plan, state.tab.name, there[1], wrote, key=key, stamp=stamp, kind=kind, token=token)
        else:
            self._move(plan, there, state, key, {one: raw[one] for one in raw if one in wanted})

    def _typed(self, name: str, token: str) -> tuple[TabState, int]:
        """Where the row stands that somebody typed and that becomes this record. Raises StaleSequence if nowhere."""
        found = find_typed(self._tabs, name, token)
        if found is None:
            raise StaleSequence
        return found

    def _take_along(self, plan: WritePlan, name: str, key: str) -> None:
        there = find(self._tabs, name, key)
        if there is not None and key not in (*plan.written.get(name, ()), *plan.removed.get(name, ())):
            state = self._tabs[home(name, there[0].records.app[key])]
            self._move(plan, there, state, key, {REV: plan.stamp()})

    def _move(
        self, plan: WritePlan, there: tuple[TabState, int], to: TabState, key: str, wrote: Mapping[str, Raw]
    ) -> None:
        """Put the row of a record into another tab, as it stands but for what is written."""
        state, position = there
        found = {name: state.cell(position, name) for name in state.places}
        self._append(plan, to, key, {**found, **wrote}, beside=_without_header(state, position))
        self.change(plan, state.tab.name, position, found, key=key, stamp=plan.stamp(), kind="d")

    def _append(
        self, plan: WritePlan, to: TabState, key: str, raw: Mapping[str, Raw], beside: Mapping[int, Raw] = _NOTHING
    ) -> None:
        cells = self.in_order(to, {name: cell for name, cell in raw.items() if name in to.places}, beside)
        plan.appended.setdefault(to.tab.name, []).append(Appended(key, cells, float(raw[REV])))

    def change(
        self,
        plan: WritePlan,
        tab: str,
        position: int,
        values: Mapping[str, Raw],
        *,
        key: str,
        stamp: float,
        **more: Any,
    ) -> None:
        """Put cells of one row into the plan, by field."""
        state = self._tabs[tab]
        fields = {name: state.places[name] for name in values}
        read = {name: state.cell(position, name) for name in values}
        kind = more.pop("kind", "u")
        plan.touched.append(Touched(kind, tab, key, position, stamp, fields, values, read=read, **more))

    def raw_row(self, tab: Tab, row: Row) -> dict[str, Raw]:
        """Every field of a row as the sheet keeps it, and the extra columns that its tab in the spreadsheet has; of a
        later version's columns what the row brings along."""
        places = self._tabs[tab.name].places if tab.name in self._tabs else tab.own
        others = [name for name in places if is_extra(name) or (name in row and not tab.keeps(name))]
        return {name: self._raw(tab, name, row.get(name)) for name in dict.fromkeys((*tab.own, *others))}

    def canonical(self, tab: Tab, raw: Mapping[str, Raw]) -> Row:
        """A row as it will be read back."""
        order = {name: place for place, name in enumerate(raw)}
        return self._cells.rows(tab, order, [list(raw.values())])[0]

    def held(self, tab: Tab, raw: Mapping[str, Raw], stamp: object) -> Row:
        """What a row that stands somewhere holds, in the reading that fits its digest."""
        return as_stamped(tab, self.canonical(tab, raw), stamp, self._cells.words)

    @staticmethod
    def in_order(state: TabState, raw: Mapping[str, Raw], beside: Mapping[int, Raw] = _NOTHING) -> list[Raw]:
        """A row as it stands in its tab; columns that are not ours stay empty, but for those without a header where
        the row brings something along."""
        free = set(range(state.columns)) - {place for place, text in enumerate(state.header) if text != ""}
        kept = {place: cell for place, cell in beside.items() if place in free}
        cells: list[Raw] = [""] * (max([*state.places.values(), *kept]) + 1)
        for place, cell in kept.items():
            cells[place] = cell
        for name, cell in raw.items():
            cells[state.places[name]] = cell
        return cells

    def _remove(self, plan: WritePlan, name: str, key: str) -> None:
        plan.removed.setdefault(name, []).append(key)
        there = find(self._tabs, name, key)
        if there is not None:
            plan.touched.append(Touched("d", there[0].tab.name, key, there[1], plan.stamp()))

    def explain(self, plan: WritePlan, history: Sequence[Row]) -> None:
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


def _may_go(there: TabState, to: TabState, key: str) -> bool:
    """Whether a row goes to another tab: not where one with its key stands there, which a person may have copied."""
    return there is not to and key not in to.at


def _without_header(state: TabState, position: int) -> dict[int, Raw]:
    """What people wrote in columns without a header."""
    headed = {place for place, text in enumerate(state.header) if text != ""}
    return {place: cell for place, cell in enumerate(state.raw[position]) if cell != "" and place not in headed}


def _checked_key(key: Any) -> str:
    if not isinstance(key, str) or not key:
        raise StoreUnavailable("a row without a key")
    return key


def same(there: Any, wanted: Raw) -> bool:
    """Whether a cell holds that already."""
    return bool(there == wanted) and isinstance(there, bool) == isinstance(wanted, bool)
