"""When the clocks of a case stood still, read from its timeline."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lib.domain.records.workspace import HistoryLine
from lib.services.story.changes import raw_change


@dataclass(frozen=True, slots=True)
class Pause:
    """`end` is None while it lasts; `stage` is the paused one; `promised` is the day named when it began."""

    begin: datetime
    end: datetime | None
    stage: str
    reason: str
    promised: date | None


def pauses(lines: Iterable[HistoryLine]) -> Iterator[Pause]:
    """The pauses told by a timeline in the order of time, the oldest line first."""
    begin: datetime | None = None
    told: tuple[str, str, date | None] = ("", "", None)
    for line in lines:
        change = raw_change(line, "paused_at") if line.tab == "cases" else None
        if change is None:
            continue
        _, after = change
        if begin is not None:
            yield Pause(begin, line.at, *told)
        begin = datetime.fromisoformat(after) if isinstance(after, str) and after else None
        told = _text(line, "stage"), _text(line, "wait_reason"), _day(_text(line, "promised_on"))
    if begin is not None:
        yield Pause(begin, None, *told)


def _text(line: HistoryLine, name: str) -> str:
    """What a field was set to, "" where the line did not touch it."""
    change = raw_change(line, name)
    return str(change[1] or "") if change else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
