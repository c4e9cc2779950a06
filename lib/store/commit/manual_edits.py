"""Adopting what people changed by hand in the store itself (`lib.store.port.ByHand`).

Such changes go the way of every other: merged, checked by the guards, explained in History with the values before and
after. An edit that cannot be adopted (a text that is not a date, a failed formula, a stage that no move leads to) stays
as it is in the store and becomes a bad row beside the last valid version, which stays in use.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from lib.domain.records.extras import values_of
from lib.domain.records.record import Record
from lib.domain.text.spreadsheet_errors import is_error
from lib.errors import AlreadyExists, InvalidFields, Problem, Refused, WrongStage
from lib.store.codec import BadRow, check, encode
from lib.store.commit.batch import NEW, Batch, Change, Edit, new_id, remove
from lib.store.commit.merge import Draft, Rebase
from lib.store.port import ByHand, Row
from lib.store.schema import SCHEMA, Tab

ACTOR = "sheet"
EDITED, ADDED, DELETED = "edited_in_sheet", "added_in_sheet", "deleted_in_sheet"
PUT_RIGHT = "put_right"
TOGETHER = 100  # rows adopted in one write
Bad = Mapping[str, Mapping[str, BadRow]]


@dataclass
class Sweep:
    """One go at everything that was changed by hand. `draft` is what came of it, `bad` what was not taken in, `more`
    whether rows were left for another go."""

    rules: Rebase
    draft: Draft
    bad: dict[str, dict[str, BadRow]] = field(default_factory=dict)
    taken: int = 0
    more: bool = False

    def run(self, by_hand: ByHand) -> None:
        for take in self._each(by_hand):
            if self._has_room():
                take()
        for tab, keys in by_hand.twice.items():
            for key in keys:
                self._keep_bad(
                    SCHEMA[tab], f"{key} (2)", {SCHEMA[tab].key: key}, [Problem(SCHEMA[tab].key, "twice", key)]
                )

    def _each(self, by_hand: ByHand) -> Iterator[Callable[[], None]]:
        at, unclear = by_hand.at, _unclear(by_hand)
        for tab, key, row, token in _new_rows(by_hand):
            yield partial(self._add, SCHEMA[tab], key, row, token, at, unclear(tab, key or token, row))
        for tab, rows in by_hand.edited.items():
            yield from (
                partial(self._edit, SCHEMA[tab], key, row, at, unclear(tab, key, row)) for key, row in rows.items()
            )
        for tab, keys in by_hand.older.items():
            yield from (partial(self._put_back, SCHEMA[tab], key, at) for key in keys)
        for tab, keys in by_hand.missing.items():
            yield from (partial(self._delete, SCHEMA[tab], key, at) for key in keys)

    def _has_room(self) -> bool:
        self.more = self.more or self.taken >= TOGETHER
        return self.taken < TOGETHER

    def _edit(self, tab: Tab, key: str, row: Row, at: datetime, unclear: Sequence[Problem]) -> None:
        before = self.draft.current(tab.name, key)
        if before is None:
            return
        there = encode(before)
        wanted = {name for name in (*there, *row) if name != tab.key and there.get(name) != row.get(name)}
        problems = [problem for problem in (*unclear, *_failed(tab, row)) if problem.field in wanted]
        wanted -= {problem.field for problem in problems}
        while wanted:
            failed = self._try_edit(tab, before, row, wanted, at)
            problems += failed
            named = {problem.field for problem in failed} & wanted
            if not failed:
                break
            wanted = wanted - named if named else set()
        if problems:
            self._keep_bad(tab, key, row, problems)

    def _try_edit(self, tab: Tab, before: Record, row: Row, wanted: set[str], at: datetime) -> Sequence[Problem]:
        there = {name: cell for name, cell in encode(before).items() if name not in wanted}
        fields = there | {name: row[name] for name in wanted if row.get(name) is not None}
        key = str(getattr(before, tab.key))
        try:
            after = check(tab, fields)
        except InvalidFields as invalid:
            return invalid.problems
        edits = {
            name: Edit(getattr(before, name), getattr(after, name))
            for name in wanted
            if getattr(before, name) != getattr(after, name)
        }
        if not edits:
            return ()
        change = Change(EDITED, tab.name, key, str(getattr(before, "case_no", "")), edits=edits)
        return self._apply(change, row, at)

    def _add(self, tab: Tab, key: str, row: Row, token: str, at: datetime, unclear: Sequence[Problem]) -> None:
        """A record of a row that somebody typed; one without a key gets one."""
        if problems := [*unclear, *_failed(tab, row)]:
            self._keep_bad(tab, key or token, row, problems)
            return
        fresh = key or (f"{NEW}1" if tab.name == "cases" else new_id(tab.name))
        try:
            record = check(tab, self.rules.policy.complete(tab.name, {**row, tab.key: fresh}, at))
        except InvalidFields as invalid:
            self._keep_bad(tab, key or token, row, invalid.problems)
            return
        belongs = str(getattr(record, "case_no", ""))
        change = Change(ADDED, tab.name, fresh, belongs, record=record, token=token)
        if refused := self._apply(change, row, at):
            self._keep_bad(tab, key or token, row, refused)

    def _put_back(self, tab: Tab, key: str, at: datetime) -> None:
        """The app's version, whole, in place of an older copy of the row."""
        record = self.draft.current(tab.name, key)
        if record is not None:
            self._apply(Change(PUT_RIGHT, tab.name, key, str(getattr(record, "case_no", ""))), {}, at)
            self.draft.rows[tab.name, key] = record
            self.draft.changed[tab.name, key] = frozenset({*tab.columns, *values_of(record)})

    def _delete(self, tab: Tab, key: str, at: datetime) -> None:
        before = self.draft.current(tab.name, key)
        if before is not None:
            self._apply(remove(before, action=DELETED), {}, at)

    def _apply(self, change: Change, row: Row, at: datetime) -> Sequence[Problem]:
        """Put one change into the draft, or say why not."""
        trial = self.draft.copy()
        try:
            self.rules.apply(trial, Batch(new_id(ACTOR), ACTOR, at, (change,)))
        except InvalidFields as invalid:
            return invalid.problems
        except WrongStage as wrong:
            code = "no_such_step" if wrong.why == "stage" else f"step_{wrong.why}"
            return [Problem("stage", code, str(row.get("stage", "")), {"missing": wrong.missing})]
        except AlreadyExists:
            return [Problem(SCHEMA[change.tab].key, "twice", change.record_id)]
        except Refused as refused:
            return [Problem(SCHEMA[change.tab].key, "wrong", str(refused))]
        self.draft = trial
        self.taken += 1
        return ()

    def _keep_bad(self, tab: Tab, key: str, row: Row, problems: Sequence[Problem]) -> None:
        self.bad.setdefault(tab.name, {})[key] = BadRow(tab.name, key, row, tuple(problems))


def _unclear(by_hand: ByHand) -> Callable[[str, str, Row], Sequence[Problem]]:
    """The problems of texts in a row that may mean several things: (tab, key or token, row)."""

    def problems(tab: str, key: str, row: Row) -> Sequence[Problem]:
        names = by_hand.unclear.get(tab, {}).get(key, frozenset())
        return [Problem(name, "means_several", str(row[name])) for name in sorted(names)]

    return problems


def _failed(tab: Tab, row: Row) -> Sequence[Problem]:
    """The cells of ours in which a formula failed. A store gives such an error as the text that it shows; where the app
    has the same text as a value, it is that value, and no edit."""
    names = [name for name, cell in row.items() if name in tab.columns and isinstance(cell, str) and is_error(cell)]
    return [Problem(name, "failed_formula", str(row[name])) for name in names]


def _new_rows(by_hand: ByHand) -> Iterator[tuple[str, str, Row, str]]:
    """(tab, key, row, token): lists and people first, because other rows name them."""
    order = sorted({*by_hand.typed, *by_hand.added}, key=lambda tab: (tab not in ("lists", "staff", "cases"), tab))
    for tab in order:
        yield from ((tab, key, row, "") for key, row in by_hand.added.get(tab, {}).items())
        yield from ((tab, "", row, token) for token, row in by_hand.typed.get(tab, {}).items())


def sweep(draft: Draft, rules: Rebase, by_hand: ByHand) -> Sweep:
    """Adopt as much as one write may hold."""
    going = Sweep(rules, replace(draft))
    going.run(by_hand)
    return going
