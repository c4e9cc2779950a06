"""Which row is which: keys by which a row is known again, and the id by which an import is continued."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.workspace import ImportRun
from lib.services.data.importing.mapping import ImportMapping
from lib.services.data.importing.plan import ImportPlan
from lib.store.snapshot.snapshot import Table


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is already. `numbered`: known by a number of its own, not by its content."""

    case_no: str
    taken_at: datetime
    import_id: str
    numbered: bool


def import_key(mapping: ImportMapping, values: Mapping[str, Any]) -> tuple[str, str]:
    """The key of a row, and the external number its case gets: the row's number, or a digest of what is mapped."""
    ref = str(values.get("source_ref") or values.get("case_no") or "")
    if ref.strip():
        return f"ref:{mapping.source}:{ref.strip()}"[:1000], ref
    text = json.dumps(sorted((name, _plain(value)) for name, value in values.items()), ensure_ascii=False)
    return f"row:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}", ref


def places(desk: Desk) -> Mapping[str, Place]:
    """Every case by the keys under which a row may stand for it."""
    return desk.snapshot[Case].derive(_places)


def _places(table: Table[Case]) -> Mapping[str, Place]:
    found = {}
    for case in table.values():
        # An export of this workspace names its cases by their numbers.
        found[f"ref::{case.case_no}"] = Place(case.case_no, case.taken_at, case.import_id, True)
    for case in table.values():
        if case.import_key:
            numbered = case.import_key.startswith("ref:")
            found[case.import_key] = Place(case.case_no, case.taken_at, case.import_id, numbered)
    return found


def run_id(desk: Desk, plan: ImportPlan) -> tuple[str, ImportRun | None]:
    """The id of this import, and its record where an earlier try was broken off.

    The same file with the same mapping has the same id until that import is finished or undone, so that running it
    again continues it.
    """
    text = plan.sha256 + plan.table.name + plan.mapping.model_dump_json()
    stem = f"imp-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    runs = desk.snapshot[ImportRun]
    attempt = 1
    while (run := runs.get(f"{stem}-{attempt}")) is not None:
        if run.undone_at is None and run.imported + run.skipped + run.rejected < run.rows:
            return run.import_id, run
        attempt += 1
    return f"{stem}-{attempt}", None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
