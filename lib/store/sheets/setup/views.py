"""Filter views: the questions that managers ask of the sheet, each for the one who looks only.

A view is made once and belongs to people from then on: changed ones are kept, deleted ones do not come back. Only its
range follows the tab when rows and columns are added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from lib.i18n import N_, t
from lib.store.sheets.model.layout import letter, sheet_id
from lib.store.sheets.model.updates import Request
from lib.store.sheets.setup.choices import OPEN
from lib.store.sheets.setup.inspect import CHOICES, Present, PresentTab
from lib.store.sheets.setup.rules import overdue


@dataclass(frozen=True, slots=True)
class FilterView:
    """One question. `blank` are columns that must be empty, `formulas` by column what must hold: {cell} is its first
    cell, {overdue} and {low} say whether a deadline of the row has passed and a score of it is low. `open_only` keeps
    open cases; `sort` is a column and whether it ascends."""

    name: str
    tab: str
    title: str
    sort: tuple[str, bool]
    open_only: bool = False
    blank: tuple[str, ...] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return 1_000 + crc32(f"view.{self.name}".encode()) % 2_000_000_000

    @property
    def columns(self) -> tuple[str, ...]:
        return (*(("stage",) if self.open_only else ()), *self.blank, *self.formulas, self.sort[0])


VIEWS = (
    FilterView("open", "cases", N_("Open cases by deadline"), ("resolve_due", True), open_only=True),
    FilterView(
        "overdue",
        "cases",
        N_("Overdue cases"),
        ("resolve_due", True),
        open_only=True,
        formulas={"resolve_due": "={overdue}"},
    ),
    FilterView("mine", "cases", N_("Open cases by assignee (choose your name)"), ("assignee", True), open_only=True),
    FilterView("unassigned", "cases", N_("Open cases without assignee"), ("taken_at", True), True, ("assignee",)),
    FilterView(
        "this_week",
        "cases",
        N_("Logged this week"),
        ("taken_at", False),
        formulas={"taken_at": "=AND(ISNUMBER({cell}),{cell}>=TODAY()-WEEKDAY(TODAY(),2)+1)"},
    ),
    FilterView(
        "calls",
        "follow_ups",
        N_("Follow-ups due"),
        ("due_on", True),
        blank=("done_at",),
        formulas={"due_on": "=AND(ISNUMBER({cell}),{cell}<=TODAY())"},
    ),
    FilterView("tasks", "tasks", N_("Open tasks by deadline"), ("due_at", True), blank=("done_at",)),
    FilterView(
        "low",
        "surveys",
        N_("Low satisfaction"),
        ("answered_at", False),
        formulas={"answered_at": "={low}"},
    ),
)


def missing_views(present: Present, made: object) -> list[FilterView]:
    """Views that were never made. `made` is what the memory holds of those that were."""
    known = set(made) if isinstance(made, list) else set()
    return [view for view in VIEWS if _possible(view, present.tabs.get(view.tab), view.name in known)]


def _possible(view: FilterView, tab: PresentTab | None, made: bool) -> bool:
    if tab is None or view.id in tab.views or (made and not tab.fresh):
        return False
    return set(view.columns) <= set(tab.places)


def short_views(present: Present) -> list[FilterView]:
    """Views that do not go over the whole tab any more."""
    tabs = ((view, present.tabs.get(view.tab)) for view in VIEWS)
    return [view for view, tab in tabs if tab and view.id in tab.views and not _whole(tab, tab.views[view.id])]


def _whole(tab: PresentTab, area: Mapping[str, int]) -> bool:
    return area.get("endRowIndex", tab.rows) >= tab.rows and area.get("endColumnIndex", tab.columns) >= tab.columns


def longer_request(view: FilterView) -> Request:
    wanted = {"filterViewId": view.id, "range": _range(view)}
    return {"updateFilterView": {"filter": wanted, "fields": "range"}}


def _range(view: FilterView) -> dict[str, int]:
    return {"sheetId": sheet_id(view.tab), "startRowIndex": 0}


def view_request(view: FilterView, present: Present, at: Mapping[str, int], low: Mapping[str, int]) -> Request:
    """`at` are the places of the lists on the tab of choices, `low` the scores of a survey that are low, by column."""
    tab = present.tabs[view.tab]
    specs = [
        {"columnIndex": place, "filterCriteria": {"condition": condition}}
        for place, condition in sorted(_conditions(view, present, tab, at, low), key=lambda item: item[0])
    ]
    sort = {"dimensionIndex": tab.places[view.sort[0]], "sortOrder": "ASCENDING" if view.sort[1] else "DESCENDING"}
    wanted = {"filterViewId": view.id, "title": t(view.title), "range": _range(view)}
    return {"addFilterView": {"filter": {**wanted, "filterSpecs": specs, "sortSpecs": [sort]}}}


def _conditions(
    view: FilterView, present: Present, tab: PresentTab, at: Mapping[str, int], low: Mapping[str, int]
) -> Iterator[tuple[int, dict[str, Any]]]:
    cells = {name: f"${letter(place)}2" for name, place in tab.places.items()}
    if view.open_only:
        stages = present.column(CHOICES, at[OPEN])
        yield tab.places["stage"], _formula(f'=COUNTIF(INDIRECT("{stages}"),TRIM({cells["stage"]}))>0')
    for name in view.blank:
        yield tab.places[name], {"type": "BLANK"}
    for name, formula in view.formulas.items():
        facts = {"cell": cells[name], "overdue": overdue(present, tab, at), "low": _low(cells, low)}
        yield tab.places[name], _formula(formula.format(**facts))


def _low(cells: Mapping[str, str], low: Mapping[str, int]) -> str:
    tests = [f"AND({cells[name]}>0,{cells[name]}<={score})" for name, score in low.items() if name in cells]
    return f"OR({','.join(tests)})" if tests else "FALSE"


def _formula(text: str) -> dict[str, Any]:
    return {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": text}]}
