"""What is wrong in the data (requirement J3): every problem with its place, its reason and, where known, a fix."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from lib.domain import phones
from lib.domain.case import Case
from lib.domain.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.fields import Column
from lib.domain.people import Staff
from lib.domain.record import Record
from lib.domain.workflow import Workflow
from lib.domain.workspace import Counter
from lib.services.desk import Desk
from lib.store.codec import BadRow, decode
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA
from lib.tabular.dates import BadDate, parse_date, parse_datetime

_PARTS: tuple[type[Record], ...] = (Task, FollowUp, Survey, Evidence, Contact)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_NOT_STAFF = frozenset({"", "client", "system"})


@dataclass(frozen=True, slots=True)
class HealthProblem:
    """One problem: the tab, the record's key, the field, the cell's value, a reason code, and the value that would
    be right, empty where nobody can tell."""

    tab: str
    key: str
    field: str
    value: str
    reason: str
    suggestion: str = ""


def problems(desk: Desk) -> list[HealthProblem]:
    """Everything that is wrong, tab by tab. Reads History from the store, all else from the snapshot."""
    return [
        problem
        for find in (_bad_rows, _choices_and_people, _phones, _parts, _stages, _numbers, _history)
        for problem in find(desk)
    ]


def _bad_rows(desk: Desk) -> Iterator[HealthProblem]:
    for name in HOT_TABS:
        for row in desk.snapshot.tables[name].bad.values():
            yield from _of_row(desk, row)


def _of_row(desk: Desk, row: BadRow) -> Iterator[HealthProblem]:
    for problem in row.problems:
        column = SCHEMA[row.tab].columns.get(problem.field)
        present = row.row.get(problem.field)
        value = "" if present is None or (column and column.secret) else str(present)
        fix = _fix(desk, column, value) if column and value else ""
        yield HealthProblem(row.tab, row.key, problem.field, value, problem.code, fix)


def _fix(desk: Desk, column: Column, value: str) -> str:
    """What the cell probably means, as the store would hold it."""
    if column.kind == "choice":
        return _likely(desk, column.choices, value)
    try:
        if column.kind == "phone":
            return phones.normalise(value, region=desk.settings.phone_region, hotlines=desk.settings.hotlines)
        if column.kind == "time":
            return parse_datetime(value, tz=desk.settings.zone).isoformat()
        return parse_date(value).isoformat() if column.kind == "date" else ""
    except (phones.BadPhone, BadDate):
        return ""


def _likely(desk: Desk, name: str, value: str) -> str:
    """The code that a value stands for or most resembles."""
    exact = desk.lists.code_for(name, value)
    if exact is not None:
        return exact
    texts = {text: item.code for item in desk.lists.items(name) for text in (item.zh, item.en, item.code) if text}
    return next((texts[text] for text in get_close_matches(value, texts, n=1, cutoff=0.7)), "")


def _choices_and_people(desk: Desk) -> Iterator[HealthProblem]:
    people, lists = desk.snapshot[Staff], desk.lists
    names = {text.casefold(): one.staff_id for one in people.values() for text in (one.name, one.email)}
    for name in HOT_TABS:
        tab = SCHEMA[name]
        choices = [column for column in tab.columns.values() if column.choices]
        persons = [column.key for column in tab.columns.values() if column.kind == "person"]
        for key, record in desk.snapshot.tables[name].items():
            values = record.__dict__
            for column in choices:
                value = values[column.key]
                if value and not lists.has(column.choices, value):
                    fix = _likely(desk, column.choices, value)
                    yield HealthProblem(name, key, column.key, value, "unknown_choice", fix)
            for field in persons:
                value = values[field]
                if value not in people and value not in _NOT_STAFF:
                    fix = names.get(value.casefold(), "")
                    yield HealthProblem(name, key, field, value, "unknown_person", fix)


def _phones(desk: Desk) -> Iterator[HealthProblem]:
    """Numbers that have the form of one, and are none, or are written otherwise than the app would."""
    judge = _judged_phones(desk)
    for name in HOT_TABS:
        fields = [column.key for column in SCHEMA[name].columns.values() if column.kind == "phone"]
        for key, record in desk.snapshot.tables[name].items() if fields else ():
            for field in fields:
                value = getattr(record, field)
                reason, fix = judge(value) if value else ("", "")
                if reason:
                    yield HealthProblem(name, key, field, value, reason, fix)


def _judged_phones(desk: Desk) -> Callable[[str], tuple[str, str]]:
    @cache
    def judge(text: str) -> tuple[str, str]:
        try:
            right = phones.normalise(text, region=desk.settings.phone_region, hotlines=desk.settings.hotlines)
        except phones.BadPhone as bad:
            return f"phone_{bad.reason}", ""
        return ("", "") if right == text else ("not_canonical", right)

    return judge


def _parts(desk: Desk) -> Iterator[HealthProblem]:
    cases = desk.snapshot[Case]
    for model in _PARTS:
        table = desk.snapshot[model]
        for key, record in table.items():
            case_no = getattr(record, "case_no", "")
            if case_no and case_no not in cases and case_no not in cases.bad:
                yield HealthProblem(table.name, key, "case_no", case_no, "no_such_case")


def _stages(desk: Desk) -> Iterator[HealthProblem]:
    """Stages without what every way into them asks for."""
    workflow = desk.config.workflow
    needed = _needed_in(workflow)
    closed = workflow.keys_in("closed")
    for case in desk.snapshot[Case].values():
        missing = [name for name in needed.get(case.stage, ()) if getattr(case, name) in ("", None)]
        for name in missing:
            yield HealthProblem("cases", case.case_no, name, "", "needed_in_stage")
        if case.stage in closed and case.closed_at is None:
            known = case.answered_at or case.stage_since
            fix = known.isoformat() if known else ""
            yield HealthProblem("cases", case.case_no, "closed_at", "", "needed_in_stage", fix)
        if case.stage not in closed and case.stage in workflow.stages and case.closed_at is not None:
            yield HealthProblem("cases", case.case_no, "closed_at", case.closed_at.isoformat(), "open_stage")


def _needed_in(workflow: Workflow) -> Mapping[str, frozenset[str]]:
    """For each stage the fields that all moves into it need."""
    needs: dict[str, list[frozenset[str]]] = {}
    for move in workflow.move:
        if move.to:
            needs.setdefault(move.to, []).append(frozenset(move.needs))
    return {stage: frozenset.intersection(*found) for stage, found in needs.items()}


def _numbers(desk: Desk) -> Iterator[HealthProblem]:
    """Case numbers that the counter has not come to: typed by hand, or a counter that was set back."""
    pattern, counters = desk.settings.pattern, desk.snapshot[Counter]
    for case in desk.snapshot[Case].values():
        for year in {case.taken_at.year, *map(int, _YEAR.findall(case.case_no))}:
            number = pattern.sequence_of(case.case_no, year)
            counter = counters.get(pattern.series(year))
            if number is not None and number > (counter.last if counter else 0):
                yield HealthProblem("cases", case.case_no, "case_no", case.case_no, "beyond_counter")


def _history(desk: Desk) -> Iterator[HealthProblem]:
    """Lines that cannot be read, and sequences of which no line is there."""
    lines = desk.store.history()
    for row in decode(SCHEMA[HISTORY], lines)[1]:
        yield from _of_row(desk, row)
    expected = 1
    for seq in (*sorted({int(line["seq"]) for line in lines}), desk.snapshot.seq + 1):
        if seq > expected:
            gap = str(expected) if seq == expected + 1 else f"{expected}-{seq - 1}"
            yield HealthProblem(HISTORY, gap, "seq", gap, "history_gap")
        expected = seq + 1
