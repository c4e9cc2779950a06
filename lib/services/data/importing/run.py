"""Saving what the dry run found ready: some hundreds of rows a commit, each safe to repeat."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.workspace import ImportRun
from lib.domain.rules.permissions import Actor
from lib.errors import AlreadyExists, WriteTooLarge
from lib.services.commit_rules.guards import import_keys
from lib.services.data.importing.check import Checked, Progress, Ready, RowRefusal, silent
from lib.services.data.importing.new_entries import add, missing, refuse_unasked
from lib.store.commit.batch import create, edit

CHUNK = 400
ACTION = "import"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import came to; `rows` = `imported` + `skipped` + the rows rejected."""

    rows: int
    imported: int
    skipped: int
    rejected: tuple[RowRefusal, ...]
    import_id: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON; `rejected` is a list of {"row", "column", "value", "reason"}."""
        rejected = [
            {"row": item.row, "column": item.column, "value": item.value, "reason": item.reason}
            for item in self.rejected
        ]
        return {
            "rows": self.rows,
            "imported": self.imported,
            "skipped": self.skipped,
            "rejected": rejected,
            "import_id": self.import_id,
        }


def report_of(checked: Checked) -> ImportReport:
    """The report of a dry run: what would be imported."""
    imported = len(checked.ready) + checked.done
    import_id = checked.import_id if imported else ""
    return ImportReport(checked.rows, imported, len(checked.skipped), checked.refusals, import_id)


def run_import(
    desk: Desk,
    *,
    actor: Actor,
    checked: Checked,
    new_entries: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Import the rows that are ready. Broken off half-way, the same call (or the same file again) continues.

    `new_entries` says that the person wants what the rows add to lists; without it nothing is added in silence.
    Where nothing is ready, nothing is written, and the report has no `import_id`.
    Raises NotAllowed, InvalidFields (new entries that nobody wanted yet) and StoreError; what was saved before stays,
    and is not saved twice.
    """
    require(actor, "data.import")
    if not checked.ready and not checked.done:
        return report_of(checked)
    if not new_entries:
        refuse_unasked(missing(desk, checked.additions))
    _start(desk, actor, checked)
    imported = checked.done
    progress(0, len(checked.ready))
    for first in range(0, len(checked.ready), CHUNK):
        chunk = checked.ready[first : first + CHUNK]
        imported += _save(desk, actor, checked, chunk, imported)
        progress(min(first + CHUNK, len(checked.ready)), len(checked.ready))
    report = replace(report_of(checked), imported=imported)
    report = replace(report, skipped=report.rows - imported - len(checked.rejected_rows))
    _finish(desk, actor, report)
    return report


def start_id(import_id: str) -> str:
    """The commit that opens an import."""
    return f"{import_id}-start"


def _start(desk: Desk, actor: Actor, checked: Checked) -> None:
    """The record of the import, and the entries that its rows need in lists."""
    if checked.import_id not in desk.snapshot[ImportRun]:
        run = ImportRun(
            import_id=checked.import_id,
            file_name=checked.plan.filename,
            sha256=checked.plan.sha256,
            imported_at=desk.now(),
            imported_by=actor.staff_id,
            rows=checked.rows,
        )
        begin = create(run, action=ACTION, text=checked.plan.filename)
        desk.save(actor, [begin], commit_id=start_id(checked.import_id))
    add(desk, actor, checked.import_id, missing(desk, checked.additions), action=ACTION)


def _save(desk: Desk, actor: Actor, checked: Checked, chunk: Sequence[Ready], before: int) -> int:
    """One commit; rows that somebody else imported meanwhile are left out. Returns how many rows are in.

    `before` rows of this import were in; its record says so, so that the progress can be seen by others.
    """
    run = desk.snapshot[ImportRun].require(checked.import_id)
    changes = [create(item.case, action=ACTION, text=checked.plan.filename) for item in chunk]
    changes.append(edit(run, {"imported": before + len(chunk)}, action=ACTION))
    try:
        desk.save(actor, changes, commit_id=_commit_id(checked.import_id, chunk))
        return len(chunk)
    except WriteTooLarge:
        middle = len(chunk) // 2
        if not middle:
            raise
        first = _save(desk, actor, checked, chunk[:middle], before)
        return first + _save(desk, actor, checked, chunk[middle:], before + first)
    except AlreadyExists:
        present = desk.committer.refresh()[Case].derive(import_keys)
        fresh = [item for item in chunk if item.case.import_key not in present]
        if len(fresh) == len(chunk):
            raise
        return _save(desk, actor, checked, fresh, before) if fresh else 0


def _commit_id(import_id: str, chunk: Sequence[Ready]) -> str:
    """By content: the same rows of the same import are the same commit, whoever repeats them."""
    keys = "\n".join(item.case.import_key for item in chunk)
    return f"{import_id}-{hashlib.sha256(keys.encode()).hexdigest()[:16]}"


def _finish(desk: Desk, actor: Actor, report: ImportReport) -> None:
    run = desk.snapshot[ImportRun].require(report.import_id)
    rejected = report.rows - report.imported - report.skipped
    counts = {"imported": report.imported, "skipped": report.skipped, "rejected": rejected}
    desk.save(actor, [edit(run, counts, action=ACTION)])
