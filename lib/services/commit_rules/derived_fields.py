"""What changes along with a field, or with a word to the client, whoever causes it: the app, an import, the sheet."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from lib.desk.desk import Desk
from lib.domain.clocks.escalation import Silence
from lib.domain.clocks.waits import broken_until
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.record import Record
from lib.domain.rules.moves import Rules, acknowledged, after_acknowledging, by_hand, handlers_after, moved_clocks
from lib.domain.rules.remembering import remembered
from lib.domain.rules.workflow import CLOCK_FIELDS, PROMISE
from lib.services.aftercare.calls import calls_follow
from lib.services.cases.linking import told_to_the_other
from lib.services.parts.plans import require_document
from lib.services.story.case_file import kept_until
from lib.store.commit.batch import Change
from lib.store.commit.merge import Entail, Follow, Mark
from lib.store.snapshot.snapshot import Snapshot

_TIMED = frozenset({"stage", "closed_at", *(name for names in CLOCK_FIELDS.values() for name in names)})


def clocks_follow_priority(rules: Callable[[], Rules]) -> Follow:
    """Another priority or kind moves the clocks that run. A step along the workflow has done so itself, within its own
    sums."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        if not changed & {"priority", "kind"} or "stage_since" in changed:
            return {}
        if not isinstance(before, Case) or not isinstance(after, Case):
            return {}
        return moved_clocks(before, after, rules())

    return follow


def words_acknowledge(rules: Callable[[], Rules]) -> Follow:
    """A first contact typed in the sheet acknowledges the report, as one recorded in the app does; what is acknowledged
    before it is judged has a next deadline."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        if not isinstance(before, Case) or not isinstance(after, Case):
            return {}
        if not changed & {"contacted_at", "acknowledged_at"}:
            return {}
        told = acknowledged(before, after)
        return told | after_acknowledging(after.model_copy(update=told), rules())

    return follow


def handlers_are_kept(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """Whoever had the case in hands is remembered, also when the assignee is changed in the sheet."""
    if "assignee" not in changed or not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    return handlers_after(before, after)


def steps_are_whole(desk: Callable[[], Desk]) -> Follow:
    """A step typed in the sheet runs the clocks as its button would. A step made in the app has done so itself."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        if "stage" not in changed or "stage_since" in changed:
            return {}
        if not isinstance(before, Case) or not isinstance(after, Case):
            return {}
        now = desk().now()
        fields = by_hand(before, after, changed, now=now, rules=desk().rules)
        if fields and after.stage == ARCHIVED and after.retain_until is None:
            fields["retain_until"] = kept_until(desk(), after, now.date())
        return fields

    return follow


def plans_are_written(desk: Callable[[], Desk]) -> Follow:
    """A stage typed in the sheet needs the document that its move would ask for. In the app the move sees to it, with
    which the document may come (`lib.services.parts.plans`)."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        typed = "stage" in changed and not changed & {"stage_since", "paused_at"}  # the one may be of the same second
        if typed and isinstance(before, Case) and isinstance(after, Case):
            require_document(desk(), before, after)
        return {}

    return follow


def other_cases_are_told(
    before: Record, after: Record, _changed: frozenset[str], _snapshot: Snapshot, _at: datetime
) -> Sequence[Change]:
    """The case that another is merged into hears of it."""
    if not isinstance(before, Case) or not isinstance(after, Case):
        return ()
    return told_to_the_other(before, after)


def calls_are_planned(desk: Callable[[], Desk]) -> Entail:
    """Closing a case plans its calls, and opening it again withdraws what is not done (see
    `lib.services.aftercare.calls`)."""

    def entail(*edit: Any) -> Sequence[Change]:
        return calls_follow(desk(), *edit)

    return entail


def in_turn(*entails: Entail) -> Entail:
    """Several rules about other records, one after the other."""

    def entail(*edit: Any) -> Sequence[Change]:
        return [change for one in entails for change in one(*edit)]

    return entail


def all_of(*follows: Follow) -> Follow:
    """Several rules about what follows, each seeing the change as it was asked for."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        return {name: value for one in follows for name, value in one(before, after, changed).items()}

    return follow


def then(first: Follow, second: Follow) -> Follow:
    """Two rules about what follows, of which the second sees what the first has brought."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        fields = first(before, after, changed)
        more = second(before, after.model_copy(update=dict(fields)), changed | fields.keys())
        return {**fields, **more}

    return follow


def runs_are_remembered(desk: Callable[[], Desk]) -> Follow:
    """What a change takes from the clocks of a row is put down, for the figures of past weeks."""

    def follow(before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        if not changed & _TIMED or not isinstance(before, Case) or not isinstance(after, Case):
            return {}
        now = after.stage_since if "stage_since" in changed and after.stage_since else desk().now()
        text = remembered(before, after, now=now, workflow=desk().config.workflow)
        return {} if text == before.earlier_runs else {"earlier_runs": text}

    return follow


def promises_are_counted(zone: tzinfo) -> Mark:
    """A wait that ends, or is given another day, after its day has passed was a promise not kept; it stays on the
    row."""

    def mark(case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
        edits = change.edits or {}
        touched = any(name in edits and edits[name].new != getattr(case, name) for name in ("stage", PROMISE))
        if not isinstance(case, Case) or not touched:
            return {}
        days = broken_until(case, at.astimezone(zone).date())
        return {"broken_promises": days} if days != case.broken_promises else {}

    return mark


def both(*marks: Mark) -> Mark:
    """Several rules about what a line means for its case."""

    def mark(case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
        return {name: value for one in marks for name, value in one(case, change, at).items()}

    return mark


def client_is_told(silence: Silence) -> Mark:
    """A line that the client may see, and a move that means speaking with her, end the silence (requirement D8) and the
    clock of acknowledging."""

    def mark(case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
        if not isinstance(case, Case) or (change.audience != "client" and change.action not in silence.moves):
            return {}
        told: dict[str, Any] = {"told_client_at": max(case.told_client_at or at, at)}
        if case.acknowledge_due is not None and case.acknowledged_at is None:
            told["acknowledged_at"] = at
        return told

    return mark
