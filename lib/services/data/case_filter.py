"""The filter of the cases page: from and to the parameters of an address, and applied to the frame of cases.

The parameters are codes, never labels, so that an address means the same in both languages and after any change of the
numbers shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.deadlines import soon
from lib.analytics.frames.frames import Mask, case_frame, covered, due_on, late
from lib.analytics.frames.ladder import silent
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.domain.text.places import community
from lib.services.data import search

OPEN, ALL = "open", "all"
ONLY = ("mine", "late", "soon", "today", "unassigned", "silent")
FACETS = (
    "category", "community", "assignee", "department", "branch", "priority", "kind", "channel", "cause",
    "responsible_party",
)  # fmt: skip
PERIODS = ("week", "last_week", "month", "last_month", "30d", "90d", "year", "custom")
SORTS = ("deadline", "newest", "oldest", "priority", "waiting")
VIEWS = ("table", "list", "board")
By = Literal["taken", "closed"]
NAMES = ("q", "stage", "only", *FACETS, "period", "from", "to", "by", "sort", "view", "cols", "page")
"""Every parameter of the address."""
_FAR = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class CaseFilter:
    """What is shown, and how. `stage` is a stage, "open" (not closed) or "all"; `view` "" leaves it to the device.

    `start` and `end` (both included) count only for the period "custom".
    """

    q: str = ""
    stage: str = OPEN
    only: tuple[str, ...] = ()
    facets: Mapping[str, str] = field(default_factory=dict)
    period: str = ""
    start: date | None = None
    end: date | None = None
    by: By = "taken"
    sort: str = "deadline"
    view: str = ""
    cols: tuple[str, ...] = ()
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """What an address asks for; a value that means nothing is passed over."""
        start, end = _day(query.get("from", "")), _day(query.get("to", ""))
        period = _one_of(PERIODS, query.get("period", ""), "custom" if start or end else "")
        return cls(
            q=query.get("q", "").strip(),
            stage=query.get("stage", "") or OPEN,
            only=tuple(name for name in ONLY if name in query.get("only", "").split(",")),
            facets={name: query[name] for name in FACETS if query.get(name)},
            period=period,
            start=start,
            end=end,
            by="closed" if query.get("by") == "closed" else "taken",
            sort=_one_of(SORTS, query.get("sort", ""), "deadline"),
            view=_one_of(VIEWS, query.get("view", ""), ""),
            cols=tuple(name for name in query.get("cols", "").split(",") if name),
            page=_positive(query.get("page", "")),
        )

    def to_query(self) -> dict[str, str]:
        """The parameters, those at their default left out."""
        custom = self.period == "custom"
        written = {
            "q": self.q,
            "stage": "" if self.stage == OPEN else self.stage,
            "only": ",".join(self.only),
            **self.facets,
            "period": "" if custom and (self.start or self.end) else self.period,
            "from": self.start.isoformat() if custom and self.start else "",
            "to": self.end.isoformat() if custom and self.end else "",
            "by": "" if self.by == "taken" else self.by,
            "sort": "" if self.sort == "deadline" else self.sort,
            "view": self.view,
            "cols": ",".join(self.cols),
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in written.items() if value}

    @property
    def narrows(self) -> bool:
        """Whether anything beside the stage narrows the list."""
        return bool(self.q or self.only or self.facets or self.period)

    def on_page(self, page: int) -> Self:
        return replace(self, page=page)


@dataclass(frozen=True)
class Chosen:
    """What a filter leaves: positions in the frame (and so in the table) in order, and how many there are by stage.

    `counts` and `total` leave the filter's own stage out of account.
    """

    frame: pd.DataFrame
    rows: Any
    counts: Mapping[str, int]
    open: int

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def numbers(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Case numbers in order."""
        return list(self.frame["case_no"].array[self.rows[start:stop]])


def choose(desk: Desk, wanted: CaseFilter, *, actor: Actor, now: datetime) -> Chosen:
    """Apply a filter to the cases that the actor may see."""
    frame, hits = _frame_and_hits(desk, wanted.q, actor)
    base = covered(frame, actor, "case.view") & hits
    for name, value in wanted.facets.items():
        base &= _has(frame, name, value)
    for name in wanted.only:
        base &= _only(frame, name, desk, actor, now)
    if wanted.period:
        base &= _within(frame, wanted, now)
    shut = (frame["phase"] == "closed").to_numpy()
    rows = np.flatnonzero(base & _staged(frame, wanted.stage, shut))
    return Chosen(frame, rows[_order(frame, rows, wanted.sort)], _counts(frame, base), int((base & ~shut).sum()))


def _frame_and_hits(desk: Desk, text: str, actor: Actor) -> tuple[pd.DataFrame, Mask]:
    """Both of the same version of the table: a case that arrives in between makes them differ in length."""
    while True:
        frame, hits = case_frame(desk), search.mask(desk, text, actor=actor)
        if len(frame) == len(hits):
            return frame, hits


def offered(frame: pd.DataFrame, visible: Mask, name: str) -> list[str]:
    """The values that a column has among some rows, sorted; of the spellings of one community the first."""
    column = frame[name].array
    codes = np.unique(column.codes[visible])
    values = sorted(value for value in column.categories[codes[codes >= 0]] if value)
    if name != "community":
        return values
    spellings: dict[str, str] = {}
    for value in values:
        spellings.setdefault(community(value), value)
    return list(spellings.values())


def period_days(wanted: CaseFilter, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of the filter's period; None is open."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    return {
        "week": (monday, today),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (first, today),
        "last_month": (before.replace(day=1), before),
        "30d": (today - timedelta(days=29), today),
        "90d": (today - timedelta(days=89), today),
        "year": (today.replace(month=1, day=1), today),
    }.get(wanted.period, (wanted.start, wanted.end))


def _staged(frame: pd.DataFrame, stage: str, shut: Mask) -> Mask:
    if stage == OPEN:
        return ~shut
    return np.ones(len(frame), dtype=bool) if stage == ALL else _has(frame, "stage", stage)


def _has(frame: pd.DataFrame, name: str, value: str) -> Mask:
    """Rows with a value; a category holds those below it, a community its other spellings."""
    column = frame[name].array
    same = _SAME.get(name, str.__eq__)
    wanted = [code for code, known in enumerate(column.categories) if same(known, value)]
    found: Mask = np.isin(column.codes, wanted)
    return found


_SAME: Mapping[str, Callable[[str, str], bool]] = {
    "category": lambda known, value: known == value or known.startswith(f"{value}."),
    "community": lambda known, value: known == value or community(known) == community(value) != "",
}


def _only(frame: pd.DataFrame, name: str, desk: Desk, actor: Actor, now: datetime) -> Mask:
    if name == "mine":
        return _has(frame, "assignee", actor.staff_id) | _has(frame, "reviewer", actor.staff_id)
    if name == "unassigned":
        return _has(frame, "assignee", "")
    if name == "silent":
        return silent(frame, now, desk.rules)
    if name == "soon":
        return soon(frame, now, desk.rules)
    marked: Mask = (late(frame, now) if name == "late" else due_on(frame, now.date(), now)).to_numpy()
    return marked


def _within(frame: pd.DataFrame, wanted: CaseFilter, now: datetime) -> Mask:
    start, end = period_days(wanted, now.date())
    times = ticks(frame["taken_at" if wanted.by == "taken" else "closed_at"])
    found: Mask = times != NO_TIME
    if start:
        found &= times >= _midnight(start, now)
    if end:
        found &= times < _midnight(end + timedelta(days=1), now)
    return found


def _midnight(day: date, now: datetime) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=now.tzinfo).timestamp() * 1_000_000)


def _order(frame: pd.DataFrame, rows: Any, sort: str) -> Any:
    """Positions within `rows`; ties by deadline, then the newest first."""
    due = _column(frame, "next_due", rows)
    newest = -ticks(frame["taken_at"])[rows]
    if sort == "priority":
        priority = frame["priority"].array
        return np.lexsort((newest, due, np.argsort(np.argsort(priority.categories))[priority.codes[rows]]))
    keys = {"newest": newest, "oldest": -newest, "waiting": _column(frame, "stage_since", rows), "deadline": due}
    return np.lexsort((newest, keys[sort]))


def _column(frame: pd.DataFrame, name: str, rows: Any) -> Any:
    times = ticks(frame[name])[rows]
    return np.where(times == NO_TIME, _FAR, times)


def _counts(frame: pd.DataFrame, base: Mask) -> dict[str, int]:
    column = frame["stage"].array
    counted = np.bincount(column.codes[base], minlength=len(column.categories))
    return {stage: int(n) for stage, n in zip(column.categories, counted, strict=True) if n}


def _one_of(known: Sequence[str], value: str, default: str) -> str:
    return value if value in known else default


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _positive(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1
