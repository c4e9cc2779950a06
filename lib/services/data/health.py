"""What is wrong in the data (requirement J3): every problem with its place, its reason and, where known, a fix."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, Literal

from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.records.custom_fields import problem_of
from lib.domain.records.extras import values_of
from lib.domain.records.fields import Cell
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.domain.records.workspace import Counter
from lib.domain.rules.fixes import Confidence, Fix
from lib.domain.rules.workflow import Move, Workflow
from lib.errors import FilesUnavailable
from lib.services.data.fix_suggestions import STEPS, Suggestions
from lib.services.data.older_version import OLDER
from lib.services.parts.stray_files import strays
from lib.store.codec import BadRow, decode, encode_value
from lib.store.port import Addressed
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA

_PARTS: tuple[type[Record], ...] = (Task, FollowUp, Survey, Evidence, Contact)
IN_FLIGHT = timedelta(minutes=10)
"""How long a file may be without its record while it is being saved."""
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
LEFT, CHECKED = "left_in_sheet", "row_checked"
"""The actions with which History tells of a row that the app could not put right, and that somebody looked at it."""
_SHAPE = "string_pattern_mismatch"
_NOT_STAFF = frozenset({"", "client", "system"})


@dataclass(frozen=True, slots=True)
class HealthProblem:
    """One problem: the tab, the record's key, the field, the cell as it stands, and a reason code.

    With a `confidence`, `suggestion` is the cell that would be right, "" where it should be empty. `hidden`: the row is
    no valid record, and the app goes on with the last valid version, where it knows one.
    """

    tab: str
    key: str
    field: str
    value: Cell
    reason: str
    suggestion: Cell = ""
    confidence: Confidence | Literal[""] = ""
    hidden: bool = False
    missing: tuple[str, ...] = ()
    """The fields to be filled before a step that somebody typed."""


def steps_instead(desk: Desk, problem: HealthProblem) -> tuple[Case, list[Move]] | None:
    """Where a stage was typed to which no step leads: the case as it stands, and the steps that can be made from
    there. None for any other problem."""
    case = desk.snapshot[Case].get(problem.key) if problem.tab == "cases" else None
    if case is None or problem.field != "stage" or problem.reason not in STEPS:
        return None
    moves = [move for move in desk.config.workflow.move if move.to and case.stage in move.sources]
    return case, [move for move in moves if move.unmet(case) is None]


def problems(desk: Desk) -> list[HealthProblem]:
    """Everything that is wrong, tab by tab. Reads the whole of History from the store, and looks for stray files."""
    return [*record_problems(desk), *history_problems(desk), *file_problems(desk)]


def record_problems(desk: Desk) -> list[HealthProblem]:
    """What is wrong in records and in rows that are none; reads nothing but the snapshot."""
    suggest = Suggestions(desk)
    return [
        problem
        for find in (_bad_rows, _choices_and_people, _lengths, _phones, _custom_fields, _parts, _stages, _numbers)
        for problem in find(desk, suggest)
    ]


def address(desk: Desk, problem: HealthProblem) -> str | None:
    """Where a person can open the cell, in a store that is a spreadsheet."""
    store = desk.store
    return store.address(problem.tab, problem.key, problem.field) if isinstance(store, Addressed) else None


def without_key(desk: Desk, problem: HealthProblem) -> bool:
    """Whether the row is one that somebody typed into the store and that has no key yet; `key` is only its token."""
    row = desk.snapshot.tables[problem.tab].bad.get(problem.key) if problem.tab in HOT_TABS else None
    return row is not None and not row.row.get(SCHEMA[problem.tab].key)


def fixable(problem: HealthProblem) -> bool:
    """Whether the cell may be put right here: not a key, not a secret, not a line of History."""
    tab = SCHEMA[problem.tab]
    column = tab.column(problem.field)
    known = tab.name != HISTORY and column is not None and problem.field != tab.key and problem.key != ""
    return known and column is not None and not column.secret


def _problem(tab: str, key: str, field: str, value: Cell, reason: str, fix: Fix | None = None) -> HealthProblem:
    if fix is None:
        return HealthProblem(tab, key, field, value, reason)
    return HealthProblem(tab, key, field, value, reason, fix.cell, fix.confidence)


def _bad_rows(desk: Desk, suggest: Suggestions) -> Iterator[HealthProblem]:
    judge = _judged_phones(desk)
    for name in HOT_TABS:
        for row in desk.snapshot.tables[name].bad.values():
            for found in _of_row(row, suggest):
                yield _as_phone(found, judge)


def _as_phone(found: HealthProblem, judge: Callable[[str], str]) -> HealthProblem:
    """Why a number is none, in the words of the forms; its shape alone tells little."""
    column = SCHEMA[found.tab].column(found.field)
    if column is None or column.kind != "phone" or found.reason != _SHAPE:
        return found
    why = judge(str(found.value))
    return replace(found, reason=why) if why.startswith("phone_") else found


def _of_row(row: BadRow, suggest: Suggestions) -> Iterator[HealthProblem]:
    for problem in row.problems:
        column = SCHEMA[row.tab].column(problem.field)
        shown = column is not None and not column.secret
        value = row.row.get(problem.field) if shown else None
        fix = suggest.of_bad(row, problem) if shown and row.tab != HISTORY else None
        found = _problem(row.tab, row.key, problem.field, "" if value is None else value, problem.code, fix)
        yield replace(found, hidden=True, missing=tuple((problem.facts or {}).get("missing", ())))


def _records(desk: Desk, name: str) -> Iterable[tuple[str, Any]]:
    """The records of a tab, without those whose row is shown as bad anyway."""
    table = desk.snapshot.tables[name]
    return [item for item in table.items() if item[0] not in table.bad] if table.bad else table.items()


def _choices_and_people(desk: Desk, suggest: Suggestions) -> Iterator[HealthProblem]:
    people, lists = desk.snapshot[Staff], desk.lists
    for name in HOT_TABS:
        tab = SCHEMA[name]
        choices = [column for column in tab.columns.values() if column.choices]
        persons = [column for column in tab.columns.values() if column.kind == "person"]
        for key, record in _records(desk, name):
            values = values_of(record)
            for column in choices:
                value = values.get(column.key)
                if value and not lists.has(column.choices, value):
                    yield _problem(name, key, column.key, value, "unknown_choice", suggest.of(column, value))
            for column in persons:
                value = values.get(column.key, "")
                if value not in people and value not in _NOT_STAFF:
                    yield _problem(name, key, column.key, value, "unknown_person", suggest.of(column, value))


def _lengths(desk: Desk, _: Suggestions) -> Iterator[HealthProblem]:
    """Texts from before there were limits; a name as long as a letter is not in the index of the search."""
    for name in HOT_TABS:
        limits = [(column.key, column.limit) for column in SCHEMA[name].columns.values() if column.limit]
        for key, record in _records(desk, name) if limits else ():
            values = record.__dict__
            for field, limit in limits:
                value = values[field]
                if isinstance(value, str) and len(value) > limit:
                    yield _problem(name, key, field, value, "too_long")


def _phones(desk: Desk, suggest: Suggestions) -> Iterator[HealthProblem]:
    """Numbers that have the form of one, and are none, or are written otherwise than the app would."""
    judge = _judged_phones(desk)
    for name in HOT_TABS:
        columns = [column for column in SCHEMA[name].columns.values() if column.kind == "phone"]
        for key, record in _records(desk, name) if columns else ():
            for column in columns:
                value = getattr(record, column.key)
                reason = judge(value) if isinstance(value, str) and value else ""
                if reason:
                    yield _problem(name, key, column.key, value, reason, suggest.of(column, value))


def _judged_phones(desk: Desk) -> Callable[[str], str]:
    @cache
    def judge(text: str) -> str:
        right, bad = clean_phone(desk, text)
        if bad is not None:
            return bad.code
        return "" if right == text else "not_canonical"

    return judge


def _custom_fields(desk: Desk, suggest: Suggestions) -> Iterator[HealthProblem]:
    """What stood in a column before it was declared need not be of its kind. Choices and phones are looked at above."""
    for name in HOT_TABS:
        columns = [column for column in SCHEMA[name].custom if column.kind not in ("choice", "phone")]
        for key, record in _records(desk, name) if columns else ():
            for column in columns:
                cell = getattr(record, column.key)
                reason = "" if cell is None else problem_of(column, cell)
                if reason:
                    yield _problem(name, key, column.key, cell, reason, suggest.of(column, cell))


def _parts(desk: Desk, suggest: Suggestions) -> Iterator[HealthProblem]:
    cases = desk.snapshot[Case]
    for model in _PARTS:
        name = desk.snapshot[model].name
        for key, record in _records(desk, name):
            case_no = getattr(record, "case_no", "")
            if case_no and case_no not in cases and case_no not in cases.bad:
                yield _problem(name, key, "case_no", case_no, "no_such_case", suggest.case_no(case_no))


def _stages(desk: Desk, _: Suggestions) -> Iterator[HealthProblem]:
    """Stages without what every way into them asks for."""
    workflow = desk.config.workflow
    needed = _needed_in(workflow)
    closed = workflow.keys_in("closed")
    for key, case in _records(desk, "cases"):
        missing = [name for name in needed.get(case.stage, ()) if getattr(case, name) in ("", None)]
        for name in missing:
            yield _problem("cases", key, name, "", "needed_in_stage")
        if case.stage in closed and case.closed_at is None:
            known = case.answered_at or case.stage_since
            fix = Fix(encode_value(known), "likely") if known else None
            yield _problem("cases", key, "closed_at", "", "needed_in_stage", fix)
        if case.stage not in closed and case.stage in workflow.stages and case.closed_at is not None:
            present = encode_value(case.closed_at)
            yield _problem("cases", key, "closed_at", present, "open_stage", Fix("", "likely"))


def _needed_in(workflow: Workflow) -> Mapping[str, frozenset[str]]:
    """For each stage the fields that all moves into it need."""
    needs: dict[str, list[frozenset[str]]] = {}
    for move in workflow.move:
        if move.to and not move.back:
            needs.setdefault(move.to, []).append(frozenset(move.needs))
    return {stage: frozenset.intersection(*found) for stage, found in needs.items()}


def _numbers(desk: Desk, _: Suggestions) -> Iterator[HealthProblem]:
    """Case numbers that the counter has not come to: typed by hand, or a counter that was set back."""
    pattern, counters = desk.settings.pattern, desk.snapshot[Counter]
    for _key, case in _records(desk, "cases"):
        for year in {case.taken_at.year, *map(int, _YEAR.findall(case.case_no))}:
            number = pattern.sequence_of(case.case_no, year)
            counter = counters.get(pattern.series(year))
            if number is not None and number > (counter.last if counter else 0):
                yield HealthProblem("cases", case.case_no, "case_no", case.case_no, "beyond_counter")


def history_problems(desk: Desk) -> list[HealthProblem]:
    """Lines that cannot be read, sequences of which no line is there, and rows that the app left for somebody to check.
    Reads the whole of History."""
    lines, suggest = desk.store.history(), Suggestions(desk)
    unreadable = [one for row in decode(SCHEMA[HISTORY], lines)[1] for one in _of_row(row, suggest)]
    return [*unreadable, *_gaps(desk, lines), *_left(lines)]


def file_problems(desk: Desk) -> list[HealthProblem]:
    """Files that no record has named for a while, as those of a save that was refused."""
    since = desk.now() - IN_FLIGHT
    try:
        left = [one.sha256 for one in strays(desk) if one.since <= since]
    except FilesUnavailable:
        return [HealthProblem("evidence", "", "sha256", "", "files_unavailable")]
    return [HealthProblem("evidence", "", "sha256", digest, "stray_file") for digest in sorted(left)]


def _gaps(desk: Desk, lines: Iterable[Mapping[str, Any]]) -> Iterator[HealthProblem]:
    """A gap before the line that tells of an older version is explained by it; so is one that was filled since."""
    taken_back = {int(line["seq"]): str(line.get("text", "")) for line in lines if line.get("action") == OLDER}
    expected = 1
    for seq in (*sorted({int(line["seq"]) for line in lines}), desk.snapshot.seq + 1):
        if seq in taken_back:
            yield HealthProblem(HISTORY, taken_back[seq], "seq", taken_back[seq], "older_version")
        elif seq > expected:
            gap = str(expected) if seq == expected + 1 else f"{expected}-{seq - 1}"
            yield HealthProblem(HISTORY, gap, "seq", gap, "history_gap")
        expected = seq + 1


def _left(lines: Iterable[Mapping[str, Any]]) -> Iterator[HealthProblem]:
    """Rows of a sheet in which a repair came to nothing, until somebody says that they were checked."""
    left: dict[tuple[str, str], None] = {}
    for line in lines:
        row = (str(line.get("tab", "")), str(line.get("record_id", "")))
        if line.get("action") == LEFT and row[0] in SCHEMA and row[1]:
            left[row] = None
        elif line.get("action") == CHECKED:
            left.pop(row, None)
    for tab, key in left:
        yield HealthProblem(tab, key, SCHEMA[tab].key, "", LEFT)
