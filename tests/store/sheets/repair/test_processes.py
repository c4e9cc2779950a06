"""Several app processes, a manager at work and a bad network, all on one spreadsheet; the counts are printed."""

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from lib.config.settings import ROOT
from lib.domain.records.case import Case
from lib.errors import StoreError
from lib.store.commit.loop import Committer
from tests.google.server import SheetsServer
from tests.store.sheets import audit
from tests.store.sheets.managing import KEY
from tests.store.sheets.support import Sheets
from tests.store.support import committer, replay, rows_of

APPS = 3
SECONDS = float(os.environ.get("CASESHEET_TEST_SECONDS", "6"))


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", f"tests.store.{module}", *arguments]
    return subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    try:
        lines, _ = process.communicate(timeout=SECONDS + 180)
    finally:
        process.kill()
    assert process.returncode == 0
    return [json.loads(line) for line in lines.splitlines()]


def calm_down(app: Committer) -> None:
    """Until nothing is left to be put right or taken in."""
    for _ in range(10):
        try:
            app.keep_up()
        except StoreError:
            continue
        return
    pytest.fail("it does not come to rest")


def test_apps_a_manager_and_a_bad_network() -> None:
    with SheetsServer() as server:
        sheets = Sheets(server)
        sheets.opened().close()
        apps = [start("sheets.saving", server.url, sheets.id, f"app{n}", str(SECONDS)) for n in range(APPS)]
        boss = start("sheets.managing", server.url, sheets.id, str(SECONDS + 1))
        printed = [line for app in apps for line in finish(app)]
        (managed,) = finish(boss)
        server.google.faults.clear()
        store = sheets.open()
        late = committer(store)
        calm_down(late)
        lines = store.history()
        unfinished = unfinished_rows(sheets)
        untold = set(audit.untold(lines, managed["typed"]))
        saved = {line["commit"]: line["lines"] for line in printed if "commit" in line}
        seqs = {line["commit"]: line["seq"] for line in printed if "commit" in line}
        met = sum((Counter(line["met"]) for line in printed if "met" in line), Counter())
        counts = {
            "saves acknowledged": len(saved),
            "conflicts": met["conflicts"],
            "retries": met["retries"],
            "repairs": audit.put_right(lines),
            "typed by hand": len(managed["typed"]),
            "rows moved": managed["did"]["move"] + managed["did"]["overtake"],
            "cases": len(audit.numbers(lines)),
            "lost": len(audit.lost(lines, saved)),
            "twice": len(audit.twice(lines, saved)),
            "gaps": len(audit.gaps(lines)),
            "on data health": len(unfinished),
            "not in History": len(untold - words_in(unfinished)),
        }
        print(json.dumps(counts, ensure_ascii=False))
        assert counts["saves acknowledged"] > 10
        assert counts["repairs"] > 0
        assert untold <= words_in(unfinished)
        assert [counts[name] for name in ("lost", "twice", "gaps")] == [0, 0, 0]
        assert {line["commit_id"]: line["seq"] for line in lines if line["commit_id"] in seqs} == seqs
        assert replay(lines) == rows_of(store)
        assert len(late.snapshot[Case].bad) == len(unfinished)
        again = committer(sheets.open())
        assert dict(again.snapshot[Case]) == dict(late.snapshot[Case])
        assert sorted(keys_in(sheets)) == sorted(late.snapshot[Case])


def rows_by_header(sheets: Sheets) -> list[dict[str, Any]]:
    """What stands in each row under the headers of ours, but for the app's own columns."""
    header, *rows = sheets.manager.rows("案件")
    named = [
        {text: cell for text, cell in zip(header, row, strict=False) if text and not str(text).startswith("_")}
        for row in rows
    ]
    return [{text: cell for text, cell in row.items() if cell != ""} for row in named if any(row.values())]


def keys_in(sheets: Sheets) -> list[str]:
    """The numbers that stand in the sheet: each once."""
    return [str(row[KEY]) for row in rows_by_header(sheets) if KEY in row]


def unfinished_rows(sheets: Sheets) -> list[dict[str, Any]]:
    """Rows without a number, which wait on data health: where a write put a number into a row by mistake, and somebody
    typed beside it before the repair came, what was typed is all that the row holds."""
    return [row for row in rows_by_header(sheets) if KEY not in row]


def words_in(rows: list[dict[str, Any]]) -> set[str]:
    return {str(cell) for row in rows for cell in row.values()}
