"""What a change of a case would make its row forget of its clocks, put down before it goes (`earlier_runs`)."""

from collections.abc import Mapping
from datetime import datetime

from lib.domain.clocks.clocks import CLOCKS, Clock
from lib.domain.records.case import Case
from lib.domain.rules.workflow import CLOCK_FIELDS, Workflow
from lib.domain.time.earlier_runs import NONE, ClockRun, EarlierRuns, read_runs


def remembered(before: Case, after: Case, *, now: datetime, workflow: Workflow) -> str:
    """The text of the column after a change at `now`; what the change leaves on the row is not in it."""
    told = read_runs(before.earlier_runs)
    for clock in CLOCKS:
        told = _with_late(told, clock, before, after, now, workflow)
        if _begins_anew(clock, before, after, workflow):
            told = _sealed(told, clock, before)
    if before.closed_at is not None and after.closed_at is None:
        told = told.model_copy(update={"closed": (*told.closed, (before.closed_at, max(now, before.closed_at)))})
    told = told.model_copy(update={"since": _since(told, before, after, now, workflow)})
    return "" if told == NONE else told.model_dump_json(exclude_defaults=True)


def _running(case: Case, workflow: Workflow) -> Mapping[Clock, datetime]:
    return {clock: due for due, clock in workflow.running(case)}


def _with_late(
    told: EarlierRuns, clock: Clock, before: Case, after: Case, now: datetime, workflow: Workflow
) -> EarlierRuns:
    """A span beyond the due time that ends with this change; left out where due time and end on the row tell it."""
    due = _running(before, workflow).get(clock)
    if due is None or _running(after, workflow).get(clock) == due:
        return told
    field, end_field = CLOCK_FIELDS[clock]
    end = getattr(after, end_field)
    start, stop = max(due, told.since or due), end or now
    known = told.present(clock)
    plain = end is not None and getattr(after, field) == due and start == due
    if stop <= start or (known is None and plain):
        return told
    run = known or ClockRun(clock=clock, due=due)
    grown = run.model_copy(update={"late": (*run.late, (start, stop))})
    return told.model_copy(update={"runs": (*(one for one in told.runs if one is not known), grown)})


def _begins_anew(clock: Clock, before: Case, after: Case, workflow: Workflow) -> bool:
    """Whether the row tells of another run from now on: the old one had ended, or had been called off for good."""
    field, end = CLOCK_FIELDS[clock]
    if getattr(before, end) is not None:
        return getattr(after, end) is None
    stage = workflow.stages.get(before.stage)
    rests = stage is not None and stage.phase in ("answered", "closed")
    return rests and getattr(before, field) is not None and getattr(before, field) != getattr(after, field)


def _sealed(told: EarlierRuns, clock: Clock, before: Case) -> EarlierRuns:
    known = told.present(clock)
    due, end = (getattr(before, name) for name in CLOCK_FIELDS[clock])
    run = known or ClockRun(clock=clock, due=due)
    over = run.model_copy(
        update={"end": end, "over": True, "result": before.review_result if clock == "review" else ""}
    )
    return told.model_copy(update={"runs": (*(one for one in told.runs if one is not known), over)})


def _since(told: EarlierRuns, before: Case, after: Case, now: datetime, workflow: Workflow) -> datetime | None:
    running = _running(after, workflow)
    if not any(due < now for due in running.values()):
        return None if told.since is None or not running else told.since
    return told.since if _running(before, workflow) else now
