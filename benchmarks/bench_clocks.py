"""Working time and clocks: one sum at a time, and due times and used shares of 10,000 cases in one pass."""

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.data import START, workspace
from benchmarks.report import Result, measured, milliseconds
from lib.analytics.frames.columns import ticks
from lib.analytics.frames.deadlines import deadlines, due_times, reached, used_shares
from lib.analytics.frames.frames import case_frame
from lib.app.bootstrap import open_desk
from lib.desk.desk import Desk
from lib.domain.records.case_parts import Alert
from lib.domain.time.work_calendar import WorkCalendar
from lib.services.alerts.escalation import raise_alerts

SUMS = 10_000
LOOK = 100  # ms
BUDGET = 50  # ms for 10,000 cases, the calendar's index made already


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk = open_desk(
            create=True,
            store=workspace(folder, SUMS),
            files_dir=folder / "files",
            secret_file=folder / "secret.key",
            clock=lambda: START + timedelta(days=1_150),
        )
        results = [index_made(desk), one_by_one(desk), *in_one_pass(desk), one_look(desk)]
        desk.store.close()
    return results


def index_made(desk: Desk) -> Result:
    def make() -> None:
        WorkCalendar(desk.calendar.config).between(START, START + timedelta(days=1_150))

    return measured("index of the calendar of four years", milliseconds(make), "ms")


def one_by_one(desk: Desk) -> Result:
    calendar = desk.calendar

    def add() -> None:
        for hours in range(SUMS):
            calendar.add(START + timedelta(hours=hours), timedelta(hours=hours % 80))

    return measured(f"{SUMS:,} sums one by one", milliseconds(add), "ms")


def one_look(desk: Desk) -> Result:
    """What the ladder's job does every minute when everything due was told: nearly all of these cases are late."""
    while raise_alerts(desk):
        pass
    if not len(desk.snapshot[Alert]):
        raise ValueError("nobody was told: nothing was measured")
    look = milliseconds(lambda: raise_alerts(desk))
    return measured(f"a look at the ladder, {SUMS:,} cases, {len(desk.snapshot[Alert]):,} alerts", look, "ms", LOOK)


def in_one_pass(desk: Desk) -> list[Result]:
    """Every clock of every case from its start, then the deadline that comes first and how much of it is used."""
    frame, rules, now = case_frame(desk), desk.rules, desk.now()
    taken = ticks(frame["taken_at"])

    def dues() -> None:
        for clock in ("acknowledge", "contact", "plan", "resolve", "review"):
            due_times(taken, frame, clock, rules)

    def shares() -> None:
        found = deadlines(frame, rules)
        used = used_shares(found, now, rules.calendar)
        reached(found, rules.sla.ladder[-1].share, rules.calendar)
        if not np.nanmax(used) > 0:
            raise ValueError("no clock runs: nothing was measured")

    def both() -> None:
        dues()
        shares()

    both()
    return [
        measured(f"due times of {SUMS:,} cases, five clocks", milliseconds(dues), "ms", BUDGET),
        measured(f"next deadline and used share of {SUMS:,} cases", milliseconds(shares), "ms", BUDGET),
        measured(f"both, of {SUMS:,} cases", milliseconds(both), "ms", BUDGET),
    ]
