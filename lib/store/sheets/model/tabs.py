"""The tabs of the spreadsheet. They are those of the schema, but for one: archived cases stand in a tab of their own.

So what people open and what every refresh reads stays as small as the open work. Only this adapter knows: whoever asks
the store is told of one tab "cases", and History too names that one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from lib.domain.records.case import ARCHIVED
from lib.store.port import Row
from lib.store.schema import HOT_TABS, SCHEMA, Schema, Tab

CASES, ARCHIVE = "cases", "archive"
ALL_HOT = (*HOT_TABS, ARCHIVE)
"""The tabs in the spreadsheet that hold records."""


def sheet_tab(name: str) -> Tab:
    """A tab of the spreadsheet, by its name there."""
    return _archive(SCHEMA[CASES]) if name == ARCHIVE else SCHEMA[name]


@cache
def _archive(cases: Tab) -> Tab:
    return replace(cases, name=ARCHIVE, zh="案件归档", en="Archived cases")


def sheet_tabs(schema: Schema) -> Schema:
    """All tabs that a schema takes in a spreadsheet; the archive behind those that people work in."""
    return {**schema, ARCHIVE: _archive(schema[CASES])} if CASES in schema else schema


def record_tab(name: str) -> str:
    """The tab that the records of a tab of the spreadsheet belong to."""
    return CASES if name == ARCHIVE else name


def homes(name: str) -> tuple[str, ...]:
    """The tabs of the spreadsheet in which records of a tab may stand."""
    return (CASES, ARCHIVE) if name == CASES else (name,)


def home(name: str, row: Row) -> str:
    """The one in which a record belongs."""
    return ARCHIVE if name == CASES and row.get("stage") == ARCHIVED else name


def by_home(rows: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Rows of records by the tab in which they belong."""
    found: dict[str, list[Row]] = {}
    for name, some in rows.items():
        for row in some:
            found.setdefault(home(name, row), []).append(row)
    return found
