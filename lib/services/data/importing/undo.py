"""Taking an import back as a whole."""

import hashlib
from collections.abc import Sequence
from itertools import chain

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert, Contact, Evidence, FollowUp, Survey, Task
from lib.domain.records.record import Record
from lib.domain.records.workspace import ImportRun
from lib.domain.rules.permissions import Actor
from lib.errors import ChangedSince, WriteTooLarge
from lib.services.data.importing.check import Progress, silent
from lib.services.data.importing.new_entries import removals
from lib.services.data.importing.run import CHUNK, start_id
from lib.store.commit.batch import Change, edit, remove
from lib.store.snapshot.snapshot import by_case

ACTION = "undo_import"
_PARTS: tuple[type[Record], ...] = (Task, FollowUp, Survey, Evidence, Contact, Alert)
_NO_WORK = frozenset({"import", ACTION, "export", "reveal", "alert", "alert_seen", "alert_over"})


def undo_import(
    desk: Desk,
    *,
    actor: Actor,
    import_id: str,
    force: bool = False,
    progress: Progress = silent,
) -> int:
    """Remove the cases of an import; returns how many. Entries that it added to lists go too where nothing else uses
    them and nobody has changed them. History keeps everything.

    Raises NotFound, and ChangedSince with the cases that somebody has worked on, unless `force`: then they go too,
    with their tasks, follow-ups, surveys, evidence, outside parties and alerts. Broken off, the same call continues.
    """
    require(actor, "data.import")
    run = desk.snapshot[ImportRun].require(import_id)
    cases = [case for case in desk.snapshot[Case].values() if case.import_id == import_id]
    if not force:
        _refuse_changed(desk, import_id, cases)
    for first in range(0, len(cases), CHUNK):
        chunk = cases[first : first + CHUNK]
        _take_away(desk, actor, import_id, chunk)
        progress(min(first + CHUNK, len(cases)), len(cases))
    _take_entries(desk, actor, import_id)
    if run.undone_at is None:
        desk.save(actor, [edit(run, {"undone_at": desk.now()}, action=ACTION, text=run.file_name)])
    return len(cases)


def _take_entries(desk: Desk, actor: Actor, import_id: str) -> None:
    changes = removals(desk, import_id, _since(desk, import_id), action=ACTION)
    for first in range(0, len(changes), CHUNK):
        desk.save(actor, changes[first : first + CHUNK])


def _since(desk: Desk, import_id: str) -> int:
    """The sequence at which an import began."""
    begun = desk.history(commit_ids=[start_id(import_id)])
    return begun[0].seq if begun else 0


def _take_away(desk: Desk, actor: Actor, import_id: str, chunk: Sequence[Case]) -> None:
    """One commit, or several where it is more than the store takes at once."""
    try:
        desk.save(actor, _removals(desk, chunk), commit_id=_commit_id(import_id, chunk))
    except WriteTooLarge:
        middle = len(chunk) // 2
        if not middle:
            raise
        _take_away(desk, actor, import_id, chunk[:middle])
        _take_away(desk, actor, import_id, chunk[middle:])


def _refuse_changed(desk: Desk, import_id: str, cases: Sequence[Case]) -> None:
    numbers = {case.case_no for case in cases}
    since = _since(desk, import_id)
    worked_on = {line.case_no for line in desk.history(since_seq=since) if line.action not in _NO_WORK} & numbers
    if worked_on:
        raise ChangedSince(import_id, tuple(sorted(worked_on)))


def _removals(desk: Desk, cases: Sequence[Case]) -> list[Change]:
    parts = chain.from_iterable(
        desk.snapshot[model].derive(by_case).get(case.case_no, ()) for model in _PARTS for case in cases
    )
    return [remove(record, action=ACTION) for record in (*cases, *parts)]


def _commit_id(import_id: str, cases: Sequence[Case]) -> str:
    numbers = "\n".join(case.case_no for case in cases)
    return f"{import_id}-undo-{hashlib.sha256(numbers.encode()).hexdigest()[:16]}"
