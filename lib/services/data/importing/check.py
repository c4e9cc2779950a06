"""The dry run: every row becomes a case, or says cell by cell why it cannot."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.extras import values_of
from lib.domain.records.fields import Column, too_long
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ImportRun, ListItem
from lib.errors import InvalidFields, Problem
from lib.services.data.importing.cells import BadCell, Read, ValueReader, WithNote, is_missing, reader_of, text_of
from lib.services.data.importing.fields import importable
from lib.services.data.importing.history_case import UnusableRow, historical, in_its_stage
from lib.services.data.importing.identity import Place, import_key, places, run_id
from lib.services.data.importing.plan import ImportPlan
from lib.store.codec import made
from lib.store.commit.batch import NEW
from lib.store.schema import TAB_OF
from lib.tabular.table import Cell, SourceRow

Progress = Callable[[int, int], None]
"""Called now and then with (done, total)."""
_STEP = 500
_SHOWN = 200
_CASES = TAB_OF[Case]


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row is not taken: `row` as counted in the file, `column` the header of the cell, `reason` a code."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is there already: as the case `case_no`, or in the file's row `as_row`."""

    row: int
    case_no: str = ""
    as_row: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """What is done with an unknown value, in how many cells: "emptied" or "added" to the list; or why the `row` is left
    out as no case: "total", "footer", "header_again" or "number_only"."""

    column: str
    value: str
    what: str
    count: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that can be imported. Its case has the number "new:ROW" until it is saved."""

    row: int
    case: Case


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """The dry run of a plan. `done` rows are in already, by an earlier try of this very import."""

    plan: ImportPlan
    import_id: str
    ready: tuple[Ready, ...]
    refusals: tuple[RowRefusal, ...]
    skipped: tuple[Skipped, ...]
    done: int
    additions: tuple[ListItem, ...]
    remarks: tuple[Remark, ...]

    @property
    def rows(self) -> int:
        return len(self.plan.table.rows)

    @property
    def rejected_rows(self) -> dict[int, tuple[RowRefusal, ...]]:
        """The refusals of each row that is not taken."""
        return {row: tuple(found) for row, found in groupby(self.refusals, key=lambda item: item.row)}


@dataclass(frozen=True, slots=True)
class _Column:
    at: int
    header: str
    column: Column
    read: Read
    keep_as_text: bool


@dataclass
class _Outcome:
    ready: list[Ready] = field(default_factory=list)
    refusals: list[RowRefusal] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    done: int = 0
    seen: dict[str, tuple[int, Case]] = field(default_factory=dict)


def silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def check_rows(desk: Desk, plan: ImportPlan, progress: Progress = silent) -> Checked:
    """Turn every row into a case without saving anything.

    Raises InvalidFields where the mapping names codes that no list has, or where no column says when the cases were
    taken in and nobody decided what then.
    """
    require(plan.actor, "data.import")
    _check_codes(desk, plan)
    _check_dates(plan)
    columns = _columns(desk, plan)
    import_id, run = run_id(desk, plan)
    make = partial(_case, desk, plan, columns, import_id)
    known, outcome, total = places(desk), _Outcome(), len(plan.table.rows)
    for done, row in enumerate(plan.table.rows, start=1):
        try:
            case, dated = make(row)
            if case.import_key not in known:
                _judge(desk, columns, case)
            _sort(row.number, case, dated, known, run, outcome)
        except UnusableRow as bad:
            outcome.refusals += [_refusal(plan, row, problem) for problem in bad.problems]
        if done % _STEP == 0 or done == total:
            progress(done, total)
    return Checked(
        plan,
        import_id,
        tuple(outcome.ready),
        tuple(outcome.refusals),
        tuple(outcome.skipped),
        outcome.done,
        tuple(_additions(desk, columns, outcome.ready)),
        (*_left_out(plan), *_remarks(columns)),
    )


def _judge(desk: Desk, columns: Sequence[_Column], case: Case) -> None:
    """What the store would refuse is a row refused here, not an import that breaks off half-way. Raises UnusableRow."""
    try:
        desk.committer.policy.guard(None, case, frozenset(values_of(case)), desk.snapshot)
    except InvalidFields as invalid:
        added = {column.column.key: column.read.added for column in columns if isinstance(column.read, ValueReader)}
        problems = [problem for problem in invalid.problems if problem.value not in added.get(problem.field, {})]
        if problems:
            raise UnusableRow(problems) from None


def _sort(
    row: int, case: Case, dated: bool, known: Mapping[str, Place], run: ImportRun | None, outcome: _Outcome
) -> None:
    """Put a row where it belongs: ready, or there already; one that is `dated` must have the date of its twin. Raises
    BadRow."""
    place = known.get(case.import_key)
    if place is not None:
        if dated:
            _same_moment(case, place)
        if run is not None and place.import_id == run.import_id:
            outcome.done += 1
        else:
            outcome.skipped.append(Skipped(row, case_no=place.case_no))
        return
    first, twin = outcome.seen.setdefault(case.import_key, (row, case))
    if twin is case:
        outcome.ready.append(Ready(row, case))
    else:
        if dated:
            _same_moment(case, Place("", twin.taken_at, "", numbered=True))
        outcome.skipped.append(Skipped(row, as_row=first))


def _refusal(plan: ImportPlan, row: SourceRow, problem: Problem) -> RowRefusal:
    """The problem with the cell to look at: its column, or the field's key where no column of the file fills it."""
    header = plan.mapping.header_of(problem.field)
    if header is None or header not in plan.headers:
        return RowRefusal(row.number, problem.field, problem.value, problem.code)
    value = text_of(row.cells[plan.headers.index(header)])
    return RowRefusal(row.number, header, value[:_SHOWN], problem.code)


def _same_moment(case: Case, place: Place) -> None:
    """A number that stands for another problem must not make this one vanish."""
    if place.numbered and case.source_ref and place.taken_at != case.taken_at:
        raise UnusableRow([Problem("source_ref", "number_taken", case.source_ref)])


def _case(
    desk: Desk, plan: ImportPlan, columns: Sequence[_Column], import_id: str, row: SourceRow
) -> tuple[Case, bool]:
    """The case of a row, and whether the row says when it was taken in. Raises BadRow with every problem."""
    values, problems, extra = _read(columns, row.cells)
    if problems:
        raise UnusableRow(problems)
    if extra:
        values["description"] = "\n".join([str(values.get("description", "")), *extra]).lstrip("\n")
    dated = "taken_at" in values
    said = {column.column.key: text_of(row.cells[column.at]) for column in columns if column.column.key in values}
    fields = historical(desk, plan.mapping, values, said)
    key, ref = import_key(plan.mapping, values)
    fields |= {"case_no": f"{NEW}{row.number}", "import_id": import_id, "import_key": key, "source_ref": ref}
    try:
        case = made(Case, fields)
    except InvalidFields as invalid:
        raise UnusableRow(invalid.problems) from None
    if long := too_long(_CASES.columns.values(), fields):
        raise UnusableRow(long)
    new_today = not dated and plan.mapping.undated == "new"
    return in_its_stage(desk, case, clocks=plan.mapping.clocks or new_today), dated


def _read(columns: Sequence[_Column], cells: Sequence[Cell]) -> tuple[dict[str, Any], list[Problem], list[str]]:
    """The values of a row, what is wrong with it, and the lines that go to the description instead."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    extra: list[str] = []
    for column in columns:
        cell = cells[column.at]
        if is_missing(cell, column.column):
            continue
        try:
            value = column.read(cell)
            if isinstance(value, WithNote):
                extra.append(f"{column.header}: {text_of(cell)}")
                value = value.value
            values[column.column.key] = value
        except BadCell as bad:
            if column.keep_as_text and bad.code != "spreadsheet_error":
                extra.append(f"{column.header}: {text_of(cell)}")
            else:
                problems.append(Problem(column.column.key, bad.code, text_of(cell)[:_SHOWN]))
    return values, problems, extra


def _columns(desk: Desk, plan: ImportPlan) -> list[_Column]:
    fields = importable()
    return [
        _Column(at, header, fields[rule.field], reader_of(desk, rule, plan.table.column(at)), rule.keep_as_text)
        for at, header in enumerate(plan.headers)
        if (rule := plan.mapping.columns.get(header)) is not None
    ]


def _check_codes(desk: Desk, plan: ImportPlan) -> None:
    lists, fields = desk.lists, importable()
    named = [
        (f"columns.{header}.values", fields[rule.field].choices, code)
        for header, rule in plan.mapping.columns.items()
        for code in rule.values.values()
        if fields[rule.field].choices
    ]
    defaults = plan.mapping.defaults.model_dump()
    named += [(f"defaults.{name}", fields[name].choices, code) for name, code in defaults.items() if code]
    problems = [Problem(key, "unknown_choice", code) for key, name, code in named if not lists.has(name, code)]
    problems += [
        Problem(f"columns.{header}.values", "unknown_person", code)
        for header, rule in plan.mapping.columns.items()
        if fields[rule.field].kind == "person"
        for code in rule.values.values()
        if code not in desk.snapshot[Staff]
    ]
    if problems:
        raise InvalidFields("mapping", problems)


def _check_dates(plan: ImportPlan) -> None:
    """Old cases must not begin now, with clocks running, because nobody looked."""
    if plan.mapping.undated == "" and plan.mapping.header_of("taken_at") not in plan.headers:
        raise InvalidFields("mapping", [Problem("taken_at", "no_date_column")])


def _additions(desk: Desk, columns: Sequence[_Column], ready: Sequence[Ready]) -> Iterator[ListItem]:
    """The list entries that the rows to be imported need."""
    for column in columns:
        added = column.read.added if isinstance(column.read, ValueReader) else {}
        used = {getattr(item.case, column.column.key) for item in ready} if added else set()
        name = column.column.choices
        last = max((item.position for item in desk.lists.items(name)), default=0)
        for code, text in added.items():
            if code in used and not desk.lists.has(name, code):
                last += 1
                chinese = any("\u3400" <= char <= "\u9fff" for char in text)
                labels = {"zh" if chinese else "en": text}
                yield ListItem(item_id=f"{name}.{code}", list_name=name, code=code, position=int(last), **labels)


def _left_out(plan: ImportPlan) -> Iterator[Remark]:
    for item in plan.no_cases:
        yield Remark("", item.text[:_SHOWN], item.what, 1, item.row)


def _remarks(columns: Sequence[_Column]) -> Iterator[Remark]:
    for column in columns:
        if isinstance(column.read, ValueReader):
            for text, count in column.read.emptied.most_common():
                yield Remark(column.header, text[:_SHOWN], "emptied", count)
            for text in column.read.added.values():
                yield Remark(column.header, text[:_SHOWN], "added", 1)
