"""Importing a file of 10,000 rows: reading and checking it, and saving the cases; a workbook of our own, out and in."""

import csv
import tempfile
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from time import perf_counter

from benchmarks.data import COMMUNITIES, PROBLEMS, START, workspace
from benchmarks.report import Result, measured
from lib.app.bootstrap import open_desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import system_actor
from lib.services.data.exporting import export_cases
from lib.services.data.importing import check_rows, plan_import, run_import
from lib.services.workspace.workspace import initialise
from lib.store.sql import SqlStore
from lib.tabular.reading import read_table

ROWS = 10_000
EXPORTED = 6_000
A_CELL = 14  # microseconds, blank cells counted: 58,251 cases of 110 columns in a minute and a half
_HEADERS = [
    "工单编号",
    "投诉时间",
    "投诉人",
    "联系电话",
    "小区",
    "投诉类别",
    "投诉内容",
    "状态",
    "结案时间",
    "处理结果",
]


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk = open_desk(
            create=True,
            store=f"sqlite:///{folder}/desk.db",
            files_dir=folder / "files",
            secret_file=folder / "key",
            clock=_now,
        )
        initialise(desk)
        content, actor = _file(), system_actor("data.import")
        start = perf_counter()
        checked = check_rows(desk, plan_import(desk, actor=actor, content=content, filename="cases.csv"))
        between = perf_counter()
        report = run_import(desk, actor=actor, checked=checked, new_entries=True)
        end = perf_counter()
        kept = len(SqlStore(f"sqlite:///{folder}/desk.db").pull(None).rows["cases"])
        desk.store.close()
    return [
        measured("read and check 10,000 rows", between - start, "s"),
        measured("save 10,000 rows", end - between, "s"),
        measured("import of 10,000 rows", end - start, "s", 15),
        measured("rows not imported", ROWS - report.imported, "rows", 0),
        measured("cases not in the store", ROWS - kept, "rows", 0),
        *out_and_in(),
    ]


def out_and_in() -> list[Result]:
    """Cases of every stage as a workbook, written and read, per cell."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk = open_desk(
            create=True,
            store=workspace(folder, EXPORTED),
            files_dir=folder / "files",
            secret_file=folder / "key",
            clock=lambda: START + timedelta(days=1_150),
        )
        actor, cases = system_actor("data.export", "case.view", "personal.view"), [*desk.snapshot[Case].values()]
        start = perf_counter()
        content = export_cases(desk, actor=actor, cases=cases, format="xlsx", language="zh_CN")
        between = perf_counter()
        table = read_table(content, "cases.xlsx")
        end = perf_counter()
        desk.store.close()
    cells = len(table.rows) * len(table.headers)
    return [
        measured(f"XLSX of {EXPORTED:,} cases written, a cell", (between - start) / cells * 1e6, "µs", A_CELL),
        measured("the same read, a cell", (end - between) / cells * 1e6, "µs", A_CELL),
        measured("cases not read", EXPORTED - len(table.rows), "rows", 0),
    ]


def _now() -> datetime:
    return START + timedelta(days=900)


def _file() -> bytes:
    """Half of the rows are open, so that their clocks are computed."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADERS)
    for number in range(ROWS):
        taken = START + timedelta(minutes=97 * number)
        closed = taken + timedelta(days=3) if number % 2 else None
        _, title, text = PROBLEMS[number % len(PROBLEMS)]
        writer.writerow(
            [
                f"GD-{number:06d}",
                f"{taken:%Y/%m/%d %H:%M}",
                f"客户{number % 3000}",
                f"138{number % 3000:08d}",
                COMMUNITIES[number % len(COMMUNITIES)],
                title,
                text,
                "已结案" if closed else "处理中",
                f"{closed:%Y/%m/%d %H:%M}" if closed else "",
                "已修复并回访" if closed else "",
            ]
        )
    return out.getvalue().encode("gb18030")
