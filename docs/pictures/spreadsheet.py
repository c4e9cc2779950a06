"""A spreadsheet of the demo brokerage, made by `sheet setup` and `move` on a loopback server, and what stands in it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from lib.demo.clock import SteppingClock
from lib.demo.generate import fill
from lib.store.sheets.model.layout import sheet_id
from lib.store.sheets.setup.inspect import CHOICES
from pictures.formulas import Around, Value, work_out
from tests.google.book.a1 import column_number
from tests.google.control import Manager
from tests.google.server import SheetsServer

ROOT = Path(__file__).resolve().parent.parent.parent
FIELDS = (
    "sheets(properties,protectedRanges,conditionalFormats,filterViews,columnGroups,data(rowData.values("
    "effectiveValue,formattedValue,userEnteredFormat,dataValidation,note),columnMetadata(pixelSize,hiddenByUser)))"
)


@contextmanager
def demo_spreadsheet(folder: Path, language: str, now: datetime) -> Iterator["Demo"]:
    """The demo of `now` in a spreadsheet whose language is `language`, set up by the commands that the guides name."""
    with SheetsServer() as server:
        environment = _environment(server, folder, language)
        os.environ |= environment
        filled = f"sqlite:///{folder / f'{language}.db'}"
        _fill(filled, now)
        url = _command("--store", "gsheets://new", "sheet", "setup").split()[-1]
        _command("move", "--from", filled, "--to", url)
        demo = Demo(server, url.removeprefix("gsheets://"))
        demo.set_up()
        yield demo


def _environment(server: SheetsServer, folder: Path, language: str) -> dict[str, str]:
    return {
        "CASESHEET_GOOGLE_ENDPOINT": server.url,
        "CASESHEET_FILES_DIR": str(folder / "files"),
        "CASESHEET_SECRET_FILE": str(folder / "key"),
        "CASESHEET_DEFAULT_LANGUAGE": language,
        "LC_ALL": f"{language}.UTF-8",
    }


def _fill(store: str, now: datetime) -> None:
    from lib.app.bootstrap import open_desk

    fill(open_desk(create=True, clock=SteppingClock(now), store=store), now=now)


def _command(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lib.cli", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return done.stdout


@dataclass(frozen=True)
class Demo:
    """One spreadsheet, and its manager who may change it by hand."""

    server: SheetsServer
    id: str

    def set_up(self) -> None:
        """Again, for rows and columns that are new."""
        _command("--store", f"gsheets://{self.id}", "sheet", "setup")

    @property
    def manager(self) -> Manager:
        return self.server.manager(self.id)

    def tab(self, name: str, now: datetime) -> "Tab":
        """A tab of the schema as it stands. `now`: the wall clock by which its rules are worked out."""
        book = self.server.client("app").open_by_key(self.id)
        titles = {sheet.title: sheet.isSheetHidden for sheet in book.worksheets()}
        own = book.get_worksheet_by_id(sheet_id(name)).title
        answer = book.fetch_sheet_metadata({"fields": FIELDS, "ranges": [f"'{own}'", CHOICES]})
        found = {sheet["properties"]["title"]: sheet for sheet in answer["sheets"]}
        return Tab(found.pop(own), found, [title for title, hidden in titles.items() if not hidden], now)


@dataclass(frozen=True)
class Tab:
    """What the server says of one tab: cells, formats, rules. Rows and columns count from 0.

    `others` are tabs that its rules look at, `titles` those that people see.
    """

    raw: Mapping[str, Any]
    others: Mapping[str, Mapping[str, Any]]
    titles: Sequence[str]
    now: datetime

    @property
    def title(self) -> str:
        return str(self.raw["properties"]["title"])

    @cached_property
    def rows(self) -> list[list[Mapping[str, Any]]]:
        return _rows(self.raw)

    @property
    def frozen(self) -> int:
        """How many columns stay where they are."""
        return int(self.raw["properties"]["gridProperties"].get("frozenColumnCount", 0))

    @property
    def headers(self) -> list[str]:
        return [str(_value(cell)) for cell in self.rows[0]]

    def cell(self, row: int, column: int) -> Mapping[str, Any]:
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else {}

    def value(self, row: int, column: int) -> Value:
        return _value(self.cell(row, column))

    def width(self, column: int) -> int:
        return int(self.raw["data"][0]["columnMetadata"][column].get("pixelSize", 100))

    def hidden(self, column: int) -> bool:
        return bool(self.raw["data"][0]["columnMetadata"][column].get("hiddenByUser"))

    def guarded(self, row: int, column: int) -> bool:
        """Whether a change of the cell meets a warning or is refused."""
        return any(_inside(item.get("range", {}), row, column) for item in self.raw.get("protectedRanges", ()))

    def grouped(self, column: int) -> bool:
        """Whether the column folds up behind another."""
        groups = (item["range"] for item in self.raw.get("columnGroups", ()))
        return any(lines["startIndex"] <= column < lines["endIndex"] for lines in groups)

    def colours(self, row: int, column: int) -> Mapping[str, Any]:
        """The format of the first colouring rule that is true of a cell."""
        for rule in self.raw.get("conditionalFormats", ()):
            area = next((area for area in rule["ranges"] if _inside(area, row, column)), None)
            condition = rule["booleanRule"]["condition"]
            if area and self._true(condition, row, column - area.get("startColumnIndex", 0)):
                found: Mapping[str, Any] = rule["booleanRule"]["format"]
                return found
        return {}

    def seen_through(self, title: str) -> list[int]:
        """The rows that a filter view shows, in its order."""
        view = next(view for view in self.raw["filterViews"] if view["title"] == title)
        specs = view.get("filterSpecs", ())
        rows = [row for row in range(1, len(self.rows)) if all(self._kept(spec, row) for spec in specs)]
        for spec in reversed(view.get("sortSpecs", ())):
            filled = [row for row in rows if self.value(row, spec["dimensionIndex"]) != ""]
            filled.sort(key=lambda row: self._rank(row, spec), reverse=spec["sortOrder"] == "DESCENDING")
            rows = filled + [row for row in rows if row not in set(filled)]
        return rows

    def _rank(self, row: int, spec: Mapping[str, Any]) -> tuple[bool, Value]:
        value = self.value(row, spec["dimensionIndex"])
        return isinstance(value, str), value

    def _kept(self, spec: Mapping[str, Any], row: int) -> bool:
        condition = spec["filterCriteria"]["condition"]
        if condition["type"] == "BLANK":
            return self.value(row, spec["columnIndex"]) == ""
        return self._true(condition, row, 0)

    def _true(self, condition: Mapping[str, Any], row: int, moved: int) -> bool:
        """Whether a formula that is written for row 2 holds for another row, so many columns further right."""

        def cell(reference: str) -> Value:
            place = column_number(reference.lstrip("$").rstrip("$0123456789"))
            return self.value(row, place if reference.startswith("$") else place + moved)

        around = Around(cell, self._column, self.now)
        return bool(work_out(condition["values"][0]["userEnteredValue"], around))

    def _column(self, address: str) -> Sequence[Value]:
        """The cells of a column of another tab, such as '_choices'!$A$2:$A."""
        title, _, cells = address.rpartition("!")
        place = column_number(cells.partition(":")[2].lstrip("$"))
        rows = _rows(self.others[title.strip("'")])
        return [_value(row[place]) for row in rows[1:] if place < len(row)]


def _rows(sheet: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    return [row.get("values", []) for row in sheet["data"][0].get("rowData", ())]


def _value(cell: Mapping[str, Any]) -> Value:
    found = next(iter(cell.get("effectiveValue", {}).values()), "")
    return float(found) if isinstance(found, int) and not isinstance(found, bool) else found


def _inside(area: Mapping[str, int], row: int, column: int) -> bool:
    return area.get("startRowIndex", 0) <= row < area.get("endRowIndex", 1 << 30) and area.get(
        "startColumnIndex", 0
    ) <= column < area.get("endColumnIndex", 1 << 30)
