"""What cells may hold, what may be changed, and what is coloured.

Dropdowns are never strict: a strict one would refuse a label that was renamed a minute ago and does not stop pasting,
while rubbish that gets in is kept, coloured, and shown by data health. Where people work protection only warns: sorting
and deleting rows reach every column, and a hard protection would refuse both to managers. Tabs for no people's eyes are
protected for good; their editor is the app's account, and the owner of the file is never locked out.

Rules of ours are known by a remark in their formula, N("casesheet ...") = 0, as a rule has no name. Their colours may
be changed by hand; what they test is kept right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.domain.records.fields import Column
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.domain.text.phones import PATTERN
from lib.i18n import t
from lib.store.schema import Tab
from lib.store.sheets.model.layout import letter, technical
from lib.store.sheets.model.number_formats import runs
from lib.store.sheets.model.updates import Request
from lib.store.sheets.model.vocabulary import list_of
from lib.store.sheets.setup.choices import KNOWN, WAITING, heading, running_in
from lib.store.sheets.setup.inspect import CHOICES, Present, PresentTab, covers

MARK = "casesheet"
_LATE = {"backgroundColor": {"red": 0.96, "green": 0.78, "blue": 0.76}, "textFormat": {"bold": True}}
_SOON = {"backgroundColor": {"red": 0.99, "green": 0.9, "blue": 0.8}}
_INVALID = {
    "backgroundColor": {"red": 1, "green": 0.95, "blue": 0.6},
    "textFormat": {"italic": True, "strikethrough": True},
}
_COLOURS = {"late": _LATE, "soon": _SOON, "invalid": _INVALID}
_DEADLINES = {
    "tasks": (("due_at", "done_at"),),
    "follow_ups": (("due_on", "done_at"),),
    "contacts": (("promised_on", "done_on"),),
    "actions": (("due_on", "done_on"),),
    "checks": (("due_on", "rechecked_on"),),
}
"""By tab: the field with the deadline, and the field that ends it."""
_ISO = {"date": r"^\d{4}-\d\d-\d\d$", "time": r"^\d{4}-\d\d-\d\dT", "number": r"^-?\d{1,19}$", "money": r"^-?\d{1,19}$"}
"""Texts that the app understands where a number is usual."""


_CELL = "@CELL@"  # stands for the cell in a test


# Dropdowns


def choice_columns(schema_tab: Tab) -> dict[str, Column]:
    """The columns with a dropdown: choices, people, yes or no."""
    return {name: column for name, column in schema_tab.columns.items() if list_of(column) or column.kind == "flag"}


def without_dropdown(present: Present, schema_tab: Tab, at: Mapping[str, int]) -> list[str]:
    tab = present.tabs[schema_tab.name]
    found = []
    for name, column in choice_columns(schema_tab).items():
        wanted = _condition(present, column, at)
        if name in tab.places and not all(
            _same_condition(cell.get("dataValidation", {}).get("condition", {}), wanted)
            for cell in tab.samples(tab.places[name])
        ):
            found.append(name)
    return found


def dropdown_requests(
    present: Present, schema_tab: Tab, names: Iterable[str], at: Mapping[str, int]
) -> Iterator[Request]:
    tab = present.tabs[schema_tab.name]
    by_place = {tab.places[name]: _condition(present, schema_tab.columns[name], at) for name in names}
    for first, end, condition in runs(by_place):
        rule = {"condition": condition, "showCustomUi": True, "strict": False}
        yield {"setDataValidation": {"range": tab.area(first, end), "rule": rule}}


def _condition(present: Present, column: Column, at: Mapping[str, int]) -> dict[str, Any]:
    """Flags get a list too: tick boxes would count as rows with something in them."""
    if column.kind == "flag":
        return {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "TRUE"}, {"userEnteredValue": "FALSE"}]}
    place = present.column(CHOICES, at[heading(column)])
    return {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": f"={place}"}]}


def _same_condition(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if there.get("type") != wanted["type"]:
        return False
    one, other = ([_range(v.get("userEnteredValue", "")) for v in c.get("values", ())] for c in (there, wanted))
    return one == other or (wanted["type"] == "ONE_OF_RANGE" and [v.rstrip("0123456789") for v in one] == other)


def _range(text: str) -> str:
    """A range without what may be written either way; an end that was closed is cut off by the caller."""
    return text.strip().removeprefix("=").replace("$", "").replace("'", "").casefold()


# Protection


@dataclass(frozen=True, slots=True)
class Protection:
    """A protection that is wanted: the header, columns of the app's, or the whole tab."""

    what: str
    names: tuple[str, ...] = ()


def missing_guards(tab: PresentTab, schema_tab: Tab | None) -> list[Protection]:
    """`schema_tab` is None for tabs of the app's own."""
    if schema_tab is None or schema_tab.technical:
        return [] if any(_whole(item) for item in tab.protections) else [Protection("tab")]
    guards = [] if any(_over_header(item) for item in tab.protections) else [Protection("header")]
    locked = [name for name, column in schema_tab.columns.items() if column.locked]
    open_ones = [name for name in (*locked, *technical(tab.name)) if name in tab.places and not _guarded(tab, name)]
    return [*guards, *([Protection("columns", tuple(open_ones))] if open_ones else [])]


def guard_requests(tab: PresentTab, guards: Iterable[Protection], editor: str) -> Iterator[Request]:
    for guard in guards:
        for area in _areas(tab, guard):
            hard = {"editors": {"users": [editor]}} if guard.what == "tab" else {"warningOnly": True}
            text = {
                "tab": t("Written by the app"),
                "header": t("Headers: the app finds columns by them"),
                "columns": t("Written by the app"),
            }[guard.what]
            protected = {"range": area, "description": text, **hard}
            yield {"addProtectedRange": {"protectedRange": protected}}


def _areas(tab: PresentTab, guard: Protection) -> Iterator[dict[str, int]]:
    if guard.what == "tab":
        yield {"sheetId": tab.id}
    elif guard.what == "header":
        yield {"sheetId": tab.id, "startRowIndex": 0, "endRowIndex": 1}
    else:
        for first, end, _ in runs({tab.places[name]: True for name in guard.names}):
            yield tab.area(first, end)


def _whole(item: Mapping[str, Any]) -> bool:
    return not set(item.get("range", {})) - {"sheetId"}


def _over_header(item: Mapping[str, Any]) -> bool:
    area = item.get("range", {})
    return area.get("endRowIndex") == 1 and "endColumnIndex" not in area


def _guarded(tab: PresentTab, name: str) -> bool:
    areas = [item.get("range", {}) for item in tab.protections]
    return any(covers(area, tab.places[name], row=1, rows=tab.rows) for area in areas)


# Colours


@dataclass(frozen=True, slots=True)
class ColourRule:
    """A colouring rule that is wanted. `name` is what it is known by."""

    name: str
    colour: str
    formula: str
    first: int
    end: int

    def request(self, tab: PresentTab, look: Mapping[str, Any] | None = None) -> dict[str, Any]:
        condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": self.formula}]}
        boolean = {"condition": condition, "format": look or _COLOURS[self.colour]}
        return {"ranges": [tab.area(self.first, self.end)], "booleanRule": boolean}


def wanted_rules(present: Present, schema_tab: Tab, at: Mapping[str, int]) -> list[ColourRule]:
    """Late and soon before invalid: a deadline that cannot be read is neither."""
    tab = present.tabs[schema_tab.name]
    return [*_deadline_rules(present, tab, at), *_invalid_rules(present, tab, schema_tab, at)]


def _deadline_rules(present: Present, tab: PresentTab, at: Mapping[str, int]) -> Iterator[ColourRule]:
    for due, cell, now, runs_on in _running(present, tab, at):
        place = tab.places[due]
        yield _rule(f"late {due}", "late", place, [*runs_on, f"{cell}<{now}"])
        yield _rule(f"soon {due}", "soon", place, [*runs_on, f"{cell}>={now}", f"{cell}<{now}+1"])


def overdue(present: Present, tab: PresentTab, at: Mapping[str, int]) -> str:
    """The formula's expression that says whether any deadline of row 2 has passed."""
    tests = [f"AND({','.join([*runs_on, f'{cell}<{now}'])})" for _, cell, now, runs_on in _running(present, tab, at)]
    return f"OR({','.join(tests)})" if tests else "FALSE"


def _running(present: Present, tab: PresentTab, at: Mapping[str, int]) -> Iterator[tuple[str, str, str, list[str]]]:
    """(deadline, its cell, what it is compared with, the conditions under which it runs)."""
    for due, end, more in _deadlines(present, tab, at):
        if due in tab.places and end in tab.places:
            cell = f"${letter(tab.places[due])}2"
            now = "TODAY()" if due.endswith("_on") else "NOW()"
            yield due, cell, now, [f"ISNUMBER({cell})", f"LEN(${letter(tab.places[end])}2)=0", *more]


def _deadlines(present: Present, tab: PresentTab, at: Mapping[str, int]) -> Iterator[tuple[str, str, list[str]]]:
    """(deadline, what ends it, further conditions). A clock counts in the stages in which it runs."""
    if tab.name == "cases" and "stage" in tab.places:
        stage = f"${letter(tab.places['stage'])}2"
        for clock, (due, end) in CLOCK_FIELDS.items():
            yield due, end, [_counted(present, at[running_in(clock)], stage) + ">0"]
        yield "promised_on", "closed_at", [_counted(present, at[WAITING], stage) + ">0"]
    for due, end in _DEADLINES.get(tab.name, ()):
        yield due, end, []


def _counted(present: Present, place: int, cell: str) -> str:
    """A rule may look at another tab by INDIRECT only."""
    return f'COUNTIF(INDIRECT("{present.column(CHOICES, place)}"),TRIM({cell}))'


def _rule(name: str, colour: str, first: int, conditions: Sequence[str], end: int | None = None) -> ColourRule:
    remark = f'N("{MARK} {name}")=0'
    return ColourRule(
        name, colour, f"=AND({','.join([*conditions, remark])})", first, first + 1 if end is None else end
    )


def _invalid_rules(present: Present, tab: PresentTab, schema_tab: Tab, at: Mapping[str, int]) -> Iterator[ColourRule]:
    """One rule for columns side by side that are tested alike."""
    tests = {
        tab.places[name]: test
        for name, column in schema_tab.columns.items()
        if name in tab.places and (test := _test(present, column, at))
    }
    names = {place: name for name, place in tab.places.items()}
    for first, end, test in runs(tests):
        cell = f"{letter(first)}2"
        yield _rule(f"invalid {names[first]}", "invalid", first, [f"LEN({cell})>0", test.replace(_CELL, cell)], end)


def _test(present: Present, column: Column, at: Mapping[str, int]) -> str:
    """What is true of a cell that the app cannot read."""
    if list_of(column):
        return _counted(present, at[heading(column) + KNOWN], _CELL) + "=0"
    if column.kind == "phone":
        return f'NOT(REGEXMATCH({_CELL}&"","{PATTERN}"))'
    if column.kind in _ISO:
        return f'NOT(ISNUMBER({_CELL})),NOT(REGEXMATCH({_CELL}&"","{_ISO[column.kind]}"))'
    return ""


def wrong_rules(tab: PresentTab, schema_tab: Tab, wanted: Sequence[ColourRule]) -> list[str]:
    """The names of rules that are missing, out of date, or not wanted any more; those of lost columns wait for them."""
    there = _ours(tab)
    right = {rule.name for rule in wanted if rule.name in there and _same_rule(tab, there[rule.name][1], rule)}
    lost = {name for name in schema_tab.columns if name not in tab.places}
    names = dict.fromkeys([*(rule.name for rule in wanted), *there])
    return [name for name in names if name not in right and name.partition(" ")[2] not in lost]


def rule_requests(tab: PresentTab, wanted: Sequence[ColourRule], names: Iterable[str]) -> Iterator[Request]:
    """Rules that changed are put in the place of the old ones, with the colours these have by now."""
    there, wrong = _ours(tab), set(names)
    gone = sorted((there[name][0] for name in wrong & set(there) - {rule.name for rule in wanted}), reverse=True)
    for rule in (rule for rule in wanted if rule.name in wrong and rule.name in there):
        index, old = there[rule.name]
        new = rule.request(tab, old["booleanRule"].get("format"))
        yield {"updateConditionalFormatRule": {"index": index, "rule": new}}
    for index in gone:
        yield {"deleteConditionalFormatRule": {"sheetId": tab.id, "index": index}}
    end = len(tab.rules) - len(gone)
    fresh = [rule for rule in wanted if rule.name in wrong and rule.name not in there]
    for index, rule in enumerate(fresh, end):
        yield {"addConditionalFormatRule": {"index": index, "rule": rule.request(tab)}}


def _ours(tab: PresentTab) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """{name: (index, rule)}"""
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for index, rule in enumerate(tab.rules):
        _, marked, rest = _formula(rule).partition(f'N("{MARK} ')
        if marked:
            found.setdefault(rest.partition('"')[0], (index, rule))
    return found


def _formula(rule: Mapping[str, Any]) -> str:
    values = rule.get("booleanRule", {}).get("condition", {}).get("values", [{}])
    return str(values[0].get("userEnteredValue", ""))


def _same_rule(tab: PresentTab, there: Mapping[str, Any], wanted: ColourRule) -> bool:
    areas = there.get("ranges", ())
    spread = all(
        any(covers(area, place, row=1, rows=tab.rows) for area in areas) for place in range(wanted.first, wanted.end)
    )
    narrow = all(
        wanted.first <= area.get("startColumnIndex", 0) and area.get("endColumnIndex", tab.columns) <= wanted.end
        for area in areas
    )
    return spread and narrow and _plain(_formula(there)) == _plain(wanted.formula)


def _plain(formula: str) -> str:
    return "".join(formula.split()).casefold()
