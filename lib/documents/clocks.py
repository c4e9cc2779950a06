"""The clocks of a case on paper: when each was due, when it was met, by how much it was late, and the pauses."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lib.documents.paper.blocks import TableColumn, note, section, table
from lib.documents.paper.layout import PageLayout
from lib.documents.paper.reader import CaseReader
from lib.documents.pauses import pauses
from lib.domain.clocks.clocks import Clock, time_left
from lib.domain.records.workspace import HistoryLine
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.i18n import format_date, format_duration, t, time_left_words
from lib.words.clocks import clock_name


def show(sheet: PageLayout, reader: CaseReader, lines: Sequence[HistoryLine], title: str) -> None:
    """Each clock that was started, then each pause."""
    section(sheet, title)
    started = [clock for clock, (due, _) in CLOCK_FIELDS.items() if getattr(reader.case, due)]
    if not started:
        note(sheet, t("No clock was started."))
    else:
        heads = (t("Clock"), t("Due"), t("Done"), t("Kept"))
        table(sheet, _columns(heads, (0.22, 0.27, 0.27, 0.24)), [_row(reader, clock) for clock in started])
    _pauses(sheet, reader, lines)


def _columns(heads: Sequence[str], shares: Sequence[float]) -> list[TableColumn]:
    return [TableColumn(head, share) for head, share in zip(heads, shares, strict=True)]


def _row(reader: CaseReader, clock: Clock) -> tuple[str, str, str, str]:
    due, end = (getattr(reader.case, name) for name in CLOCK_FIELDS[clock])
    return clock_name(clock), _due(reader, due), reader.time(end), _kept(reader, clock, due, end)


def _due(reader: CaseReader, due: datetime) -> str:
    """Holidays that nobody has announced yet may still move it."""
    local = due.astimezone(reader.desk.settings.zone)
    known = reader.desk.calendar.confirmed(local.year)
    return (
        reader.time(due) if known else f"{reader.time(due)} · {t('{year} holidays not announced yet', year=local.year)}"
    )


def _kept(reader: CaseReader, clock: Clock, due: datetime, end: datetime | None) -> str:
    """In time, late by how much working time, or still running."""
    desk, case = reader.desk, reader.case
    elapsed = desk.config.sla.target(clock, case.priority).elapsed
    if end is None and case.stage in desk.config.workflow.keys_in("answered", "closed"):
        return ""
    if end is not None and end <= due:
        return t("in time")
    left = time_left(due, end or desk.now(), desk.calendar, elapsed)
    if end is None and left >= timedelta(0):
        return t("running")
    if left > -timedelta(minutes=1):  # met late, but before anybody was at work again
        elapsed, left = True, due - (end or desk.now())
    return time_left_words(left, timedelta(days=1) if elapsed else desk.calendar.nominal_day)


def _pauses(sheet: PageLayout, reader: CaseReader, lines: Sequence[HistoryLine]) -> None:
    found = list(pauses(lines))
    if not found:
        note(sheet, t("The clocks were never paused."))
        return
    sheet.space(8)
    calendar = reader.desk.calendar
    heads = (t("Paused from"), t("until"), t("Working time"), t("Reason"), t("Promised"))
    rows = [
        (
            reader.time(pause.begin),
            reader.time(pause.end) if pause.end else t("still paused"),
            format_duration(calendar.between(pause.begin, pause.end or reader.desk.now()), calendar.nominal_day),
            pause.reason or reader.label("stage", pause.stage),
            format_date(pause.promised) if pause.promised else "",
        )
        for pause in found
    ]
    table(sheet, _columns(heads, (0.23, 0.23, 0.13, 0.24, 0.17)), rows)
