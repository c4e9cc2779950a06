"""The Desk: everything that pages, commands and jobs work on. Made by `lib.app.bootstrap`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from lib.auth.attempts import Attempts
from lib.auth.tokens import Signer
from lib.config.model import Config
from lib.config.settings import Settings
from lib.domain.dangers.config import NO_DANGER
from lib.domain.dangers.reading import Urgency, read_urgency
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.records.lists import Lists
from lib.domain.records.people import Staff
from lib.domain.records.workspace import CalendarDay, HistoryLine, ListItem, Setting
from lib.domain.rules.moves import Rules
from lib.domain.rules.permissions import Actor
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig, Span
from lib.errors import FilesUnavailable
from lib.store.codec import decode
from lib.store.commit.batch import Batch, Change, Receipt
from lib.store.commit.loop import Committer
from lib.store.files import FileStore
from lib.store.port import Store
from lib.store.schema import HISTORY, SCHEMA
from lib.store.snapshot.snapshot import Snapshot, Table
from lib.words.values import ValueWords


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open case and when its next clock is due; None while it is paused."""

    case: Case
    due: datetime | None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The open cases, everywhere in this order: the earliest due first, paused ones last."""

    all: tuple[Waiting, ...]
    by_assignee: Mapping[str, tuple[Waiting, ...]]
    by_stage: Mapping[str, tuple[Waiting, ...]]

    @classmethod
    def of(cls, work: Iterable[Waiting]) -> "OpenWork":
        ordered = in_order(work)
        return cls(
            ordered,
            _grouped(ordered, lambda item: item.case.assignee),
            _grouped(ordered, lambda item: item.case.stage),
        )


def in_order(work: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """Work by deadline: the earliest due first, paused cases last, the oldest of those first."""
    return tuple(sorted(work, key=lambda item: (item.due is None, item.due or item.case.taken_at)))


def _grouped(work: Iterable[Waiting], key: Callable[[Waiting], str]) -> Mapping[str, tuple[Waiting, ...]]:
    groups: dict[str, list[Waiting]] = {}
    for item in work:
        groups.setdefault(key(item), []).append(item)
    return {name: tuple(items) for name, items in groups.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """One open workspace. `clock` gives the present as an aware time in any zone."""

    settings: Settings
    config: Config
    store: Store
    committer: Committer
    files: FileStore
    signer: Signer
    clock: Callable[[], datetime]
    attempts: Attempts = field(default_factory=Attempts)

    def now(self) -> datetime:
        """The present in the workspace's zone, to the second."""
        return self.clock().astimezone(self.settings.zone).replace(microsecond=0)

    def today(self) -> date:
        return self.now().date()

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot in memory; asking never touches the store."""
        return self.committer.snapshot

    @property
    def lists(self) -> Lists:
        """All lists: those of the store, and the stages and roles of the configuration."""
        return self.snapshot[ListItem].derive(self._lists_of)

    @property
    def words(self) -> ValueWords:
        """How values read in the current language."""
        return ValueWords(self.lists, self.snapshot[Staff], self.settings.zone)

    @property
    def calendar(self) -> WorkCalendar:
        """The working calendar with the manual overrides of the store."""
        return self.snapshot[CalendarDay].derive(self._calendar_of)

    @property
    def rules(self) -> Rules:
        return Rules(self.config.workflow, self.config.sla, self.calendar)

    @property
    def open_work(self) -> OpenWork:
        """Every case that is not answered or closed with its next due time."""
        return self.snapshot[Case].derive(self._open_work_of)

    @property
    def urgencies(self) -> Mapping[str, Urgency]:
        """What the clients' words suggest, by the number of each case that has not been triaged."""
        return self.snapshot[Case].derive(self._urgencies_of)

    def save(self, actor: Actor, changes: Iterable[Change], *, commit_id: str | None = None) -> Receipt:
        """Commit changes in the name of `actor`. The same `commit_id` again changes nothing and gives the same receipt.

        Raises Conflict, InvalidFields and the other `Refused`, or StoreError; nothing is half-written.
        """
        batch = Batch(commit_id or uuid4().hex, actor.staff_id, self.now(), tuple(changes))
        receipt = self.committer.commit(batch)
        if not receipt.repeated:
            self._settle(batch)
        return receipt

    def _settle(self, batch: Batch) -> None:
        """Settles the files that the saved records name; if that fails now, the sweep does it."""
        named = [change.record.sha256 for change in batch.changes if isinstance(change.record, Evidence)]
        with suppress(FilesUnavailable):
            self.files.settle(named)

    def history(self, **conditions: Any) -> list[HistoryLine]:
        """Lines of History, oldest first; the conditions are those of `Store.history`. Reads the store."""
        lines: Sequence[Mapping[str, Any]] = self.store.history(**conditions)
        good, _ = decode(SCHEMA[HISTORY], lines)
        return [line for line in good if isinstance(line, HistoryLine)]

    def setting(self, key: str) -> str | None:
        """The JSON text of a setting that people change in the app, None where it was never set."""
        found = self.snapshot[Setting].get(key)
        return found.value if found else None

    def _open_work_of(self, table: Table[Case]) -> OpenWork:
        workflow = self.config.workflow
        stages = workflow.keys_in("open", "paused")
        work = [Waiting(case, workflow.next_due(case)) for case in table.values() if case.stage in stages]
        return OpenWork.of(work)

    def urgency_of(self, text: str) -> Urgency:
        """What the words of a report suggest."""
        return read_urgency(text, self.config.dangers, self.today())

    def urgency_in(self, case: Case) -> Urgency:
        """What the words of a case suggest; no danger if somebody has checked that there is none."""
        found = self.urgency_of(case.report)
        return replace(found, dangers=()) if case.danger == NO_DANGER else found

    def _urgencies_of(self, table: Table[Case]) -> Mapping[str, Urgency]:
        found = ((case.case_no, self.urgency_in(case)) for case in table.values() if case.stage == "new")
        return {case_no: urgency for case_no, urgency in found if urgency}

    def _lists_of(self, table: Table[ListItem]) -> Lists:
        return Lists([*table.values(), *fixed_lists(self.config)])

    def _calendar_of(self, table: Table[CalendarDay]) -> WorkCalendar:
        """A day mistyped in the sheet is left as configured; data health shows it."""
        configured = self.config.calendar
        overrides = {day: spans for row in table.values() if (read := override_of(row)) for day, spans in (read,)}
        return WorkCalendar(configured.model_copy(update={"overrides": {**configured.overrides, **overrides}}))


def override_of(row: CalendarDay) -> tuple[date, tuple[Span, ...]] | None:
    """The day and its working spans, None where either cannot be read."""
    try:
        read = CalendarConfig.model_validate({"overrides": {row.day: row.spans.split()}})
    except ValidationError:
        return None
    return next(iter(read.overrides.items()))


def fixed_lists(config: Config) -> tuple[ListItem, ...]:
    """The lists that the configuration gives, and nobody edits: stages, roles and dangers."""
    stages = [
        ListItem(item_id=f"stage.{stage.key}", list_name="stage", code=stage.key, zh=stage.zh, en=stage.en, position=i)
        for i, stage in enumerate(config.workflow.stage)
    ]
    people = [
        ListItem(item_id=f"role.{key}", list_name="role", code=key, zh=role.zh, en=role.en, position=i)
        for i, (key, role) in enumerate(config.roles.role.items())
    ]
    known = [(one.key, one.zh, one.en) for one in config.dangers.danger]
    dangers = [
        ListItem(item_id=f"danger.{key}", list_name="danger", code=key, zh=zh, en=en, position=i)
        for i, (key, zh, en) in enumerate([*known, (NO_DANGER, "已核实无危险", "Checked: no danger")])
    ]
    return (*stages, *people, *dangers)
