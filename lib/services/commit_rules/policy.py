"""The rules of a case desk as the commit loop asks them: one list for each of its questions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.errors import SessionEnded
from lib.services.aftercare.calls import calls_follow, guard_callers
from lib.services.cases.linking import guard_links, told_to_the_other
from lib.services.commit_rules import derived_fields as derived
from lib.services.commit_rules import guards
from lib.services.commit_rules.typed_rows import completed
from lib.services.emergencies.noticing import dangers_are_noticed
from lib.store.commit.batch import Change
from lib.store.commit.policy import Policy
from lib.store.snapshot.snapshot import Snapshot

GUARDS = (
    guards.guard_steps,
    guards.guard_people,
    guards.guard_interests,
    guards.guard_emails,
    guards.guard_import_keys,
    guards.guard_custom_fields,
    guards.guard_archive,
    guards.guard_abilities,
    guards.guard_consent,
    guards.guard_lengths,
    guards.guard_waits,
    guard_links,
    guard_callers,
    guards.guard_handover,
    guards.guard_choices,
)
FOLLOWING = (
    derived.clocks_follow_priority,
    dangers_are_noticed,
    derived.words_acknowledge,
    derived.handlers_are_kept,
    derived.steps_are_whole,
)
"""Each sees the change as it was asked for."""
MARKS = (derived.client_is_told, derived.promises_are_counted)


class CasePolicy(Policy):
    """The rules of one workspace, by its configuration, lists and calendar as they are when they are asked."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def admit(self, actor: str, snapshot: Snapshot) -> None:
        """Whoever has left saves nothing, also through a process that has not heard of it. Raises SessionEnded."""
        person = snapshot[Staff].get(actor)
        if person is not None and not person.active:
            raise SessionEnded

    def complete(self, tab: str, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
        return completed(self._desk, tab, fields, now)

    def mark(self, case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
        return {name: value for rule in MARKS for name, value in rule(self._desk, case, change, at).items()}

    def follow(self, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        """What a change takes from the clocks is put down last, so that it sees what the other rules have brought."""
        fields = {name: value for rule in FOLLOWING for name, value in rule(self._desk, before, after, changed).items()}
        whole = after.model_copy(update=fields)
        return {**fields, **derived.runs_are_remembered(self._desk, before, whole, changed | fields.keys())}

    def guard(self, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        for guard in GUARDS:
            guard(self._desk, before, after, changed, snapshot)

    def entail(
        self, before: Record, after: Record, changed: frozenset[str], snapshot: Snapshot, at: datetime
    ) -> Sequence[Change]:
        """The case that another is merged into hears of it; closing a case plans its calls, opening it again withdraws
        them."""
        if not isinstance(before, Case) or not isinstance(after, Case):
            return ()
        return [*told_to_the_other(before, after), *calls_follow(self._desk, before, after, changed, snapshot, at)]
