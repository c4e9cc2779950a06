"""The file of a case as it is judged before it goes into the archive: what belongs to it, what lacks, how long it is
kept."""

from datetime import date

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.rules.completeness import ArchiveConfig, Line, Parts, is_complete
from lib.domain.rules.completeness import checklist as judged
from lib.domain.rules.permissions import Actor
from lib.domain.rules.warranty import years_later
from lib.errors import InvalidFields, Problem
from lib.store.snapshot.snapshot import Snapshot, by_case

INCOMPLETE = "case.archive_incomplete"


def parts_of(snapshot: Snapshot, case_no: str) -> Parts:
    """Everything that belongs to a case."""
    return Parts(
        tasks=snapshot[Task].derive(by_case).get(case_no, ()),
        contacts=snapshot[Contact].derive(by_case).get(case_no, ()),
        follow_ups=snapshot[FollowUp].derive(by_case).get(case_no, ()),
        evidence=snapshot[Evidence].derive(by_case).get(case_no, ()),
        surveys=snapshot[Survey].derive(by_case).get(case_no, ()),
    )


def checklist(desk: Desk, case: Case) -> tuple[Line, ...]:
    """What a complete file of this case holds, and what of it is there."""
    return judged(case, parts_of(desk.snapshot, case.case_no), desk.config.archive)


def complete(snapshot: Snapshot, case: Case, config: ArchiveConfig) -> bool:
    """Whether nothing lacks in the file."""
    return is_complete(case, parts_of(snapshot, case.case_no), config)


def kept_until(desk: Desk, case: Case, archived: date) -> date:
    """The last day on which a file archived on that day is kept: years by kind, else those of the settings."""
    years = desk.config.archive.retention_years.get(case.kind, desk.settings.retention_years)
    return years_later(archived, years)


def require_complete(desk: Desk, *, actor: Actor, case: Case, reason: str) -> None:
    """An incomplete file goes into the archive with a reason only, and by few. Raises InvalidFields, NotAllowed."""
    if complete(desk.snapshot, case, desk.config.archive):
        return
    require(actor, INCOMPLETE, case)
    if not reason.strip():
        raise InvalidFields("cases", [Problem("archive_reason", "missing")])
