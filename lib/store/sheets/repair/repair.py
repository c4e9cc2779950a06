"""Putting right a write that reached other rows or columns than it was meant for.

The repair is a write like any other, with its own marker, journal and History. It is worked out anew from the whole
chain of writes (`lib.store.sheets.repair.replay`) and the sheet as it is now: every row that was reached by mistake
gets back
what it should hold, what was removed by mistake comes back, and what is still missing goes where it was meant to go. A
repair that is itself overtaken is thus one more link of the chain, and nothing special.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count

from lib.domain.records.fields import Cell
from lib.store.codec import encode_value
from lib.store.port import Row
from lib.store.sheets.model.cells import Raw, digest, fits
from lib.store.sheets.model.layout import HASH, REV
from lib.store.sheets.model.tabs import CASES, homes, record_tab, sheet_tab
from lib.store.sheets.read.tab_state import TabStates
from lib.store.sheets.repair.replay import Landing, Overwritten, Record, Track, columns_of
from lib.store.sheets.write.journal import Journal
from lib.store.sheets.write.plan import Appended, Touched, WritePlan
from lib.store.sheets.write.planner import Planner, same

ACTOR = "sheet"
LEFT = "left_in_sheet"
"""The action of the lines that tell which rows a repair left as they are."""
IN_VAIN = 8  # repairs in a row
RowOf = Callable[[str, str], Row | None]
"""The app's version of a record after the last write, by tab and key."""


def repair_plan(
    planner: Planner,
    tabs: TabStates,
    landing: Landing,
    seq: int,
    at: datetime,
    told: Sequence[Row],
    row_of: RowOf,
) -> WritePlan | None:
    """The write of sequence `seq` that puts right what is wrong, or None. `told`: History of the chain."""
    plan = WritePlan(seq, f"put-right-{seq - 1}")
    lines = _Lines(plan, at, told)
    for (name, key), took in landing.remove.items():
        if (position := tabs[name].at.get(key)) is not None:
            landing.went((name, key), took, {one: tabs[name].cell(position, one) for one in tabs[name].places})
    landing.redo = _where_they_stand(landing.redo, tabs)
    touched = {track.tab for track in landing.tracks} | {tab for tab, _ in landing.open_ends}
    for name in sorted({one for tab in touched for one in homes(record_tab(tab))}):
        mended = _Mended(plan, planner, tabs, name, landing, row_of)
        mended.run()
        for key in dict.fromkeys(mended.told):
            lines.add("put_right", record_tab(name), key)
    for item in landing.overwritten:
        lines.overwritten(item)
    if not (plan.touched or plan.appended or lines.found):
        return None
    if not lines.found:  # a sequence that no line explains would look as if one had been lost
        tab, key = max(_reached(plan), key=lambda record: bool(record[1]))
        lines.add("put_right", record_tab(tab), key)
    planner.explain(plan, lines.found)
    return plan


def end_plan(planner: Planner, vain: WritePlan, landing: Landing, at: datetime, told: Sequence[Row]) -> WritePlan:
    """The write in place of a repair that comes to nothing: it touches no row, empties the journal, so that the chain
    has come to an end for every process, and tells which rows are left as they are. Those without a key are on data
    health anyway, as what somebody typed."""
    plan = WritePlan(vain.seq, f"left-{vain.seq - 1}")
    lines = _Lines(plan, at, told)
    left = dict.fromkeys((record_tab(tab), key) for tab, key in _reached(vain))
    for tab, key in [record for record in left if record[1]] or left:
        lines.add(LEFT, tab, key)
    for item in landing.overwritten:
        lines.overwritten(item)
    planner.explain(plan, lines.found)
    return plan


def _reached(plan: WritePlan) -> Iterator[Record]:
    yield from ((item.tab, item.key) for item in plan.touched)
    yield from ((tab, row.key) for tab, rows in plan.appended.items() for row in rows)


def _where_they_stand(redo: Mapping[Record, set[str]], tabs: TabStates) -> dict[Record, set[str]]:
    """What is still to be written, by the tab in which the row stands: people may have taken it to the other one."""
    found: dict[Record, set[str]] = {}
    for (name, key), names in redo.items():
        others = (one for one in homes(record_tab(name)) if key in tabs[one].at)
        found.setdefault((name if key in tabs[name].at else next(others, name), key), set()).update(names)
    return found


def goes_on(journal: Journal, plan: WritePlan) -> bool:
    """Whether a repair is worth while: not where the last ones of the chain had no less to do each time. Somebody who
    moves rows does so now and then; what fails again and again will fail for ever, for every process."""
    done = Counter(entry.seq for entry in journal.entries if entry.seq > journal.first)
    latest = [done[seq] for seq in sorted(done)][-IN_VAIN:]
    return len(latest) < IN_VAIN or len(plan.touched) + sum(map(len, plan.appended.values())) < min(latest)


class _Mended:
    """One tab, as it will be after the repair."""

    def __init__(
        self, plan: WritePlan, planner: Planner, tabs: TabStates, name: str, landing: Landing, row_of: RowOf
    ) -> None:
        self._plan, self._planner, self._landing, self._row_of = plan, planner, landing, row_of
        self._name, self._state, state = name, tabs[name], tabs[name]
        self._elsewhere = {key for one in homes(record_tab(name)) if one != name for key in tabs[one].at}
        self._width = max([len(state.header), *map(len, state.raw)])
        self._columns = columns_of(self._name, state.header, self._width)
        there = set(self._columns)
        self._redo = {key: names & there for (tab, key), names in landing.redo.items() if tab == self._name}
        self._remove = {key: took for (tab, key), took in landing.remove.items() if tab == self._name}
        self._twins = self._cut_to_here(tabs)
        self._follow = {key: names for (tab, key), names in landing.follow.items() if tab == self._name}
        self._at = self._positions()
        self.told: list[str] = []

    def run(self) -> None:
        """Put everything that is to be done in this tab into the plan."""
        tracks = [track for track in self._landing.tracks if track.tab == self._name]
        self._find_typed()
        keyed = self._keyed()
        for track in tracks:
            if track in self._at:
                self._mend(track, self._at[track])
            elif track.gone and not track.rightly and self._landing.key(track) not in {*keyed, *self._elsewhere}:
                self._bring_back(track)
        for key in sorted(key for key, names in self._redo.items() if names and key not in self.told):
            self._write_again(key, keyed.get(key))
        for key in sorted(self._remove.keys() - set(self.told)):
            if key in keyed:
                self._take_away(key, keyed[key], self._remove[key])
        for key, (at, took) in self._twins.items():
            self._take_away(key, at, took)
        for key in sorted(self._follow.keys() & keyed.keys()):
            self._change(keyed[key], self._follow[key], key)

    def _cut_to_here(self, tabs: TabStates) -> dict[str, tuple[int, Mapping[str, tuple[int, str]]]]:
        """Rows that were to go away from the other tab, and that people took to this one, where the record has its new
        row: they are the second with their key."""
        second = {key: at for at, key in self._state.twice.items()}
        found = {}
        for (tab, key), took in self._landing.remove.items():
            other = tab != self._name and self._name in homes(record_tab(tab))
            if other and key in second and key not in tabs[tab].at:
                found[key] = (second[key], took)
        return found

    def _keyed(self) -> dict[str, int]:
        """Where the row of each record stands; a key that was written over by mistake does not count."""
        reached = set(self._at.values())
        keyed = {self._landing.key(track): at for track, at in self._at.items()}
        for key, at in (*self._state.at.items(), *((key, at) for at, key in self._state.twice.items())):
            if at not in reached:
                keyed.setdefault(key, at)
        return keyed

    def _positions(self) -> dict[Track, int]:
        """Where the rows that were reached stand now; those that people deleted since are left out."""
        found: dict[Track, int] = {}
        for at, row in enumerate(self._state.raw):
            track = self._landing.known(self._name, self._columns, row)
            if track is not None and not track.gone:
                found.setdefault(track, at)
        for track in (one for one in self._landing.tracks if one.tab == self._name and one.stamp):
            at_key = self._state.at.get(self._landing.key(track))
            if track not in found and not track.gone and at_key is not None and at_key not in found.values():
                found[track] = at_key
        for track, at in found.items():
            track.see(self._columns, self._state.raw[at])
        return found

    def _find_typed(self) -> None:
        """Rows that somebody typed and that were to become records: reached by something else, or by nothing."""
        self._typed: dict[str, int] = {}
        free = {at: token.rpartition(".")[0] for at, token in self._state.tokens().items()}
        free = {at: content for at, content in free.items() if at not in self._at.values()}
        for (tab, key), token in self._landing.typed.items():
            if tab != self._name or key not in self._redo:
                continue
            content = token.rpartition(".")[0]
            strays = (one for one in self._at if not self._landing.key(one) and self._content(one) == content)
            untouched = (at for at, found in free.items() if found == content)
            if (track := next(strays, None)) is not None:
                track.claim = key
            elif (at := next(untouched, None)) is not None:
                self._typed[key] = at
                del free[at]

    def _content(self, track: Track) -> str:
        return self._landing.content(self._name, track.base)

    def _mend(self, track: Track, at: int) -> None:
        key = self._landing.key(track)
        if key in self._remove:
            self._take_away(key, at, self._remove[key], track.stamp)
            return
        row = dict(zip(self._columns, self._state.raw[at], strict=False))
        held = {name: track.base.get(name, "") for name in self._columns if name in track.ours}
        wrong = {name: raw for name, raw in held.items() if not same(row.get(name, ""), raw)}
        wanted = wrong | self._wanted(key, whole=self._is_older(track, key)) | self._follow.pop(key, {})
        if wanted:
            self._change(at, wanted, key, was=track.stamp)

    def _is_older(self, track: Track, key: str) -> bool:
        """Whether the row was a copy from before the app's last write: its new stamp would hide that."""
        name = record_tab(self._name)
        raw = {one: cell for one, cell in track.base.items() if sheet_tab(self._name).keeps(one)}
        held = self._planner.held(self._state.tab, raw, track.base.get(HASH))
        return fits(held, track.base.get(HASH)) and held != (self._row_of(name, key) or held)

    def _bring_back(self, track: Track) -> None:
        key = self._landing.key(track)
        if key in self._remove or not any(raw != "" for raw in track.base.values()):
            return
        values = track.base | self._wanted(key)
        self._append(key, values, track.stamp)

    def _write_again(self, key: str, at: int | None) -> None:
        """To a row that nothing has reached yet; the whole row where it has gone."""
        typed = self._typed.get(key)
        wanted = self._wanted(key, whole=typed is None and at is None) | self._follow.pop(key, {})
        if not wanted:
            return
        if typed is not None:
            self._change(typed, wanted, key, kind="t", token=self._landing.typed[self._name, key])
        elif at is not None:
            self._change(at, wanted, key)
        else:
            self._append(key, wanted)

    def _wanted(self, key: str, *, whole: bool = False) -> dict[str, Raw]:
        """The app's values that the row with this key still lacks."""
        names = self._redo.get(key, set())
        row = self._row_of(record_tab(self._name), key) if names or whole else None
        if row is None:
            return {}
        self.told.append(key)
        raw = self._planner.raw_row(self._state.tab, row)
        raw[HASH] = digest(self._planner.canonical(self._state.tab, raw))
        return {name: cell for name, cell in raw.items() if whole or name in names or name == HASH}

    def _change(self, at: int, values: Mapping[str, Raw], key: str, **more: object) -> None:
        stamp = self._plan.stamp()
        there = {name: place for place, name in enumerate(self._columns)}
        written = {name: raw for name, raw in values.items() if name in there} | {REV: stamp}
        fields = {name: there[name] for name in written}
        kind = str(more.pop("kind", "u"))
        row = self._state.raw[at]
        read = {name: row[place] if place < len(row) else "" for name, place in fields.items()}
        touched = Touched(kind, self._name, key, at, stamp, fields, written, read=read, **more)  # type: ignore[arg-type]
        self._plan.touched.append(touched)

    def _append(self, key: str, values: Mapping[str, Raw], was: float = 0) -> None:
        stamp = self._plan.stamp()
        cells = [values.get(name, "") if name != REV else stamp for name in self._columns]
        self._plan.appended.setdefault(self._name, []).append(Appended(key, cells, stamp, was))

    def _take_away(self, key: str, at: int, took: Mapping[str, tuple[int, str]], was: float = 0) -> None:
        """One that goes to another tab is noted with all it holds, so that what people go on typing is seen."""
        takes = self._state.places if took else {}
        values = {name: self._state.cell(at, name) for name in takes}
        noted = Touched("d", self._name, key, at, self._plan.stamp(), takes, values, was=was, read=values)
        self._plan.touched.append(noted)
        self.told.append(key)


class _Lines:
    """The lines of History that a repair writes, or the end of all repairs."""

    def __init__(self, plan: WritePlan, at: datetime, told: Sequence[Row]) -> None:
        self._plan, self._at = plan, encode_value(at)
        self._cases = {(line.get("tab"), line.get("record_id")): line.get("case_no", "") for line in told}
        self._count = count()
        self.found: list[Row] = []

    def add(self, action: str, tab: str, key: str, changes: str = "") -> None:
        line: dict[str, Cell] = {
            "seq": self._plan.seq,
            "commit_id": self._plan.write_id,
            "line": next(self._count),
            "at": self._at,
            "actor": ACTOR,
            "action": action,
            "tab": tab,
            "record_id": key,
            "case_no": str(self._cases.get((tab, key)) or (key if tab == CASES else "")),
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
