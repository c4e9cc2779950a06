"""The archive (requirement E4): several complete cases put away in one save."""

from collections.abc import Container, Iterable, Sequence
from datetime import timedelta

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases.handling import move_changes
from lib.services.story.case_file import complete
from lib.store.commit.batch import Receipt

TOGETHER = 100  # cases in one save


def ready(desk: Desk, *, actor: Actor, days: int | None = None, among: Container[str] | None = None) -> list[Case]:
    """The cases whose file is complete and that were closed at least so many days ago (`archive.toml` says how many
    where nothing is given), the oldest first: those that this person may archive, of the numbers given or of all.
    Looks through every closed case."""
    config, sources = desk.config.archive, desk.config.workflow.moves["archive"].sources
    latest = desk.now() - timedelta(days=config.after_days if days is None else days)
    snapshot = desk.snapshot
    found = [
        case
        for case in snapshot[Case].values()
        if case.stage in sources
        and (among is None or case.case_no in among)
        and case.closed_at is not None
        and case.closed_at <= latest
        and actor.may("case.archive", case)
        and case.case_no not in snapshot[Case].bad
        and complete(snapshot, case, config)
    ]
    return sorted(found, key=lambda case: (case.closed_at or case.taken_at, case.case_no))


def archive(desk: Desk, *, actor: Actor, cases: Iterable[Case], commit_id: str | None = None) -> Receipt:
    """Put complete cases away in one save. Raises NotAllowed, WrongStage, InvalidFields (one is not complete), Conflict
    (one was changed meanwhile); then none is archived."""
    changes = []
    for case in cases:
        require(actor, "case.archive", case)
        changes += move_changes(desk, actor=actor, case=case, move="archive", values={})
    return desk.save(actor, changes, commit_id=commit_id)


def archive_ready(
    desk: Desk, *, actor: Actor, days: int | None = None, among: Container[str] | None = None
) -> list[Case]:
    """Put away everything that is ready, of the numbers given or of all, in as few saves as may be. Returns what was
    archived."""
    found: Sequence[Case] = ready(desk, actor=actor, days=days, among=among)
    for start in range(0, len(found), TOGETHER):
        archive(desk, actor=actor, cases=found[start : start + TOGETHER])
    return list(found)
